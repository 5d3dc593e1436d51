"""The desk's pages and forms: they do what the API does, lead nowhere else, and what was typed is no markup there."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urljoin

import pytest

from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.errors import Forbidden
from chalicelib.people import Moderator
from chalicelib.routes import create_app
from chalicelib.routes.body import FORM
from chalicelib.routes.desk.api import Api
from chalicelib.routes.desk.page import HEADERS, returned
from chalicelib.routes.endpoint import HTML, Call
from chalicelib.spam import judge
from chalicelib.spam.links import links
from tests.conftest import Answer, Service
from tests.faults import counted
from tests.http.conftest import Site, bearer, edit_token, endpoints_of, registered
from tests.http.test_hostile_bodies import FORMS, form
from tests.samples import NOW, ask_for, record
from tools.gateway import Gateway

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Items = Callable[[], dict[tuple[str, str], Any]]

ARTICLE = "desk"
PAGES = ("", "/log", "/figures", "/rules", "/people", f"/articles/{ARTICLE}")
REACHED = "https://afterword.example/stage/admin"
"""Where a browser finds the desk; the path before it is the stage's."""
MARKUP = "<script src=//evil.example>x</script><img onerror=a()>\"'`&lt;{0}{root}%s"
"""What would be ours if it was not escaped: an element, an attribute, a reference, a place of a template."""


def send(service: Service, tail: str, headers: dict[str, str] | None = None, **fields: str) -> Answer:
    """Send a form of the desk, as a browser does; by the owner unless told whose it is."""
    said = {"Content-Type": FORM, "Accept": "text/html", **(headers or service.owner)}
    return service.request("POST", f"/admin/{tail}", body=urlencode(fields), headers=said)


def page(service: Service, tail: str = "", headers: dict[str, str] | None = None) -> Answer:
    return service.request("GET", f"/admin{tail}", headers=service.owner if headers is None else headers)


def led(service: Service, tail: str, answer: Answer) -> Answer:
    """Follow a form's answer as a browser does, and return the page."""
    assert (answer.status, answer.body) == (303, b"")
    where = urljoin(f"{REACHED}/{tail}", answer.headers["location"])
    assert where.startswith(REACHED), where
    return page(service, where.removeprefix(REACHED))


def alert(answer: Answer) -> str:
    """Return what a page says above all else."""
    (said,) = re.findall(r'<div class="problem" id="problem" role="alert">([^<]*)</div>', answer.text)
    return unescape(said)


def decide(service: Service, comment_id: str, move: str = "approve", state: str = "pending", **fields: str) -> Answer:
    told = {"comment_id": comment_id, "revision": "1", "state": state, "move": move}
    return send(service, "decide", **{**told, **fields})


@pytest.fixture
def waiting(site: Site) -> str:
    comment_id: str = site.comment(ARTICLE, "Somebody should look at this.", name="Ann")["comment"]["id"]
    return comment_id


@pytest.fixture
def ann(site: Site) -> dict[str, str]:
    """The session of a moderator who is no owner."""
    return site.session(site.moderator("Ann"))


# What the forms do.


@pytest.mark.parametrize(
    ("move", "state", "reason"),
    [
        ("approve", "approved", None),
        ("spam", "spam", None),
        ("delete", "deleted", None),
        ("reject", "rejected", None),
        ("reject off-topic", "rejected", "off-topic"),
    ],
)
def test_a_decision_by_form_is_the_apis_and_is_taken_back(
    service: Service, site: Site, waiting: str, move: str, state: str, reason: str | None
) -> None:
    answer = decide(service, waiting, move, back="?sort=riskiest")
    case = site.case(waiting)
    entry = case["history"][-1]
    assert (case["state"], entry["reason"], entry["by"]) == (state, reason, "owner")
    assert answer.headers["location"] == f"../admin?sort=riskiest&done={entry['id']}"
    after = led(service, "decide", answer)
    assert (after.status, 'role="status"><form' in after.text) == (200, True)
    undone = led(service, "undo", send(service, "undo", ids=entry["id"], back="?sort=riskiest"))
    assert "Taken back: 1 comment." in undone.text
    assert site.case(waiting)["state"] == "pending"


