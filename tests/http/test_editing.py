from datetime import timedelta
from typing import Any

import pytest

from chalicelib.dynamodb import DynamoStores
from tests.conftest import Answer, Service
from tests.http.conftest import EXACT, Site, author, edit_token, path
from tests.samples import NOW, ask_for, record

ARTICLE = EXACT

pytestmark = pytest.mark.usefixtures("engine", "exact_counts")


@pytest.fixture
def sent(site: Site) -> Any:
    return site.comment(ARTICLE, "It was fien.", name="Ada")


@pytest.fixture
def mine(sent: Any) -> str:
    comment_id: str = sent["comment"]["id"]
    return comment_id


def hand(service: Service, sent: Any, method: str, text: str | None = None, **headers: str) -> Answer:
    body = None if text is None else {"text": text}
    where = f"/v1/comments/{sent['comment']['id']}"
    return service.request(method, where, json=body, headers={**edit_token(sent["edit_token"]), **headers})


def decide(service: Service, comment_id: str, action: str, revision: int) -> Answer:
    body = {"action": action, "revision": revision}
    return service.request("POST", f"/v1/admin/comments/{comment_id}/decision", json=body, headers=service.owner)


def test_an_author_sees_how_it_stands(service: Service, site: Site, sent: Any, mine: str) -> None:
    view = hand(service, sent, "GET").json()
    assert (view["status"], view["reason"], view["comment"]["text"]) == ("pending", None, "It was fien.")
    site.decide(mine, "spam")
    assert hand(service, sent, "GET").json()["status"] == "pending", "to its author spam seems to wait"
    site.decide(mine, "restore")
    site.decide(mine, "reject", reason="off topic")
    view = hand(service, sent, "GET").json()
    assert (view["status"], view["reason"]) == ("rejected", "off topic")
    assert hand(service, sent, "GET").headers["cache-control"] == "no-store"


def test_an_edit_waits_again_and_its_new_text_needs_a_new_look(
    service: Service, site: Site, sent: Any, mine: str
) -> None:
    site.policy({"thresholds": {"hold": 50, "spam": 9000}})
    site.decide(mine, "approve")
    edited = hand(service, sent, "PATCH", "Buy here: http://a.example http://b.example http://c.example")
    assert (edited.json()["status"], edited.json()["comment"]["revision"]) == ("pending", 2)
    assert site.thread(ARTICLE)["comments"] == []
    late = decide(service, mine, "approve", 1)
    assert (late.status, late.json()["code"]) == (409, "already_decided")
    assert "revision 2, you saw revision 1" in late.json()["detail"]
    assert site.thread(ARTICLE)["comments"] == []
    (item,) = site.queue()["items"]
    assert "links" in {finding["check"] for finding in item["verdict"]["findings"]}, "every check runs again"
    assert decide(service, mine, "approve", 2).status == 200
    (comment,) = site.thread(ARTICLE)["comments"]
    assert (comment["revision"], bool(comment["edited_at"])) == (2, True)
    history = site.ok("GET", f"/v1/admin/comments/{mine}", headers=service.owner)["history"]
    assert [(entry["action"], entry["by"]) for entry in history] == [
        ("submit", "author"),
        ("approve", "owner"),
        ("edit", "author"),
        ("approve", "owner"),
    ]


def test_where_the_policy_publishes_the_new_text_shows_at_once(service: Service, site: Site) -> None:
    site.policy({"mode": "open"})
    sent = site.comment(ARTICLE, "It was *fien*.")
    service.request("PUT", f"/v1/comments/{sent['comment']['id']}/vote")
    before = service.request("GET", path(ARTICLE)).headers["etag"]
    assert hand(service, sent, "PATCH", "It was fine.").json()["status"] == "approved"
    (comment,) = site.thread(ARTICLE)["comments"]
    assert (comment["text"], comment["html"], comment["votes"]) == ("It was fine.", "<p>It was fine.</p>", 1)
    assert service.request("GET", path(ARTICLE)).headers["etag"] != before
    assert hand(service, sent, "PATCH", "It was **fine**.").json()["comment"]["revision"] == 3
    assert "<strong>" in site.thread(ARTICLE)["comments"][0]["html"]


def test_an_author_takes_it_away_and_replies_stay(service: Service, site: Site) -> None:
    site.policy({"mode": "open"})
    sent = site.comment(ARTICLE, "The root.")
    reply = site.comment(ARTICLE, "A reply.", parent_id=sent["comment"]["id"])["comment"]["id"]
    for _ in range(2):
        assert hand(service, sent, "DELETE").json()["status"] == "deleted"
    assert [comment["id"] for comment in site.thread(ARTICLE)["comments"]] == [reply]
    gone = hand(service, sent, "PATCH", "Back again.")
    assert (gone.status, gone.json()["code"]) == (404, "not_found")
    assert hand(service, sent, "GET").json()["status"] == "deleted"


