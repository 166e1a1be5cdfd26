"""Sees that the account goes on calling us: it stops after many bad answers, and says so only to its administrators."""

from __future__ import annotations

import logging
from typing import Final

from connectors.amocrm.client import ApiClient
from connectors.amocrm.config import AmoConfig
from connectors.amocrm.envelope import embedded
from connectors.amocrm.schemas import HookRow, rows_of
from connectors.shared.jsontypes import Param

_log = logging.getLogger(__name__)

#: What we ask to be called about. Subscriptions to lists are set in the account's own pages: their names are not told.
_EVENTS: Final = (
    *("add_lead", "update_lead", "delete_lead", "restore_lead", "status_lead"),
    *("add_company", "update_company", "delete_company", "restore_company"),
    *("add_contact", "update_contact", "delete_contact", "restore_contact"),
)


class Hooks:
    """Our one subscription in the account."""

    def __init__(self, config: AmoConfig, client: ApiClient) -> None:
        self._address = config.hook_url.get_secret_value() if config.hook_url is not None else ""
        self._client = client

    def keep(self) -> bool:
        """Subscribe where we are not, or the account has given us up; True when it had to be asked.

        What people added to the subscription in the account's pages stays in it.
        """
        if not self._address:
            return False
        document = self._client.get("/webhooks", {"filter": {"destination": self._address}})
        mine = [row for row in rows_of(HookRow, embedded(document, "webhooks")) if row.destination == self._address]
        set_now = {name for row in mine for name in row.settings}
        if mine and not any(row.disabled for row in mine) and set_now.issuperset(_EVENTS):
            return False
        settings: list[Param] = [*sorted(set_now | set(_EVENTS))]
        self._client.write("POST", "/webhooks", {"destination": self._address, "settings": settings})
        _log.info("subscribed to hooks anew: %s", "they were disabled" if mine else "there were none")
        return True
