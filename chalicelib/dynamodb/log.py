"""How log entries are kept: append only, by month and time, and by the comment they are about."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.audit import Decision, Entry
from chalicelib.dynamodb.keys import Keys
from chalicelib.dynamodb.values import Item
from chalicelib.ids import order_time

FIRST_MONTH = "2026-11"
"""No entry is older than the first release; the log's pages end there."""


def entry_key(keys: Keys, decision_id: str) -> tuple[str, str]:
    """Return where the entry of a decision stands."""
    return keys.log(f"{order_time(decision_id):%Y-%m}"), decision_id


def entry_item(keys: Keys, entry: Entry) -> Item:
    """Return an entry's item."""
    decision = entry.decision
    pk, sk = entry_key(keys, decision.id)
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
    return Entry(decision, values.get("previous"), values["hash"])


def month_before(month: str) -> str | None:
    """Return the month before `2026-11`, None before the first one."""
    if month <= FIRST_MONTH:
        return None
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}"


def month_of(at: datetime) -> str:
    """Return the month a time lies in."""
    return f"{at.astimezone(UTC):%Y-%m}"
