"""Every refusal is problem+json that says what, where and under which request id, and repeats nothing it was sent."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.errors import Refusal
from chalicelib.routes.problem import STATUS
from tests.conftest import Answer, Service
from tests.http.conftest import Site, credentials, path, reader, registered
from tests.http.test_hostile_bodies import FORMS as DESK_FORMS
from tests.http.test_hostile_bodies import GOOD, form

Items = Callable[[], dict[tuple[str, str], Any]]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
FORMS = {"post_rating": "stars=5", "post_vote": "_method=PUT"}
"""What writes of readers take that only a form can send."""
MEMBERS = {"type": str, "title": str, "status": int, "detail": str, "code": str, "errors": list, "request_id": str}


def check(answer: Answer, *statuses: int) -> Any:
    """Return the problem details of a refusal that is one in every respect."""
    assert answer.status in (statuses or range(400, 500)), (answer.status, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.json()
    assert {name: type(value) for name, value in problem.items()} == MEMBERS
    assert problem["status"] == answer.status
    assert problem["type"] == f"/docs#{problem['code']}"
    assert problem["request_id"] == answer.headers["x-amzn-requestid"]
    assert problem["detail"].endswith((".", "…", "?"))
    return problem


def written(items: Items) -> list[tuple[str, str]]:
    """Return what is kept, but for the day's key for marks of networks, which the first to come brings about."""
    return [key for key in items() if not key[1].startswith("DAY#")]


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        yield each
        yield from refusals(each)


def test_the_tree_names_every_refusal_and_no_other() -> None:
    drawn = {word for word in (errors.__doc__ or "").replace("──", " ").split() if word.isidentifier()}
    assert {each.__name__ for each in refusals()} == {word for word in drawn if hasattr(errors, word)} - {
        "Refusal",
        "Stale",
    }
    first_words = {line.split("── ")[1].split()[0] for line in (errors.__doc__ or "").splitlines() if "── " in line}
    assert first_words == {each.__name__ for each in refusals()}


def test_every_refusal_has_a_code_of_its_own_and_a_status() -> None:
    every = list(refusals())
    assert len({each.code for each in every}) == len(every)
    answered = {each for each in every if not each.__subclasses__()} | {errors.NotSignedIn, errors.Invalid}
    assert answered <= set(STATUS)
    assert all(400 <= status < 500 or status == 503 for status in STATUS.values())


def test_the_type_of_a_problem_leads_to_its_words(service: Service) -> None:
    page = service.request("GET", "/docs").text
    for code in {each.code for each in STATUS} | {"internal", "method_not_allowed", "headers_too_large"}:
        assert f'id="{code}"' in page, code


@pytest.mark.parametrize(
    ("method", "where", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/v1/articles", 404, "not_found"),
        ("GET", "/v1/articles//comments", 404, "not_found"),
        ("GET", "/v1/articles/a/b/comments", 404, "not_found"),
        ("GET", "/web/nothing.css", 404, "not_found"),
        ("GET", "/web/..%2F..%2Fapp.py", 404, "not_found"),
        ("GET", "/web/admin.html", 404, "not_found"),
        ("POST", "/v1/articles/a", 405, "method_not_allowed"),
        ("DELETE", "/v1/admin/policy", 405, "method_not_allowed"),
        ("TRACE", "/health", 405, "method_not_allowed"),
        ("GET", "/v1/counts?id=%FF", 400, "unreadable"),
    ],
)
def test_what_leads_nowhere_is_a_problem_too(service: Service, method: str, where: str, status: int, code: str) -> None:
    assert check(service.request(method, where), status)["code"] == code


