"""What each request costs in DynamoDB's units and calls, and how large the items are, measured on dynoxide.

`python -m bench.capacity` prints tables, with `--json` one object `{"figures": …, "how": …}`.
"""

import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

from bench.command import Found, options, run, table
from bench.meter import Consumed, Meter, metered
from bench.workbench import Visitor, Workbench, open_workbench, text
from chalicelib.ratings import Heat
from chalicelib.routes.service import utc_now

ARTICLE = f"/v1/articles/{quote('https://site.example/baclofen', safe='')}"
HOT_ID = "https://site.example/hot"
HOT = f"/v1/articles/{quote(HOT_ID, safe='')}"

KINDS = {
    ("A", "~"): "summary",
    ("A", "C#"): "public comment",
    ("N", "N"): "tally shard",
    ("P", "P"): "private record",
    ("P", "Q"): "pointer",
    ("P", "R#"): "replaced text",
    ("V", ""): "rating",
    ("W", "~"): "votes for a comment",
    ("W", ""): "vote",
    ("F", ""): "report",
    ("U", ""): "author",
    ("L", ""): "log entry",
    ("E", ""): "event",
    ("T", ""): "allowance, repeats or look-alikes",
    ("S", "DAY#"): "key of the day",
}
"""The letter in the partition key and how the sort key begins; the first that fits names the item."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a figure may be at most, and what the first design of the table measured, where either was set."""

    figure: str
    most: float | None = None
    designed: float | None = None


