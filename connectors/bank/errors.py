"""The one error that a statement file as a whole may end with."""

from __future__ import annotations


class StatementFileError(ValueError):
    """The file cannot be read at all; nothing of it was taken after this point.

    Attributes:
        code: stable word for logs and the user guide (`not_a_statement`, `too_large` …).
        for_person: what it is and what to do, Russian.
    """

    def __init__(self, code: str, for_person: str) -> None:
        super().__init__(for_person)
        self.code = code
        self.for_person = for_person
