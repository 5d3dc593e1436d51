"""The figures as a page: charts, and the tables behind them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from chalicelib.rendering.desk.charts import stacked
from chalicelib.rendering.desk.frame import Frame, framed
from chalicelib.rendering.desk.words import count_words, counted, span
from chalicelib.rendering.templates import NOTHING, filled, joined

ARRIVED = {"published": "Published by a rule", "held": "Held for a person", "spam": "Called spam"}
DECIDED = {
    "approved": "Approved",
    "rejected": "Rejected",
    "marked_spam": "Marked as spam",
    "deleted": "Deleted",
    "restored": "Put back",
}
OTHER = {"edited": "Edited by authors", "reported_hidden": "Hidden by reports", "appealed": "Appealed"}
PERIODS = (7, 30, 90)

_LEGEND = Markup(
    '<li><svg class="key" viewBox="0 0 10 10" aria-hidden="true">'
    '<rect class="bar {}" width="10" height="10"/></svg> {}</li>'
)
_TABLE = Markup(
    '<div class="scroll" tabindex="0" role="group" aria-label="Table">'
    "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
)


def figures_page(frame: Frame, stats: Mapping[str, Any], days: int) -> Markup:
    """Return the page of the figures of so many days."""
    series = stats["days"]
    content = filled(
        "desk/figures",
        periods=joined(_period(frame.root, each, days) for each in PERIODS),
        cut=NOTHING
        if stats["complete"]
        else Markup('<p class="hint">Only the newest part of the log was counted.</p>'),
        facts=joined(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*fact) for fact in _facts(stats)),
        arrived=_chart("arrived", "Comments that came", series, ARRIVED),
        decided=_chart("decided", "Decisions", series, DECIDED),
        table=_table(("Day", *ARRIVED.values(), *DECIDED.values(), *OTHER.values()), _rows(series)),
        checks=_checks(stats["checks"]),
        articles=_table(
            ("Article", "Comments", "Approved", "Rejected", "Spam"),
            (
                [each[name] for name in ("article_id", "submitted", "approved", "rejected", "spam")]
                for each in stats["articles"]
            ),
        ),
        moderators=_table(
            ("Moderator", "Decisions"), ([each["name"], each["decisions"]] for each in stats["moderators"])
        ),
    )
    return framed(frame, "Figures", content)


def _period(root: str, each: int, days: int) -> Markup:
    here = Markup(' aria-current="page"') if each == days else NOTHING
    return Markup('<li><a href="{}admin/figures?days={}"{}>{} days</a></li>').format(root, each, here, each)


def _facts(stats: Mapping[str, Any]) -> list[tuple[str, str]]:
    oldest, times = stats["oldest_waiting"], stats["time_to_decision"]
    decided = (
        f"half within {span(times['median'])}, nine of ten within {span(times['p90'])}"
        if times["count"]
        else "nothing was decided yet"
    )
    return [
        ("Waiting", count_words(stats["waiting"]["pending"])),
        ("The oldest waits for", span(oldest["seconds"]) if oldest else "nothing waits"),
        ("Time to a decision", decided),
    ]


def _chart(identity: str, title: str, series: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Markup:
    values = {name: [day[name] for day in series] for name in names}
    totals = [
        f"{counted(sum(values[name]), 'time')} {words.lower()}" for name, words in names.items() if sum(values[name])
    ]
    words = ", ".join(totals) or "nothing"
    legend = joined(_LEGEND.format(name, label) for name, label in names.items())
    chart = stacked(identity, title, f"In all: {words}.", [day["date"] for day in series], values)
    return Markup('<figure><figcaption>{}</figcaption>{}<ul class="legend">{}</ul></figure>').format(
        title, chart, legend
    )


def _rows(series: Sequence[Mapping[str, Any]]) -> Iterable[Sequence[object]]:
    names = (*ARRIVED, *DECIDED, *OTHER)
    return ([day["date"], *(day[name] for name in names)] for day in reversed(series))


def _checks(checks: Sequence[Mapping[str, Any]]) -> Markup:
    rows = (
        [each["check"], each["fired"], each["decided"], each["disagreed"], _share(each["disagreed"], each["decided"])]
        for each in checks
    )
    return _table(("Check", "Spoke", "Decided on since", "Moderators disagreed", "Share"), rows)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    body = joined(_row(row) for row in rows)
    if not body:
        return Markup('<p class="hint">Nothing yet.</p>')
    columns = joined(
        Markup('<th scope="col"{}>{}</th>').format(_number(index), name) for index, name in enumerate(head)
    )
    return _TABLE.format(columns, body)


def _row(row: Sequence[object]) -> Markup:
    first, *rest = row
    cells = joined(
        Markup('<td class="n">{}</td>').format(f"{each:,}" if isinstance(each, int) else each) for each in rest
    )
    return Markup('<tr><th scope="row"><bdi>{}</bdi></th>{}</tr>').format(first, cells)


def _number(index: int) -> Markup:
    return Markup(' class="n"') if index else NOTHING


def last_day(stats: Mapping[str, Any]) -> str:
    """Return in a sentence what the last day brought."""
    days = stats["days"][-2:]
    came = sum(day["submitted"] for day in days)
    decided = sum(day[name] for day in days for name in ("approved", "rejected", "marked_spam", "deleted"))
    if not came and not decided:
        return "Since yesterday nobody has written anything."
    made = f"{counted(decided, 'decision')} {'was' if decided == 1 else 'were'} made"
    return f"Since yesterday {counted(came, 'comment')} came, and {made}."
