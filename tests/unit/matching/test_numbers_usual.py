"""The usual shapes of numbers are read at once, and exactly as any other shape is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.matching.numbers import _any, _usual

_LETTERS = st.text("АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯABCEHKMOPTXYI", min_size=1, max_size=3)
_DIGITS = st.text("0123456789", min_size=1, max_size=7)
_LIKE_1C = st.builds("{}{}-{}".format, _LETTERS, st.sampled_from(("00", "0", "01", "")), _DIGITS)
_LIKE_CONTRACTS = st.builds("{}{}{}".format, _DIGITS, st.sampled_from(("/", "-", "//")), _DIGITS)


@given(st.one_of(_LIKE_1C, _LIKE_CONTRACTS))
def test_the_short_way_says_what_the_long_one_says(number: str) -> None:
    found = _usual(number)
    assert found is None or found == _any(number)


def test_what_most_numbers_look_like_goes_the_short_way() -> None:
    for number in ("ТД00-000123", "УТ00-1", "45/26", "12345/2026"):
        assert _usual(number) == _any(number) is not None
    for number in ("2026/145", "ТЗ00-000123", "45/05", "ТД01-000123"):
        assert _usual(number) is None
