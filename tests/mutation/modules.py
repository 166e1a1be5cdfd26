"""Which modules are mutated, each with the tests that have to notice."""

from __future__ import annotations

from typing import Final

MODULES: Final[dict[str, tuple[str, ...]]] = {
    "hub/domain/guard.py": ("tests/unit/domain/test_guard.py",),
    "hub/domain/allocation.py": ("tests/unit/domain/test_allocation.py",),
    "hub/services/move_deal.py": ("tests/services/test_move_deal.py",),
    "connectors/shared/outcomes.py": ("tests/unit/shared/test_shared_outcomes.py",),
    "connectors/bitrix24/outcomes.py": ("tests/contract/bitrix24/test_b24_outcomes.py",),
    "connectors/bitrix24/envelope.py": ("tests/contract/bitrix24/test_b24_envelope.py",),
    "connectors/bitrix24/webhook.py": ("tests/contract/bitrix24/test_b24_hook_forms.py",),
    "connectors/bitrix24/door.py": (
        "tests/contract/bitrix24/test_b24_hook_forms.py",
        "tests/property/test_hook_admission.py",
    ),
    "connectors/shared/standard_webhooks.py": ("tests/unit/shared/test_standard_webhooks.py",),
    "hub/web/intake/asgi.py": ("tests/unit/web/test_intake_door.py",),
    "hub/web/intake/reading.py": ("tests/unit/web/test_intake_door.py",),
    "hub/web/intake/refusals.py": ("tests/unit/web/test_intake_door.py",),
}
#: Surviving mutants that a module may have, of all its mutants.
MOST_SURVIVORS: Final = 0.15
