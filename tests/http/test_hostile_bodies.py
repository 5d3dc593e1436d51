import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from chalicelib.routes.body import FORM, PATCH_TYPES
from chalicelib.routes.endpoint import HTML, Endpoint
from tests.conftest import Answer, Service
from tests.http.conftest import Site, credentials, registered

Items = Callable[[], dict[tuple[str, str], Any]]

PROBLEM = {"type", "title", "status", "detail", "code", "errors", "request_id"}

GOOD: dict[str, dict[str, Any]] = {
    "put_rating": {"stars": 5},
    "post_comment": {"text": "Hello there", "consent": True},
    "patch_comment": {"text": "Hello again"},
    "post_appeal": {"text": "It was no advertisement."},
    "post_report": {"reason": "spam", "note": "It sells something."},
    "post_decision": {"action": "approve", "revision": 1},
    "post_decisions": {"items": [{"comment_id": "0" * 26, "action": "approve", "revision": 1}]},
    "post_undo": {"decision_id": "0" * 18},
    "post_note": {"text": "I know this author."},
    "patch_site_policy": {"mode": "open"},
    "patch_article_policy": {"mode": "open"},
    "post_term": {"value": "casino", "kind": "hold"},
    "delete_term": {"value": "casino"},
    "post_block": {"kind": "domain", "value": "spam.example"},
    "delete_block": {"kind": "domain", "mark": "spam.example"},
    "post_moderator": {"name": "Ann", "role": "moderator", "label": "laptop", "days": 30},
    "delete_moderator": {"name": "Nobody"},
    "post_token": {"label": "phone", "days": 30},
    "delete_token": {"id": "0" * 18},
    "post_session": {"token": "aft_" + "A" * 43},
}
"""What each write takes; a write that is new has to be listed here."""

FORMS: dict[str, dict[str, str]] = {
    "post_decide": {"comment_id": "{comment_id}", "revision": "1", "state": "pending", "move": "approve"},
    "post_decide_many": {"on.{comment_id}": "1 pending", "move": "approve"},
    "post_desk_undo": {"ids": "0" * 18},
    "post_desk_note": {"comment_id": "{comment_id}", "text": "I know this author."},
    "post_desk_rules": {"mode": "open"},
    "post_desk_article": {"mode": "closed"},
    "post_desk_terms": {"value": "casino", "kind": "hold"},
    "post_desk_blocks": {"kind": "domain", "value": "spam.example"},
    "post_desk_tokens": {"label": "phone", "days": "30"},
    "post_desk_people": {"name": "Ann", "role": "moderator"},
    "post_desk_sessions": {"back": "?state=spam"},
}
"""What each form of the desk sends about a comment; a form that is new has to be listed here."""


def form(name: str, comment_id: str, /, **fields: str) -> str:
    """Return the body of a form, with some fields of their own."""
    good = {**FORMS[name], **fields}
    told = {field.replace("{comment_id}", comment_id): value for field, value in good.items()}
    return urlencode({field: value.replace("{comment_id}", comment_id) for field, value in told.items()})


