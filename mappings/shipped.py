"""What ships with the package: default texts of rules and the words by which stage names speak of money."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict

from hub.domain.rules import PaidEvent
from mappings.faults import MappingError
from mappings.rules_file import ActionEntry
from mappings.validation import Model, validate
from mappings.yaml_reader import read_text

_WORD: Final = re.compile(r"\w+")
_CYRILLIC: Final = re.compile("[а-я]")
_TWINS: Final = str.maketrans("aceopxyk", "асеорхук")


class DefaultRules(BaseModel):
    """Texts that a fresh rule file starts with."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    mark_invoices_paid: bool
    events: Mapping[PaidEvent, ActionEntry]


class StageWords(BaseModel):
    """Phrases by meaning; a phrase matches words that begin with its parts, one after another."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    waiting: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    paid: tuple[str, ...] = ()
    started: tuple[str, ...] = ()

    def __add__(self, other: StageWords) -> StageWords:
        names = type(self).model_fields
        return StageWords(**{name: (*getattr(self, name), *getattr(other, name)) for name in names})


class RequisiteNames(BaseModel):
    """Names of the fields of a company that hold requisites."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    inn: tuple[str, ...] = ()
    kpp: tuple[str, ...] = ()
    inn_kpp: tuple[str, ...] = ()
    account: tuple[str, ...] = ()


class DealNames(BaseModel):
    """Names of the fields of a deal that hold its invoice."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()


class CardFields(BaseModel):
    """By which names people know the fields of cards in one system."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    requisites: RequisiteNames = RequisiteNames()
    deal: DealNames = DealNames()


def _load(name: str, model: type[Model]) -> Model:
    document = read_text(files("mappings").joinpath(name).read_text("utf-8"), f"mappings/{name}")
    value = validate(document, model)
    if value is None or document.faults:
        raise MappingError(document.faults)
    return value


@cache
def default_rules() -> DefaultRules:
    """The shipped texts."""
    return _load("default_rules.yaml", DefaultRules)


@cache
def stage_words(system: str = "") -> StageWords:
    """The shipped words, with those of one system added where it ships some."""
    words = _load("stage_words.yaml", StageWords)
    extra = f"{system}/stage_words.yaml"
    if system.isidentifier() and files("mappings").joinpath(extra).is_file():
        words += _load(extra, StageWords)
    return words


@cache
def card_fields(system: str) -> CardFields:
    """The shipped names of card fields of one system; empty where it ships none."""
    name = f"{system}/fields.yaml"
    is_there = system.isidentifier() and files("mappings").joinpath(name).is_file()
    return _load(name, CardFields) if is_there else CardFields()


def says(name: str, phrases: tuple[str, ...]) -> bool:
    """Whether a stage's name holds one of the phrases."""
    words = _words(name)
    return any(_holds(words, _words(phrase)) for phrase in phrases)


def _words(text: str) -> list[str]:
    return [_one_alphabet(word) for word in _WORD.findall(text.casefold().replace("ё", "е"))]


def _one_alphabet(word: str) -> str:
    """Latin twins inside a Russian word become Russian: Bitrix24's own «Cчёт на предоплату» begins with a Latin C."""
    return word.translate(_TWINS) if _CYRILLIC.search(word) else word


def _holds(words: list[str], parts: list[str]) -> bool:
    starts = range(len(words) - len(parts) + 1)
    return any(all(word.startswith(part) for word, part in zip(words[at:], parts, strict=False)) for at in starts)
