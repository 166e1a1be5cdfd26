"""Who may call T-Bank, from where and how often."""

from hmac import compare_digest

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.calls import Incoming, Method
from connectors.bank.sandbox.errors import ApiError

SANDBOX_TOKEN = "TBankSandboxToken"  # noqa: S105 - the literal of the bank's own sandbox


def admit(banks: Banks, incoming: Incoming, method: Method) -> None:
    """Check token, address and rate. Raises ApiError."""
    settings = banks.settings.tbank
    if not _alive(banks, bearer(incoming)):
        status = settings.dead_token_status
        code = "UNAUTHORIZED" if status == 401 else "FORBIDDEN"
        raise ApiError(status, code, "Токен отсутствует, отозван или не подходит")
    if settings.allowed_ips is not None and incoming.address not in settings.allowed_ips:
        raise ApiError(403, "FORBIDDEN", "Запросы с этого адреса запрещены")
    limit = _limits(banks).get(method.name) if settings.limits_enabled else None
    if not banks.windows.admit(method.name, limit, banks.clock.timestamp()):
        headers = {"Retry-After": "1"} if settings.retry_after else {}
        raise ApiError(429, "TOO_MANY_REQUESTS", "Слишком много запросов", headers)


def bearer(incoming: Incoming) -> str:
    """The token a request carries, or nothing."""
    scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def is_sandbox_token(token: str) -> bool:
    """The one that the bank's own sandbox takes."""
    return compare_digest(token.encode(), SANDBOX_TOKEN.encode())


def _alive(banks: Banks, token: str) -> bool:
    given = compare_digest(token.encode(), banks.seed.tbank.token.encode())
    return "tbank" not in banks.dead and (given or is_sandbox_token(token))


def _limits(banks: Banks) -> dict[str, int | None]:
    settings = banks.settings.tbank
    return {
        "tbank.accounts": settings.accounts_per_s,
        "tbank.statement": settings.statement_per_s,
        "tbank.bank-statement": settings.old_statement_per_s,
        "tbank.webhook": settings.webhook_per_s,
    }
