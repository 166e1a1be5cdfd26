"""The hand on the banks: what tests and the control API may look at and do, beside the banks' own interfaces."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import TypeAdapter

from connectors.bank.sandbox.acts import perform
from connectors.bank.sandbox.banks import Banks, RequestRecord
from connectors.bank.sandbox.book import Entry
from connectors.bank.sandbox.faults import BankAct, FaultRule
from connectors.bank.sandbox.hooks import Delivery, HookSender
from connectors.bank.sandbox.jose import SigningKey
from connectors.bank.sandbox.seed import Bank, TBankWebhook, TochkaWebhook
from connectors.bank.sandbox.wire import kopecks, plain
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.write_log import WriteLog

Row = dict[str, Json]
_ACT: TypeAdapter[BankAct] = TypeAdapter(BankAct)


class Control:
    """Reads and moves the banks without counting against their limits."""

    def __init__(self, banks: Banks, hooks: HookSender) -> None:
        self.banks = banks
        self._hooks = hooks

    @property
    def write_log(self) -> WriteLog:
        """Write calls received and changes that took effect."""
        return self.banks.write_log

    @property
    def requests(self) -> list[RequestRecord]:
        """Requests answered so far (the last 20 000)."""
        return list(self.banks.requests)

    @property
    def deliveries(self) -> list[Delivery]:
        """Attempts to deliver webhooks so far."""
        return list(self._hooks.deliveries)

    def act(self, act: BankAct | Mapping[str, object]) -> int:
        """Let something happen on an account; returns the operation's number."""
        return perform(self.banks, _ACT.validate_python(act))

    def add(self, operation: Mapping[str, object], *, hooks: bool = True) -> int:
        """A new operation, given as in a seed; returns its number."""
        return self.act({"act": "add", "operation": operation, "hooks": hooks})

    def correct(self, number: int, *, hooks: bool = True, **fields: object) -> None:
        """The bank corrects fields of an operation; `booked_at` moves it to another day."""
        self.act({"act": "correct", "id": number, "fields": {k: plain(v) for k, v in fields.items()}, "hooks": hooks})

    def cancel(self, number: int) -> None:
        """The operation never happened."""
        self.act({"act": "cancel", "id": number})

    def spoil(self, number: int, how: str, **options: object) -> None:
        """Statements lie about a row (`remove`, `double`, `alter`, `turn`) while balances keep the truth."""
        self.act({"act": "spoil", "id": number, "how": how, **options})

    def mend(self, number: int) -> None:
        """Statements tell the truth about the row again."""
        self.act({"act": "mend", "id": number})

    def operations(self) -> list[Row]:
        """The whole book, cancelled operations too."""
        with self.banks.lock:
            return [_entry(entry) for entry in self.banks.book]

    def operation(self, number: int) -> Row:
        """One live operation. Raises NoSuchOperation."""
        with self.banks.lock:
            return _entry(self.banks.book.entry(number))

    def balances(self) -> dict[str, Json]:
        """The true balance of each account now."""
        with self.banks.lock:
            now, book = self.banks.clock.now(), self.banks.book
            accounts = [*book.accounts("tochka"), *book.accounts("tbank")]
            return {account.number: f"{kopecks(book.balance(account.number, now)):f}" for account in accounts}

    def state(self) -> dict[str, Json]:
        """Everything a test may want to compare."""
        tochka, tbank = self.banks.tochka, self.banks.tbank
        return {
            "now": self.banks.clock.now().isoformat(),
            "operations": self.operations(),
            "balances": self.balances(),
            "tochka_webhook": tochka.webhook.model_dump(mode="json") if tochka.webhook else None,
            "tbank_webhooks": [webhook.model_dump(mode="json") for webhook in tbank.webhooks],
            "statements": {name: prepared.status for name, prepared in tochka.statements.items()},
            "dead_tokens": sorted(self.banks.dead),
            "faults_fired": self.banks.faults.fired(),
            "statuses": {str(status): count for status, count in self.banks.statuses.items()},
        }

    def kill_token(self, bank: Bank) -> None:
        """The bank accepts none of this client's tokens any more."""
        self.banks.dead.add(bank)

    def revive_token(self, bank: Bank) -> None:
        """The tokens are good again."""
        self.banks.dead.discard(bank)

    def rotate_key(self) -> None:
        """Tochka signs with a new key and shows it."""
        self.banks.key = SigningKey()

    def subscribe_tochka(self, webhook: TochkaWebhook | Mapping[str, object] | None) -> None:
        """Put a webhook of Tochka in place (None takes it away) without the test webhooks of its method."""
        self.banks.tochka.webhook = None if webhook is None else TochkaWebhook.model_validate(webhook)

    def subscribe_tbank(self, webhook: TBankWebhook | Mapping[str, object]) -> None:
        """Add a subscription to T-Bank, as by a letter to the bank."""
        self.banks.tbank.webhooks.append(TBankWebhook.model_validate(webhook))

    def add_faults(self, *rules: FaultRule | Mapping[str, object]) -> None:
        """Arm fault rules, given as models or as in a fault file."""
        parsed = [r if isinstance(r, FaultRule) else FaultRule.model_validate(r) for r in rules]
        self.banks.faults.add(*parsed)

    def clear_faults(self) -> None:
        """Disarm every fault rule."""
        self.banks.faults.clear()

    def wait_hooks(self) -> None:
        """Return once every webhook queued so far was tried."""
        self._hooks.wait_sent()

    def advance(self, seconds: float) -> None:
        """Move the clock and run what became due: settlements, repeated and delayed webhooks."""
        self.banks.clock.advance(seconds)
        self.banks.timers.run_due()

    def set_clock(self, at: datetime) -> None:
        """Put the clock at an aware moment and run what became due."""
        self.banks.clock.set(at)
        self.banks.timers.run_due()

    def freeze(self) -> None:
        """Stop the clock."""
        self.banks.clock.freeze()

    def resume(self) -> None:
        """Let the clock run again."""
        self.banks.clock.resume()

    def reset(self) -> None:
        """Start again from the seed: book, clock, keys, limits, faults, logs; the log file keeps its lines."""
        with self.banks.lock:
            self.banks.timers.clear()
            self.banks.faults.clear()
            self.banks.clock.reset(self.banks.settings.started_at)
            self.banks.reset_state()
            self.banks.requests.clear()
            self.banks.statuses.clear()
            self.banks.write_log.clear()
            self._hooks.reset()


def _entry(entry: Entry) -> Row:
    shown: Row = {name: plain(value) for name, value in entry.operation.model_dump().items()}
    return {
        **shown,
        "id": entry.number,
        "booked_at": entry.at.isoformat(),
        "cancelled": entry.cancelled,
        "shown": entry.lie.how if entry.lie else "true",
    }
