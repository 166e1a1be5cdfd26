"""XML of outside systems, without document types: no entity that blows up, no file from elsewhere."""

from __future__ import annotations

from typing import Final
from xml.parsers import expat


class NotXml(ValueError):
    """The document is no XML that is read here."""


#: Stands between the namespace and the name of an element; no address of a namespace holds it.
NAMESPACE_END: Final = " "


def safe_parser(*, namespaces: bool = False) -> expat.XMLParserType:
    """A parser that refuses every document type, which is where entities are declared (XML 1.0, 2.8 and 4.2).

    Args:
        namespaces: elements come as `namespace NAMESPACE_END name`, whatever prefixes the writer chose.
    """
    parser = expat.ParserCreate(namespace_separator=NAMESPACE_END if namespaces else None)

    def refuse(*_: object) -> None:
        raise NotXml("a document type is not allowed")

    parser.StartDoctypeDeclHandler = refuse
    return parser
