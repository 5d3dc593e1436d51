"""Endpoint to read the log of decisions."""

from pydantic import BaseModel, ConfigDict

from chalicelib.audit import Log
from chalicelib.routes.comments import MOST, PageSize
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.paging import Cursor, cursor_of, position_of


class LogQuery(BaseModel):
    """Which page of the log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: PageSize = MOST
    cursor: Cursor | None = None


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on the log."""
    service = endpoints.service

    @endpoints.endpoint(
        "GET",
        "/v1/admin/audit",
        answers={200: Log},
        access="moderator",
        query=LogQuery,
        refuses=(401, 422, 503),
    )
    def get_audit(call: Call) -> Answer:
        """Read the log of decisions, newest first."""
        after = position_of(service, "audit", call.query.cursor, "")
        items, position = service.stores.audits.log(call.query.limit, after, call.now)
        return Answer(Log(items, cursor_of(service, "audit", position, "")))