def test_a_message_reaches_the_author_and_goes_with_no_other_move(service: Service, site: Site, waiting: str) -> None:
    assert decide(service, waiting, message="Please stay on topic.").status == 303
    assert site.case(waiting)["statement"] is None, "what the form has for another move is left out"
    assert decide(service, waiting, "reject abuse", "approved", message="Be kind.").status == 303
    assert site.case(waiting)["statement"]["message"] == "Be kind."


def test_approve_like_this_replies_trusts_and_redacts(service: Service, site: Site, waiting: str) -> None:
    answer = decide(service, waiting, redact="Somebody", reply="Thank you.", trust_author="true", message="A name.")
    ids = answer.headers["location"].partition("done=")[2].split("+")
    assert len(ids) == 2
    first, reply = site.pages(ARTICLE)
    assert first["text"] == "█████ should look at this."
    assert (reply["text"], reply["name"]) == ("Thank you.", "The editors")
    case = site.case(waiting)
    assert (case["author"]["trusted"], case["statement"]["message"]) == (True, "A name.")
    send(service, "undo", ids=" ".join(ids))
    assert site.case(waiting)["state"] == "pending"
    assert site.pages(ARTICLE) == []


@pytest.mark.parametrize(
    ("text", "redact", "shown"),
    [
        ("Call +44 (0)20 7946.", "+44 (0)20 7946", "Call █████."),
        ("a.c abc a.c", "a.c", "█████ abc █████"),
        ("Ann and ann", "Ann", "█████ and ann"),
        ("💊 and 💊💊 of Ann", "Ann", "💊 and 💊💊 of █████"),
        ("💊x💊", "💊", "█████x█████"),
        ("one two three", "one two\r\ntwo three", "█████"),
        ("one two three", "two\r\none two three\r\n\r\n", "█████"),
        ("onetwo", "one\r\ntwo", "██████████"),
        ("[a-z]+ \\d", "[a-z]+\r\n\\d", "█████ █████"),
        ("aXa", "  X  ", "a█████a"),
        ("aaa b", "aa", "█████ b"),
    ],
)  # fmt: skip
def test_words_to_take_out_are_words_and_no_pattern(
    service: Service, site: Site, text: str, redact: str, shown: str
) -> None:
    comment_id = site.comment(ARTICLE, text)["comment"]["id"]
    assert decide(service, comment_id, redact=redact).status == 303
    assert [each["text"] for each in site.pages(ARTICLE)] == [shown]


@pytest.mark.parametrize("redact", ["nobody", "somebody", "Somebody\r\nnobody", ".*", "S.mebody", "look\tat", "💊"])
def test_nothing_is_published_while_words_to_take_out_are_not_found(
    service: Service, site: Site, waiting: str, items: Items, redact: str
) -> None:
    before = items()
    answer = decide(service, waiting, redact=redact)
    assert (answer.status, items()) == (422, before)
    assert "Not all of the words to take out stand in the text" in alert(answer)
    assert site.pages(ARTICLE) == []


def test_more_places_than_can_be_taken_out_are_refused(service: Service, site: Site, items: Items) -> None:
    comment_id = site.comment(ARTICLE, "x " * 21)["comment"]["id"]
    before = items()
    assert (decide(service, comment_id, redact="x").status, items()) == (422, before)


def test_blank_lines_take_nothing_out(service: Service, site: Site, waiting: str) -> None:
    assert decide(service, waiting, redact=" \r\n ").status == 303
    assert site.case(waiting)["statement"] is None


def test_many_are_decided_on_at_once_and_taken_back(service: Service, site: Site) -> None:
    ids = [site.comment(ARTICLE, f"Number {number}.")["comment"]["id"] for number in range(3)]
    boxes = {f"on.{each}": "1 pending" for each in ids}
    answer = send(service, "decide-many", move="reject", reason="other", back="?text=number", **boxes)
    assert answer.headers["location"].startswith("../admin?text=number&done=")
    assert {site.case(each)["history"][-1]["reason"] for each in ids} == {"other"}
    after = led(service, "decide-many", answer)
    assert "Rejected: 3 comments." in after.text
    (done,) = re.findall(r'name="ids" value="([^"]*)"', after.text)
    send(service, "undo", ids=done)
    assert {site.case(each)["state"] for each in ids} == {"pending"}


