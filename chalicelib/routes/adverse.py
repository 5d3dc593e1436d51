"""Endpoint to take away what may tell of adverse reactions to medicines, for whoever has to report them."""

from datetime import datetime
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from chalicelib.export import ADVERSE, MEDIA_TYPES, Format, reactions
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.paging import Cursor, cursor_of, position_of

LINES = 5000
"""How many comments a file has at most."""


class AdverseQuery(BaseModel):
    """In which form, and where the file begins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Format = "csv"
    cursor: Cursor | None = None


def register(endpoints: Endpoints) -> None:
    """Register the endpoint."""
    service = endpoints.service

    @endpoints.endpoint(
        "GET",
        "/v1/admin/adverse",
        answers={200: MEDIA_TYPES["csv"]},
        also=(MEDIA_TYPES["jsonl"],),
        access="moderator",
        query=AdverseQuery,
        refuses=(401, 422, 503),
    )
    def get_adverse(call: Call) -> Answer:
        """Take away the comments that may tell of an adverse reaction."""
        query = call.query
        after = position_of(service, "adverse", query.cursor, "")
        found, position = service.stores.queue.noted(ADVERSE, LINES, after, call.now)
        text, number = reactions([each.record for each in found], query.format)
        if number < len(found):
            position = found[number - 1].position
        return _file(text, query.format, cursor_of(service, "adverse", position, ""), call.now)


def _file(text: str, form: Format, cursor: str | None, now: datetime) -> Answer:
    """Return the file; where the next one begins is a link to the same address with another query."""
    headers = {"Content-Disposition": f'attachment; filename="afterword-adverse-{now:%Y-%m-%d}.{form}"'}
    if cursor:
        headers["Link"] = f'<?{urlencode({"format": form, "cursor": cursor})}>; rel="next"'
    return Answer(text, headers=headers, media_type=MEDIA_TYPES[form])
