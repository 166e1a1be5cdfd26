"""What is said beside the table: doubts, refusals, ties, contested days; Russian and English."""

from __future__ import annotations

from typing import Final

from hub.domain.matching.said import Said

# What a person said before.
BY_ALIAS: Final = Said(
    "Плательщик {payer} платит за клиента {client} по правилу «платит за»{alias_word}.",
    "{payer} pays for {client} by the rule “pays for”{alias_word}.",
)

# Refusals.
NO_AMOUNT: Final = Said(
    "Сумма платежа не больше нуля — зачитывать нечего.",
    "The sum is not above zero: there is nothing to give.",
)
OWN_TRANSFER: Final = Said(
    "Перевод между своими счетами — оплатой счёта не бывает.",
    "A transfer between our own accounts never pays an invoice.",
)
OUTGOING: Final = Said(
    "Списание с нашего счёта — не оплата от клиента.", "Money that left our account is no client's payment."
)
REFUND_UNKNOWN: Final = Said(
    "Возврат с нашего счёта; счёт, который он возвращает, по номеру или получателю не найден.",
    "A refund from our account; the invoice that it gives back is not found by number or payee.",
)
REFUND_OF: Final = Said(
    "Возврат клиенту {sum}: похоже, возвращается {invoice}; возврат проводит человек.",
    "A refund of {sum} to a client: it seems to give back {invoice}; a person books refunds.",
)
NUMBER_NOT_FOUND: Final = Said(
    "Счёт № {named} из назначения не найден, и по сумме {sum} от {payer_genitive} ничего не подходит.",
    "Invoice {named} of the purpose is not found, and nothing of {sum} fits {payer_genitive}.",
)
SHARED_PAYER: Final = Said(
    "Платёж пришёл через банк или казначейство без номера счёта; по сумме {sum} клиента не определить.",
    "The payment came through a bank or the treasury without an invoice number; {sum} does not tell the client.",
)
NOTHING_OPEN: Final = Said(
    "Номера счёта в назначении нет, и у {payer_genitive} нет открытого счёта на {sum}.",
    "The purpose names no invoice number, and {payer_genitive} has no open invoice of {sum}.",
)
PAYER_CALLED: Final = Said("плательщика «{name}»", "the payer “{name}”")
PAYER_UNNAMED: Final = Said("плательщика без названия", "a payer without a name")

# Ties.
TIE: Final = Said(
    "Подходит не один ответ: {first} и {second}; сумма {sum}. {help}",
    "More than one answer fits: {first} and {second}; the sum is {sum}. {help}",
)
TIE_NUMBER: Final = Said(
    "Номер счёта в назначении решил бы вопрос.", "The invoice number in the purpose would settle it."
)
TIE_DATE: Final = Said(
    "Дата счёта в назначении или ИНН клиента решили бы вопрос.",
    "The date of the invoice in the purpose or the client's tax id would settle it.",
)
NO_LESS: Final = Said("Не хуже подходит {invoice}.", "{invoice} fits no less.")
NO_LESS_AND_MORE: Final = Said("Не хуже подходит {invoice} и ещё {count}.", "{invoice} and {count} more fit no less.")
LOST: Final = Said("Похожий {invoice} уступает: совпало меньше.", "A similar {invoice} loses: less agrees.")
CONFIRM: Final = Said("Подходит {invoice} — подтвердите, если это он.", "{invoice} fits: confirm it if it is the one.")
STRICTER_TABLE: Final = Said(
    "Таблица решений компании оставляет это человеку.", "The company's decision table leaves this to a person."
)

# A day.
CONTESTED: Final = Said(
    "На {invoice} (открыто {open}) в этот день претендует не один платёж, все вместе не помещаются — выберите.",
    "More than one payment of this day claims {invoice} ({open} open), and together they do not fit: choose.",
)
GIVEN_THAT_DAY: Final = Said(
    "Но этот счёт в тот же день закрывает другой платёж.", "But another payment of the same day settles this invoice."
)