@pytest.mark.parametrize("fields", [{}, {"on.x": "1 pending"}, {"on.": "1"}, {f"off.{'0' * 26}": "1 pending"}])
def test_when_nothing_is_selected_nothing_is_decided(
    service: Service, waiting: str, items: Items, fields: dict[str, str]
) -> None:
    before = items()
    answer = send(service, "decide-many", move="approve", **fields)
    assert "Nothing was selected" in led(service, "decide-many", answer).text
    assert items() == before
    assert waiting


def test_a_note_stands_in_the_history(service: Service, site: Site, waiting: str) -> None:
    answer = send(service, "notes", comment_id=waiting, text="I know\r\nthis author.")
    assert answer.headers["location"] == f"../admin/comments/{waiting}"
    assert site.case(waiting)["history"][-1]["note"] == "I know\nthis author."
    assert "I know\nthis author." in led(service, "notes", answer).text
    blank = send(service, "notes", comment_id=waiting, text="")
    assert (blank.status, bool(alert(blank))) == (422, True)


def test_rules_of_the_site_and_of_an_article_are_kept(service: Service, site: Site) -> None:
    rules = {"mode": "trust", "trust_after": "3", "hold": "40", "spam": "90", "edits": "keep", "reply_as": "Us"}
    rules |= {"beside_form": "yes", "languages": "EN, pt-br"}
    assert led(service, "rules", send(service, "rules", **rules)).status == 200
    policy = site.ok("GET", "/v1/admin/policy", headers=service.owner)
    assert (policy["mode"], policy["trust_after"], policy["thresholds"]) == ("trust", 3, {"hold": 40, "spam": 90})
    assert (policy["help"]["beside_form"], policy["languages"]) == (True, ["en", "pt-BR"])
    assert policy["help"]["title"] == "You are not alone", "one field of the help changes no other"
    where = f"articles/{quote('a/b ä', safe='')}"
    send(service, where, whole="true", beside_form="no", languages="any")
    kept = site.ok("GET", f"/v1/admin/{where}/policy", headers=service.owner)
    assert (kept["help"]["beside_form"], kept["languages"], kept["own"]["languages"]) == (False, [], [])
    assert 'name="languages" value="any"' in page(service, f"/{where}").text
    assert 'name="languages" value="en, pt-BR"' in page(service, "/rules").text
    own = {"whole": "true", "max_length": "500", "allowed_terms": "casino\r\n\r\nbet\r\ncasino"}
    assert led(service, where, send(service, where, **own)).status == 200
    kept = site.ok("GET", f"/v1/admin/{where}/policy", headers=service.owner)
    assert (kept["max_length"], kept["mode"], kept["allowed_terms"]) == (500, "trust", ["casino", "bet"])
    send(service, where, mode="closed")
    kept = site.ok("GET", f"/v1/admin/{where}/policy", headers=service.owner)
    assert (kept["mode"], kept["max_length"]) == ("closed", 500), "one button changes one rule"
    send(service, where, whole="true")
    assert site.ok("GET", f"/v1/admin/{where}/policy", headers=service.owner)["own"] == {}
    for wrong in ({"languages": "English"}, {"beside_form": "perhaps"}):
        answer = send(service, "rules", **wrong)
        assert (answer.status, bool(alert(answer))) == (422, True), wrong
    for answer in (send(service, "rules", hold="many"), send(service, where, whole="true", max_length="many")):
        assert (answer.status, alert(answer)) == (422, "“many” is no whole number.")


