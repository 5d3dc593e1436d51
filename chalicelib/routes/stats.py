"""Endpoint for figures: what happened day by day, and what waits."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chalicelib import stats
from chalicelib.routes.comments import digits
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.service import Service
from chalicelib.stats import ArticleFigures, CheckFigures, Day, ModeratorFigures, Waits

MONTH, QUARTER = 30, 90


class StatsQuery(BaseModel):
    """Over how many days, today among them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=1, le=QUARTER), BeforeValidator(digits)] = MONTH


@dataclass(frozen=True, slots=True)
class Oldest:
    """Since when the comment waits that has waited longest, and for how many seconds that is."""

    since: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures of some days (UTC), the last of which is today, and how many comments wait now.

    Where more than 20,000 entries of the log are of these days, the figures are those of the newest, and not complete.
    """

    from_: Annotated[date, Field(serialization_alias="from")]
    to: date
    complete: bool
    days: list[Day]
    waiting: dict[str, int]
    oldest_waiting: Oldest | None
    time_to_decision: Waits
    checks: list[CheckFigures]
    moderators: list[ModeratorFigures]
    articles: list[ArticleFigures]


def register(endpoints: Endpoints) -> None:
    """Register the endpoint for figures."""
    service = endpoints.service

    @endpoints.endpoint(
        "GET",
        "/v1/admin/stats",
        answers={200: Stats},
        access="moderator",
        query=StatsQuery,
        refuses=(401, 422, 503),
    )
    def get_stats(call: Call) -> Answer:
        """Read figures of the last days, and what waits."""
        return Answer(stats_of(service, call.query.days, call.now))


def stats_of(service: Service, days: int, now: datetime) -> Stats:
    """Return the figures of so many days, today among them. Raises Unavailable."""
    first, last = stats.span(days, now)
    tomorrow = stats.midnight(last) + timedelta(days=1)
    entries = service.stores.stats.entries(stats.midnight(first), tomorrow, stats.MOST_ENTRIES + 1)
    found = stats.figures(entries[: stats.MOST_ENTRIES], first, last)
    oldest = service.stores.queue.oldest()
    return Stats(
        from_=first,
        to=last,
        complete=len(entries) <= stats.MOST_ENTRIES,
        days=found.days,
        waiting=service.stores.queue.counts(),
        oldest_waiting=Oldest(oldest, max(0, int((now - oldest).total_seconds()))) if oldest else None,
        time_to_decision=found.time_to_decision,
        checks=found.checks,
        moderators=found.moderators,
        articles=found.articles,
    )
