"""The moderator page in a browser: signing in, reading, deciding by button, and what goes wrong."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.conftest import Service
from tests.web.conftest import Newsroom, Visitor
from tests.web.desk import TOKEN, card, folded, moderator, sign_in, signed_in

Enter = Callable[..., Visitor]
Shot = Callable[[Page, str], None]


def test_a_wrong_token_is_refused_in_words(visitors: Enter) -> None:
    page = visitors().open("/admin")
    for token in ("x" * 43, "aft_" + "A" * 43, "тайна"):
        page.get_by_label(TOKEN).fill(token)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("not accepted")
    assert page.context.cookies() == []


def test_signing_in_leaves_nothing_for_scripts(visitors: Enter, newsroom: Newsroom) -> None:
    page = signed_in(visitors(), newsroom)
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    assert newsroom.owner_token not in cookie["value"]
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    expect(page.get_by_text("owner, owner")).to_be_visible()


def test_signing_out_ends_the_session(visitors: Enter, newsroom: Newsroom) -> None:
    newsroom.submit("Not for everyone.")
    page = signed_in(visitors(), newsroom)
    expect(card(page, "Not for everyone")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label(TOKEN)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Not for everyone")).to_have_count(0)


def test_an_empty_queue_tells_what_the_last_day_brought(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    visitor = visitors()
    page = signed_in(visitor, newsroom)
    expect(page.locator("#empty")).to_contain_text("Nothing is waiting.")
    expect(page.locator("#empty")).to_contain_text("Since yesterday nobody has written anything.")
    newsroom.publish("One that was read.")
    page.reload()
    expect(page.locator("#empty")).to_contain_text("1 comment came, and 1 decision was made.")
    shot(page, "empty")
    page.goto(f"{visitor.url}/admin?text=nothing+like+this")
    expect(page.locator("#empty")).to_contain_text("Nothing here fits these filters.")


def test_a_comment_is_read_and_approved(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    text = "It helped me.\n\n  Look 😀 at https://pills.example/buy <b>now</b>"
    newsroom.policy({"thresholds": {"hold": 50, "spam": 9_000}})
    newsroom.submit(text, name="Jo <i>", email="jo@site.example", website="https://jo.example/")
    page = signed_in(visitors(), newsroom)
    it = card(page, "It helped me")
    assert it.locator(".text").evaluate("node => node.textContent") == text
    for words in ("Jo <i>", "jo@site.example", "https://jo.example/", "baclofen", "First comment by this reader"):
        expect(it).to_contain_text(words)
    expect(it.locator("mark", has_text="pills.example")).to_have_text("https://pills.example/buy")
    expect(it.locator(".findings li").first).to_contain_text("+")
    links = it.get_by_role("link").evaluate_all("links => links.map(link => new URL(link.href).pathname)")
    assert all(link.startswith("/admin/") for link in links)
    expect(page.get_by_role("link", name="Waiting 1")).to_be_visible()
    shot(page, "queue")
    it.get_by_role("button", name="Approve", exact=True).click()
    expect(folded(page)).to_contain_text("Approved: Jo <i>")
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_role("link", name="Waiting 0")).to_be_visible()
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
    other = card(page, "My neighbour Jo")
    other.get_by_text("Reject…").click()
    other.get_by_role("button", name="Privacy").click()
    expect(page.get_by_role("article")).to_have_count(0)
    reader = visitors().open()
    expect(reader.locator(".comment")).to_have_count(1)
    expect(reader.locator(".comment")).to_contain_text("Kind words.")


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
        page.get_by_role("navigation", name="Trays").get_by_role("link", name=tray).click()
        it = card(page, "There and back")
        if action == "Reject":
            it.get_by_text("Reject…").click()
            action = "Without a reason"  # noqa: PLW2901 - the button's words
        it.get_by_role("button", name=action, exact=True).click()
        expect(folded(page)).to_be_visible()
    page.get_by_role("navigation", name="Trays").get_by_role("link", name="Rejected").click()
    expect(card(page, "There and back")).to_be_visible()


def test_a_decision_is_undone_by_button(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    newsroom.submit("The first of two.")
    newsroom.submit("The second of two.")
    page = signed_in(visitors(), newsroom)
    card(page, "The first of two.").get_by_role("button", name="Approve", exact=True).click()
    expect(folded(page)).to_contain_text("Approved")
    shot(page, "folded")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#state")).to_contain_text("Undone: Anonymous")
    expect(card(page, "The first of two.")).to_be_focused()
    assert [item["comment"]["text"] for item in newsroom.waiting()] == ["The first of two.", "The second of two."]


def test_words_are_taken_out_a_reply_is_given_and_all_is_undone(
    visitors: Enter, newsroom: Newsroom, shot: Shot
) -> None:
    newsroom.submit("My name is Jo Miller. Jo Miller takes it at night.")
    page = signed_in(visitors(), newsroom)
    it = card(page, "My name is")
    it.get_by_text("Reply, redact, trust…").click()
    it.get_by_label("Take out these words").fill("Jo Miller")
    it.get_by_label("Answer as the site").fill("Thank you. We took your name out.")
    shot(page, "redacting")
    it.get_by_role("button", name="Approve like this").click()
    expect(folded(page)).to_contain_text("Approved")
    reader = visitors().open()
    expect(reader.locator(".comment")).to_have_count(2)
    expect(reader.locator(".comment").first).to_contain_text("My name is █████. █████ takes it at night.")
    expect(reader.locator(".comment").last).to_contain_text("We took your name out.")
    page.get_by_role("button", name="Undo").click()
    expect(card(page, "My name is Jo Miller.")).to_be_visible()
    reader.reload()
    expect(reader.locator(".comment")).to_have_count(0)


def test_a_note_history_and_the_author_are_shown_in_place(
    visitors: Enter, newsroom: Newsroom, service: Service, shot: Shot
) -> None:
    first = newsroom.comment("The same reader wrote this before.")
    newsroom.comment("And this now.", token=first["reader"])
    ann = sign_in(visitors(), moderator(service, "Ann"))
    it = card(ann, "And this now.")
    it.locator("summary").filter(has_text="Leave a note").click()
    it.get_by_label("For other moderators only").fill("Ask the pharmacist.")
    it.get_by_role("button", name="Keep the note").click()
    expect(ann.locator("#state")).to_contain_text("The note is kept.")
    it.focus()
    ann.keyboard.press("c")
    expect(it.locator(".context")).to_contain_text("Note by Ann: Ask the pharmacist.")
    shot(ann, "context")
    ann.keyboard.press("h")
    expect(it.locator(".context")).to_contain_text("The same reader wrote this before.")
    expect(it.locator(".context .history")).to_have_count(0)


def test_somebody_who_looks_is_named_and_blocks_nobody(visitors: Enter, newsroom: Newsroom, service: Service) -> None:
    newsroom.submit("Two look at this.")
    ann = sign_in(visitors(), moderator(service, "Ann"))
    card(ann, "Two look").get_by_text("Reject…").click()
    ben = sign_in(visitors(), moderator(service, "Ben"))
    expect(card(ben, "Two look")).to_contain_text("Ann is looking at this.")
    card(ben, "Two look").get_by_role("button", name="Approve", exact=True).click()
    expect(folded(ben)).to_contain_text("Approved")


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
    it.get_by_role("button", name="Approve", exact=True).click()
    expect(it.get_by_role("alert")).to_contain_text("The connection failed")
    it.get_by_role("button", name="Approve", exact=True).click()
    expect(folded(page)).to_contain_text("Approved")
    assert keys[0] is not None
    assert keys == [keys[0]] * 2


def test_the_second_of_two_quick_clicks_decides_on_nothing_else(visitors: Enter, newsroom: Newsroom) -> None:
    for number in range(4):
        newsroom.submit(f"Alike in every way, number {number}.")
    page = signed_in(visitors(), newsroom)
    card(page, "number 0").get_by_role("button", name="Approve", exact=True).dblclick()
    expect(folded(page)).to_have_count(1)
    assert len(newsroom.waiting()) == 3


def test_who_was_signed_out_meanwhile_reads_so_and_loses_no_words(
    visitors: Enter, newsroom: Newsroom, service: Service
) -> None:
    newsroom.submit("Worth an answer.")
    token = moderator(service, "Ann")
    page = sign_in(visitors(), token)
    it = card(page, "Worth an answer.")
    it.get_by_text("Reply, redact, trust…").click()
    it.get_by_label("Answer as the site").fill("A long and careful answer.")
    service.request("DELETE", "/v1/admin/moderators", json={"name": "Ann"}, headers=service.owner)
    it.get_by_role("button", name="Approve like this").click()
    expect(it.get_by_role("alert")).to_contain_text("You are signed out.")
    expect(it.get_by_label("Answer as the site")).to_have_value("A long and careful answer.")
    assert len(newsroom.waiting()) == 1


def test_more_of_a_long_queue_is_loaded_on_request(visitors: Enter, newsroom: Newsroom) -> None:
    for number in range(45):
        newsroom.submit(f"Comment number {number}.")
    page = signed_in(visitors(), newsroom)
    more = page.get_by_role("link", name="Show more")
    seen = page.get_by_role("article").count()
    assert seen == 20
    while more.is_visible():
        more.click()
        expect(page.get_by_role("article").nth(seen)).to_be_focused()
        seen = page.get_by_role("article").count()
    assert seen == 45


def test_filters_and_order_are_in_the_address(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    newsroom.policy({"thresholds": {"hold": 50, "spam": 9_000}})
    newsroom.submit("Plain words about sleep.")
    newsroom.submit("Sleep and https://pills.example/buy and https://pills.example/more")
    visitor = visitors()
    page = signed_in(visitor, newsroom)
    page.get_by_label("Find in the texts").fill("SLEEP")
    page.get_by_text("Order and filters").click()
    page.get_by_label("Order", exact=True).select_option("Riskiest first")
    page.get_by_role("button", name="Find").click()
    expect(page).to_have_url(re.compile("text=SLEEP.*sort=riskiest|sort=riskiest.*text=SLEEP"))
    expect(page.get_by_role("article").first).to_contain_text("pills.example")
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_label("Why it waits").select_option("links")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("article")).to_have_count(1)
    shot(page, "filtered")
    address = page.url
    other = signed_in(visitors(), newsroom, address.removeprefix(visitor.url))
    expect(other.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name="Clear all filters").click()
    expect(page.get_by_role("article")).to_have_count(2)


def test_what_comes_meanwhile_announces_itself_and_waits(visitors: Enter, newsroom: Newsroom) -> None:
    newsroom.submit("Here from the start.")
    visitor = visitors()
    visitor.context.clock.install()
    page = signed_in(visitor, newsroom)
    newsroom.submit("This came meanwhile.")
    page.clock.run_for(31_000)
    link = page.get_by_role("link", name="1 new comment. Show it")
    expect(link).to_be_visible()
    expect(card(page, "This came meanwhile.")).to_have_count(0)
    expect(card(page, "Here from the start.")).to_be_focused()
    page.keyboard.press(".")
    expect(card(page, "This came meanwhile.")).to_be_visible()


def test_an_urgent_comment_shows_its_reason_and_what_its_author_was_shown(
    visitors: Enter, newsroom: Newsroom, shot: Shot
) -> None:
    newsroom.term("overdose", "urgent")
    newsroom.submit("I fear an overdose.")
    newsroom.submit("See http://a.example http://b.example http://c.example")
    page = signed_in(visitors(), newsroom)
    it = card(page, "I fear an overdose.")
    it.get_by_text("What its author was shown: You are not alone").click()
    expect(it.locator(".given")).to_contain_text("Find a helpline in your country: https://findahelpline.com/")
    expect(card(page, "See http://a.example").locator(".verdict")).to_contain_text("Would pass without the links.")
    expect(it.locator(".verdict")).not_to_contain_text("Would")
    page.get_by_text("Order and filters").click()
    expect(page.get_by_label("Why it waits")).to_contain_text("Possible adverse reaction")
    with page.expect_download() as download:
        page.locator(".export").get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("afterword-adverse-")
    shot(page, "urgent")
