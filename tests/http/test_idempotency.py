from typing import Any

import pytest

from tests.conftest import Service
from tests.http.conftest import Site, path, reader

KEY = {"Idempotency-Key": "one-key"}
COMMENT = {"text": "Said once.", "consent": True}
RATING, COMMENTS = f"{path('once')}/rating", f"{path('once')}/comments"


@pytest.mark.parametrize(
    ("method", "where", "body"), [("PUT", RATING, {"stars": 5}), ("DELETE", RATING, None), ("POST", COMMENTS, COMMENT)]
)
def test_a_readers_write_sent_again_is_answered_alike(service: Service, method: str, where: str, body: Any) -> None:
    first = service.request(method, where, json=body, headers=KEY)
    again = service.request(method, where, json=body, headers=KEY)
    assert (again.status, again.json()) == (first.status, first.json())
    assert first.json()["reader"]


def test_an_answer_stays_the_same_though_the_world_went_on(service: Service, site: Site) -> None:
    first = service.request("PUT", RATING, json={"stars": 5}, headers=KEY).json()
    token = first["reader"]
    site.rate("once", 1, token)
    site.rate("once", 2)
    assert service.request("PUT", RATING, json={"stars": 5}, headers=KEY).json() == first
    assert site.thread("once")["tally"]["histogram"] == {"1": 1, "2": 1, "3": 0, "4": 0, "5": 0}


def test_a_comment_answered_before_stays_pending_in_the_answer(service: Service, site: Site) -> None:
    first = service.request("POST", COMMENTS, json=COMMENT, headers=KEY)
    site.decide(first.json()["comment"]["id"], "approve")
    again = service.request("POST", COMMENTS, json=COMMENT, headers=KEY)
    assert (again.status, again.json()) == (202, first.json())


def test_another_request_under_the_same_key_is_refused(service: Service, site: Site) -> None:
    service.request("PUT", RATING, json={"stars": 5}, headers=KEY)
    for method, where, body in (("PUT", RATING, {"stars": 4}), ("DELETE", RATING, None), ("POST", COMMENTS, COMMENT)):
        answer = service.request(method, where, json=body, headers=KEY)
        assert (answer.status, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert site.thread("once")["tally"]["histogram"]["5"] == 1
    assert site.queue()["items"] == []


def test_keys_of_two_readers_do_not_meet(service: Service, site: Site) -> None:
    ann, bob = (site.rate("other", 3)["reader"] for _ in range(2))
    for token, stars in ((ann, 5), (bob, 1)):
        answer = service.request("PUT", RATING, json={"stars": stars}, headers={**KEY, **reader(token)})
        assert (answer.status, answer.json()["mine"]) == (200, stars)
    stranger = service.request("PUT", RATING, json={"stars": 2}, headers=KEY, ip="198.51.100.1").json()
    other = service.request("PUT", RATING, json={"stars": 2}, headers=KEY, ip="192.0.2.1").json()
    assert len({ann, bob, stranger["reader"], other["reader"]}) == 4
    assert site.thread("once")["tally"]["count"] == 4


def test_the_same_words_in_the_same_place_are_one_comment_without_a_key(service: Service, site: Site) -> None:
    token = site.rate("other", 3)["reader"]
    first = service.request("POST", COMMENTS, json=COMMENT, headers=reader(token))
    again = service.request("POST", COMMENTS, json=COMMENT, headers=reader(token))
    assert (again.status, again.json()) == (first.status, first.json())
    site.decide(first.json()["comment"]["id"], "reject")
    refused = service.request("POST", COMMENTS, json=COMMENT, headers=reader(token))
    assert (refused.status, refused.json()["code"]) == (409, "already_submitted")


def test_a_moderators_write_sent_again_is_answered_alike(service: Service, site: Site) -> None:
    comment_id = site.comment("once", "Waits.")["comment"]["id"]
    where = f"/v1/admin/comments/{comment_id}/decision"
    headers = {**KEY, **service.owner}
    body = {"action": "approve", "revision": 1, "note": "fine"}
    first = service.request("POST", where, json=body, headers=headers)
    again = service.request("POST", where, json=body, headers=headers)
    assert (first.status, again.status, again.json()) == (200, 200, first.json())
    assert service.request("POST", where, json={**body, "note": "x"}, headers=headers).status == 422
    patch = {"mode": "open"}
    key = {"Idempotency-Key": "policy", **service.owner}
    for _ in range(2):
        assert service.request("PATCH", "/v1/admin/policy", json=patch, headers=key).json()["mode"] == "open"
    assert len(site.ok("GET", "/v1/admin/audit", headers=service.owner)["items"]) == 2
