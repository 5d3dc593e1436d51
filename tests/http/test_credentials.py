"""Who may do what: every admin route asks for the owner's token, wherever else a token may turn up."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.routes.endpoint import Endpoint
from tests.conftest import Service
from tests.http.conftest import Site, path, reader, registered
from tests.http.test_hostile_bodies import GOOD

Items = Callable[[], dict[tuple[str, str], Any]]

JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"none","typ":"JWT"}', b'{"role":"owner","sub":"owner"}', b"")
)
WRONG = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer  ",
    "Bearer null",
    "Bearer undefined",
    f"Bearer {JWT}",
    "Bearer ünïcode",
    "Bearer \udcff",
    "Bearer a, Bearer b",
    "Basic b3duZXI6b3duZXI=",
    "Token x",
    "owner",
    "x" * 5000,
)


def admin(service: Service) -> list[Endpoint]:
    return [each for each in registered(service) if each.path.startswith("/v1/admin")]


def sent(endpoint: Endpoint, comment_id: str) -> tuple[str, str, bytes | None]:
    """Return method, path and a body that the endpoint would take from the owner."""
    body = json.dumps(GOOD[endpoint.name]).encode() if endpoint.body is not None else None
    where = endpoint.path.replace("{comment_id}", comment_id).replace("{article_id}", "guarded")
    return endpoint.method, where, body


@pytest.fixture
def waiting(site: Site) -> str:
    comment_id: str = site.comment("guarded", "An honest comment that waits.")["comment"]["id"]
    return comment_id


def test_admin_routes_and_only_they_are_for_moderators(service: Service) -> None:
    guarded = {(each.method, each.path) for each in registered(service) if each.access == "moderator"}
    assert guarded == {(each.method, each.path) for each in admin(service)}
    assert len(guarded) >= 12


def test_every_admin_route_takes_the_owners_token(service: Service, waiting: str) -> None:
    for endpoint in admin(service):
        method, where, body = sent(endpoint, waiting)
        answer = service.request(method, where, body=body, headers=service.owner)
        # Nobody has made the decision that would be undone: what matters is that the owner is let in.
        assert answer.status == (404 if endpoint.name == "post_undo" else 200), (endpoint.name, answer.text)


@pytest.mark.parametrize("authorization", WRONG, ids=range(len(WRONG)))
def test_wrong_credentials_are_401_and_change_nothing(
    service: Service, waiting: str, items: Items, authorization: str
) -> None:
    before = items()
    for endpoint in admin(service):
        method, where, body = sent(endpoint, waiting)
        answer = service.request(method, where, body=body, headers={"Authorization": authorization})
        assert (answer.status, answer.json()["code"]) == (401, "not_signed_in"), endpoint.name
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["cache-control"] == "no-store"
    assert items() == before


def test_tokens_that_are_nearly_the_owners_are_wrong(service: Service, site: Site) -> None:
    right = service.owner["Authorization"].removeprefix("Bearer ")
    edit = site.comment("guarded", "Mine.")["edit_token"]
    for token in (right[:-1], right + "x", right.swapcase(), right[::-1], f'"{right}"', f"{right},{right}", edit):
        answer = service.request("GET", "/v1/admin/policy", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 401, token


def test_the_token_counts_in_its_header_only(service: Service, waiting: str, items: Items) -> None:
    before = items()
    token = service.owner["Authorization"].removeprefix("Bearer ")
    for endpoint in admin(service):
        method, where, body = sent(endpoint, waiting)
        elsewhere = {"Cookie": f"token={token}", "X-Authorization": f"Bearer {token}", **reader(token)}
        for query in ({"token": token}, {"access_token": token}, {"Authorization": f"Bearer {token}"}):
            assert service.request(method, where, body=body, query=query).status == 401
            answer = service.request(method, where, body=body, query=query, headers=service.owner)
            assert answer.status == 422, "an address is written into logs, so it takes no token, right as it may be"
            assert token not in answer.text
        assert service.request(method, where, body=body, headers=elsewhere).status == 401
    assert items() == before


def test_strangers_learn_nothing_about_what_is_there(service: Service, waiting: str) -> None:
    def refusal(comment_id: str) -> tuple[int, Any]:
        answer = service.request("GET", f"/v1/admin/comments/{comment_id}")
        return answer.status, {**answer.json(), "request_id": ""}

    assert refusal(waiting) == refusal("0" * 26) == refusal("not-an-id")
    for body in (b"", b"{", b"x" * 70_000):
        assert service.request("PATCH", "/v1/admin/policy", body=body).status == 401


def test_the_owners_token_makes_nobody_a_reader(service: Service) -> None:
    answer = service.request("PUT", f"{path('a')}/rating", json={"stars": 5}, headers=service.owner)
    assert answer.json()["reader"]
    assert answer.json()["reader"] != service.owner["Authorization"]


def test_a_readers_token_is_bound_to_reading(service: Service, site: Site, items: Items) -> None:
    """Every token is signed for one purpose: none can stand in for another."""
    comment = site.comment("guarded", "Tokens of all kinds.")
    for number in range(2):
        site.publish("guarded", f"Another {number}.")
    thread = site.thread("guarded")
    cursor = site.ok("GET", f"{path('guarded')}/comments", query={"limit": 1})["next"]
    before = items()
    for token in (comment["edit_token"], thread["form"], cursor):
        answer = service.request("PUT", f"{path('a')}/rating", json={"stars": 5}, headers=reader(token))
        assert (answer.status, answer.json()["code"]) == (401, "reader_token_invalid")
    for token in (comment["edit_token"], thread["form"], comment["reader"]):
        answer = service.request("GET", f"{path('guarded')}/comments", query={"cursor": token})
        assert (answer.status, answer.json()["code"]) == (422, "cursor_invalid")
    assert items() == before
