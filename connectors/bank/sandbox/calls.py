"""A request as the banks see it, what their methods answer, and the table that leads from one to the other."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.errors import ApiError
from connectors.bank.sandbox.seed import Bank
from connectors.bank.sandbox.wire import Wire
from connectors.sandbox_kit.jsontypes import Json, as_map
from connectors.sandbox_kit.replies import Reply

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as parsed from the wire; header names are in lower case, path parts are decoded."""

    http: str
    door: str
    path: tuple[str, ...]
    query: Pairs
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    address: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to one method."""

    banks: Banks
    incoming: Incoming
    params: Mapping[str, str]

    def query(self, name: str) -> str | None:
        """The last value of a query parameter."""
        return dict(self.incoming.query).get(name)

    def queries(self, name: str) -> list[str]:
        """All values of a repeated parameter, written `name` or `name[]`."""
        return [value for key, value in self.incoming.query if key in (name, f"{name}[]")]

    def body(self) -> Mapping[str, Json]:
        """The JSON object of the body; empty when there is none or it is something else."""
        try:
            parsed: Json = json.loads(self.incoming.body) if self.incoming.body else {}
        except ValueError:
            return {}
        return as_map(parsed)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method gives back: a value for the bank's envelope, or a whole reply."""

    value: Wire
    status: int = 200


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a bank. `path` holds literal parts and `{names}`; `free` ones need no token."""

    name: str
    http: str
    path: tuple[str, ...]
    handler: Callable[[Ask], Answer]
    permission: str = ""
    writes: bool = False
    locked: bool = True
    free: bool = False

    def match(self, http: str, path: tuple[str, ...]) -> Mapping[str, str] | None:
        """The named parts of a path that fits, else None."""
        if http != self.http or len(path) != len(self.path):
            return None
        named: dict[str, str] = {}
        for want, got in zip(self.path, path, strict=True):
            if want.startswith("{"):
                named[want.strip("{}")] = got
            elif want != got:
                return None
        return named


@dataclass(frozen=True, slots=True)
class BankApi:
    """One bank's wire: where it is, its methods, who may call, and how replies and errors look."""

    bank: Bank
    methods: Sequence[Method]
    admit: Callable[[Banks, Incoming, Method], None]
    answer: Callable[[Ask, Answer], Reply]
    failure: Callable[[Banks, Incoming, ApiError], Reply]

    def find(self, incoming: Incoming) -> tuple[Method, Mapping[str, str]] | None:
        """The method a request means, with the named parts of its path."""
        for method in self.methods:
            named = method.match(incoming.http, incoming.path)
            if named is not None and method.free == (incoming.door == "root"):
                return method, named
        return None