def test_lists_are_kept_by_form(service: Service, site: Site) -> None:
    assert led(service, "terms", send(service, "terms", value="casino", kind="spam")).text.count("casino") >= 2
    assert site.ok("GET", "/v1/admin/terms", headers=service.owner)["items"][0]["kind"] == "spam"
    send(service, "terms", _method="DELETE", value="casino")
    assert site.ok("GET", "/v1/admin/terms", headers=service.owner)["items"] == []
    send(service, "blocks", kind="domain", value="Pills.example")
    (block,) = site.ok("GET", "/v1/admin/blocks", headers=service.owner)["items"]
    send(service, "blocks", _method="DELETE", kind="domain", mark=block["mark"])
    assert site.ok("GET", "/v1/admin/blocks", headers=service.owner)["items"] == []
    for tail, fields in (("terms", {"value": "a" * 101}), ("blocks", {"kind": "nothing", "value": "x"})):
        answer = send(service, tail, **fields)
        assert (answer.status, bool(alert(answer))) == (422, True), tail


def test_the_way_to_an_articles_rules_is_a_question_in_the_address(service: Service) -> None:
    answer = page(service, "/article?id=a%2Fb%20%C3%A4%3F%23")
    assert (answer.status, answer.headers["location"]) == (303, "articles/a%2Fb%20%C3%A4%3F%23")
    for bad in ("", "?id=", "?id=%00", f"?id={'a' * 513}", "?id=a&id=b"):
        assert page(service, f"/article{bad}").status == 422, bad


# Tokens, people, sessions.


def test_a_token_is_shown_once_and_never_again(service: Service, site: Site, items: Items) -> None:
    for tail, fields in (("people", {"name": "Bea", "role": "moderator"}), ("tokens", {"label": "phone", "days": "7"})):
        headers = service.owner if tail == "people" else site.session(site.moderator("Cid"))
        answer = send(service, tail, headers, **fields)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
        (token,) = re.findall(r"aft_[\w-]{43}", answer.text)
        assert site.ok("GET", "/v1/admin/me", headers=bearer(token))["name"] == ("Bea" if tail == "people" else "Cid")
        for each in PAGES:
            assert token not in page(service, each).text
            assert token not in page(service, each, headers).text
        assert token not in str(items())


def test_tokens_and_people_are_removed_by_form(service: Service, site: Site) -> None:
    token = site.moderator("Bea")
    (own,) = site.ok("GET", "/v1/admin/tokens", headers=bearer(token))["items"]
    assert led(service, "tokens", send(service, "tokens", bearer(token), _method="DELETE", id=own["id"])).status == 200
    assert service.request("GET", "/v1/admin/me", headers=bearer(token)).status == 401
    send(service, "people", _method="DELETE", name="Bea")
    assert site.ok("GET", "/v1/admin/moderators", headers=service.owner)["items"] == []
    for tail, fields, status in (
        ("people", {"_method": "DELETE", "name": "Bea"}, 404),
        ("people", {"name": "x" * 81}, 422),
        ("people", {"name": "Dan", "role": "king"}, 422),
        ("tokens", {"_method": "DELETE", "id": "0" * 18}, 404),
        ("tokens", {"label": "x", "days": "0"}, 422),
        ("tokens", {"label": "x", "days": "many"}, 422),
    ):
        answer = send(service, tail, **fields)
        assert (answer.status, bool(alert(answer))) == (status, True), (tail, fields)


def test_signing_out_everywhere_leads_to_the_door(service: Service, ann: dict[str, str]) -> None:
    answer = send(service, "sessions", ann)
    assert (answer.status, answer.headers["location"]) == (303, "../admin")
    assert 'id="door"' in page(service, "", ann).text


def test_what_is_an_owners_a_moderator_is_refused_by_a_page(
    service: Service, ann: dict[str, str], items: Items
) -> None:
    page(service, "/people", ann)
    before = items()
    for tail, fields in (
        ("rules", {"mode": "open"}),
        ("rules", {}),
        ("people", {"name": "Bea", "role": "owner"}),
        ("people", {"_method": "DELETE", "name": "Ann"}),
    ):
        answer = send(service, tail, ann, **fields)
        assert (answer.status, answer.headers["content-type"]) == (403, HTML)
        assert alert(answer) == "Only an owner may do this."
        assert not re.search(r"aft_[\w-]{43}", answer.text)
    assert items() == before
    assert "Only an owner changes the rules of the site." in page(service, "/rules", ann).text
    assert 'action="../admin/people"' not in page(service, "/people", ann).text


