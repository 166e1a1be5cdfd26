"""The rule file of a connection: what follows a payment, pipeline by pipeline."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hub.domain.rules import PLACEHOLDERS, Action, PaidEvent, PipelineRules, RuleSet, TaskRule, unknown_placeholders
from mappings.faults import Fault, MappingError, in_file_order, unknown_name
from mappings.validation import validate
from mappings.yaml_reader import Document, Path_, read_file, read_text

_BRACES: Final = re.compile(r"\{([^{}]*)\}")


def _only_known_placeholders(text: str) -> str:
    for name in unknown_placeholders(text):
        raise ValueError(f"подстановки {{{name}}} нет: {unknown_name(name, list(PLACEHOLDERS))}")
    for inside in _BRACES.findall(text):
        if inside not in PLACEHOLDERS:
            raise ValueError(f"подстановка {{{inside}}} написана неверно: нужно имя в скобках без пробелов")
    return text


def _not_empty_block(value: object) -> object:
    if value is None:
        raise ValueError("пусто: впишите stage, comment или task либо закомментируйте и эту строку")
    return value


Template = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_only_known_placeholders)]
ShortTemplate = Annotated[str, Field(min_length=1, max_length=250), AfterValidator(_only_known_placeholders)]


class _FileModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TaskEntry(_FileModel):
    """A task to set; `due_days` counts days from the day it is set."""

    title: ShortTemplate
    text: Annotated[str, Field(max_length=4000), AfterValidator(_only_known_placeholders)] = ""
    due_days: Annotated[int, Field(ge=0, le=365)] = 1


class ActionEntry(_FileModel):
    """What to do after an event."""

    stage: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    comment: Template | None = None
    task: TaskEntry | None = None

    @model_validator(mode="after")
    def _does_something(self) -> ActionEntry:
        if self.stage is None and self.comment is None and self.task is None:
            raise ValueError("ничего не делает: впишите stage, comment или task либо уберите это событие")
        return self

    def to_domain(self) -> Action:
        """The domain's action."""
        task = TaskRule(self.task.title, self.task.text, self.task.due_days) if self.task else None
        return Action(self.stage, self.comment, task)


Event = Annotated[ActionEntry | None, BeforeValidator(_not_empty_block)]


class PipelineEntry(_FileModel):
    """Rules of one pipeline; `name` is for the reader and is compared with the CRM."""

    name: str | None = None
    deal_partly_paid: Event = None
    deal_paid: Event = None
    invoice_paid: Event = None

    def to_domain(self, pipeline_id: str) -> PipelineRules:
        """The domain's rules."""
        entries = {event: getattr(self, event.value) for event in PaidEvent}
        actions = {event: entry.to_domain() for event, entry in entries.items() if entry is not None}
        return PipelineRules(pipeline_id, actions)


class RulesDocument(_FileModel):
    """The whole rule file."""

    mark_invoices_paid: bool = True
    pipelines: Annotated[dict[str, PipelineEntry], Field(max_length=1000)] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """Rules with the places they were written at, so that a later check against the CRM can name lines.

    Attributes:
        names: pipeline names as the file has them, by pipeline id.
    """

    rules: RuleSet
    document: Document = field(default_factory=lambda: Document(""))
    names: Mapping[str, str] = field(default_factory=dict)

    def fault(self, path: Path_, message: str) -> Fault:
        """A fault at a path of the file."""
        return self.document.fault(path, message)


def read_rules(path: Path) -> RuleFile:
    """Load a rule file and keep the lines.

    Raises:
        MappingError: with every fault of the file.
    """
    return _build(read_file(path))


def parse_rules(text: str, file: str = "rules.yaml") -> RuleFile:
    """The same from text; `file` is the name put into faults."""
    return _build(read_text(text, file))


def load_rules(path: Path) -> RuleSet:
    """The rules of a file.

    Raises:
        MappingError: with every fault of the file.
    """
    return read_rules(path).rules


def _build(document: Document) -> RuleFile:
    has_tree = document.value is not None or not document.faults
    entry = validate(document, RulesDocument) if has_tree else None
    if entry is None or document.faults:
        raise MappingError(in_file_order(document.faults))
    pipelines = {key: value.to_domain(key) for key, value in entry.pipelines.items()}
    names = {key: value.name for key, value in entry.pipelines.items() if value.name is not None}
    return RuleFile(RuleSet(pipelines, entry.mark_invoices_paid), document, names)
