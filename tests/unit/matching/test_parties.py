"""Names, shared payers and own companies."""

from __future__ import annotations

import pytest

from hub.domain.matching.context import MatchContext, alias_keys, own_tax_id, payer_of
from hub.domain.matching.names import names_agree, normal_name
from hub.domain.matching.shared import is_marketplace, is_shared_account, is_shared_name, name_behind
from hub.domain.models import Party
from tests.unit.matching.cases import OURS, pay


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('ООО "Пион"', "ПИОН ООО"),
        ("Общество с ограниченной ответственностью «Пион»", "ООО Пион"),
        ("ИП Иванов Иван Иванович", "Индивидуальный предприниматель Иванов И.И."),
        ("Иванов Иван Иванович (ИП)", "ИП ИВАНОВ ИВАН ИВАНОВИЧ//г. Москва//"),
        ("ООО Строймонтаж Плюс", "ООО Строймонтаж Плюсс"),
        ("АО «Завод Пион»", "Пион завод, АО"),
        ("OOO Poмашка", "ООО Ромашка"),
        ("ЗАО 'Камапласт' г.Казань", "АО «Камапласт»"),
        ("ООО Пион г. Нижний Новгород", "ООО «Пион»"),
    ],
)
def test_spellings_of_one_name_agree(left: str, right: str) -> None:
    assert names_agree(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ООО Пион", "ООО Роза"),
        ("ООО Пион", "ООО Пион Плюс"),
        ("ИП Иванов И.И.", "ИП Иванов П.П."),
        ("ИП Иванов Иван Иванович", "ИП Иванов Пётр Иванович"),
        ("ООО А", "ООО Б"),
        ("ИП Козлов Г.С.", "ИП Козлов С.П."),
        ("", "ООО Пион"),
    ],
)
def test_different_names_do_not_agree(left: str, right: str) -> None:
    assert not names_agree(left, right)


def test_a_name_of_a_legal_form_only_still_has_a_spelling() -> None:
    assert normal_name("ООО") == "ооо"


@pytest.mark.parametrize(
    "account", ["30232810100000000001", "30233810100000000001", "40911810100000000001", "47422810100000000001",
                "03214643000000017300", "30101810400000000225"]
)  # fmt: skip
def test_transit_and_treasury_accounts_are_shared(account: str) -> None:
    assert is_shared_account(account)


def test_a_company_account_is_not_shared() -> None:
    assert not is_shared_account("40702810100000000001")


@pytest.mark.parametrize(
    "name", ["УФК по г. Москве", "ПАО СБЕРБАНК", "АО «Альфа-Банк»", "Филиал банка ВТБ (ПАО)", "НКО ЮМани"]
)
def test_banks_and_treasury_are_shared_by_name(name: str) -> None:
    assert is_shared_name(name)


@pytest.mark.parametrize(
    "name", ["ООО Банкетный зал", "ООО Пион р/с 40702810100000000001 в ПАО Сбербанк", "ООО Пион", None]
)
def test_companies_are_not_shared_by_name(name: str | None) -> None:
    assert not is_shared_name(name)


def test_a_payer_behind_a_bank_keeps_the_name_but_not_the_banks_requisites() -> None:
    payment = pay("сч 45", 1, "7707083893", name="ИВАНОВ ИВАН ИВАНОВИЧ//Москва//", account="40817810100000000001")
    payer = payer_of(payment, MatchContext())
    assert payer.shared
    assert payer.tax_id is None
    assert payer.account is None
    assert payer.name is not None


@pytest.mark.parametrize(
    ("name", "behind"),
    [
        ('АО "ТБанк"//Миронов Олег Евгеньевич//1180045521//г Москва//', "Миронов Олег Евгеньевич"),
        ("ПАО СБЕРБАНК//Миронов О.Е.//г Тула//", "Миронов О.Е."),
        ("ИВАНОВ ИВАН ИВАНОВИЧ//Москва//", "ИВАНОВ ИВАН ИВАНОВИЧ"),
        ("УФК по Московской области (МБОУ СОШ № 12 л/с 20486У12345)", "МБОУ СОШ № 12"),
        ("УФК по Московской области", None),
        ("ПАО СБЕРБАНК", None),
        (None, None),
    ],
)
def test_a_bank_or_treasury_may_name_who_really_pays(name: str | None, behind: str | None) -> None:
    assert name_behind(Party(name=name)) == behind


def test_a_treasury_shortens_names_so_another_name_is_no_contradiction() -> None:
    context = MatchContext()
    treasury = payer_of(pay("", 1, name="УФК по г. Москве (МБОУ СОШ № 12)", account="03214643000000017300"), context)
    bank = payer_of(pay("", 1, "7707083893", name="ПАО СБЕРБАНК//Миронов О.Е.//"), context)
    assert (treasury.name_tells_apart, bank.name_tells_apart) == (False, True)


@pytest.mark.parametrize(
    ("party", "marketplace"),
    [
        (Party(name="ООО «Интернет Решения»", tax_id="7704217370"), True),
        (Party(name="ООО РВБ", tax_id="9714053621"), True),
        (Party(name="ООО Озон"), True),
        (Party(name="ООО Озонатор"), False),
        (Party(name="ПАО Сбербанк", tax_id="7707083893"), False),
    ],
)
def test_a_marketplace_is_told_from_a_bank(party: Party, marketplace: bool) -> None:
    assert is_marketplace(party) is marketplace


@pytest.mark.parametrize("tax_id", ["0000000000", "0", "", None])
def test_a_tax_id_of_zeros_says_nothing(tax_id: str | None) -> None:
    assert payer_of(pay("", 1, tax_id, name="ООО Пион"), MatchContext()).tax_id is None


def test_our_company_is_known_by_the_receiving_account() -> None:
    payment = pay("", 1, org=None)
    assert own_tax_id(payment, MatchContext()) is None
    placed = MatchContext(organisations={"40702810900000000002": OURS})
    assert own_tax_id(pay("", 1), placed) == OURS


def test_alias_keys_go_from_the_surest() -> None:
    assert alias_keys(Party(name="ООО Пион", tax_id="7700000016", account="40702")) == (
        "t:7700000016",
        "a:40702",
        "n:пион",
    )


@pytest.mark.parametrize("name", ["—", "«»", ""])
def test_a_name_without_words_is_no_key_of_an_alias(name: str) -> None:
    assert alias_keys(Party(name=name)) == ()


def test_a_payer_with_a_tax_id_is_not_known_by_its_name_alone() -> None:
    context = MatchContext(aliases={"n:пион": frozenset({"1"}), "a:40702": frozenset({"2"})})
    assert payer_of(pay("", 1, None, name="ООО Пион"), context).aliases == {"1"}
    assert payer_of(pay("", 1, "7700000016", name="ООО Пион"), context).aliases == frozenset()
    assert payer_of(pay("", 1, "7700000016", name="ООО Пион", account="40702"), context).alias_key == "a:40702"
