"""The demo article in a browser without JavaScript."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.conftest import Newsroom, Visitor

Enter = Callable[..., Visitor]
Shot = Callable[[Page, str], None]


def test_the_whole_story_works_without_javascript(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    page = visitors(java_script_enabled=False).open()
    expect(page.get_by_text("Not yet rated. Be the first to rate this article.")).to_be_visible()
    expect(page.get_by_text("No comments yet")).to_be_visible()

    page.get_by_role("radio", name="4 stars").check()
    page.get_by_role("button", name="Rate", exact=True).click()
    expect(page.locator("#afterword-rated")).to_be_visible()
    expect(page.locator(".tally")).to_have_text("4.0 out of 5 stars from 1 rating")
    shot(page, "rated")

    page.get_by_label("Name").fill("Marta")
    page.get_by_label("Comment", exact=True).fill("It makes me *sleepy*.\nOnly in the morning.")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Submit comment").click()
    expect(page.locator("#afterword-pending")).to_be_visible()
    expect(page.get_by_text("No comments yet")).to_be_visible()
    shot(page, "waiting")

    waiting = newsroom.waiting()[0]
    assert waiting["comment"]["text"] == "It makes me *sleepy*.\nOnly in the morning."
    newsroom.decide(waiting["comment"]["id"], "approve")
    page.goto(page.url.partition("#")[0])
    expect(page.locator(".comment em")).to_have_text("sleepy")

    page.get_by_role("link", name="Reply to Marta").click()
    expect(page.get_by_text("Replying to Marta.")).to_be_visible()
    page.get_by_label("Comment", exact=True).fill("That goes away.")
    page.get_by_role("checkbox").check()
    shot(page, "replying")
    page.get_by_role("button", name="Submit comment").click()
    expect(page.locator("#afterword-pending")).to_be_visible()
    newsroom.decide(newsroom.waiting()[0]["comment"]["id"], "approve")
    page.goto(page.url.partition("?")[0].partition("#")[0])
    expect(page.locator(".comment.depth-1")).to_contain_text("In reply to Marta")
    shot(page, "answered")


def test_a_refused_form_answers_with_a_page_in_words(visitors: Enter, shot: Shot) -> None:
    page = visitors(java_script_enabled=False).open()
    page.get_by_label("Name").fill("N" * 81)
    page.get_by_label("Comment", exact=True).fill("Kept by the browser.")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Submit comment").click()
    expect(page.get_by_role("listitem")).to_contain_text("Name")
    expect(page.get_by_text("Go back")).to_be_visible()
    shot(page, "refused")
    page.go_back()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Kept by the browser.")


def test_a_reply_can_be_cancelled(visitors: Enter, newsroom: Newsroom) -> None:
    identity = newsroom.publish("The first one.", name="Ada")
    page = visitors(java_script_enabled=False).open(f"/?reply_to={identity}#respond")
    expect(page.get_by_text("Replying to Ada.")).to_be_visible()
    page.get_by_role("link", name="Cancel reply").click()
    expect(page.get_by_text("Replying to Ada.")).to_be_hidden()
