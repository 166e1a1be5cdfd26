"""A message of EnterpriseData, 1C's universal format of exchange: its invoices, and what else speaks of them.

1C writes a buyer's invoice as `Документ.ЗаказКлиента`, from «Бухгалтерия» and from «Управление торговлей» alike; other
programs also use the names that the document has in 1C. Objects refer to each other by «Ссылка», in any order, so the
whole message is read before an invoice is made of it. Source: format 1.3–1.17, messages that 1C and others write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from connectors.shared.safe_xml import NAMESPACE_END, NotXml, safe_parser

#: Documents of a message at most; a year of invoices has thousands.
DOCUMENTS_MOST: Final = 200_000
#: A text that is longer is none that an invoice holds.
TEXT_MOST: Final = 1_000
_DEPTH_MOST: Final = 100
_FORMAT: Final = re.compile(r"http://v8\.1c\.ru/edi/edi_stnd/EnterpriseData/(\S+)", re.ASCII)
_VERSION: Final = re.compile(r"1(?:\.\d{1,3}){1,3}", re.ASCII)
_REFERENCE: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_STARTS: Final = (b"<", "<".encode("utf-16-le"), "<".encode("utf-16-be"))
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BODY: Final = "Body"
_DELETED: Final = "УдалениеОбъекта"
_TABLE_ROW: Final = "Строка"
DOCUMENTS: Final = (
    "Документ.ЗаказКлиента",
    "Документ.СчетНаОплатуПокупателю",
    "Документ.СчетНаОплатуКлиенту",
)
_CATALOGUES: Final = frozenset({"Справочник.Контрагенты", "Справочник.Организации", "Справочник.Валюты"})
_ACCOUNTS: Final = "Справочник.БанковскиеСчета"
_STATES: Final = "Справочник.СостояниеОплатыЗаказа"
_KEYS: Final = "КлючевыеСвойства"

Fields = Mapping[str, str]


class UnreadableMessage(ValueError):
    """The file is no message that is read here; the text says what to do (Russian)."""


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice as the message has it.

    Attributes:
        kind: the name of its element.
        line: of the file, where it begins.
        fields: path of names below the document, joined by dots -> text; rows of tables are left out.
    """

    kind: str
    line: int
    fields: Fields


@dataclass(slots=True)
class Message:
    """What a message tells. References are lower-case GUIDs.

    Attributes:
        version: of the format.
        things: reference -> keys of a client, an organisation or a currency.
        accounts: reference of a client -> numbers of its accounts.
        states: reference of a document -> the word for its payment.
        deleted: references of what is deleted in the base.
    """

    version: str = ""
    documents: list[Document] = field(default_factory=list)
    things: dict[str, Fields] = field(default_factory=dict)
    accounts: dict[str, list[str]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)


def is_xml(raw: bytes) -> bool:
    """Whether a file begins as XML does; no table of CSV begins so."""
    mark = next((mark for mark in _MARKS if raw.startswith(mark)), b"")
    return raw[len(mark) : len(mark) + 64].lstrip().startswith(_STARTS)


def reference_of(text: str) -> str | None:
    """A reference to an object of the base, None where it is empty."""
    found = text.strip().lower()
    return found if _REFERENCE.fullmatch(found) and found != _NOBODY else None


def read_message(raw: bytes) -> Message:
    """Read a message as a whole: one that is cut off is refused, not taken by half.

    Raises:
        UnreadableMessage: it is none, is broken, or of an unknown version.
    """
    parser = safe_parser(namespaces=True)
    reader = _Reader(parser)
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(raw, True)
    except UnreadableMessage:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:
        # An encoding that nobody knows, or that has no table of one byte, is told by the two others.
        raise UnreadableMessage(_broken(error, parser.CurrentLineNumber)) from None
    if not reader.message.version:
        raise UnreadableMessage(_foreign(reader.root))
    return reader.message


def _broken(error: Exception, line: int) -> str:
    if isinstance(error, NotXml):
        return "в XML объявлен тип документа (DOCTYPE), таких файлов 1С не пишет: файл не прочитан"
    return f"XML не читается (строка {line}), файл повреждён или обрезан: выгрузите его заново"


