"""Who may call Tochka, how often, and on whose accounts."""

from hmac import compare_digest

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.calls import Ask, Incoming, Method
from connectors.bank.sandbox.errors import ApiError
from connectors.bank.sandbox.seed import Account
from connectors.bank.sandbox.tochka.envelope import absent, forbidden

SANDBOX_TOKEN = "sandbox.jwt.token"  # noqa: S105 - the literal of the bank's own sandbox


def admit(banks: Banks, incoming: Incoming, method: Method) -> None:
    """Check token, rate and permission. Raises ApiError."""
    _check_token(banks, incoming)
    now = banks.clock.timestamp()
    if not banks.windows.admit("tochka", banks.settings.tochka.requests_per_s, now):
        raise ApiError(429, "OPERATION_RATE_LIMIT", "Слишком много запросов")
    if method.permission and method.permission not in banks.seed.tochka.permissions:
        raise forbidden(f"Нет разрешения {method.permission}")


def accounts(ask: Ask) -> list[Account]:
    """The accounts of the customer named in the header, or of every customer."""
    wanted = ask.incoming.headers.get("customercode") or ask.incoming.headers.get("customer-code")
    listed = ask.banks.book.accounts("tochka")
    return [account for account in listed if wanted in (None, account.owner.customer_code)]


def account(ask: Ask, account_id: str) -> Account:
    """The account of an accountId. Raises ApiError."""
    for listed in accounts(ask):
        if account_id_of(listed) == account_id:
            return listed
    raise absent(f"Счёт {account_id} не найден")


def account_id_of(listed: Account) -> str:
    """How Tochka names an account: number and БИК."""
    return f"{listed.number}/{listed.bic or '044525104'}"


def _check_token(banks: Banks, incoming: Incoming) -> None:
    scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not _alive(banks, incoming.door, token.strip()):
        status = banks.settings.tochka.dead_token_status
        raise ApiError(status, "INVALID_TOKEN", "Токен отсутствует, удалён или не подходит")


def _alive(banks: Banks, door: str, token: str) -> bool:
    if "tochka" in banks.dead:
        return False
    if door == "sandbox":
        return compare_digest(token.encode(), SANDBOX_TOKEN.encode())
    issued = banks.tochka.access_tokens.get(token)
    if issued is not None and not issued.consented:
        raise forbidden("Клиент ещё не дал согласия этому приложению")
    given = compare_digest(token.encode(), banks.seed.tochka.token.encode())
    return given or (issued is not None and banks.clock.now() < issued.until)
