"""How approved comments are read: newest and oldest from the article's partition, best from the index by_rank."""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice

from chalicelib.comments import Comment, Counts, FirstPage, Sort
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import (
    COMMENTS,
    ROOT_END,
    SUMMARY,
    below,
    comment_sort_key,
    root_of,
    thread_start,
)
from chalicelib.dynamodb.policy import form_rules
from chalicelib.dynamodb.records import to_comment
from chalicelib.dynamodb.table import BY_RANK
from chalicelib.dynamodb.tallies import Standing, Tallies
from chalicelib.dynamodb.values import Item, from_item
from chalicelib.errors import Unavailable

_AFTER_ALL = COMMENTS + ROOT_END
_RANKED = ("g2", "g2s")
SETTLE_AGAIN_SECONDS = 5
"""How long views leave a tally alone after one of them tried to settle it."""


class DynamoThreads:
    """Approved comments in the table: fulfils ThreadStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection
        self._tallies = Tallies(connection)
        self._tried: dict[str, float] = {}

    def first_page(self, article_id: str, limit: int, now: datetime) -> FirstPage:
        """Return tally and newest comments by one Query: read backwards, the summary sorts before all comments.

        While the article is hot, a batch reads the shards of its tally.
        """
        answer = self._table.query(self._table.keys.article(article_id), forward=False, limit=limit + 1)
        items = [from_item(raw) for raw in answer["Items"]]
        summary = items.pop(0) if items and items[0]["sk"] == SUMMARY else None
        standing = self._tallies.standing(article_id, summary)
        self._settle_when_quiet(article_id, standing, now)
        shown = items[:limit]
        comments = [to_comment(item) for item in shown]
        return FirstPage(
            tally=standing.tally,
            approved=standing.comments,
            version=_version(standing, comments),
            comments=comments,
            after=shown[-1]["sk"] if shown and standing.comments > len(shown) else None,
            rules=form_rules(standing.summary),
        )

    def page(self, article_id: str, sort: Sort, limit: int, after: str | None) -> tuple[list[Comment], str | None]:
        """Return up to `limit` comments from a position on; one more is read to know whether any follow.

        A position is a sort key, for best-first the root's rank, a space, and the sort key.
        """
        walks: dict[str, Callable[[str, int, str | None], Iterable[tuple[str, Item]]]] = {
            "newest": self._newest,
            "oldest": self._oldest,
            "best": self._best,
        }
        pk = self._table.keys.article(article_id)
        if sort == "best":
            pk = article_id
        read = list(islice(walks[sort](pk, limit + 1, after), limit + 1))
        shown = read[:limit]
        return [to_comment(item) for _, item in shown], shown[-1][0] if len(read) > limit else None

    def _newest(self, pk: str, wanted: int, after: str | None) -> Iterable[tuple[str, Item]]:
        items = self._table.items(
            pk, between=(COMMENTS, below(after) if after else _AFTER_ALL), forward=False, limit=wanted
        )
        return ((item["sk"], item) for item in items)

    def _thread(self, pk: str, root: str, wanted: int, after: str | None = None) -> list[Item]:
        """Return a root and its replies, or what follows a position in its thread, in display order."""
        end = below(after) if after else comment_sort_key((root,))
        return self._table.items(pk, between=(thread_start(root), end), forward=False, limit=wanted)

    def _oldest(self, pk: str, wanted: int, after: str | None) -> Iterable[tuple[str, Item]]:
        # Forwards, replies come before their root: each thread is turned round, and one that is not read to its
        # root is read again from there.
        start = COMMENTS
        if after:
            root = root_of(after)
            yield from ((item["sk"], item) for item in self._thread(pk, root, wanted, after))
            start = comment_sort_key((root,)) + ROOT_END
        while True:
            items = self._table.items(pk, between=(start, _AFTER_ALL), limit=wanted)
            for thread in _threads(items):
                root = root_of(thread[0]["sk"])
                complete = len(items) < wanted or thread[-1] is not items[-1]
                ordered = thread[::-1] if complete else self._thread(pk, root, wanted)
                yield from ((item["sk"], item) for item in ordered)
                start = comment_sort_key((root,)) + ROOT_END
            if len(items) < wanted:
                return

    def _best(self, article_id: str, wanted: int, after: str | None) -> Iterable[tuple[str, Item]]:
        keys = self._table.keys
        pk, end = keys.article(article_id), "~"
        if after:
            rank, _, position = after.partition(" ")
            rest = self._thread(pk, root_of(position), wanted, position)
            yield from ((f"{rank} {item['sk']}", item) for item in rest)
            end = below(rank)
        roots = self._table.items(
            keys.ranking(article_id),
            between=("0", end),
            forward=False,
            limit=wanted,
            index=BY_RANK,
            names=_RANKED,
        )
        for root in roots:
            thread = self._thread(pk, root_of(root["sk"]), wanted) if root.get("deep") else [root]
            yield from ((f"{root['g2s']} {item['sk']}", item) for item in thread)

    def counts(self, article_ids: Sequence[str]) -> dict[str, Counts]:
        """Return the counts of up to 100 articles by one batch, and one more for each that is hot."""
        keys = {article_id: (self._table.keys.article(article_id), SUMMARY) for article_id in article_ids}
        found = self._table.batch(list(keys.values()), consistent=False)
        return {
            article_id: _counts(self._tallies.standing(article_id, found.get(key))) for article_id, key in keys.items()
        }

    def _settle_when_quiet(self, article_id: str, standing: Standing, now: datetime) -> None:
        """Empty the shards on the first view after the crowd has gone; a view never fails for it."""
        if standing.heat.until is None or standing.heat.is_hot(now):
            return
        tried = self._tried.get(article_id)
        if tried and time.monotonic() - tried < SETTLE_AGAIN_SECONDS:
            return
        self._tried = {article_id: time.monotonic()}
        with suppress(Unavailable):
            self._tallies.settle(article_id, now)


def _version(standing: Standing, comments: Sequence[Comment]) -> str:
    """Return what changes with all that a first page shows: the summary's version and, beside it, the votes."""
    votes = ",".join(str(comment.votes) for comment in comments)
    if not any(comment.votes for comment in comments):
        return standing.version
    return f"{standing.version}-{hashlib.sha256(votes.encode()).hexdigest()[:8]}"


def _counts(standing: Standing) -> Counts:
    tally = standing.tally
    return Counts(comments=standing.comments, ratings=tally.count, average=tally.average)


def _threads(items: Iterable[Item]) -> Iterable[list[Item]]:
    """Split items read forwards into runs of one thread each."""
    run: list[Item] = []
    for item in items:
        if run and root_of(run[0]["sk"]) != root_of(item["sk"]):
            yield run
            run = []
        run.append(item)
    if run:
        yield run
