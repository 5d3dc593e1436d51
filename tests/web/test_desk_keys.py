"""The moderator page by the keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import Newsroom, Visitor
from tests.web.desk import TOKEN, card, folded, press, signed_in

Enter = Callable[..., Visitor]
Shot = Callable[[Page, str], None]

FIFTY = 50


def let_in(visitor: Visitor, newsroom: Newsroom) -> Page:
    """Sign in by keyboard."""
    page = visitor.open("/admin")
    while page.evaluate("document.activeElement?.id") != "token":
        page.keyboard.press("Tab")
    page.keyboard.insert_text(newsroom.owner_token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("article").first).to_be_focused()
    return page


@pytest.fixture
def fifty(newsroom: Newsroom) -> list[str]:
    """The ids of fifty comments that wait, oldest first."""
    return [newsroom.submit(f"Number {number:02d} of fifty, in plain words.") for number in range(FIFTY)]


def show_more(page: Page) -> None:
    """Go to what shows more, by keyboard."""
    more = page.get_by_role("link", name="Show more")
    while not more.evaluate("link => link === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def reasons(newsroom: Newsroom, comment_id: str) -> list[str]:
    """Return for what a comment was rejected."""
    return [line["reason"] for line in newsroom.history(comment_id) if line["action"] == "reject"]


def shown(page: Page) -> list[str]:
    """Return what stands in the queue from top to bottom."""
    found: list[str] = page.locator("#queue > .item").evaluate_all("items => items.map(item => item.dataset.id)")
    return found


def test_fifty_comments_are_decided_on_without_a_mouse(
    fifty: list[str], visitors: Enter, newsroom: Newsroom, shot: Shot
) -> None:
    page = let_in(visitors(), newsroom)
    expected: dict[str, str] = {}
    for number, identity in enumerate(fifty):
        here = page.locator(f"#c-{identity} article")
        if here.count() == 0:
            show_more(page)
        expect(here).to_be_focused()
        before, top = shown(page), here.bounding_box()
        keys, state = (("a", "approved"), ("r 4", "rejected"), ("s", "spam"))[number % 3]
        press(page, keys)
        expected[identity] = state
        expect(page.locator(f"#c-{identity} .done")).to_be_visible()
        # Nothing jumps: all is where it was, and the next card takes the place of the one before.
        assert shown(page)[: len(before)] == before
        following = page.locator("article:focus")
        if following.count() and top:
            box = following.bounding_box()
            assert box
            height = page.evaluate("innerHeight")
            assert -1 <= box["y"] <= max(top["y"] + 1, height), (number, top, box)
    shot(page, "fifty")
    assert newsroom.waiting() == []
    assert {identity: newsroom.case(identity)["state"] for identity in fifty} == expected
    assert reasons(newsroom, fifty[1]) == ["advice"]
    # What was done last is undone, and the focus goes back there.
    for identity in reversed(fifty[-2:]):
        page.keyboard.press("z")
        expect(page.locator(f"#c-{identity} article")).to_be_focused()
    assert [item["comment"]["id"] for item in newsroom.waiting()] == fifty[-2:]


def test_fifty_comments_are_decided_on_together_and_undone_as_one(
    fifty: list[str], visitors: Enter, newsroom: Newsroom, shot: Shot
) -> None:
    page = let_in(visitors(), newsroom)
    more = page.get_by_role("link", name="Show more")
    while more.is_visible():
        count = page.get_by_role("article").count()
        show_more(page)
        expect(page.get_by_role("article").nth(count)).to_be_focused()
    for _ in range(40):
        page.keyboard.press("k")
    expect(page.get_by_role("article").first).to_be_focused()
    page.keyboard.press("x")
    for _ in range(FIFTY - 1):
        page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("#bulk .chosen")).to_have_text("50 selected")
    shot(page, "selected")
    page.keyboard.press("Shift+R")
    expect(page.locator("#bulk-reason")).to_be_focused()
    page.keyboard.press("O")  # chooses "Off topic"
    page.keyboard.press("Enter")
    expect(folded(page)).to_have_count(FIFTY)
    expect(page.locator("#state")).to_contain_text("Rejected: 50 comments.")
    assert newsroom.waiting() == []
    assert reasons(newsroom, fifty[7]) == ["off-topic"]
    page.keyboard.press("z")
    expect(page.locator("#state")).to_contain_text("Undone: 50 comments are back as they were.")
    assert [item["comment"]["id"] for item in newsroom.waiting()] == fifty
    press(page, "Shift+A")
    expect(folded(page)).to_have_count(FIFTY)
    assert newsroom.waiting() == []


def test_keys_can_be_switched_off_for_good(visitors: Enter, newsroom: Newsroom) -> None:
    newsroom.submit("Not by a slip of the hand.")
    page = signed_in(visitors(), newsroom)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.get_by_label("Use these keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    card(page, "Not by a slip").focus()
    press(page, "a s j x z")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert len(newsroom.waiting()) == 1


def test_letters_in_a_field_are_letters(visitors: Enter, newsroom: Newsroom) -> None:
    newsroom.submit("Answered with care.")
    page = signed_in(visitors(), newsroom)
    it = card(page, "Answered with care.")
    page.keyboard.press("m")
    expect(it.get_by_label("Answer as the site")).to_be_focused()
    page.keyboard.type("as j/k? Xxz.")
    expect(it.get_by_label("Answer as the site")).to_have_value("as j/k? Xxz.")
    page.keyboard.press("Escape")
    expect(it).to_be_focused()
    page.keyboard.press("n")
    page.keyboard.type("Ask Ann.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#state")).to_contain_text("The note is kept.")
    page.keyboard.press("/")
    expect(page.get_by_label("Find in the texts")).to_be_focused()
    assert len(newsroom.waiting()) == 1
    it.focus()
    page.keyboard.press("m")
    page.keyboard.press("Control+Enter")
    expect(folded(page)).to_contain_text("Approved")
    expect(visitors().open().locator(".comment").last).to_contain_text("as j/k? Xxz.")


def test_the_door_says_where_to_go(visitors: Enter) -> None:
    page = visitors().open("/admin/figures")
    expect(page.get_by_label(TOKEN)).to_be_visible()
