"""The moderator pages in a browser without JavaScript: everything is a plain form."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.conftest import Service
from tests.web.conftest import Newsroom, Visitor
from tests.web.desk import card, moderator, sign_in, signed_in

Enter = Callable[..., Visitor]
Shot = Callable[[Page, str], None]


def test_every_decision_works_without_javascript(visitors: Enter, newsroom: Newsroom, shot: Shot) -> None:
    for text in ("Approve me.", "Reject me.", "Spam me.", "My name is Jo Miller, answer me."):
        newsroom.submit(text)
    page = signed_in(visitors(java_script_enabled=False), newsroom)
    card(page, "Approve me.").get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".outcome")).to_contain_text("Approved: 1 comment.")
    shot(page, "done")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".outcome")).to_contain_text("Taken back: 1 comment.")
    card(page, "Approve me.").get_by_role("button", name="Approve", exact=True).click()
    it = card(page, "Reject me.")
    it.get_by_text("Reject…").click()
    it.get_by_label("To its author").fill("Please ask your pharmacist.")
    it.get_by_role("button", name="Dosing or personal advice").click()
    expect(page.locator(".outcome")).to_contain_text("Rejected")
    card(page, "Spam me.").get_by_role("button", name="Spam", exact=True).click()
    it = card(page, "My name is")
    it.get_by_text("Reply, redact, trust…").click()
    it.get_by_label("Take out these words").fill("Jo Miller\n")
    it.get_by_label("Answer as the site").fill("Done.")
    it.get_by_role("button", name="Approve like this").click()
    expect(page.locator("#empty")).to_contain_text("Nothing is waiting.")
    reader = visitors().open()
    expect(reader.locator(".comment")).to_have_count(3)
    expect(reader.get_by_text("My name is █████, answer me.")).to_be_visible()
    page.get_by_role("link", name="Rejected").click()
    rejected = card(page, "Reject me.")
    rejected.get_by_role("link", name="Context and history").click()
    expect(page.locator(".history")).to_contain_text("Rejected by owner for “Dosing or personal advice”")
    page.get_by_role("button", name="Restore").click()
    page.goto(page.url)
    page.locator("summary").filter(has_text="Leave a note").click()
    page.get_by_label("For other moderators only").fill("Once more, please.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".history")).to_contain_text("Note by owner: Once more, please.")
    shot(page, "case")


def test_many_are_decided_on_together_without_javascript(visitors: Enter, newsroom: Newsroom) -> None:
    for number in range(5):
        newsroom.submit(f"Number {number} of five.")
    page = signed_in(visitors(java_script_enabled=False), newsroom)
    for number in (0, 2, 4):
        card(page, f"Number {number} of").get_by_role("checkbox", name="Select").check()
    page.get_by_label("Reason", exact=True).select_option("Off topic")
    page.locator("#bulk").get_by_role("button", name="Reject").click()
    expect(page.locator(".outcome")).to_contain_text("Rejected: 3 comments.")
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".outcome")).to_contain_text("Taken back: 3 comments.")
    expect(page.get_by_role("article")).to_have_count(5)
    page.locator("#bulk").get_by_role("button", name="Approve").click()
    expect(page.locator(".outcome")).to_contain_text("Nothing was selected")


def test_who_comes_second_reads_who_was_first_without_javascript(visitors: Enter, newsroom: Newsroom) -> None:
    identity = newsroom.submit("Two look at this.")
    page = signed_in(visitors(java_script_enabled=False), newsroom)
    newsroom.decide(identity, "approve")
    card(page, "Two look").get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("approved by owner")
    expect(card(page, "Two look")).to_be_visible()
    expect(card(page, "Two look").get_by_role("button", name="Approve", exact=True)).to_have_count(0)


def test_rules_lists_and_people_are_changed_by_forms(
    visitors: Enter, newsroom: Newsroom, service: Service, shot: Shot
) -> None:
    visitor = visitors(java_script_enabled=False)
    page = signed_in(visitor, newsroom, "/admin/rules")
    page.get_by_label("New comments").select_option("Publish what the checks let through")
    page.get_by_label("Days after which comments close").fill("30")
    page.get_by_role("button", name="Keep these rules").click()
    expect(page.get_by_label("Days after which comments close")).to_have_value("30")
    policy = service.request("GET", "/v1/admin/policy", headers=service.owner).json()
    assert (policy["mode"], policy["close_after_days"]) == ("open", 30)
    page.get_by_label("Points that hold a comment").fill("9999")
    page.get_by_role("button", name="Keep these rules").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot lie below")

    page.get_by_label("A word or a few").fill("cheap pills")
    page.get_by_label("What to do").select_option("Mark as spam")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("cheap pills")).to_be_visible()
    page.get_by_role("button", name="Remove cheap pills").click()
    expect(page.get_by_text("cheap pills")).to_have_count(0)
    page.get_by_label("Which", exact=True).fill("spam@pills.example")
    page.get_by_role("button", name="Block", exact=True).click()
    expect(page.get_by_text("spam@pills.example")).to_be_visible()
    shot(page, "rules")

    page.get_by_label("Another article").fill("a/b?c=1#d")
    page.get_by_role("button", name="Open its rules").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rules of a/b?c=1#d")
    page.get_by_label("Words that are no finding here").fill("baclofen\nGHB")
    page.get_by_role("button", name="Keep these rules").click()
    expect(page.get_by_label("Words that are no finding here")).to_have_value("baclofen\nGHB")
    page.get_by_role("button", name="Close its comments").click()
    expect(page.get_by_role("button", name="Open it again")).to_be_visible()
    closed = service.request("GET", "/v1/articles/a%2Fb%3Fc%3D1%23d").json()
    assert closed["policy"]["mode"] == "closed"
    shot(page, "article")

    page.goto(f"{visitor.url}/admin/people")
    page.get_by_label("Name", exact=True).fill("Ann")
    page.get_by_role("button", name="Add, with a token").click()
    token = page.locator(".token").inner_text()
    ann = sign_in(visitors(java_script_enabled=False), token, "/admin/people")
    expect(ann.get_by_text("Ann, moderator")).to_be_visible()
    expect(ann.get_by_role("heading", name="Everybody")).to_have_count(0)
    shot(page, "people")
    page.get_by_role("button", name="Remove Ann").click()
    expect(page.get_by_role("button", name="Remove Ann")).to_have_count(0)
    ann.reload()
    expect(ann.get_by_label("Your moderator token")).to_be_visible()


def test_moderators_see_the_rules_and_cannot_change_the_sites(visitors: Enter, service: Service) -> None:
    page = sign_in(visitors(java_script_enabled=False), moderator(service, "Ann"), "/admin/rules")
    expect(page.get_by_label("New comments")).to_be_disabled()
    expect(page.get_by_text("Only an owner changes the rules of the site.")).to_be_visible()


def test_the_log_is_filtered_and_taken_along(visitors: Enter, newsroom: Newsroom, service: Service, shot: Shot) -> None:
    newsroom.decide(newsroom.submit("=HYPERLINK(1)"), "approve")
    moderator(service, "=Ann")
    page = signed_in(visitors(java_script_enabled=False), newsroom, "/admin/log")
    expect(page.locator(".log li")).to_have_count(2)
    page.get_by_label("What").select_option("Approved")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".log li")).to_have_count(1)
    shot(page, "log")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    expect(page.get_by_label("Since")).to_have_value("")
    page.get_by_label("Since").fill("no day")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
