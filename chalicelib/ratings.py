"""Rate an article, change it, take it back; read what an article's ratings add up to."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.errors import Stale, Unavailable
from chalicelib.once import KEPT_SECONDS, Done, Earlier, Once, replay

STARS = (1, 2, 3, 4, 5)

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
class Tally:
    """An article's ratings added up; only the histogram is ever stored.

    `average` is the mean of the stars and `score` the Bayesian mean, for ordering; both null without ratings.
    """

    count: int
    average: float | None
    histogram: dict[str, int]
    score: float | None

    @classmethod
    def of(cls, histogram: Sequence[int]) -> "Tally":
        """Return the tally of five numbers: how often one star, two, ... five."""
        count = sum(histogram)
        total = sum(stars * often for stars, often in zip(STARS, histogram, strict=True))
        return cls(
            count=count,
            average=round(total / count, 2) if count else None,
            histogram={str(stars): often for stars, often in zip(STARS, histogram, strict=True)},
            score=round((PRIOR_WEIGHT * PRIOR_MEAN + total) / (PRIOR_WEIGHT + count), 2) if count else None,
        )

    def moved(self, old: int | None, new: int | None) -> "Tally":
        """Return the tally after one rating went from `old` to `new` stars; None is no rating."""
        return Tally.of([self.histogram[str(stars)] + (stars == new) - (stars == old) for stars in STARS])


@dataclass(frozen=True, slots=True)
class Rated:
    """The answer to a rating: the tally with it, and the reader's own stars."""

    tally: Tally
    mine: int | None
    reader: str | None = None
    """The reader's token, only when it was newly minted."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one read shows of a reader's rating."""

    stars: int | None
    tally: Tally
    earlier: Earlier | None


class RatingStore(Protocol):
    """How ratings are kept. Each method is one round trip."""

    def look(self, article_id: str, reader: str, once: Once | None, now: datetime) -> Seen:
        """Return the reader's rating, the article's tally and what the idempotency key remembers."""
        ...

    def move(
        self, article_id: str, reader: str, old: int | None, new: int | None, done: Done | None, now: datetime
    ) -> None:
        """Take the rating from old to new stars and the tally with it, in one step.

        Raises Stale when the rating is not `old` any more, the key was used, or the step collided with another.
        """
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
) -> Rated:
    """Set one reader's rating of one article, None to take it back, and return the tally with it.

    The tally moves exactly once however often this runs: the move is tied to the stars it starts from.
    `pause(attempt)` waits between attempts. Raises KeyReused, and Unavailable when too many others write at once.
    """
    for attempt in range(ATTEMPTS):
        seen = store.look(article_id, reader, once, now)
        answer = replay(once, seen.earlier)
        if answer is not None:
            return _remembered(answer)
        rated = Rated(tally=seen.tally.moved(seen.stars, stars), mine=stars)
        done = Done(once, _answer(rated), int(now.timestamp()) + KEPT_SECONDS) if once else None
        if seen.stars == stars and done is None:
            return rated
        try:
            store.move(article_id, reader, seen.stars, stars, done, now)
        except Stale:
            pause(attempt)
        else:
            return rated
    raise Unavailable


def with_token(rated: Rated, token: str) -> Rated:
    """Return the answer carrying a newly minted reader token."""
    return replace(rated, reader=token)


def _answer(rated: Rated) -> str:
    return json.dumps({"h": list(rated.tally.histogram.values()), "mine": rated.mine})


def _remembered(answer: str) -> Rated:
    known = json.loads(answer)
    return Rated(tally=Tally.of(known["h"]), mine=known["mine"])
