"""Errors of API v4 with the bodies the vendor answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.sandbox_kit.jsontypes import Json

_OAUTH_TYPE = "https://developers.amocrm.ru/v3/errors/OAuthProblemJson"


@dataclass(eq=False)
class ApiError(Exception):
    """A problem+json reply; `extra` goes beside title, type, status and detail. `html` replaces the body."""

    status: int
    title: str
    detail: str
    extra: Mapping[str, Json] = field(default_factory=dict)
    type: str = ""
    html: str = ""

    def __str__(self) -> str:
        return f"{self.status} {self.title}: {self.detail}"

    @property
    def code(self) -> str:
        """The error as the write log names it: the first validation code, the hint, or the status."""
        return str(self.extra.get("code") or self.status)

    def body(self) -> dict[str, Json]:
        """The JSON body."""
        shown = {name: value for name, value in self.extra.items() if name != "code"}
        kind = self.type or f"https://httpstatus.es/{self.status}"
        return {**shown, "title": self.title, "type": kind, "status": self.status, "detail": self.detail}


@dataclass(eq=False)
class FieldError(Exception):
    """One refused value of one item of a write."""

    code: str
    path: str
    detail: str

    def body(self) -> dict[str, Json]:
        """As it stands in `validation-errors`."""
        return {"code": self.code, "path": self.path, "detail": self.detail}


def no_choice(path: str) -> FieldError:
    """A value outside the known ones."""
    return FieldError("NotSupportedChoice", path, "The value you selected is not a valid choice.")


def wrong_type(path: str, wanted: str) -> FieldError:
    """A value of another type."""
    return FieldError("InvalidType", path, f"This value should be of type {wanted}.")


def unexpected(path: str) -> FieldError:
    """A name the entity does not have."""
    return FieldError("FieldNotExpected", path, "This field was not expected.")


def missing(path: str) -> FieldError:
    """A required name is absent."""
    return FieldError("FieldMissing", path, "This field is missing.")


def validation(items: Sequence[tuple[str, FieldError]]) -> ApiError:
    """400 with the refused items, named by their request_id."""
    listed: list[Json] = [{"request_id": request_id, "errors": [error.body()]} for request_id, error in items]
    extra: dict[str, Json] = {"validation-errors": listed, "code": items[0][1].code}
    return ApiError(400, "Bad Request", "Request validation failed", extra)


def bad_request(detail: str) -> ApiError:
    """400 about the envelope, without a list."""
    return ApiError(400, "Bad Request", detail)


def unauthorized() -> ApiError:
    """401 on the API."""
    return ApiError(401, "Unauthorized", "Неверный логин или пароль")


def oauth_error(status: int, hint: str, detail: str) -> ApiError:
    """An error of the token endpoint."""
    return ApiError(status, "Некорректный запрос", detail, {"hint": hint}, _OAUTH_TYPE)


def forbidden(detail: str = "Недостаточно прав для совершения операции") -> ApiError:
    """403: the token's user may not do this."""
    return ApiError(403, "Forbidden", detail)


def not_found(detail: str = "Entity not found") -> ApiError:
    """404: a write names a record that is not there."""
    return ApiError(404, "Not Found", detail)


def over_limit(limit: int) -> ApiError:
    """422: more items than one write may carry."""
    return ApiError(422, "Unprocessable Entity", f"Limit {limit} per page")
