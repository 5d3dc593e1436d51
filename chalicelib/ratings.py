"""Rate an article, change it, take it back; read what an article's ratings add up to."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.errors import Crowded, Stale, Unavailable
from chalicelib.limits import unlimited
from chalicelib.once import KEPT_SECONDS, Done, Earlier, Once, replay

STARS = (1, 2, 3, 4, 5)
NONE = (0, 0, 0, 0, 0)

# The Bayesian mean pulls an article with few ratings towards this mean, with the weight of this many ratings:
# https://en.wikipedia.org/wiki/Bayesian_average
PRIOR_MEAN = 3.5
PRIOR_WEIGHT = 10

ATTEMPTS = 12


class Vote(BaseModel):
    """One reader's stars, as they arrive."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    stars: Annotated[int, Field(ge=1, le=5)]


@dataclass(frozen=True, slots=True)
class Legacy:
    """Ratings that were counted elsewhere and brought along: only their sum is known, no reader stands behind one.

    `total` is all their stars added up, to a hundredth, as some sources keep nothing but a mean. `histogram` says how
    many gave one star, two, ... five, where the source knows.
    """

    count: int
    total: float
    source: str
    histogram: tuple[int, ...] | None = None


def _is_none(value: Any) -> bool:  # noqa: ANN401 - any value
    return value is None


@dataclass(frozen=True, slots=True)
class Tally:
    """An article's ratings added up; only the histogram is ever stored.

    `average` is the mean of the stars and `score` the Bayesian mean, for ordering; both null without ratings. Ratings
    that were brought from elsewhere are in all of these, and named once more as `legacy`; in the histogram they are
    as far as their stars are known, so that it may add up to less than `count`.
    """

    count: int
    average: float | None
    histogram: dict[str, int]
    score: float | None
    legacy: Annotated[Legacy | None, Field(exclude_if=_is_none)] = None

    @classmethod
    def of(cls, histogram: Sequence[int], legacy: Legacy | None = None) -> "Tally":
        """Return the tally of five numbers, how often one star, two, ... five, and of what was brought along."""
        count = sum(histogram)
        total: float = sum(stars * often for stars, often in zip(STARS, histogram, strict=True))
        shown = list(histogram)
        if legacy:
            count, total = count + legacy.count, total + legacy.total
            shown = [own + old for own, old in zip(histogram, legacy.histogram or NONE, strict=True)]
        return cls(
            count=count,
            average=round(total / count, 2) if count else None,
            histogram={str(stars): often for stars, often in zip(STARS, shown, strict=True)},
            score=round((PRIOR_WEIGHT * PRIOR_MEAN + total) / (PRIOR_WEIGHT + count), 2) if count else None,
            legacy=legacy,
        )


def moved(histogram: Sequence[int], old: int | None, new: int | None) -> list[int]:
    """Return the histogram after one rating went from `old` to `new` stars; None is no rating."""
    return [often + (stars == new) - (stars == old) for stars, often in zip(STARS, histogram, strict=True)]


@dataclass(frozen=True, slots=True)
class Rated:
    """The answer to a rating: the tally with it, and the reader's own stars."""

    tally: Tally
    mine: int | None
    reader: str | None = None
    """The reader's token, only when it was newly minted."""


@dataclass(frozen=True, slots=True)
class Heat:
    """Whether an article's tally is spread over shards, because many rate it at once.

    `until` is the time (seconds since 1970) up to which it stays so, None while it is not spread. `epoch` counts how
    often it was: a shard that was emptied takes nothing from an earlier epoch.
    """

    epoch: int = 0
    until: int | None = None

    def is_hot(self, now: datetime) -> bool:
        """Tell whether the tally is to stay spread for now."""
        return self.until is not None and now.timestamp() < self.until


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look shows of a reader's rating, and of the tally: the readers' histogram, and what was brought along.

    `shard` is the version of the shard that holds what this reader did while the tally is spread, 0 without one.
    """

    stars: int | None
    histogram: Sequence[int]
    earlier: Earlier | None
    legacy: Legacy | None = None
    heat: Heat = Heat()
    shard: int = 0


class RatingStore(Protocol):
    """How ratings are kept."""

    def look(self, article_id: str, reader: str, once: Once | None, now: datetime) -> Seen:
        """Return the reader's rating, the article's tally and what the idempotency key remembers, at one moment.

        Raises Stale when others are writing just then.
        """
        ...

    def move(self, article_id: str, reader: str, seen: Seen, new: int | None, done: Done | None, now: datetime) -> None:
        """Take the rating from the stars that were seen to new ones, and the tally with it, in one step.

        Raises Stale when the rating is not as it was seen, the key was used, or the step collided with another;
        Crowded when that was at the tally.
        """
        ...

    def spread(self, article_id: str, heat: Heat, now: datetime) -> None:
        """Let ratings go to shards from now on, or for longer. Raises Stale when `heat` is not as it was seen."""
        ...


def rate(
    store: RatingStore,
    article_id: str,
    reader: str,
    stars: int | None,
    *,
    once: Once | None,
    now: datetime,
    pause: Callable[[int], None],
    admit: Callable[[], None] = unlimited,
) -> Rated:
    """Set one reader's rating of one article, None to take it back, and return the tally with it.

    The tally moves exactly once however often this runs: the move is tied to the stars it starts from.
    `pause(attempt)` waits between attempts; `admit()` uses up an allowance, and never for what was answered before.
    Raises KeyReused, what `admit` raises, and Unavailable when too many others write at once.
    """
    for attempt in range(ATTEMPTS):
        try:
            seen = store.look(article_id, reader, once, now)
        except Stale:
            pause(attempt)
            continue
        answer = replay(once, seen.earlier)
        if answer is not None:
            return _remembered(answer, seen.legacy)
        admit()
        histogram = moved(seen.histogram, seen.stars, stars)
        rated = Rated(tally=Tally.of(histogram, seen.legacy), mine=stars)
        done = Done(once, _answer(histogram, stars), int(now.timestamp()) + KEPT_SECONDS) if once else None
        # While the tally is spread it was read after the rating: that both go together shows when the step is taken.
        if seen.stars == stars and done is None and seen.heat.until is None:
            return rated
        try:
            _move(store, article_id, reader, seen, stars, done, now)
        except Stale:
            pause(attempt)
        else:
            return rated
    raise Unavailable


def _move(
    store: RatingStore, article_id: str, reader: str, seen: Seen, stars: int | None, done: Done | None, now: datetime
) -> None:
    try:
        store.move(article_id, reader, seen, stars, done, now)
    except Crowded:
        # Shards first, then a rating in one of them: what nobody knows to read must not be written to.
        store.spread(article_id, seen.heat, now)
        raise


def with_token(rated: Rated, token: str) -> Rated:
    """Return the answer carrying a newly minted reader token."""
    return replace(rated, reader=token)


def _answer(histogram: Sequence[int], mine: int | None) -> str:
    return json.dumps({"h": list(histogram), "mine": mine})


def _remembered(answer: str, legacy: Legacy | None) -> Rated:
    known = json.loads(answer)
    return Rated(tally=Tally.of(known["h"], legacy), mine=known["mine"])
