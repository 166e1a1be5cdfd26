"""When Tochka sends a webhook: once a payment is booked, and for a card payment by link once it is authorised."""

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.book import Change, Entry
from connectors.bank.sandbox.faults import ForgeHook
from connectors.bank.sandbox.hooks import HookSender, Letter, Post
from connectors.bank.sandbox.seed import Event
from connectors.bank.sandbox.tochka.claims import claims_of, signed, test_claims

_HEADERS = {"Content-Type": "text/plain"}
_EVENTS: dict[str, Event] = {
    "transfer": "incomingPayment",
    "sbp": "incomingSbpPayment",
    "sbp_b2b": "incomingSbpB2BPayment",
    "acquiring": "acquiringInternetPayment",
}


class TochkaTeller:
    """Turns changes of the book into webhooks for the subscriber."""

    def __init__(self, banks: Banks, sender: HookSender) -> None:
        self._banks = banks
        self._sender = sender

    def on_change(self, change: Change) -> None:
        """Tell the subscriber when it has asked for such an event. A correction is not told."""
        entry = change.entry
        if self._banks.book.owner_of(entry).bank != "tochka":
            return
        event = _event_of(entry)
        authorised = change.what == "added" and event == "acquiringInternetPayment" and not entry.booked
        if authorised or (entry.booked and not entry.told):
            entry.told = entry.booked
            self._tell(event, entry)

    def test(self, url: str, event: Event) -> bool:
        """Send a test webhook now; True when the receiver answered 200."""
        return self._sender.post_now(self._test_letter(url, event)) == 200

    def _tell(self, event: Event, entry: Entry) -> None:
        webhook = self._banks.tochka.webhook
        if webhook is None or event not in webhook.events:
            return
        self._sender.plan(self._letter(webhook.url, event, entry))

    def _letter(self, url: str, event: Event, entry: Entry) -> Letter:
        settings = self._banks.settings.tochka

        def write(forge: ForgeHook | None) -> Post:
            amount = forge.amount if forge and forge.how == "amount" else None
            how = forge.how if forge and forge.how != "amount" else settings.hook_signing
            body = signed(self._banks, claims_of(self._banks, event, entry, amount), how)
            return Post(url, _HEADERS, body)

        pauses = [settings.hook_retry_s] * settings.hook_retries
        return Letter("tochka", event, entry.number, write, _is_ok, pauses, settings.hook_delay_s)

    def _test_letter(self, url: str, event: Event) -> Letter:
        customer = next(iter(self._banks.book.accounts("tochka")), None)
        claims = test_claims(event, customer.owner.customer_code if customer else "300000001")

        def write(forge: ForgeHook | None) -> Post:
            del forge
            return Post(url, _HEADERS, signed(self._banks, claims, self._banks.settings.tochka.hook_signing))

        return Letter("tochka", event, None, write, _is_ok, ())


def _is_ok(status: int) -> bool:
    """Tochka takes 200 alone for an answer, not every 2xx."""
    return status == 200


def _event_of(entry: Entry) -> Event:
    operation = entry.operation
    return "outgoingPayment" if operation.direction == "out" else _EVENTS[operation.via]
