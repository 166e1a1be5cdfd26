"""Files that blow readers up, each in a process of its own: refused within a second, in little memory."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.support.matrix import Figures

MEGABYTE: Final = 1 << 20
SECONDS: Final = 1.0
MIB: Final = 32.0
HEAD: Final = b"1CClientBankExchange\r\n"
_CHILD: Final = """
import json, resource, sys, time
from pathlib import Path
from hub.composition.statements import statement_reader
from hub.ports.statement import UnreadableFile
read = statement_reader(64 << 20)
list(read(Path(sys.argv[2]).read_bytes(), frozenset(), frozenset()))
raw = Path(sys.argv[1]).read_bytes()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
try:
    payments = sum(type(item).__name__ == "ReceivedPayment" for item in read(raw, frozenset(), frozenset()))
    said = None
except UnreadableFile as error:
    payments, said = 0, str(error)
took = time.perf_counter() - began
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"took": took, "grown_kib": grown, "payments": payments, "said": said}))
"""


def _entities(levels: int) -> bytes:
    named = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels))
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "boom">{named}]><a>&e{levels - 1};</a>'.encode()


def _zip(names: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return file.getvalue()


def _zip_of_zips(levels: int) -> bytes:
    made = _zip({"0.txt": bytes(8 * MEGABYTE)})
    for level in range(levels):
        made = _zip({f"lib {level}.{copy}.zip": made for copy in range(16)})
    return made


def _tar_with_a_link() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        link = tarfile.TarInfo("statement.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return file.getvalue()


BOMBS: Final[dict[str, Callable[[], bytes]]] = {
    **{f"entities, {levels} levels": partial(_entities, levels) for levels in range(1, 10)},
    "DTD": lambda: b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "external entity": lambda: b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://169.254.169.254/">]><a>&x;</a>',
    "XML with a token of 100 MB": lambda: b"<a>" + b"x" * (100 * MEGABYTE),
    "XML with a token of 60 MB": lambda: b"<a>" + b"x" * (60 * MEGABYTE),
    "XML nested 100 000 deep": lambda: b"<a>" * 100_000,
    "zip of zips": lambda: _zip_of_zips(5),
    "zip with a path": lambda: _zip({"../../etc/cron.d/x": HEAD}),
    "tar with a link": _tar_with_a_link,
    "gzip head": lambda: b"\x1f\x8b\x08\x00" + bytes(1000),
    "nothing but zeros": lambda: bytes(60 * MEGABYTE),
    "UTF-16 without a statement": lambda: b"\xff\xfe" + "пусто".encode("utf-16-le") * 1000,
    "surrogates": lambda: b"\xed\xa0\x80" * 1000,
}
#: Begin as a statement does; what cannot be read in them is told, and the process lives.
MALFORMED: Final[dict[str, Callable[[], bytes]]] = {
    "head alone": lambda: HEAD,
    "zeros after the head": lambda: HEAD + bytes(MEGABYTE),
    "one line of 4 MB": lambda: HEAD + "НазначениеПлатежа=".encode("cp1251") + b"x" * (4 * MEGABYTE),
    "a statement in UTF-16 under an eight-bit head": lambda: HEAD + ("СекцияДокумент=\r\n" * 100).encode("utf-16"),
    "random bytes": lambda: HEAD + bytes(range(256)) * 2000,
    "documents that never end": lambda: HEAD + "СекцияДокумент=x\r\n".encode("cp1251") * 2_000,
    "keys without end": lambda: HEAD + "".join(f"Ключ{n}=1\r\n" for n in range(5_000)).encode("cp1251"),
}


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small good file: what the reader needs once is loaded before anything is measured."""
    path = tmp_path_factory.mktemp("warm") / "good.txt"
    path.write_bytes((Path(__file__).parents[2] / "fixtures/bank/lf_only.txt").read_bytes())
    return path


def _read(raw: bytes, folder: Path, warm: Path) -> dict[str, object]:
    path = folder / "file"
    path.write_bytes(raw)
    child = [sys.executable, "-c", _CHILD, str(path), str(warm)]
    done = subprocess.run(child, capture_output=True, text=True, timeout=60, check=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.row(32)
@pytest.mark.parametrize("name", BOMBS)
def test_what_is_no_statement_is_refused_quickly_and_cheaply(
    name: str, tmp_path: Path, warm: Path, figures: Figures
) -> None:
    found = _read(BOMBS[name](), tmp_path, warm)
    took, grown = float(str(found["took"])), float(str(found["grown_kib"])) / 1024
    figures.most("seconds", took)
    figures.most("RSS, MiB more", grown)
    assert found["said"], "the refusal has words"
    assert took <= SECONDS
    assert grown <= MIB


@pytest.mark.row(31)
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_statement_ends_in_words_and_brings_no_payment(
    name: str, tmp_path: Path, warm: Path, figures: Figures
) -> None:
    found = _read(MALFORMED[name](), tmp_path, warm)
    figures.most("seconds", float(str(found["took"])))
    assert found["payments"] == 0
    assert float(str(found["grown_kib"])) / 1024 <= 4 * MIB
