"""Fields of deals that accounting fills: a CRM that can read and write them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from hub.domain.filling import FieldValue
from hub.ports.crm import MoveOutcome


@dataclass(frozen=True, slots=True)
class FillResult:
    """Outcome of a write to fields of a deal.

    Attributes:
        stands: what the fields hold now, as `FieldFiller.fields` spells it; empty where nobody knows.
        reason: for a person, Russian; filled for `refused`, `changed_by_other` and `unknown`.
    """

    outcome: MoveOutcome
    stands: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


@runtime_checkable
class FieldFiller(Protocol):
    """A CRM whose deals have fields of the company's own.

    Fields are named as the settings name them. Their values are text in one spelling for each type, so that two of them
    are equal exactly when the field holds the same; an empty field is "".
    """

    def fields(self, deal_id: str, names: Collection[str]) -> Mapping[str, str]:
        """What the fields hold now.

        Raises:
            Gone: no such deal.
            Refused: there is no such field, or it is not to be written to.
        """

    def field_text(self, name: str, value: FieldValue) -> str:
        """What `fields` would say once the field holds this value.

        Raises:
            Refused: no such field, or it cannot hold the value.
        """

    def fill_fields(
        self, deal_id: str, expected: Mapping[str, str], values: Mapping[str, FieldValue], operation_key: str
    ) -> FillResult:
        """Write the values while the fields hold what is expected; fields that hold them already are not sent.

        `changed_by_other`: somebody else's value stands there. A lost or unreadable answer is `unknown`, never an
        exception and never a silent repeat.
        """
