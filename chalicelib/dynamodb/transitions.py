"""The steps by which a comment's state moves: what enters or leaves the public page, and every count with it."""

from typing import Any

from chalicelib.comments import Record, State
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY, comment_sort_key
from chalicelib.dynamodb.records import public_item, public_key

AUTHOR_COUNTS = ("approved", "rejected", "spam")

Step = dict[str, Any]


def page_steps(table: Connection, before: Record | None, after: Record) -> list[Step]:
    """Return the steps on the public page: the comment's item, and the article's number of comments."""
    was, is_ = before is not None and before.state == "approved", after.state == "approved"
    if not was and not is_:
        return []
    summary = table.keys.article(after.article_id)
    if is_:
        first = "attribute_not_exists(pk)" if not was else None
        # Nobody can reply before a comment was public; from its second time on, replies may stand below it.
        deep = before is not None and before.was_public
        item = table.put(public_item(table.keys, after, deep=deep), first)
        return [item, table.change(summary, SUMMARY, "ADD #nc :more, #ver :one", more=int(not was), one=1)]
    pk, sk = public_key(table.keys, after)
    return [
        table.delete(pk, sk, "attribute_exists(pk)"),
        table.change(summary, SUMMARY, "ADD #nc :less, #ver :one", less=-1, one=1),
    ]


def root_step(table: Connection, after: Record) -> list[Step]:
    """Return the step that marks a public root as one with replies, for a reply that becomes public.

    It asks that the root is public; without that the step would make an empty comment.
    """
    if after.state != "approved" or len(after.path) == 1:
        return []
    pk = table.keys.article(after.article_id)
    root = comment_sort_key(after.path[:1])
    return [table.change(pk, root, "SET #deep = :yes", "attribute_exists(pk)", yes=True)]


def author_step(table: Connection, before: State | None, after: Record) -> Step:
    """Return the step on what is known of the author."""
    moves: dict[str, Any] = {"n": int(before is None)}
    for name in AUTHOR_COUNTS:
        moves[name] = (after.state == name) - (before == name)
    parts = ", ".join(f"#{name} :{name}" for name in moves)
    expression = f"SET #first = if_not_exists(#first, :first) ADD {parts}"
    first = int(after.created_at.timestamp())
    return table.change(table.keys.author(after.author), SUMMARY, expression, **moves, first=first)
