"""Endpoint to read the log of decisions, and to take it away as a file."""

import json
from dataclasses import astuple
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.audit import Act, Line, Log, Sought
from chalicelib.export import MEDIA_TYPES, Format, written
from chalicelib.ids import EARLIEST, checked_article_id
from chalicelib.routes.comments import MOST, ArticleId, PageSize
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.paging import Cursor, Moment, cursor_of, position_of

LINES = 5000
"""How many entries a file has at most."""


class LogQuery(BaseModel):
    """Which entries of the log, and in which form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    comment: Annotated[str, Field(pattern="^[0-9a-z]{26}$")] | None = None
    by: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    action: Act | None = None
    article: ArticleId | None = None
    since: Moment | None = None
    until: Moment | None = None
    format: Literal["json"] | Format = "json"
    limit: PageSize | None = None
    cursor: Cursor | None = None


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on the log."""
    service = endpoints.service

    @endpoints.endpoint(
        "GET",
        "/v1/admin/audit",
        answers={200: Log},
        also=tuple(MEDIA_TYPES.values()),
        access="moderator",
        query=LogQuery,
        refuses=(401, 422, 503),
    )
    def get_audit(call: Call) -> Answer:
        """Read the log of decisions, newest first."""
        query = call.query
        sought = _sought(query)
        context = json.dumps(astuple(sought), default=str)
        after = position_of(service, "audit", query.cursor, context)
        most = query.limit or (MOST if query.format == "json" else LINES)
        entries, position = service.stores.audits.log(sought, most, after, call.now)
        if query.format == "json":
            return Answer(Log([Line.of(entry) for entry in entries], cursor_of(service, "audit", position, context)))
        text, number = written(entries, query.format)
        if number < len(entries):
            position = entries[number - 1].decision.id
        return _file(text, query.format, query, cursor_of(service, "audit", position, context), call.now)


def _sought(query: LogQuery) -> Sought:
    """Return what a query asks for. Raises Invalid."""
    if query.article is not None:
        checked_article_id(query.article)
    return Sought(
        comment_id=query.comment,
        by=query.by,
        action=query.action,
        article_id=query.article,
        since=query.since and max(query.since, EARLIEST),
        until=query.until and max(query.until, EARLIEST),
    )


def _file(text: str, form: Format, query: LogQuery, cursor: str | None, now: datetime) -> Answer:
    """Return the file; where the next one begins is a link to the same address with another query."""
    headers = {"Content-Disposition": f'attachment; filename="afterword-log-{now:%Y-%m-%d}.{form}"'}
    if cursor:
        asked = {**query.model_dump(mode="json", exclude_none=True), "cursor": cursor}
        headers["Link"] = f'<?{urlencode(asked)}>; rel="next"'
    return Answer(text, headers=headers, media_type=MEDIA_TYPES[form])