def test_the_api_asked_in_place_is_an_owners_where_it_is_an_owners(service: Service) -> None:
    endpoints = endpoints_of(service)
    owners = [each.name for each in endpoints.all if each.access == "owner"]
    assert len(owners) >= 4
    for who in (Moderator("Ann", "moderator"), None):
        call = Call("", datetime.now(UTC), {}, None, None, {}, "", moderator=who)
        for name in owners:
            with pytest.raises(Forbidden):
                Api(endpoints).ask(call, name, body={"mode": "open"})


# Who was first.


STALE = [
    ({"state": "approved"}, "before you"),
    ({"state": "spam"}, "before you"),
    ({"revision": "2"}, "revision 1, you saw revision 2"),
]


@pytest.mark.parametrize(("seen", "words"), STALE)
def test_a_form_about_what_is_no_longer_so_is_409_and_says_why(
    service: Service, site: Site, waiting: str, items: Items, seen: dict[str, str], words: str
) -> None:
    before = items()
    for move in ("approve", "reject", "spam", "delete"):
        answer = decide(service, waiting, move, **{"redact": "", **seen})
        assert (answer.status, words in alert(answer)) == (409, True), alert(answer)
    assert items() == before
    boxes = {f"on.{waiting}": f"{seen.get('revision', 1)} {seen.get('state', 'pending')}"}
    answer = send(service, "decide-many", move="approve", **boxes)
    assert answer.headers["location"] == "../admin?refused=1"
    assert "1 comment could not be decided on" in led(service, "decide-many", answer).text
    assert items() == before
    assert site.pages(ARTICLE) == []


def test_whoever_was_second_reads_who_was_first_and_when(service: Service, site: Site, waiting: str) -> None:
    site.decide(waiting, "reject")
    again = site.comment(ARTICLE, "Another.")["comment"]["id"]
    answer = decide(service, waiting)
    assert answer.status == 409
    assert re.match(r"The comment was rejected by owner at .+ before you", alert(answer)), alert(answer)
    assert 'value="restore"' in answer.text, "the page shows it as it is now"
    both = {f"on.{waiting}": "1 pending", f"on.{again}": "1 pending"}
    after = led(service, "decide-many", send(service, "decide-many", move="approve", **both))
    assert "Approved: 1 comment." in after.text
    assert "1 comment could not be decided on" in after.text
    assert [each["id"] for each in site.pages(ARTICLE)] == [again]


def test_a_text_that_was_edited_meanwhile_is_not_published_by_form(service: Service, site: Site) -> None:
    sent = site.comment(ARTICLE, "Good words.")
    comment_id = sent["comment"]["id"]
    site.ok("PATCH", f"/v1/comments/{comment_id}", json={"text": "Bad words."}, headers=edit_token(sent["edit_token"]))
    answer = decide(service, comment_id)
    assert (answer.status, "revision 2, you saw revision 1" in alert(answer)) == (409, True)
    send(service, "decide-many", move="approve", **{f"on.{comment_id}": "1 pending"})
    assert site.pages(ARTICLE) == []


def test_a_form_sent_twice_decides_once(service: Service, site: Site, waiting: str, items: Items) -> None:
    decide(service, waiting)
    before = items()
    again = decide(service, waiting)
    assert (again.status, items()) == (409, before)
    assert "approved by owner" in alert(again)
    (entry,) = site.done_to(waiting)
    assert entry == "approve"


# Where forms lead.


ELSEWHERE = [
    "//evil.example", "///evil.example", "https://evil.example", "https:evil.example", "http:/evil.example", "/../..",
    "/..", "..", "../..", "\\\\evil.example", "/\\evil.example", "\\/evil.example", "@evil.example", ".evil.example",
    "evil", ":8443", "javascript:alert(1)", "data:text/html,x", "?a\r\nLocation: https://evil.example",
    "?a\nSet-Cookie: a=b", "?a\x00", "?a\t", "? ", "\r\n", "%0d%0a", "?ä", "/comments/../..", "/comments/x",
    f"/comments/{'0' * 26}/../../..", f"/comments/{'0' * 26}\n", f"/comments/{'0' * 27}", f"/comments/{'A' * 26}",
    "/log", "#x", "?" + "a" * 4001, "a" * 4096, "/comments/", f"//comments/{'0' * 26}", f"comments/{'0' * 26}",
]  # fmt: skip


