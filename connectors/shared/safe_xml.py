"""XML of outside systems, without document types: no entity that blows up, no file from elsewhere."""

from __future__ import annotations

from xml.parsers import expat


class NotXml(ValueError):
    """The document is no XML that is read here."""


def safe_parser() -> expat.XMLParserType:
    """A parser that refuses every document type, which is where entities are declared (XML 1.0, 2.8 and 4.2)."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise NotXml("a document type is not allowed")

    parser.StartDoctypeDeclHandler = refuse
    return parser
