"""The hand on the portal: what tests and the control API may look at and do, beside the REST interface."""

from collections.abc import Mapping
from datetime import datetime

from connectors.bitrix24.sandbox import human
from connectors.bitrix24.sandbox.faults import FaultRule, HumanAct
from connectors.bitrix24.sandbox.fields import COMPANY, CONTACT, DEAL, INVOICE
from connectors.bitrix24.sandbox.hooks import Delivery, HookSender
from connectors.bitrix24.sandbox.loading import load_seed
from connectors.bitrix24.sandbox.methods.crm_item import item_json
from connectors.bitrix24.sandbox.portal import Portal, RequestRecord
from connectors.bitrix24.sandbox.seed import OutgoingWebhook
from connectors.bitrix24.sandbox.tables import Table
from connectors.bitrix24.sandbox.values import log_value
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.write_log import WriteLog

Row = dict[str, Json]


class Control:
    """Reads and moves the portal without counting against its limits."""

    def __init__(self, portal: Portal, hooks: HookSender) -> None:
        self.portal = portal
        self._hooks = hooks

    @property
    def write_log(self) -> WriteLog:
        """Write calls received and writes that took effect."""
        return self.portal.write_log

    @property
    def requests(self) -> list[RequestRecord]:
        """REST requests answered so far (the last 20 000)."""
        return list(self.portal.requests)

    @property
    def deliveries(self) -> list[Delivery]:
        """Outgoing webhooks sent so far."""
        return list(self._hooks.deliveries)

    def deals(self) -> list[Row]:
        """All deals as crm.item.* shows them, with UF_CRM_* names."""
        return self._items(DEAL)

    def deal(self, deal_id: int) -> Row:
        """One deal. Raises KeyError when it is gone."""
        return self._item(DEAL, deal_id)

    def invoices(self) -> list[Row]:
        """All smart invoices."""
        return self._items(INVOICE)

    def invoice(self, invoice_id: int) -> Row:
        """One smart invoice. Raises KeyError when it is gone."""
        return self._item(INVOICE, invoice_id)

    def companies(self) -> list[Row]:
        """All companies."""
        return self._items(COMPANY)

    def comments(self) -> list[Row]:
        """All timeline comments: id, entityId, entityType, comment, authorId, created."""
        return self._rows(self.portal.tables.comments)

    def tasks(self) -> list[Row]:
        """All tasks: id, title, status (2 open, 5 done), responsibleId, ufCrmTask..."""
        return self._rows(self.portal.tables.tasks)

    def notices(self) -> list[Row]:
        """All notices to people."""
        return self._rows(self.portal.tables.notices)

    def stage_history(self, entity_type: int = DEAL) -> list[Row]:
        """Stage history rows of deals (2) or invoices (31)."""
        return self._rows(self.portal.tables.history[entity_type])

    def state(self) -> dict[str, Json]:
        """Everything a test may want to compare."""
        tables = self.portal.tables
        return {
            "now": self.portal.clock.now().isoformat(),
            "deals": self.deals(),
            "invoices": self.invoices(),
            "companies": self.companies(),
            "contacts": self._items(CONTACT),
            "requisites": self._rows(tables.requisites),
            "bank_details": self._rows(tables.bank_details),
            "comments": self.comments(),
            "tasks": self.tasks(),
            "activities": self._rows(tables.activities),
            "log_messages": self._rows(tables.log_messages),
            "notifications": self.notices(),
            "payments": self._rows(tables.payments),
            "product_rows": self._rows(tables.product_rows),
            "stage_history": {"2": self.stage_history(DEAL), "31": self.stage_history(INVOICE)},
            "faults_fired": self.portal.faults.fired(),
            "statuses": {str(status): count for status, count in self.portal.statuses.items()},
        }

    def add_faults(self, *rules: FaultRule | Mapping[str, object]) -> None:
        """Arm fault rules, given as models or as in a fault file."""
        parsed = [r if isinstance(r, FaultRule) else FaultRule.model_validate(r) for r in rules]
        self.portal.faults.add(*parsed)

    def clear_faults(self) -> None:
        """Disarm every fault rule."""
        self.portal.faults.clear()

    def human(self, deed: HumanAct | Mapping[str, object]) -> None:
        """Do what a person would do in the portal's interface."""
        human.act(self.portal, deed if isinstance(deed, HumanAct) else HumanAct.model_validate(deed))

    def add_outgoing_webhook(self, hook: OutgoingWebhook | Mapping[str, object]) -> None:
        """Make an outgoing webhook, as a person does by hand in the portal."""
        parsed = hook if isinstance(hook, OutgoingWebhook) else OutgoingWebhook.model_validate(hook)
        self.portal.outgoing.append(parsed)

    def wait_hooks(self) -> None:
        """Return once every outgoing webhook queued so far was sent."""
        self._hooks.wait_sent()

    def advance(self, seconds: float) -> None:
        """Move the clock and run what became due: late writes, robots, delayed hooks."""
        self.portal.clock.advance(seconds)
        self.portal.timers.run_due()

    def set_clock(self, at: datetime) -> None:
        """Put the clock at an aware moment and run what became due."""
        self.portal.clock.set(at)
        self.portal.timers.run_due()

    def wait_timers(self, timeout_s: float = 10) -> bool:
        """Wait in real time until late writes, robots and delayed hooks have run; False when some have not."""
        return self.portal.timers.wait_idle(timeout_s)

    def freeze(self) -> None:
        """Stop the clock."""
        self.portal.clock.freeze()

    def resume(self) -> None:
        """Let the clock run again."""
        self.portal.clock.resume()

    def reset(self) -> None:
        """Start again from the seed: state, clock, limits, faults, logs; the log file keeps its lines."""
        with self.portal.lock:
            self.portal.timers.clear()
            self.portal.faults.clear()
            self.portal.clock.reset(self.portal.settings.started_at)
            self.portal.reset_state()
            load_seed(self.portal)
            self.portal.requests.clear()
            self.portal.statuses.clear()
            self.portal.write_log.clear()
            self._hooks.reset()

    def _items(self, kind: int) -> list[Row]:
        with self.portal.lock:
            return [item_json(self.portal, kind, item, original=True) for item in self.portal.items(kind)]

    def _item(self, kind: int, item_id: int) -> Row:
        with self.portal.lock:
            return item_json(self.portal, kind, self.portal.items(kind).rows[item_id], original=True)

    def _rows(self, table: Table) -> list[Row]:
        with self.portal.lock:
            return [{name: log_value(value) for name, value in row.items()} for row in table]
