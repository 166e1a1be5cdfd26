"""What every connection to an outside system that holds invoices has."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from hub.config.section import Section
from hub.config.values import AnyPath, HookSecret, IsoDate


class Mode(StrEnum):
    """`observe`: reads, matches and shows what it would do. `act`: writes to the CRM too."""

    OBSERVE = "observe"
    ACT = "act"


class ConnectionSection(Section):
    """What every connection has.

    Attributes:
        hook_secret: unguessable part of the address that the CRM calls.
        pipelines: ids of the deal pipelines to watch; empty means all.
        mode: None leaves the choice to `sverka act` and `sverka observe`; a new connection observes.
        act_from: money booked before this date moves nothing.
    """

    hook_secret: HookSecret | None = None
    rules: AnyPath | None = None
    pipelines: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    poll_every_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] = 60.0
    moves_per_hour: Annotated[int, Field(ge=1, le=100_000)] = 100
    mode: Mode | None = None
    act_from: IsoDate | None = None

    @model_validator(mode="after")
    def _acting_names_a_date(self) -> Self:
        if self.mode is Mode.ACT and self.act_from is None:
            raise ValueError("для mode: act нужно act_from — дата, раньше которой деньги ничего не двигают")
        return self

    @property
    def acting_since(self) -> date | None:
        """The date from the file when the file switches acting on."""
        return self.act_from if self.mode is Mode.ACT else None
