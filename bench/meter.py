"""Meter: what calls consume in DynamoDB's units, by what the engine says of each."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READS = frozenset({"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"})
WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})


@dataclass(slots=True)
class Consumed:
    """Read units, write units, and the names of the calls in their order."""

    read: float = 0
    write: float = 0
    calls: list[str] = field(default_factory=list)


class Meter:
    """Adds up what calls consume, from any number of threads. Calls that fail consume nothing it could see."""

    def __init__(self) -> None:
        self._open: Consumed = Consumed()
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Consumed]:
        """Add up what is consumed from here to the end of the block, by all threads; blocks do not nest."""
        consumed = Consumed()
        with self._lock:
            self._open = consumed
        try:
            yield consumed
        finally:
            with self._lock:
                self._open = Consumed()

    def ask(self, params: dict[str, Any], **_: object) -> dict[str, Any]:
        """Let DynamoDB say what the call consumes."""
        return {**params, "ReturnConsumedCapacity": "TOTAL"}

    def add(self, model: Any, parsed: Mapping[str, Any], **_: object) -> None:  # noqa: ANN401 - botocore's model
        """Take in what it says. Raises ValueError for a call of which is not known whether it reads or writes."""
        consumed = parsed.get("ConsumedCapacity") or []
        tables = consumed if isinstance(consumed, list) else [consumed]
        units = sum(table["CapacityUnits"] for table in tables)
        if model.name not in READS | WRITES:
            msg = f"does {model.name} read or write?"
            raise ValueError(msg)
        with self._lock:
            self._open.calls.append(model.name)
            if model.name in READS:
                self._open.read += units
            else:
                self._open.write += units


@contextmanager
def metered(client: "DynamoDBClient") -> Iterator[Meter]:
    """Put a meter on a client for the time of the block. Asking costs CPU, so time is taken without one."""
    meter = Meter()
    events: Any = client.meta.events
    events.register("provide-client-params.dynamodb", meter.ask)
    events.register("after-call.dynamodb", meter.add)
    try:
        yield meter
    finally:
        events.unregister("provide-client-params.dynamodb", meter.ask)
        events.unregister("after-call.dynamodb", meter.add)
