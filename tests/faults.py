"""Faults of DynamoDB, injected into a client by botocore's events: what no engine for tests does by itself."""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Fault = Literal["lost", "throttle", "conflict", "internal", "away"]

_ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "throttle": (400, {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow down"}),
    "internal": (500, {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "oh"}),
    "conflict": (
        400,
        {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled",
            "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict", "Message": "conflict"}],
        },
    ),
}


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content

    def read(self) -> bytes:
        return self._content


class Faults:
    """Which operation fails how often, and what was injected so far.

    `lost` sends the request and then fails as if the answer never came; `away` fails without sending;
    the others are DynamoDB's own answers in place of the real one.
    """

    def __init__(self, chances: Mapping[tuple[str, Fault], float], seed: int) -> None:
        self.chances = dict(chances)
        self.injected: Counter[tuple[str, str]] = Counter()
        self._random = random.Random(seed)  # noqa: S311 - the same faults each time, no secret
        self._lock = threading.Lock()
        self._wire = URLLib3Session()

    def __call__(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        for (name, fault), chance in self.chances.items():
            with self._lock:
                strikes = name in {operation, "*"} and self._random.random() < chance
                self.injected[operation, fault] += strikes
            if strikes:
                return self._strike(fault, request)
        return None

    def _strike(self, fault: Fault, request: Any) -> AWSResponse:
        if fault in {"lost", "away"}:
            if fault == "lost":
                self._wire.send(request)
            raise ConnectionClosedError(endpoint_url=request.url)
        status, body = _ERRORS[fault]
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, status, headers, _Body(json.dumps(body).encode()))


@contextmanager
def injected(client: "DynamoDBClient", chances: Mapping[tuple[str, Fault], float], seed: int = 1) -> Iterator[Faults]:
    """Inject faults into a client, by operation (`*` for all) and kind of fault, each with a chance from 0 to 1."""
    faults = Faults(chances, seed)
    client.meta.events.register_first("before-send.dynamodb.*", faults)
    try:
        yield faults
    finally:
        client.meta.events.unregister("before-send.dynamodb.*", faults)


@contextmanager
def counted(client: "DynamoDBClient") -> Iterator[Counter[str]]:
    """Count the calls that a client makes, by operation."""
    calls: Counter[str] = Counter()

    def count(event_name: str, **_: Any) -> None:
        calls[event_name.rpartition(".")[2]] += 1

    client.meta.events.register("before-call.dynamodb.*", count)
    try:
        yield calls
    finally:
        client.meta.events.unregister("before-call.dynamodb.*", count)
