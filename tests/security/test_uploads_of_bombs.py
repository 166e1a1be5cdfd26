"""Files that blow up readers: XML with a DTD, entities, archives. They are refused as no statement, at once."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile

import pytest

from hub.composition.statements import statement_reader
from hub.ports.statement import UnreadableFile
from tests.support.matrix import Figures

MEGABYTE = 1 << 20
_ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
BOMBS = {
    "dtd": b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "external": b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://169.254.169.254/">]><a>&x;</a>',
    "entities": f'<!DOCTYPE a [<!ENTITY e0 "boom">{_ENTITIES}]><a>&e8;</a>'.encode(),
    "camt": b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"/>',
    "token": b"<a>" + b"x" * (20 * MEGABYTE),
    "pdf": b"%PDF-1.7\n" + b"\x00" * 1000,
}


def _zip(names: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return file.getvalue()


BOMBS["zip of zips"] = _zip({"1.zip": _zip({"2.zip": _zip({"a.txt": b"0" * MEGABYTE})})})
BOMBS["path traversal"] = _zip({"../../etc/cron.d/x": b"1CClientBankExchange"})


@pytest.mark.row(32)
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_quickly_and_cheaply(name: str, figures: Figures) -> None:
    read = statement_reader(64 * MEGABYTE)
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(UnreadableFile):
        list(read(BOMBS[name], frozenset(), frozenset()))
    took, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    figures.most("seconds", took)
    figures.most("MiB", peak / MEGABYTE)
    assert took < 1
    assert peak < 32 * MEGABYTE


def test_the_refusal_says_what_the_file_is_and_never_what_is_in_it() -> None:
    with pytest.raises(UnreadableFile) as refused:
        list(statement_reader(MEGABYTE)(BOMBS["external"], frozenset(), frozenset()))
    assert "169.254" not in str(refused.value)
