"""How T-Bank writes answers and errors."""

import uuid

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.calls import Answer, Ask, Incoming
from connectors.bank.sandbox.errors import ApiError
from connectors.bank.sandbox.wire import Wire, dump
from connectors.sandbox_kit.replies import Reply


def answer(ask: Ask, given: Answer) -> Reply:
    """A method's value without any wrapping; X-Request-Id comes back."""
    asked = ask.incoming.headers.get("x-request-id")
    body = b"" if given.value is None else dump(given.value).encode()
    return Reply(given.status, body, headers={"X-Request-Id": asked} if asked else {})


def failure(banks: Banks, incoming: Incoming, error: ApiError) -> Reply:
    """The error body."""
    del banks
    body: Wire = {
        "errorId": str(uuid.uuid5(uuid.NAMESPACE_OID, incoming.request_id)),
        "errorMessage": error.message,
        "errorCode": error.code,
        "errorDetails": {},
    }
    return Reply(error.status, dump(body).encode(), headers=error.headers)


def invalid(message: str) -> ApiError:
    """A value that the method cannot take."""
    return ApiError(400, "INVALID_DATA", message)