def _foreign(root: str) -> str:
    if root == "КоммерческаяИнформация":
        return "это обмен с сайтом (CommerceML), хаб его не читает: нужен файл EnterpriseData или список CSV, XLSX"
    return f"это XML («{root[:40]}»), но не сообщение EnterpriseData: нужен такой файл или список CSV, XLSX"


class _Reader:
    """Gathers the fields of one object of the body after another; what nobody asks for is not kept."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.message = Message()
        self.root = ""
        self._parser = parser
        self._path: list[str] = []
        self._body: int | None = None
        self._kind = ""
        self._began = 0
        self._fields: dict[str, str] = {}
        self._text: list[str] = []
        self._length = 0

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        space, name = tag.rpartition(NAMESPACE_END)[::2]
        self._path.append(name)
        self._text, self._length = [], 0
        if len(self._path) > _DEPTH_MOST:
            raise UnreadableMessage("в XML слишком много вложений, 1С так не пишет: файл не прочитан")
        if len(self._path) == 1:
            self.root = name
        if self._body is None and name == _BODY:
            self._body = len(self._path)
            self.message.version = self.message.version or _version(space)
        elif self._body is not None and len(self._path) == self._body + 1:
            self._begin(space, name)

    def text(self, data: str) -> None:
        if self._kind and self._length <= TEXT_MOST:
            self._text.append(data)
            self._length += len(data)

    def end(self, _: str) -> None:
        depth = len(self._path) - (self._body or 0)
        if self._body is not None and self._kind and depth > 1:
            self._keep("".join(self._text).strip(), self._path[self._body + 1 :])
        elif self._body is not None and depth == 1:
            self._finish()
        elif self._body is not None and depth == 0:
            self._body = None
        self._path.pop()
        self._text, self._length = [], 0

    def _begin(self, space: str, name: str) -> None:
        version = _version(space)
        self._kind = name if version and (name in DOCUMENTS or name in _READERS) else ""
        self.message.version = self.message.version or version
        self._began, self._fields = self._parser.CurrentLineNumber, {}

    def _keep(self, text: str, path: Collection[str]) -> None:
        """The first text of a path counts; what repeats is a table, and tables are the goods."""
        if text and _TABLE_ROW not in path:
            self._fields.setdefault(".".join(path), text)

    def _finish(self) -> None:
        if self._kind in DOCUMENTS:
            if len(self.message.documents) >= DOCUMENTS_MOST:
                raise UnreadableMessage(f"в файле больше {DOCUMENTS_MOST} документов: разделите его")
            self.message.documents.append(Document(self._kind, self._began, self._fields))
        elif self._kind:
            _READERS[self._kind](self.message, self._fields)
        self._kind = ""


def _version(space: str) -> str:
    """The version that a namespace names, empty for a namespace of something else.

    Raises:
        UnreadableMessage: it is a version that nobody has seen yet.
    """
    found = _FORMAT.fullmatch(space)
    if found is None:
        return ""
    if _VERSION.fullmatch(found[1]) is None:
        raise UnreadableMessage(
            f"версия формата EnterpriseData «{found[1][:20]}» хабу незнакома: выгрузите в версии 1.x"
        )
    return found[1]


def _thing(message: Message, fields: Fields) -> None:
    reference = reference_of(fields.get(f"{_KEYS}.Ссылка", ""))
    if reference is not None:
        start = f"{_KEYS}."
        message.things[reference] = {
            name.removeprefix(start): text for name, text in fields.items() if name.startswith(start)
        }


def _account(message: Message, fields: Fields) -> None:
    owner = reference_of(fields.get(f"{_KEYS}.Владелец.КонтрагентыСсылка.Ссылка", ""))
    number = fields.get(f"{_KEYS}.НомерСчета", "")
    if owner is not None and number:
        message.accounts.setdefault(owner, []).append(number)


def _state(message: Message, fields: Fields) -> None:
    reference = reference_of(fields.get(f"{_KEYS}.Заказ.Ссылка", ""))
    if reference is not None:
        message.states[reference] = fields.get("СостояниеОплаты", "")


def _deletion(message: Message, fields: Fields) -> None:
    """The element around the reference names the type, in ways that differ; a reference is unique without it."""
    message.deleted += filter(None, map(reference_of, fields.values()))


_READERS: Final = {
    **dict.fromkeys(_CATALOGUES, _thing),
    _ACCOUNTS: _account,
    _STATES: _state,
    _DELETED: _deletion,
}
