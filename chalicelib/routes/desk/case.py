"""One comment as a page, with all that is known about it."""

from collections.abc import Mapping
from typing import Any

from chalicelib.moderation import MOVES
from chalicelib.rendering import desk
from chalicelib.routes.desk.api import Api
from chalicelib.routes.desk.page import PAGES, SILENT, Message, door, frame, given, html, setting
from chalicelib.routes.endpoint import Answer, Call, Endpoints


def register(endpoints: Endpoints) -> None:
    """Register the page."""
    api = Api(endpoints)

    @endpoints.endpoint("GET", "/admin/comments/{comment_id}", **PAGES)
    def get_desk_case(call: Call) -> Answer:
        """Show one comment with all that is known about it; `part=card` is its card alone."""
        if call.moderator is None:
            return door(call, "../../")
        comment_id = call.path["comment_id"]
        if given(call).get("part") != "card":
            return case_page(api, call, comment_id)
        case = api.ask(call, "get_case", path={"comment_id": comment_id})
        return html(desk.card(case, moves_of(case), setting(call, "../../", "")))


def case_page(api: Api, call: Call, comment_id: str, message: Message = SILENT, root: str = "../../") -> Answer:
    """Return the page of one comment. Raises NotFound."""
    case = api.ask(call, "get_case", path={"comment_id": comment_id})
    about = setting(call, root, f"/comments/{comment_id}")
    return html(desk.case_page(frame(call, root, "queue", message), case, moves_of(case), about), message.status)


def moves_of(item: Mapping[str, Any]) -> list[str]:
    """Return every move that is possible from where an item is; what is public and was reported can be kept."""
    state, reported = item["state"], any(each["open"] for each in item["reports"])
    keeps = {"approve"} if state == "approved" and reported else set()
    return [action for action, moves in MOVES.items() if state in moves or action in keeps]
