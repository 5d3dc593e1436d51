"""Whether a request costs the same however many comments there are: CPU and units at 10, 1,000 and 100,000.

`python -m bench.growth` prints a table, with `--json` one object `{"figures": …, "how": …}`.
"""

import argparse
import platform
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Any
from urllib.parse import quote, urlencode

from bench.command import Found, options, run, table
from bench.filling import approved, fill_article, fill_queue, stop_stream
from bench.meter import Consumed, Meter, metered
from bench.timing import COUNTS, Spread, Work, take_turns
from bench.workbench import Visitor, Workbench, open_workbench
from chalicelib.dynamodb.records import public_key
from chalicelib.moderation import QueueSort
from tools import terminal
from tools.gateway import Request

SIZES = (10, 1_000, 100_000)
QUEUE_MOST = 10_000
"""A queue that people work through grows no longer than this."""
ROUNDS = 500
SMALLEST = 10
FIRST_PAGE = 10
MIDDLE_PAGE = 5
QUEUE_PAGE = 5
COUNTED = 100

CPU_BUDGET = 1.10
UNITS_BUDGET = 1.0


@dataclass(frozen=True, slots=True)
class Subject:
    """One request at one size: what is sent in turn, and what is looked up before so that it is in memory."""

    visitor: Visitor
    requests: Sequence[Request]
    before: Callable[[], object]

    def work(self) -> Work:
        """Return it as work to be timed."""
        requests = cycle(self.requests)
        return Work(lambda: self.visitor.answer(next(requests)), self.before)

    def consumed(self, meter: Meter) -> Consumed:
        """Return what one of its requests consumes, the first having been sent before."""
        work = self.work()
        work.run()
        work.before()
        with meter.reading() as consumed:
            work.run()
        return consumed


Group = Mapping[int, Subject]
"""The same request at every size."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one request at one size."""

    consumed: Consumed
    cpu: Spread


def main() -> int:
    """Measure and print."""
    parser = options("growth", __doc__)
    parser.add_argument(
        "--sizes", type=numbers_of_comments, default=SIZES, metavar="N,N,…", help="numbers of comments, 10 or more"
    )
    parser.add_argument("--rounds", type=number_of_rounds, default=ROUNDS, metavar="N", help="how often each is timed")
    wanted = parser.parse_args()
    return run(
        lambda endpoint: measure(endpoint, wanted.sizes, wanted.rounds),
        report,
        as_json=wanted.json,
    )


def numbers_of_comments(given: str) -> tuple[int, ...]:
    """Return the sizes in a text, ascending. Raises ArgumentTypeError, ValueError."""
    sizes = tuple(sorted({int(number) for number in given.split(",")}))
    if sizes[0] < SMALLEST:
        msg = f"pages show the same number of comments at every size, so each is {SMALLEST} or more"
        raise argparse.ArgumentTypeError(msg)
    return sizes


def number_of_rounds(given: str) -> int:
    """Return the number of rounds in a text. Raises ArgumentTypeError, ValueError."""
    if int(given) < 1:
        msg = "there is at least one round"
        raise argparse.ArgumentTypeError(msg)
    return int(given)


