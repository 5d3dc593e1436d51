"""The queue over HTTP: its order and its filters, all of it in the address, and what came meanwhile."""

from typing import Any

import pytest

from chalicelib.dynamodb import DynamoStores
from chalicelib.spam import Finding, Thresholds, Verdict
from tests.conftest import Service
from tests.http.conftest import Site, edit_token
from tests.samples import NOW, ask_for, record

LINKS = "See http://a.example http://b.example http://c.example"
HOSTILE = ["%", "*", "(", "\\", "'", '"', "\uff5b", "💊", "a" * 200, "\u202e", "薬", " "]


def listed(site: Site, limit: int = 2, **query: Any) -> list[str]:
    """Return the texts of every page; the cursor goes with the same query and no other."""
    found: list[str] = []
    cursor = None
    while True:
        page = site.queue(limit=limit, **query, **({"cursor": cursor} if cursor else {}))
        found += [item["comment"]["text"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found


def test_the_riskiest_comes_first_until_it_is_decided_on_or_edited(site: Site) -> None:
    mild, risky = site.comment("risk", "A calm remark."), site.comment("risk", LINKS)
    also = site.comment("risk", "Another calm remark.")
    assert listed(site, sort="riskiest") == [LINKS, "A calm remark.", "Another calm remark."]
    assert listed(site) == ["A calm remark.", LINKS, "Another calm remark."]
    where = f"/v1/comments/{also['comment']['id']}"
    site.ok("PATCH", where, json={"text": f"{LINKS} now"}, headers=edit_token(also["edit_token"]))
    site.decide(risky["comment"]["id"], "spam")
    assert listed(site, 1, sort="riskiest") == [f"{LINKS} now", "A calm remark."]
    site.decide(risky["comment"]["id"], "restore")
    site.decide(mild["comment"]["id"], "approve")
    assert listed(site, 1, sort="riskiest") == [LINKS, f"{LINKS} now"]


def test_filters_combine_and_are_all_in_the_address(site: Site) -> None:
    token = site.rate("elsewhere", 5)["reader"]
    mine = site.comment("薬/a?b=1", "Ich nehme es seit zwei Jahren und es hilft mir sehr gut.", token, name="Ännchen")
    site.comment("薬/a?b=1", LINKS, token)
    site.comment("other", "I have taken it for two years and it has helped me.", email="Bo@mail.example")
    assert listed(site, article="薬/a?b=1", author="ÄNNCHEN") == [mine["comment"]["text"]]
    assert len(listed(site, author=mine["comment"]["id"])) == 2
    assert listed(site, author=mine["comment"]["id"], reason="links", sort="riskiest") == [LINKS]
    assert listed(site, author="bo@mail") == listed(site, lang="en") == listed(site, text="TWO  years")
    assert listed(site, lang="de") == [mine["comment"]["text"]]
    assert listed(site, lang="und") == [LINKS]
    assert listed(site, lang="de", article="other") == []
    (item,) = site.queue(lang="de")["items"]
    assert item["language"] == "de"


def test_reports_and_appeals_are_reasons_too(site: Site, stores: DynamoStores) -> None:
    public = site.publish("reasons", "Public, and then reported.")
    site.comment("reasons", "Only waiting.")
    site.ok("POST", f"/v1/comments/{public}/reports", json={"reason": "abuse"})
    for sort in ("oldest", "riskiest"):
        assert listed(site, reason="report", sort=sort) == ["Public, and then reported."]
        assert listed(site, reason="appeal", sort=sort) == []
    assert stores.queue.oldest() is not None


@pytest.mark.parametrize("name", ["author", "text"])
def test_whatever_is_searched_for_is_only_searched_for(site: Site, name: str) -> None:
    site.comment("search", "Nothing special.")
    for words in HOSTILE:
        assert site.queue(**{name: words})["items"] in ([], site.queue()["items"])


@pytest.mark.parametrize("state", ["spam", "rejected", "deleted", "approved"])
def test_only_what_waits_is_read_riskiest_first(service: Service, state: str) -> None:
    answer = service.request(
        "GET", "/v1/admin/queue", query={"state": state, "sort": "riskiest"}, headers=service.owner
    )
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "?/sort")


def test_a_cursor_leads_through_its_own_list_only(service: Service, site: Site, stores: DynamoStores) -> None:
    found = Verdict(10, "publish", Thresholds(), (Finding("links", 10, "A link."),))
    for number in range(1, 6):
        comment = record(number, verdict=found)
        stores.comments.add(comment, ask_for(comment), None, NOW)
    full = {"sort": "riskiest", "article": "article", "author": "ada", "reason": "links", "text": "number"}
    cursor = site.queue(limit=2, **full)["next"]
    assert len(site.queue(limit=2, **full, cursor=cursor)["items"]) == 2
    for name in full:
        others = [{key: value for key, value in full.items() if key != name}]
        others += [{**full, name: "oldest" if name == "sort" else "other"}]
        for other in others:
            query = {**other, "limit": 2, "cursor": cursor}
            answer = service.request("GET", "/v1/admin/queue", query=query, headers=service.owner)
            assert (answer.status, answer.json()["code"]) == (422, "cursor_invalid"), other


def test_who_waits_for_new_comments_learns_how_many_came(site: Site) -> None:
    def arrived(**query: str) -> Any:
        return site.ok("GET", "/v1/admin/queue/arrivals", query=query, headers=site.service.owner)

    site.comment("new", "Before.")
    now = arrived()
    assert now["count"] == 0
    assert arrived(since=now["since"]) == now
    site.comment("new", "After.")
    assert arrived(since=now["since"])["count"] == 1
    assert arrived(since="0001-01-01T00:00:00Z") == {"count": 2, "since": "1970-01-01T00:00:00Z"}
    for late in ("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z"):
        assert arrived(since=late)["count"] == 0
