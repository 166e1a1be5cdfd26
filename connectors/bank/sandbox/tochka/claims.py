"""What Tochka's webhooks say, and how the text is signed."""

from collections.abc import Mapping
from decimal import Decimal

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.book import Entry, moscow_day
from connectors.bank.sandbox.jose import no_signature, secret_signer, token
from connectors.bank.sandbox.seed import Account, Event, Party
from connectors.bank.sandbox.tochka.rows import own_party, payment_id
from connectors.bank.sandbox.wire import dump, kopecks, short_text
from connectors.sandbox_kit.jsontypes import Json

Claims = Mapping[str, Json]
Signing = str

_NOBODY = Party(
    name="ИП Тест",
    inn="0000000000",
    kpp="000000000",
    account="0" * 20,
    bic="0" * 9,
    bank_name="ООО «Банк Точка»",
    correspondent_account="0" * 20,
)


def claims_of(banks: Banks, event: Event, entry: Entry, amount: Decimal | None = None) -> Claims:
    """The claims of an event; `amount` tells another sum than the book's."""
    listed = banks.book.owner_of(entry)
    text = amount_text(banks, amount or entry.operation.amount)
    match event:
        case "incomingPayment" | "outgoingPayment":
            return _payment(event, entry, listed, text)
        case "incomingSbpPayment":
            return _sbp(entry, listed, text)
        case "incomingSbpB2BPayment":
            return _sbp_b2b(entry, listed, text)
        case "acquiringInternetPayment":
            return _acquiring(entry, listed, text)


def test_claims(event: Event, customer_code: str) -> Claims:
    """The claims of a test webhook: nobody's payment on nobody's account, equal each time."""
    payment: Claims = {
        "SidePayer": _side(_NOBODY, "40.0", "RUB"),
        "SideRecipient": _side(_NOBODY, "40.0", "RUB"),
        "purpose": "Тестовое назначение платежа",
        "documentNumber": "00000",
        "paymentId": "0000000000",
        "date": "2018-10-01",
    }
    sbp = {"qrcId": "AS10006DPRTEFPFS9HJ9SQSDSVRHJD3L", "amount": "0.33", "purpose": "Тестовое назначение платежа"}
    extra = {"operationId": "A22001100263820100000533E625FCB3", "payerName": "Иван Иванович И."}
    shapes: dict[Event, Claims] = {
        "incomingPayment": payment,
        "outgoingPayment": payment,
        "incomingSbpPayment": {**sbp, **extra},
        "incomingSbpB2BPayment": sbp,
        "acquiringInternetPayment": {**extra, "amount": "0.33", "paymentType": "card", "status": "APPROVED"},
    }
    return {**shapes[event], "webhookType": event, "customerCode": customer_code}


def signed(banks: Banks, claims: Claims, how: Signing) -> bytes:
    """The claims as the body of a webhook. Only `own` is a signature the receiver may believe."""
    match how:
        case "wrong_key":
            text = token(claims, "RS256", banks.stranger.sign)
        case "hs256":
            text = token(claims, "HS256", secret_signer(dump(public_key(banks)).encode()))
        case "none":
            text = token(claims, "none", no_signature)
        case _:
            text = token(claims, "RS256", banks.key.sign)
    return text.encode()


def public_key(banks: Banks) -> Json:
    """What the address of the public key answers: one JWK, or a set of it."""
    jwk = banks.key.jwk()
    return {"keys": [jwk]} if banks.settings.tochka.jwk_form == "set" else jwk


def amount_text(banks: Banks, amount: Decimal) -> str:
    """An amount the way webhooks write it."""
    two = banks.settings.tochka.hook_amounts == "two_digits"
    return f"{kopecks(amount):f}" if two else short_text(amount)


def _payment(event: Event, entry: Entry, listed: Account, amount: str) -> Claims:
    operation, ours = entry.operation, own_party(listed)
    incoming = event == "incomingPayment"
    payer, payee = (operation.counterparty, ours) if incoming else (ours, operation.counterparty)
    return {
        "SidePayer": _side(payer, amount, operation.currency),
        "SideRecipient": _side(payee, amount, operation.currency),
        "purpose": operation.purpose,
        "documentNumber": operation.document_number,
        "paymentId": payment_id(entry.number, operation),
        "date": moscow_day(entry.at).isoformat(),
        "webhookType": event,
        "customerCode": listed.owner.customer_code,
    }


def _side(party: Party, amount: str, currency: str) -> Claims:
    return {
        "bankCode": party.bic,
        "bankName": party.bank_name,
        "bankCorrespondentAccount": party.correspondent_account,
        "account": party.account,
        "name": party.name,
        "amount": amount,
        "currency": currency,
        "inn": party.inn,
        "kpp": party.kpp,
    }


def _sbp(entry: Entry, listed: Account, amount: str) -> Claims:
    return {
        "operationId": f"A{entry.number:031d}",
        "qrcId": f"AS{entry.number:030d}",
        "amount": amount,
        "payerMobileNumber": "+70000000000",
        "payerName": entry.operation.counterparty.name,
        "brandName": listed.owner.name,
        "merchantId": "MF0000000001",
        "purpose": entry.operation.purpose,
        "webhookType": "incomingSbpPayment",
        "customerCode": listed.owner.customer_code,
    }


def _sbp_b2b(entry: Entry, listed: Account, amount: str) -> Claims:
    return {
        "qrcId": f"BS{entry.number:030d}",
        "amount": amount,
        "purpose": entry.operation.purpose,
        "webhookType": "incomingSbpB2BPayment",
        "customerCode": listed.owner.customer_code,
    }


def _acquiring(entry: Entry, listed: Account, amount: str) -> Claims:
    return {
        "operationId": f"c{entry.number:031d}",
        "paymentType": "card",
        "status": "APPROVED" if entry.booked else "AUTHORIZED",
        "paymentLinkId": entry.operation.document_number,
        "amount": amount,
        "purpose": entry.operation.purpose,
        "webhookType": "acquiringInternetPayment",
        "customerCode": listed.owner.customer_code,
    }
