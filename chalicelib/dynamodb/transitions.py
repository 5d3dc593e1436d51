"""The steps by which a comment's state moves: what enters or leaves the public page, and every count with it."""

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
        *author_steps(table, before.state, after),
        *page_steps(table, before, after),
        *_undone_step(table, ruled),
    ]


def _undone_step(table: Connection, ruled: Ruled) -> list[Step]:
    """Return the step that marks the log entry of a decision taken back; nothing else of an entry ever changes."""
    if ruled.undoes is None:
        return []
    return [table.change(*entry_key(table.keys, ruled.undoes), "SET #undone = :yes", "attribute_exists(pk)", yes=True)]


def record_step(table: Connection, ruled: Ruled) -> Step:
    """Return the step that replaces the private record, tied to the version that was read."""
    item = record_item(table.keys, ruled.after, ruled.entry.decision.at)
    return table.put(item, "#ver = :seen", seen=ruled.before.version)


def pointer_steps(table: Connection, before: Record | None, after: Record) -> list[Step]:
    """Return the step on a record's pointer in the order riskiest first, none where it stays as it is.

    Goes with the step that replaces the record, and is tied to nothing else: so it is there exactly while it waits.
    """
    was, is_ = before and pointer_item(table.keys, before), pointer_item(table.keys, after)
    if was == is_:
        return []
    return [table.put(is_) if is_ else table.delete(table.keys.comment(after.id), POINTER)]


def page_steps(table: Connection, before: Record | None, after: Record) -> list[Step]:
    """Return the steps on the public page: the comment's item, and the article's number of comments."""
    was, is_ = before is not None and before.is_public, after.is_public
    if not was and not is_:
        return []
    summary = table.keys.article(after.article_id)
    if was and is_:
        assert before  # noqa: S101 - it was approved
        if before.public_revision == after.public_revision:
            return []
        return [_edited_step(table, after), table.change(summary, SUMMARY, "ADD #ver :one", one=1)]
    if is_:
        # Nobody can reply before a comment was public; from its second time on, replies may stand below it.
        deep = before is not None and before.was_public
        item = table.put(public_item(table.keys, after, deep=deep), "attribute_not_exists(pk)")
        since = seconds(after.created_at)
        counted = table.change(summary, SUMMARY, f"{SINCE} ADD #nc :more, #ver :one", more=1, one=1, since=since)
        return [item, counted, *_votes_as_seen(table, before)]
    pk, sk = public_key(table.keys, after)
    return [
        table.delete(pk, sk, "attribute_exists(pk)"),
        table.change(summary, SUMMARY, "ADD #nc :less, #ver :one", less=-1, one=1),
    ]


def _votes_as_seen(table: Connection, before: Record | None) -> list[Step]:
    """Return the step that asks for the votes that the page gets a copy of; nobody votes for what was never public."""
    if before is None or not before.was_public:
        return []
    as_seen = "#up = :votes" if before.votes else "attribute_not_exists(#up) OR #up = :votes"
    return [table.check(table.keys.votes(before.id), SUMMARY, as_seen, votes=before.votes)]


def _edited_step(table: Connection, after: Record) -> Step:
    """Return the step that shows another text and leaves the votes alone."""
    pk, sk = public_key(table.keys, after)
    change, values = "SET #text = :text, #rev = :rev, #edited = :edited", {}
    html = kept_html(after.text, after.html)
    change += " REMOVE #html" if html is None else ", #html = :html"
    if html is not None:
        values["html"] = html
    edited = seconds(after.edited_at)
    return table.change(
        pk, sk, change, "attribute_exists(pk)", text=after.text, rev=after.revision, edited=edited, **values
    )


def root_step(table: Connection, after: Record) -> list[Step]:
    """Return the step that marks a public root as one with replies, for a reply that becomes public.

    It asks that the root is public; without that the step would make an empty comment.
    """
    if not after.is_public or len(after.path) == 1:
        return []
    pk = table.keys.article(after.article_id)
    root = comment_sort_key(after.path[:1])
    return [table.change(pk, root, "SET #deep = :yes", "attribute_exists(pk)", yes=True)]


def author_steps(table: Connection, before: State | None, after: Record) -> list[Step]:
    """Return the step on what is known of the author, none where a decision leaves the state as it was."""
    if before == after.state:
        return []
    moves: dict[str, Any] = {"n": int(before is None)}
    for name in AUTHOR_COUNTS:
        moves[name] = (after.state == name) - (before == name)
    parts = ", ".join(f"#{name} :{name}" for name in moves)
    expression = f"SET #first = if_not_exists(#first, :first) ADD {parts}"
    first = int(after.created_at.timestamp())
    return [table.change(table.keys.author(after.author), SUMMARY, expression, **moves, first=first)]


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
