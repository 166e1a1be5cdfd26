"""A reference of 1C has one writing wherever another system keeps it; what is none is nothing."""

from __future__ import annotations

import pytest

from connectors.shared.guids import guid_of

GUID = "7c5b2e8a-2f5d-11f0-9a4b-00155d0a0b0c"


@pytest.mark.parametrize("text", [GUID, GUID.upper(), f"{{{GUID}}}", f"  {{{GUID.upper()}}}\n"])
def test_each_writing_is_the_same_reference(text: str) -> None:
    assert guid_of(text) == GUID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "INV-7",
        GUID[:-1],
        f"{GUID}0",
        f"1c:{GUID}",
        GUID.replace("-", ""),
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_what_others_keep_there_is_no_reference(text: str) -> None:
    assert guid_of(text) is None
