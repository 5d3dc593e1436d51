from typing import Any

import pytest

from chalicelib.audit import chained
from chalicelib.dynamodb import DynamoStores
from tests.conftest import Answer, Service
from tests.faults import counted, injected
from tests.http.conftest import EXACT, Site, edit_token, path, reader

ARTICLE = EXACT

pytestmark = pytest.mark.usefixtures("engine", "exact_counts")

WAYS = {
    "pending": (),
    "approved": ("approve",),
    "rejected": ("reject",),
    "spam": ("spam",),
    "deleted": ("delete",),
}
MOVES = [
    *[("pending", action) for action in ("approve", "reject", "spam", "delete")],
    *[("approved", action) for action in ("reject", "spam", "delete")],
    *[("rejected", action) for action in ("approve", "spam", "restore", "delete")],
    *[("spam", action) for action in ("approve", "reject", "restore", "delete")],
    ("deleted", "restore"),
]


def undo(service: Service, decision: Any, **headers: str) -> Answer:
    body = {"decision_id": decision["id"] if isinstance(decision, dict) else decision}
    return service.request("POST", "/v1/admin/undo", json=body, headers={**service.owner, **headers})


def case(site: Site, comment_id: str) -> Any:
    return site.ok("GET", f"/v1/admin/comments/{comment_id}", headers=site.service.owner)


def without_history(file: Any) -> Any:
    return {name: value for name, value in file.items() if name != "history"}


@pytest.mark.parametrize(("state", "action"), MOVES)
def test_every_move_can_be_undone_as_if_it_had_not_been(site: Site, service: Service, state: str, action: str) -> None:
    comment_id = site.comment(ARTICLE, "To and fro.")["comment"]["id"]
    for way in WAYS[state]:
        site.decide(comment_id, way)
    before, page = case(site, comment_id), site.thread(ARTICLE)["comments"]
    decision = site.decide(comment_id, action)["decision"]
    answer = undo(service, decision)
    back = answer.json()
    assert (answer.status, back["comment"]["state"]) == (200, state)
    made = back["decision"]
    assert (made["action"], made["from"], made["to"], made["note"]) == ("undo", decision["to"], state, decision["id"])
    assert without_history(case(site, comment_id)) == without_history(before)
    assert site.thread(ARTICLE)["comments"] == page
    last, last_but_one = site.ok("GET", "/v1/admin/audit", query={"limit": 2}, headers=service.owner)["items"]
    assert (last["id"], last["undone"]) == (made["id"], False)
    assert (last_but_one["id"], last_but_one["undone"]) == (decision["id"], True)


def test_votes_and_reports_come_back_too(site: Site, service: Service) -> None:
    comment_id = site.publish(ARTICLE, "Liked by some, reported by one.")
    service.request("PUT", f"/v1/comments/{comment_id}/vote")
    service.request("POST", f"/v1/comments/{comment_id}/reports", json={"reason": "abuse"})
    before = case(site, comment_id)
    for action in ("approve", "reject"):
        assert undo(service, site.decide(comment_id, action)["decision"]).status == 200
        assert without_history(case(site, comment_id)) == without_history(before)
    assert site.thread(ARTICLE)["comments"][0]["votes"] == 1
    assert [item["comment"]["id"] for item in site.queue(state="reported")["items"]] == [comment_id]


def test_what_happened_since_is_never_undone(site: Site, service: Service) -> None:
    sent = site.comment(ARTICLE, "Much happens to it.")
    comment_id = sent["comment"]["id"]
    first = site.decide(comment_id, "reject")["decision"]
    site.decide(comment_id, "approve")
    late = undo(service, first)
    assert (late.status, late.json()["code"]) == (409, "already_decided")
    assert "approved by owner at 20" in late.json()["detail"]
    token = site.rate("elsewhere", 3)["reader"]
    kept = case(site, comment_id)["history"][-1]
    reports = f"/v1/comments/{comment_id}/reports"
    service.request("POST", reports, json={"reason": "spam"}, headers=reader(token))
    assert undo(service, kept).status == 409, "it was reported since"
    answered = site.decide(comment_id, "approve")["decision"]
    service.request("DELETE", reports, headers=reader(token))
    assert undo(service, answered).status == 409, "the report that would come back is gone"
    again = site.decide(comment_id, "reject")["decision"]
    body = {"text": "Another text."}
    service.request("PATCH", f"/v1/comments/{comment_id}", json=body, headers=edit_token(sent["edit_token"]))
    assert undo(service, again).status == 409, "it was edited since"
    assert site.thread(ARTICLE)["comments"] == []


