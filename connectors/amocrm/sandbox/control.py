"""The hand on the account: what tests and the control API may look at and do, beside the API."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from connectors.amocrm.sandbox import human
from connectors.amocrm.sandbox.account import Account, Record, RequestRecord
from connectors.amocrm.sandbox.cards import Kind
from connectors.amocrm.sandbox.faults import FaultRule, HumanAct
from connectors.amocrm.sandbox.hooks import Delivery, HookSender, get
from connectors.amocrm.sandbox.loading import load_seed
from connectors.amocrm.sandbox.oauth import give_code
from connectors.amocrm.sandbox.pipelines import pipeline_json
from connectors.amocrm.sandbox.records import add_webhook
from connectors.amocrm.sandbox.render import card_json
from connectors.amocrm.sandbox.seed import Webhook
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.write_log import WriteLog

_EVERYTHING = ("contacts", "leads", "catalog_elements", "loss_reason")
_AGENT = "amoService-oAuth-Code-Sender/1.0"


class Control:
    """Reads and moves the account without counting against its limits."""

    def __init__(self, account: Account, hooks: HookSender) -> None:
        self.account = account
        self._hooks = hooks

    @property
    def write_log(self) -> WriteLog:
        """Write calls received and writes that took effect."""
        return self.account.write_log

    @property
    def requests(self) -> list[RequestRecord]:
        """Requests answered so far (the last 20 000)."""
        return list(self.account.requests)

    @property
    def deliveries(self) -> list[Delivery]:
        """Webhooks sent so far, every try."""
        return list(self._hooks.deliveries)

    def leads(self) -> list[Record]:
        """All leads that are not deleted, as the API shows them with everything linked."""
        return self._cards(Kind.LEAD)

    def lead(self, lead_id: int) -> Record:
        """One lead, deleted or not. Raises KeyError when it never was."""
        return self._card(Kind.LEAD, lead_id)

    def companies(self) -> list[Record]:
        """All companies."""
        return self._cards(Kind.COMPANY)

    def contacts(self) -> list[Record]:
        """All contacts."""
        return self._cards(Kind.CONTACT)

    def invoices(self) -> list[Record]:
        """All elements of the invoices list."""
        catalog_id = self.account.invoices_catalog_id
        return [card for card in self._cards(Kind.ELEMENT) if card["catalog_id"] == catalog_id]

    def invoice(self, element_id: int) -> Record:
        """One list element. Raises KeyError when it never was."""
        return self._card(Kind.ELEMENT, element_id)

    def value(self, kind: str, card_id: int, code: str) -> Json:
        """The first value of a card's field by its code or id; a select gives its enum's code or text."""
        with self.account.lock:
            card = self.account.cards[Kind(kind)].rows[card_id]
            spec = self.account.field_set(card).find(code)
            stored = card.values.get(spec.id, []) if spec else []
            return stored[0].get("enum_code", stored[0].get("value")) if stored else None

    def notes(self) -> list[Record]:
        """All notes of all cards, with the kind of their card."""
        with self.account.lock:
            return [
                {**note, "entity_type": kind.value}
                for kind, records in self.account.notes.items()
                for note in records.listed()
            ]

    def tasks(self) -> list[Record]:
        """All tasks."""
        with self.account.lock:
            return [dict(task) for task in self.account.tasks.listed()]

    def events(self) -> list[Record]:
        """The event feed, oldest first."""
        with self.account.lock:
            return [dict(event) for event in self.account.events]

    def webhooks(self) -> list[Record]:
        """Webhook subscriptions."""
        with self.account.lock:
            return [dict(webhook) for webhook in self.account.webhooks.listed()]

    def state(self) -> Record:
        """Everything a test may want to compare."""
        account = self.account
        with account.lock:
            pipelines: list[Json] = [pipeline_json(p, account.account_id, "") for p in account.pipelines.ordered()]
            return {
                "now": account.clock.now().isoformat(),
                "subdomain": account.subdomain,
                "leads": self.leads(),
                "companies": self.companies(),
                "contacts": self.contacts(),
                "invoices": self.invoices(),
                "elements": self._cards(Kind.ELEMENT),
                "catalogs": [dict(catalog) for catalog in account.catalogs.values()],
                "pipelines": pipelines,
                "notes": self.notes(),
                "tasks": self.tasks(),
                "events": self.events(),
                "webhooks": self.webhooks(),
                "salesbot_runs": list(account.salesbot_runs),
                "blocked": account.limiter.blocked,
                "faults_fired": account.faults.fired(),
                "statuses": {str(status): count for status, count in account.statuses.items()},
            }

    def add_faults(self, *rules: FaultRule | Mapping[str, object]) -> None:
        """Arm fault rules, given as models or as in a fault file."""
        parsed = [r if isinstance(r, FaultRule) else FaultRule.model_validate(r) for r in rules]
        self.account.faults.add(*parsed)

    def clear_faults(self) -> None:
        """Disarm every fault rule."""
        self.account.faults.clear()

    def human(self, deed: HumanAct | Mapping[str, object]) -> int | None:
        """Do what a person would do in the account's interface; the id of the card it was done to."""
        return human.act(self.account, deed if isinstance(deed, HumanAct) else HumanAct.model_validate(deed))

    def add_webhook(self, hook: Webhook | Mapping[str, object]) -> None:
        """Make a webhook, as a person does by hand in the interface."""
        parsed = hook if isinstance(hook, Webhook) else Webhook.model_validate(hook)
        with self.account.lock:
            owner = next(iter(self.account.users))
            add_webhook(self.account, parsed.destination, list(parsed.settings), parsed.sort, owner)

    def new_code(self, user_id: int | None = None) -> str:
        """A fresh authorization code, as an administrator's consent gives it."""
        with self.account.lock:
            return give_code(self.account, user_id)

    def revoke(self) -> None:
        """Take back every token, as regenerating the secret with revocation does."""
        with self.account.lock:
            self.account.tokens.revoke_all()

    def uninstall(self) -> int | None:
        """Remove the integration: its tokens die and its hook is told; the status the hook was answered with."""
        self.revoke()
        integration = self.account.seed.integration
        if integration.uninstall_hook_url is None:
            return None
        account_id = self.account.account_id
        text = f"{integration.client_id}|{account_id}"
        signature = hmac.new(integration.client_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        query = urlencode({"client_uuid": integration.client_id, "account_id": account_id, "signature": signature})
        joint = "&" if "?" in integration.uninstall_hook_url else "?"
        address = f"{integration.uninstall_hook_url}{joint}{query}"
        return get(address, _AGENT, self.account.settings.hooks.timeout_s)

    def rename(self, subdomain: str, domain: str | None = None) -> None:
        """Rename the account. With `domain` (host:port) it answers under that host only."""
        with self.account.lock:
            self.account.subdomain, self.account.domain = subdomain, domain

    def pay(self, *, paid: bool) -> None:
        """Let the account be paid for, or not."""
        self.account.paid = paid

    def switch_filters(self, *, enabled: bool) -> None:
        """Turn the account's API filters on or off."""
        self.account.api_filter_enabled = enabled

    def unblock(self) -> None:
        """Lift the block that violations brought, as the vendor's support does."""
        self.account.limiter.clear()

    def wait_hooks(self) -> None:
        """Return once every webhook queued so far was sent."""
        self._hooks.wait_sent()

    def advance(self, seconds: float) -> None:
        """Move the clock and run what became due: late writes, retries, delayed hooks."""
        self.account.clock.advance(seconds)
        self.account.timers.run_due()

    def set_clock(self, at: datetime) -> None:
        """Put the clock at an aware moment and run what became due."""
        self.account.clock.set(at)
        self.account.timers.run_due()

    def wait_timers(self, timeout_s: float = 10) -> bool:
        """Wait in real time until late writes, retries and delayed hooks have run; False when some have not."""
        return self.account.timers.wait_idle(timeout_s)

    def freeze(self) -> None:
        """Stop the clock."""
        self.account.clock.freeze()

    def resume(self) -> None:
        """Let the clock run again."""
        self.account.clock.resume()

    def reset(self) -> None:
        """Start again from the seed: state, clock, limits, faults, logs; long-lived tokens and the log file stay."""
        with self.account.lock:
            self.account.timers.clear()
            self.account.faults.clear()
            self.account.clock.reset(self.account.settings.started_at)
            self.account.reset_state()
            self.account.tokens.reset()
            load_seed(self.account)
            self.account.requests.clear()
            self.account.statuses.clear()
            self.account.write_log.clear()
            self._hooks.reset()

    def _cards(self, kind: Kind) -> list[Record]:
        with self.account.lock:
            cards = [card for card in self.account.table(kind) if not card.deleted]
            return [card_json(self.account, card, "", _EVERYTHING) for card in cards]

    def _card(self, kind: Kind, card_id: int) -> Record:
        with self.account.lock:
            return card_json(self.account, self.account.table(kind).rows[card_id], "", _EVERYTHING)
