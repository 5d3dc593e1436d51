from typing import Any

import pytest

from tests.conftest import Answer, Service
from tests.http.conftest import EXACT, Site, path, reader

ARTICLE = EXACT

pytestmark = pytest.mark.usefixtures("engine", "exact_counts")


@pytest.fixture
def public(site: Site) -> str:
    return site.publish(ARTICLE, "A comment to vote for.")


@pytest.fixture
def token(site: Site) -> str:
    known: str = site.rate("elsewhere", 3)["reader"]
    return known


def vote(service: Service, comment_id: str, token: str | None = None, method: str = "PUT", **how: Any) -> Answer:
    headers = {**reader(token), **how.pop("headers", {})}
    return service.request(method, f"/v1/comments/{comment_id}/vote", headers=headers, **how)


def test_a_reader_votes_once_and_takes_it_back(service: Service, public: str, token: str) -> None:
    for method, votes in (("PUT", 1), ("PUT", 1), ("DELETE", 0), ("DELETE", 0), ("PUT", 1)):
        answer = vote(service, public, token, method)
        assert (answer.status, answer.json()) == (200, {"votes": votes})


def test_a_new_reader_is_minted_once(service: Service, public: str) -> None:
    first = vote(service, public).json()
    assert first["votes"] == 1
    assert vote(service, public, first["reader"]).json() == {"votes": 1}
    assert vote(service, public).json()["votes"] == 2


def test_the_same_first_vote_sent_again_is_one_reader(service: Service, public: str) -> None:
    key = {"Idempotency-Key": "one-vote"}
    first, again = (vote(service, public, headers=key).json() for _ in range(2))
    assert first == again
    assert (first["votes"], bool(first["reader"])) == (1, True)
    other = vote(service, public, method="DELETE", headers=key)
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")


def test_what_is_not_public_cannot_be_told_from_what_is_not_there(service: Service, site: Site, token: str) -> None:
    waits = site.comment(ARTICLE, "Still waits.")["comment"]["id"]
    rejected = site.publish(ARTICLE, "Was public.")
    site.decide(rejected, "reject")
    answers = [vote(service, each, token) for each in (waits, rejected, "0" * 26)]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.json()["detail"] for answer in answers}) == 1


def test_votes_come_back_with_their_comment(service: Service, site: Site, public: str, token: str) -> None:
    vote(service, public, token)
    vote(service, public)
    for away in ("reject", "spam"):
        site.decide(public, away)
        site.decide(public, "approve" if away == "reject" else "restore")
    site.decide(public, "approve")
    (comment,) = site.thread(ARTICLE)["comments"]
    assert comment["votes"] == 2
    assert vote(service, public, token, "DELETE").json() == {"votes": 1}


def test_best_first_is_by_votes_and_then_the_newest(service: Service, site: Site) -> None:
    said = [site.publish(ARTICLE, f"Comment number {number}.") for number in range(4)]
    for number, comment_id in enumerate(said):
        for _ in range((3, 0, 7, 0)[number]):
            vote(service, comment_id)
    best = [comment["id"] for comment in site.pages(ARTICLE, sort="best", limit=1)]
    assert best == [said[2], said[0], said[3], said[1]]


def test_a_thread_is_sent_again_when_votes_changed(service: Service, public: str, token: str) -> None:
    def tag() -> str:
        return service.request("GET", path(ARTICLE)).headers["etag"]

    before = tag()
    vote(service, public, token)
    after = tag()
    assert after != before
    assert service.request("GET", path(ARTICLE), headers={"If-None-Match": after}).status == 304
    vote(service, public, token, "DELETE")
    assert service.request("GET", path(ARTICLE), headers={"If-None-Match": after}).status == 200


def test_a_form_votes_and_takes_back(service: Service, site: Site, public: str, token: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": "https://site.example/a"}
    for body, votes in (("_method=PUT", 1), ("_method=DELETE", 0)):
        answer = vote(service, public, token, "POST", body=body, headers=headers)
        assert (answer.status, answer.headers["location"]) == (303, "https://site.example/a#afterword-voted")
        assert site.thread(ARTICLE)["comments"][0]["votes"] == votes


def test_too_many_votes_are_too_many(service: Service, site: Site, public: str, token: str) -> None:
    site.policy({"limits": {"votes": {"reader": {"count": 2, "seconds": 600}}}})
    answers = [vote(service, public, token, method) for method in ("PUT", "DELETE", "PUT")]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_an_answer_given_once_more_uses_up_nothing(service: Service, site: Site, public: str, token: str) -> None:
    once = {"reader": {"count": 1, "seconds": 600}}
    site.policy({"limits": dict.fromkeys(("votes", "ratings", "reports"), once)})
    asked: list[tuple[str, str, Any]] = [
        ("PUT", f"/v1/comments/{public}/vote", None),
        ("PUT", f"{path(ARTICLE)}/rating", {"stars": 4}),
        ("POST", f"/v1/comments/{public}/reports", {"reason": "spam"}),
    ]
    for method, where, body in asked:
        headers = {**reader(token), "Idempotency-Key": f"once {where}"}
        answers = [service.request(method, where, json=body, headers=headers) for _ in range(3)]
        assert len({(answer.status, answer.text) for answer in answers}) == 1
        assert answers[0].status in {200, 202}
        assert service.request(method, where, json=body, headers=reader(token)).status == 429


def test_a_form_with_nothing_in_it_but_its_button_votes(service: Service, site: Site, public: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": "https://site.example/a"}
    assert vote(service, public, method="POST", body="", headers=headers).status == 303
    assert site.thread(ARTICLE)["comments"][0]["votes"] == 1
    for body in ("_method=PATCH", "_method=PUT&votes=9"):
        assert vote(service, public, method="POST", body=body, headers=headers).status == 422


def test_nothing_of_a_voter_is_in_a_public_answer(service: Service, public: str) -> None:
    token = vote(service, public).json()["reader"]
    for where in (path(ARTICLE), f"{path(ARTICLE)}/comments?sort=best", f"{path(ARTICLE)}/feed.atom"):
        assert token not in service.request("GET", where).text
    (comment,) = service.request("GET", path(ARTICLE)).json()["comments"]
    assert {name for name in comment if "vot" in name or "read" in name} == {"votes"}
