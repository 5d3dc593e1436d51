"""The frame of every moderator page: who is signed in, the way to each page, and one message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from chalicelib.rendering.templates import NOTHING, filled, joined

PAGES = (
    ("queue", "admin", "Queue"),
    ("log", "admin/log", "Log"),
    ("figures", "admin/figures", "Figures"),
    ("rules", "admin/rules", "Rules"),
    ("people", "admin/people", "People"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a page stands: `root` leads from it to the service's root, `page` names it in the menu."""

    root: str
    page: str
    moderator: Mapping[str, Any] | None
    problem: str = ""
    done: Markup = NOTHING


def framed(frame: Frame, title: str, content: Markup) -> Markup:
    """Return a whole page."""
    return filled(
        "desk/frame",
        root=frame.root,
        moderator=frame.moderator["name"] if frame.moderator else "",
        title=title,
        menu=_menu(frame) if frame.moderator else NOTHING,
        tools=_tools(frame) if frame.moderator else NOTHING,
        problem=frame.problem,
        done=frame.done,
        content=content,
    )


def _menu(frame: Frame) -> Markup:
    entries = joined(
        Markup('<li><a href="{}{}"{}>{}</a></li>').format(
            frame.root, path, Markup(' aria-current="page"') if name == frame.page else NOTHING, words
        )
        for name, path, words in PAGES
    )
    return Markup('<nav aria-label="Pages"><ul class="pages">{}</ul></nav>').format(entries)


def _tools(frame: Frame) -> Markup:
    assert frame.moderator  # noqa: S101 - the menu is theirs
    return filled("desk/tools", root=frame.root, name=frame.moderator["name"], role=frame.moderator["role"])


def door_page(frame: Frame) -> Markup:
    """Return the page to sign in on."""
    described = Markup(' aria-invalid="true"') if frame.problem else NOTHING
    return framed(frame, "Sign in", filled("desk/door", root=frame.root, invalid=described))
