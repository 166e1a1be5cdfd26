"""How an account is printed."""

from __future__ import annotations

import pytest

from hub.web.rendering import account_text


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ("40702810000000000001", "4070 2810 0000 0000 0001"),
        ("KZ86125KZT5004100100", "KZ86 125K ZT50 0410 0100"),
        ("КАССА-7701234567", "КАССА-7701234567"),
        (None, ""),
    ],
)
def test_long_accounts_are_in_groups_and_a_cash_desk_is_not(account: str | None, told: str) -> None:
    assert account_text(account) == told
