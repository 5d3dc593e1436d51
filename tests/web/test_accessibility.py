"""axe-core on both pages, and no sideways scrolling on a narrow screen."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import Newsroom, Visitor
from tests.web.test_moderator_page import signed_in

Enter = Callable[..., Visitor]
Shot = Callable[[Page, str], None]

LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 320, "height": 800}},
    "narrow-dark": {"color_scheme": "dark", "viewport": {"width": 320, "height": 800}},
    "forced-colours": {"forced_colors": "active", "viewport": {"width": 1280, "height": 900}},
}
LONG_WORD = "Donaudampfschifffahrtsgesellschaft" * 4

look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())


def violations(page: Page, axe: str) -> str:
    """Return what axe-core finds, as text; empty is what we want."""
    # Colours are judged where they stand still.
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")
    found = page.evaluate(f"{axe}; axe.run(document, {{resultTypes: ['violations']}})")
    assert len(found["passes"]) > 10
    brief = [
        [rule["id"], [node["failureSummary"] + node["html"] for node in rule["nodes"]]] for rule in found["violations"]
    ]
    return json.dumps(brief, indent=1) if brief else ""


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def fill_thread(newsroom: Newsroom) -> None:
    parent = newsroom.publish(f"> quoted\n\nWith `code`, **words** and {LONG_WORD}.", name="Marta")
    for level in range(7):
        parent = newsroom.publish(f"Reply on level {level}. {LONG_WORD}", parent_id=parent, name=LONG_WORD[:80])
    newsroom.publish("- one\n- two", name="محمد", website="https://site.example/")


@look
def test_the_article_page_is_accessible(
    look: dict[str, Any], visitors: Enter, newsroom: Newsroom, axe_source: str, shot: Shot
) -> None:
    page = visitors(**look).open()
    assert violations(page, axe_source) == ""
    assert overflow(page) == 0
    fill_thread(newsroom)
    page.reload()
    page.locator(".star").nth(3).click()
    expect(page.get_by_text("Your rating: 4 stars.")).to_be_visible()
    page.get_by_label("Comment", exact=True).fill("Fine.")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Submit comment").click()
    expect(page.locator(".comment.waiting")).to_be_visible()
    assert violations(page, axe_source) == ""
    page.get_by_label("Comment", exact=True).fill("   ")
    page.get_by_role("button", name="Submit comment").click()
    expect(page.locator("#afterword-text-error")).not_to_be_empty()
    page.locator("a.reply").last.click()
    assert violations(page, axe_source) == ""
    assert overflow(page) == 0
    shot(page, "full")


@look
def test_the_moderator_page_is_accessible(
    look: dict[str, Any], visitors: Enter, newsroom: Newsroom, axe_source: str, shot: Shot
) -> None:
    parent = newsroom.publish(f"The one that is answered. {LONG_WORD}", name="Marta")
    newsroom.submit(f"A reply with https://spam.example/{LONG_WORD} in it.", parent_id=parent, name=LONG_WORD[:80])
    newsroom.submit("Another one.", email="somebody@site.example")
    visitor = visitors(**look)
    door = visitor.open("/admin")
    expect(door.get_by_label("Your moderator token")).to_be_visible()
    assert violations(door, axe_source) == ""
    shot(door, "door")
    page = signed_in(visitor, newsroom)
    expect(page.get_by_role("article")).to_have_count(2)
    assert violations(page, axe_source) == ""
    assert overflow(page) == 0
    shot(page, "queue")
    page.get_by_role("button", name="Reject").last.click()
    expect(page.locator(".done")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page, axe_source) == ""
    shot(page, "keys")


def test_targets_are_large_enough(visitors: Enter) -> None:
    page = visitors(viewport={"width": 320, "height": 800}).open()
    boxes = [star.bounding_box() for star in page.locator(".star input").all()]
    assert len(boxes) == 5
    assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes)
