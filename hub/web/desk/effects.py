"""What was done, waits or would be done in the CRM, in the accountant's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from hub.domain.models import Pipeline
from hub.ports.records import EffectKind, EffectRow, EffectState
from hub.services.runtime import PIPELINES, Runtime, load_pipelines
from hub.web.locale import Words

Link = Callable[[str, str], str | None]


class Tone(StrEnum):
    """How a badge is meant; the page adds an icon and a word, never colour alone."""

    GOOD = "good"
    WAIT = "wait"
    STOP = "stop"
    PLAN = "plan"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Badge:
    """One word about a state, with an optional longer note."""

    tone: Tone
    word: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class EffectView:
    """An effect as the page shows it.

    Attributes:
        at: when it was settled, else when it was planned.
        link: the deal's card in the CRM.
        parked: a person may send it again.
        about_deal: it changes a deal, not an invoice.
    """

    id: int
    payment_id: str
    title: str
    details: str
    badge: Badge
    at: datetime
    link: str | None
    parked: bool
    about_deal: bool


Stages = Mapping[str, Sequence[Pipeline]]

_TITLES: Final = {
    EffectKind.COMMENT: "Комментарий в сделке № {deal}",
    EffectKind.TASK: "Задача по сделке № {deal}",
    EffectKind.MARK_PAID: "Отметка «оплачен» на счёте {number}",
    EffectKind.UNMARK_PAID: "Снять отметку «оплачен» со счёта {number}",
    EffectKind.LINK_PAYMENT: "Отнести поступление в учёте к счёту {number}",
    EffectKind.FILL_FIELDS: "Поля сделки № {deal} по счетам из учёта",
}
_OF_INVOICES: Final = (EffectKind.MARK_PAID, EffectKind.UNMARK_PAID, EffectKind.LINK_PAYMENT)
_DONE_WORDS: Final = {
    "there": "уже было так",
    "already_there": "уже было так",
    "ahead": "сделка уже дальше",
}


def read_stages(rt: Runtime, connections: Iterable[str]) -> Stages:
    """Pipelines of the connections as last read, to name stages without a call."""
    with rt.store.read() as uow:
        return {name: load_pipelines(uow.cursors.get(name, PIPELINES)) for name in connections}


def effect_view(effect: EffectRow, stages: Stages, link: Link, say: Words) -> EffectView:
    """One effect for a page."""
    deal = effect.payload.get("deal")
    return EffectView(
        id=effect.id,
        payment_id=effect.payment_id,
        title=_title(effect, stages.get(effect.connection, ()), say),
        details=_details(effect.payload),
        badge=effect_badge(effect, say),
        at=effect.settled_at or effect.created_at,
        link=link(effect.connection, str(deal)) if deal else None,
        parked=effect.state is EffectState.PARKED,
        about_deal=effect.kind not in _OF_INVOICES,
    )


def _details(payload: Mapping[str, Any]) -> str:
    return " — ".join(str(payload[name]) for name in ("title", "text") if payload.get(name))


def _title(effect: EffectRow, pipelines: Sequence[Pipeline], say: Words) -> str:
    payload = effect.payload
    deal = payload.get("deal")
    match effect.kind:
        case EffectKind.MOVE_DEAL:
            result = effect.result or {}
            seen = [payload["pipeline"], payload.get("seen_stage")]
            came, went = result.get("from") or seen, [payload["pipeline"], payload["stage"]]
            path = f"«{_stage(pipelines, came)}» → «{_stage(pipelines, went)}»"
            return say("Сделка № {deal}: {path}", deal=deal, path=path)
        case EffectKind.STEP_BACK:
            path = f"«{_stage(pipelines, payload['expected'])}» → «{_stage(pipelines, payload['target'])}»"
            return say("Сделка № {deal} назад: {path}", deal=deal, path=path)
        case kind:
            number = f"№ {payload['number']}" if payload.get("number") else payload.get("invoice", "")
            return say(_TITLES[kind], deal=deal, number=number)


def _stage(pipelines: Sequence[Pipeline], position: Sequence[str | None]) -> str:
    pipeline_id, stage_id = position[0], position[1]
    pipeline = next((item for item in pipelines if item.id == pipeline_id), None)
    stage = pipeline.stage(stage_id) if pipeline is not None and stage_id is not None else None
    return stage.name if stage is not None else stage_id or "…"


def effect_badge(effect: EffectRow, say: Words) -> Badge:
    """Where an effect stands."""
    note = effect.reason or ""
    match effect.state:
        case EffectState.PLANNED:
            return Badge(Tone.PLAN, say("сделал бы"), note)
        case EffectState.QUEUED:
            return Badge(Tone.WAIT, say("ждёт очереди"), note)
        case EffectState.INTENT:
            return Badge(Tone.WAIT, say("отправлено, проверяем"), note)
        case EffectState.PARKED:
            return Badge(Tone.STOP, say("остановлено"), note)
        case EffectState.CANCELLED:
            return Badge(Tone.CALM, say("отменено"), note)
        case EffectState.DONE:
            outcome = str((effect.result or {}).get("outcome", ""))
            word = _DONE_WORDS.get(outcome, "сделано")
            return Badge(Tone.CALM if outcome in _DONE_WORDS else Tone.GOOD, say(word), note)


def outcome_badge(effects: Iterable[EffectRow], say: Words) -> Badge | None:
    """What became of a payment in the CRM, in one badge: what needs a person comes first."""
    rows = [row for row in effects if row.state is not EffectState.CANCELLED]
    states = {row.state for row in rows}
    if EffectState.PARKED in states:
        reason = next((row.reason for row in rows if row.state is EffectState.PARKED and row.reason), "")
        return Badge(Tone.STOP, say("остановлено"), reason)
    if states & {EffectState.QUEUED, EffectState.INTENT}:
        return Badge(Tone.WAIT, say("ждёт отправки"))
    if EffectState.PLANNED in states:
        return Badge(Tone.PLAN, say("сделал бы"), say("наблюдение: в CRM ничего не записано"))
    if not rows:
        return None
    return _settled_badge(rows, say)


def _settled_badge(rows: Sequence[EffectRow], say: Words) -> Badge:
    last = max((row for row in rows if row.kind in _MOVES), key=lambda row: row.id, default=None)
    if last is None:
        return Badge(Tone.GOOD, say("записано в CRM"))
    outcome = str((last.result or {}).get("outcome", ""))
    if outcome != "moved":
        return Badge(Tone.CALM, say(_DONE_WORDS.get(outcome, "сделано")), last.reason or "")
    if last.kind is EffectKind.STEP_BACK:
        return Badge(Tone.CALM, say("сделка возвращена"))
    return Badge(Tone.GOOD, say("сделка перенесена"), last.reason or "")


_MOVES: Final = (EffectKind.MOVE_DEAL, EffectKind.STEP_BACK)