@pytest.mark.parametrize("back", ELSEWHERE)
def test_a_way_back_that_is_no_page_of_the_desk_leads_to_the_queue(service: Service, back: str) -> None:
    assert returned(back).headers == {"Location": "../admin"}
    assert returned(back, {"done": "none"}).headers == {"Location": "../admin?done=none"}
    answer = send(service, "decide-many", move="approve", back=back)
    assert (answer.status, answer.headers["location"]) == (303, "../admin?done=none")


@pytest.mark.parametrize(
    "back",
    ["", "?state=spam", "?text=%0D%0A//evil", "?//evil.example", "?x=https://evil.example", f"/comments/{'0' * 26}"],
)
def test_a_way_back_stays_at_the_desk(back: str) -> None:
    for values in ({}, {"done": "a b", "refused": "1"}, {"done": "&x=//\r\n"}):
        location = returned(back, values).headers["Location"]
        assert isinstance(location, str)
        assert location.isascii()
        assert location.isprintable()
        assert urljoin(f"{REACHED}/decide", location).startswith(REACHED + back)


def test_a_form_of_another_endpoint_leads_nowhere_else_either(service: Service, site: Site, waiting: str) -> None:
    evil = "//evil.example"
    decided = decide(service, waiting, back=evil)
    entry = site.case(waiting)["history"][-1]["id"]
    for answer in (
        decided,
        send(service, "undo", ids=entry, back=evil),
        send(service, "notes", comment_id=waiting, text="A note.", back=evil),
        send(service, "terms", value="casino", back=evil),
        send(service, "blocks", kind="domain", value="pills.example", back=evil),
        send(service, "rules", mode="open", back=evil),
        send(service, f"articles/{quote('//evil.example', safe='')}", mode="open", back=evil),
        send(service, "sessions", back=evil),
    ):
        assert answer.status == 303
        assert urljoin(f"{REACHED}/x", answer.headers["location"]).startswith(REACHED)


# The pages.


def test_every_page_is_kept_by_nobody_and_takes_nothing_from_elsewhere(
    service: Service, ann: dict[str, str], waiting: str
) -> None:
    shown = [page(service, each, who) for each in (*PAGES, f"/comments/{waiting}") for who in (service.owner, ann, {})]
    shown += [decide(service, waiting, revision="2"), send(service, "rules", ann, mode="open")]
    shown.append(page(service, "?state=nothing"))
    for answer in shown:
        assert answer.headers["content-type"] == HTML
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        for name, value in HEADERS.items():
            assert answer.headers[name.lower()] == value
        assert 'content="noindex, nofollow"' in answer.text
        assert not re.search(r"<style|style=|<script(?! type=\"module\" src=)| on[a-z]+=\"", answer.text)
    assert HEADERS["Referrer-Policy"] == "same-origin"
    assert HEADERS["X-Robots-Tag"] == "noindex"
    assert "frame-ancestors 'none'" in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_whoever_is_not_signed_in_sees_the_door_and_nothing_else(
    service: Service, site: Site, waiting: str, ann: dict[str, str]
) -> None:
    site.ok("POST", "/v1/admin/terms", json={"value": "casino"}, headers=service.owner)
    send(service, "sessions", ann)
    strangers = ({}, ann, {"Cookie": "__Host-afterword-session=forged"}, {"Cookie": "a=b"})
    tails = [
        *PAGES,
        f"/comments/{waiting}",
        f"/comments/{waiting}?part=card",
        "?state=approved",
        "?done=x",
        "/log?by=a",
    ]
    assert {each.path for each in registered(service) if each.access == "desk" and each.method == "GET"} == {
        "/admin", "/admin/log", "/admin/figures", "/admin/rules", "/admin/article", "/admin/articles/{article_id}",
        "/admin/people", "/admin/comments/{comment_id}",
    }  # fmt: skip
    doors = set()
    for tail in tails:
        for headers in strangers:
            answer = page(service, tail, headers)
            assert (answer.status, 'id="door"' in answer.text) == (200, True), (tail, headers)
            assert "<nav" not in answer.text
            assert not re.search("Somebody should|casino|Ann|Approve|afterword-reader", answer.text), tail
            doors.add(re.sub(r"(\.\./)+", "", answer.text))
    assert len(doors) == 1, "one door, whatever is behind it"
    assert page(service, f"/comments/{'0' * 26}", {}).text == page(service, f"/comments/{waiting}", {}).text


