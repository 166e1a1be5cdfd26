"""Tochka's token address: a day's access token, and a refresh token that changes each time it is used."""

import secrets
from datetime import timedelta
from urllib.parse import parse_qsl

from connectors.bank.sandbox.banks import REFRESH_LIFE, AccessToken, Banks
from connectors.bank.sandbox.calls import Answer, Ask
from connectors.bank.sandbox.errors import ApiError
from connectors.bank.sandbox.wire import Wire

ACCESS_LIFE = timedelta(hours=24)


def token(ask: Ask) -> Answer:
    """POST connect/token for client_credentials and refresh_token."""
    form = dict(parse_qsl(ask.incoming.body.decode("utf-8", "replace")))
    access = ask.banks.seed.tochka
    if (form.get("client_id"), form.get("client_secret")) != (access.client_id, access.client_secret):
        raise ApiError(401, "INVALID_TOKEN", "client_id или client_secret не подходит")
    match form.get("grant_type"):
        case "client_credentials":
            return Answer(_issue(ask.banks, consented=False))
        case "refresh_token":
            _spend(ask.banks, form.get("refresh_token", ""))
            return Answer(_issue(ask.banks, consented=True))
        case other:
            raise ApiError(400, "REQUEST_VALIDATION_ERROR", f"grant_type {other!r} не поддерживается")


def _refresh_token(banks: Banks) -> str:
    issued = secrets.token_hex(16)
    banks.tochka.refresh_tokens[issued] = banks.clock.now() + REFRESH_LIFE
    return issued


def _issue(banks: Banks, *, consented: bool) -> Wire:
    access = secrets.token_hex(16)
    banks.tochka.access_tokens[access] = AccessToken(banks.clock.now() + ACCESS_LIFE, consented)
    answer: dict[str, Wire] = {
        "access_token": access,
        "token_type": "bearer",
        "expires_in": int(ACCESS_LIFE.total_seconds()),
    }
    return {**answer, "refresh_token": _refresh_token(banks)} if consented else answer


def _spend(banks: Banks, refresh: str) -> None:
    until = banks.tochka.refresh_tokens.pop(refresh, None)
    if until is None or banks.clock.now() >= until:
        raise ApiError(400, "INVALID_TOKEN", "refresh_token использован или истёк")
