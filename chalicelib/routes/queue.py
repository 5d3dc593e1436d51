"""Endpoints to read what waits: the queue, and what came lately."""

import json
from dataclasses import asdict
from datetime import UTC
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.errors import FieldError, Invalid
from chalicelib.ids import EARLIEST, checked_article_id
from chalicelib.moderation import WAITING, Arrivals, Queue, QueueSort, Tray, Wanted
from chalicelib.routes.comments import PAGE, ArticleId, PageSize
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.paging import Cursor, Moment, cursor_of, position_of


class QueueQuery(BaseModel):
    """Which page of which tray, in which order, and which of its comments."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Tray = "pending"
    sort: QueueSort = "oldest"
    article: ArticleId | None = None
    author: Annotated[str, Field(min_length=1, max_length=254)] | None = None
    reason: Annotated[str, Field(pattern="^[a-z_]{1,40}$")] | None = None
    text: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    lang: Annotated[str, Field(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)] | None = None
    limit: PageSize = PAGE
    cursor: Cursor | None = None
    counts: bool = True


class ArrivalsQuery(BaseModel):
    """Since when comments that came are counted; left out, the answer says what time it is here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: Moment | None = None


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on the queue."""
    service = endpoints.service

    @endpoints.endpoint(
        "GET",
        "/v1/admin/queue",
        answers={200: Queue},
        access="moderator",
        query=QueueQuery,
        refuses=(401, 422, 503),
    )
    def get_queue(call: Call) -> Answer:
        """Read the queue, most urgent first, then oldest or riskiest."""
        query = call.query
        wanted = _wanted(query)
        context = json.dumps(asdict(wanted))
        after = position_of(service, "queue", query.cursor, context)
        items, position = service.stores.queue.page(wanted, query.limit, after, call.now)
        counts = service.stores.queue.counts() if query.counts else {}
        return Answer(Queue(items, cursor_of(service, "queue", position, context), counts))

    @endpoints.endpoint(
        "GET",
        "/v1/admin/queue/arrivals",
        answers={200: Arrivals},
        access="moderator",
        query=ArrivalsQuery,
        refuses=(401, 422, 503),
    )
    def get_arrivals(call: Call) -> Answer:
        """Count what came to wait since a time."""
        since = min(max(call.query.since or call.now, EARLIEST), call.now).astimezone(UTC)
        return Answer(Arrivals(service.stores.queue.arrivals(since), since))


def _wanted(query: QueueQuery) -> Wanted:
    """Return what a query asks for. Raises Invalid."""
    if query.article is not None:
        checked_article_id(query.article)
    if query.sort == "riskiest" and query.state not in WAITING:
        words = "Only what waits can be read riskiest first."
        raise Invalid(words, errors=(FieldError("?/sort", words),))
    return Wanted(
        tray=query.state,
        sort=query.sort,
        article_id=query.article,
        author=query.author,
        reason=query.reason,
        text=query.text,
        language=query.lang,
    )