ODD: dict[str, bytes] = {
    "empty": b"",
    "space": b"  ",
    "null": b"null",
    "true": b"true",
    "number": b"5",
    "text": b'"five"',
    "array": b"[]",
    "array of objects": b'[{"stars": 5}]',
    "cut short": b'{"stars": 5',
    "two values": b'{"stars": 5} {}',
    "single quotes": b"{'stars': 5}",
    "comment": b'{"stars": 5 /* five */}',
    "NaN": b'{"stars": NaN}',
    "Infinity": b'{"stars": -Infinity}',
    "1e400": b'{"stars": 1e400}',
    "endless integer": b'{"stars": ' + b"9" * 6000 + b"}",
    "deep arrays": b"[" * 10_000 + b"]" * 10_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep and unclosed": b"[" * 60_000,
    "same name twice": b'{"stars": 5, "stars": 1, "text": "a", "text": "b", "value": "a", "value": "b"}',
    "UTF-16": '{"stars": 5}'.encode("utf-16"),
    "UTF-16 without a mark": '{"stars": 5}'.encode("utf-16-le"),
    "byte order mark": b'\xef\xbb\xbf{"stars": 5}',
    "not UTF-8": b'{"text": "\xff\xfe"}',
    "10 MB": b'{"text": "' + b"a" * 10_000_000 + b'"}',
    "64 KiB and one": b'{"text": "' + b"a" * (64 * 1024 - 11) + b'"}',
    "unknown field": b'{"admin": true}',
    "prototype": b'{"__proto__": {"stars": 5}}',
    "surrogate in a name": b'{"\\ud800": 1}',
}

BLANK: dict[str, tuple[str, ...]] = {
    "post_decide": ("message", "reply", "redact", "trust_author"),
    "post_decide_many": ("reason",),
    "post_desk_rules": ("trust_after", "hold", "max_length", "edits", "reply_as", "beside_form", "languages"),
    "post_desk_article": ("whole", "close_after_days", "allowed_terms", "beside_form", "languages"),
    "post_desk_terms": ("_method",),
    "post_desk_blocks": ("mark", "_method"),
    "post_desk_tokens": ("id",),
    "post_desk_people": ("_method",),
}
"""Fields of the desk's forms that a good one may leave blank."""
NAMES: dict[str, tuple[str, ...]] = {
    "": ("state", "sort", "article", "author", "reason", "text", "lang", "cursor", "done", "refused", "counts"),
    "/log": ("action", "by", "article", "since", "until", "cursor", "format"),
    "/figures": ("days",),
    "/rules": ("model_extra", "__class__"),
    "/people": ("moderator",),
    "/article": ("id",),
    f"/comments/{'0' * 26}": ("part",),
}
"""What each page's address may ask for, and some of what nobody knows."""
ODD_VALUES = (
    "\x00", "0", "-1", "5.0", "1_0", " 7", " ", "9" * 5000, "a" * 9000, "\u0663\u0660", "NaN", "z" * 18, "\u202e💊",
    "0" * 26, "..", "../..", "a/b#c|d", "<b>", "[]", "2026-13-45", "0000-00-00", "0001-01-01", "9999-12-31",
    "\u0662\u0660\u0662\u0666-01-01", "und", "\r\nSet-Cookie: a=b",
)  # fmt: skip

HEADERS = {
    "content-type", "location", "set-cookie", "cache-control", "x-content-type-options", "content-security-policy",
    "referrer-policy", "x-robots-tag", "x-amzn-requestid", "content-length", "date", "retry-after",
}  # fmt: skip
"""Headers that answers to forms may have, and no other."""

WRONG: dict[str, Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "fraction": 4.5,
    "huge": 10**30,
    "empty": "",
    "array": ["a"],
    "object": {"a": 1},
    "surrogate": "\ud800 lone",
    "NUL": "a\x00b",
    "long": "a" * 60_000,
}


def writes(service: Service) -> list[Endpoint]:
    return [each for each in registered(service) if each.body is not None and each.takes != (FORM,)]


def send(service: Service, endpoint: Endpoint, comment_id: str, body: bytes, kind: str = "application/json") -> Answer:
    where = endpoint.path.replace("{article_id}", "hostile").replace("{comment_id}", comment_id)
    headers = {"Content-Type": kind, **credentials(service, endpoint, comment_id)}
    return service.request(endpoint.method, where, body=body, headers=headers)


def check(answer: Answer, case: object) -> None:
    assert 400 <= answer.status < 500, (case, answer.status, answer.text)
    assert answer.headers["content-type"] == "application/problem+json", case
    problem = answer.json()
    assert set(problem) == PROBLEM, case
    assert problem["status"] == answer.status
    assert problem["detail"]
    assert all(error["pointer"] is not None and error["detail"] for error in problem["errors"])


def still_works(site: Site, comment_id: str) -> None:
    assert [item["comment"]["id"] for item in site.queue()["items"]] == [comment_id]
    assert site.thread("hostile")["comments_count"] == 0
    assert site.ok("GET", "/v1/admin/audit", headers=site.service.owner)["items"] == []


@pytest.fixture
def waiting(site: Site) -> str:
    comment_id: str = site.comment("hostile", "An honest comment that waits.")["comment"]["id"]
    return comment_id


def test_odd_bodies_are_refused_and_change_nothing(service: Service, site: Site, waiting: str, items: Items) -> None:
    before = items()
    every = writes(service)
    assert {endpoint.name for endpoint in every} == set(GOOD), "a new write has to be tested here"
    for endpoint in every:
        for name, body in ODD.items():
            if endpoint.takes == PATCH_TYPES and name == "same name twice":
                continue
            check(send(service, endpoint, waiting, body), (endpoint.name, name))
    assert items() == before
    still_works(site, waiting)


def test_wrong_values_are_refused_field_by_field(service: Service, site: Site, waiting: str, items: Items) -> None:
    before = items()
    for endpoint in writes(service):
        good = GOOD[endpoint.name]
        required = {name for name in good if name not in {"kind", "consent", "note"} or endpoint.name == "post_block"}
        for field in required:
            for name, value in WRONG.items():
                if endpoint.takes == PATCH_TYPES and name == "null":
                    continue  # null sets a rule back to its default, or to what the site says
                if endpoint.name == "post_session" and name == "NUL":
                    continue  # any short text may be a token: a wrong one
                body = json.dumps({**good, field: value}).encode()
                answer = send(service, endpoint, waiting, body)
                check(answer, (endpoint.name, field, name))
                pointers = {error["pointer"] for error in answer.json()["errors"]}
                named = any(f"{pointer}/".startswith(f"/{field}/") for pointer in pointers)
                assert answer.status == 413 or named, (endpoint.name, field, name, answer.text)
    assert items() == before
    still_works(site, waiting)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a" * 81),
        ("name", "two\nlines"),
        ("name", 5),
        ("email", "nobody"),
        ("email", "a@b"),
        ("email", "a" * 250 + "@b.example"),
        ("website", "javascript:alert(1)"),
        ("website", "ftp://a.example"),
        ("website", "https://"),
        ("website", "https://a.example/ space"),
        ("website", "data:text/html,x"),
        ("parent_id", "0" * 26),
        ("parent_id", "nobody"),
        ("parent_id", 5),
        ("consent", False),
        ("consent", "yes"),
        ("consent", None),
        ("text", " \n\t\u200b"),
        ("text", "a" * 10_001),
        ("text", "bell\x07"),
        ("id", "mine"),
        ("state", "approved"),
        ("author", "me"),
    ],
)
def test_a_comment_is_refused_with_the_field_named(service: Service, items: Items, field: str, value: Any) -> None:
    body = {"text": "Hello there", "consent": True, field: value}
    answer = service.request("POST", "/v1/articles/a/comments", json=body)
    check(answer, field)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]
    assert not [key for key in items() if "|P|" in key[0]]


