"""Reads the cases told after the tests of other products (`<peer>.yaml` of this folder).

A case is a decision case with further fields:

    source        repository[@version]:path::test
    peer_expects  what that test asks for, in words
    known_miss    only where our matcher is silent, asks or shows another candidate first: why
    known_wrong   only where it decides by machine and should not have: why

`expect` is what is right for us; where the peer asks for something else, `why` says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.corpus.decisions.loader import CaseFault, DecisionCase, Notes, load_cases

FOLDER: Final = Path(__file__).parent
NOTES: Final = Notes(required=("source", "peer_expects"), optional=("known_miss", "known_wrong"))
_SOURCE: Final = re.compile(
    r"(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<version>[\w.-]+))?:(?P<path>[^:\s][^:]*)::(?P<test>\S.*)"
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the fact of a case stands.

    Attributes:
        version: branch or tag; empty where the test is in the newest one.
    """

    repository: str
    version: str
    path: str
    test: str


@dataclass(frozen=True, slots=True)
class PeerCase:
    """A decision case and the test of another product it was told after.

    Attributes:
        peer: name of the product, as its file is named.
        known_miss: why our matcher is not right here, though it does no harm; empty elsewhere.
        known_wrong: why our matcher decides wrongly here; empty elsewhere.
    """

    case: DecisionCase
    peer: str
    source: Source
    peer_expects: str
    known_miss: str
    known_wrong: str


def load_peers(folder: Path = FOLDER) -> list[PeerCase]:
    """Every case of the folder, by peer and then as written.

    Raises:
        CaseFault: as `load_cases`, or a source that names no repository, path and test.
    """
    return [_peer_case(case) for case in load_cases(folder, NOTES)]


def _peer_case(case: DecisionCase) -> PeerCase:
    source = _SOURCE.fullmatch(case.notes["source"])
    if source is None:
        raise CaseFault(f"{case.file}, «{case.name}»: a source is written as owner/name[@version]:path::test")
    return PeerCase(
        case=case,
        peer=case.file.removesuffix(".yaml"),
        source=Source(source["repository"], source["version"] or "", source["path"], source["test"]),
        peer_expects=case.notes["peer_expects"],
        known_miss=case.notes.get("known_miss", ""),
        known_wrong=case.notes.get("known_wrong", ""),
    )