def test_an_undo_is_not_undone_and_not_done_twice(site: Site, service: Service) -> None:
    comment_id = site.comment(ARTICLE, "Once is enough.")["comment"]["id"]
    decision = site.decide(comment_id, "approve")["decision"]
    key = {"Idempotency-Key": "one-undo"}
    first, again = undo(service, decision, **key), undo(service, decision, **key)
    assert (first.status, first.json()) == (again.status, again.json())
    assert undo(service, decision).status == 409
    assert undo(service, first.json()["decision"]).status == 409
    assert site.done_to(comment_id) == ["approve", "undo"]


def test_what_is_no_decision_on_a_comment_is_refused(site: Site, service: Service) -> None:
    assert undo(service, "0" * 18).status == 404
    for odd in ("z" * 18, "i" * 18, "0" * 17, ""):
        answer = undo(service, odd)
        assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "/decision_id"), odd
    site.policy({"trust_after": 9})
    (change,) = site.ok("GET", "/v1/admin/audit", headers=service.owner)["items"]
    answer = undo(service, change)
    assert (answer.status, answer.json()["code"]) == (409, "move_not_allowed")


def test_the_chain_holds_over_an_undo(site: Site, service: Service, stores: DynamoStores) -> None:
    comment_id = site.comment(ARTICLE, "Chained.")["comment"]["id"]
    undo(service, site.decide(comment_id, "spam")["decision"])
    site.decide(comment_id, "approve")
    previous = None
    for decision in case(site, comment_id)["history"]:
        entry = stores.moderation.entry(decision["id"])
        assert entry
        assert (entry.previous, entry.hash) == (previous, chained(previous, entry.decision, entry.circumstances))
        previous = entry.hash


def test_an_undo_whose_answer_is_lost_is_done_once(site: Site, service: Service, table_client: Any) -> None:
    comment_id = site.comment(ARTICLE, "Lost and found.")["comment"]["id"]
    decision = site.decide(comment_id, "approve")["decision"]
    with injected(table_client, {("TransactWriteItems", "lost"): 0.7, ("TransactWriteItems", "conflict"): 0.2}, seed=4):
        assert undo(service, decision).status == 200
    assert site.done_to(comment_id) == ["approve", "undo"]
    assert site.thread(ARTICLE)["comments_count"] == 0


def bulk(service: Service, items: list[dict[str, Any]], **headers: str) -> Answer:
    sent = {**service.owner, **headers}
    return service.request("POST", "/v1/admin/decisions", json={"items": items}, headers=sent)


def test_of_many_decisions_each_has_its_own_result(site: Site, service: Service) -> None:
    good = [site.comment(ARTICLE, f"Comment number {number}.")["comment"]["id"] for number in range(3)]
    edited = site.comment(ARTICLE, "Will be edited.")
    body = {"text": "Was edited."}
    edited_id = edited["comment"]["id"]
    service.request("PATCH", f"/v1/comments/{edited_id}", json=body, headers=edit_token(edited["edit_token"]))
    wanted = [*good, good[0], edited_id, "0" * 26]
    answer = bulk(service, [{"comment_id": each, "action": "approve", "revision": 1} for each in wanted])
    results = answer.json()["items"]
    assert [each["comment_id"] for each in results] == wanted
    assert [each["status"] for each in results] == [200, 200, 200, 409, 409, 404]
    assert [each["decision"] is None for each in results] == [False] * 3 + [True] * 3
    assert "revision 2, you saw revision 1" in results[4]["problem"]["detail"]
    assert {comment["id"] for comment in site.thread(ARTICLE)["comments"]} == set(good)


def test_many_decisions_sent_again_are_the_same_ones(site: Site, service: Service) -> None:
    ids = [site.comment(ARTICLE, f"Comment number {number}.")["comment"]["id"] for number in range(4)]
    items = [{"comment_id": each, "action": "reject", "revision": 1, "reason": "off topic"} for each in ids]
    key = {"Idempotency-Key": "one-bulk"}
    first, again = bulk(service, items, **key).json(), bulk(service, items, **key).json()
    assert first == again
    assert {each["status"] for each in first["items"]} == {200}
    assert len(site.ok("GET", "/v1/admin/audit", headers=service.owner)["items"]) == 4


