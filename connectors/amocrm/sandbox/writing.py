"""Writes of one card and of many: every item checked first, then applied, refused items named by request_id."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from connectors.amocrm.sandbox.context import BATCH, Context
from connectors.amocrm.sandbox.errors import FieldError, bad_request, over_limit, validation
from connectors.sandbox_kit.jsontypes import Json, as_map, as_text

ReadT = TypeVar("ReadT")
Item = Mapping[str, Json]


def body_items(ctx: Context, most: int = BATCH) -> list[Item]:
    """The array of a write. Raises ApiError: 400 for no array or an empty one, 422 for too many items."""
    if not ctx.body:
        raise bad_request("Request data can not be empty")
    if not isinstance(ctx.body, Sequence) or isinstance(ctx.body, str):
        raise bad_request("Request data must be an array")
    if len(ctx.body) > most:
        raise over_limit(most)
    return [as_map(item) for item in ctx.body]


def request_id(item: Item, place: int) -> str:
    """The item's own request_id, else its number."""
    return as_text(item.get("request_id")) or str(place)


def checked(
    ctx: Context, items: Sequence[Item], read: Callable[[Item], ReadT], apply: Callable[[ReadT, str], Json]
) -> list[Json]:
    """Check all items, apply them, and return what each was answered with. Raises ApiError 400.

    With `batch_atomicity` partial the good items of a refused call are applied all the same.
    """
    refused: list[tuple[str, FieldError]] = []
    good: list[tuple[str, ReadT]] = []
    for place, item in enumerate(items):
        name = request_id(item, place)
        try:
            good.append((name, read(item)))
        except FieldError as error:
            refused.append((name, error))
    if refused and ctx.account.settings.batch_atomicity == "all_or_nothing":
        raise validation(refused)
    answers = [apply(made, name) for name, made in good]
    if refused:
        raise validation(refused)
    return answers


def one(item: Item, read: Callable[[Item], ReadT]) -> ReadT:
    """Check a single item. Raises ApiError 400."""
    try:
        return read(item)
    except FieldError as error:
        raise validation([(request_id(item, 0), error)]) from error
