"""What a log line may not say: secrets, and who paid for what. Pure functions over texts and values of events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

HIDDEN: Final = "***"
#: Longer texts are cut: a purpose of a hundred kilobytes is no news.
_LONGEST: Final = 4_000
_LONGEST_TRACE: Final = 20_000
_DEEPEST: Final = 6

_INN_10: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12: Final = ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))

_SECRETS: Final = (
    (re.compile(r"(/rest/+(?:api/+)?\d+/+)[^/\s'\"]+"), r"\1***"),
    (re.compile(r"(/(?:hooks|claims|in)/+[^/\s'\"]+/+)[^/\s'\"?]+"), r"\1***"),
    (re.compile(r"(://[^/\s:@'\"]*:)[^\s'\"]+@"), r"\1***@"),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"\bwhsec_[\w+/=-]+"), "whsec_***"),
    (re.compile(r"\bgAAAAA[\w=-]{20,}"), HIDDEN),
    (re.compile(r"\$argon2[^\s'\"]+"), HIDDEN),
    (
        re.compile(
            r"((?:token|secret|passw(?:or)?d|auth|api_?key|cookie)[\w\]\[%-]*['\"]?\s*[=:]\s*)(?:b?['\"])?[^\s'\"&,)}]+",
            re.IGNORECASE,
        ),
        r"\1***",
    ),
)
_FORM: Final = (
    r"(?:ООО|ОАО|ЗАО|ПАО|НАО|АО|АНО|НКО|ТОО|ТСЖ|СНТ|ГБУ|МУП|ФГУП|ФГБУ|МКУ|МБУ|ГУП|НП|КФХ|ИП"
    r"|общество с ограниченной ответственностью|индивидуальный предприниматель|LLC|Ltd|OOO)"
)
_WORD: Final = r"[А-ЯЁA-Z][\w-]*"
_PEOPLE: Final = (
    # a name in quotation marks, unless it is one of our own words: a connection, a field, a command
    (re.compile(r"«(?![a-z][a-z0-9_. -]*»)[^»]*»?"), f"«{HIDDEN}»"),
    (re.compile(rf"\b{_FORM}\s*(?:\"[^\"]*\"|'[^']*'|“[^”]*”|„[^“”]*[“”]|{_WORD}(?:\s+{_WORD}){{0,3}})"), HIDDEN),
    (re.compile(r"\b[А-ЯЁ][а-яё-]+\s+[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?"), HIDDEN),
    (re.compile(r"\b[А-ЯЁ][а-яё-]+\s+[А-ЯЁ][а-яё]+\s+[А-ЯЁ][а-яё]+(?:вич|вна|ич|ична|оглы|кызы)\b"), HIDDEN),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), HIDDEN),
    (re.compile(r"(?<!\d)\d{20}(?!\d)"), HIDDEN),
    (re.compile(r"(?<!\d)(?:\d{4}[ \u00a0]){4}\d{4}(?!\d)"), HIDDEN),
    (re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b"), HIDDEN),
    (re.compile(r"(?<![\d.:-])(?:\+7|8)[ (-]*\d{3}[ )-]*\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)"), HIDDEN),
)
_TAX_ID: Final = re.compile(r"(?<!\d)(?:\d{12}|\d{10})(?!\d)")
#: Keys whose value is somebody's, whole words of the key's name.
_PRIVATE: Final = re.compile(
    r"(?:^|_)(?:payer|payee|purpose|name|names|title|titles|counterparty|client|company|tax_id|tax_ids|inn|kpp|account"
    r"|accounts|phone|email|address|comment|text|raw|body|payload|content|login|search|file_name|document)(?:$|_)",
    re.IGNORECASE,
)
_SECRET_KEY: Final = re.compile(
    r"(?:^|_)(?:token|secret|password|passwd|auth|authorization|cookie|key|webhook|dsn)(?:$|_)", re.IGNORECASE
)
#: Keys of ours that the pattern above would hide for nothing.
_OPEN_KEYS: Final = frozenset({"operation_key", "logger_name", "actor_name", "queue_name"})
#: Other people's libraries speak English: Cyrillic, a database's DETAIL and quoted phrases in a trace are data.
_TRACE: Final = (
    (re.compile(r"(?m)^(\s*DETAIL:).*$"), rf"\1 {HIDDEN}"),
    (re.compile(r"=\([^)]*\)"), f"=({HIDDEN})"),
    (re.compile(r"input_value=.*?(?=, input_type=|\])"), f"input_value={HIDDEN}"),
    (re.compile(r"[А-Яа-яЁё][А-Яа-яЁё \u00a0.,«»\"№-]*"), HIDDEN),
)
# What breaks a line or turns its direction, besides what JSON escapes by itself; and halves of characters.
_UNPRINTABLE: Final = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def scrub(text: str) -> str:
    """The text without webhook codes, hook secrets, passwords and tokens."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def mask(text: str) -> str:
    """The text without secrets, names, requisites, phones and addresses of people and companies; cut when long."""
    return _masked(_cut(text, _LONGEST))


def mask_trace(text: str) -> str:
    """A stack trace whose errors name neither data nor secrets: places and kinds of errors stay."""
    text = _masked(_cut(text, _LONGEST_TRACE))
    for pattern, replacement in _TRACE:
        text = pattern.sub(replacement, text)
    return text


def _masked(text: str) -> str:
    text = scrub(text)
    for pattern, replacement in _PEOPLE:
        text = pattern.sub(replacement, text)
    return _TAX_ID.sub(_masked_tax_id, text)


def mask_value(key: str, value: object, depth: int = 0) -> object:
    """A value of an event under its key: hidden when the key says it is somebody's, else masked as text."""
    if key and key not in _OPEN_KEYS and (_PRIVATE.search(key) or _SECRET_KEY.search(key)):
        return value if value is None or isinstance(value, bool) else HIDDEN
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, int | float) or value is None:
        return _masked_number(value)
    if depth >= _DEEPEST or isinstance(value, bytes | bytearray | memoryview):
        return HIDDEN
    if isinstance(value, Mapping):
        return {mask(str(name)): mask_value(str(name), item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_value("", item, depth + 1) for item in value]
    return mask(str(value))


def one_line(text: str) -> str:
    """The JSON text with everything escaped that a reader of lines or a terminal would stumble over."""
    return _UNPRINTABLE.sub(_escaped, text)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… (+{len(text) - longest})"


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _masked_number(value: int | float | None) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and _TAX_ID.fullmatch(text := str(value)):
        return HIDDEN if _is_tax_id(text) else value
    return value


def _masked_tax_id(found: re.Match[str]) -> str:
    return HIDDEN if _is_tax_id(found[0]) else found[0]


def _is_tax_id(digits: str) -> bool:
    """Whether the check digits are those of an ИНН (Приказ ФНС ЕД-7-14/559@)."""
    rows = (_INN_10,) if len(digits) == 10 else _INN_12
    return all(_control(digits, row) == int(digits[len(row)]) for row in rows)


def _control(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10
