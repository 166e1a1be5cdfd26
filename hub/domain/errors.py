"""Errors of the outside world, named by who must act.

ConnectorError
├── RetryLater      passing trouble; try again at `retry_at_s` from now or by backoff
│   ├── Paced       our own keeping within a limit; the system was not asked and nothing is wrong
│   └── Unavailable the system as a whole is out of reach or asks to be left alone: nobody need ask before `after_s`
├── Reauthorise     the credential is dead; a person reconnects
├── Refused         the system said no to this request and will say no again
├── Gone            the object does not exist any more
└── UnknownOutcome  a write was sent and nobody knows whether it took effect: read back, never just repeat
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of the five kinds. `text` is for the log, `for_person` for the reader (Russian)."""

    def __init__(self, text: str, for_person: str = "", code: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.for_person = for_person or text
        self.code = code


class RetryLater(ConnectorError):
    """Try again later; `after_s` where the system named a time."""

    def __init__(self, text: str, for_person: str = "", code: str = "", after_s: float | None = None) -> None:
        super().__init__(text, for_person, code)
        self.after_s = after_s


class Paced(RetryLater):
    """Nothing was sent, so that the system's limit is kept; `after_s` says when there is room again."""


class Unavailable(RetryLater):
    """Nothing of this system can be had before `after_s` from now, whatever is asked."""


class Reauthorise(ConnectorError):
    """The credential is refused or expired for good; the connection parks until a person reconnects."""


class Refused(ConnectorError):
    """The system refuses this request (rights, required field, invalid value); `missing` names fields to fill."""

    def __init__(self, text: str, for_person: str = "", code: str = "", missing: tuple[str, ...] = ()) -> None:
        super().__init__(text, for_person, code)
        self.missing = missing


class Gone(ConnectorError):
    """The object was deleted, merged or never existed."""


class UnknownOutcome(ConnectorError):
    """A write may or may not have taken effect."""