@pytest.mark.parametrize(
    "tail",
    [
        "?state=nothing",
        "?sort=best",
        "?state=spam&sort=riskiest",
        "?reason=No+Reason",
        "?lang=%3Cb%3E",
        "?article=%00",
        "?cursor=x",
        "?text=" + "a" * 201,
        "/log?action=dance",
        "/log?since=yesterday",
        "/log?until=2026-13-45",
        "/log?cursor=x",
        "/figures?days=0",
        "/figures?days=91",
        "/figures?days=5.0",
    ],
)
def test_filters_that_make_no_sense_show_all_and_say_so(service: Service, site: Site, waiting: str, tail: str) -> None:
    site.publish(ARTICLE, "A public one.")
    answer = page(service, tail)
    assert (answer.status, bool(alert(answer))) == (422, True)
    assert alert(answer)[-1] in ".!"
    whole = page(service, tail.partition("?")[0])
    assert alert(whole) == ""
    assert rows(answer.text) == rows(whole.text)


def rows(text: str) -> list[str]:
    """Return the comments that a page shows or leads to, in order."""
    return re.findall(r'(?:id="c-|comments/)\w{26}"', text)


def test_filters_that_make_sense_are_the_queues(service: Service, site: Site, waiting: str) -> None:
    other = site.comment("other", "Another one.")["comment"]["id"]
    assert f'id="c-{waiting}"' in page(service, f"?article={ARTICLE}").text
    assert f'id="c-{other}"' not in page(service, f"?article={ARTICLE}").text
    nothing = page(service, "?text=nowhere")
    assert (nothing.status, "Nothing here fits these filters." in nothing.text) == (200, True)
    assert page(service, "?unknown=1&limit=0&counts=true&state=").status == 200, (
        "what it does not know it does not read"
    )


@pytest.mark.parametrize("number", [1, 300])
def test_the_first_page_of_the_queue_is_one_query_and_one_batch(
    service: Service, stores: DynamoStores, table_client: "DynamoDBClient", number: int
) -> None:
    for each in range(number):
        stores.comments.add(record(each), ask_for(record(each)), None, NOW)
    with counted(table_client) as calls:
        answer = page(service)
    assert answer.status == 200
    assert answer.text.count('<li class="item"') == min(number, 20)
    assert ('rel="next"' in answer.text) == (number > 20)
    assert calls == {"Query": 1, "BatchGetItem": 1}


# What was typed is text.


