import json
from typing import Any

import pytest

from tests.conftest import Answer, Service
from tests.http.conftest import EXACT, Site, edit_token, path, reader

ARTICLE = EXACT

pytestmark = pytest.mark.usefixtures("engine", "exact_counts")


@pytest.fixture
def sent(site: Site) -> Any:
    """A public comment, as its author got it."""
    submitted = site.comment(ARTICLE, "A comment to report.")
    site.decide(submitted["comment"]["id"], "approve")
    return submitted


@pytest.fixture
def public(sent: Any) -> str:
    comment_id: str = sent["comment"]["id"]
    return comment_id


def report(service: Service, comment_id: str, token: str | None = None, method: str = "POST", **body: str) -> Answer:
    said = None if method == "DELETE" else {"reason": "privacy", **body}
    return service.request(method, f"/v1/comments/{comment_id}/reports", json=said, headers=reader(token))


def ids(page: Any) -> list[str]:
    return [item["comment"]["id"] for item in page["items"]]


def test_a_report_queues_and_leaves_public(service: Service, site: Site, public: str) -> None:
    receipt = report(service, public, note="It names my aunt.")
    assert (receipt.status, receipt.json()["status"]) == (202, "received")
    assert [comment["id"] for comment in site.thread(ARTICLE)["comments"]] == [public]
    (item,) = site.queue(state="reported")["items"]
    assert (item["state"], item["lane"]) == ("approved", "reported")
    assert [(each["reason"], each["note"]) for each in item["reports"]] == [("privacy", "It names my aunt.")]
    assert ids(site.queue()) == [public]
    assert ids(site.queue(state="approved")) == []


def test_one_reader_counts_once(service: Service, site: Site, public: str) -> None:
    token = report(service, public).json()["reader"]
    for _ in range(3):
        assert report(service, public, token).json() == {"status": "received"}
    assert len(site.ok("GET", f"/v1/admin/comments/{public}", headers=service.owner)["reports"]) == 1


def test_so_many_reports_hide_until_a_moderator_decides(service: Service, site: Site, public: str) -> None:
    site.policy({"reports_to_hide": 2})
    report(service, public)
    assert site.thread(ARTICLE)["comments_count"] == 1
    report(service, public)
    assert (site.thread(ARTICLE)["comments"], site.thread(ARTICLE)["comments_count"]) == ([], 0)
    (item,) = site.queue(state="reported")["items"]
    assert (item["state"], item["author"]["rejected"], len(item["reports"])) == ("pending", 0, 2)
    (hide,) = site.ok("GET", "/v1/admin/audit", query={"limit": 1}, headers=service.owner)["items"]
    assert (hide["action"], hide["by"], hide["from"], hide["to"]) == ("hide", "readers' reports", "approved", "pending")
    site.decide(public, "approve")
    assert site.thread(ARTICLE)["comments_count"] == 1
    assert site.queue(state="reported")["items"] == []


def test_keeping_a_reported_comment_answers_its_reports_and_is_one_entry(
    service: Service, site: Site, public: str
) -> None:
    token = report(service, public).json()["reader"]
    decision = site.decide(public, "approve")["decision"]
    assert (decision["from"], decision["to"]) == ("approved", "approved")
    assert site.queue()["items"] == []
    assert site.done_to(public) == ["approve", "approve"]
    body = {"action": "approve", "revision": 1}
    again = service.request("POST", f"/v1/admin/comments/{public}/decision", json=body, headers=service.owner)
    assert again.status == 409, "nothing was reported since"
    assert report(service, public, token).status == 202
    assert site.queue()["items"] == [], "what was answered is not reported again by the same reader"


def test_another_text_may_be_reported_again(service: Service, site: Site, sent: Any, public: str) -> None:
    token = report(service, public).json()["reader"]
    site.decide(public, "approve")
    headers = edit_token(sent["edit_token"])
    site.ok("PATCH", f"/v1/comments/{public}", json={"text": "Worse than before."}, headers=headers)
    site.decide(public, "approve", revision=2)
    report(service, public, token)
    assert ids(site.queue(state="reported")) == [public]