@pytest.mark.parametrize(
    "comment_id", ["0" * 26, "x", "0" * 27, "%00" * 26, "é" * 26, "..", "0" * 25 + "%2F", "U" * 26]
)
def test_a_comment_nobody_wrote_is_404(service: Service, comment_id: str) -> None:
    at = f"/v1/admin/comments/{comment_id}".replace("é", "%C3%A9")
    ruling = {"action": "approve", "revision": 1}
    assert check(service.request("GET", at, headers=service.owner), 404)["code"] == "not_found"
    answer = service.request("POST", f"{at}/decision", json=ruling, headers=service.owner)
    assert check(answer, 404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("name", "pointer"),
    [("a/b", "/a~1b"), ("a~b", "/a~0b"), ("", "/"), ("ß", "/ß"), ("x" * 9000, "/" + "x" * 199)],
)
def test_a_pointer_names_the_field_by_rfc_6901(service: Service, name: str, pointer: str) -> None:
    answer = service.request("PUT", f"{path('a')}/rating", json={"stars": 5, name: 1})
    (fault,) = check(answer, 422)["errors"]
    assert fault == {"pointer": pointer, "detail": "This field is not known here."}


def test_every_field_at_fault_is_named_at_once(service: Service) -> None:
    body = {"text": "", "name": "x" * 81, "email": "nobody", "website": "ftp://a", "parent_id": "x", "more": 1}
    problem = check(service.request("POST", f"{path('a')}/comments", json=body), 422)
    assert {error["pointer"] for error in problem["errors"]} == {f"/{name}" for name in body}


def test_a_refusal_repeats_nothing_it_was_sent(service: Service) -> None:
    secret = "SecretWordsOfAReader"
    for endpoint in registered(service):
        for name, value in GOOD.get(endpoint.name, {}).items():
            where = endpoint.path.replace("{article_id}", secret).replace("{comment_id}", "0" * 26)
            body = {**GOOD[endpoint.name], name: {secret: secret} if isinstance(value, str) else secret}
            headers = {**service.owner, "Afterword-Reader": secret, "Idempotency-Key": secret}
            for sent in (body, [secret], secret, {**GOOD[endpoint.name], "unknown": secret}):
                answer = service.request(endpoint.method, where, json=sent, headers=headers, query={"x": secret})
                check(answer)
                assert secret not in answer.text.replace(f"/{secret}", ""), (endpoint.name, name)


