"""How tallies are kept: in an article's summary and, while many rate it at once, in 64 shards beside it.

While `hot` stands in the summary, ratings go to shards and none to the summary; while it does not, no shard holds
anything. Settling moves all shards into the summary and closes them for the epoch, in one transaction: a rating that
still means to go to a shard of that epoch is refused there, however late it comes. One that reads summary and shards
one after the other sees by a closed shard that it has to read again.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.dynamodb.connection import CONDITION_FAILED, Connection, unchanged
from chalicelib.dynamodb.keys import SHARD, SUMMARY, ArticleKey, article_of
from chalicelib.dynamodb.table import BY_OWNER
from chalicelib.dynamodb.values import Item
from chalicelib.errors import Stale, Unavailable
from chalicelib.patience import pause
from chalicelib.ratings import NONE, STARS, Heat, Legacy, Seen, Tally

SHARDS = 64
HOT_SECONDS = 60
"""How long a tally stays spread at least after ratings collided."""
CENTS = 100
SINCE = "SET #since = if_not_exists(#since, :since)"
"""The first rating or public comment of an article tells since when it is there."""
_ATTEMPTS = 8
_HOT_LISTED = 1000

Step = dict[str, Any]


def shard_of(reader: str) -> int:
    """Return the shard that a reader's ratings go to."""
    return hashlib.sha256(reader.encode()).digest()[1] % SHARDS


def histogram_of(item: Item | None) -> list[int]:
    """Return the five numbers in a summary or a shard, zeros without one."""
    return [(item or {}).get(f"h{stars}", 0) for stars in STARS]


def heat_of(summary: Item | None) -> Heat:
    """Return whether the tally is spread over shards, from a summary."""
    summary = summary or {}
    return Heat(epoch=summary.get("epoch", 0), until=summary.get("hot"))


def legacy_of(summary: Item | None) -> Legacy | None:
    """Return the ratings that were brought along, from a summary."""
    kept = (summary or {}).get("legacy")
    if kept is None:
        return None
    known = kept.get("h")
    return Legacy(kept["n"], kept["cents"] / CENTS, kept["source"], tuple(known) if known else None)