def measure(endpoint: str, sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> Found:
    """Return the figures and how they were taken; every run has a table of its own."""
    queue_sizes = sorted({min(size, QUEUE_MOST) for size in sizes})
    with open_workbench(endpoint) as bench:
        stop_stream(bench)
        queues = {size: bench.at(f"queue-{size:06d}") for size in queue_sizes}
        _fill(bench, sizes, queues)
        groups = {
            **_on_articles(bench, sizes),
            "queue_page": _on_queues(queues, "oldest"),
            "queue_page_riskiest": _on_queues(queues, "riskiest"),
        }
        with metered(bench.client) as meter:
            consumed = {
                kind: {size: each.consumed(meter) for size, each in group.items()} for kind, group in groups.items()
            }
            refreshed = {size: _refreshed(meter, bench.at(queue.settings.site)) for size, queue in queues.items()}
        spreads = _timed(groups, rounds)
    seen = {
        kind: {size: Seen(consumed[kind][size], spreads[kind][size]) for size in group}
        for kind, group in groups.items()
    }
    return {"figures": _figures(seen, refreshed), "how": _how(seen, rounds)}


def article(size: int) -> str:
    """Return the id of the article with so many comments; all are equally long."""
    return f"https://site.example/{size:06d}-comments"


def _path(article_id: str) -> str:
    return f"/v1/articles/{quote(article_id, safe='')}"


def _fill(bench: Workbench, sizes: Sequence[int], queues: Mapping[int, Workbench]) -> None:
    with terminal.progress() as shown:
        task = shown.add_task("Writing", total=sum(sizes) + sum(queues), unit="comments")

        def advance(written: int) -> None:
            shown.update(task, advance=written)

        for size in sizes:
            fill_article(bench, article(size), size, advance)
        for size, queue in queues.items():
            fill_queue(queue, "article", size, advance)


def _on_articles(bench: Workbench, sizes: Sequence[int]) -> dict[str, Group]:
    """Return the requests about one article, at every size."""
    known, others = bench.reader(), [f"https://site.example/other-{number:02d}" for number in range(COUNTED - 1)]
    for other in others:
        known.send("PUT", f"{_path(other)}/rating", {"stars": 5})
    paths: dict[str, Callable[[int], str]] = {
        "first_page": lambda size: f"{_path(article(size))}?limit={FIRST_PAGE}",
        "middle_page": lambda size: _middle(bench, size),
        "counts": lambda size: f"/v1/counts?{urlencode([('id', each) for each in [article(size), *others]])}",
    }
    policy = bench.stores.policies.policy
    groups: dict[str, Group] = {
        kind: {size: Subject(bench.anyone, [bench.anyone.request("GET", path(size))], policy) for size in sizes}
        for kind, path in paths.items()
    }
    return {**groups, "rating": {size: Subject(known, _ratings(known, size), policy) for size in sizes}}


def _middle(bench: Workbench, size: int) -> str:
    """Return the path of a page from the middle, by a cursor as the page before it gives it out.

    Another comment follows it at every size: each page reads one more than it shows, and signs a cursor.
    """
    before = approved(bench, article(size), size - size // 2 + 1)
    _, position = public_key(bench.stores.connection.keys, before)
    cursor = bench.keyring.sign("cursor.newest", position, article(size))
    return f"{_path(article(size))}/comments?{urlencode({'limit': MIDDLE_PAGE, 'cursor': cursor})}"


def _ratings(known: Visitor, size: int) -> list[Request]:
    """Return ratings by a known reader, each of other stars than the one before."""
    return [known.request("PUT", f"{_path(article(size))}/rating", {"stars": stars}) for stars in range(1, 6)]


def _on_queues(queues: Mapping[int, Workbench], sort: QueueSort) -> Group:
    """Return the first page of each queue, in an order.

    How much waits is counted before, so that the page finds it in memory.
    """
    path = f"/v1/admin/queue?limit={QUEUE_PAGE}&sort={sort}"
    return {
        size: Subject(
            queue.owner,
            [queue.owner.request("GET", path)],
            queue.stores.queue.counts,
        )
        for size, queue in queues.items()
    }


def _refreshed(meter: Meter, queue: Workbench) -> Consumed:
    """Return what it takes to count how much waits, in a process that has not done so yet."""
    with meter.reading() as consumed:
        queue.stores.queue.counts()
    return consumed


def _timed(groups: Mapping[str, Group], rounds: int) -> dict[str, dict[int, Spread]]:
    works = [{size: subject.work() for size, subject in group.items()} for group in groups.values()]
    with terminal.progress() as shown:
        task = shown.add_task("Timing", total=rounds, unit="rounds")
        spreads = take_turns(works, rounds, lambda done: shown.update(task, advance=done))
    return dict(zip(groups, spreads, strict=True))


def _figures(seen: Mapping[str, Mapping[int, Seen]], refreshed: Mapping[int, Consumed]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind, at in seen.items():
        values = {
            "cpu": {size: each.cpu.tenth for size, each in at.items()},
            "rru": {size: each.consumed.read for size, each in at.items()},
            "wru": {size: each.consumed.write for size, each in at.items()},
            "calls": {size: float(len(each.consumed.calls)) for size, each in at.items()},
        }
        for what, by_size in values.items():
            if any(by_size.values()):
                figures[f"{kind}_{what}_ratio"] = ratio(by_size.values())
            unit = "cpu_ms" if what == "cpu" else what
            figures |= {f"{kind}_{unit}_{size}": value for size, value in by_size.items()}
    for size, consumed in refreshed.items():
        figures[f"queue_counts_rru_{size}"] = consumed.read
        figures[f"queue_counts_calls_{size}"] = len(consumed.calls)
    return figures


def ratio(values: Iterable[float]) -> float:
    """Return the largest of values over the smallest, to four digits."""
    known = sorted(values)
    return round(known[-1] / known[0], 4)


def _how(seen: Mapping[str, Mapping[int, Seen]], rounds: int) -> dict[str, Any]:
    return {
        "engine": "dynoxide, in another process; without its stream, which slows it down more and more",
        "comments": "500 ASCII characters without markup; one article and one queue a size, all in one table",
        "pages": f"{FIRST_PAGE} comments on a first page, {MIDDLE_PAGE} on a middle one, {QUEUE_PAGE} on a queue's",
        "first page": "at 10 comments it is also the last: only there, no cursor to a next page is signed",
        "queue counts": (
            "how much waits is counted up to 1,000 and kept for 5 seconds: here, it is in memory before each queue "
            "page, and what counting takes stands apart (queue_counts_…), as it grows with the queue up to there"
        ),
        "cpu": (
            f"milliseconds of this thread in Gateway.handle, boto3 included; {rounds} rounds, in each of which every "
            f"size has its turn, in an order by chance; what counts is the {COUNTS:.0%} quantile, as noise only adds"
        ),
        "units": "of one request each, asked for apart from the timing",
        "ratios": "the largest value of all sizes over the smallest",
        "python": platform.python_version(),
        "spread": {kind: {str(size): asdict(each.cpu) for size, each in at.items()} for kind, at in seen.items()},
    }


def report(found: Found) -> str:
    """Return what grows and what does not as Markdown tables, and how the figures were taken."""
    figures, how = found["figures"], found["how"]
    head = [
        "request",
        "comments",
        "CPU ms",
        "quarter",
        "median",
        "three quarters",
        "read units",
        "write units",
        "calls",
    ]
    rows = [_row(figures, kind, size, spread) for kind, at in how["spread"].items() for size, spread in at.items()]
    lines = [*table(head, rows), "", *table(["ratio", "measured", "budget", "within budget"], _ratio_rows(figures)), ""]
    lines += table(["figure", "units or calls"], [[n, f"{v:g}"] for n, v in figures.items() if "queue_counts" in n])
    return "\n".join([*lines, "", *(f"{name}: {words}" for name, words in how.items() if isinstance(words, str))])


def _row(figures: Mapping[str, float], kind: str, size: str, spread: Mapping[str, float]) -> list[str]:
    times = [f"{milliseconds:.3f}" for milliseconds in spread.values()]
    return [
        kind,
        f"{int(size):,}",
        *times,
        *(f"{figures[f'{kind}_{unit}_{size}']:g}" for unit in ("rru", "wru", "calls")),
    ]


def _ratio_rows(figures: Mapping[str, float]) -> list[list[str]]:
    ratios = {name: value for name, value in figures.items() if name.endswith("_ratio")}
    budgets = {name: CPU_BUDGET if "_cpu_" in name else UNITS_BUDGET for name in ratios}
    return [
        [name, f"{value:.3f}", f"{budgets[name]:g}", "yes" if value <= budgets[name] else "NO"]
        for name, value in ratios.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
