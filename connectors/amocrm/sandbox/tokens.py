"""Codes, access and refresh tokens, long-lived tokens: well-formed JWTs with the vendor's lives and rotation."""

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.amocrm.sandbox.errors import ApiError, oauth_error
from connectors.amocrm.sandbox.seed import Integration, LongLivedToken
from connectors.amocrm.sandbox.settings import Settings
from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.jsontypes import Json, as_text

_DAY_S = 86400


@dataclass(slots=True)
class Access:
    """An access token: whose, until when, and the pair it came with (None for a long-lived one)."""

    user_id: int
    expires_at: float
    pair: "Pair | None" = None
    revoked: bool = False


@dataclass(slots=True)
class Pair:
    """An access and a refresh token given together; `parent` is the pair whose refresh token bought it."""

    user_id: int
    access: str
    refresh: str
    expires_at: float
    parent: "Pair | None" = None
    refreshed: bool = False
    spent: bool = False


@dataclass(slots=True)
class _Code:
    user_id: int
    expires_at: float
    used: bool = False


@dataclass(slots=True)
class TokenBook:
    """All credentials of the account. Calls are made under the account's lock."""

    settings: Settings
    integration: Integration
    clock: SandboxClock
    api_domain: str = "127.0.0.1"
    _codes: dict[str, _Code] = field(default_factory=dict)
    _access: dict[str, Access] = field(default_factory=dict)
    _refresh: dict[str, Pair] = field(default_factory=dict)
    _long_lived: list[tuple[str, Access]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def reset(self) -> None:
        """Forget what was given since the start; the long-lived tokens stay the same strings."""
        self._codes, self._access, self._refresh = {}, {}, {}
        for code in self.integration.codes:
            self.add_code(code.code, code.user_id)
        for token, access in self._long_lived:
            access.revoked = False
            self._access[token] = access

    def mint_long_lived(self, wanted: LongLivedToken) -> str:
        """Give a long-lived token that `reset` keeps."""
        expires_at = self.clock.timestamp() + wanted.life_days * _DAY_S
        token = self._jwt(wanted.user_id, expires_at, "long_lived")
        access = Access(wanted.user_id, expires_at)
        self._long_lived.append((token, access))
        self._access[token] = access
        return token

    def add_code(self, code: str, user_id: int) -> None:
        """Let `code` be exchanged once within its life."""
        self._codes[code] = _Code(user_id, self.clock.timestamp() + self.settings.oauth.code_life_s)

    def authorise(self, token: str) -> Access | None:
        """The access behind a bearer token, or None; the first use of a new pair ends the old one's grace."""
        access = self._access.get(token)
        if access is None or access.revoked or access.expires_at <= self.clock.timestamp():
            return None
        if access.pair is not None:
            _end_grace(access.pair)
        return access

    def owner_of_refresh(self, token: str) -> Pair | None:
        """The pair of a refresh token that would still be taken."""
        pair = self._refresh.get(token)
        return pair if pair is not None and self._usable(pair) else None

    def exchange(self, form: Mapping[str, Json]) -> dict[str, Json]:
        """Answer the token endpoint. Raises ApiError with the vendor's hint."""
        if as_text(form.get("client_id")) != self.integration.client_id:
            raise oauth_error(400, "Cannot decrypt the client id", "Интеграция не найдена")
        if as_text(form.get("client_secret")) != self.integration.client_secret:
            raise oauth_error(401, "Client authentication failed", "Неверный client_secret")
        if as_text(form.get("redirect_uri")) != self.integration.redirect_uri:
            raise oauth_error(400, "Check the `redirect_uri` parameter", "redirect_uri не совпадает с указанным")
        kind = as_text(form.get("grant_type"))
        if kind == "authorization_code":
            return self._by_code(as_text(form.get("code")))
        if kind == "refresh_token":
            return self._by_refresh(as_text(form.get("refresh_token")))
        raise oauth_error(400, "Check the `grant_type` parameter", "Неизвестный grant_type")

    def revoke_all(self) -> None:
        """The integration is removed or its secret was changed: every token is dead."""
        for access in self._access.values():
            access.revoked = True
        for pair in self._refresh.values():
            pair.spent = True
        self._codes.clear()

    def _by_code(self, code: str) -> dict[str, Json]:
        found = self._codes.get(code)
        if found is None or found.used:
            raise oauth_error(400, "Authorization code has been revoked", "Код авторизации не найден или использован")
        if found.expires_at <= self.clock.timestamp():
            raise oauth_error(400, "Authorization code has expired", "Код авторизации просрочен")
        found.used = True
        return self._give(found.user_id, None)

    def _by_refresh(self, token: str) -> dict[str, Json]:
        pair = self._refresh.get(token)
        if pair is None:
            raise oauth_error(401, "Cannot decrypt the refresh token", "Токен не распознан")
        if not self._usable(pair):
            raise _revoked()
        _end_grace(pair)
        pair.refreshed = True
        pair.spent = pair.spent or self.settings.oauth.refresh_grace == "strict"
        return self._give(pair.user_id, pair)

    def _usable(self, pair: Pair) -> bool:
        return not pair.spent and pair.expires_at > self.clock.timestamp()

    def _give(self, user_id: int, parent: Pair | None) -> dict[str, Json]:
        rules, now = self.settings.oauth, self.clock.timestamp()
        access = self._jwt(user_id, now + rules.access_life_s, "authorization_code")
        refresh = "def502" + hashlib.sha256(f"{access}.refresh".encode()).hexdigest()
        pair = Pair(user_id, access, refresh, now + rules.refresh_life_s, parent)
        self._access[access] = Access(user_id, now + rules.access_life_s, pair)
        self._refresh[refresh] = pair
        return {
            "token_type": "Bearer",
            "expires_in": int(rules.access_life_s),
            "access_token": access,
            "refresh_token": refresh,
        }

    def _jwt(self, user_id: int, expires_at: float, grant: str) -> str:
        now = int(self.clock.timestamp())
        settings = self.settings
        claims: dict[str, Json] = {
            "aud": self.integration.client_id,
            "jti": hashlib.sha256(f"{user_id}.{now}.{next(self._numbers)}".encode()).hexdigest(),
            "iat": now,
            "nbf": now,
            "exp": int(expires_at),
            "sub": str(user_id),
            "grant_type": grant,
            "account_id": settings.account_id,
            "base_domain": "kommo.com" if settings.brand == "kommo" else "amocrm.ru",
            "version": 2,
            "scopes": ["push_notifications", "files", "crm", "files_delete", "notifications"],
            "api_domain": settings.oauth.api_domain or self.api_domain,
        }
        text = f"{_pack({'typ': 'JWT', 'alg': 'HS256'})}.{_pack(claims)}"
        signature = hmac.new(self.integration.client_secret.encode(), text.encode(), hashlib.sha256).digest()
        return f"{text}.{_unpadded(signature)}"


def _revoked() -> ApiError:
    return oauth_error(401, "Token has been revoked", "Refresh token отозван или уже использован")


def _end_grace(pair: Pair) -> None:
    """A pair that is used makes every refresh token before it worthless."""
    parent = pair.parent
    while parent is not None and not parent.spent:
        parent.spent = True
        parent = parent.parent


def _pack(claims: Mapping[str, Json]) -> str:
    return _unpadded(json.dumps(claims, separators=(",", ":")).encode())


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
