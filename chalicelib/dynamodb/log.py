"""How log entries are kept: append only, by month and time, and by the comment they are about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.audit import EVENTS, Circumstances, Decision, Entry
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import Keys, below
from chalicelib.dynamodb.values import Item, from_item
from chalicelib.ids import order_id, order_time

FIRST_MONTH = "2026-11"
"""No entry is older than the first release; the log's pages end there."""
HEAD = "HEAD"


def entry_key(keys: Keys, decision_id: str) -> tuple[str, str]:
    """Return where the entry of a decision stands."""
    return keys.log(f"{order_time(decision_id):%Y-%m}"), decision_id


def entry_keys(keys: Keys, entry_id: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return where the entry of a decision or of an event stands."""
    pk, sk = entry_key(keys, entry_id)
    return (pk, sk), (keys.events(f"{order_time(entry_id):%Y-%m}"), sk)


def site_head_key(keys: Keys) -> tuple[str, str]:
    """Return where the hash of the newest entry about the site stands."""
    return keys.site_policy(), HEAD


def entry_steps(table: Connection, entry: Entry) -> list[dict[str, Any]]:
    """Return the step that adds an entry about a comment, whose record has the hash of the newest one as its head."""
    return [table.put(entry_item(table.keys, entry), "attribute_not_exists(pk)")]


def site_entry_steps(table: Connection, entry: Entry) -> list[dict[str, Any]]:
    """Return the steps that add an entry about the site, right after the one whose hash it names."""
    as_seen = "#head = :previous" if entry.previous else "attribute_not_exists(#head)"
    seen = {"previous": entry.previous} if entry.previous else {}
    head = table.change(*site_head_key(table.keys), "SET #head = :head", as_seen, head=entry.hash, **seen)
    return [*entry_steps(table, entry), head]


def entry_item(keys: Keys, entry: Entry) -> Item:
    """Return an entry's item: a decision stands in the log of its month, an event among the events."""
    decision = entry.decision
    pk, sk = entry_key(keys, decision.id)
    if decision.action in EVENTS:
        pk = keys.events(f"{order_time(sk):%Y-%m}")
    return {
        "pk": pk,
        "sk": sk,
        "comment": decision.comment_id,
        "action": decision.action,
        "from": decision.from_,
        "to": decision.to,
        "rev": decision.revision,
        "by": decision.by,
        "at": decision.at.isoformat(),
        "reason": decision.reason,
        "note": decision.note,
        "previous": entry.previous,
        "hash": entry.hash,
        "facts": entry.circumstances and _facts_item(entry.circumstances),
        "g1": keys.history(decision.comment_id) if decision.comment_id else None,
        "g1s": decision.id if decision.comment_id else None,
    }


def to_entry(item: Item) -> Entry:
    """Return the entry an item keeps."""
    values: dict[str, Any] = item
    decision = Decision(
        id=values["sk"],
        comment_id=values.get("comment"),
        action=values["action"],
        from_=values.get("from"),
        to=values.get("to"),
        revision=values.get("rev"),
        by=values["by"],
        at=datetime.fromisoformat(values["at"]),
        reason=values.get("reason"),
        note=values.get("note"),
        undone=values.get("undone", False),
    )
    facts = values.get("facts")
    return Entry(decision, values.get("previous"), values["hash"], _to_circumstances(facts) if facts else None)


def _facts_item(facts: Circumstances) -> Item:
    return {
        "article": facts.article_id,
        "outcome": facts.outcome,
        "score": facts.score,
        "checks": list(facts.checks),
        "waited": facts.waited,
        "message": facts.message,
        "findings": list(facts.findings) or None,
        "remedy": facts.remedy,
    }


def _to_circumstances(item: Item) -> Circumstances:
    return Circumstances(
        article_id=item["article"],
        outcome=item["outcome"],
        score=item["score"],
        checks=tuple(item["checks"]),
        waited=item.get("waited"),
        message=item.get("message"),
        findings=tuple(item.get("findings", ())),
        remedy=item.get("remedy"),
    )


def month_before(month: str) -> str | None:
    """Return the month before `2026-11`, None before the first one."""
    if month <= FIRST_MONTH:
        return None
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}"


def month_of(at: datetime) -> str:
    """Return the month a time lies in."""
    return f"{at.astimezone(UTC):%Y-%m}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a log: from a time on, up to another, and below the id of an entry that was read before."""

    since: datetime | None
    until: datetime
    after: str | None = None

    @property
    def ids(self) -> tuple[str, str]:
        """The least and the greatest id in it, both included."""
        first = order_id(self.since, 0) if self.since else "0"
        return first, below(self.after or order_id(self.until, 0))

    @property
    def months(self) -> list[str]:
        """The months it lies in, the newest first."""
        month: str | None = month_of(order_time(self.after) if self.after else self.until)
        first = month_of(self.since) if self.since else FIRST_MONTH
        found = []
        while month and month >= first:
            found.append(month)
            month = month_before(month)
        return found


def newest_first(
    table: Connection, partition: Callable[[str], str], stretch: Stretch, many: int | None = None
) -> Iterator[Item]:
    """Yield the items of a stretch of a log, newest first, by Queries of `many` items, or of 1 MB."""
    first, last = stretch.ids
    if first > last:
        return
    for month in stretch.months:
        start = None
        while True:
            answer = table.query(partition(month), between=(first, last), forward=False, limit=many, start=start)
            yield from map(from_item, answer["Items"])
            start = answer.get("LastEvaluatedKey")
            if start is None:
                break
