"""The fault script of this account: the common actions plus what people do meanwhile."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue

from connectors.sandbox_kit.documents import DocumentModel
from connectors.sandbox_kit.faults import FaultEngine, HookAction, RuleBase, TransportAction

CardKind = Literal["lead", "contact", "company", "element"]


class HumanAct(DocumentModel):
    """What a person does in the account's interface.

    `move` needs `status_id` (and `pipeline_id` for 142 and 143 of another pipeline); `lose` closes as 143;
    `edit` needs `fields`, written as the body of a PATCH; `add` likewise; `delete` and `restore` take the card;
    `merge` lets the card `id` go up in `to_id` of the same kind: its links move over and it is deleted;
    `link` and `unlink` tie the lead `id` to `to_id`; `rename_stage`, `remove_stage` and `sort_stage` need
    `pipeline_id` and `status_id`; `complete_task` closes the task `id`; `deactivate_user` the user `id`.
    An element is a record of the invoices list unless `catalog_id` says otherwise.
    """

    act: Literal[
        "move",
        "lose",
        "edit",
        "add",
        "delete",
        "restore",
        "merge",
        "link",
        "unlink",
        "rename_stage",
        "remove_stage",
        "sort_stage",
        "complete_task",
        "deactivate_user",
    ]
    entity: CardKind = "lead"
    id: Annotated[int | None, Field(description="Card; null takes the record of the matching call.")] = None
    user_id: int | None = None
    status_id: int | None = None
    pipeline_id: int | None = None
    loss_reason_id: int | None = None
    catalog_id: int | None = None
    to: CardKind = "element"
    to_id: int | None = None
    name: str | None = None
    sort: int | None = None
    fields: dict[str, JsonValue] = Field(default_factory=dict)


class Human(DocumentModel):
    """A person acts just before or just after the matching call runs."""

    kind: Literal["human"]
    timing: Literal["before", "after"] = "before"
    do: HumanAct


class Refuse(DocumentModel):
    """Answer with a problem+json body and any status; `applied` runs the call first."""

    kind: Literal["refuse"]
    status: Annotated[int, Field(ge=100, le=599)] = 500
    title: str = "ErrInternalServer"
    detail: str = "Internal server error"
    extra: dict[str, JsonValue] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    applied: bool = False


Action = Annotated[TransportAction | Refuse | HookAction | Human, Field(discriminator="kind")]


class FaultRule(RuleBase):
    """One rule: on which call, how often, what goes wrong.

    A call is named by its method and path, as `PATCH /api/v4/leads`; a hook by its subscription, as `status_lead`.
    """

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
CALL_KINDS = frozenset({"refuse", "human"})
