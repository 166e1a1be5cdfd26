"""Filters of card lists: ids, ranges, stages in pairs, custom fields, full text."""

from collections.abc import Callable, Iterable, Mapping

from connectors.amocrm.sandbox.account import Account
from connectors.amocrm.sandbox.cards import Card, Kind, number
from connectors.amocrm.sandbox.pipelines import LOST, WON
from connectors.amocrm.sandbox.values import Stored, searchable
from connectors.sandbox_kit.jsontypes import Json, as_int, as_list, as_map, as_text

Test = Callable[[Card], bool]
_TIMES = ("created_at", "updated_at", "closed_at", "closest_task_at")
_LISTS = ("pipeline_id", "created_by", "updated_by", "responsible_user_id")


def many(value: Json) -> list[str]:
    """The texts of a list however it was written: brackets, commas, one lone value."""
    return [part.strip() for item in as_list(value) for part in as_text(item).split(",") if part.strip()]


def ids_of(value: Json) -> set[int]:
    """The whole numbers of a list."""
    return {found for text in many(value) if (found := as_int(text)) is not None}


def candidates(account: Account, kind: Kind, query: Mapping[str, Json]) -> list[Card]:
    """The cards worth looking at: those of `filter[id]` where it counts, else all of the kind."""
    table, raw = account.table(kind), as_map(query.get("filter"))
    if "id" not in raw or not account.api_filter_enabled:
        return list(table)
    return [table.rows[card_id] for card_id in ids_of(raw["id"]) if card_id in table.rows]


def matching(account: Account, kind: Kind, cards: Iterable[Card], query: Mapping[str, Json]) -> list[Card]:
    """The cards a list shows: the filters all hold, unless the account's filters are off, and `query` is found."""
    tests: list[Test] = []
    if account.api_filter_enabled:
        tests += _filter_tests(account, kind, as_map(query.get("filter")))
    text = as_text(query.get("query")).strip().lower()
    if text:
        tests.append(lambda card: text in _text_of(card))
    return [card for card in cards if all(test(card) for test in tests)]


def _filter_tests(account: Account, kind: Kind, raw: Mapping[str, Json]) -> list[Test]:
    tests: list[Test] = []
    for name, value in raw.items():
        test = _filter_test(account, kind, name, value)
        if test is not None:
            tests.append(test)
    lag = account.settings.list_lag_s
    if tests and lag:
        seen_until = account.clock.timestamp() - lag
        tests.append(lambda card: card.updated_at <= seen_until)
    return tests


def _filter_test(account: Account, kind: Kind, name: str, value: Json) -> Test | None:
    if name == "id":
        wanted = ids_of(value)
        return lambda card: card.id in wanted
    if name == "name":
        names = set(many(value)) | {as_text(item) for item in as_list(value)}
        return lambda card: card.name in names
    if name in _TIMES:
        return _time_test(account, name, value)
    if name in _LISTS:
        numbers = ids_of(value)
        return lambda card: card.columns.get(name) in numbers
    if name == "price" and kind is Kind.LEAD:
        return _range_test(lambda card: number(card.columns["price"]), value)
    if name == "statuses" and kind is Kind.LEAD:
        return _stages_test(value)
    if name == "custom_fields_values":
        return _fields_test(as_map(value))
    return None


def _time_test(account: Account, name: str, value: Json) -> Test:
    if not isinstance(value, Mapping) and account.settings.bare_time_filter == "empty":
        return lambda _card: False
    return _range_test(lambda card: number(card.columns.get(name)), value)


def _range_test(read: Callable[[Card], int], value: Json) -> Test:
    return lambda card: range_test(read(card), value)


def range_test(held: int, value: Json) -> bool:
    """True when a number lies between `from` and `to`, both included, or is one of a list."""
    if not isinstance(value, Mapping) or not {"from", "to"} & set(value):
        return held in ids_of(value)
    low, high = as_int(value.get("from")), as_int(value.get("to"))
    return (low is None or held >= low) and (high is None or held <= high)


def _stages_test(value: Json) -> Test | None:
    """Pairs of pipeline and stage; a list of bare ids does not work and is passed over."""
    pairs = [as_map(item) for item in as_list(value) if isinstance(item, Mapping)]
    wanted = {(as_int(pair.get("pipeline_id")), as_int(pair.get("status_id"))) for pair in pairs}
    if not wanted:
        return None

    def test(card: Card) -> bool:
        pipeline, status = card.columns["pipeline_id"], card.columns["status_id"]
        return (pipeline, status) in wanted or (status in (WON, LOST) and (None, status) in wanted)

    return test


def _fields_test(raw: Mapping[str, Json]) -> Test:
    wanted = {field_id: value for name, value in raw.items() if (field_id := as_int(name)) is not None}
    return lambda card: all(_field_fits(card.values.get(field_id, []), value) for field_id, value in wanted.items())


def _field_fits(stored: Stored, value: Json) -> bool:
    if isinstance(value, Mapping) and {"from", "to"} & set(value):
        low, high = as_int(value.get("from")), as_int(value.get("to"))
        held = [found for item in stored if (found := _whole(item.get("value"))) is not None]
        return any((low is None or one >= low) and (high is None or one <= high) for one in held)
    texts = set(many(value))
    return any(as_text(item.get("value")) in texts or as_text(item.get("enum_id")) in texts for item in stored)


def _whole(value: Json) -> int | None:
    return as_int(as_text(value).split(".")[0])


def _text_of(card: Card) -> str:
    return " ".join([card.name.lower(), str(card.id), *(searchable(stored) for stored in card.values.values())])