# Doubts.
REPEATS_PAID: Final = Said(
    "Тот же номер был у счёта на эту же сумму, и он уже оплачен: похоже на повторный платёж.",
    "An invoice of the same number and sum is paid already: this looks like a second payment.",
)
DIRECTION_UNKNOWN: Final = Said(
    "Непонятно, пришли эти деньги или ушли, поэтому сам хаб не решает.",
    "It is not clear whether the money came or left, so the hub does not decide.",
)
OWN_PAYER: Final = Said("Плательщик — наше же юрлицо.", "The payer is an entity of our own.")
REFUND_WORDS: Final = Said(
    "В назначении слово «возврат» — это может быть не оплата.", "The purpose speaks of a refund: it may be no payment."
)
MISTAKE_WORDS: Final = Said("В назначении сказано об ошибочном платеже.", "The purpose speaks of a payment by mistake.")
REGISTER_WORDS: Final = Said(
    "В назначении назван реестр: одна сумма может быть за много счетов.",
    "The purpose names a register: one sum may stand for many invoices.",
)
FOREIGN_WORDS: Final = Said(
    "Слова назначения похожи не на оплату от клиента.", "The words of the purpose are not those of a client's payment."
)
TRUNCATED: Final = Said(
    "Назначение обрезано банком на номере счёта.", "The bank cut the purpose off within the invoice number."
)
UNREAD_NUMBER: Final = Said(
    "После слова «счёт» стоит номер, который не удалось прочесть.",
    "Behind the word for invoice stands a number that could not be read.",
)
SHARE_OF_UNKNOWN: Final = Said(
    "В назначении аванс в процентах, значит весь счёт больше платежа.",
    "The purpose speaks of an advance in per cent, so the whole invoice is more than the payment.",
)

# Money that is not customers'.
OURSELVES: Final = Said(
    "Плательщик — мы сами: перевод между своими, не оплата от клиента.",
    "The payer is ourselves: a transfer of our own, no client's payment.",
)
OWN_MONEY: Final = Said(
    "Перевод собственных средств — не оплата от клиента.", "A transfer of own money is no client's payment."
)
SALARY: Final = Said(
    "Зарплата, подотчёт или выплата людям — не оплата от клиента.",
    "Wages, advances on account or payments to people are no client's payment.",
)
TAX: Final = Said(
    "Налоги, взносы или пошлины — не оплата от клиента.", "Taxes, contributions or duties are no client's payment."
)
LOAN: Final = Said("Заём или кредит — не оплата от клиента.", "A loan or a credit is no client's payment.")
INTEREST: Final = Said("Проценты или депозит — не оплата от клиента.", "Interest or a deposit is no client's payment.")
BANK_FEE: Final = Said("Комиссия банка — не оплата от клиента.", "A bank's fee is no client's payment.")
REGISTER: Final = Said(
    "Возмещение эквайринга или СБП: одна сумма за много продаж, сверяется с реестром, а не со счетами.",
    "An acquirer's settlement: one sum for many sales, to be compared with its register and not with invoices.",
)
MARKETPLACE: Final = Said(
    "Выплата маркетплейса или комиссионера — сверяется с его отчётом, а не со счетами.",
    "A pay-out of a marketplace or agent, to be compared with its report and not with invoices.",
)
CASH: Final = Said(
    "Взнос наличных или выручка — не оплата от клиента.", "Cash paid in or takings are no client's payment."
)
GRANT: Final = Said("Субсидия или грант — не оплата по счёту.", "A subsidy or a grant pays no invoice.")
INSURANCE: Final = Said(
    "Страховая выплата или возмещение ущерба — не оплата по счёту.",
    "An insurer's payment or damages pay no invoice.",
)
SECURITY: Final = Said("Обеспечение или задаток — не оплата по счёту.", "A security or a deposit pays no invoice.")
CAPITAL: Final = Said(
    "Взнос учредителя или помощь — не оплата от клиента.", "A founder's contribution or aid is no client's payment."
)
PENALTY: Final = Said("Неустойка, пени или штраф — не оплата по счёту.", "A penalty or a fine pays no invoice.")
COURT: Final = Said(
    "Взыскание или исполнительный лист — не оплата по счёту.", "A court's collection or writ pays no invoice."
)
REFUND_IN: Final = Said(
    "Возврат денег нам, а не оплата: ни один наш счёт не назван.",
    "Money given back to us and no payment: none of our invoices is named.",
)