@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8"])
def test_a_form_without_scripts_is_refused_by_a_page(service: Service, items: Items, accept: str) -> None:
    headers = {"Content-Type": FORM, "Accept": accept}
    for where, body in (("rating", "stars=9"), ("comments", "text=&consent=on"), ("comments", "text=%3Cb%3E")):
        answer = service.request("POST", f"{path('a')}/{where}", body=body, headers=headers)
        assert (answer.status, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
    assert written(items) == []


# What follows are odd requests to every write, a new one included: the body is good, or of no account.


def odd(service: Service, comment_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every write with what it takes."""
    for endpoint in registered(service):
        if endpoint.method != "GET":
            where = endpoint.path.replace("{article_id}", "odd").replace("{comment_id}", comment_id)
            known = credentials(service, endpoint, comment_id)
            good = json.dumps(GOOD[endpoint.name]) if endpoint.name in GOOD else ""
            is_form = endpoint.name in FORMS or endpoint.name in DESK_FORMS
            if endpoint.name in DESK_FORMS:
                good = form(endpoint.name, comment_id)
            body = FORMS.get(endpoint.name, good).encode()
            kind = {"Content-Type": FORM if is_form else JSON} if body else {}
            headers = {**known, **kind}
            yield f"{endpoint.method} {where}", {"headers": headers, "body": body}


@pytest.fixture
def waiting(site: Site) -> str:
    comment_id: str = site.comment("odd", "An honest comment that waits.")["comment"]["id"]
    return comment_id


@pytest.mark.parametrize("key", ["", " " * 256, "a" * 256, "\x00", "a\tb", "\x7f", "ключ", "\udcff"])
def test_odd_idempotency_keys_stop_every_write(service: Service, waiting: str, items: Items, key: str) -> None:
    before = items()
    for write, how in odd(service, waiting):
        headers = {**how["headers"], "Idempotency-Key": key}
        problem = check(service.request(*write.split(), **{**how, "headers": headers}), 422)
        assert problem["errors"][0]["pointer"] == "#header/Idempotency-Key", write
    assert items() == before


@pytest.mark.parametrize("query", ["x=1", "token=x", "limit=5", "stars=5", "x=%F0%9F%98%80", "=", "x", "x[]=1&x[]=2"])
def test_no_write_takes_a_query(service: Service, waiting: str, items: Items, query: str) -> None:
    before = items()
    for write, how in odd(service, waiting):
        method, where = write.split()
        check(service.request(method, f"{where}?{query}", **how), 422)
    assert items() == before


@pytest.mark.parametrize("body", [b"{}", b"null", b"\xff", b"x" * 70_000, b"stars=5", b" "])
def test_a_write_that_takes_no_body_is_not_done_with_one(service: Service, site: Site, body: bytes) -> None:
    token = site.rate("odd", 4)["reader"]
    for kind in ({}, {"Content-Type": JSON}, {"Content-Type": FORM}):
        headers = {**reader(token), **kind}
        check(service.request("DELETE", f"{path('odd')}/rating", body=body, headers=headers), 422)
    assert site.thread("odd")["tally"]["histogram"]["4"] == 1


@pytest.mark.parametrize(
    "kind",
    ["text/html", "application/xml", "multipart/form-data; boundary=x", "application/json, text/plain", "json", "/",
     "application/json+x", "application/x-ndjson", "text/plain+json", "ünï/code", "a" * 5000],
)  # fmt: skip
def test_no_write_reads_other_content_types(service: Service, waiting: str, items: Items, kind: str) -> None:
    before = items()
    for write, how in odd(service, waiting):
        if how["body"]:
            headers = {**how["headers"], "Content-Type": kind}
            check(service.request(*write.split(), **{**how, "headers": headers}), 415)
    assert items() == before


@pytest.mark.parametrize(
    "form",
    [b"text=a&text=b&consent=on", b"text=%FF&consent=on", b"text=%ED%A0%80&consent=on", b"text=hi&consent=on&admin=1",
     b"text=%00&consent=on", b"consent=on", b"text=hi", b"text=hi&consent=no", b"\xff\xfe", b"text=" + b"a" * 70_000,
     b"text=hi&consent=on&parent_id=x", b"text=hi&consent=on&_method=PUT", b'{"text": "hi", "consent": true}',
     b"text=hi&consent=on&website=javascript%3Aalert(1)", b"text[]=hi&consent=on", b"&" * 50, b"="],
)  # fmt: skip
def test_odd_comment_forms_are_refused(service: Service, items: Items, form: bytes) -> None:
    check(service.request("POST", f"{path('a')}/comments", body=form, headers={"Content-Type": FORM}))
    assert written(items) == []


# Odd requests to every read.


@pytest.mark.parametrize("tag", ["x", '"', "W/", 'W/"', ",", ", ,", '"x" "y"', "\x00", "é", "\udcff", '"' + "x" * 9000])
def test_odd_entity_tags_match_nothing(service: Service, tag: str) -> None:
    answer = service.request("GET", path("odd"), headers={"If-None-Match": tag})
    assert (answer.status, answer.json()["article_id"]) == (200, "odd")


def test_entity_tags_match_as_rfc_9110_says(service: Service) -> None:
    tag = service.request("GET", path("odd")).headers["etag"]
    strong = tag.removeprefix("W/")
    for given in (tag, strong, "*", f'"x", {tag}', f'{strong},"y"', f' {tag} , "z"'):
        answer = service.request("GET", path("odd"), headers={"If-None-Match": given})
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag), given


def test_odd_queries_to_every_read_are_refused(service: Service, waiting: str) -> None:
    cursors = ["", "x", "k1", "k1..", "k1.e30.x", "..", "%00", "%ED%A0%80".lower(), "é" * 10, "a" * 1025, "a" * 9000]
    values = ["x=1", "X=1", "limit=0", "limit=51", "limit=-1", "limit=1e1", "limit=%D9%A3", "limit=1&limit=1", "limit="]
    values += ["author=", "reason=NO", "reason=", "text=", "lang=E", "lang=", "since=0.5", "since=2026-11-23", "since="]
    values += ["since=2026-11-23T12:00:00", "until=1764000000", "days=0", "days=91", "days=x", "format=xml", "by="]
    values += ["action=read", "comment=x", "sort=riskiest&state=spam", "text=a&text=b"]
    values += ["sort=worst", "sort=NEWEST", "state=open", "state=", "article=", "article=%00", "article=" + "a" * 513]
    for endpoint in registered(service):
        if endpoint.method != "GET" or not endpoint.documented:
            continue
        where = endpoint.path.replace("{article_id}", "odd").replace("{comment_id}", waiting)
        known = credentials(service, endpoint, waiting)
        for query in [*values, *(f"cursor={cursor}" for cursor in cursors)]:
            check(service.request("GET", f"{where}?{query}", headers=known), 400, 422)


def test_a_cursor_is_bound_to_its_list(service: Service, site: Site) -> None:
    for number in range(3):
        site.comment("odd", f"Waiting, number {number}.")
        site.policy({"trust_after": number + 1})
    queue = site.queue(limit=1, article="odd")["next"]
    log = site.ok("GET", "/v1/admin/audit", query={"limit": 1}, headers=service.owner)["next"]
    assert site.queue(limit=1, article="odd", cursor=queue)["items"]
    for where, query in (
        ("/v1/admin/queue", {"cursor": queue}),
        ("/v1/admin/queue", {"cursor": queue, "article": "other"}),
        ("/v1/admin/queue", {"cursor": queue, "article": "odd", "state": "spam"}),
        ("/v1/admin/queue", {"cursor": queue, "article": "odd", "sort": "riskiest"}),
        ("/v1/admin/queue", {"cursor": queue, "article": "odd", "author": "a"}),
        ("/v1/admin/queue", {"cursor": queue, "article": "odd", "reason": "links"}),
        ("/v1/admin/queue", {"cursor": queue, "article": "odd", "text": "Waiting"}),
        ("/v1/admin/queue", {"cursor": queue, "article": "odd", "lang": "en"}),
        ("/v1/admin/queue", {"cursor": log}),
        ("/v1/admin/audit", {"cursor": queue}),
        ("/v1/admin/audit", {"cursor": log[:-2] + "AA"}),
        ("/v1/admin/audit", {"cursor": log.replace(".", "", 1)}),
        ("/v1/admin/audit", {"cursor": log, "by": "owner"}),
        ("/v1/admin/audit", {"cursor": log, "action": "policy"}),
        ("/v1/admin/audit", {"cursor": log, "article": "odd"}),
        ("/v1/admin/audit", {"cursor": log, "comment": "0" * 26}),
        ("/v1/admin/audit", {"cursor": log, "since": "2026-11-01T00:00:00Z"}),
        ("/v1/admin/audit", {"cursor": log, "until": "2096-11-01T00:00:00Z"}),
        ("/v1/admin/audit", {"cursor": log, "format": "csv", "by": "owner"}),
        ("/v1/admin/adverse", {"cursor": log}),
        (f"{path('odd')}/comments", {"cursor": log}),
    ):
        answer = service.request("GET", where, query=query, headers=service.owner)
        assert check(answer, 422)["code"] == "cursor_invalid"


@pytest.mark.parametrize(("number", "stars"), [("5.0", 5), ("5e0", 5), ("50e-1", 5), ("1E0", 1)])
def test_json_knows_one_kind_of_number(service: Service, site: Site, number: str, stars: int) -> None:
    kind = {"Content-Type": JSON}
    answer = service.request("PUT", f"{path('a')}/rating", body=f'{{"stars": {number}}}', headers=kind)
    assert (answer.status, answer.json()["mine"]) == (200, stars)
    patch = f'{{"trust_after": {number}}}'
    answer = service.request("PATCH", "/v1/admin/policy", body=patch, headers={**kind, **service.owner})
    assert (answer.status, answer.json()["trust_after"]) == (200, stars)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e99999", "5.5", "-0.0", "1e300", "05", "+5", ".5", "5."])
def test_numbers_that_are_none_of_ours_are_refused(service: Service, items: Items, number: str) -> None:
    body = f'{{"stars": {number}}}'
    check(service.request("PUT", f"{path('a')}/rating", body=body, headers={"Content-Type": JSON}), 400, 422)
    assert items() == {}
