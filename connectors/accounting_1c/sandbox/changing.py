"""Calls that write: create, change, delete, post, unpost, and the messages of the exchange plan."""

import re

from connectors.accounting_1c.sandbox.access import may
from connectors.accounting_1c.sandbox.addresses import arguments, read_key
from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.bodies import read_body
from connectors.accounting_1c.sandbox.calls import Call
from connectors.accounting_1c.sandbox.errors import (
    ODataError,
    ServerPage,
    bad_value,
    method_not_allowed,
    missing_argument,
    no_load_mode,
    row_created_directly,
)
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.options import Selection
from connectors.accounting_1c.sandbox.reading import existing
from connectors.accounting_1c.sandbox.replies import Replies
from connectors.accounting_1c.sandbox.seed import User
from connectors.accounting_1c.sandbox.values import Row, as_guid
from connectors.accounting_1c.sandbox.writing import Writer
from connectors.sandbox_kit.replies import Reply
from connectors.sandbox_kit.write_log import Source

_LOAD_MODE = "1c_odata-dataloadmode"
_NODE = re.compile(r"ExchangePlan_(\w+)\(guid'([^']*)'\)'?$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def create(base: Base, user: User, call: Call, replies: Replies, source: Source) -> Reply:
    """A new object or record."""
    table = _table(call)
    may(base, user, "write", table)
    if table.kind == "part":
        raise row_created_directly()
    body = read_body(table, call.incoming.body, call.incoming.headers.get("content-type", ""))
    row = _writer(base, call, source).create(table, body)
    return replies.single(table, row, Selection(), created=True)


def change(base: Base, user: User, call: Call, replies: Replies, source: Source) -> Reply:
    """PATCH and PUT."""
    table = _table(call)
    row = existing(base, user, call, "write")
    if table.kind == "part":
        raise method_not_allowed(call.incoming.http)
    _unchanged(base, call, row)
    body = read_body(table, call.incoming.body, call.incoming.headers.get("content-type", ""))
    key = read_key(table, call.key or "")
    _writer(base, call, source).update(table, key, body, whole=call.verb == "put")
    changed = base.store.find(table, key)
    return replies.single(table, changed or row, Selection())


def delete(base: Base, user: User, call: Call, replies: Replies, source: Source) -> Reply:
    """DELETE: gone at once."""
    table = _table(call)
    _unchanged(base, call, existing(base, user, call, "write"))
    _writer(base, call, source).delete(table, read_key(table, call.key or ""))
    return replies.nothing(204)


def post(base: Base, user: User, call: Call, replies: Replies, source: Source) -> Reply:
    """Post and Unpost."""
    table = _table(call)
    existing(base, user, call, "post")
    mode = call.incoming.query.get("PostingModeOperational") or arguments(call.arguments).get("PostingModeOperational")
    if mode not in (None, "true", "false"):
        raise bad_value("PostingModeOperational")
    key, writer = read_key(table, call.key or ""), _writer(base, call, source)
    writer.post(table, key) if call.verb == "post" else writer.unpost(table, key)
    if base.settings.post_reply == "empty":
        return replies.nothing(200)
    row = base.store.find(table, key)
    assert row is not None
    return replies.single(table, row, Selection())


def select_changes(base: Base, user: User, call: Call, replies: Replies, source: Source) -> Reply:
    """A message of the exchange plan. $top, $filter and $select mean nothing here."""
    del source
    node, message = _point(base, user, call)
    changed = [each for each in base.exchange.select(node, message) if base.published(each.table.name)]
    for each in changed:
        if each.row is not None and any(_CONTROL.search(str(value)) for value in each.row.values.values()):
            raise ODataError(1, "Недопустимый символ в тексте: ошибка записи XML", status=400)
    return replies.changes(changed)


def notify_received(base: Base, user: User, call: Call, replies: Replies, source: Source) -> Reply:
    """The node has the message."""
    del source
    node, message = _point(base, user, call)
    base.exchange.confirm(node, message)
    return replies.nothing(200)


def _point(base: Base, user: User, call: Call) -> tuple[str, int]:
    query = call.incoming.query
    for name in ("DataExchangePoint", "MessageNo"):
        if name not in query:
            raise missing_argument(name)
    found = _NODE.search(query["DataExchangePoint"])
    node = as_guid(found.group(2)) if found else None
    plan = base.exchange.table
    if node is None or found is None or plan is None or plan.name != f"ExchangePlan_{found.group(1)}":
        raise bad_value("DataExchangePoint")
    if not query["MessageNo"].isdecimal():
        raise bad_value("MessageNo")
    may(base, user, "read", plan)
    return node, int(query["MessageNo"])


def _unchanged(base: Base, call: Call, row: Row) -> None:
    expected = call.incoming.headers.get("if-match")
    if base.settings.if_match == "ignore" or expected in (None, "*"):
        return
    if str(expected).strip('"') != row.text("DataVersion"):
        raise ServerPage(412, "Precondition Failed")


def _writer(base: Base, call: Call, source: Source) -> Writer:
    load = call.incoming.headers.get(_LOAD_MODE) == "true"
    if load and base.settings.data_load_mode == "refused":
        raise no_load_mode(_table(call).name)
    return Writer(base, source, call.verb, load=load)


def _table(call: Call) -> Table:
    assert call.table is not None
    return call.table
