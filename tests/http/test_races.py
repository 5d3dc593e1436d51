import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import Answer, Service
from tests.faults import counted, injected
from tests.http.conftest import Site, path, reader

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("engine")

UNSURE = {
    ("TransactWriteItems", "lost"): 0.15,
    ("TransactWriteItems", "conflict"): 0.15,
    ("TransactWriteItems", "throttle"): 0.05,
    ("*", "internal"): 0.03,
}
TRIES = 8


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(max_workers=40) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def insist(service: Service, method: str, where: str, **how: Any) -> Answer:
    """Send a request until it is answered, as a good client does: with the same key each time."""
    headers = {"Idempotency-Key": secrets.token_hex(8), **how.pop("headers", {})}
    for _ in range(TRIES):
        answer = service.request(method, where, headers=headers, **how)
        if answer.status != 503:
            return answer
        assert answer.headers["retry-after"]
    return answer


def test_forty_readers_at_once_are_forty_ratings(service: Service, site: Site, table_client: "DynamoDBClient") -> None:
    stars = [number % 5 + 1 for number in range(40)]
    with injected(table_client, UNSURE, seed=40) as faults:
        answers = at_once(
            [
                lambda number=number: insist(service, "PUT", f"{path('race')}/rating", json={"stars": number})
                for number in stars
            ]
        )
    assert sum(faults.injected.values()) > 20, "the faults did not strike"
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json()["reader"] for answer in answers}) == 40
    tally = site.thread("race")["tally"]
    assert tally["count"] == 40
    assert tally["histogram"] == {str(number): 8 for number in range(1, 6)}


def test_one_reader_twenty_times_at_once_is_one_rating(
    service: Service, site: Site, table_client: "DynamoDBClient"
) -> None:
    token = site.rate("race", 3)["reader"]
    with injected(table_client, UNSURE, seed=20):
        answers = at_once(
            [
                lambda n=n: insist(
                    service, "PUT", f"{path('race')}/rating", json={"stars": n % 5 + 1}, headers=reader(token)
                )
                for n in range(20)
            ]
        )
    assert {answer.status for answer in answers} == {200}
    tally = site.thread("race")["tally"]
    assert tally["count"] == sum(tally["histogram"].values()) == 1
    assert min(tally["histogram"].values()) == 0


def test_the_same_first_write_twenty_times_at_once_is_one_reader(service: Service, site: Site) -> None:
    key = {"Idempotency-Key": "the-same"}
    answers = at_once([lambda: service.request("PUT", f"{path('race')}/rating", json={"stars": 4}, headers=key)] * 20)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert site.thread("race")["tally"]["count"] == 1


