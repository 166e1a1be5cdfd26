"""Errors of the REST interface, with the codes and statuses the vendor answers."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class RestError(Exception):
    """An error reply: `code` may be a string, an empty string or the numbers 0 and 100."""

    code: str | int
    description: str
    status: int = 400
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.description}"


class RequestCut(Exception):
    """The 60-second cut: the run stops where it stands and the web server answers 504."""


def not_found(text: str = "Item not found") -> RestError:
    """No such record, or no such entity type."""
    return RestError("NOT_FOUND", text)


def access_denied(text: str = "Access denied") -> RestError:
    """The webhook's user has no right to the record."""
    return RestError("ACCESS_DENIED", text)


def invalid_argument(text: str) -> RestError:
    """A filter, order or value the method cannot take."""
    return RestError("INVALID_ARG_VALUE", text)


def missing(name: str) -> RestError:
    """A mandatory parameter is absent."""
    return RestError(100, f"Could not find value for parameter {{{name}}}")


def array_expected(name: str) -> RestError:
    """A parameter that must be an array is a scalar."""
    return RestError(100, f"Invalid value {{}} to match with parameter {{{name}}}. Should be value of type array.")
