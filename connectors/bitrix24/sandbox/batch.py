"""The `batch` method of v2: sequence, halt, references, and PHP's way of encoding the maps."""

import re
from collections.abc import Mapping

from connectors.bitrix24.sandbox.context import Answer, Context, Params
from connectors.bitrix24.sandbox.envelope import error_body, time_block
from connectors.bitrix24.sandbox.errors import RestError
from connectors.bitrix24.sandbox.execute import run_method
from connectors.bitrix24.sandbox.methods.arguments import flag, get
from connectors.sandbox_kit.jsontypes import Json, as_text
from connectors.sandbox_kit.php import encode_map, parse_query

MAX_COMMANDS = 50
_REFERENCE = re.compile(r"\$(result|error|total|next)(\[[^\s]*)", re.IGNORECASE)
_STEP = re.compile(r"\[([^\]]+)\]")

Commands = dict[str, str]
Maps = dict[str, dict[str, Json]]


def commands_of(params: Params) -> Commands:
    """The commands by key; an entry that is not text is skipped, a JSON array has keys 0, 1, 2..."""
    raw = get(params, "cmd")
    if isinstance(raw, Mapping):
        return {key: value for key, value in raw.items() if isinstance(value, str)}
    if isinstance(raw, list):
        return {str(number): value for number, value in enumerate(raw) if isinstance(value, str)}
    return {}


def split_command(command: str) -> tuple[str, dict[str, Json]]:
    """Method name and parameters of one command."""
    name, _, query = command.partition("?")
    return name.strip().lower().removesuffix(".json"), parse_query(query)


def run_batch(ctx: Context, params: Params) -> Answer:
    """Run the commands in turn. A failed one lands in `result_error`; with `halt` nothing runs after it."""
    halt = flag(get(params, "halt"))
    maps: Maps = {"result": {}, "error": {}, "total": {}, "next": {}, "time": {}}
    for position, (key, command) in enumerate(commands_of(params).items()):
        try:
            _run_command(ctx, maps, key, command, position)
        except RestError as error:
            maps["error"][key] = error_body(error)
            if halt:
                break
    return Answer(
        {
            "result": encode_map(maps["result"]),
            "result_error": encode_map(maps["error"]),
            "result_total": encode_map(maps["total"]),
            "result_next": encode_map(maps["next"]),
            "result_time": encode_map(maps["time"]),
        }
    )


def _run_command(ctx: Context, maps: Maps, key: str, command: str, position: int) -> None:
    if position >= MAX_COMMANDS:
        raise RestError("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
    name, raw = split_command(command)
    if name == "batch":
        raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage", 405)
    params = {field: resolve(value, maps) for field, value in raw.items()}
    ran = run_method(ctx, name, params, billed=ctx.portal.operating.bills_nested)
    maps["result"][key] = ran.answer.result
    if ran.answer.total is not None:
        maps["total"][key] = ran.answer.total
    if ran.answer.next is not None:
        maps["next"][key] = ran.answer.next
    maps["time"][key] = time_block(ctx.portal, ran.meter)


def resolve(value: Json, maps: Maps) -> Json:
    """A parameter with its references replaced.

    A path that ends early gives the deepest value reached, often a whole array: the vendor's server does so too.
    """
    if isinstance(value, Mapping):
        return {key: resolve(part, maps) for key, part in value.items()}
    if not isinstance(value, str) or "$" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _walk(maps, whole.group(1), whole.group(2))
    return _REFERENCE.sub(lambda found: _inline(_walk(maps, found.group(1), found.group(2))), value)


def _walk(maps: Maps, source: str, path: str) -> Json:
    node: Json = maps[source.lower()]
    for step in _STEP.findall(path):
        if isinstance(node, Mapping) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        else:
            break
    return node


def _inline(value: Json) -> str:
    return "Array" if isinstance(value, Mapping | list) else as_text(value)
