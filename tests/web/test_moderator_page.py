"""The moderator page in a browser."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.conftest import Newsroom, Visitor

Enter = Callable[..., Visitor]
Shot = Callable[[Page, str], None]


def signed_in(visitor: Visitor, newsroom: Newsroom) -> Page:
    page = visitor.open("/admin")
    page.get_by_label("Your moderator token").fill(newsroom.owner_token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()
    return page


def card(page: Page, text: str) -> Any:
    return page.get_by_role("article").filter(has_text=text)


def test_a_wrong_token_is_refused_in_words(visitors: Enter) -> None:
    page = visitors().open("/admin")
    for token, words in (("x" * 43, "not accepted"), ("", "Please enter"), ("тайна", "not a token")):
        page.get_by_label("Your moderator token").fill(token)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text(words)
        expect(page.get_by_label("Your moderator token")).to_be_focused()
    assert page.evaluate("sessionStorage.length") == 0


def test_an_empty_queue_says_so(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    page = signed_in(visitors(), newsroom)
    expect(page.get_by_text("Nothing is waiting.")).to_be_visible()
    shot(page, "empty")


def test_a_comment_is_read_and_approved(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    text = "It helped me.\n\n  Look 😀 at https://pills.example/buy <b>now</b>"
    newsroom.submit(text, name="Jo <i>", email="jo@site.example", website="https://jo.example/")
    page = signed_in(visitors(), newsroom)
    it = card(page, "It helped me")
    assert it.locator(".text").evaluate("node => node.textContent") == text
    for words in ("Jo <i>", "jo@site.example", "https://jo.example/", "baclofen", "First comment by this reader"):
        expect(it).to_contain_text(words)
    expect(it.locator("mark").first).to_have_text("https://pills.example/buy")
    expect(it.locator(".findings li").first).to_contain_text("+")
    expect(it.get_by_role("link")).to_have_count(0)
    shot(page, "queue")
    it.get_by_role("button", name="Approve").click()
    expect(page.locator(".done")).to_contain_text("Approved: Jo <i>")
    expect(page.get_by_role("article")).to_have_count(0)
    shot(page, "approved")
    reader = visitors().open()
    expect(reader.locator(".comment")).to_contain_text("It helped me.")
    page.get_by_role("link", name="Approved").click()
    expect(card(page, "It helped me")).to_be_visible()


def test_what_readers_reported_is_kept_or_taken_down(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    for text in ("Kind words.", "My neighbour Jo takes it."):
        newsroom.report(newsroom.publish(text), "privacy", "Names a neighbour.")
    page = signed_in(visitors(), newsroom)
    page.get_by_role("link", name="Reported").click()
    it = card(page, "Kind words.")
    expect(it).to_contain_text("Reported by readers; public until you decide")
    expect(it.locator(".reports")).to_contain_text("privacy: Names a neighbour.")
    shot(page, "reported")
    it.get_by_role("button", name="Keep").click()
    card(page, "My neighbour Jo").get_by_role("button", name="Reject").click()
    expect(page.get_by_role("article")).to_have_count(0)
    reader = visitors().open()
    expect(reader.locator(".comment")).to_have_count(1)
    expect(reader.locator(".comment")).to_contain_text("Kind words.")


def test_a_decision_is_undone_by_button_and_by_key(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    newsroom.submit("The first of two.")
    newsroom.submit("The second of two.")
    page = signed_in(visitors(), newsroom)
    card(page, "The first of two.").get_by_role("button", name="Approve").click()
    expect(page.locator(".done")).to_contain_text("Approved")
    shot(page, "folded")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone: Anonymous")
    expect(card(page, "The first of two.")).to_be_focused()
    expect(page.get_by_role("link", name="Waiting 2")).to_be_visible()
    assert [item["comment"]["text"] for item in newsroom.waiting()] == ["The first of two.", "The second of two."]
    page.keyboard.press("r")
    expect(card(page, "The second of two.")).to_be_focused()
    page.keyboard.press("z")
    expect(card(page, "The first of two.")).to_be_focused()
    page.keyboard.press("s")
    expect(page.locator(".done")).to_contain_text("Marked as spam")
    newsroom.decide(newsroom.waiting()[0]["comment"]["id"], "delete")
    assert len(newsroom.waiting()) == 0


def test_what_somebody_else_did_since_cannot_be_undone(visitors: Enter, newsroom: Newsroom) -> None:
    comment_id = newsroom.submit("Decided on twice.")
    page = signed_in(visitors(), newsroom)
    card(page, "Decided on twice.").get_by_role("button", name="Reject").click()
    expect(page.locator(".done")).to_contain_text("Rejected")
    newsroom.decide(comment_id, "approve")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert").filter(has_text="undone no more")).to_contain_text("approved by owner")
    reader = visitors().open()
    expect(reader.locator(".comment")).to_have_count(1)


def test_every_tray_offers_the_moves_it_allows(visitors: Enter, newsroom: Newsroom) -> None:
    newsroom.submit("There and back again.")
    page = signed_in(visitors(), newsroom)
    for tray, action in (
        ("Waiting", "Spam"),
        ("Spam", "Restore"),
        ("Waiting", "Reject"),
        ("Rejected", "Delete"),
        ("Deleted", "Restore"),
        ("Waiting", "Approve"),
        ("Approved", "Reject"),
    ):
        page.get_by_role("navigation").get_by_role("link", name=tray).click()
        card(page, "There and back").get_by_role("button", name=action).click()
        expect(page.locator(".done")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Rejected").click()
    expect(card(page, "There and back")).to_be_visible()


def test_keys_walk_and_decide(visitors: Enter, newsroom: Newsroom) -> None:
    for name in ("one", "two", "three", "four"):
        newsroom.submit(f"This is number {name}.")
    page = signed_in(visitors(), newsroom)
    expect(card(page, "number one")).to_be_focused()
    page.keyboard.press("j")
    expect(card(page, "number two")).to_be_focused()
    page.keyboard.press("k")
    expect(card(page, "number one")).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator(".done")).to_have_count(1)
    expect(card(page, "number two")).to_be_focused()
    page.keyboard.press("r")
    expect(card(page, "number three")).to_be_focused()
    page.keyboard.press("s")
    expect(card(page, "number four")).to_be_focused()
    for words in ("Approved: ", "Rejected: ", "Marked as spam: "):
        expect(page.locator(".done").filter(has_text=words)).to_have_count(1)
    expect(page.get_by_role("link", name="Waiting 1")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.get_by_label("Use these keys").uncheck()
    page.get_by_role("button", name="Close").click()
    card(page, "number four").focus()
    page.keyboard.press("a")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert [item["comment"]["text"] for item in newsroom.waiting()] == ["This is number four."]


def test_whoever_comes_second_reads_who_was_first(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    identity = newsroom.submit("Two look at this.")
    page = signed_in(visitors(), newsroom)
    expect(card(page, "Two look at this")).to_be_visible()
    newsroom.decide(identity, "approve")
    card(page, "Two look at this").get_by_role("button", name="Approve").click()
    it = card(page, "Two look at this")
    expect(it.get_by_role("alert")).to_contain_text("approved by owner")
    expect(it.get_by_role("button", name="Approve")).to_have_count(0)
    expect(it.get_by_role("button", name="Reject")).to_be_visible()
    shot(page, "conflict")


def test_a_failed_decision_stays_and_the_retry_has_the_same_key(visitors: Enter, newsroom: Newsroom) -> None:
    newsroom.submit("The line is bad.")
    page = signed_in(visitors(), newsroom)
    keys: list[str | None] = []

    def lose_first(route: Any) -> None:
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/decision", lose_first)
    it = card(page, "The line is bad")
    it.get_by_role("button", name="Approve").click()
    expect(it.get_by_role("alert")).to_contain_text("The connection failed")
    it.get_by_role("button", name="Approve").click()
    expect(page.locator(".done")).to_contain_text("Approved")
    assert keys[0] is not None
    assert keys == [keys[0]] * 2


def test_a_queue_that_cannot_be_read_can_be_asked_again(visitors: Enter, newsroom: Newsroom) -> None:
    newsroom.submit("Worth waiting for.")
    visitor = visitors()
    visitor.context.route("**/queue?*", lambda route: route.abort())
    page = signed_in(visitor, newsroom)
    expect(page.get_by_role("alert")).to_contain_text("The connection failed")
    visitor.context.unroute("**/queue?*")
    page.get_by_role("button", name="Try again").click()
    expect(card(page, "Worth waiting for")).to_be_visible()


def test_signing_out_forgets_the_token_and_the_queue(visitors: Enter, newsroom: Newsroom) -> None:
    newsroom.submit("Not for everyone.")
    page = signed_in(visitors(), newsroom)
    expect(card(page, "Not for everyone")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage)") == []
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Your moderator token")).to_be_visible()
    expect(page.get_by_text("Not for everyone")).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.get_by_label("Your moderator token")).to_have_value("")


def test_more_of_a_long_queue_is_loaded_on_request(visitors: Enter, newsroom: Newsroom) -> None:
    for number in range(60):
        newsroom.submit(f"Comment number {number}.")
    page = signed_in(visitors(), newsroom)
    more = page.get_by_role("button", name="Show more")
    expect(page.get_by_role("article").first).to_be_visible()
    seen = page.get_by_role("article").count()
    assert seen < 60
    while more.is_visible():
        more.click()
        expect(page.get_by_role("article").nth(seen)).to_be_focused()
        seen = page.get_by_role("article").count()
    assert seen == 60
