"""Change something about the site, done once and logged: however many do at once, their log entries make one chain."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from chalicelib.audit import Decision, Entry
from chalicelib.errors import Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import seconds
from chalicelib.once import KEPT_SECONDS, Done, Earlier, Once, replay

ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes something, when, and under which idempotency key; `randomness` is chance for the entry's id."""

    by: str
    once: Once | None
    now: datetime
    randomness: int

    @property
    def id(self) -> str:
        """The id of its log entry, the same however often it is tried."""
        return order_id(self.now, self.randomness)

    @property
    def done(self) -> Done | None:
        """What its idempotency key is to remember."""
        return Done(self.once, self.id, seconds(self.now) + KEPT_SECONDS) if self.once else None


@dataclass(frozen=True, slots=True)
class SiteRow:
    """What one read shows beside the thing itself.

    `head` is the hash of the newest log entry about the site, `earlier` what the idempotency key remembers; `is_done`
    tells that the change's own entry is there: it was kept although its answer was lost.
    """

    head: str | None
    earlier: Earlier | None
    is_done: bool = False

    def entry(self, change: Change, action: Any, note: Any, revision: int | None = None) -> Entry:  # noqa: ANN401 - any JSON
        """Return the log entry of a change that follows what was read."""
        decision = Decision(
            id=change.id,
            comment_id=None,
            action=action,
            from_=None,
            to=None,
            revision=revision,
            by=change.by,
            at=change.now,
            note=json.dumps(note, ensure_ascii=False),
        )
        return Entry.after(self.head, decision)


class Row(Protocol):
    """Whatever is read of the thing that changes."""

    @property
    def site(self) -> SiteRow: ...


Read = TypeVar("Read", bound=Row)
Result = TypeVar("Result")


def changed(
    change: Change,
    look: Callable[[], Read],
    stands: Callable[[Read], Result],
    keep: Callable[[Read], Result],
    pause: Callable[[int], None],
) -> Result:
    """Look, keep the change, and return what comes of it; once it is done, `stands` says how things stand.

    `keep` raises Stale when things are not as they were seen. Raises KeyReused, Unavailable.
    """
    for attempt in range(ATTEMPTS):
        row = look()
        if replay(change.once, row.site.earlier) is not None or row.site.is_done:
            return stands(row)
        try:
            return keep(row)
        except Stale:
            pause(attempt)
    raise Unavailable
