"""How a site's own weights are kept: a pointer to the version in force, and each version in chunks."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.audit import Entry
from chalicelib.dynamodb.connection import Connection, unchanged
from chalicelib.dynamodb.log import Stretch, newest_first, to_entry
from chalicelib.dynamodb.records import RECORD, revision_sort_key, standing_record
from chalicelib.dynamodb.values import Item
from chalicelib.errors import Unavailable
from chalicelib.learning import Exclusion, Kept, Model, Texts, Written
from chalicelib.spam import SiteWeights
from chalicelib.spam.weights import BrokenWeightsError

POINTER = "CUR"
CHUNK_BYTES = 300_000
"""An item holds 400 KB, names and all."""

_TOGETHER = 500
_AHEAD = timedelta(minutes=5)
"""How far the clock of another process may be ahead of ours."""

Key = tuple[str, str]


class DynamoModels:
    """Weights in the table: fulfils ModelStore, and gives submissions the weights in force."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection
        self._cached: SiteWeights | None = None

    @property
    def pointer_key(self) -> Key:
        """Where the pointer stands: a submission reads it in the batch of its facts."""
        return self._table.keys.model(), POINTER

    def in_force(self, pointer: Item | None) -> SiteWeights | None:
        """Return the weights that a pointer means, read once for each version in a process. Raises Unavailable."""
        kept = to_model(pointer).in_force
        if kept is None:
            return None
        if self._cached is None or (self._cached.version, self._cached.checksum) != (kept.version, kept.checksum):
            self._cached = self.weights(kept)
        return self._cached

    def model(self) -> Model:
        """Return what the pointer says, by one get."""
        return to_model(self._table.get(*self.pointer_key))

    def newest(self, now: datetime) -> str | None:
        """Return the id of the newest entry of the log, by a Query of one item; of a quiet month, by one a month."""
        found = next(newest_first(self._table, self._table.keys.log, Stretch(None, now + _AHEAD), 1), None)
        return found["sk"] if found else None

    def entries(self, now: datetime) -> Iterator[Entry]:
        """Yield the log's entries, newest first, by Queries of 500."""
        stretch = Stretch(None, now + _AHEAD)
        return map(to_entry, newest_first(self._table, self._table.keys.log, stretch, _TOGETHER))

    def texts(self, revisions: Mapping[str, int], now: datetime) -> Texts:
        """Return the texts that were decided on, by a batch, and one more for those that were replaced since."""
        keys = {comment: (self._table.keys.comment(comment), RECORD) for comment in revisions}
        found = self._table.batch(list(keys.values()), consistent=False)
        records = [record for key in keys.values() if (record := standing_record(found.get(key), now))]
        current = [record for record in records if record.revision == revisions[record.id]]
        earlier = {
            (self._table.keys.comment(record.id), revision_sort_key(revisions[record.id])): record
            for record in records
            if record.revision != revisions[record.id]
        }
        replaced = self._table.batch(list(earlier), consistent=False)
        texts = {each.id: Written(each.text, each.name, each.email, each.website, each.verdict) for each in current}
        for key, item in replaced.items():
            of = earlier[key]
            texts[of.id] = Written(item["text"], of.name, of.email, of.website, None)
        return texts

    def weights(self, version: Kept) -> SiteWeights:
        """Return a version's weights, by a Query of its chunks. Raises Unavailable when they are not what they were."""
        items = self._table.walk(self._table.keys.model(), between=_chunks(version.version))
        data = b"".join(item["data"] for item in items)
        try:
            weights = SiteWeights.expanded(data, version=version.version, made=version.made, through=version.through)
        except BrokenWeightsError as error:
            raise Unavailable from error
        if weights.checksum != version.checksum:
            raise Unavailable
        return weights

    def keep(self, seen: Model, after: Model, weights: SiteWeights | None) -> None:
        """Replace the pointer at its row's version, add a new version and remove the oldest, in one transaction.

        Raises Stale.
        """
        pk = self._table.keys.model()
        as_seen, values = unchanged({"ver": seen.row} if seen.row else None)
        gone = {each.version for each in seen.kept} - {each.version for each in after.kept}
        steps = [
            self._table.put({"pk": pk, "sk": POINTER, **_item(after)}, as_seen, **values),
            *self._chunk_steps(after.version, weights),
            *(self._table.delete(pk, sort_key) for version in sorted(gone) for sort_key in self._chunk_keys(version)),
        ]
        self._table.transact(steps)

    def _chunk_steps(self, version: int, weights: SiteWeights | None) -> Iterator[dict[str, Any]]:
        if weights is None:
            return
        data = weights.compressed()
        for number, start in enumerate(range(0, len(data), CHUNK_BYTES)):
            item = {
                "pk": self._table.keys.model(),
                "sk": f"{_chunks(version)[0]}{number:03d}",
                "data": data[start : start + CHUNK_BYTES],
            }
            yield self._table.put(item, "attribute_not_exists(pk)")

    def _chunk_keys(self, version: int) -> list[str]:
        return [item["sk"] for item in self._table.walk(self._table.keys.model(), between=_chunks(version))]


def _chunks(version: int) -> tuple[str, str]:
    """Return the range in which the chunks of a version stand."""
    return f"MODEL#{version:09d}#", f"MODEL#{version:09d}#~"


def _item(model: Model) -> Item:
    return {
        "ver": model.row,
        "version": model.version,
        "latest": model.latest,
        "through": model.through,
        "looked": model.looked_at and model.looked_at.isoformat(),
        "pinned": model.pinned,
        "without": [_exclusion_item(each) for each in model.without],
        "kept": [{**asdict(each), "made": each.made.isoformat()} for each in model.kept],
    }


def to_model(item: Item | None) -> Model:
    """Return what a pointer says; without one, nothing was learned yet."""
    if item is None:
        return Model()
    looked = item.get("looked")
    return Model(
        row=item["ver"],
        version=item["version"],
        latest=item["latest"],
        through=item.get("through"),
        looked_at=datetime.fromisoformat(looked) if looked else None,
        pinned=item["pinned"],
        without=tuple(map(_to_exclusion, item["without"])),
        kept=tuple(
            Kept(**{"through": None, **each, "made": datetime.fromisoformat(each["made"])}) for each in item["kept"]
        ),
    )


def _exclusion_item(exclusion: Exclusion) -> Item:
    return {
        "by": exclusion.by,
        "since": exclusion.since and exclusion.since.astimezone(UTC).isoformat(),
        "until": exclusion.until and exclusion.until.astimezone(UTC).isoformat(),
    }


def _to_exclusion(item: Item) -> Exclusion:
    since, until = item.get("since"), item.get("until")
    return Exclusion(
        by=item.get("by"),
        since=datetime.fromisoformat(since) if since else None,
        until=datetime.fromisoformat(until) if until else None,
    )
