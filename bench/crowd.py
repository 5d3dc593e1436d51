"""Whether an article's tally stays exact while a crowd rates it, transactions collide and answers are lost.

`python -m bench.crowd` prints a table, with `--json` one object `{"figures": …, "how": …}`.
"""

import argparse
import logging
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from statistics import fmean
from typing import Any

from bench.command import Found, options, run, table
from bench.workbench import Workbench, open_workbench
from chalicelib.dynamodb import DynamoStores
from chalicelib.dynamodb.ratings import DynamoRatings
from chalicelib.errors import Stale, Unavailable
from chalicelib.once import Done
from chalicelib.patience import pause
from chalicelib.ratings import STARS, Seen, rate
from chalicelib.recount import recount
from chalicelib.routes.service import utc_now
from tests.faults import Fault, injected
from tools import terminal

ARTICLE = "the article everybody reads"
WRITERS, RUNS = 200, 10
RATINGS = 3
"""How often each writer makes up its mind."""
TRIES = 50
"""A writer sends a rating that was not taken again, as a client does that hears 503."""
BESIDE = ("alone", "settling", "recounting", "both")
"""What goes on beside the crowd, run after run."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many rate at once, and how often a transaction collides, or its answer is lost."""

    writers: int
    conflicts: float
    lost: float

    @property
    def weather(self) -> Mapping[tuple[str, Fault], float]:
        """What strikes which operation how often."""
        return {
            ("TransactWriteItems", "lost"): self.lost,
            ("TransactWriteItems", "conflict"): self.conflicts,
            ("UpdateItem", "lost"): self.lost,
        }


@dataclass(slots=True)
class Outcome:
    """What came of one run; `wrong` says in words what was not exact."""

    ratings: int = 0
    attempts: int = 0
    recounts: Counter[str] = field(default_factory=Counter)
    shards: int = 0
    epochs: int = 0
    wrong: list[str] = field(default_factory=list)


class Counting:
    """Ratings in the table that count how often one is tried: fulfils RatingStore."""

    def __init__(self, ratings: DynamoRatings) -> None:
        self._ratings = ratings
        self._lock = threading.Lock()
        self.look, self.spread = ratings.look, ratings.spread
        self.attempts = 0

    def move(self, article_id: str, reader: str, seen: Seen, new: int | None, done: Done | None, now: datetime) -> None:
        """Count the attempt and make it."""
        with self._lock:
            self.attempts += 1
        self._ratings.move(article_id, reader, seen, new, done, now)


def main() -> int:
    """Measure and print."""
    parser = options("crowd", __doc__)
    parser.add_argument(
        "--writers", type=_at_least_one, default=WRITERS, metavar="N", help=f"readers at once ({WRITERS})"
    )
    parser.add_argument("--runs", type=_at_least_one, default=RUNS, metavar="N", help=f"how often, each anew ({RUNS})")
    parser.add_argument(
        "--conflicts", type=_chance, default=0.65, metavar="P", help="chance that a transaction collides (0.65)"
    )
    parser.add_argument("--lost", type=_chance, default=0.05, metavar="P", help="chance that an answer is lost (0.05)")
    wanted = parser.parse_args()
    # Two hundred threads share the client's connections; that some are opened anew is told to nobody.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    crowd = Crowd(wanted.writers, wanted.conflicts, wanted.lost)
    return run(partial(measure, crowd=crowd, runs=wanted.runs), report, as_json=wanted.json)


def _at_least_one(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and int(text)):
        msg = f"{text!r} is no whole number from 1 on"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _chance(text: str) -> float:
    try:
        chance = float(text)
    except ValueError:
        chance = -1
    if not 0 <= chance < 1:
        msg = f"{text!r} is no chance from 0 to below 1"
        raise argparse.ArgumentTypeError(msg)
    return chance


def measure(endpoint: str, *, crowd: Crowd, runs: int) -> Found:
    """Let the crowd rate an article as often as wanted, each time on a site of its own; return what came of it."""
    outcomes = []
    with open_workbench(endpoint) as bench, terminal.progress() as shown:
        task = shown.add_task("Rating", total=runs, unit="runs")
        for number in range(runs):
            outcomes.append(_run(bench.at(f"crowd-{number}"), crowd, number))
            shown.advance(task)
    return _found(crowd, outcomes)


def _run(bench: Workbench, crowd: Crowd, number: int) -> Outcome:
    outcome, stores = Outcome(), bench.stores
    counting = Counting(stores.ratings)
    wishes = [_wishes(number, writer) for writer in range(crowd.writers)]
    with ExitStack() as stack:
        stack.enter_context(injected(bench.client, crowd.weather, seed=number))
        stack.enter_context(_beside(stores, outcome, BESIDE[number % len(BESIDE)]))
        stack.enter_context(_again_and_again(partial(_view, stores, outcome, crowd.writers)))
        pool = stack.enter_context(ThreadPoolExecutor(crowd.writers))
        for done in [pool.submit(_write, counting, writer, wanted) for writer, wanted in enumerate(wishes)]:
            done.result()
    outcome.ratings = sum(map(len, wishes))
    outcome.attempts = counting.attempts
    outcome.epochs = stores.ratings.look(ARTICLE, "nobody", None, utc_now()).heat.epoch
    outcome.shards = sum(shard["ver"] > 1 for shard in stores.tallies.shards(ARTICLE).values())
    _judge(stores, outcome, [wanted[-1] for wanted in wishes])
    return outcome


