"""The fault script of the two banks: the common actions plus what happens on the accounts meanwhile."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field

from connectors.bank.sandbox.seed import Id, Kind, Operation, Party, Positive, TaxBlock
from connectors.sandbox_kit.documents import DocumentModel
from connectors.sandbox_kit.faults import TRANSPORT_KINDS, FaultEngine, HookAction, Refuse, RuleBase, TransportAction


class Add(DocumentModel):
    """A new operation appears; give `booked_at` in the past for a back-dated one."""

    act: Literal["add"]
    operation: Operation
    hooks: Annotated[bool, Field(description="Whether the bank tells its subscribers.")] = True


class Changes(DocumentModel):
    """Fields of an operation to be changed; what is not named stays. A counterparty or a tax block is given whole."""

    direction: Literal["in", "out"] | None = None
    amount: Positive | None = None
    booked_at: AwareDatetime | None = None
    status: Literal["booked", "pending", "hold"] | None = None
    kind: Kind | None = None
    category: str | None = None
    document_number: Annotated[str | None, Field(max_length=12)] = None
    document_date: date | None = None
    purpose: str | None = None
    counterparty: Party | None = None
    tax: TaxBlock | None = None
    bank_id: str | None = None
    payment_id: str | None = None
    hook_operation_id: str | None = None


class Correct(DocumentModel):
    """The bank corrects a row, its day with `booked_at` included. Balances follow."""

    act: Literal["correct"]
    id: Id
    fields: Changes
    hooks: bool = True


class Cancel(DocumentModel):
    """The operation never happened: it leaves statements and balances."""

    act: Literal["cancel"]
    id: Id


class Spoil(DocumentModel):
    """Statements lie about a row while balances keep the truth.

    They `remove` it, `double` it, `alter` its amount, or `turn` it: what came is shown as what left.
    """

    act: Literal["spoil"]
    id: Id
    how: Annotated[
        Literal["remove", "double", "alter", "turn"],
        Field(description="`turn` shows money that came as money that left."),
    ]
    amount: Annotated[Positive | None, Field(description="What `alter` shows; null shows one rouble more.")] = None
    other_id: Annotated[bool, Field(description="The doubled row comes with an id of its own.")] = False


class Mend(DocumentModel):
    """Statements tell the truth about the row again."""

    act: Literal["mend"]
    id: Id


BankAct = Annotated[Add | Correct | Cancel | Spoil | Mend, Field(discriminator="act")]


class Act(DocumentModel):
    """Something happens on an account just before or just after the matching call runs."""

    kind: Literal["act"]
    timing: Literal["before", "after"] = "before"
    do: BankAct


class BankRefuse(Refuse):
    """Answer with the bank's error body and any status; `applied` runs the call first."""

    status: Annotated[int, Field(ge=100, le=599)] = 500
    code: str = "INTERNAL_ERROR"
    description: str = "Что-то пошло не так"


class BrokenJson(DocumentModel):
    """Run the call and send its body cut in the middle with the right length, or another text in its place."""

    kind: Literal["broken_json"]
    text: str | None = None


class StatementEnds(DocumentModel):
    """For tochka.statements.create: the statement made by this call ends in Error, or never ends."""

    kind: Literal["statement"]
    ends: Literal["Error", "never"] = "Error"


class ForgeHook(DocumentModel):
    """Send this webhook of Tochka wrongly signed, or any webhook with another amount than the statement's."""

    kind: Literal["forge_hook"]
    how: Literal["wrong_key", "hs256", "none", "amount"] = "wrong_key"
    amount: Positive = Decimal("1.00")


Action = Annotated[
    TransportAction | BankRefuse | HookAction | Act | BrokenJson | StatementEnds | ForgeHook,
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
CALL_KINDS = frozenset({"refuse", "act"})
WIRE_KINDS = TRANSPORT_KINDS | {"broken_json"}