def test_a_report_can_be_taken_back(service: Service, site: Site, public: str) -> None:
    token = report(service, public).json()["reader"]
    for _ in range(2):
        assert report(service, public, token, "DELETE").json() == {"status": "withdrawn"}
    assert site.queue()["items"] == []
    assert ids(site.queue(state="approved")) == [public]


def test_the_longest_reported_comes_first(service: Service, site: Site) -> None:
    first, second, third = (site.publish(ARTICLE, f"Comment number {number}.") for number in range(3))
    for comment_id in (third, first, second):
        report(service, comment_id)
    site.comment(ARTICLE, "Just waits.")
    assert ids(site.queue(limit=2)) == [third, first]
    assert ids(site.queue(state="reported")) == [third, first, second]


def test_what_is_not_public_cannot_be_told_from_what_is_not_there(service: Service, site: Site) -> None:
    waits = site.comment(ARTICLE, "Still waits.")["comment"]["id"]
    token = site.rate("elsewhere", 3)["reader"]
    for method in ("POST", "DELETE"):
        answers = [report(service, each, token, method) for each in (waits, "0" * 26)]
        assert {answer.status for answer in answers} == {404}
        assert len({answer.json()["detail"] for answer in answers}) == 1


def test_no_public_answer_tells_of_reports(service: Service, public: str) -> None:
    before = service.request("GET", f"{path(ARTICLE)}/comments").json()
    report(service, public, note="MarkerNoteOfAReport", reason="MarkerReason")
    for where in (path(ARTICLE), f"{path(ARTICLE)}/comments", f"{path(ARTICLE)}/feed.atom", "/"):
        text = service.request("GET", where).text
        assert "Marker" not in text, where
    assert service.request("GET", f"{path(ARTICLE)}/comments").json() == before


def test_a_key_makes_one_report_of_many(service: Service, site: Site, public: str) -> None:
    where, key = f"/v1/comments/{public}/reports", {"Idempotency-Key": "one-report"}
    answers = [service.request("POST", where, json={"reason": "spam"}, headers=key) for _ in range(3)]
    assert len({json.dumps(answer.json()) for answer in answers}) == 1
    other = service.request("POST", where, json={"reason": "abuse"}, headers=key)
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(site.queue()["items"][0]["reports"]) == 1


def test_a_form_reports_and_leads_back(service: Service, site: Site, public: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": "https://site.example/a#comments"}
    where = f"/v1/comments/{public}/reports"
    answer = service.request("POST", where, body="reason=privacy&note=My+address.", headers=headers)
    assert (answer.status, answer.headers["location"]) == (303, "https://site.example/a#afterword-reported")
    (item,) = site.queue(state="reported")["items"]
    assert [(each["reason"], each["note"]) for each in item["reports"]] == [("privacy", "My address.")]
    for body in ("", "reason=+", "reason=privacy&unknown=1"):
        assert service.request("POST", where, body=body, headers=headers).status == 422


def test_a_new_reporter_is_minted_once(service: Service, public: str) -> None:
    first = report(service, public).json()
    assert set(first) == {"status", "reader"}
    assert set(report(service, public, first["reader"]).json()) == {"status"}
    assert report(service, public).json()["reader"] != first["reader"]


def test_an_author_cannot_edit_away_what_reports_have_hidden(service: Service, site: Site) -> None:
    site.policy({"mode": "open", "reports_to_hide": 1})
    sent = site.comment(ARTICLE, "A comment to report.")
    comment_id = sent["comment"]["id"]
    report(service, comment_id)
    edited = site.ok(
        "PATCH", f"/v1/comments/{comment_id}", json={"text": "Innocent now."}, headers=edit_token(sent["edit_token"])
    )
    assert (edited["status"], edited["comment"]["revision"]) == ("pending", 2)
    assert site.thread(ARTICLE)["comments_count"] == 0
    assert ids(site.queue(state="reported")) == [comment_id]
    site.decide(comment_id, "approve", revision=2)
    assert [comment["text"] for comment in site.thread(ARTICLE)["comments"]] == ["Innocent now."]
