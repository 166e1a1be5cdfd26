"""Settings of outgoing events: who is told, at what address, signed with what."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo, model_validator

from hub.config.section import Section
from hub.config.values import Secret, is_loopback, resolve_secret
from hub.ports.events import EventType

_PREFIX: Final = "whsec_"
_KEY_BYTES: Final = range(24, 65)
_WANTED: Final = "секрет подписи — whsec_ и base64 от 24–64 случайных байтов: sverka events secret"
_SCHEMES: Final = ("https", "http")


def is_signing_secret(text: str) -> bool:
    """Whether a text is a secret of Standard Webhooks: `whsec_` and base64 of 24 to 64 bytes.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    if not text.startswith(_PREFIX):
        return False
    try:
        return len(base64.b64decode(text.removeprefix(_PREFIX), validate=True)) in _KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def _check_url(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError:
        raise ValueError("адрес написан неверно") from None
    if url.scheme not in _SCHEMES or not host or port == 0 or not text.isascii() or not text.isprintable():
        raise ValueError("нужен адрес целиком, начиная с https://, латинскими буквами")
    if url.username is not None or url.password is not None:
        raise ValueError("имени и пароля («имя:пароль@») в адресе быть не должно: получатель проверяет подпись")
    if url.fragment:
        raise ValueError("часть адреса после «#» получателю не передаётся: уберите её")
    return value


def _listed(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        return [resolve_secret(value, info)]
    return value


def _check_secrets(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not 1 <= len(value) <= 2:
        raise ValueError("нужен один секрет или, на время замены, два: [новый, старый]")
    if not all(is_signing_secret(item.get_secret_value()) for item in value):
        raise ValueError(_WANTED)
    return value


def _check_types(value: tuple[EventType, ...]) -> tuple[EventType, ...]:
    if not value:
        raise ValueError("список пуст: впишите события или уберите поле, тогда отправляются все")
    return value


EndpointUrl = Annotated[Secret, AfterValidator(_check_url)]
SigningSecrets = Annotated[tuple[Secret, ...], BeforeValidator(_listed), AfterValidator(_check_secrets)]


class EventEndpoint(Section):
    """One receiver of events.

    Attributes:
        url: may hold a secret in its path: shown to nobody.
        secret: what messages are signed with; two while one is being replaced, both then sign.
        types: which events it wants.
        allow_private: it stands on this computer or in a private network.
    """

    url: EndpointUrl
    secret: SigningSecrets
    types: Annotated[tuple[EventType, ...], AfterValidator(_check_types)] = tuple(EventType)
    allow_private: bool = False

    @model_validator(mode="after")
    def _address_is_allowed(self) -> EventEndpoint:
        url = urlsplit(self.url.get_secret_value())
        if url.scheme == "http" and not self.allow_private:
            raise ValueError("нужен https://; http:// — только для своей сети вместе с allow_private: true")
        if is_loopback(url.hostname or "") and not self.allow_private:
            raise ValueError("получатель на этом же компьютере: впишите allow_private: true")
        return self
