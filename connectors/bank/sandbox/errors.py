"""An error reply, before it takes the envelope of its bank."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class ApiError(Exception):
    """`code` is the bank's word for the kind of error, `message` a sentence about it."""

    status: int
    code: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"


class NoSuchOperation(Exception):
    """The book has no live operation of this number; the text names it."""