@pytest.mark.parametrize("kind", ["text/html", "application/xml", "multipart/form-data; boundary=x", "image/png", "x"])
def test_other_content_types_are_refused(service: Service, waiting: str, kind: str) -> None:
    for endpoint in writes(service):
        answer = send(service, endpoint, waiting, json.dumps(GOOD[endpoint.name]).encode(), kind)
        assert answer.status == 415, endpoint.name
        check(answer, endpoint.name)


@pytest.mark.parametrize(
    "form",
    [b"stars=5&stars=1", b"stars=%FF", b"stars=\xff", b"stars=five", b"stars=", b"", b"_method=PATCH&stars=5", b"x=1",
     b"&".join(b"a%d=1" % n for n in range(50)), b"stars=99999999999999999999"],
)  # fmt: skip
def test_odd_forms_are_refused(service: Service, items: Items, form: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    check(service.request("POST", "/v1/articles/a/rating", body=form, headers=headers), form)
    assert items() == {}


def desk_forms(service: Service) -> list[Endpoint]:
    return [each for each in registered(service) if each.takes == (FORM,) and each.path.startswith("/admin/")]


def post(service: Service, endpoint: Endpoint, body: bytes | str, kind: str = FORM) -> Answer:
    where = endpoint.path.replace("{article_id}", "hostile")
    headers = {"Content-Type": kind, "Accept": "text/html", **service.owner}
    return service.request("POST", where, body=body, headers=headers)


def test_odd_forms_of_the_desk_change_nothing(service: Service, site: Site, waiting: str, items: Items) -> None:
    every = desk_forms(service)
    assert {endpoint.name for endpoint in every} == set(FORMS), "a new form has to be tested here"
    before = items()
    for endpoint in every:
        good = form(endpoint.name, waiting)
        for name, body, status in (
            ("a field twice", f"{good}&{good}", 400),
            ("not UTF-8", f"{good}&back=%FF", 400),
            ("half a character", f"{good}&back=%ED%A0%80", 400),
            ("raw bytes", good.encode() + b"&x=\xff", 400),
            ("too many fields", good + "".join(f"&a{number}=1" for number in range(120)), 400),
            ("64 KiB and more", f"{good}&x={'a' * 65_536}", 413),
            ("a way back without end", form(endpoint.name, waiting, back="a" * 4097), 422),
        ):
            answer = post(service, endpoint, body)
            assert (answer.status, answer.headers["content-type"]) == (status, HTML), (endpoint.name, name)
        unknown = post(service, endpoint, "admin=1")
        assert unknown.status == 422, endpoint.name
        for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", "text/html"):
            assert post(service, endpoint, good, kind).status == 415, (endpoint.name, kind)
        assert post(service, endpoint, json.dumps({"move": "approve"}), "application/json").status == 415
    assert items() == before
    still_works(site, waiting)


def test_odd_values_in_forms_of_the_desk_are_never_a_failure(service: Service, waiting: str) -> None:
    for endpoint in desk_forms(service):
        for field in [*FORMS[endpoint.name], *BLANK.get(endpoint.name, ())]:
            for value in ODD_VALUES:
                sent = form(endpoint.name, waiting, **{field: value})
                answer = post(service, endpoint, sent)
                assert answer.status < 500, (endpoint.name, field, value)
                assert "\n" not in answer.headers.get("location", "")
                assert set(answer.headers) <= HEADERS, (endpoint.name, field, value)


@pytest.mark.parametrize(("page", "names"), NAMES.items())
def test_odd_addresses_of_the_desk_are_never_a_failure(service: Service, page: str, names: tuple[str, ...]) -> None:
    for value in ODD_VALUES:
        for name in names:
            answer = service.request("GET", f"/admin{page}?{name}={quote(value)}", headers=service.owner)
            assert answer.status < 500, (name, value)
        answer = service.request("GET", f"/admin{page}?done={'0' * 18}&refused={quote(value)}", headers=service.owner)
        assert answer.status < 500, ("refused", value)
    assert service.request("GET", f"/admin{page}?x=%FF", headers=service.owner).status == 400


@pytest.mark.parametrize("key", ["", "a" * 256, "ключ", "tab\there", "\x7f"])
def test_odd_idempotency_keys_are_refused(service: Service, items: Items, key: str) -> None:
    answer = service.request("PUT", "/v1/articles/a/rating", json={"stars": 5}, headers={"Idempotency-Key": key})
    check(answer, key)
    assert answer.status == 422
    assert items() == {}


@pytest.mark.parametrize("token", ["", "x", "k1.x.y", "a" * 5000, "k1.ünï.x", "..", "k1." + "A" * 30 + "." + "B" * 43])
def test_reader_tokens_that_are_not_ours_are_401(service: Service, items: Items, token: str) -> None:
    for method, where, body in (
        ("PUT", "rating", {"stars": 5}),
        ("DELETE", "rating", None),
        ("POST", "comments", GOOD["post_comment"]),
    ):
        answer = service.request(method, f"/v1/articles/a/{where}", json=body, headers={"Afterword-Reader": token})
        check(answer, token)
        assert (answer.status, answer.json()["code"]) == (401, "reader_token_invalid")
    assert items() == {}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=51", "limit=ten", "limit=1_0", "limit=", "limit=%2B5", "limit=5&limit=6", "sort=worst", "x=1",
     "cursor=x", "cursor=", "cursor=" + "a" * 2000, "cursor=%00", "sort=best&sort=best"],
)  # fmt: skip
def test_odd_queries_are_refused(service: Service, query: str) -> None:
    check(service.request("GET", f"/v1/articles/a/comments?{query}"), query)
    check(service.request("GET", f"/v1/admin/audit?{query}", headers=service.owner), query)
