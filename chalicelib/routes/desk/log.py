"""The log as a page."""

import re
from collections.abc import Mapping

from chalicelib.errors import Invalid
from chalicelib.rendering import desk
from chalicelib.routes.desk.api import Api
from chalicelib.routes.desk.page import PAGES, SILENT, Message, door, frame, given, html
from chalicelib.routes.endpoint import Answer, Call, Endpoints

FILTERS = ("action", "by", "article", "since", "until")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def register(endpoints: Endpoints) -> None:
    """Register the page."""
    api = Api(endpoints)

    @endpoints.endpoint("GET", "/admin/log", **PAGES)
    def get_desk_log(call: Call) -> Answer:
        """Show the log."""
        return _page(api, call) if call.moderator else door(call, "../")


def _page(api: Api, call: Call) -> Answer:
    values = given(call)
    filters = {name: value for name, value in values.items() if name in FILTERS}
    cursor = {"cursor": values["cursor"]} if "cursor" in values else {}
    message = SILENT
    try:
        page = api.ask(call, "get_audit", query={**filters, **_times(filters), **cursor})
    except Invalid as refusal:
        message = Message.of(refusal)
        filters = {}
        page = api.ask(call, "get_audit")
    shown = desk.log_page(frame(call, "../", "log", message), filters, _times(filters), page["items"], page["next"])
    return html(shown, message.status)


def _times(filters: Mapping[str, str]) -> dict[str, str]:
    """Return the days among the filters as times: a day begins at midnight, UTC."""
    days = {name: value for name, value in filters.items() if name in {"since", "until"} and _DAY.fullmatch(value)}
    return {name: f"{value}T00:00:00Z" for name, value in days.items()}
