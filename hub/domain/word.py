"""Enumerations whose members are words of ours."""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """A closed set of words.

    Members hash as the texts that they are equal to: the hash of an Enum is computed anew, in Python, each time that a
    member is looked for in a set or a dict, and the matcher does that hundreds of times a payment.
    """

    __hash__ = str.__hash__
