"""What each row of the decision table says, and what would have made it automatic; Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.domain.matching.said import Said

#: What a sentence may name in braces; a company's own sentences too. `explain` makes the values.
PLACEHOLDERS: Final = (
    *("invoice", "invoice_dative", "invoice_instrumental", "amount", "open", "sum", "client", "payer"),
    *("named", "quoted", "quoted_date", "issuer", "ours", "tolerance"),
)

SENTENCES: Final[Mapping[str, Said]] = {
    "other_currency": Said(
        "{invoice} выставлен в другой валюте ({amount}), а пришло {sum} — сколько зачесть, решает человек.",
        "{invoice} is in another currency ({amount}), and {sum} came: a person decides how much to count.",
    ),
    "other_organisation": Said(
        "{invoice} выставлен от другого нашего юрлица (ИНН {issuer}), а деньги пришли на ИНН {ours}.",
        "{invoice} was issued by another entity of ours (tax id {issuer}), and the money came to tax id {ours}.",
    ),
    "other_organisation_sum_client": Said(
        "Сумма и клиент подходят к {invoice_dative}, но он от другого нашего юрлица (ИНН {issuer}, а не {ours}).",
        "The sum and the client fit {invoice}, but another entity of ours issued it (tax id {issuer}), not {ours}.",
    ),
    "cancelled": Said(
        "{invoice} из назначения отменён, поэтому сам он закрыться не может.",
        "{invoice} named in the purpose is cancelled, so it cannot be settled by itself.",
    ),
    "already_paid": Said(
        "{invoice} из назначения уже оплачен полностью — похоже на повторный платёж или опечатку в номере.",
        "{invoice} named in the purpose is paid in full already: a second payment, or a slip in the number.",
    ),
    "issued_after": Said(
        "{invoice} выставлен позже платежа, поэтому платёж не мог быть по нему без ошибки.",
        "{invoice} was issued after the payment, so the payment cannot be for it without a mistake.",
    ),
    "issued_after_sum_client": Said(
        "Сумма и клиент подходят к {invoice_dative}, но он выставлен позже платежа.",
        "The sum and the client fit {invoice}, but it was issued after the payment.",
    ),
    "third_party": Said(
        "Плательщик {payer} платит за другого: в назначении назван {client}. Подтвердите, что деньги за {invoice}.",
        "{payer} pays for somebody else: the purpose names {client}. Confirm that the money is for {invoice}.",
    ),
    "pays_for_other": Said(
        "{invoice} выставлен самому плательщику, но в назначении сказано, что он платит за другого.",
        "{invoice} was issued to the payer, but the purpose says that the payer pays for somebody else.",
    ),
    "pays_for_other_sum": Said(
        "Сумма равна {invoice_dative} плательщика, но в назначении сказано, что он платит за другого.",
        "The sum is that of the payer's own {invoice}, but the purpose says that it is paid for somebody else.",
    ),
    "other_client": Said(
        "Номер совпал со {invoice_instrumental}, но он выставлен клиенту {client}, а заплатил {payer}.",
        "The number is that of {invoice}, but it was issued to {client}, and {payer} paid.",
    ),
    "name_differs": Said(
        "Номер совпал со {invoice_instrumental}, но плательщик «{payer}» не похож на клиента {client}, ИНН нет.",
        "The number is that of {invoice}, but the payer “{payer}” is not like {client}, and there is no tax id.",
    ),
    "date_differs": Said(
        "Номер совпал со {invoice_instrumental}, но в назначении другая дата счёта ({quoted_date}).",
        "The number is that of {invoice}, but the purpose gives the invoice another date ({quoted_date}).",
    ),
    "date_differs_sum_client": Said(
        "Сумма и клиент подходят к {invoice_dative}, но в назначении назван счёт от другой даты.",
        "The sum and the client fit {invoice}, but the purpose names an invoice of another date.",
    ),
    "reference_differs": Said(
        "Номер совпал со {invoice_instrumental}, но договор или заказ в назначении не тот, по которому выставлен счёт.",
        "The number is that of {invoice}, but the purpose names another contract or order than the invoice has.",
    ),
    "reference_differs_sum_client": Said(
        "Сумма и клиент подходят к {invoice_dative}, но договор или заказ в назначении другой.",
        "The sum and the client fit {invoice}, but the purpose names another contract or order.",
    ),
    "number_sum_client": Said(
        "Номер счёта, сумма {sum} и клиент {client} совпали: {invoice}.",
        "The number, the sum {sum} and the client {client} agree: {invoice}.",
    ),
    "number_sum_name": Said(
        "Номер счёта и сумма {sum} совпали, название плательщика похоже на клиента {client}: {invoice}.",
        "The number and the sum {sum} agree, and the payer's name is like that of {client}: {invoice}.",
    ),
    "few_digits_date_sum_name": Said(
        "От номера назван хвост «{quoted}», но дата счёта, сумма {sum} и название клиента {client} совпали: {invoice}.",
        "Only “{quoted}” of the number is named, but the date, the sum {sum} and the name {client} agree: {invoice}.",
    ),
    "number_sum": Said(
        "Номер счёта и сумма {sum} совпали, ничто не противоречит: {invoice}.",
        "The number and the sum {sum} agree, and nothing contradicts: {invoice}.",
    ),
    "several_sum_client": Said(
        "Названные счета вместе дают ровно {sum}, клиент {client} совпал: {invoice}.",
        "The named invoices make exactly {sum} together, and the client {client} agrees: {invoice}.",
    ),
    "several_sum": Said(
        "Названные счета вместе дают ровно {sum}, ничто не противоречит: {invoice}.",
        "The named invoices make exactly {sum} together, and nothing contradicts: {invoice}.",
    ),
    "number_client_part": Said(
        "Номер счёта и клиент {client} совпали, {sum} — часть из {open}: {invoice}.",
        "The number and the client {client} agree, and {sum} is a part of {open}: {invoice}.",
    ),
    "loose_number_sum_client": Said(
        "Сумма {sum} и клиент {client} совпали, номер «{quoted}» написан не полностью: {invoice}.",
        "The sum {sum} and the client {client} agree, the number “{quoted}” is written in part: {invoice}.",
    ),
    "mentioned_sum_client": Said(
        "Сумма {sum} и клиент {client} совпали, и номер счёта стоит в назначении: {invoice}.",
        "The sum {sum} and the client {client} agree, and the invoice's number stands in the purpose: {invoice}.",
    ),
    "sum_client": Said(
        "Номера в назначении нет, но у клиента {client} ровно один открытый счёт на {sum}: {invoice}.",
        "The purpose names no number, but {client} has exactly one open invoice of {sum}: {invoice}.",
    ),
    "vat_changed": Said(
        "{invoice} назван, но {sum} и {open} разнятся ровно как НДС 20 % и 22 %; сколько зачесть, решает человек.",
        "{invoice} is named, and {sum} differs from {open} exactly as VAT of 20 % from 22 %: a person decides.",
    ),
    "vat_changed_client": Said(
        "У клиента {client} открыт {invoice} на {open}; {sum} отличается ровно как НДС 20 % от 22 %, счёт не назван.",
        "{client} has {invoice} of {open} open; {sum} differs exactly as VAT of 20 % from 22 %; no invoice is named.",
    ),
    "number_over": Said(
        "{invoice} назван, но пришло больше, чем осталось оплатить: {sum} против {open}; лишнее решает человек.",
        "{invoice} is named, but more came than is left to pay: {sum} against {open}; a person decides on the rest.",
    ),
    "number_share_unsure": Said(
        "{invoice} назван, и {sum} — ровно названная доля от {amount}, но плательщик по ИНН или счёту не опознан.",
        "{invoice} is named, and {sum} is the stated share of {amount}, but no tax id or account tells the payer.",
    ),
    "number_part_unsure": Said(
        "{invoice} назван, но сумма {sum} меньше открытых {open}, а плательщик по ИНН или счёту не опознан.",
        "{invoice} is named, but {sum} is less than {open} open, and no tax id or account tells the payer.",
    ),
    "few_digits_sum": Said(
        "Сумма {sum} равна, но от номера в назначении только «{quoted}», а плательщик не опознан: {invoice}.",
        "The sum {sum} is equal, but only “{quoted}” of the number is named, and the payer is not known: {invoice}.",
    ),
    "loose_number": Said(
        "Номер «{quoted}» похож на {invoice}, но совпал не полностью — подтвердите.",
        "The number “{quoted}” is like {invoice}, but does not agree in full: confirm it.",
    ),
    "several_part": Said(
        "Названные счета вместе больше платежа: открыто {open}, пришло {sum}; как разделить, решает человек.",
        "The named invoices are more than the payment: {open} open, {sum} came; a person decides how to share it.",
    ),
    "several_over": Said(
        "Названные счета вместе меньше платежа: открыто {open}, пришло {sum}; лишнее решает человек.",
        "The named invoices are less than the payment: {open} open, {sum} came; a person decides on the rest.",
    ),
    "several_unsure": Said(
        "Суммы по счетам взяты из назначения, но плательщик не опознан: {invoice}.",
        "The sums of each invoice stand in the purpose, but the payer is not known: {invoice}.",
    ),
    "one_of_named": Said(
        "Названо несколько счетов, найден или открыт не каждый: {invoice}.",
        "Several invoices are named, and not each is found or open: {invoice}.",
    ),
    "sum_branch": Said(
        "Сумма и ИНН совпали, но КПП другой: платит другое подразделение клиента {client}. Подходит {invoice}.",
        "The sum and the tax id agree, but another branch of {client} pays (КПП differs). {invoice} fits.",
    ),
    "sum_name": Said(
        "Сумма {sum} и название плательщика подходят к {invoice_dative}, но ИНН или счёта для уверенности нет.",
        "The sum {sum} and the payer's name fit {invoice}, but there is no tax id or account to be sure.",
    ),
    "unknown_number": Said(
        "Счёт № {named} из назначения не найден; по сумме и клиенту подходит {invoice}.",
        "Invoice {named} of the purpose is not found; by sum and client {invoice} fits.",
    ),
    "other_shape": Said(
        "По сумме и клиенту подходит {invoice}, а «{named}» в назначении на номера ваших счетов не похоже.",
        "By sum and client {invoice} fits, and “{named}” of the purpose is unlike the numbers of your invoices.",
    ),
    "other_clients_number": Said(
        "Счёт № {named} из назначения не этого плательщика; по сумме и клиенту подходит {invoice}.",
        "Invoice {named} of the purpose is not this payer's; by sum and client {invoice} fits.",
    ),
    "other_number": Said(
        "В назначении счёт № {named}, но он не подходит; по сумме и клиенту подходит {invoice}.",
        "The purpose names invoice {named}, which does not fit; by sum and client {invoice} fits.",
    ),
    "reference_sum": Said(
        "Договор или заказ из назначения и сумма {sum} подходят к {invoice_dative}, но клиент не опознан.",
        "The contract or order of the purpose and the sum {sum} fit {invoice}, but the client is not known.",
    ),
    "reference_only": Said(
        "По договору или заказу из назначения открыт {invoice} на {open}, а пришло {sum}.",
        "Under the contract or order of the purpose {invoice} of {open} is open, and {sum} came.",
    ),
    "stated_share": Said(
        "{sum} — ровно названная доля от {amount}: {invoice}; номера в назначении нет.",
        "{sum} is exactly the stated share of {amount}: {invoice}; the purpose names no number.",
    ),
    "unnamed_set": Said(
        "Счета в назначении не названы, но {invoice} клиента {client} вместе дают ровно {sum}, и других таких нет.",
        "The purpose names no invoices, but {invoice} of {client} make exactly {sum} together, and no others do.",
    ),
    "client_part": Said(
        "У клиента {client} открыт {invoice} на {open}, пришло меньше — {sum}; счёт в назначении не назван.",
        "{client} has {invoice} of {open} open, less came: {sum}; the purpose names no invoice.",
    ),
    "client_over": Said(
        "У клиента {client} открыт {invoice} на {open}, пришло больше — {sum}; счёт в назначении не назван.",
        "{client} has {invoice} of {open} open, more came: {sum}; the purpose names no invoice.",
    ),
    "client_other_number": Said(
        "Счёт № {named} из назначения не подходит; у клиента {client} открыт {invoice} на {open}.",
        "Invoice {named} of the purpose does not fit; {client} has {invoice} of {open} open.",
    ),
    "mentioned": Said(
        "Номер стоит в назначении без слова «счёт»: {invoice}, открыто {open}, пришло {sum}, платит «{payer}».",
        "The number stands in the purpose without a noun: {invoice}, {open} is open, {sum} came, “{payer}” pays.",
    ),
    "sum_only": Said(
        "Совпала только сумма {sum}: {invoice}; ни номера, ни опознанного плательщика нет.",
        "Only the sum {sum} agrees: {invoice}; there is neither a number nor a known payer.",
    ),
}

_ALIAS: Final = Said(
    "Правило «{payer} платит за {client}» сделало бы такие платежи автоматическими.",
    "A rule “{payer} pays for {client}” would make such payments automatic.",
)
_REQUISITE: Final = Said(
    "ИНН или счёт плательщика в карточке клиента решил бы вопрос.",
    "The payer's tax id or account in the client's card would settle it.",
)
_NUMBER: Final = Said("Номер счёта в назначении решил бы вопрос.", "The invoice number in the purpose would settle it.")
_FULL_NUMBER: Final = Said("Номер счёта целиком решил бы вопрос.", "The whole number of the invoice would settle it.")

#: What would have made the answer automatic, where something would.
HINTS: Final[Mapping[str, Said]] = {
    "third_party": _ALIAS,
    "other_client": _ALIAS,
    "name_differs": _REQUISITE,
    "number_share_unsure": _REQUISITE,
    "number_part_unsure": _REQUISITE,
    "few_digits_sum": _REQUISITE,
    "several_unsure": _REQUISITE,
    "sum_name": _REQUISITE,
    "reference_sum": _REQUISITE,
    "loose_number": _FULL_NUMBER,
    "sum_branch": _NUMBER,
    "stated_share": _NUMBER,
    "unnamed_set": Said(
        "Номера этих счетов в назначении решили бы вопрос.", "The numbers of these invoices would settle it."
    ),
    "client_part": _NUMBER,
    "several_part": Said(
        "Сумма у каждого номера в назначении решила бы вопрос.", "A sum next to each number would settle it."
    ),
}
