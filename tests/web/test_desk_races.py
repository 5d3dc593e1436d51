"""Two moderators, each with a browser, at one comment."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Service
from tests.http.conftest import author
from tests.web.conftest import Newsroom, Visitor
from tests.web.desk import card, folded, moderator, press, sign_in

Enter = Callable[..., Visitor]


@pytest.fixture
def two(visitors: Enter, service: Service, newsroom: Newsroom) -> tuple[Page, Page, str]:
    """Ann and Ben, both with the same comment before them, and its id."""
    identity = newsroom.submit("Two look at this.", name="Jo")
    ann, ben = (sign_in(visitors(), moderator(service, name)) for name in ("Ann", "Ben"))
    for page in (ann, ben):
        expect(card(page, "Two look at this.")).to_be_focused()
    return ann, ben, identity


def test_one_wins_and_the_other_reads_who_and_when(two: tuple[Page, Page, str], visitors: Enter) -> None:
    ann, ben, _ = two
    ann.keyboard.press("a")
    expect(folded(ann)).to_contain_text("Approved: Jo")
    ben.keyboard.press("s")
    it = card(ben, "Two look at this.")
    expect(it.get_by_role("alert")).to_contain_text("approved by Ann at 20")
    expect(it).to_be_focused()
    # It is shown as it is by now, with the moves that are possible from there, and nothing was decided for Ben.
    expect(it.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    expect(visitors().open().locator(".comment")).to_contain_text("Two look at this.")


def test_of_two_at_the_same_moment_one_wins(two: tuple[Page, Page, str], newsroom: Newsroom) -> None:
    ann, ben, identity = two
    for page in (ann, ben):
        # Both requests are under way before either answer is seen.
        page.evaluate("document.activeElement.closest('.item').querySelector('button[value=approve]').click()")
    won = [page for page in (ann, ben) if _settled(page)]
    assert len(won) == 1
    lost = ben if won == [ann] else ann
    winner = "Ann" if won == [ann] else "Ben"
    expect(card(lost, "Two look at this.").get_by_role("alert")).to_contain_text(f"by {winner}")
    actions = [line["action"] for line in newsroom.history(identity) if line["action"] == "approve"]
    assert actions == ["approve"]


def _settled(page: Page) -> bool:
    """Wait until a decision was answered, and tell whether it was taken."""
    expect(page.locator(".item .done, .item .problem:not(:empty)")).to_be_visible()
    return folded(page).count() == 1


def test_undo_after_a_race_never_overwrites(two: tuple[Page, Page, str], visitors: Enter, newsroom: Newsroom) -> None:
    ann, ben, identity = two
    press(ann, "r r")
    expect(folded(ann)).to_contain_text("Rejected")
    ben.reload()
    newsroom.decide(identity, "approve")
    ann.keyboard.press("z")
    expect(ann.locator(".item .problem").filter(has_text="undone no more")).to_contain_text("approved by owner")
    expect(visitors().open().locator(".comment")).to_have_count(1)


@pytest.mark.parametrize("together", [False, True], ids=["one", "many"])
def test_a_text_edited_between_reading_and_approving_is_not_published(
    two: tuple[Page, Page, str], service: Service, visitors: Enter, *, together: bool
) -> None:
    ann, _, identity = two
    edited = service.request(
        "PATCH", f"/v1/comments/{identity}", json={"text": "Buy pills here."}, headers=author(service, identity)
    )
    assert edited.status == 200
    press(ann, "x Shift+A" if together else "a")
    it = card(ann, "Buy pills here.")
    expect(it.get_by_role("alert")).to_contain_text("you saw revision 1")
    expect(folded(ann)).to_have_count(0)
    expect(visitors().open().locator(".comment")).to_have_count(0)
    ann.keyboard.press("c")
    expect(it.locator("del")).not_to_have_count(0)
    expect(it.locator("ins")).not_to_have_count(0)
