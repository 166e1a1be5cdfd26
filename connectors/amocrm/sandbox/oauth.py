"""The token endpoint and the address questions beside it."""

from urllib.parse import urlencode

from connectors.amocrm.sandbox.account import Account, Record
from connectors.amocrm.sandbox.context import Answer
from connectors.amocrm.sandbox.errors import ApiError, oauth_error, unauthorized
from connectors.amocrm.sandbox.replies import nginx, success
from connectors.amocrm.sandbox.requests import Incoming
from connectors.sandbox_kit.jsontypes import as_map, as_text
from connectors.sandbox_kit.replies import Reply

JSON = "application/json"


def answer_oauth(account: Account, incoming: Incoming) -> Reply:
    """Answer a path of OAuth. Raises ApiError."""
    match incoming.verb, incoming.path:
        case "POST", "/oauth2/access_token":
            return success(Answer(account.tokens.exchange(as_map(incoming.body))), JSON)
        case "GET", "/oauth2/account/current/subdomain":
            token = incoming.headers.get("x-refresh-token", "")
            if account.tokens.owner_of_refresh(token) is None:
                raise oauth_error(401, "Token has been revoked", "Refresh token отозван или не распознан")
            return success(_domain(account, incoming), JSON)
        case "GET", "/oauth2/account/subdomain":
            if account.tokens.authorise(incoming.bearer) is None:
                raise unauthorized()
            return success(_domain(account, incoming), JSON)
        case "GET", "/oauth":
            return _consent(account, incoming)
    raise ApiError(404, "Not Found", f"Cannot {incoming.method}")


def _domain(account: Account, incoming: Incoming) -> Answer:
    """Where the account lives now; on loopback that is the host that was asked unless it was renamed."""
    domain = account.domain or (incoming.host if is_loopback(incoming.host) else account.host)
    top = account.host.rpartition(".")[2]
    body: Record = {"id": account.account_id, "subdomain": account.subdomain, "domain": domain, "top_level_domain": top}
    return Answer(body)


def is_loopback(host: str) -> bool:
    """True for the addresses this server is reached by without a name of its own."""
    return host.partition(":")[0] in ("127.0.0.1", "localhost")


def _consent(account: Account, incoming: Incoming) -> Reply:
    """The page where an administrator agrees: here everybody agrees at once, or refuses with `deny=1`."""
    integration, query = account.seed.integration, incoming.query
    if as_text(query.get("client_id")) != integration.client_id:
        return nginx(404, "Not Found")
    shown = {"client_id": integration.client_id, "state": as_text(query.get("state"))}
    if as_text(query.get("deny")):
        shown = {"error": "access_denied", **shown}
    else:
        host = incoming.host if is_loopback(incoming.host) else account.host
        shown = {"code": give_code(account), "referer": account.domain or host, **shown}
    joint = "&" if "?" in integration.redirect_uri else "?"
    return Reply(302, b"", "text/html", {"location": f"{integration.redirect_uri}{joint}{urlencode(shown)}"})


def give_code(account: Account, user_id: int | None = None) -> str:
    """A fresh authorization code of a user, the first administrator unless told."""
    owner = user_id or next((u.id for u in account.users.values() if u.admin), next(iter(account.users)))
    code = f"def502{account.next_event_id()}"
    account.tokens.add_code(code, owner)
    return code
