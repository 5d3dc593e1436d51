"""The figures as a page."""

from chalicelib.errors import Invalid
from chalicelib.rendering import desk
from chalicelib.routes.desk.api import Api
from chalicelib.routes.desk.page import PAGES, SILENT, Message, door, frame, given, html
from chalicelib.routes.endpoint import Answer, Call, Endpoints

DAYS = "30"


def register(endpoints: Endpoints) -> None:
    """Register the page."""
    api = Api(endpoints)

    @endpoints.endpoint("GET", "/admin/figures", **PAGES)
    def get_desk_figures(call: Call) -> Answer:
        """Show the figures of some days."""
        return _page(api, call) if call.moderator else door(call, "../")


def _page(api: Api, call: Call) -> Answer:
    days, message = given(call).get("days", DAYS), SILENT
    try:
        stats = api.ask(call, "get_stats", query={"days": days})
    except Invalid as refusal:
        message, days = Message.of(refusal), DAYS
        stats = api.ask(call, "get_stats", query={"days": days})
    return html(desk.figures_page(frame(call, "../", "figures", message), stats, int(days)), message.status)
