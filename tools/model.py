"""`afterword model`: what a site has learned from its moderators: shown, learned anew, taken back, tried."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from chalicelib.learning import (
    Exclusion,
    Learned,
    Model,
    ModelStore,
    Outcomes,
    Place,
    Replayed,
    Tried,
    replay,
    retrain,
    rollback,
    show,
)
from chalicelib.patience import pause
from tools import table_at_hand, terminal
from tools.exits import refusing
from tools.table_at_hand import Choice, open_table

MOST_SHOWN = 20
_OUTCOMES = (("publish", "published"), ("hold", "held"), ("spam", "spam"))

By = Annotated[str | None, typer.Option(metavar="NAME", help="Leave out the decisions of this moderator.")]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Leave out decisions from this time on (RFC 3339).")]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Leave out decisions up to this time.")]
Forget = Annotated[bool, typer.Option("--forget", help="Take in again what was left out before.")]

model = typer.Typer(no_args_is_help=True, help="See to what was learned from decisions.", rich_markup_mode="markdown")


@model.callback()
def _model() -> None:
    """See to what was learned from decisions."""


@model.command("show")
def show_model(
    *,
    as_json: terminal.AsJson = False,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """Show which version of the site's own weights is in force, and which there are to go back to."""
    with refusing(), _open_store(Choice(region, data, table, site)) as store:
        found = show(store)
    if as_json:
        print(json.dumps(_document(found)))
        return
    if found.kept:
        terminal.output().print(_versions(found))
    terminal.say(_state(found))


