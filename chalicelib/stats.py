"""Figures: what happened to comments day by day, how long they waited, where moderators and checks disagreed."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, get_args

from chalicelib.audit import BY_AUTHOR, BY_REPORTS, Action, Entry
from chalicelib.comments import State

MOST_ENTRIES = 20_000
"""So many entries of the log are looked at, the newest; with more of them, figures are not complete."""
ARTICLES = 10
NO_CHECK = "none"
"""What stands in a check's place for comments in which none found anything."""
NINE_TENTHS = 90

ACTIONS: frozenset[str] = frozenset(get_args(Action))
_JUDGED = frozenset({"approve", "reject", "spam"})
_AGAINST = frozenset({"reject", "spam"})
_BEGINNINGS: dict[State | None, str] = {"approved": "published", "pending": "held", "spam": "spam"}
_DONE = {
    "approve": "approved",
    "reject": "rejected",
    "spam": "marked_spam",
    "delete": "deleted",
    "restore": "restored",
    "edit": "edited",
    "hide": "reported_hidden",
    "appeal": "appealed",
}


@dataclass(frozen=True, slots=True)
class Day:
    """How often what happened on one day (UTC).

    `published`, `held` and `spam` are what became of what was `submitted`; the rest is what was done to comments of
    any age and was not taken back. `undone` counts what was.
    """

    date: date
    submitted: int = 0
    published: int = 0
    held: int = 0
    spam: int = 0
    approved: int = 0
    rejected: int = 0
    marked_spam: int = 0
    deleted: int = 0
    restored: int = 0
    edited: int = 0
    reported_hidden: int = 0
    appealed: int = 0
    undone: int = 0


@dataclass(frozen=True, slots=True)
class Waits:
    """How long comments had waited when moderators decided, in seconds: half of them no longer than the median."""

    count: int
    median: int | None
    p90: int | None


@dataclass(frozen=True, slots=True)
class CheckFigures:
    """In how many submissions a check found something, on how many such comments moderators decided, and otherwise.

    They `disagreed` who approved such a comment; for the check `none`, who rejected one that no check had spoken
    against, or marked it as spam.
    """

    check: str
    fired: int
    decided: int
    disagreed: int


@dataclass(frozen=True, slots=True)
class ModeratorFigures:
    """How many decisions of a moderator hold."""

    name: str
    decisions: int


@dataclass(frozen=True, slots=True)
class ArticleFigures:
    """What became of an article's comments, by rule or by a moderator."""

    article_id: str
    submitted: int
    approved: int
    rejected: int
    spam: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the log's entries of some days add up to."""

    days: list[Day]
    time_to_decision: Waits
    checks: list[CheckFigures]
    moderators: list[ModeratorFigures]
    articles: list[ArticleFigures]


class StatsStore(Protocol):
    """How the log is read for figures."""

    def entries(self, since: datetime, until: datetime, most: int) -> list[Entry]:
        """Return the newest entries of decisions and events of a time, `until` not included, at most so many."""
        ...


def span(days: int, now: datetime) -> tuple[date, date]:
    """Return the first and the last of so many days (UTC), the last of which is today."""
    today = now.astimezone(UTC).date()
    return today - timedelta(days=days - 1), today


def midnight(day: date) -> datetime:
    """Return when a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def figures(entries: Iterable[Entry], first: date, last: date) -> Figures:
    """Return what entries of some days add up to. What was undone counts nowhere but as undone."""
    known = [entry for entry in entries if first <= _day(entry) <= last]
    standing = [entry for entry in known if not entry.decision.undone]
    submissions = [entry for entry in standing if entry.decision.action == "submit"]
    decisions = [entry for entry in standing if _is_decision(entry)]
    return Figures(
        days=_days(known, first, last),
        time_to_decision=_waits(decisions),
        checks=_checks(submissions, [entry for entry in decisions if entry.decision.action in _JUDGED]),
        moderators=_moderators(decisions),
        articles=_articles([*submissions, *decisions]),
    )


def _day(entry: Entry) -> date:
    return entry.decision.at.astimezone(UTC).date()


def _is_decision(entry: Entry) -> bool:
    """Tell whether a moderator decided: authors delete what is their own."""
    return entry.decision.action in ACTIONS and entry.decision.by not in {BY_AUTHOR, BY_REPORTS}


def _days(entries: Iterable[Entry], first: date, last: date) -> list[Day]:
    counted = {first + timedelta(days=number): Counter[str]() for number in range((last - first).days + 1)}
    for entry in entries:
        counted[_day(entry)].update(_counts_as(entry))
    names = [field.name for field in fields(Day) if field.name != "date"]
    return [Day(day, **{name: counts[name] for name in names}) for day, counts in counted.items()]


def _counts_as(entry: Entry) -> Collection[str]:
    decision = entry.decision
    if decision.undone:
        return ("undone",)
    if decision.action == "submit":
        begun = _BEGINNINGS.get(decision.to)
        return ("submitted", begun) if begun else ("submitted",)
    return (_DONE[decision.action],) if decision.action in _DONE else ()


def _waits(decisions: Iterable[Entry]) -> Waits:
    waited = sorted(
        entry.circumstances.waited
        for entry in decisions
        if entry.circumstances and entry.circumstances.waited is not None
    )
    return Waits(len(waited), quantile(waited, 50), quantile(waited, NINE_TENTHS))


def quantile(ordered: Sequence[int], percent: int) -> int | None:
    """Return the least of the values, in order, that so many of a hundred do not exceed; None without any."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None


def _checks(submissions: Iterable[Entry], decisions: Iterable[Entry]) -> list[CheckFigures]:
    fired, decided, disagreed = Counter[str](), Counter[str](), Counter[str]()
    for entry in submissions:
        fired.update(_found_by(entry))
    for entry in decisions:
        checks = _found_by(entry)
        decided.update(checks)
        against = _AGAINST if NO_CHECK in checks else {"approve"}
        if entry.decision.action in against:
            disagreed.update(checks)
    names = sorted(fired.keys() | decided.keys(), key=lambda name: (-fired[name], name))
    return [CheckFigures(name, fired[name], decided[name], disagreed[name]) for name in names]


def _found_by(entry: Entry) -> set[str]:
    """Return the checks that found something in the comment, as the entry knows them; older entries know of none."""
    return set(entry.circumstances.checks) or {NO_CHECK} if entry.circumstances else set()


def _moderators(decisions: Iterable[Entry]) -> list[ModeratorFigures]:
    counted = Counter(entry.decision.by for entry in decisions)
    return [ModeratorFigures(name, number) for name, number in _ranked(counted)]


def _articles(entries: Iterable[Entry]) -> list[ArticleFigures]:
    counted: dict[str, Counter[str]] = {}
    for entry in entries:
        if entry.circumstances:
            counted.setdefault(entry.circumstances.article_id, Counter()).update(_counts_as(entry))
    busiest = _ranked(Counter({article: counts["submitted"] for article, counts in counted.items()}))[:ARTICLES]
    return [
        ArticleFigures(
            article_id=article,
            submitted=submitted,
            approved=counted[article]["published"] + counted[article]["approved"],
            rejected=counted[article]["rejected"],
            spam=counted[article]["spam"] + counted[article]["marked_spam"],
        )
        for article, submitted in busiest
    ]


def _ranked(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))
