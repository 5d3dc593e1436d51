"""axe-core on every page in every look, and no sideways scrolling on a narrow screen."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.http.conftest import author
from tests.web.conftest import Newsroom, Visitor
from tests.web.desk import moderator, signed_in

Enter = Callable[..., Visitor]
Shot = Callable[[Page, str], None]

LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 320, "height": 800}},
    "narrow-dark": {"color_scheme": "dark", "viewport": {"width": 320, "height": 800}},
    "forced-colours": {"forced_colors": "active", "viewport": {"width": 1280, "height": 900}},
    "reduced-motion": {"reduced_motion": "reduce", "viewport": {"width": 1280, "height": 900}},
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
    newsroom.policy({"help": {"beside_form": True, "text": f"Call {LONG_WORD}."}})
    page.reload()
    expect(page.locator(".help.beside")).to_be_visible()
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


def fill_desk(newsroom: Newsroom) -> str:
    """Let a queue have one of everything, and return the id of the comment of which there is most to tell."""
    newsroom.policy({"thresholds": {"hold": 5_000, "spam": 9_000}})  # whatever the checks think, all of it waits
    parent = newsroom.publish(f"The one that is answered. {LONG_WORD}", name="Marta")
    newsroom.report(newsroom.publish("Reported by a reader."), "privacy", f"Names {LONG_WORD}.")
    told = newsroom.comment(
        f"A reply with https://spam.example/{LONG_WORD} in it.", parent_id=parent, name=LONG_WORD[:80]
    )
    newsroom.comment("Another one, in plain words.", token=told["reader"], email="somebody@site.example")
    newsroom.term("overdose", "urgent")
    newsroom.comment(f"I fear an overdose. {LONG_WORD}")
    identity: str = told["comment"]["id"]
    service, owner = newsroom.service, newsroom.service.owner
    edited = {"text": f"Another text with https://spam.example/{LONG_WORD} in it."}
    service.request("PATCH", f"/v1/comments/{identity}", json=edited, headers=author(service, identity))
    service.request("POST", f"/v1/admin/comments/{identity}/notes", json={"text": LONG_WORD}, headers=owner)
    service.request("POST", "/v1/admin/terms", json={"value": "cheap pills", "kind": "spam"}, headers=owner)
    service.request("POST", "/v1/admin/blocks", json={"kind": "domain", "value": "pills.example"}, headers=owner)
    rules = {"mode": "closed", "allowed_terms": ["baclofen"]}
    where = f"/v1/admin/articles/{LONG_WORD}/policy"
    service.request("PATCH", where, json=rules, headers=owner)
    moderator(service, "Ann")
    return identity


def look_at(page: Page, axe: str, name: str, shot: Shot) -> None:
    assert violations(page, axe) == "", name
    assert overflow(page) == 0, name
    shot(page, name)


@look
def test_every_view_of_the_desk_is_accessible(
    look: dict[str, Any], visitors: Enter, newsroom: Newsroom, axe_source: str, shot: Shot
) -> None:
    visitor = visitors(**look)
    door = visitor.open("/admin?refused=")
    expect(door.get_by_role("alert")).not_to_be_empty()
    look_at(door, axe_source, "door", shot)
    page = signed_in(visitor, newsroom)
    expect(page.locator("#empty")).to_be_visible()
    look_at(page, axe_source, "empty", shot)
    identity = fill_desk(newsroom)
    for name, path in {
        "log": "log",
        "figures": "figures",
        "rules": "rules",
        "article": f"articles/{LONG_WORD}",
        "people": "people",
        "case": f"comments/{identity}",
    }.items():
        page.goto(f"{visitor.url}/admin/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for fold in page.locator("details").all():
            fold.evaluate("details => { details.open = true; }")
        look_at(page, axe_source, name, shot)


@look
def test_the_queue_is_accessible_at_work(
    look: dict[str, Any], visitors: Enter, newsroom: Newsroom, axe_source: str, shot: Shot
) -> None:
    identity = fill_desk(newsroom)
    page = signed_in(visitors(**look), newsroom)
    expect(page.get_by_role("article")).to_have_count(4)
    look_at(page, axe_source, "queue", shot)
    here = page.locator(f"#c-{identity}")
    here.locator("article").focus()
    for key in ("c", "r", "m", "Escape", "x"):
        page.keyboard.press(key)
    expect(here.locator(".context del").first).to_be_visible()
    for fold in here.locator("details").all():
        fold.evaluate("details => { details.open = true; }")
    look_at(page, axe_source, "open", shot)
    here.locator("article").focus()
    page.keyboard.press("s")
    expect(here.locator(".done")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    look_at(page, axe_source, "keys", shot)


def test_targets_are_large_enough(visitors: Enter) -> None:
    page = visitors(viewport={"width": 320, "height": 800}).open()
    boxes = [star.bounding_box() for star in page.locator(".star input").all()]
    assert len(boxes) == 5
    assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes)
