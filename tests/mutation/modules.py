"""Which modules are mutated, each with the tests that have to notice."""

from __future__ import annotations

from typing import Final

MODULES: Final[dict[str, tuple[str, ...]]] = {
    "hub/domain/guard.py": ("tests/unit/domain/test_guard.py",),
    "hub/domain/allocation.py": ("tests/unit/domain/test_allocation.py",),
    "hub/domain/matching/table_regions.py": ("tests/unit/matching/test_table_laws.py",),
    "hub/services/move_deal.py": ("tests/services/test_move_deal.py",),
    "connectors/shared/outcomes.py": ("tests/unit/shared/test_shared_outcomes.py",),
    "connectors/bitrix24/mapper.py": ("tests/unit/bitrix24/test_b24_cards.py",),
    "connectors/bitrix24/sink.py": ("tests/unit/bitrix24/test_b24_sink.py",),
    "connectors/bitrix24/outcomes.py": ("tests/contract/bitrix24/test_b24_outcomes.py",),
    "connectors/bitrix24/envelope.py": ("tests/contract/bitrix24/test_b24_envelope.py",),
    "connectors/bitrix24/webhook.py": ("tests/contract/bitrix24/test_b24_hook_forms.py",),
    "connectors/bitrix24/door.py": (
        "tests/contract/bitrix24/test_b24_hook_forms.py",
        "tests/property/test_hook_admission.py",
    ),
    "connectors/amocrm/mapper.py": ("tests/unit/amocrm/test_amo_cards.py", "tests/unit/amocrm/test_amo_mapper.py"),
    "connectors/amocrm/outcomes.py": ("tests/unit/amocrm/test_amo_outcomes.py",),
    "connectors/amocrm/webhook.py": ("tests/unit/amocrm/test_amo_hook_forms.py",),
    "connectors/amocrm/sink.py": ("tests/unit/amocrm/test_amo_paid_day.py", "tests/unit/amocrm/test_amo_sink.py"),
    "connectors/bank/providers/tochka/mapper.py": (
        "tests/unit/bank/test_bank_api_words.py",
        "tests/unit/bank/test_bank_api_rows.py",
    ),
    "connectors/bank/providers/tochka/outcomes.py": ("tests/unit/bank/test_bank_api_outcomes.py",),
    "connectors/bank/providers/tochka/webhook.py": ("tests/unit/bank/test_bank_hook_forms.py",),
    "connectors/bank/providers/tbank/mapper.py": (
        "tests/unit/bank/test_bank_api_words.py",
        "tests/unit/bank/test_bank_api_rows.py",
    ),
    "connectors/bank/providers/tbank/outcomes.py": ("tests/unit/bank/test_bank_api_outcomes.py",),
    "connectors/bank/providers/tbank/webhook.py": ("tests/unit/bank/test_bank_hook_forms.py",),
    "connectors/accounting_1c/mapper.py": (
        "tests/unit/accounting_1c/test_1c_mapper.py",
        "tests/unit/accounting_1c/test_1c_reading.py",
    ),
    "connectors/accounting_1c/outcomes.py": ("tests/unit/accounting_1c/test_1c_outcomes.py",),
    "connectors/accounting_1c/sink.py": ("tests/unit/accounting_1c/test_1c_sink.py",),
    "connectors/accounting_1c/cash.py": ("tests/unit/accounting_1c/test_1c_cash.py",),
    "connectors/accounting_1c/mark.py": ("tests/unit/accounting_1c/test_1c_mark.py",),
    "connectors/accounting_1c/breakdown.py": ("tests/unit/accounting_1c/test_1c_linking.py",),
    "connectors/shared/standard_webhooks.py": ("tests/unit/shared/test_standard_webhooks.py",),
    "hub/web/intake/asgi.py": ("tests/unit/web/test_intake_door.py",),
    "hub/web/intake/reading.py": ("tests/unit/web/test_intake_door.py",),
    "hub/web/security/express.py": ("tests/unit/web/test_express.py",),
    "hub/web/intake/refusals.py": ("tests/unit/web/test_intake_door.py",),
}
#: Surviving mutants that a module may have, of all its mutants.
MOST_SURVIVORS: Final = 0.15
