"""`fill_from_accounting`: which fields accounting fills, and what is said of a mistake in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.composition.connections import connection_settings
from hub.config import Config, ConfigError, parse_config
from hub.domain.filling import FieldOwner, FillField, FillRole

BITRIX24 = "system: bitrix24\nwebhook_url: https://company.bitrix24.ru/rest/1/abcdef123456/\n"
AMOCRM = "system: amocrm\naddress: https://company.amocrm.ru\ntoken: x\n"
BASE = "system: accounting_1c\naddress: https://1c.company.ru/acc\nconfiguration: bp30\nlogin: Сверка\npassword: x\n"


def text(settings: str, filling: str) -> str:
    lines = [*settings.splitlines(), "fill_from_accounting:", *(f"  {line}" for line in filling.splitlines())]
    return "company: {name: Ромашка}\nconnections:\n  main:\n" + "".join(f"    {line}\n" for line in lines)


def parse(settings: str, filling: str, folder: Path = Path("/srv/sverka")) -> Config:
    return parse_config(text(settings, filling), folder / "sverka.yaml")


def fault(settings: str, filling: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(settings, filling)
    (found,) = caught.value.faults
    return str(found)


def test_nothing_is_filled_by_default() -> None:
    config = parse_config(f"company: {{name: Ромашка}}\nconnections: {{main: {{{_inline(AMOCRM)}}}}}\n", Path("s.yaml"))
    settings = connection_settings(config)["main"]
    assert settings.fills == {}


def _inline(settings: str) -> str:
    return ", ".join(settings.strip().splitlines())


def test_fields_and_their_owners_reach_the_services(tmp_path: Path) -> None:
    filling = "invoice_number: {field: uf_crm_1c_number}\ninvoice_status: {field: UF_CRM_1C_STATE, owner: crm}"
    settings = connection_settings(parse(BITRIX24, filling, tmp_path))["main"]
    assert settings.fills == {
        FillRole.NUMBER: FillField("UF_CRM_1C_NUMBER", FieldOwner.ACCOUNTING),
        FillRole.STATUS: FillField("UF_CRM_1C_STATE", FieldOwner.CRM),
    }


def test_amocrm_takes_a_number_a_code_or_a_title(tmp_path: Path) -> None:
    filling = "invoice_number: {field: '711'}\ninvoice_date: {field: C_DATE}\ninvoice_sum: {field: Сумма 1С}"
    fills = connection_settings(parse(AMOCRM, filling, tmp_path))["main"].fills
    assert [item.field for item in fills.values()] == ["711", "C_DATE", "Сумма 1С"]


@pytest.mark.parametrize(
    ("settings", "filling", "words"),
    [
        (BITRIX24, "invoice_sum: {field: OPPORTUNITY}", "invoice_sum.field: «OPPORTUNITY» — не своё поле сделки"),
        (BITRIX24, "invoice_sum: {field: UF_CRM_A, owner: 1c}", "invoice_sum.owner: можно: 'accounting'"),
        (BITRIX24, "invoice_total: {field: UF_CRM_A}", "invoice_total"),
        (BITRIX24, "invoice_sum: {}", "invoice_sum.field"),
        (
            BITRIX24,
            "invoice_sum: {field: UF_CRM_A}\ninvoice_number: {field: uf_crm_a}",
            "invoice_sum: поле «UF_CRM_A» уже занято под invoice_number, нужно другое",
        ),
        (AMOCRM, "invoice_sum: {field: ''}", "invoice_sum.field"),
        (BASE, "invoice_sum: {field: UF_CRM_A}", "fill_from_accounting"),
    ],
)
def test_a_mistake_is_named_with_its_field(settings: str, filling: str, words: str) -> None:
    assert words in fault(settings, filling)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (BITRIX24 + "invoices: {source: deal_fields, number_field: UF_CRM_N}\n", "UF_CRM_N"),
        (AMOCRM + "invoices: {source: deal_fields, number_field: Номер счёта}\n", "номер счёта"),
    ],
)
def test_a_field_that_invoices_are_read_from_is_not_filled(settings: str, field: str) -> None:
    said = fault(settings, f"invoice_number: {{field: {field}}}")
    assert "fill_from_accounting.invoice_number: из поля" in said
    assert "хаб читает счета (invoices.number_field)" in said
