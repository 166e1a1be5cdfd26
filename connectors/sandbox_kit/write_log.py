"""The write log: one JSON line for each write call received and one for each write that took effect."""

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Annotated, Literal, TextIO

from pydantic import Field, JsonValue

from connectors.sandbox_kit.clock import SandboxClock
from connectors.sandbox_kit.documents import DocumentModel

Source = Literal["rest", "control", "robot", "late"]


class WriteRecord(DocumentModel):
    """One line of the write log.

    `kind` is `effect` for a write that changed the stand-in's state and `call` for a write call as it was
    received, written when its handling ends. A call that a fault or a limit stopped has `applied` false;
    a save that changed nothing has `no_op` true and no `effect` line.
    """

    seq: Annotated[int, Field(ge=1, description="Grows by one with each line.")]
    at: Annotated[datetime, Field(description="Moment on the sandbox clock.")]
    kind: Literal["effect", "call"]
    source: Annotated[Source, Field(description="Who wrote: the API, a person, a robot, a delayed API write.")]
    user_id: int
    method: Annotated[str, Field(description="API method, or the control action.")]
    entity_type: str | None = None
    entity_id: int | None = None
    owner: Annotated[str | None, Field(description="Card a comment or a task hangs on, as deal:9041.")] = None
    changed: Annotated[
        dict[str, tuple[JsonValue, JsonValue]], Field(description="Field name to [old value, new value].")
    ] = Field(default_factory=dict)
    applied: bool = True
    no_op: bool = False
    error: Annotated[str | None, Field(description="Error code the call was answered with.")] = None
    request_id: str | None = None


class WriteLog:
    """Keeps the records in memory and, with a path, appends each as one flushed line.

    `record` is the model of a line: a stand-in that has more to tell gives one of its own.
    """

    def __init__(self, clock: SandboxClock, path: Path | None = None, record: type[WriteRecord] = WriteRecord) -> None:
        self._clock = clock
        self._record = record
        self._lock = threading.Lock()
        self._records: list[WriteRecord] = []
        self._seq = 0
        self._effects = 0
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None

    def append(self, fields: Mapping[str, object]) -> WriteRecord:
        """Add a record; `seq` and `at` are filled in here."""
        with self._lock:
            self._seq += 1
            record = self._record.model_validate({**fields, "seq": self._seq, "at": self._clock.now()})
            self._records.append(record)
            self._effects += record.kind == "effect"
            self._write(record)
        return record

    @property
    def effect_count(self) -> int:
        """How many effect lines were ever written."""
        with self._lock:
            return self._effects

    def records(self) -> list[WriteRecord]:
        """All records so far."""
        with self._lock:
            return list(self._records)

    def effects(self, entity_type: str | None = None) -> list[WriteRecord]:
        """Writes that took effect, optionally of one entity type."""
        return [r for r in self.records() if r.kind == "effect" and entity_type in (None, r.entity_type)]

    def calls(self, method: str | None = None) -> list[WriteRecord]:
        """Write calls received, optionally of one method."""
        return [r for r in self.records() if r.kind == "call" and method in (None, r.method)]

    def clear(self) -> None:
        """Forget the records in memory; `seq` goes on and the file keeps its lines."""
        with self._lock:
            self._records.clear()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __iter__(self) -> Iterator[WriteRecord]:
        return iter(self.records())

    def __enter__(self) -> "WriteLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, record: WriteRecord) -> None:
        if self._file is None:
            return
        self._file.write(json.dumps(record.model_dump(mode="json"), ensure_ascii=False) + "\n")
        self._file.flush()