@pytest.mark.parametrize("minutes", [15, 60 * 24 * 3])
def test_after_the_time_it_can_be_read_and_not_changed(service: Service, stores: DynamoStores, minutes: int) -> None:
    old = record(article_id=ARTICLE)
    stores.comments.add(old, ask_for(old), None, NOW + timedelta(minutes=minutes))
    where, known = f"/v1/comments/{old.id}", author(service, old.id)
    assert service.request("GET", where, headers=known).json()["comment"]["text"] == old.text
    for method, body in (("PATCH", {"text": "Too late."}), ("DELETE", None)):
        answer = service.request(method, where, json=body, headers=known)
        assert (answer.status, answer.json()["code"]) == (403, "edit_time_over")


def test_another_hand_changes_nothing(service: Service, site: Site, sent: Any, mine: str) -> None:
    other = site.comment(ARTICLE, "By somebody else.")["edit_token"]
    wrong: list[dict[str, str]] = [{}, edit_token(other), edit_token(""), edit_token("x" * 3000), service.owner]
    wrong += [{"Authorization": f"Basic {sent['edit_token']}"}, edit_token(sent["edit_token"] + "A")]
    for headers in wrong:
        for method, body in (("GET", None), ("PATCH", {"text": "Mine now."}), ("DELETE", None)):
            answer = service.request(method, f"/v1/comments/{mine}", json=body, headers=headers)
            assert (answer.status, answer.json()["code"]) == (401, "edit_token_invalid")
    answer = service.request("GET", f"/v1/comments/{mine}?edit_token={sent['edit_token']}")
    assert answer.status in {401, 422}
    assert site.queue()["items"][0]["comment"]["text"] == "It was fien."


def test_an_edit_sent_again_is_one_edit(service: Service, sent: Any) -> None:
    key = {"Idempotency-Key": "one-edit"}
    first, again = (hand(service, sent, "PATCH", "It was fine.", **key) for _ in range(2))
    assert first.json()["comment"]["revision"] == again.json()["comment"]["revision"] == 2
    other = hand(service, sent, "PATCH", "It was better.", **key)
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")
    assert hand(service, sent, "PATCH", "It was fine.").json()["comment"]["revision"] == 2, "the same text is no edit"


def test_the_text_before_is_kept_for_moderators_and_shown_to_nobody_else(
    service: Service, stores: DynamoStores, site: Site, sent: Any, mine: str
) -> None:
    hand(service, sent, "PATCH", "It was fine.")
    keys = stores.connection.keys
    kept = stores.connection.get(keys.comment(mine), "R#0000001")
    assert kept
    assert kept["text"] == "It was fien."
    site.decide(mine, "approve", revision=2)
    for where in (path(ARTICLE), f"{path(ARTICLE)}/comments", f"{path(ARTICLE)}/feed.atom"):
        assert "fien" not in service.request("GET", where).text


def test_a_comment_too_long_for_the_policy_is_refused(service: Service, site: Site, sent: Any) -> None:
    site.policy({"max_length": 20})
    answer = hand(service, sent, "PATCH", "a" * 21)
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "/text")


@pytest.mark.parametrize(("method", "text"), [("PATCH", "It was fine."), ("DELETE", None)])
def test_the_same_answer_comes_again_and_is_what_the_author_then_reads(
    service: Service, sent: Any, method: str, text: str | None
) -> None:
    answers = [hand(service, sent, method, text, **{"Idempotency-Key": "once"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text == hand(service, sent, "GET").text


def test_a_text_approved_too_late_is_not_published_where_the_new_one_is_public(service: Service, site: Site) -> None:
    site.policy({"mode": "open"})
    sent = site.comment(ARTICLE, "The first text.")
    comment_id = sent["comment"]["id"]
    service.request("POST", f"/v1/comments/{comment_id}/reports", json={"reason": "spam"})
    hand(service, sent, "PATCH", "The second text.")
    late = decide(service, comment_id, "approve", 1)
    assert (late.status, late.json()["code"]) == (409, "already_decided")
    assert [item["comment"]["id"] for item in site.queue(state="reported")["items"]] == [comment_id]
    assert decide(service, comment_id, "approve", 2).status == 200
    assert [comment["text"] for comment in site.thread(ARTICLE)["comments"]] == ["The second text."]


def test_what_was_deleted_long_ago_and_is_said_again_waits_for_a_person(
    service: Service, stores: DynamoStores, site: Site
) -> None:
    site.policy({"mode": "open"})
    sent = site.comment(ARTICLE, "Said, deleted, and said again.")
    comment_id, token = sent["comment"]["id"], {"Afterword-Reader": sent["reader"]}
    service.request("PUT", f"/v1/comments/{comment_id}/vote")
    service.request("POST", f"/v1/comments/{comment_id}/reports", json={"reason": "abuse"})
    assert hand(service, sent, "DELETE").status == 200
    keys = stores.connection.keys
    step = stores.connection.change(keys.comment(comment_id), "P", "SET #ttl = :past", past=1)
    stores.connection.transact([step])
    body = {"text": "Said, deleted, and said again.", "consent": True}
    again = service.request("POST", f"{path(ARTICLE)}/comments", json=body, headers=token)
    assert (again.status, again.json()["status"], again.json()["comment"]["id"]) == (202, "pending", comment_id)
    site.decide(comment_id, "approve")
    (comment,) = site.thread(ARTICLE)["comments"]
    assert comment["votes"] == 1
    assert site.queue(state="reported")["items"] == []
