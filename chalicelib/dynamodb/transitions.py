"""The steps by which a comment's state moves: what enters or leaves the public page, and every count with it."""

from datetime import datetime
from typing import Any

from chalicelib.comments import Record, State
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY, comment_sort_key
from chalicelib.dynamodb.log import entry_item, entry_key
from chalicelib.dynamodb.records import (
    POINTER,
    kept_html,
    pointer_item,
    public_item,
    public_key,
    record_item,
    seconds,
)
from chalicelib.dynamodb.tallies import SINCE
from chalicelib.errors import Stale
from chalicelib.ids import order_time
from chalicelib.moderation import Ruled

AUTHOR_COUNTS = ("approved", "rejected", "spam")

Step = dict[str, Any]


def ruled_steps(table: Connection, ruled: Ruled) -> list[Step]:
    """Return the steps of a decision: record, queue, log, author and page, tied to the version it was made on."""
    before, after = ruled.before, ruled.after
    return [
        record_step(table, ruled),
        *pointer_steps(table, before, after),
        table.put(entry_item(table.keys, ruled.entry), "attribute_not_exists(pk)"),
        *author_steps(table, before.state, after, trusted=ruled.trusted),
        *page_steps(table, before, after, ruled.shown),
        *_undone_step(table, ruled),
    ]


def _undone_step(table: Connection, ruled: Ruled) -> list[Step]:
    """Return the step that marks the log entry of a decision taken back; nothing else of an entry ever changes."""
    if ruled.undoes is None:
        return []
    return [table.change(*entry_key(table.keys, ruled.undoes), "SET #undone = :yes", "attribute_exists(pk)", yes=True)]


def record_step(table: Connection, ruled: Ruled) -> Step:
    """Return the step that replaces the private record, tied to the version that was read."""
    return replaced_step(table, ruled.before, ruled.after, ruled.entry.decision.at)


def pointer_steps(table: Connection, before: Record | None, after: Record) -> list[Step]:
    """Return the step on a record's pointer in the order riskiest first, none where it stays as it is.

    Goes with the step that replaces the record, and is tied to nothing else: so it is there exactly while it waits.
    """
    was, is_ = before and pointer_item(table.keys, before), pointer_item(table.keys, after)
    if was == is_:
        return []
    return [table.put(is_) if is_ else table.delete(table.keys.comment(after.id), POINTER)]


def replaced_step(table: Connection, before: Record, after: Record, now: datetime) -> Step:
    """Return the step that replaces a record; what is deleted lives as long as the decision gave it."""
    item = record_item(table.keys, after, order_time(after.decision) if after.decision else now)
    return table.put(item, "#ver = :seen", seen=before.version)


def page_steps(table: Connection, before: Record | None, after: Record, shown: Record | None = None) -> list[Step]:
    """Return the steps on the public page: the comment's item, and the article's number of comments.

    `shown` is the record as the public sees it, where that is in an earlier text than the newest.
    """
    was, is_ = before is not None and before.is_public, after.is_public
    if not was and not is_:
        return []
    summary = table.keys.article(after.article_id)
    if was and is_:
        assert before  # noqa: S101 - it was approved
        if before.public_revision == after.public_revision:
            return []
        return [_edited_step(table, _as_shown(after, shown)), table.change(summary, SUMMARY, "ADD #ver :one", one=1)]
    if is_:
        # Nobody can reply before a comment was public; from its second time on, replies may stand below it.
        deep = before is not None and before.was_public
        item = table.put(public_item(table.keys, _as_shown(after, shown), deep=deep), "attribute_not_exists(pk)")
        since = seconds(after.created_at)
        counted = table.change(summary, SUMMARY, f"{SINCE} ADD #nc :more, #ver :one", more=1, one=1, since=since)
        return [item, counted, *_votes_as_seen(table, before)]
    pk, sk = public_key(table.keys, after)
    return [
        table.delete(pk, sk, "attribute_exists(pk)"),
        table.change(summary, SUMMARY, "ADD #nc :less, #ver :one", less=-1, one=1),
    ]


def _as_shown(after: Record, shown: Record | None) -> Record:
    """Return the record with the text that goes to the page: never a newer one than was let through."""
    public = shown or after
    assert public.revision == after.public_revision  # noqa: S101 - a text that waits is not written to the page
    return public


def _votes_as_seen(table: Connection, before: Record | None) -> list[Step]:
    """Return the step that asks for the votes that the page gets a copy of; nobody votes for what was never public."""
    if before is None or not before.was_public:
        return []
    as_seen = "#up = :votes" if before.votes else "attribute_not_exists(#up) OR #up = :votes"
    return [table.check(table.keys.votes(before.id), SUMMARY, as_seen, votes=before.votes)]


def _edited_step(table: Connection, after: Record) -> Step:
    """Return the step that shows another text and leaves the votes alone."""
    pk, sk = public_key(table.keys, after)
    sets: dict[str, Any] = {"text": after.text, "rev": after.revision}
    may_be_absent = {"html": kept_html(after.text, after.html), "edited": seconds(after.edited_at)}
    sets |= {name: value for name, value in may_be_absent.items() if value is not None}
    change = "SET " + ", ".join(f"#{name} = :{name}" for name in sets)
    absent = [f"#{name}" for name in may_be_absent if name not in sets]
    if absent:
        change = f"{change} REMOVE {', '.join(absent)}"
    return table.change(pk, sk, change, "attribute_exists(pk)", **sets)


def root_step(table: Connection, after: Record) -> list[Step]:
    """Return the step that marks a public root as one with replies, for a reply that becomes public.

    It asks that the root is public; without that the step would make an empty comment.
    """
    if not after.is_public or len(after.path) == 1:
        return []
    pk = table.keys.article(after.article_id)
    root = comment_sort_key(after.path[:1])
    return [table.change(pk, root, "SET #deep = :yes", "attribute_exists(pk)", yes=True)]


def author_steps(table: Connection, before: State | None, after: Record, *, trusted: bool | None = None) -> list[Step]:
    """Return the step on what is known of the author, none where a decision leaves it as it was.

    To be trusted from now on asks that the author is not yet.
    """
    if before == after.state and trusted is None:
        return []
    moves: dict[str, Any] = {"n": int(before is None)}
    for name in AUTHOR_COUNTS:
        moves[name] = (after.state == name) - (before == name)
    parts = ", ".join(f"#{name} :{name}" for name in moves)
    first = int(after.created_at.timestamp())
    sets, condition, values = "#first = if_not_exists(#first, :first)", None, {**moves, "first": first}
    if trusted is not None:
        sets, values["trusted"] = f"{sets}, #trusted = :trusted", trusted
        condition = "attribute_not_exists(#trusted) OR #trusted <> :trusted" if trusted else None
    return [table.change(table.keys.author(after.author), SUMMARY, f"SET {sets} ADD {parts}", condition, **values)]


def transact_with_root(table: Connection, steps: list[Step], root: list[Step]) -> None:
    """Do the steps together with the one on the thread's root, or without that one when the root is not public."""
    if not root:
        table.transact(steps)
        return
    try:
        table.transact([*steps, *root])
    except Stale as stale:
        *others, last = stale.reasons or ("", "")
        if last != "ConditionalCheckFailed" or any(reason != "None" for reason in others):
            raise
        table.transact(steps)
