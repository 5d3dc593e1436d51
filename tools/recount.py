"""`afterword recount`: hold what the table says of articles against what is in it, and show what differs."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, get_args

import typer
from rich import box
from rich.progress import Progress
from rich.table import Table

from chalicelib.errors import Invalid
from chalicelib.ids import checked_article_id
from chalicelib.patience import pause
from chalicelib.recount import Difference, Outcome, Recounted, RecountStore
from chalicelib.recount import recount as recount_article
from tools import table_at_hand, terminal
from tools.exits import WrongUseError, ending
from tools.table_at_hand import Choice, open_table

ALL_IS_WELL = 0
DIFFERENT = 1
BUSY = 3

Articles = Annotated[
    list[str] | None,
    typer.Option("--article", metavar="ID", help="The article to count; may be given more than once."),
]
Every = Annotated[bool, typer.Option("--all", help="Count every article that has ratings or comments.")]
Repair = Annotated[bool, typer.Option("--repair", help="Make the table say what was counted.")]


def recount(
    *,
    article: Articles = None,
    every: Every = False,
    repair: Repair = False,
    as_json: terminal.AsJson = False,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """Count ratings, comments, votes and reports again, and compare them with what readers are shown.

    The service may go on meanwhile: nothing is locked, and what changes while it is counted is counted again.
    Without --repair nothing is written.

    Exit codes:

    - 0: all exact, or repaired
    - 1: something differs and was not repaired
    - 2: wrong use, or there is no such table
    - 3: nothing differs, but some article was too busy to be counted
    - 4: the table was away; what was found until then is printed
    - 130: stopped by Ctrl-C, likewise
    """
    with ending():
        ids = _asked(article or [], every=every)
        with _open_store(Choice(region, data, table, site)) as store:
            report = Report()
            try:
                _count(store, ids, report, repair=repair)
            finally:
                report.show(as_json=as_json)
    raise typer.Exit(report.exit_code)


def _asked(ids: Sequence[str], *, every: bool) -> list[str] | None:
    """Return the ids of the articles to count, each once; None means every article."""
    if bool(ids) == every:
        raise WrongUseError("Say which articles to count: either --article ID, or --all.")
    try:
        return None if every else [checked_article_id(each) for each in dict.fromkeys(ids)]
    except Invalid as error:
        raise WrongUseError(f"--article: {error.detail}") from error


@contextmanager
def _open_store(choice: Choice) -> Iterator[RecountStore]:
    with open_table(choice) as table:
        # Loads boto3, as open_table does, and says why it is not done sooner.
        from chalicelib.dynamodb import DynamoRecounts  # noqa: PLC0415

        terminal.note(f"Counting {table}.")
        yield DynamoRecounts(table.connection)


def _count(store: RecountStore, ids: Iterable[str] | None, report: "Report", *, repair: bool) -> None:
    """Count articles into the report, which holds what was found so far at any time. Raises Unavailable."""
    with terminal.progress() as shown:
        articles = _find(store, shown) if ids is None else [store.key_of(each) for each in ids]
        report.asked = len(articles)
        task = shown.add_task("Counting", total=len(articles), unit="articles")
        for each in articles:
            report.add(recount_article(store, each, repair=repair, pause=pause))
            shown.advance(task)


def _find(store: RecountStore, shown: Progress) -> list[str]:
    task = shown.add_task("Looking for articles", total=None, unit="items")
    found = sorted(store.articles(lambda seen: shown.update(task, completed=seen)))
    shown.remove_task(task)
    return found


@dataclass(slots=True)
class Report:
    """What was counted so far, and in which articles something differs."""

    asked: int | None = None
    ratings: int = 0
    comments: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    found: list[Recounted] = field(default_factory=list)

    @property
    def articles(self) -> int:
        return self.outcomes.total()

    @property
    def exit_code(self) -> int:
        """What differs weighs more than what could not be counted."""
        return DIFFERENT if self.outcomes["different"] else BUSY if self.outcomes["busy"] else ALL_IS_WELL

    def add(self, recounted: Recounted) -> None:
        self.ratings += recounted.ratings
        self.comments += recounted.comments
        self.outcomes[recounted.outcome] += 1
        if recounted.outcome != "exact":
            self.found.append(recounted)

    def show(self, *, as_json: bool) -> None:
        """Print it on stdout."""
        if as_json:
            print(json.dumps(self.document()))  # in ASCII, which every terminal and pipe can take
            return
        console = terminal.output()
        if self.found:
            console.print(_table(self.found))
        console.print(self.sentence(), soft_wrap=True)

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        totals = {"articles": self.articles, "ratings": self.ratings, "comments": self.comments}
        outcomes = {outcome: self.outcomes[outcome] for outcome in get_args(Outcome)}
        return {**totals, **outcomes, "found": [asdict(each) for each in self.found]}

    def sentence(self) -> str:
        """Return it in short, for a person."""
        if not self.articles and self.asked != 0:
            return "Nothing was counted."
        done = self.articles == self.asked
        articles = _many(self.articles, "article") if done else f"{self.articles:,} of {self.asked:,} articles"
        totals = f"{articles}, {_many(self.ratings, 'rating')}, {_many(self.comments, 'comment')}"
        advice = " Run it again with --repair to mend that." if self.outcomes["different"] else ""
        return f"{totals}: {self._result()}{'' if done else ' so far'}.{advice}"

    def _result(self) -> str:
        if self.outcomes["exact"] == self.articles:
            return "all exact"
        told = ((outcome, self.outcomes[outcome]) for outcome in get_args(Outcome))
        return ", ".join(f"{often:,} {outcome}" for outcome, often in told if often)


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _table(found: Iterable[Recounted]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("article", overflow="fold")
    table.add_column("outcome")
    table.add_column("what", overflow="fold")
    table.add_column("kept", justify="right")
    table.add_column("counted", justify="right")
    for each in found:
        for number, row in enumerate(_rows(each)):
            table.add_row(*(("", "") if number else (terminal.safe(each.article), each.outcome)), *row)
    return table


def _rows(recounted: Recounted) -> Iterable[tuple[str, str, str]]:
    """Yield a row for each difference, and an empty one where there is none to tell."""
    differences = [(_what(each), f"{each.kept:,}", f"{each.counted:,}") for each in recounted.differences]
    return differences or [("", "", "")]


def _what(difference: Difference) -> str:
    return f"{difference.what} of {difference.comment_id}" if difference.comment_id else difference.what
