"""The fault script of the base: the common actions plus what happens in the base meanwhile."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from connectors.accounting_1c.sandbox.seed import Guid
from connectors.sandbox_kit.documents import DocumentModel
from connectors.sandbox_kit.faults import TRANSPORT_KINDS, FaultEngine, Refuse, RuleBase, TransportAction

Fields = Annotated[dict[str, Any], Field(description="Properties and tabular parts as in the body of a POST.")]


class Create(DocumentModel):
    """Somebody writes a new object or record; `post` posts it as well."""

    act: Literal["create"]
    entity: str
    fields: Fields
    post: bool = False


class Edit(DocumentModel):
    """Somebody edits an object."""

    act: Literal["edit"]
    entity: str
    key: Guid
    fields: Fields


class Carry(DocumentModel):
    """Somebody posts or unposts a document, marks it for deletion, takes the mark away, or deletes an object."""

    act: Literal["post", "unpost", "mark", "unmark", "delete"]
    entity: str
    key: Guid


BaseAct = Annotated[Create | Edit | Carry, Field(discriminator="act")]


class Act(DocumentModel):
    """Something happens in the base just before or just after the matching call runs."""

    kind: Literal["act"]
    timing: Literal["before", "after"] = "before"
    do: BaseAct


class OneCRefuse(Refuse):
    """Answer with 1C's error body and any status; `code` is its number; `applied` runs the call first."""

    status: Annotated[int, Field(ge=100, le=599)] = 500
    code: Annotated[str, Field(pattern=r"^-?\d+$")] = "-1"
    description: str = "Неизвестная ошибка"


class BrokenJson(DocumentModel):
    """Run the call and send its body cut in the middle with the right length, or another text in its place."""

    kind: Literal["broken_json"]
    text: str | None = None


class ServerException(DocumentModel):
    """Answer as the application server does when 1C itself falls: `{"exception": {"descr", "inner"}}`."""

    kind: Literal["exception"]
    status: Annotated[int, Field(ge=400, le=599)] = 500
    description: str = "Соединение с сервером баз данных разорвано администратором"
    applied: bool = False


Action = Annotated[
    TransportAction | OneCRefuse | Act | BrokenJson | ServerException,
    Field(discriminator="kind"),
]


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
CALL_KINDS = frozenset({"refuse", "act", "exception"})
WIRE_KINDS = TRANSPORT_KINDS | {"broken_json"}
