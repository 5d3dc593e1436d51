"""Faults of DynamoDB and of the way to it, injected into a client by botocore's events: no engine has them itself."""

import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Fault = Literal[
    "lost",
    "away",
    "slow",
    "late",
    "throttle",
    "exceeded",
    "crowded",
    "conflict",
    "internal",
    "garbage",
    "truncated",
    "bad_gateway",
]

LATE_SECONDS = 0.002
SLOW_SECONDS = 0.0
"""How long the client waits for an answer that is too slow: here not at all."""
PAGE = "<!doctype html><title>Zugang zum Café</title><p>Bitte melden Sie sich an."
"""What a captive portal or a proxy says; in its own encoding, which is not UTF-8."""

_TYPE = "com.amazonaws.dynamodb.v20120810#"


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content

    def read(self) -> bytes:
        return self._content


def _answer(request: Any, status: int, headers: Mapping[str, str], body: bytes) -> AWSResponse:
    raw: Any = _Body(body)
    return AWSResponse(request.url, status, dict(headers), raw)


def _dynamodb_says(request: Any, status: int, error: str, **more: Any) -> AWSResponse:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "A" * 52}
    document = {"__type": _TYPE + error, "message": "injected", **more}
    return _answer(request, status, headers, json.dumps(document).encode())


def _proxy_says(request: Any, status: int) -> AWSResponse:
    return _answer(request, status, {"content-type": "text/html; charset=iso-8859-1"}, PAGE.encode("latin-1"))


def _lost(request: Any, _real: AWSResponse | None) -> NoReturn:
    """The connection breaks before an answer comes."""
    raise ConnectionClosedError(endpoint_url=request.url)


def _slow(request: Any, _real: AWSResponse | None) -> NoReturn:
    """The answer comes after the client has stopped waiting for it."""
    time.sleep(SLOW_SECONDS)
    raise ReadTimeoutError(endpoint_url=request.url)


def _late(_request: Any, real: AWSResponse | None) -> AWSResponse | None:
    """The real answer, a moment later."""
    time.sleep(LATE_SECONDS)
    return real


def _throttle(request: Any, _real: AWSResponse | None) -> AWSResponse:
    """Too many calls."""
    return _dynamodb_says(request, 400, "ThrottlingException")


def _exceeded(request: Any, _real: AWSResponse | None) -> AWSResponse:
    """Too much for the table's or the partition's throughput."""
    return _dynamodb_says(request, 400, "ProvisionedThroughputExceededException")


def _crowded(request: Any, real: AWSResponse | None) -> AWSResponse:
    """A transaction is cancelled because its second step was throttled; any other call is throttled as a whole."""
    return _cancelled(request, "ThrottlingError") if _is_transaction(request) else _exceeded(request, real)


def _conflict(request: Any, _real: AWSResponse | None) -> AWSResponse:
    """A transaction is cancelled because its second step met another one; any other call meets one as a whole."""
    if _is_transaction(request):
        return _cancelled(request, "TransactionConflict")
    return _dynamodb_says(request, 400, "TransactionConflictException")


def _is_transaction(request: Any) -> bool:
    target: str | bytes = request.headers["X-Amz-Target"]
    return "Transact" in (target if isinstance(target, str) else target.decode())


def _cancelled(request: Any, code: str) -> AWSResponse:
    reasons = [{"Code": "None"}, {"Code": code, "Message": "injected"}]
    return _dynamodb_says(request, 400, "TransactionCanceledException", CancellationReasons=reasons)


def _internal(request: Any, _real: AWSResponse | None) -> AWSResponse:
    """DynamoDB's own 500."""
    return _dynamodb_says(request, 500, "InternalServerError")


def _garbage(request: Any, _real: AWSResponse | None) -> AWSResponse:
    """A page with status 200, and nothing of DynamoDB in it."""
    return _proxy_says(request, 200)


def _truncated(request: Any, real: AWSResponse | None) -> AWSResponse:
    """DynamoDB's status and headers, and half of its body."""
    assert real
    return _answer(request, real.status_code, real.headers, real.content[: len(real.content) // 2])


def _bad_gateway(request: Any, _real: AWSResponse | None) -> AWSResponse:
    """A proxy that reaches nobody."""
    return _proxy_says(request, 502)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: whether the request arrives, and what comes back, made from the real answer if there is one."""

    sent: bool
    comes_back: Callable[[Any, AWSResponse | None], AWSResponse | None]


KINDS: dict[Fault, Kind] = {
    "lost": Kind(sent=True, comes_back=_lost),
    "away": Kind(sent=False, comes_back=_lost),
    "slow": Kind(sent=True, comes_back=_slow),
    "late": Kind(sent=True, comes_back=_late),
    "throttle": Kind(sent=False, comes_back=_throttle),
    "exceeded": Kind(sent=False, comes_back=_exceeded),
    "crowded": Kind(sent=False, comes_back=_crowded),
    "conflict": Kind(sent=False, comes_back=_conflict),
    "internal": Kind(sent=False, comes_back=_internal),
    "garbage": Kind(sent=True, comes_back=_garbage),
    "truncated": Kind(sent=True, comes_back=_truncated),
    "bad_gateway": Kind(sent=False, comes_back=_bad_gateway),
}
"""Every fault there is; what is sent and then fails may have been done all the same."""


class Faults:
    """Which operation fails how often, and what was injected so far."""

    def __init__(self, chances: Mapping[tuple[str, Fault], float], seed: int, first: int | None) -> None:
        self.chances = dict(chances)
        self.injected: Counter[tuple[str, str]] = Counter()
        self._first = first
        self._seen: Counter[tuple[str, Fault]] = Counter()
        self._random = random.Random(seed)  # noqa: S311 - the same faults each time, no secret
        self._lock = threading.Lock()
        # As botocore's own clients do; else small requests wait for each other's acknowledgements.
        self._wire = URLLib3Session(socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)])

    def __call__(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        fault = self._chosen(event_name.rpartition(".")[2])
        if fault is None:
            return None
        kind = KINDS[fault]
        real = self._wire.send(request) if kind.sent else None
        return kind.comes_back(request, real)

    def _chosen(self, operation: str) -> Fault | None:
        """Return the fault that strikes this call, the first one of those whose chance it is."""
        with self._lock:
            for (name, fault), chance in self.chances.items():
                if name in {operation, "*"} and self._strikes((name, fault), chance):
                    self.injected[operation, fault] += 1
                    return fault
        return None

    def _strikes(self, key: tuple[str, Fault], chance: float) -> bool:
        self._seen[key] += 1
        is_over = self._first is not None and self._seen[key] > self._first
        return not is_over and self._random.random() < chance

    def close(self) -> None:
        self._wire.close()


@contextmanager
def injected(
    client: "DynamoDBClient",
    chances: Mapping[tuple[str, Fault], float],
    seed: int = 1,
    *,
    first: int | None = None,
) -> Iterator[Faults]:
    """Inject faults into a client, by operation (`*` for all) and kind of fault, each with a chance from 0 to 1.

    With `first` each strikes among the first so many calls it is meant for, and then no more. A call that the client
    itself refuses to send meets no fault.
    """
    faults = Faults(chances, seed, first)
    client.meta.events.register_last("before-send.dynamodb.*", faults)
    try:
        yield faults
    finally:
        client.meta.events.unregister("before-send.dynamodb.*", faults)
        faults.close()


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
