"""The fault script of this portal: the common actions plus what people do meanwhile."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue

from connectors.sandbox_kit.documents import DocumentModel
from connectors.sandbox_kit.faults import FaultEngine, HookAction, Refuse, RuleBase, TransportAction


class HumanAct(DocumentModel):
    """What a person does in the portal's interface.

    `move` needs `stage_id` (and `category_id` for another pipeline); `lose` takes the first lost stage of the
    card's pipeline; `edit` needs `fields`; `delete` removes the card; `rename_stage` needs `stage_id` and
    `name`; `remove_stage` needs `stage_id`, and cards on it keep it, as in the vendor's portals; `sort_stage` needs
    `stage_id` and `sort`, its new place in the order.
    """

    act: Literal["move", "lose", "edit", "delete", "rename_stage", "remove_stage", "sort_stage"]
    entity_type_id: Literal[2, 3, 4, 31] = 2
    id: Annotated[int | None, Field(description="Card; null takes the card of the matching call.")] = None
    user_id: int = 1
    stage_id: str | None = None
    category_id: int | None = None
    name: str | None = None
    sort: int | None = None
    fields: dict[str, JsonValue] = Field(default_factory=dict)


class Human(DocumentModel):
    """A person acts just before or just after the matching call runs."""

    kind: Literal["human"]
    timing: Literal["before", "after"] = "before"
    do: HumanAct


Action = Annotated[TransportAction | Refuse | HookAction | Human, Field(discriminator="kind")]


class FaultRule(RuleBase):
    """One rule: on which call, how often, what goes wrong."""

    action: Action

    @property
    def action_kind(self) -> str:
        """The `kind` of the rule's action."""
        return self.action.kind


class FaultScript(DocumentModel):
    """The fault file: rules and the seed of their random draws."""

    version: Literal[1] = 1
    seed: int = 0
    rules: list[FaultRule] = Field(default_factory=list)


Faults: TypeAlias = FaultEngine[FaultRule]
COMMAND_KINDS = frozenset({"refuse", "human"})
