"""How Tochka wraps answers and errors."""

import uuid
from http import HTTPStatus

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.calls import Answer, Ask, Incoming
from connectors.bank.sandbox.errors import ApiError
from connectors.bank.sandbox.wire import Wire, dump
from connectors.sandbox_kit.replies import Reply


def answer(ask: Ask, given: Answer) -> Reply:
    """Data, Links and Meta around a method's value; free addresses answer bare."""
    bare = ask.incoming.door == "root"
    body: Wire = (
        given.value
        if bare
        else {
            "Data": given.value,
            "Links": {"self": f"{ask.incoming.base_url}/{'/'.join(ask.incoming.path)}"},
            "Meta": {"totalPages": 1},
        }
    )
    return Reply(given.status, dump(body).encode())


def failure(banks: Banks, incoming: Incoming, error: ApiError) -> Reply:
    """The error body: a class of error, an id for the bank's audit, and what exactly was wrong."""
    settings = banks.settings.tochka
    phrase = HTTPStatus(error.status).phrase.title().replace(" ", "")
    body: Wire = {
        "code": error.status if settings.error_code == "number" else str(error.status),
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, incoming.request_id)),
        "message": error.code if settings.error_message == "category" else error.message,
        "Errors": [
            {
                "errorCode": f"HTTP{phrase}",
                "message": error.message,
                "url": "http://enter.tochka.com/open-banking/docs",
            }
        ],
    }
    return Reply(error.status, dump(body).encode(), headers=error.headers)


def invalid(message: str) -> ApiError:
    """The request does not fit the method."""
    return ApiError(400, "REQUEST_VALIDATION_ERROR", message)


def absent(message: str) -> ApiError:
    """There is no such thing, or no more."""
    return ApiError(404, "ENTITY_NOT_FOUND", message)


def forbidden(message: str) -> ApiError:
    """The token may not do this."""
    return ApiError(403, "OPERATION_FORBIDDEN", message)
