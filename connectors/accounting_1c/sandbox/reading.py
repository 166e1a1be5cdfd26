"""Calls that read: sets, entities, counts, properties, the two descriptions of the interface."""

from connectors.accounting_1c.sandbox.access import may, sees
from connectors.accounting_1c.sandbox.addresses import read_key
from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.calls import Call
from connectors.accounting_1c.sandbox.errors import (
    bad_format,
    bad_url,
    no_rights,
    no_such_instance,
    no_such_property,
    not_supported,
)
from connectors.accounting_1c.sandbox.listing import list_rows
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.options import Options, Selection, read_options
from connectors.accounting_1c.sandbox.render_json import JsonRenderer
from connectors.accounting_1c.sandbox.render_metadata import metadata
from connectors.accounting_1c.sandbox.replies import Replies
from connectors.accounting_1c.sandbox.seed import User
from connectors.accounting_1c.sandbox.selection import Selecting
from connectors.accounting_1c.sandbox.values import Row
from connectors.sandbox_kit.replies import Reply


def read_set(base: Base, user: User, call: Call, replies: Replies) -> Reply:
    """A set."""
    table = _table(call)
    may(base, user, "read", table)
    options = read_options(call.incoming.query)
    selection = selecting(base, table, options)
    return replies.page(list_rows(base, user, table, options), selection)


def read_count(base: Base, user: User, call: Call, replies: Replies) -> Reply:
    """How many rows fit."""
    table = _table(call)
    may(base, user, "read", table)
    if base.settings.count == "absent":
        raise bad_url(call.incoming.path)
    options = read_options(call.incoming.query)
    counted = Options(filter=options.filter, allowed_only=options.allowed_only)
    return replies.number(len(list_rows(base, user, table, counted).rows))


def read_entity(base: Base, user: User, call: Call, replies: Replies) -> Reply:
    """One entity."""
    table = _table(call)
    row = existing(base, user, call)
    options = read_options(call.incoming.query)
    if options.expand:
        raise not_supported("$expand одиночной сущности")
    return replies.single(table, row, selecting(base, table, options))


def read_property(base: Base, user: User, call: Call, replies: Replies) -> Reply:
    """A property of one entity, through references when the path has them."""
    table, row = _table(call), existing(base, user, call)
    for place, step in enumerate(call.steps):
        known = table.properties.get(step)
        if known is not None and place == len(call.steps) - 1:
            shown = JsonRenderer(base, "none", replies.root).scalar(known, row.values.get(step, known.empty))
            return replies.value(step, shown)
        reference = table.navigation(step)
        if reference is None or not base.published(reference.targets[0]):
            raise no_such_property(step, base.settings.unknown_field_status)
        found = base.store.follow(reference.targets, row.text(reference.name))
        if found is None:
            raise no_such_instance(reference.targets[0])
        table, row = found
        may(base, user, "read", table)
    return replies.single(table, row, Selection())


def read_metadata(base: Base, user: User, call: Call, replies: Replies) -> Reply:
    """The full description, XML only."""
    del user
    if "json" in call.incoming.query.get("$format", ""):
        raise bad_format("json")
    return replies.metadata(metadata(base))


def read_root(base: Base, user: User, call: Call, replies: Replies) -> Reply:
    """The list of sets."""
    del base, user, call
    return replies.service()


def existing(base: Base, user: User, call: Call, right: str = "read") -> Row:
    """The row that a call is about. Raises ODataError 9, 20."""
    table = _table(call)
    may(base, user, right, table)
    row = base.store.find(table, read_key(table, call.key or ""))
    if row is None:
        raise no_such_instance(table.name)
    if not sees(user, row):
        raise no_rights(table.name)
    return row


def selecting(base: Base, table: Table, options: Options) -> Selection:
    """What a request wants to see of a set."""
    builder = Selecting(base.store, base.published, base.settings.unknown_field_status)
    return builder.build(table, options.select, options.expand)


def _table(call: Call) -> Table:
    assert call.table is not None
    return call.table