def test_one_comment_sent_many_times_is_one_comment(
    service: Service, site: Site, table_client: "DynamoDBClient"
) -> None:
    body = {"text": "Said once, sent often, and long enough to compare.", "consent": True}
    key = {"Idempotency-Key": "comment-once"}
    with injected(table_client, {("TransactWriteItems", "lost"): 0.4, ("*", "throttle"): 0.1}, seed=7):
        answers = at_once([lambda: insist(service, "POST", f"{path('race')}/comments", json=body, headers=key)] * 12)
    assert {answer.status for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    (item,) = site.queue()["items"]
    assert item["author"]["comments"] == 1


def test_of_two_moderators_one_wins_and_the_other_learns_who(service: Service, site: Site) -> None:
    for number in range(8):
        comment_id = site.comment("race", f"Comment number {number} waits.")["comment"]["id"]
        where = f"/v1/admin/comments/{comment_id}/decision"
        answers = at_once(
            [
                lambda action=action, where=where: service.request(
                    "POST", where, json={"action": action, "revision": 1}, headers=service.owner
                )
                for action in ("approve", "approve")
            ]
        )
        assert Counter(answer.status for answer in answers) == {200: 1, 409: 1}
        lost = next(answer for answer in answers if answer.status == 409).json()
        assert lost["code"] == "already_decided"
        assert "approved by owner at 20" in lost["detail"]
        assert site.done_to(comment_id) == ["approve"]


def test_an_undo_that_meets_a_decision_writes_over_nothing(service: Service, site: Site) -> None:
    for number in range(8):
        comment_id = site.comment("race", f"Undone at once, number {number}.")["comment"]["id"]
        made = site.decide(comment_id, "approve")["decision"]["id"]
        where, ruling = f"/v1/admin/comments/{comment_id}/decision", {"action": "reject", "revision": 1}
        undone, rejected = at_once(
            [
                lambda made=made: service.request(
                    "POST", "/v1/admin/undo", json={"decision_id": made}, headers=service.owner
                ),
                lambda where=where, ruling=ruling: service.request("POST", where, json=ruling, headers=service.owner),
            ]
        )
        # The rejection may follow the undo; an undo never follows the rejection.
        done = [*(["undo"] if undone.status == 200 else []), *(["reject"] if rejected.status == 200 else [])]
        assert site.done_to(comment_id) == ["approve", *done]
        assert {undone.status, rejected.status} <= {200, 409}
        assert site.case(comment_id)["state"] == ("rejected" if rejected.status == 200 else "pending")
        assert site.thread("race")["comments"] == []


def test_decisions_whose_answers_get_lost_count_once(
    service: Service, site: Site, table_client: "DynamoDBClient"
) -> None:
    root = site.publish("race", "The root of it all.")
    ids = [root, *(site.comment("race", f"Reply {n}", parent_id=root)["comment"]["id"] for n in range(3))]

    def decide(comment_id: str) -> None:
        for action in ("approve", "reject", "approve", "spam", "restore", "approve"):
            body = {"action": action, "revision": 1}
            answer = insist(
                service, "POST", f"/v1/admin/comments/{comment_id}/decision", json=body, headers=service.owner
            )
            assert answer.status in {200, 409}, answer.text

    with injected(table_client, UNSURE, seed=5):
        at_once([lambda comment_id=comment_id: decide(comment_id) for comment_id in ids])
    thread = site.thread("race")
    public = [comment["id"] for comment in site.pages("race", sort="oldest")]
    assert sorted(public) == sorted(ids)
    assert thread["comments_count"] == 4
    (author,) = {str(item["author"]) for item in site.queue(state="approved", article="race")["items"][:1]}
    assert "'approved': 1" in author
    log = site.ok("GET", "/v1/admin/audit", headers=service.owner)["items"]
    assert len(log) == len({entry["id"] for entry in log})
    for comment_id in ids:
        moves = [(entry["from"], entry["to"]) for entry in reversed(log) if entry["comment_id"] == comment_id]
        assert all(before[1] == after[0] for before, after in pairwise(moves)), moves


def test_calls_stay_within_the_budget(site: Site, table_client: "DynamoDBClient") -> None:
    token = site.rate("other", 3)["reader"]
    site.comment("budget", "Warm up the lists and the key of the day.")
    site.thread("budget")

    def calls(act: Callable[[], Any]) -> int:
        with counted(table_client) as counter:
            act()
        return counter.total()

    assert calls(lambda: site.thread("budget")) == 1
    assert calls(lambda: site.rate("budget", 5, token)) == 2
    assert calls(lambda: site.rate("budget", 4, token)) == 2
    assert calls(lambda: site.rate("budget", None, token)) == 2
    assert calls(lambda: site.comment("budget", "A pending comment of a known reader.", token)) <= 4
    waiting = site.queue()["items"][0]["comment"]["id"]
    assert calls(lambda: site.decide(waiting, "approve")) == 2
    assert calls(lambda: site.ok("GET", "/v1/counts", query={"id": [f"a{n}" for n in range(100)]})) == 1


def test_a_table_that_is_away_is_503_and_nothing_is_lost(
    service: Service, site: Site, table_client: "DynamoDBClient"
) -> None:
    site.rate("away", 5)
    writes = (("PUT", "/rating", {"stars": 1}), ("POST", "/comments", {"text": "Hello there", "consent": True}))
    with injected(table_client, {("*", "away"): 1.0}):
        for method, tail, body in (("GET", "", None), ("GET", "/comments", None), *writes):
            answer = service.request(method, path("away") + tail, json=body)
            assert (answer.status, answer.json()["code"]) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) >= 1
        assert service.request("GET", "/health").status == 503
        assert service.request("GET", "/v1/admin/queue", headers=service.owner).status == 503
    assert site.thread("away")["tally"]["count"] == 1
    assert service.request("GET", "/health").status == 200


def test_limits_that_cannot_be_asked_hold_comments(
    service: Service, site: Site, table_client: "DynamoDBClient"
) -> None:
    site.policy({"mode": "open"})
    assert site.comment("held", "Published at once.")["status"] == "approved"
    with injected(table_client, {("UpdateItem", "away"): 1.0}):
        assert site.comment("held", "Held, because the limits are away.")["status"] == "pending"
    (item,) = site.queue()["items"]
    assert "limits" in {finding["check"] for finding in item["verdict"]["findings"]}
    with injected(table_client, {("UpdateItem", "away"): 1.0}):
        assert service.request("PUT", f"{path('held')}/rating", json={"stars": 5}).status == 503
