"""What each request costs in DynamoDB's units, and how large the items are, measured on dynoxide.

`python -m bench.capacity` prints a table, with `--json` one object `{"figures": …, "how": …}`.
"""

import argparse
import json
import os
import platform
import secrets
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from chalicelib.dynamodb import connect, open_stores
from chalicelib.dynamodb.table import create_table
from chalicelib.routes import create_app
from chalicelib.routes.service import utc_now
from chalicelib.settings import Settings
from tools.engine import forget_aws, open_engine
from tools.gateway import Gateway, Request

READS = frozenset({"GetItem", "BatchGetItem", "Query"})
ARTICLE = "/v1/articles/https%3A%2F%2Fsite.example%2Fbaclofen"
WORDS = "It helped with the cramps at night, and in the morning I was slow for an hour or two. "
KINDS = {
    "A ~": "summary",
    "A C": "public comment",
    "P": "private record",
    "V": "rating",
    "U": "author",
    "L": "log entry",
    "T": "allowance or repeats",
    "S DAY": "key of the day",
}


@dataclass(slots=True)
class Meter:
    """Adds up what DynamoDB says each call consumed."""

    calls: list[str] = field(default_factory=list)
    read: float = 0
    write: float = 0

    def attach(self, client: Any) -> None:  # noqa: ANN401 - any boto3 client
        """Ask for the consumed capacity of every call from now on."""
        client.meta.events.register("provide-client-params.dynamodb", self._ask)
        client.meta.events.register("after-call.dynamodb", self._add)

    def _ask(self, params: dict[str, Any], **_: object) -> dict[str, Any]:
        return {**params, "ReturnConsumedCapacity": "TOTAL"}

    def _add(self, model: Any, parsed: Mapping[str, Any], **_: object) -> None:  # noqa: ANN401 - botocore's model
        consumed = parsed.get("ConsumedCapacity") or []
        tables = consumed if isinstance(consumed, list) else [consumed]
        units = sum(table["CapacityUnits"] for table in tables)
        self.calls.append(model.name)
        if model.name in READS:
            self.read += units
        else:
            self.write += units

    @contextmanager
    def reading(self, figures: dict[str, Any], name: str) -> Iterator[None]:
        """Keep what the calls in the block consume under a name."""
        self.calls, self.read, self.write = [], 0, 0
        yield
        figures[name] = {"read": self.read, "write": self.write, "calls": [*self.calls]}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Sends requests to the service without a socket, as one reader or as the owner."""

    gateway: Gateway
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401 - any JSON
        """Return the JSON of an answer, which must be none of refusal."""
        raw_path, _, query = path.partition("?")
        headers = [*self.headers.items(), ("Content-Type", "application/json")]
        body = b"" if document is None else json.dumps(document).encode()
        reply = self.gateway.handle(Request(method, raw_path, query, headers, body, "203.0.113.7"))
        if not 200 <= reply.status < 300:  # noqa: PLR2004 - any success
            msg = f"{method} {path}: {reply.status} {reply.body.decode()}"
            raise SystemExit(msg)
        return json.loads(reply.body)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.capacity", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    wanted = parser.parse_args()
    forget_aws(os.environ)
    with tempfile.TemporaryDirectory() as data, open_engine(Path(data), {}) as engine:
        if not engine.kept:
            sys.stderr.write("dynoxide is missing (npm ci brings it); moto does not know capacity.\n")
            return 2
        found = measure(engine.endpoint)
    sys.stdout.write((json.dumps(found, indent=2) if wanted.json else report(found)) + "\n")
    return 0


def measure(endpoint: str) -> dict[str, Any]:
    """Return the figures and how they were taken."""
    token = secrets.token_urlsafe(32)
    settings = Settings.from_environ(
        {
            "AFTERWORD_SECRETS": f"k1:{secrets.token_urlsafe(32)}",
            "AFTERWORD_OWNER_TOKEN": token,
            "AFTERWORD_DYNAMODB_ENDPOINT": endpoint,
        }
    )
    client = connect(settings)
    create_table(client, settings.table)
    meter = Meter()
    meter.attach(client)
    stores = open_stores(client, settings)
    # A millisecond between two requests: they keep their order, and no allowance is given back in between.
    started, ticks = utc_now(), count()
    gateway = Gateway(lambda: create_app(settings, stores, lambda: started + timedelta(milliseconds=next(ticks))))
    requests: dict[str, Any] = {}
    _requests(meter, requests, Visitor(gateway), Visitor(gateway, {"Authorization": f"Bearer {token}"}))
    how = {
        "engine": "dynoxide, ReturnConsumedCapacity=TOTAL on every call; indexes are counted",
        "text": "500 ASCII characters without markup, no name, email or website",
        "warm": "the policy, the terms and the key of the day are in memory, as in all but a process's first request",
        "python": platform.python_version(),
    }
    return {"figures": {"requests": requests, "bytes": _sizes(client, settings.table)}, "how": how}


def _requests(meter: Meter, figures: dict[str, Any], anyone: Visitor, owner: Visitor) -> None:
    def timed(name: str, request: Callable[[], Any]) -> Any:  # noqa: ANN401 - any JSON
        with meter.reading(figures, name):
            return request()

    known = Visitor(anyone.gateway, {"Afterword-Reader": _comment(anyone, 0)["reader"]})
    anyone.send("GET", ARTICLE)
    timed("page view, no comments", lambda: anyone.send("GET", ARTICLE))
    timed("first rating, known reader", lambda: known.send("PUT", f"{ARTICLE}/rating", {"stars": 4}))
    timed("changed rating", lambda: known.send("PUT", f"{ARTICLE}/rating", {"stars": 5}))
    timed("same rating again", lambda: known.send("PUT", f"{ARTICLE}/rating", {"stars": 5}))
    timed("rating taken back", lambda: known.send("DELETE", f"{ARTICLE}/rating"))
    timed("first rating, new reader", lambda: anyone.send("PUT", f"{ARTICLE}/rating", {"stars": 4}))
    timed("comment that waits, known reader", lambda: _comment(known, 1))
    waiting = [timed("comment that waits, new reader", lambda: _comment(anyone, 2)), _comment(anyone, 3)]
    timed("approval", lambda: _decide(owner, waiting[0], "approve"))
    timed("rejection", lambda: _decide(owner, waiting[1], "reject"))
    timed("approved comment deleted", lambda: _decide(owner, waiting[0], "delete"))
    twenty = [_comment(anyone, number) for number in range(4, 24)]
    timed("queue page of twenty", lambda: owner.send("GET", "/v1/admin/queue"))
    for each in twenty:
        _decide(owner, each, "approve")
    reply = _comment(anyone, 24, twenty[0]["comment"]["id"])
    timed("approval of a reply", lambda: _decide(owner, reply, "approve"))
    _decide(owner, reply, "reject")
    timed("page view, twenty comments", lambda: anyone.send("GET", ARTICLE))
    hundred = urlencode([("id", f"article-{number}") for number in range(100)])
    timed("counts of a hundred articles", lambda: anyone.send("GET", f"/v1/counts?{hundred}"))
    owner.send("PATCH", "/v1/admin/policy", {"mode": "open"})
    timed("comment published at once", lambda: _comment(known, 25))


def _comment(visitor: Visitor, number: int, parent: str | None = None) -> Any:  # noqa: ANN401 - any JSON
    text = (f"{number} " + WORDS * 10)[:500]
    return visitor.send("POST", f"{ARTICLE}/comments", {"text": text, "consent": True, "parent_id": parent})


def _decide(owner: Visitor, submitted: Mapping[str, Any], action: str) -> None:
    path = f"/v1/admin/comments/{submitted['comment']['id']}/decision"
    owner.send("POST", path, {"action": action, "revision": 1})


def _sizes(client: Any, table: str) -> dict[str, int]:  # noqa: ANN401 - any boto3 client
    """Return the size of the largest item of each kind."""
    sizes: dict[str, int] = {}
    for page in client.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            letter, sk = item["pk"]["S"].split("|")[1], item["sk"]["S"]
            name = next(
                (KINDS[key] for key in (letter, f"{letter} {sk[:1]}", f"{letter} {sk[:3]}") if key in KINDS), ""
            )
            if name:
                sizes[name] = max(sizes.get(name, 0), _size({"M": item}) - 3)
    return dict(sorted(sizes.items()))


def _size(value: Mapping[str, Any]) -> int:
    """Return an attribute value's size by AWS's rules: names and texts in UTF-8, two digits a byte, 3 for a list."""
    ((kind, content),) = value.items()
    if kind == "M":
        return 3 + sum(len(name.encode()) + _size(each) for name, each in content.items())
    if kind == "L":
        return 3 + sum(1 + _size(each) for each in content)
    if kind == "N":
        return len(content.lstrip("-")) // 2 + 2
    return 1 if kind in {"BOOL", "NULL"} else len(content.encode() if isinstance(content, str) else content)


def report(found: Mapping[str, Any]) -> str:
    """Return the figures as two Markdown tables, and how they were taken."""
    figures = found["figures"]
    lines = ["| request | read units | write units | calls |", "|---|---|---|---|"]
    for name, figure in figures["requests"].items():
        read, write, calls = figure["read"], figure["write"], figure["calls"]
        counted = ", ".join(f"{n} {call}" if n > 1 else call for call, n in Counter(calls).items())
        lines.append(f"| {name} | {read:g} | {write:g} | {counted} |")
    lines += ["", "| item | bytes |", "|---|---|"]
    lines += [f"| {name} | {size} |" for name, size in figures["bytes"].items()]
    return "\n".join([*lines, "", *(f"{name}: {words}" for name, words in found["how"].items())])


if __name__ == "__main__":
    sys.exit(main())