def test_in_many_decisions_on_one_comment_each_follows_the_one_before(site: Site, service: Service) -> None:
    comment_id = site.comment(ARTICLE, "To and fro.")["comment"]["id"]
    moves = ("approve", "reject", "approve", "approve", "delete")
    answer = bulk(service, [{"comment_id": comment_id, "action": action, "revision": 1} for action in moves])
    assert [each["status"] for each in answer.json()["items"]] == [200, 200, 200, 409, 200]
    assert site.done_to(comment_id) == ["approve", "reject", "approve", "delete"]


def undo_many(service: Service, decision_ids: list[str], **headers: str) -> Answer:
    sent = {**service.owner, **headers}
    return service.request("POST", "/v1/admin/undo", json={"decision_ids": decision_ids}, headers=sent)


def test_many_decisions_are_taken_back_as_one(site: Site, service: Service) -> None:
    ids = [site.comment(ARTICLE, f"Comment number {number}.")["comment"]["id"] for number in range(4)]
    made = bulk(service, [{"comment_id": each, "action": "approve", "revision": 1} for each in ids]).json()["items"]
    decisions = [each["decision"]["id"] for each in made]
    service.request("POST", f"/v1/comments/{ids[2]}/reports", json={"reason": "abuse"})
    site.decide(ids[3], "reject")
    key = {"Idempotency-Key": "undo-many"}
    wanted = [*decisions, "0" * 18, decisions[0]]
    first, again = undo_many(service, wanted, **key), undo_many(service, wanted, **key)
    results = first.json()["items"]
    assert [(each["status"], each["decision"]) for each in again.json()["items"]] == [
        (each["status"], each["decision"]) for each in results
    ]
    assert [each["decision_id"] for each in results] == wanted
    assert [each["status"] for each in results] == [200, 200, 409, 409, 404, 409]
    assert "rejected by owner" in results[3]["problem"]["detail"]
    states = [site.case(each)["state"] for each in ids]
    assert states == ["pending", "pending", "approved", "rejected"], "what happened since is never written over"


@pytest.mark.parametrize(
    "body",
    [{}, {"decision_ids": []}, {"decision_ids": ["0" * 18] * 101}, {"decision_ids": ["z" * 18]},
     {"decision_id": "0" * 18, "decision_ids": ["0" * 18]}, {"decision_ids": [1]}, {"decision_ids": "0" * 18},
     {"decision_ids": None}],
)  # fmt: skip
def test_what_names_no_decisions_is_refused(service: Service, body: Any) -> None:
    answer = service.request("POST", "/v1/admin/undo", json=body, headers=service.owner)
    assert (answer.status, answer.json()["code"]) == (422, "invalid")


def test_a_hundred_decisions_take_little_more_than_a_hundred_calls_and_so_does_undoing_them(
    site: Site, service: Service, table_client: Any
) -> None:
    site.policy({"limits": {"comments": None}})
    ids = [site.comment(ARTICLE, f"Comment number {number}.")["comment"]["id"] for number in range(100)]
    with counted(table_client) as calls:
        answer = bulk(service, [{"comment_id": each, "action": "approve", "revision": 1} for each in ids])
    results = answer.json()["items"]
    assert {each["status"] for each in results} == {200}
    assert calls == {"BatchGetItem": 2, "TransactWriteItems": 100}
    assert service.request("GET", path(ARTICLE)).json()["comments_count"] == 100
    key = {"Idempotency-Key": "a-hundred"}
    with counted(table_client) as calls:
        undone = undo_many(service, [each["decision"]["id"] for each in results], **key)
    assert {each["status"] for each in undone.json()["items"]} == {200}
    assert calls == {"BatchGetItem": 5, "TransactWriteItems": 100}
    assert service.request("GET", path(ARTICLE)).json()["comments_count"] == 0
    assert bulk(service, []).status == 422
    one = {"comment_id": ids[0], "action": "reject", "revision": 1}
    assert bulk(service, [one] * 101).status == 422