def _wishes(run_number: int, writer: int) -> list[int | None]:
    """Return what a writer rates, one after the other; None takes the rating back."""
    chance = random.Random(f"{run_number} {writer}")  # noqa: S311 - the same wishes each time
    return [chance.choice(STARS), *(chance.choice((None, *STARS)) for _ in range(RATINGS - 1))]


def _write(ratings: Counting, writer: int, wishes: Sequence[int | None]) -> None:
    for stars in wishes:
        for _ in range(TRIES):
            with suppress(Unavailable):
                rate(ratings, ARTICLE, f"writer {writer}", stars, once=None, now=utc_now(), pause=pause)
                break
        else:
            msg = f"writer {writer} was refused {TRIES} times"
            raise SystemExit(msg)


@contextmanager
def _beside(stores: DynamoStores, outcome: Outcome, what: str) -> Iterator[None]:
    """Settle the tally, recount and repair it, or both, again and again while the block lasts."""
    with ExitStack() as stack:
        if what in {"settling", "both"}:
            stack.enter_context(_again_and_again(partial(_settle, stores)))
        if what in {"recounting", "both"}:
            stack.enter_context(_again_and_again(partial(_recount, stores, outcome)))
        yield


@contextmanager
def _again_and_again(act: Callable[[], None]) -> Iterator[None]:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            with suppress(Stale, Unavailable):
                act()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()


def _settle(stores: DynamoStores) -> None:
    stores.tallies.settle(ARTICLE, utc_now(), hot_too=True)


def _recount(stores: DynamoStores, outcome: Outcome) -> None:
    found = recount(stores.recounts, stores.recounts.key_of(ARTICLE), repair=True, pause=lambda _: None)
    outcome.recounts[found.outcome] += 1
    if found.differences:
        outcome.wrong.append(f"a recount found {found.differences}")


def _view(stores: DynamoStores, outcome: Outcome, writers: int) -> None:
    """Look at the article as a reader does: no bucket may be below nothing, nor all of them above all writers."""
    histogram = stores.threads.first_page(ARTICLE, 1, utc_now()).tally.histogram
    if min(histogram.values()) < 0 or sum(histogram.values()) > writers:
        outcome.wrong.append(f"a view showed {histogram}")


def _judge(stores: DynamoStores, outcome: Outcome, last: Sequence[int | None]) -> None:
    """Hold the tally against what each writer gave last: as it is, recounted, and when all shards are settled."""
    expected = {str(stars): last.count(stars) for stars in STARS}
    for moment in ("after the crowd", "settled"):
        shown = stores.threads.first_page(ARTICLE, 1, utc_now()).tally.histogram
        if shown != expected:
            outcome.wrong.append(f"{moment}: {shown} instead of {expected}")
        found = recount(stores.recounts, stores.recounts.key_of(ARTICLE), repair=False, pause=pause)
        if found.outcome != "exact":
            outcome.wrong.append(f"{moment}, recounted: {found.outcome} {found.differences}")
        stores.tallies.settle(ARTICLE, utc_now(), hot_too=True)


def _found(crowd: Crowd, outcomes: Sequence[Outcome]) -> Found:
    each = [outcome.attempts / outcome.ratings for outcome in outcomes]
    recounts = sum((outcome.recounts for outcome in outcomes), Counter[str]())
    figures: dict[str, float] = {
        "runs": len(outcomes),
        "exact_runs": sum(not outcome.wrong for outcome in outcomes),
        "ratings": sum(outcome.ratings for outcome in outcomes),
        "attempts_per_rating": round(fmean(each), 3),
        "attempts_per_rating_least": round(min(each), 3),
        "attempts_per_rating_most": round(max(each), 3),
        "shards_used": max(outcome.shards for outcome in outcomes),
        "times_spread": sum(outcome.epochs for outcome in outcomes),
        "recounts_meanwhile_exact": recounts["exact"],
        "recounts_meanwhile_busy": recounts["busy"],
    }
    how: dict[str, Any] = {
        "crowd": f"{crowd.writers} readers at once, each rating one article {RATINGS} times, the last time for good",
        "faults": f"of all transactions {crowd.conflicts:.0%} collide at the tally, of all writes {crowd.lost:.0%} "
        "lose their answer; each fault by chance, with a seed a run",
        "beside": f"run by run in turn: {', '.join(BESIDE)}; and a reader who looks at the article all the time",
        "exact": "the histogram is what each reader gave last, after the crowd and once settled; a recount agrees; no "
        "view showed a bucket below 0, or more ratings than readers",
        "attempt": "one transaction of a rating as the use case makes it; botocore's own second tries are not counted",
        "wrong": [words for outcome in outcomes for words in outcome.wrong],
    }
    return {"figures": figures, "how": how}


def report(found: Found) -> str:
    """Return what was found as a table and sentences."""
    lines = table(["figure", "value"], [[name, f"{value:g}"] for name, value in found["figures"].items()])
    return "\n".join([*lines, "", *(f"{name}: {words}" for name, words in found["how"].items())])


if __name__ == "__main__":
    sys.exit(main())
