"""Who moderates, as a page, and its forms: tokens, people, signing out everywhere."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.errors import Refusal
from chalicelib.rendering import desk
from chalicelib.routes.desk.api import Api
from chalicelib.routes.desk.page import FORMS, PAGES, SILENT, DeskForm, Message, door, frame, html, who
from chalicelib.routes.endpoint import Answer, Call, Endpoints

Method = Annotated[Literal["POST", "DELETE"], Field(alias="_method")]


class TokenForm(DeskForm):
    """A token to make or, with `_method` `DELETE`, to revoke."""

    method: Method = "POST"
    label: str | None = None
    days: str | None = None
    id: str | None = None


class PersonForm(DeskForm):
    """Somebody to add or, with `_method` `DELETE`, to remove."""

    method: Method = "POST"
    name: str | None = None
    role: str | None = None


def register(endpoints: Endpoints) -> None:
    """Register the page and its forms."""
    api = Api(endpoints)

    @endpoints.endpoint("GET", "/admin/people", **PAGES)
    def get_desk_people(call: Call) -> Answer:
        """Show who moderates, and one's own tokens."""
        return _page(api, call) if call.moderator else door(call, "../")

    @endpoints.endpoint("POST", "/admin/tokens", body=TokenForm, **{**FORMS, "answers": {200: "text/html", 303: None}})
    def post_desk_tokens(call: Call) -> Answer:
        """Make a token and show it this once, or revoke one."""
        form: TokenForm = call.body
        if form.method == "DELETE":
            return _done(api, call, "delete_token", {"id": form.id})
        return _made(api, call, "post_token", {"label": form.label, "days": form.days}, who(call).name)

    @endpoints.endpoint("POST", "/admin/people", body=PersonForm, **{**FORMS, "answers": {200: "text/html", 303: None}})
    def post_desk_people(call: Call) -> Answer:
        """Add somebody and show the first token this once, or remove somebody."""
        form: PersonForm = call.body
        if form.method == "DELETE":
            return _done(api, call, "delete_moderator", {"name": form.name})
        return _made(api, call, "post_moderator", {"name": form.name, "role": form.role}, form.name or "")

    @endpoints.endpoint("POST", "/admin/sessions", body=DeskForm, **FORMS)
    def post_desk_sessions(call: Call) -> Answer:
        """Sign out everywhere."""
        api.ask(call, "delete_sessions")
        return Answer(None, 303, {"Location": "../admin"})


def _page(api: Api, call: Call, message: Message = SILENT, fresh: Mapping[str, str] | None = None) -> Answer:
    everybody = api.ask(call, "get_moderators")["items"] if who(call).role == "owner" else None
    own = api.ask(call, "get_tokens")["items"]
    return html(desk.people_page(frame(call, "../", "people", message), own, everybody, fresh), message.status)


def _done(api: Api, call: Call, name: str, body: Mapping[str, str | None]) -> Answer:
    try:
        api.ask(call, name, body=_said(body))
    except Refusal as refusal:
        return _page(api, call, Message.of(refusal))
    return Answer(None, 303, {"Location": "people"})


def _made(api: Api, call: Call, name: str, body: Mapping[str, str | None], holder: str) -> Answer:
    """Make a token and show it: it is kept nowhere, so this answer cannot lead to another page."""
    try:
        token = api.ask(call, name, body=_said(body))["token"]
    except Refusal as refusal:
        return _page(api, call, Message.of(refusal))
    return _page(api, call, fresh={"name": holder, "token": token})


def _said(body: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in body.items() if value}
