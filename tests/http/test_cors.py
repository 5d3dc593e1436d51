"""Which pages may read which answers, and which answers may be kept by caches on the way."""

from typing import Any

import pytest

from chalicelib.routes.endpoint import Endpoint
from tests.conftest import Answer, Service
from tests.http.conftest import Site, credentials, path, reader, registered
from tests.http.test_hostile_bodies import GOOD

ORIGIN = {"Origin": "https://pages.example"}
KEPT = {"get_thread", "get_feed", "get_comments", "get_counts", "get_openapi", "get_docs", "get_file"}
"""What is the same for everybody, and may be kept by anyone."""


def located(endpoint: Endpoint) -> str:
    """Return a path that the endpoint serves."""
    where = endpoint.path.replace("{article_id}", "cors").replace("{comment_id}", "0" * 26)
    where = where.replace("{file}", "docs.css")
    return where + ("?id=cors" if endpoint.name == "get_counts" else "")


def asked(service: Service, endpoint: Endpoint, headers: dict[str, str] | None = None) -> Answer:
    """Send what the endpoint takes."""
    sent: dict[str, Any] = {"json": GOOD[endpoint.name]} if endpoint.name in GOOD else {}
    return service.request(endpoint.method, located(endpoint), headers={**ORIGIN, **(headers or {})}, **sent)


def is_shared(endpoint: Endpoint) -> bool:
    return endpoint.path.startswith("/v1/") and not endpoint.path.startswith("/v1/admin")


def about_origins(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


def test_every_page_may_read_what_is_public_and_refusals_too(service: Service) -> None:
    for endpoint in filter(is_shared, registered(service)):
        for headers in ({}, {"Idempotency-Key": "x" * 256}, reader("not ours")):
            found = about_origins(asked(service, endpoint, headers))
            assert found["access-control-allow-origin"] == "*", endpoint.name
            assert "access-control-allow-credentials" not in found
            exposed = {name.strip() for name in found["access-control-expose-headers"].split(",")}
            assert exposed >= {"ETag", "Retry-After"}


def test_no_page_of_others_may_read_what_moderators_see(service: Service) -> None:
    for endpoint in registered(service):
        if not is_shared(endpoint):
            for headers in ({}, service.owner):
                assert about_origins(asked(service, endpoint, headers)) == {}, endpoint.name


def test_browsers_that_ask_first_hear_every_method_of_a_public_path(service: Service) -> None:
    every = registered(service)
    for where in {each.path for each in every if is_shared(each)}:
        methods = {each.method for each in every if each.path == where}
        wanted = {**ORIGIN, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
        answer = service.request(
            "OPTIONS", where.replace("{article_id}", "cors").replace("{comment_id}", "0" * 26), headers=wanted
        )
        found = about_origins(answer)
        assert answer.status == 200
        assert found["access-control-allow-origin"] == "*"
        assert set(found["access-control-allow-methods"].split(",")) >= methods
        allowed = {name.strip().lower() for name in found["access-control-allow-headers"].split(",")}
        assert allowed >= {"content-type", "afterword-reader", "idempotency-key"}
        assert int(found["access-control-max-age"]) >= 600


def test_browsers_that_ask_first_are_told_nothing_about_admin(service: Service) -> None:
    for endpoint in registered(service):
        if not is_shared(endpoint):
            answer = service.request("OPTIONS", located(endpoint), headers=ORIGIN)
            assert (answer.status, about_origins(answer)) == (405, {}), endpoint.name


@pytest.mark.parametrize(
    ("method", "where", "status"),
    [("GET", "/v1/nothing", 404), ("GET", "/v1/articles/", 404), ("PATCH", "/v1/articles/a/rating", 405)],
)
def test_refusals_before_our_code_may_be_read_too(service: Service, method: str, where: str, status: int) -> None:
    answer = service.request(method, where, headers=ORIGIN)
    assert (answer.status, about_origins(answer)["access-control-allow-origin"]) == (status, "*")


def test_only_what_is_the_same_for_everybody_may_be_kept(service: Service, site: Site) -> None:
    site.publish("cors", "Public words.")
    for endpoint in registered(service):
        cached = asked(service, endpoint, credentials(service, endpoint)).headers["cache-control"]
        if endpoint.name in KEPT:
            assert cached.startswith("public, max-age="), endpoint.name
        else:
            assert cached in {"no-store", "private, no-cache"}, endpoint.name
            assert endpoint.access == "public" or cached == "no-store", endpoint.name


def test_what_may_be_kept_depends_on_nobody(service: Service, site: Site) -> None:
    token = site.rate("cors", 4)["reader"]
    site.publish("cors", "Public words.")
    for endpoint in registered(service):
        if endpoint.name in KEPT:
            plain = asked(service, endpoint)
            known = asked(service, endpoint, {**reader(token), **service.owner, "Cookie": "a=b", "Accept": "text/html"})
            # The form's time is signed to the second and new in each answer; nothing else may differ.
            first, second = plain.text, known.text
            if endpoint.name == "get_thread":
                first, second = first.replace(plain.json()["form"], ""), second.replace(known.json()["form"], "")
            assert first == second, endpoint.name
            assert "set-cookie" not in known.headers


def test_refusals_are_never_kept(service: Service) -> None:
    for where in (f"{path('a')}?x=1", f"{path('a')}/comments?cursor=x", "/v1/counts", "/v1/nothing", "/openapi.json?x"):
        answer = service.request("GET", where)
        assert (400 <= answer.status < 500, answer.headers["cache-control"]) == (True, "no-store"), where