@model.command("retrain")
def retrain_model(  # noqa: PLR0913 - one argument for each option
    *,
    by: By = None,
    since: Since = None,
    until: Until = None,
    forget: Forget = False,
    as_json: terminal.AsJson = False,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """Learn anew from the log of decisions, and from now on by itself again, also after a rollback.

    With --by, --since and --until, decisions are left out for which all that is given holds, now and later.
    """
    without = _exclusion(by, since, until)
    with refusing(), _open_store(Choice(region, data, table, site)) as store, _place(store) as place:
        learned = retrain(place, without=without, forget=forget)
    _tell(learned, as_json=as_json)


@model.command("rollback")
def roll_back(
    version: Annotated[int, typer.Argument(metavar="VERSION", help="The version; 0 for none.", show_default=False)],
    *,
    as_json: terminal.AsJson = False,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """Put an earlier version in force, and learn nothing by itself until `retrain` is run."""
    with refusing(), _open_store(Choice(region, data, table, site)) as store, _place(store) as place:
        learned = rollback(place, version)
    _tell(learned, as_json=as_json)


@model.command("replay")
def replay_decisions(  # noqa: PLR0913 - one argument for each option
    *,
    version: Annotated[int | None, typer.Option(metavar="VERSION", help="Try this version; 0 for none.")] = None,
    retrained: Annotated[bool, typer.Option("--retrain", help="Try what `retrain` would make.")] = False,
    by: By = None,
    since: Since = None,
    until: Until = None,
    forget: Forget = False,
    hold: Annotated[int | None, typer.Option(metavar="POINTS", min=1, help="Hold comments from this score on.")] = None,
    spam: Annotated[int | None, typer.Option(metavar="POINTS", min=1, help="Call them spam from this one on.")] = None,
    last: Annotated[int, typer.Option(metavar="NUMBER", min=1, max=1000, help="How many decisions.")] = 1000,
    as_json: terminal.AsJson = False,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """Show what would have become of the comments that were decided on last, with other weights or thresholds.

    Nothing is written. The comments are weighed by the version in force, and by what is tried.
    """
    without = _exclusion(by, since, until)
    retrained = retrained or without is not None or forget
    if retrained and version is not None:
        raise typer.BadParameter("--version means weights that are there, and the other options weights to be made.")
    tried = Tried(version, retrained, without, forget, hold, spam)
    with refusing(), _open_store(Choice(region, data, table, site)) as store, _place(store) as place:
        found = replay(place, tried, last)
    if as_json:
        print(json.dumps(_replayed(found)))
        return
    _show_replayed(found)


@contextmanager
def _place(store: ModelStore) -> Iterator[Place]:
    """Yield where learning takes place now, with a bar that tells how many comments were read."""
    with terminal.progress() as shown:
        task = shown.add_task("Reading comments", total=None, unit="comments")
        yield Place(store, datetime.now(UTC), pause, lambda read, of: shown.update(task, completed=read, total=of))


def _exclusion(by: str | None, since: str | None, until: str | None) -> Exclusion | None:
    if by is None and since is None and until is None:
        return None
    return Exclusion(by, _time("--since", since), _time("--until", until))


def _time(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{option} takes a time such as 2026-11-24 or 2026-11-24T15:00:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@contextmanager
def _open_store(choice: Choice) -> Iterator[ModelStore]:
    with open_table(choice) as table:
        # Loads boto3, as open_table does, and says why it is not done sooner.
        from chalicelib.dynamodb import DynamoModels  # noqa: PLC0415

        terminal.note(f"Working on {table}.")
        yield DynamoModels(table.connection)


def _document(found: Model) -> dict[str, Any]:
    kept = [{**asdict(each), "made": _written(each.made)} for each in found.kept]
    return {
        "version": found.version,
        "pinned": found.pinned,
        "through": found.through,
        "looked_at": _written(found.looked_at),
        "without": [
            {"by": each.by, "since": _written(each.since), "until": _written(each.until)} for each in found.without
        ],
        "versions": kept,
    }


def _written(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _state(found: Model) -> str:
    kept = found.in_force
    if kept:
        sentence = (
            f"Version {kept.version} is in force, learned from {kept.spam} spam and {kept.honest} other comments."
        )
    else:
        sentence = "No weights of the site's own are in force."
    if found.pinned:
        sentence += " It stays so: nothing is learned until retrain is run."
    return sentence + "".join(f" Left out: {_left_out(each)}." for each in found.without)


def _left_out(exclusion: Exclusion) -> str:
    parts = (
        ("decisions", "" if exclusion.by is None else f"of {exclusion.by}"),
        ("from", _written(exclusion.since)),
        ("up to", _written(exclusion.until)),
    )
    (what, who), *times = parts
    words = [what, who, *(f"{word} {time}" for word, time in times if time)]
    return " ".join(filter(None, words))


def _versions(found: Model) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("version", "made", "spam", "others", "weights", "checksum", ""):
        table.add_column(name, justify="right" if name in {"version", "spam", "others", "weights"} else "left")
    for each in found.kept:
        made, numbers = f"{each.made:%Y-%m-%d %H:%M}", (f"{each.spam:,}", f"{each.honest:,}", f"{each.size:,}")
        in_force = "in force" if each.version == found.version else ""
        table.add_row(str(each.version), made, *numbers, each.checksum[:12], in_force)
    return table


def _tell(learned: Learned, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**_document(learned.after), "before": learned.before.version, "gone": learned.gone}))
        return
    if not learned.is_new:
        terminal.say("Nothing has changed by that.")
    terminal.say(_state(learned.after))


def _replayed(found: Replayed) -> dict[str, Any]:
    return {
        "decisions": found.decisions,
        "gone": found.gone,
        "known": found.known,
        "before": _figures(found.before),
        "after": _figures(found.after),
        "changes": [asdict(each) for each in found.changes],
    }


def _figures(outcomes: Outcomes) -> dict[str, Any]:
    return {"agree": outcomes.agree, "spam": outcomes.spam, "honest": outcomes.honest}


def _show_replayed(found: Replayed) -> None:
    console = terminal.output()
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("decided as", "would be", "now", "then"):
        table.add_column(name, justify="right" if name in {"now", "then"} else "left")
    for kind, before, after in (
        ("spam", found.before.spam, found.after.spam),
        ("not spam", found.before.honest, found.after.honest),
    ):
        for outcome, words in _OUTCOMES:
            table.add_row(kind, words, f"{before[outcome]:,}", f"{after[outcome]:,}")  # type: ignore[index]
    console.print(table)
    for each in found.changes[:MOST_SHOWN]:
        decided = "spam" if each.spam else "not spam"
        terminal.say(
            f"{each.comment_id}  {decided}: {each.before} ({each.score_before}) to {each.after} ({each.score_after})"
        )
    if len(found.changes) > MOST_SHOWN:
        terminal.say(f"... and {len(found.changes) - MOST_SHOWN:,} more; --json has all.")
    terminal.say(_sum_of(found))


def _sum_of(found: Replayed) -> str:
    sentence = (
        f"{found.decisions:,} decisions: {found.before.agree:,} agree now, {found.after.agree:,} would; "
        f"{len(found.changes):,} comments would change."
    )
    if found.known:
        sentence += f" {found.known:,} of them were learned from, so they say little of comments to come."
    return sentence + (f" {found.gone:,} comments are gone." if found.gone else "")
