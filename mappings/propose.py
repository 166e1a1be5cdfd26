"""Proposes a rule file from the names of a CRM's stages; a person reads it before anything moves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import yaml

from hub.domain.models import Pipeline, Stage, StageKind
from hub.domain.rules import PLACEHOLDERS, PaidEvent
from mappings.rules_file import ActionEntry
from mappings.shipped import StageWords, default_rules, says, stage_words

_NOT_TEXT: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SPACES: Final = re.compile(r"\s+")
_KINDS: Final = {StageKind.OPEN: "", StageKind.WON: " (успех)", StageKind.LOST: " (проигрыш)"}
_TITLES: Final = {
    PaidEvent.DEAL_PARTLY_PAID: "пришла часть суммы сделки (аванс, первый платёж)",
    PaidEvent.DEAL_PAID: "сделка оплачена полностью, сколько бы счетов в ней ни было",
    PaidEvent.INVOICE_PAID: "оплачен счёт, а суммы сделки в CRM нет",
}


@dataclass(frozen=True, slots=True)
class StageChoice:
    """The stage proposed for an event and why; None leaves the stage for the person."""

    stage: Stage | None
    why: str


def choose_stages(pipeline: Pipeline, words: StageWords) -> dict[PaidEvent, StageChoice]:
    """Read the names of a pipeline's stages. Never a lost stage; the won one only when its name speaks of payment."""
    stages = sorted((stage for stage in pipeline.stages if stage.kind is not StageKind.LOST), key=lambda s: s.position)
    paid = _paid_stage(stages, words)
    partly = _partly_stage(stages, words, paid.stage)
    nothing = StageChoice(None, "стадия не меняется, остаётся комментарий")
    return {PaidEvent.DEAL_PARTLY_PAID: partly, PaidEvent.DEAL_PAID: paid, PaidEvent.INVOICE_PAID: nothing}


def _paid_stage(stages: Sequence[Stage], words: StageWords) -> StageChoice:
    waits = [stage for stage in stages if says(stage.name, words.waiting) and not says(stage.name, words.paid)]
    named = [s for s in stages if says(s.name, words.paid) and not _vetoed(s, words) and not _only_partly(s, words)]
    if named:
        return StageChoice(named[0], "по названию: деньги пришли")
    after = [s for s in stages if s.kind is StageKind.OPEN and not _before_money(s, words)]
    after = [stage for stage in after if not waits or stage.position > waits[0].position]
    started = [stage for stage in after if says(stage.name, words.started)]
    if started:
        return StageChoice(started[0], "по названию: после оплаты начинается работа")
    later = [stage for stage in after if waits and stage.position > waits[-1].position]
    if later:
        return StageChoice(later[0], "следующая стадия после ожидания оплаты")
    return StageChoice(None, "по названиям не понять: выберите сами")


def _partly_stage(stages: Sequence[Stage], words: StageWords, paid: Stage | None) -> StageChoice:
    for stage in stages:
        fits = says(stage.name, words.partly) and stage.kind is StageKind.OPEN and not _vetoed(stage, words)
        if fits and (paid is None or stage.position < paid.position):
            return StageChoice(stage, "по названию: пришла часть")
    return StageChoice(None, "стадии для аванса не видно: сделка остаётся на месте")


def _vetoed(stage: Stage, words: StageWords) -> bool:
    return says(stage.name, words.waiting)


def _only_partly(stage: Stage, words: StageWords) -> bool:
    full = tuple(phrase for phrase in words.paid if "100" in phrase)
    return says(stage.name, words.partly) and not says(stage.name, full)


def _before_money(stage: Stage, words: StageWords) -> bool:
    return _vetoed(stage, words) or says(stage.name, words.partly)


def propose(pipelines: Iterable[Pipeline], system: str = "") -> str:
    """A commented rule file for these pipelines; it loads without faults.

    Args:
        pipelines: as the CRM has them.
        system: connector name, for words that only this system uses.
    """
    words = stage_words(system)
    lines = list(_header())
    known = list(pipelines)
    lines.append("pipelines:" if known else "pipelines: {}")
    for pipeline in known:
        lines.extend(_pipeline_lines(pipeline, words))
    return "\n".join(lines) + "\n"


def _header() -> Iterator[str]:
    yield "# Что делать в CRM, когда пришли деньги. Стадии предложены по названиям: прочитайте и поправьте."
    yield "# Проверить файл: sverka check. Пока подключение наблюдает, по этим правилам ничего не двигается."
    yield "#"
    yield "# В текстах можно подставить:"
    yield from (f"#   {{{name}}} — {meaning}" for name, meaning in PLACEHOLDERS.items())
    yield ""
    yield "# Полностью закрытый счёт отмечать в CRM оплаченным."
    yield f"mark_invoices_paid: {str(default_rules().mark_invoices_paid).lower()}"
    yield ""


def _pipeline_lines(pipeline: Pipeline, words: StageWords) -> Iterator[str]:
    yield ""
    yield f"  {quoted(pipeline.id)}:"
    if name := one_line(pipeline.name):
        yield f"    name: {quoted(name)}"
    yield "    # Стадии этой воронки по порядку:"
    for stage in sorted(pipeline.stages, key=lambda item: item.position):
        yield f"    #   {one_line(stage.id)} — {one_line(stage.name)}{_KINDS[stage.kind]}"
    for event, choice in choose_stages(pipeline, words).items():
        yield from _event_lines(event, choice, default_rules().events[event])


def _event_lines(event: PaidEvent, choice: StageChoice, texts: ActionEntry) -> Iterator[str]:
    yield ""
    yield f"    # {_TITLES[event][0].upper()}{_TITLES[event][1:]}."
    yield f"    {event.value}:"
    if choice.stage is not None:
        yield f"      stage: {quoted(choice.stage.id)}  # «{one_line(choice.stage.name)}», {choice.why}"
    else:
        yield f"      # stage: …  ({choice.why})"
    if texts.comment is not None:
        yield f"      comment: {quoted(texts.comment)}"
    if texts.task is not None:
        yield "      # task:"
        yield f"      #   title: {quoted(texts.task.title)}"
        yield from ([f"      #   text: {quoted(texts.task.text)}"] if texts.task.text else [])
        yield f"      #   due_days: {texts.task.due_days}"


def quoted(text: str) -> str:
    """A YAML double-quoted scalar on one line."""
    dumped: str = yaml.safe_dump(one_line(text), default_style='"', allow_unicode=True, width=2**31)
    return dumped.strip()


def one_line(text: str) -> str:
    """Text that fits a comment: no line breaks, no control characters."""
    kept = "".join(" " if unicodedata.category(char) in _NOT_TEXT else char for char in text)
    return _SPACES.sub(" ", kept).strip()
