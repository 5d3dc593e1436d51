"""The demo article in a browser, with JavaScript."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Request, Route, expect

from tests.web.conftest import Newsroom, Visitor

NOT_YET_RATED = "Not yet rated. Be the first to rate this article."
WAITING = "Thank you. Your comment is waiting for approval."
ONLY_YOU = "Waiting for approval, only you see this"

Enter = Callable[..., Visitor]
Shot = Callable[[Page, str], None]


def star(page: Page, stars: int) -> Any:
    return page.get_by_role("radio", name="1 star" if stars == 1 else f"{stars} stars", exact=True)


def write(page: Page, text: str, *, name: str = "", consent: bool = True) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Comment", exact=True).fill(text)
    page.get_by_role("checkbox").set_checked(consent)
    page.get_by_role("button", name="Submit comment").click()


def ratings_sent(page: Page) -> list[int]:
    """Return the list to which every rating the page sends is added."""
    sent: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PUT":
            sent.append(json.loads(request.post_data or "")["stars"])

    page.on("request", note)
    return sent


def test_the_five_pieces_stand_in_their_order(visitors: Enter, shot: Shot) -> None:
    page = visitors().open()
    shot(page, "empty")
    text = page.locator("body").inner_text()
    pieces = [NOT_YET_RATED, "\nComments\n", "No comments yet", "Leave a Reply", "Submit comment"]
    places = [text.index(piece) for piece in pieces]
    assert places == sorted(places)


def test_a_reader_rates_changes_and_takes_it_back(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    page = visitors().open()
    tally = page.locator(".tally")
    page.locator(".star").nth(3).click()
    expect(tally).to_have_text("4.0 out of 5 stars from 1 rating")
    expect(page.get_by_text("Your rating: 4 stars.")).to_be_visible()
    shot(page, "rated")
    page.locator(".star").nth(1).click()
    expect(tally).to_have_text("2.0 out of 5 stars from 1 rating")
    page.reload()
    expect(tally).to_have_text("2.0 out of 5 stars from 1 rating")
    expect(star(page, 2)).to_be_checked()
    page.get_by_role("button", name="Remove my rating").click()
    expect(tally).to_have_text(NOT_YET_RATED)
    expect(star(page, 1)).to_be_focused()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    assert newsroom.tally()["count"] == 0


def test_two_readers_are_two_ratings(visitors: Enter, newsroom: Newsroom) -> None:
    for stars in (5, 2):
        page = visitors().open()
        page.locator(".star").nth(stars - 1).click()
        expect(page.get_by_text(f"Your rating: {stars} stars.")).to_be_visible()
    assert newsroom.tally()["average"] == 3.5


def test_arrow_keys_send_only_what_they_end_on(visitors: Enter) -> None:
    page = visitors().open()
    sent = ratings_sent(page)
    star(page, 1).focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Your rating: 4 stars.")).to_be_visible()
    assert sent == [4]


def test_stars_chosen_by_arrow_keys_are_sent_after_a_rest(visitors: Enter) -> None:
    page = visitors().open()
    sent = ratings_sent(page)
    star(page, 1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Your rating: 3 stars.")).to_be_visible()
    expect(star(page, 3)).to_be_focused()
    assert sent == [3]


def test_enter_and_space_send_at_once(visitors: Enter) -> None:
    page = visitors().open()
    page.clock.install()  # no rest ever ends
    star(page, 1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your rating: 2 stars.")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text("Your rating: 3 stars.")).to_be_visible()


def test_a_rating_that_fails_goes_back_and_says_why(visitors: Enter, newsroom: Newsroom) -> None:
    page = visitors().open()
    page.locator(".star").nth(4).click()
    expect(page.get_by_text("Your rating: 5 stars.")).to_be_visible()
    page.route("**/rating", lambda route: route.abort())
    page.locator(".star").nth(0).click()
    expect(page.locator(".rating-problem")).to_contain_text("The connection failed")
    expect(star(page, 5)).to_be_checked()
    assert newsroom.tally()["average"] == 5


def test_a_comment_waits_is_approved_and_answered(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    author, other = visitors(), visitors()
    page = author.open()
    write(page, "It makes me **sleepy** in the morning.", name="Marta")
    expect(page.get_by_text(WAITING).locator("visible=true")).to_be_visible()
    own = page.locator(".comment").filter(has_text=ONLY_YOU)
    expect(own.locator("strong")).to_have_text("sleepy")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    shot(page, "waiting")

    theirs = other.open()
    expect(theirs.get_by_text("No comments yet")).to_be_visible()
    expect(theirs.get_by_text("sleepy in the morning")).to_have_count(0)

    newsroom.decide(newsroom.waiting()[0]["comment"]["id"], "approve")
    theirs.reload()
    expect(theirs.get_by_text("1 comment", exact=True)).to_be_visible()
    theirs.get_by_role("link", name="Reply to Marta").click()
    expect(theirs.get_by_role("heading", name="Reply to Marta")).to_be_visible()
    expect(theirs.get_by_label("Comment", exact=True)).to_be_focused()
    shot(theirs, "replying")
    write(theirs, "That went away for me after a week.")
    expect(theirs.locator(".comment.depth-1")).to_contain_text(ONLY_YOU)
    expect(theirs.get_by_role("heading", name="Leave a Reply")).to_be_visible()

    newsroom.decide(newsroom.waiting()[0]["comment"]["id"], "approve")
    page.reload()
    reply = page.locator(".comment.depth-1")
    expect(reply).to_contain_text("In reply to Marta")
    expect(reply.locator(".author")).to_have_text("Anonymous")
    expect(page.get_by_text("2 comments", exact=True)).to_be_visible()
    shot(page, "answered")


def test_a_reply_can_be_cancelled_and_keeps_its_text(visitors: Enter, newsroom: Newsroom) -> None:
    newsroom.publish("The first one.", name="Ada")
    page = visitors().open()
    page.get_by_role("link", name="Reply to Ada").click()
    page.get_by_label("Comment", exact=True).fill("half a thought")
    page.get_by_role("link", name="Cancel reply").click()
    expect(page.get_by_role("heading", name="Leave a Reply")).to_be_visible()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("half a thought")
    expect(page.get_by_role("link", name="Reply to Ada")).to_be_focused()


def test_a_refused_field_is_named_beside_it_and_nothing_is_cleared(visitors: Enter) -> None:
    page = visitors().open()
    page.get_by_label("Name").fill("N" * 81)
    write(page, "Kept as it is.", name="N" * 81)
    name = page.get_by_label("Name")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    expect(page.locator("#afterword-name-error")).not_to_be_empty()
    expect(page.locator(".form-problem")).to_contain_text("not sent")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Kept as it is.")
    write(page, "Kept as it is.", name="Nora")
    expect(page.get_by_text(WAITING).locator("visible=true")).to_be_visible()
    expect(name).not_to_have_attribute("aria-invalid", "true")


def test_a_comment_of_blanks_is_refused_in_words(visitors: Enter) -> None:
    page = visitors().open()
    write(page, "   ")
    expect(page.locator("#afterword-text-error")).to_have_text("Please write something.")


def test_a_lost_answer_is_asked_for_again_with_the_same_key(visitors: Enter, newsroom: Newsroom) -> None:
    page = visitors().open()
    keys: list[str | None] = []

    def lose_first(route: Route) -> None:
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) == 1:
            route.fetch()  # the service has done it, and nobody hears
            route.abort()
        else:
            route.continue_()

    page.route("**/comments", lose_first)
    write(page, "Sent once, asked twice.")
    expect(page.locator(".form-problem")).to_contain_text("The connection failed")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Sent once, asked twice.")
    page.get_by_role("button", name="Submit comment").click()
    expect(page.get_by_text(WAITING).locator("visible=true")).to_be_visible()
    assert keys[0] is not None
    assert keys == [keys[0]] * 2
    assert len(newsroom.waiting()) == 1


def test_a_service_that_is_away_is_said_in_words(visitors: Enter) -> None:
    page = visitors().open()
    answer = json.dumps({"title": "Not available right now", "status": 503, "code": "unavailable", "detail": "Busy."})
    page.route(
        "**/comments",
        lambda route: route.fulfill(status=503, body=answer, content_type="application/problem+json"),
    )
    write(page, "Still here afterwards.")
    expect(page.locator(".form-problem")).to_contain_text("Busy.")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Still here afterwards.")


def test_help_is_shown_at_once_when_the_service_sends_it(visitors: Enter, shot: Shot) -> None:
    page = visitors().open()
    links = [{"title": "Find a helpline", "url": "https://findahelpline.com/"}]
    help_text = {"title": "You are not alone", "text": "Call your local emergency number.", "links": links}

    def add_help(route: Route) -> None:
        real = route.fetch()
        route.fulfill(response=real, json={**real.json(), "help": help_text})

    page.route("**/comments", add_help)
    write(page, "I cannot go on like this.")
    box = page.get_by_role("complementary", name="You are not alone")
    expect(box).to_be_focused()
    expect(box).to_contain_text("Call your local emergency number.")
    expect(box.get_by_role("link", name="Find a helpline")).to_have_attribute("href", links[0]["url"])
    shot(page, "help")


def test_a_reader_token_of_another_time_is_replaced(visitors: Enter, newsroom: Newsroom) -> None:
    page = visitors().open()
    page.evaluate("localStorage.setItem('afterword-reader', 'from another time')")
    page.locator(".star").nth(2).click()
    expect(page.get_by_text("Your rating: 3 stars.")).to_be_visible()
    assert page.evaluate("localStorage.getItem('afterword-reader')") != "from another time"
    assert newsroom.tally()["count"] == 1


def test_nothing_is_kept_but_the_reader_token(visitors: Enter) -> None:
    visitor = visitors()
    page = visitor.open()
    page.locator(".star").nth(2).click()
    expect(page.get_by_text("Your rating: 3 stars.")).to_be_visible()
    write(page, "A comment, and who I am.", name="Nora")
    expect(page.get_by_text(WAITING).locator("visible=true")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage)") == ["afterword-reader"]
    assert page.evaluate("Object.keys(sessionStorage)") == ["afterword-mine:baclofen"]
    assert visitor.context.cookies() == []


def test_a_script_that_fills_the_trap_is_marked(visitors: Enter, newsroom: Newsroom) -> None:
    page = visitors().open()
    page.locator("#afterword-phone").evaluate("field => { field.value = '+1 555 0100' }")
    write(page, "Buy now, cheap.")
    expect(page.locator("#afterword-pending")).to_be_visible()
    assert newsroom.waiting() == []


def test_further_pages_are_loaded_in_order(visitors: Enter, newsroom: Newsroom) -> None:
    for number in range(23):
        newsroom.publish(f"Comment number {number}.")
    page = visitors().open()
    expect(page.locator(".thread > .comment")).to_have_count(20)
    page.get_by_role("button", name="Load more comments").click()
    expect(page.locator(".thread > .comment")).to_have_count(23)
    texts = page.locator(".thread > .comment .text").all_inner_texts()
    assert texts == [f"Comment number {number}." for number in reversed(range(23))]
    expect(page.get_by_role("button", name="Load more comments")).to_be_hidden()


def test_help_stands_beside_the_form_and_stays_whatever_is_sent(
    visitors: Enter, newsroom: Newsroom, shot: Shot
) -> None:
    newsroom.policy({"help": {"title": "Lines that help", "text": "Call 116 123.", "beside_form": True}})
    newsroom.publish("Somebody said this.")
    page = visitors().open()
    box = page.get_by_role("complementary", name="Lines that help")
    expect(box).to_contain_text("Call 116 123.")
    expect(box.get_by_role("link")).to_have_attribute("href", "https://findahelpline.com/")
    shot(page, "before")
    page.get_by_role("link", name="Reply to Anonymous").click()
    expect(page.locator("#respond").get_by_role("complementary", name="Lines that help")).to_be_visible()
    for text in ("A first comment.", "A second comment."):
        write(page, text)
        expect(page.get_by_text(WAITING).last).to_be_visible()
        expect(page.locator(".comment", has_text=text)).to_be_visible()
        expect(box).to_be_visible()
    newsroom.term("overdose", "urgent")
    write(page, "I fear an overdose.")
    expect(page.get_by_role("complementary", name="Lines that help")).to_have_count(2)
    expect(page.get_by_role("complementary", name="Lines that help").last).to_be_focused()
    shot(page, "urgent")