def legacy_item(legacy: Legacy) -> Item:
    """Return ratings that were brought along as a summary keeps them."""
    known = list(legacy.histogram) if legacy.histogram else None
    item = {"n": legacy.count, "cents": round(legacy.total * CENTS), "source": legacy.source, "h": known}
    return {name: value for name, value in item.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Standing:
    """A tally as it stands: the summary's item, the readers' histogram with all shards, and a version of it all."""

    summary: Item | None
    histogram: list[int]
    version: str
    shards: Mapping[int, Item]

    @property
    def tally(self) -> Tally:
        """The tally, with what was brought along."""
        return Tally.of(self.histogram, legacy_of(self.summary))

    @property
    def heat(self) -> Heat:
        """Whether it is spread over shards."""
        return heat_of(self.summary)

    @property
    def comments(self) -> int:
        """How many comments are approved."""
        return int((self.summary or {}).get("nc", 0))


class Tallies:
    """The tallies of one site's articles."""

    def __init__(self, table: Connection) -> None:
        self._table = table

    def standing(self, article: str, summary: Item | None) -> Standing:
        """Return the tally that a summary belongs to; without `hot` in it, nothing more is read.

        While the tally is spread over shards, everything that was counted before this call is in it. Raises
        Unavailable when the shards are emptied again and again between two reads.
        """
        for attempt in range(_ATTEMPTS):
            heat = heat_of(summary)
            if heat.until is None:
                return Standing(summary, histogram_of(summary), str((summary or {}).get("ver", 0)), {})
            shards = self.shards(article)
            if not any(shard.get("closed", 0) >= heat.epoch for shard in shards.values()):
                return _sum(summary or {}, shards)
            # Emptied since the summary was read, or that was read from a copy which lags behind.
            if attempt:
                pause(attempt)
            summary = self._table.get(self._table.keys.article(article), SUMMARY)
        raise Unavailable

    def shards(self, article: str) -> dict[int, Item]:
        """Return the shards that exist, by number, as they are now."""
        keys = [(self._table.keys.shard(article, number), SHARD) for number in range(SHARDS)]
        found = self._table.batch(keys)
        return {number: found[key] for number, key in enumerate(keys) if key in found}

    def steps(self, article: str, reader: str, seen: Seen, moves: Mapping[str, Any], now: datetime) -> list[Step]:
        """Return the step that moves buckets of the histogram: in the summary or, while it is spread, in a shard.

        One reader's moves are all in one shard then, and none is in the summary. So a view that reads one shard after
        the other sees of each reader what was true at one moment, and never half of a change. The shard has to be as
        it was seen: a rating that changed to and fro since the look would be missing from the tally that was seen.
        """
        if not moves:
            return self._unmoved(article, reader, seen)
        parts = ", ".join(f"#{name} :{name}" for name in (*moves, "ver"))
        if seen.heat.until is None:
            pk, move = self._table.keys.article(article), f"{SINCE} ADD {parts}"
            values = {**moves, "ver": 1, "since": int(now.timestamp())}
            return [self._table.change(pk, SUMMARY, move, "attribute_not_exists(#hot)", **values)]
        pk, as_seen, values = self._shard_as_seen(article, reader, seen)
        return [self._table.change(pk, SHARD, f"ADD {parts}", as_seen, **values, **moves, ver=1)]

    def _unmoved(self, article: str, reader: str, seen: Seen) -> list[Step]:
        if seen.heat.until is None:
            return []
        pk, as_seen, values = self._shard_as_seen(article, reader, seen)
        return [self._table.check(pk, SHARD, as_seen, **values)]

    def _shard_as_seen(self, article: str, reader: str, seen: Seen) -> tuple[str, str, dict[str, Any]]:
        as_seen, values = unchanged({"ver": seen.shard} if seen.shard else None)
        condition = f"(attribute_not_exists(#closed) OR #closed < :epoch) AND {as_seen}"
        return self._table.keys.shard(article, shard_of(reader)), condition, {**values, "epoch": seen.heat.epoch}

    def spread(self, article: str, heat: Heat, now: datetime) -> None:
        """Let ratings go to shards from now on, for a minute at least. Raises Stale unless `heat` is how things stand.

        One update, safe to repeat: what it sets does not depend on how often it ran.
        """
        pk, until = self._table.keys.article(article), int(now.timestamp()) + HOT_SECONDS
        if heat.until is not None and until - heat.until < HOT_SECONDS // 2:
            return
        if heat.until is None:
            change = f"{SINCE}, #hot = :until, #epoch = :next, #g1 = :listed, #g1s = :pk"
            condition = "attribute_not_exists(#hot) AND " + (
                "#epoch = :epoch" if heat.epoch else "attribute_not_exists(#epoch)"
            )
            values = {
                "next": heat.epoch + 1,
                "listed": self._table.keys.hot(),
                "pk": pk,
                "since": int(now.timestamp()),
            }
        else:
            change, condition, values = "SET #hot = :until", "attribute_exists(#hot) AND #epoch = :epoch", {}
        if heat.epoch:
            values["epoch"] = heat.epoch
        try:
            standing = self._table.update(pk, SUMMARY, change, condition, until=until, **values)
        except Unavailable as failure:
            # Throttled, collided or lost: the caller looks again, and sees whether it was kept.
            raise Stale from failure
        if standing is not None:
            raise Stale(CONDITION_FAILED)

    def settle(self, article: str, now: datetime, *, hot_too: bool = False) -> bool:
        """Move all shards into the summary when the article is hot no more; tell whether no shard holds anything now.

        One transaction: everything or nothing. Raises Unavailable when nothing can be read.
        """
        pk = self._table.keys.article(article)
        summary = self._table.get(pk, SUMMARY)
        heat = heat_of(summary)
        if heat.until is None:
            return True
        if heat.is_hot(now) and not hot_too:
            return False
        shards = self.shards(article)
        if any(shard.get("closed", 0) >= heat.epoch for shard in shards.values()):
            return False
        try:
            self._table.transact(self._settling(article, heat, shards))
        except Stale:
            return False
        return True

    def _settling(self, article: str, heat: Heat, shards: Mapping[int, Item]) -> list[Step]:
        sums = zip(STARS, map(sum, zip(NONE, *map(histogram_of, shards.values()), strict=True)), strict=True)
        moves = {f"h{stars}": often for stars, often in sums if often}
        parts = ", ".join(f"#{name} :{name}" for name in (*moves, "ver"))
        summary = self._table.change(
            self._table.keys.article(article),
            SUMMARY,
            f"ADD {parts} REMOVE #hot, #g1, #g1s",
            "attribute_exists(#hot) AND #epoch = :epoch",
            **moves,
            ver=1,
            epoch=heat.epoch,
        )
        return [summary, *(self._closing(article, heat, number, shards.get(number)) for number in range(SHARDS))]

    def _closing(self, article: str, heat: Heat, number: int, shard: Item | None) -> Step:
        # The version goes on counting: an entity tag must not come back.
        version = shard["ver"] + 1 if shard else 1
        item = {"pk": self._table.keys.shard(article, number), "sk": SHARD, "closed": heat.epoch, "ver": version}
        as_seen, seen = unchanged(shard)
        return self._table.put(item, as_seen, **seen)

    def settle_quiet(self, now: datetime) -> int:
        """Settle every article that is hot no more, and return how many were. Raises Unavailable.

        One that cannot be settled now is left for the next time, and holds up no other.
        """
        settled = 0
        for article in self.hot():
            with suppress(Unavailable):
                settled += self.settle(article, now)
        return settled

    def hot(self) -> Iterator[ArticleKey]:
        """Yield the articles whose tally is spread, as far as the index knows yet."""
        items = self._table.items(self._table.keys.hot(), limit=_HOT_LISTED, index=BY_OWNER, names=("g1", "g1s"))
        return (article_of(item["pk"]) for item in items)


def _sum(summary: Item, shards: Mapping[int, Item]) -> Standing:
    histogram = [sum(column) for column in zip(*map(histogram_of, (summary, *shards.values())), strict=True)]
    versions = sum(shard["ver"] for shard in shards.values())
    return Standing(summary, histogram, f"{summary.get('ver', 0)}.{versions}", shards)
