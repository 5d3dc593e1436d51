"""What every page of the desk shares: its frame, its message, the door, and the way back from a form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field

from chalicelib.errors import NotSignedIn, Refusal
from chalicelib.people import Moderator
from chalicelib.rendering import desk
from chalicelib.rendering.desk import Frame, Setting
from chalicelib.routes.body import FORM
from chalicelib.routes.endpoint import HTML, PAGE_HEADERS, Answer, Call
from chalicelib.routes.problem import STATUS

HEADERS = {**PAGE_HEADERS, "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}
"""A form has to say where it comes from, so a page of the desk tells its own origin where it came from."""

_BACK = re.compile(r"(/comments/[0-9a-z]{26})?(\?[!-~]{0,4000})?")
_REFUSED = "This token was not accepted. It may be mistyped, expired or revoked."


class DeskQuery(BaseModel):
    """What a page is asked for. What is not known is no reason to show no page, so each reads what it knows."""

    model_config = ConfigDict(frozen=True, extra="allow")


class DeskForm(BaseModel):
    """A form of the desk; `back` is the page it stood on, as the form itself has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    back: Annotated[str, Field(max_length=4096)] = ""


PAGES: dict[str, Any] = {"answers": {200: HTML}, "access": "desk", "query": DeskQuery, "documented": False}
"""What all pages have in common, for `Endpoints.endpoint`."""
FORMS: dict[str, Any] = {"answers": {303: None}, "access": "moderator", "takes": (FORM,), "documented": False}
"""What all forms have in common, likewise."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a page says above all else: why something was refused, and the status of the answer then."""

    problem: str = ""
    status: int = 200

    @classmethod
    def of(cls, refusal: Refusal) -> "Message":
        """Return the message of a refusal."""
        fields = [f"{each.pointer.strip('/?')}: {each.detail}" for each in refusal.errors]
        words = [refusal.detail, *fields] if len(fields) > 1 else [refusal.detail]
        return cls(" ".join(words), STATUS[type(refusal)])


SILENT = Message()


def given(call: Call) -> dict[str, str]:
    """Return every parameter of a page's address that is there once and not blank."""
    values = (call.query.model_extra or {}) if isinstance(call.query, DeskQuery) else {}
    return {name: value for name, value in values.items() if isinstance(value, str) and value}


def was_refused(call: Call) -> bool:
    """Tell whether the page is shown because a token was not accepted."""
    return isinstance(call.query, DeskQuery) and "refused" in (call.query.model_extra or {})


def who(call: Call) -> Moderator:
    """Return who is signed in. Raises NotSignedIn."""
    if call.moderator is None:
        raise NotSignedIn("Please sign in.")
    return call.moderator


def frame(call: Call, root: str, page: str, message: Message = SILENT, done: Markup | None = None) -> Frame:
    """Return the frame of a page; `root` leads from it to the service's root."""
    moderator = who(call)
    about = {"name": moderator.name, "role": moderator.role}
    return Frame(root, page, about, message.problem, done or Markup())


def setting(call: Call, root: str, back: str) -> Setting:
    """Return what the cards of a page share; `back` is what a form's way back adds to the address of the desk."""
    return Setting(root, call.now, back, who(call).name)


def html(page: Markup, status: int = 200) -> Answer:
    """Return a page of the desk."""
    return Answer(str(page), status, HEADERS, media_type=HTML)


def door(call: Call, root: str = "") -> Answer:
    """Return the page to sign in on; `?refused` tells that the token was not accepted."""
    return html(desk.door_page(Frame(root, "", None, _REFUSED if was_refused(call) else "")))


def returned(back: str, values: Mapping[str, str] | None = None, *, root: str = "../") -> Answer:
    """Return 303 to a page of the desk, with values added to its address.

    `back` comes with the form, so from outside: what is no page of the desk leads to the queue.
    """
    safe = back if _BACK.fullmatch(back) else ""
    joint = ("&" if "?" in safe else "?") if values else ""
    return Answer(None, 303, {"Location": f"{root}admin{safe}{joint}{urlencode(values or {})}"})
