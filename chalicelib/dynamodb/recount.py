"""How a recount reads and mends: every rating and public comment counted, repairs tied to what was read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from chalicelib.comments import Lane, Record
from chalicelib.dynamodb.connection import BATCH, Connection, unchanged
from chalicelib.dynamodb.keys import (
    COMMENTS,
    RATING_SHARDS,
    ROOT_END,
    SHARD,
    SUMMARY,
    ArticleKey,
    article_key,
    article_of,
)
from chalicelib.dynamodb.records import RECORD, public_rank, record_item, to_record, votes_of
from chalicelib.dynamodb.tallies import Tallies, heat_of, histogram_of
from chalicelib.dynamodb.transitions import Step, pointer_steps
from chalicelib.dynamodb.values import Item
from chalicelib.errors import Stale
from chalicelib.ratings import NONE, STARS
from chalicelib.recount import CommentCount, Counted, Kept, Shown
from chalicelib.reports import SHOWN as REPORTERS_SHOWN

_TOGETHER = BATCH // 3


@dataclass(frozen=True, slots=True)
class _Standing:
    """A comment as the table has it: its record, the item that counts its votes, and its item on the page."""

    record: Record
    votes: Item | None
    public: Item | None

    @property
    def version(self) -> str:
        """What changes with any of these; attributes come in any order."""
        return repr((self.record, *(sorted((item or {}).items()) for item in (self.votes, self.public))))


class DynamoRecounts:
    """Recounts over the table: fulfils RecountStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection
        self._tallies = Tallies(connection)

    def key_of(self, article_id: str) -> str:
        """Return the article as it stands in keys."""
        return ArticleKey(article_key(article_id))

    def name_of(self, article: str) -> str:
        """Return the article's id, or its key where only a hash of the id is kept."""
        return article if article.startswith("#") else unquote(article)

    def articles(self, seen: Callable[[int], None]) -> Iterator[str]:
        """Yield every article with ratings or comments, once; reads the whole table."""
        wanted = tuple(f"{self._table.keys.site}|{letter}|" for letter in "AVN")
        found: set[str] = set()
        for item in self._table.scan(["pk"], seen):
            if item["pk"].startswith(wanted) and (article := article_of(item["pk"])) not in found:
                found.add(article)
                yield article

    def kept(self, article: str) -> Kept:
        """Return what the summary and all shards say."""
        summary = self._table.get(self._table.keys.article(article), SUMMARY)
        shards = self._tallies.shards(article)
        in_shards = [sum(column) for column in zip(NONE, *map(histogram_of, shards.values()), strict=True)]
        is_spread = heat_of(summary).until is not None
        return Kept(
            histogram=[own + spread * is_spread for own, spread in zip(histogram_of(summary), in_shards, strict=True)],
            comments=(summary or {}).get("nc", 0),
            stray=0 if is_spread else sum(map(_moved, shards.values())),
            version=_version(summary, shards),
            is_spread=is_spread,
        )

    def count(self, article: str) -> Counted:
        """Count every rating, and list every public comment."""
        histogram = list(NONE)
        for shard in range(RATING_SHARDS):
            for rating in self._table.walk(self._table.keys.ratings(article, shard)):
                histogram[rating["stars"] - 1] += 1
        pk = self._table.keys.article(article)
        items = self._table.walk(pk, between=(COMMENTS, COMMENTS + ROOT_END))
        return Counted(histogram, [Shown(item["id"], item["sk"]) for item in items])

    def settle(self, article: str) -> None:
        """Move what shards hold into the summary, hot or not, if nobody is in the way."""
        self._tallies.settle(article, datetime.now(UTC), hot_too=True)

    def repair(self, article: str, kept: Kept, counted: Counted) -> None:
        """Set the summary to what was counted and empty stray shards, in one transaction.

        Raises Stale when the summary is not at the version that was read, or shards are in use: what they hold would
        be missing from the sum.
        """
        shards = self._tallies.shards(article)
        summary = self._table.get(self._table.keys.article(article), SUMMARY) or {}
        if _version(summary, shards) != kept.version:
            raise Stale
        stray = [self._emptied(shard) for shard in shards.values() if _moved(shard)]
        self._table.transact([self._summary_step(article, summary, counted), *stray])

    def _summary_step(self, article: str, summary: Item, counted: Counted) -> Step:
        values: dict[str, Any] = {f"h{stars}": often for stars, often in zip(STARS, counted.histogram, strict=True)}
        values["nc"] = len(counted.comments)
        sets = ", ".join(f"#{name} = :{name}" for name in values)
        as_seen, seen = unchanged(summary)
        return self._table.change(
            self._table.keys.article(article),
            SUMMARY,
            f"SET {sets} ADD #ver :one",
            f"{as_seen} AND attribute_not_exists(#hot)",
            **values,
            **seen,
            one=1,
        )

    def _emptied(self, shard: Item) -> Step:
        item = {"pk": shard["pk"], "sk": SHARD, "closed": shard.get("closed", 0), "ver": shard.get("ver", 0) + 1}
        as_seen, seen = unchanged(shard)
        return self._table.put(item, as_seen, **seen)

    def count_comments(self, article: str, shown: Sequence[Shown]) -> Iterator[CommentCount]:
        """Count votes and reports of comments: each between two reads of its versions, which have to agree."""
        for start in range(0, len(shown), _TOGETHER):
            together = shown[start : start + _TOGETHER]
            before = self._standings(article, together)
            counted = [self._count_one(each, before[each.id]) for each in together if each.id in before]
            after = self._standings(article, together)
            yield from (each for each in counted if before[each.shown.id] == after.get(each.shown.id))

    def _standings(self, article: str, shown: Sequence[Shown]) -> Mapping[str, _Standing]:
        keys, page = self._table.keys, self._table.keys.article(article)
        wanted = [
            key
            for each in shown
            for key in ((keys.comment(each.id), RECORD), (keys.votes(each.id), SUMMARY), (page, each.sort_key))
        ]
        found = self._table.batch(wanted)
        return {
            each.id: _Standing(
                to_record(record), found.get((keys.votes(each.id), SUMMARY)), found.get((page, each.sort_key))
            )
            for each in shown
            if (record := found.get((keys.comment(each.id), RECORD)))
        }

    def _count_one(self, shown: Shown, standing: _Standing) -> CommentCount:
        keys, record = self._table.keys, standing.record
        votes = sum(1 for item in self._table.walk(keys.votes(shown.id)) if item["sk"] != SUMMARY)
        on_page = votes if standing.public is None else standing.public.get("votes", 0)
        return CommentCount(
            shown,
            votes_kept=votes_of(standing.votes),
            votes_shown=on_page,
            votes=votes,
            reports_kept=record.reports,
            reports=len(self._waiting(record)),
            version=standing.version,
        )

    def _waiting(self, record: Record) -> list[Item]:
        """Return the reports on a comment that no decision has answered, oldest first."""
        reports = self._table.walk(self._table.keys.reports(record.id))
        return sorted((item for item in reports if item["round"] == record.round), key=lambda item: int(item["at"]))

    def repair_comment(self, article: str, counted: CommentCount) -> None:
        """Set a comment's votes, their copy on the page, and its reports to what was counted. Raises Stale."""
        standing = self._standings(article, [counted.shown]).get(counted.shown.id)
        if standing is None or standing.version != counted.version:
            raise Stale
        steps = []
        if not counted.votes == counted.votes_kept == counted.votes_shown:
            steps += self._votes_steps(article, standing, counted)
        if counted.reports != counted.reports_kept:
            steps += self._reports_steps(standing.record)
        self._table.transact(steps)

    def _votes_steps(self, article: str, standing: _Standing, counted: CommentCount) -> list[Step]:
        record, kept = standing.record, standing.votes or {}
        pk = self._table.keys.votes(record.id)
        item = {"pk": pk, "sk": SUMMARY, "up": counted.votes, "ver": kept.get("ver", 0) + 1}
        as_seen, seen = unchanged(standing.votes)
        steps = [self._table.put(item, as_seen, **seen)]
        if standing.public is None:
            return steps
        change, values = "SET #votes = :votes", {}
        if len(record.path) == 1:
            change, values = f"{change}, #g2s = :rank", {"rank": public_rank(record, counted.votes)}
        page, sort_key = self._table.keys.article(article), counted.shown.sort_key
        copy = self._table.change(page, sort_key, change, "attribute_exists(pk)", votes=counted.votes, **values)
        return [*steps, copy]

    def _reports_steps(self, record: Record) -> list[Step]:
        waiting = self._waiting(record)
        after = replace(
            record,
            version=record.version + 1,
            reports=len(waiting),
            reporters=tuple(item["sk"] for item in reversed(waiting))[:REPORTERS_SHOWN],
            reported_at=datetime.fromtimestamp(waiting[0]["at"], UTC) if waiting else None,
            lane=_lane(record, waiting),
        )
        item = record_item(self._table.keys, after, datetime.now(UTC))
        kept = self._table.put(item, "#ver = :seen", seen=record.version)
        return [kept, *pointer_steps(self._table, record, after)]


def _lane(record: Record, waiting: Sequence[Item]) -> Lane:
    if waiting:
        return "reported" if record.lane == "pending" else record.lane
    return "pending" if record.lane == "reported" else record.lane


def _version(summary: Item | None, shards: Mapping[int, Item]) -> str:
    """Return what changes with every change of the tally, wherever it is kept."""
    heat = heat_of(summary)
    versions = sorted((number, shard.get("ver", 0), shard.get("closed", 0)) for number, shard in shards.items())
    return repr(((summary or {}).get("ver", 0), heat.epoch, heat.until is not None, versions))


def _moved(shard: Item) -> int:
    """Return how much a shard holds, whether it adds or takes away."""
    return sum(map(abs, histogram_of(shard)))
