"""An article's own rules, from the moderator who sets them to the reader whom they meet."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.dynamodb import DynamoStores
from chalicelib.routes import create_app
from chalicelib.routes.service import utc_now
from chalicelib.settings import Settings
from tests.conftest import Answer, Service
from tests.faults import counted
from tests.http.conftest import Site, edit_token, path, reader
from tests.store.test_calls import metered
from tools.gateway import Gateway

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Items = Callable[[], dict[tuple[str, str], Any]]

HERE, ELSEWHERE = "https://site.example/baclofen?a=1#b", "another"


def own(site: Site, patch: dict[str, Any], article: str = HERE, **headers: str) -> Any:
    where = path(article).replace("/v1/", "/v1/admin/") + "/policy"
    return site.ok("PATCH", where, json=patch, headers={**site.service.owner, **headers})


def policy(site: Site, article: str = HERE) -> Any:
    return site.ok("GET", path(article).replace("/v1/", "/v1/admin/") + "/policy", headers=site.service.owner)


def add_term(site: Site, value: str, kind: str = "hold") -> None:
    site.ok("POST", "/v1/admin/terms", json={"value": value, "kind": kind}, headers=site.service.owner)


def send(site: Site, article: str, text: str, token: str | None = None, **fields: Any) -> Answer:
    body = {"text": text, "consent": True, **fields}
    return site.service.request("POST", f"{path(article)}/comments", json=body, headers=reader(token))


def findings(site: Site, comment: Any) -> set[str]:
    where = f"/v1/admin/comments/{comment['comment']['id']}"
    verdict = site.ok("GET", where, headers=site.service.owner)["verdict"]
    return {finding["check"] for finding in verdict["findings"]} - {"form_time"}


def test_an_article_without_rules_is_as_the_site_says(site: Site) -> None:
    said = site.policy({"mode": "trust", "reply_as": "Die Redaktion"})
    assert policy(site) == {**said, "allowed_terms": [], "own": {}, "closes_at": None}
    assert site.ok("GET", "/v1/admin/articles", headers=site.service.owner) == {"items": [], "next": None}


def test_a_patch_is_answered_with_the_policy_as_it_holds_there(site: Site) -> None:
    answer = own(site, {"mode": "open", "thresholds": {"hold": 60}, "allowed_terms": ["Baclofen"]})
    assert answer == policy(site)
    assert (answer["mode"], answer["thresholds"]) == ("open", {"hold": 60, "spam": 100})
    assert answer["own"] == {"mode": "open", "thresholds": {"hold": 60, "spam": 100}}
    assert policy(site, ELSEWHERE)["own"] == {}
    back = own(site, {"mode": None, "thresholds": None, "allowed_terms": None})
    assert (back["own"], back["allowed_terms"], back["mode"]) == ({}, [], "premoderate")


def test_the_articles_with_rules_are_listed(site: Site) -> None:
    for number in range(3):
        own(site, {"max_length": number + 1}, f"article {number}")
    own(site, {"allowed_terms": ["pump"]}, ELSEWHERE)
    seen: list[Any] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = site.ok("GET", "/v1/admin/articles", headers=site.service.owner, query=query)
        seen += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert [(each["article_id"], each["mode"], each["own"], each["allowed_terms"]) for each in seen] == [
        (ELSEWHERE, "premoderate", {}, ["pump"]),
        *((f"article {number}", "premoderate", {"max_length": number + 1}, []) for number in range(3)),
    ]


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"mode": "anarchy", "max_length": 9}, "/mode"),
        ({"limits": {"ratings": {"reader": None, "network": {"count": 1, "seconds": 1}}}}, "/limits/ratings"),
        ({"reply_as": "We"}, "/reply_as"),
        ({"own": {"mode": "open"}}, "/own"),
        ({"allowed_terms": ["a\nb"]}, "/allowed_terms/0"),
        ({"thresholds": {"hold": 500}}, "/thresholds/spam"),
    ],
)
def test_a_bad_patch_is_refused_where_it_is_bad_and_changes_nothing(
    service: Service, site: Site, items: Items, patch: dict[str, Any], pointer: str
) -> None:
    own(site, {"mode": "open"})
    before = items()
    where = path(HERE).replace("/v1/", "/v1/admin/") + "/policy"
    answer = service.request("PATCH", where, json=patch, headers=service.owner)
    assert (answer.status, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])
    assert items() == before


def test_a_patch_sent_again_is_made_once_and_other_words_need_another_key(service: Service, site: Site) -> None:
    key = {"Idempotency-Key": "a key"}
    first = own(site, {"max_length": 5}, **key)
    own(site, {"mode": "open"})
    assert own(site, {"max_length": 5}, **key) == {**first, "mode": "open", "own": {**first["own"], "mode": "open"}}
    where = path(HERE).replace("/v1/", "/v1/admin/") + "/policy"
    for article, patch in ((HERE, {"max_length": 6}), (ELSEWHERE, {"max_length": 5})):
        other = where.replace(path(HERE)[3:], path(article)[3:])
        answer = service.request("PATCH", other, json=patch, headers={**service.owner, **key})
        assert (answer.status, answer.json()["code"]) == (422, "idempotency_key_reused")
    log = site.ok("GET", "/v1/admin/audit", headers=service.owner)["items"]
    assert [entry["action"] for entry in log] == ["policy", "policy"]


@pytest.mark.parametrize("name", ["terms", "blocks"])
def test_a_change_of_a_list_sent_again_is_made_once(service: Service, site: Site, name: str) -> None:
    kept = {"terms": {"value": "casino"}, "blocks": {"kind": "domain", "value": "a.example"}}[name]
    lifted = {"terms": {"value": "casino"}, "blocks": {"kind": "domain", "mark": "a.example"}}[name]
    where, key = f"/v1/admin/{name}", {"Idempotency-Key": "a key", **service.owner}
    assert len(site.ok("POST", where, json=kept, headers=key)["items"]) == 1
    assert site.ok("DELETE", where, json=lifted, headers=service.owner)["items"] == []
    assert site.ok("POST", where, json=kept, headers=key)["items"] == [], "it was done, and taken back since"
    assert service.request("DELETE", where, json=lifted, headers=key).json()["code"] == "idempotency_key_reused"
    log = site.ok("GET", "/v1/admin/audit", headers=service.owner)["items"]
    assert [(entry["action"], entry["by"]) for entry in log] == [("list", "owner")] * 2


def test_what_the_form_is_told_changes_with_the_rules_and_so_does_the_tag(site: Site) -> None:
    tags = set()
    for patch in ({"mode": "open"}, {"max_length": 7}, {"require_consent": False}, {"challenge": "always"}):
        tags.add(site.service.request("GET", path(HERE)).headers["etag"])
        own(site, patch)
    answer = site.service.request("GET", path(HERE))
    tags.add(answer.headers["etag"])
    assert len(tags) == 5
    expected = {"mode": "open", "max_length": 7, "require_consent": False, "challenge": "always", "help": None}
    assert answer.json()["policy"] == expected
    assert site.thread(ELSEWHERE)["policy"]["mode"] == "premoderate"


def test_a_page_view_is_one_query_whatever_the_rules(
    site: Site, table_client: "DynamoDBClient", engine: object
) -> None:
    lenient = {"hold": 5000, "spam": 9000}  # the same words twenty times are a flood
    rules = {"mode": "open", "max_length": 500, "close_after_days": 9, "allowed_terms": ["pump"] * 3}
    own(site, {**rules, "thresholds": lenient})
    site.thread(HERE)
    with counted(table_client) as calls, metered(table_client) as units:
        empty = site.thread(HERE)
    assert (calls, units.used) == ({"Query": 1}, 0.5)
    assert (empty["tally"]["count"], empty["comments_count"], empty["comments"]) == (0, 0, [])
    for number in range(20):
        assert send(site, HERE, f"{number} {'Thank you for this page. ' * 30}"[:500]).status == 201
    with counted(table_client) as calls, metered(table_client) as units:
        assert len(site.thread(HERE)["comments"]) == 20
    assert calls == {"Query": 1}
    assert units.used <= 2.0


def test_a_comment_meets_the_rules_of_its_article(site: Site) -> None:
    own(site, {"mode": "open", "max_length": 20, "require_consent": False, "help": {"title": "Here"}})
    answer = site.service.request("POST", f"{path(HERE)}/comments", json={"text": "Without consent."})
    assert answer.status == 201
    assert send(site, HERE, "More than twenty letters.").json()["errors"][0]["pointer"] == "/text"
    assert send(site, ELSEWHERE, "More than twenty letters.").status == 202
    add_term(site, "overdose", "urgent")
    assert send(site, HERE, "An overdose").json()["help"]["title"] == "Here"
    own(site, {"mode": "closed"})
    assert send(site, HERE, "Too late.").json()["code"] == "comments_closed"
    assert send(site, ELSEWHERE, "In time.").status == 202


def test_a_term_that_an_article_allows_is_no_finding_there(site: Site) -> None:
    add_term(site, "Baclofen")
    add_term(site, "casino")
    own(site, {"mode": "open", "allowed_terms": ["BACLOFEN", "never listed"]})
    text = "I take baclofen, and never listed anything."
    fine = send(site, HERE, text).json()
    assert (fine["status"], findings(site, fine)) == ("approved", set())
    assert findings(site, send(site, ELSEWHERE, "So do I: baclofen.").json()) == {"terms"}
    assert findings(site, send(site, HERE, "Baclofen at the casino").json()) == {"terms"}
    mine = edit_token(fine["edit_token"])
    edited = f"/v1/comments/{fine['comment']['id']}"
    assert site.ok("PATCH", edited, json={"text": "Baclofen it is."}, headers=mine)["status"] == "approved"
    own(site, {"allowed_terms": None})
    assert site.ok("PATCH", edited, json={"text": "Baclofen it was."}, headers=mine)["status"] == "pending"


def test_an_edit_meets_the_rules_of_its_article(site: Site) -> None:
    own(site, {"mode": "open", "edits": "keep"})
    sent = send(site, HERE, "A first text.").json()
    own(site, {"mode": "premoderate", "max_length": 20})
    where, mine = f"/v1/comments/{sent['comment']['id']}", edit_token(sent["edit_token"])
    answer = site.service.request("PATCH", where, json={"text": "More than twenty letters."}, headers=mine)
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "/text")
    assert site.ok("PATCH", where, json={"text": "Another text."}, headers=mine)["status"] == "pending"
    assert [each["text"] for each in site.thread(HERE)["comments"]] == ["A first text."], "kept until then"


def test_an_articles_own_limit_counts_what_is_said_there(site: Site) -> None:
    token = site.rate(ELSEWHERE, 5)["reader"]
    own(site, {"limits": {"comments": {"reader": {"count": 2, "seconds": 600}}}})
    own(site, {"limits": {"comments": {"reader": {"count": 1, "seconds": 600}}}}, "third")
    for article, number in ((ELSEWHERE, 1), (ELSEWHERE, 2), (HERE, 3), (ELSEWHERE, 4), (HERE, 5), ("third", 6)):
        assert send(site, article, f"Number {number}", token).status == 202
    for article in (HERE, "third"):
        assert send(site, article, "Too often.", token).status == 429
    assert send(site, ELSEWHERE, "Not too often.", token).status == 202
    assert send(site, HERE, "By somebody else.", site.rate(ELSEWHERE, 4)["reader"]).status == 202


def test_the_networks_own_limit_counts_what_is_said_there(site: Site) -> None:
    own(site, {"limits": {"comments": {"network": {"count": 1, "seconds": 600}}}})
    assert [send(site, HERE, f"Number {number}").status for number in range(2)] == [202, 429]
    assert send(site, ELSEWHERE, "Not too often.").status == 202


def test_an_articles_own_number_of_reports_hides_a_comment(site: Site) -> None:
    own(site, {"reports_to_hide": 1})
    here, there = (site.publish(article, "Everybody should buy this.") for article in (HERE, ELSEWHERE))
    for comment_id in (here, there):
        site.ok("POST", f"/v1/comments/{comment_id}/reports", json={"reason": "spam"})
    assert site.thread(HERE)["comments"] == []
    assert len(site.thread(ELSEWHERE)["comments"]) == 1


@pytest.mark.parametrize("name", ["The editors", "THE  EDITORS", "\uff34he edi\u00adtors"])
def test_nobody_writes_under_the_name_of_the_site(site: Site, name: str) -> None:
    answer = send(site, HERE, "We said so.", name=name)
    assert (answer.status, [error["pointer"] for error in answer.json()["errors"]]) == (422, ["/name"])
    site.policy({"reply_as": "Die Redaktion"})
    assert send(site, HERE, "We said so.", name=name).status == 202
    assert send(site, HERE, "We said so.", name="die redaktion").status == 422


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 81, 5])
def test_the_name_of_the_site_is_one_line(service: Service, name: Any) -> None:
    answer = service.request("PATCH", "/v1/admin/policy", json={"reply_as": name}, headers=service.owner)
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "/reply_as")


class Calendar:
    """A clock whose days can be turned."""

    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def dated(settings: Settings, stores: DynamoStores, calendar: Calendar) -> Site:
    """A site that lives by the calendar."""
    return Site(Service(Gateway(lambda: create_app(settings, stores, calendar)), settings))


def test_an_article_closes_days_after_its_first_rating_and_opens_again_when_told(
    dated: Site, calendar: Calendar
) -> None:
    assert own(dated, {"close_after_days": 30})["closes_at"] is None
    calendar.turn(days=300)
    dated.rate(HERE, 4)
    calendar.turn(days=29, hours=23)
    dated.rate(HERE, 5)
    answer = dated.service.request("GET", path(HERE))
    assert answer.json()["policy"]["mode"] == "premoderate"
    assert send(dated, HERE, "In time.").status == 202
    calendar.turn(hours=2)
    closed = dated.service.request("GET", path(HERE))
    assert closed.json()["policy"]["mode"] == "closed"
    assert closed.headers["etag"] != answer.headers["etag"], "though nothing was written"
    assert send(dated, HERE, "Too late.").json()["code"] == "comments_closed"
    assert dated.rate(HERE, 3)["mine"] == 3, "comments close, ratings do not"
    shown = policy(dated)
    assert shown["mode"] == "premoderate", "the rule, not what it led to"
    assert datetime.fromisoformat(shown["closes_at"]) <= calendar.now
    own(dated, {"close_after_days": 31})
    assert dated.thread(HERE)["policy"]["mode"] == "premoderate"
    assert send(dated, HERE, "Open once more.").status == 202


def test_what_the_site_says_of_age_holds_for_every_article(dated: Site, calendar: Calendar) -> None:
    dated.publish(HERE, "The first comment.")
    dated.publish(ELSEWHERE, "The first one here.")
    own(dated, {"close_after_days": 36_500}, ELSEWHERE)
    calendar.turn(days=8)
    dated.rate("third", 4)
    dated.policy({"close_after_days": 7})
    modes = [dated.thread(article)["policy"]["mode"] for article in (HERE, ELSEWHERE, "third", "nobody was there")]
    assert modes == ["closed", "premoderate", "premoderate", "premoderate"]