class Outline(HTMLParser):
    """The elements and attributes of a page, in order, without what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


def outline(text: str) -> list[tuple[str, tuple[str, ...]]]:
    parser = Outline()
    parser.feed(text)
    return [each for each in parser.found if each[0] not in {"mark", "del", "ins"}]


def told(service: Service, site: Site, words: str) -> Iterator[tuple[str, str]]:
    """Fill every place of the pages with words, and yield each page."""
    article = f"a{words}"
    site.ok("POST", "/v1/admin/terms", json={"value": words[:60], "kind": "hold"}, headers=service.owner)
    where = f"/v1/admin/articles/{quote(article, safe='')}/policy"
    site.ok("PATCH", where, json={"mode": "premoderate", "allowed_terms": [words[:60]]}, headers=service.owner)
    parent = site.comment(article, f"{words} Parent.", name=words[:80])
    site.decide(parent["comment"]["id"], "approve", reason=words, note=words)
    reader = {"Afterword-Reader": parent["reader"]}
    report = {"reason": "other", "note": words}
    site.ok("POST", f"/v1/comments/{parent['comment']['id']}/reports", json=report, headers=reader)
    sent = site.comment(article, f"{words} Text.", parent["reader"], name=words[:80], parent_id=parent["comment"]["id"])
    comment_id = sent["comment"]["id"]
    edit = edit_token(sent["edit_token"])
    site.ok("PATCH", f"/v1/comments/{comment_id}", json={"text": f"{words} Newer."}, headers=edit)
    site.ok("POST", f"/v1/admin/comments/{comment_id}/notes", json={"text": words}, headers=service.owner)
    site.decide(comment_id, "reject", 2, reason=words, note=words)
    site.ok("POST", f"/v1/comments/{comment_id}/appeal", json={"text": words}, headers=edit)
    token = site.moderator(words[:80])
    site.ok("POST", "/v1/admin/tokens", json={"label": words[:80]}, headers=bearer(token))
    site.ok("POST", f"/v1/admin/comments/{comment_id}/claim", headers=bearer(token))
    said = urlencode({"text": words})
    for tail in (
        "", "?state=reported", f"?{said}", f"?{urlencode({'article': article})}", f"?{urlencode({'author': words})}",
        f"?{urlencode({'lang': words, 'done': words, 'refused': words})}", f"/comments/{comment_id}",
        f"/comments/{comment_id}?part=card", f"/comments/{parent['comment']['id']}", "/log", "/log?action=note",
        f"/log?{urlencode({'by': words, 'article': words, 'since': words})}", "/figures", "/rules", "/people",
        f"/articles/{quote(article, safe='')}",
    ):  # fmt: skip
        yield tail.partition("?")[0] or tail, page(service, tail).text
    yield "by", page(service, "", bearer(token)).text
    yield "refused", decide(service, comment_id, "approve", "spam", message=words).text
    yield "number", send(service, "rules", hold=words[:8]).text
    yield "fresh", send(service, "people", name=f"{words[:70]} two").text


def test_nothing_that_was_typed_becomes_markup(
    service: Service, site: Site, settings: Any, table_client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("submission", "edits"):  # what is found differs from text to text, and with it the page
        monkeypatch.setattr(f"chalicelib.{module}.judge", partial(judge, checks=(links,)))
    hostile = list(told(service, site, MARKUP))
    plain = "x" * len(MARKUP)
    other = _elsewhere(settings, table_client)
    harmless = list(told(other, Site(other), plain))
    assert len(hostile) == len(harmless)
    for (name, text), (_, beside) in zip(hostile, harmless, strict=True):
        assert outline(text) == outline(beside), name
        assert "<script src" not in text
        assert "<img" not in text
    assert sum(text.count("&lt;script") for _, text in hostile) > 40


def _elsewhere(settings: Any, client: "DynamoDBClient") -> Service:
    """Return the service of a site that holds nothing yet."""
    other = settings.model_copy(update={"site": f"{settings.site}-plain"})
    stores = open_stores(client, other)
    return Service(Gateway(lambda: create_app(other, stores)), other)


# Where no form should be sent by.


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_form_read_by_address_does_nothing(
    service: Service, site: Site, waiting: str, items: Items, method: str
) -> None:
    owner = service.owner["Authorization"].removeprefix("Bearer ")
    session = site.session(owner)
    page(service, "/people", session)
    before = items()
    for endpoint in registered(service):
        if endpoint.name in FORMS:
            where = endpoint.path.replace("{article_id}", ARTICLE)
            answer = service.request(method, f"{where}?{form(endpoint.name, waiting)}", headers=session)
            pages = {each.path for each in registered(service) if each.method == "GET"}
            assert answer.status in ({200, 422} if endpoint.path in pages else {405}), endpoint.name
    assert items() == before


def test_a_page_that_is_not_there_says_so_to_a_person(service: Service) -> None:
    cases = {"/admin/comments/nothing": 404, f"/admin/comments/{'0' * 26}": 404, "/admin/article?id=": 422}
    for where, status in cases.items():
        answer = service.request("GET", where, headers={**service.owner, "Accept": "text/html"})
        assert (answer.status, answer.headers["content-type"]) == (status, "text/html; charset=utf-8"), where
        assert "<h1>" in answer.text
