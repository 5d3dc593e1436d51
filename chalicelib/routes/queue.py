"""Endpoints to read what waits: the queue, and one comment with its context and history."""

from pydantic import BaseModel, ConfigDict

from chalicelib.errors import NotFound
from chalicelib.ids import checked_article_id
from chalicelib.moderation import CaseFile, Queue, Tray
from chalicelib.routes.comments import PAGE, ArticleId, PageSize
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.paging import Cursor, cursor_of, position_of


class QueueQuery(BaseModel):
    """Which page of which tray."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Tray = "pending"
    article: ArticleId | None = None
    limit: PageSize = PAGE
    cursor: Cursor | None = None


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
        """Read the queue, most urgent first, then oldest."""
        query = call.query
        if query.article is not None:
            checked_article_id(query.article)
        context = f"{query.state}|{query.article or ''}"
        after = position_of(service, "queue", query.cursor, context)
        items, position = service.stores.queue.page(query.state, query.article, query.limit, after, call.now)
        counts = service.stores.queue.counts()
        return Answer(Queue(items, cursor_of(service, "queue", position, context), counts))

    @endpoints.endpoint(
        "GET",
        "/v1/admin/comments/{comment_id}",
        answers={200: CaseFile},
        access="moderator",
        refuses=(401, 404, 422, 503),
    )
    def get_case(call: Call) -> Answer:
        """Read one comment with its context and history."""
        found = service.stores.moderation.case_file(call.path["comment_id"], call.now)
        if found is None:
            raise NotFound("There is no comment with this id.")
        return Answer(found)
