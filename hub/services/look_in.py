"""Look in on a bank between two polls: a credential that was withdrawn shows within a minute."""

from __future__ import annotations

from hub.domain.errors import ConnectorError
from hub.services.poll_source import report_trouble
from hub.services.runtime import Runtime


def look_in(rt: Runtime, connection: str) -> None:
    """Ask for the accounts and nothing else. That they are shown proves nothing of the statements: only a poll says
    that a bank can be read.
    """
    bank = rt.banks.get(connection)
    if bank is None:
        return
    try:
        bank.accounts()
    except ConnectorError as error:
        report_trouble(rt, connection, error)