BUDGETS = (
    Budget("page_view_calls", most=1),
    Budget("page_view_empty_rru", most=0.5),
    Budget("page_view_20x500_rru", most=2),
    Budget("counts_100_calls", most=1),
    Budget("rate_calls", most=2),
    Budget("rate_first_wru", most=4, designed=4),
    Budget("rate_change_wru", most=4, designed=4),
    Budget("rate_withdraw_wru", most=4, designed=4),
    Budget("comment_pending_calls", most=4),
    Budget("comment_pending_wru", designed=3),
    Budget("comment_published_calls", most=4),
    Budget("comment_published_wru", designed=8),
    Budget("approve_calls", most=2),
    Budget("decision_calls", most=2),
    Budget("approve_wru", designed=11),
    Budget("reject_wru", designed=6),
    Budget("vote_wru", designed=5),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One request, in words, and what it consumed."""

    title: str
    consumed: Consumed


@dataclass(frozen=True, slots=True)
class Ledger:
    """Keeps what requests consume, under the names that the figures begin with."""

    meter: Meter
    rows: dict[str, Row] = field(default_factory=dict)

    def enter(self, name: str, title: str, request: Callable[[], Any]) -> Any:  # noqa: ANN401 - any JSON
        """Send one request, keep what it consumes, and return its answer."""
        with self.meter.reading() as consumed:
            answer = request()
        self.rows[name] = Row(title, consumed)
        return answer


def main() -> int:
    """Measure and print."""
    wanted = options("capacity", __doc__).parse_args()
    return run(measure, report, as_json=wanted.json)


def measure(endpoint: str) -> Found:
    """Return the figures and how they were taken; every run has a table of its own."""
    # A millisecond between two requests: they keep their order, and no allowance is given back in between.
    started, ticks = utc_now(), count()
    with open_workbench(endpoint, lambda: started + timedelta(milliseconds=next(ticks))) as bench:
        with metered(bench.client) as meter:
            ledger = Ledger(meter)
            _enter_all(ledger, bench)
        sizes = _sizes(bench)
    figures = {**_figures(ledger.rows), **{f"bytes_{name.replace(' ', '_')}": size for name, size in sizes.items()}}
    how = {
        "engine": "dynoxide, ReturnConsumedCapacity=TOTAL on every call; with indexes, without failed conditions",
        "text": "500 ASCII characters without markup, no name, email or website",
        "warm": "policies, terms and the key of the day are in memory, as in all but a process's first request",
        "python": platform.python_version(),
        "requests": {row.title: _plain(row.consumed) for row in ledger.rows.values()},
        "bytes": sizes,
    }
    return {"figures": figures, "how": how}


def _enter_all(ledger: Ledger, bench: Workbench) -> None:
    """Send every request once, each group on what those before it left. A new request gets its line in one of these."""
    known = bench.reader(_comment(bench.anyone, 0)["reader"])
    bench.anyone.send("GET", ARTICLE)
    ledger.enter("page_view_empty", "page view, no comments", lambda: bench.anyone.send("GET", ARTICLE))
    _enter_ratings(ledger, bench, known)
    waiting = _enter_comments(ledger, bench, known)
    _enter_decisions(ledger, bench, waiting)
    shown = _enter_pages(ledger, bench)
    _enter_published(ledger, bench, known)
    _enter_votes(ledger, bench, shown)
    _enter_reports(ledger, bench, shown)
    _enter_authors(ledger, bench)
    _enter_hot(ledger, bench, known)


def _enter_ratings(ledger: Ledger, bench: Workbench, known: Visitor) -> None:
    path = f"{ARTICLE}/rating"
    ledger.enter("rate_first", "first rating, known reader", lambda: known.send("PUT", path, {"stars": 4}))
    ledger.enter("rate_change", "changed rating", lambda: known.send("PUT", path, {"stars": 5}))
    ledger.enter("rate_same", "same rating again", lambda: known.send("PUT", path, {"stars": 5}))
    ledger.enter("rate_withdraw", "rating taken back", lambda: known.send("DELETE", path))
    new = bench.anyone
    ledger.enter("rate_new_reader", "first rating, new reader", lambda: new.send("PUT", path, {"stars": 4}))


def _enter_comments(ledger: Ledger, bench: Workbench, known: Visitor) -> list[Any]:
    """Return two comments that wait."""
    new = bench.anyone
    ledger.enter("comment_pending", "comment that waits, known reader", lambda: _comment(known, 1))
    first = ledger.enter("comment_pending_new_reader", "comment that waits, new reader", lambda: _comment(new, 2))
    return [first, _comment(new, 3)]


def _enter_decisions(ledger: Ledger, bench: Workbench, waiting: list[Any]) -> None:
    ledger.enter("approve", "approval", lambda: _decide(bench, waiting[0], "approve"))
    ledger.enter("reject", "rejection", lambda: _decide(bench, waiting[1], "reject"))
    ledger.enter("delete", "approved comment deleted", lambda: _decide(bench, waiting[0], "delete"))


def _enter_pages(ledger: Ledger, bench: Workbench) -> list[Any]:
    """Return twenty comments that are shown."""
    shown = [_comment(bench.anyone, number) for number in range(4, 24)]
    ledger.enter("queue_page_20", "queue page of twenty", lambda: bench.owner.send("GET", "/v1/admin/queue"))
    riskiest = "/v1/admin/queue?sort=riskiest"
    ledger.enter(
        "queue_page_riskiest_20", "queue page of twenty, riskiest first", lambda: bench.owner.send("GET", riskiest)
    )
    for each in shown:
        _decide(bench, each, "approve")
    reply = _comment(bench.anyone, 24, shown[0]["comment"]["id"])
    ledger.enter("approve_reply", "approval of a reply", lambda: _decide(bench, reply, "approve"))
    _decide(bench, reply, "reject")
    ledger.enter("page_view_20x500", "page view, twenty comments", lambda: bench.anyone.send("GET", ARTICLE))
    hundred = urlencode([("id", f"article-{number}") for number in range(100)])
    path = f"/v1/counts?{hundred}"
    ledger.enter("counts_100", "counts of a hundred articles", lambda: bench.anyone.send("GET", path))
    return shown


def _enter_published(ledger: Ledger, bench: Workbench, known: Visitor) -> None:
    bench.owner.send("PATCH", "/v1/admin/policy", {"mode": "open"})
    ledger.enter("comment_published", "comment published at once", lambda: _comment(known, 25))
    bench.owner.send("PATCH", "/v1/admin/policy", {"mode": "premoderate"})


def _enter_votes(ledger: Ledger, bench: Workbench, shown: list[Any]) -> None:
    path = f"/v1/comments/{shown[0]['comment']['id']}/vote"
    known = bench.reader()
    ledger.enter("vote", "vote for a comment", lambda: known.send("PUT", path))
    ledger.enter("vote_withdraw", "vote taken back", lambda: known.send("DELETE", path))
    known.send("PUT", path)  # stays, to be weighed


def _enter_reports(ledger: Ledger, bench: Workbench, shown: list[Any]) -> None:
    path, another = (f"/v1/comments/{each['comment']['id']}/reports" for each in shown[:2])
    known, said = bench.reader(), {"reason": "spam", "note": "The same words stand under every article."}
    known.send("POST", another, said)  # the article's rules are in memory from here on
    ledger.enter("report", "report on an approved comment", lambda: known.send("POST", path, said))
    ledger.enter("report_withdraw", "report taken back", lambda: known.send("DELETE", path))
    known.send("POST", path, said)  # stays, to be weighed


def _enter_authors(ledger: Ledger, bench: Workbench) -> None:
    waiting = _comment(bench.anyone, 26)
    path, author = f"/v1/comments/{waiting['comment']['id']}", bench.author(waiting["edit_token"])
    ledger.enter("edit", "own comment edited", lambda: author.send("PATCH", path, {"text": text(27)}))
    ledger.enter("delete_own", "own comment deleted", lambda: author.send("DELETE", path))


def _enter_hot(ledger: Ledger, bench: Workbench, known: Visitor) -> None:
    bench.stores.ratings.spread(HOT_ID, Heat(), utc_now())
    ledger.enter("rate_hot", "first rating, hot article", lambda: known.send("PUT", f"{HOT}/rating", {"stars": 4}))
    ledger.enter("page_view_hot", "page view, hot article", lambda: bench.anyone.send("GET", HOT))


def _comment(visitor: Visitor, number: int, parent: str | None = None) -> Any:  # noqa: ANN401 - any JSON
    document = {"text": text(number), "consent": True, "parent_id": parent}
    return visitor.send("POST", f"{ARTICLE}/comments", document)


def _decide(bench: Workbench, submitted: Mapping[str, Any], action: str) -> None:
    path = f"/v1/admin/comments/{submitted['comment']['id']}/decision"
    bench.owner.send("POST", path, {"action": action, "revision": 1})


def _figures(rows: Mapping[str, Row]) -> dict[str, float]:
    """Return three figures a row, and the largest of rows that share a budget."""
    figures: dict[str, float] = {}
    for name, row in rows.items():
        figures[f"{name}_rru"] = row.consumed.read
        figures[f"{name}_wru"] = row.consumed.write
        figures[f"{name}_calls"] = len(row.consumed.calls)

    def most(*names: str) -> float:
        return max(figures[f"{name}_calls"] for name in names)

    figures["page_view_calls"] = most("page_view_empty", "page_view_20x500")
    figures["rate_calls"] = most("rate_first", "rate_change", "rate_withdraw")
    figures["comment_pending_calls"] = most("comment_pending", "comment_pending_new_reader")
    figures["decision_calls"] = most("approve", "reject", "delete", "approve_reply")
    return figures


def _plain(consumed: Consumed) -> dict[str, Any]:
    return {"read": consumed.read, "write": consumed.write, "calls": consumed.calls}


def _sizes(bench: Workbench) -> dict[str, int]:
    """Return the size of the largest item of each kind."""
    sizes: dict[str, int] = {}
    for item in _items(bench):
        letter, sk = item["pk"]["S"].split("|")[1], item["sk"]["S"]
        names = (name for (kind, begins), name in KINDS.items() if kind == letter and sk.startswith(begins))
        name = next(names, None)
        if name:
            sizes[name] = max(sizes.get(name, 0), _size({"M": item}) - 3)
    return dict(sorted(sizes.items()))


def _items(bench: Workbench) -> Iterator[Any]:
    for page in bench.client.get_paginator("scan").paginate(TableName=bench.settings.table):
        yield from page["Items"]


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


def report(found: Found) -> str:
    """Return the requests, the items and the budgets as three Markdown tables, and how the figures were taken."""
    how = found["how"]
    lines = ["| request | read units | write units | calls |", "|---|---|---|---|"]
    for title, row in how["requests"].items():
        counted = ", ".join(f"{n} {call}" if n > 1 else call for call, n in Counter(row["calls"]).items())
        lines.append(f"| {title} | {row['read']:g} | {row['write']:g} | {counted} |")
    lines += ["", "| item | bytes |", "|---|---|"]
    lines += [f"| {name} | {size} |" for name, size in how["bytes"].items()]
    lines += ["", *_budget_lines(found["figures"]), ""]
    return "\n".join([*lines, *(f"{name}: {words}" for name, words in how.items() if isinstance(words, str))])


def _budget_lines(figures: Mapping[str, float]) -> list[str]:
    head = ["figure", "measured", "budget", "first design", "within budget"]
    return table(head, [_budget_row(budget, figures[budget.figure]) for budget in BUDGETS])


def _budget_row(budget: Budget, measured: float) -> list[str]:
    limits = ["" if limit is None else f"{limit:g}" for limit in (budget.most, budget.designed)]
    within = "" if budget.most is None else "yes" if measured <= budget.most else "NO"
    return [budget.figure, f"{measured:g}", *limits, within]


if __name__ == "__main__":
    sys.exit(main())
