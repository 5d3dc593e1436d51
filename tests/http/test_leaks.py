import base64
import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Answer, Service
from tests.http.conftest import Site, edit_token, path, reader

ARTICLE = "leaks"
ADDRESSES = ("203.0.113.77", "2001:db8:77:77::77")


@dataclass
class Planted:
    """What must not be seen, and what is public though it stands beside."""

    secret: dict[str, str] = field(default_factory=dict)
    public: str = "PublicWordsThatMayBeSeen"
    tokens: dict[str, str] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)
    """What an author is told, and nobody else."""
    owned: dict[str, str] = field(default_factory=dict)
    """Comments with their edit tokens."""


def shapes(marker: str) -> Iterable[bytes]:
    """Return every form in which a marker could show up."""
    raw = marker.encode()
    yield raw
    yield quote(marker, safe="").encode()
    yield json.dumps(marker)[1:-1].encode()
    yield base64.b64encode(raw).rstrip(b"=")[:-1]
    yield base64.urlsafe_b64encode(raw).rstrip(b"=")[:-1]
    for text in (marker, marker.casefold(), marker.strip()):
        for hashed in (hashlib.sha256, hashlib.sha1, hashlib.md5):
            digest = hashed(text.encode())
            yield digest.hexdigest().encode()
            yield base64.b64encode(digest.digest()).rstrip(b"=")


def found(marker: str, places: dict[str, bytes]) -> list[str]:
    return [place for place, content in places.items() if any(shape in content for shape in shapes(marker))]


@pytest.fixture
def planted(site: Site) -> Planted:
    marks = Planted()

    def at(comment_id: str, tail: str, **how: Any) -> Any:
        return site.ok("POST", f"/v1/admin/comments/{comment_id}/{tail}", headers=site.service.owner, **how)

    def comment(state: str, ip: str, **fields: str) -> tuple[str, dict[str, Any]]:
        body = {
            "text": f"MarkerText{state} some words of a {state} comment",
            "name": f"MarkerName{state}",
            "email": f"marker-{state}@mail-{state}.example",
            "website": f"https://marker-{state}.example/",
            "consent": True,
            **fields,
        }
        answer = site.service.request("POST", f"{path(ARTICLE)}/comments", json=body, ip=ip).json()
        for name, value in body.items():
            if isinstance(value, str):
                marks.secret[f"{state} {name}"] = value
        marks.secret[f"{state} reader token"] = answer["reader"]
        marks.secret[f"{state} edit token"] = answer["edit_token"]
        marks.owned[answer["comment"]["id"]] = answer["edit_token"]
        return answer["comment"]["id"], body

    for state, action in (("Pending", None), ("Rejected", "reject"), ("Spam", "spam"), ("Deleted", "delete")):
        comment_id, _ = comment(state, ADDRESSES[0])
        at(comment_id, "notes", json={"text": f"MarkerTalk{state}"})
        marks.secret[f"{state} talk"] = f"MarkerTalk{state}"
        if action:
            told = {} if action == "spam" else {"message": f"MarkerMessage{state}"}
            site.decide(comment_id, action, note=f"MarkerNote{state}", reason=f"MarkerReason{state}", **told)
            marks.secret[f"{state} note"] = f"MarkerNote{state}"
            marks.secret[f"{state} reason"] = f"MarkerReason{state}"
            if told:
                marks.authors |= {f"{state} reason": f"MarkerReason{state}", f"{state} message": told["message"]}
    marks.secret |= marks.authors
    objection = {"text": "MarkerAppealDeleted"}
    headers = edit_token(marks.owned[comment_id])
    site.ok("POST", f"/v1/comments/{comment_id}/appeal", json=objection, headers=headers)
    marks.secret["appeal"] = objection["text"]
    blacked, _ = comment("Blacked", ADDRESSES[1], text="MarkerHiddenName was here")
    words = {"redact": [[0, 16]], "message": "MarkerMessageBlacked", "note": "MarkerNoteBlacked"}
    site.decide(blacked, "approve", **words)
    for name in ("text", "name", "website"):
        del marks.secret[f"Blacked {name}"]
    marks.authors["Blacked message"] = "MarkerMessageBlacked"
    marks.secret |= {"Blacked words": "MarkerHiddenName", "Blacked message": words["message"]}
    marks.secret["Blacked note"] = "MarkerNoteBlacked"
    approved, body = comment("Approved", ADDRESSES[1], text=marks.public)
    at(approved, "claim")
    at(approved, "views")
    site.decide(approved, "approve", note="MarkerNoteApproved", reply="The reply that anybody may read.")
    at(approved, "claim")
    for name in ("text", "name", "website"):
        del marks.secret[f"Approved {name}"]
    rated = site.service.request("PUT", f"{path(ARTICLE)}/rating", json={"stars": 5}, ip=ADDRESSES[0]).json()
    marks.secret |= {"rater": rated["reader"], "note": "MarkerNoteApproved", "ipv4": ADDRESSES[0], "ipv6": ADDRESSES[1]}
    marks.secret |= {"network 4": "203.0.113.0", "network 6": "2001:db8:77:77::"}
    marks.secret["owner"] = site.service.owner["Authorization"].removeprefix("Bearer ")
    assert body
    return marks


def everywhere_public(service: Service) -> dict[str, bytes]:
    """Ask for everything that anybody may ask for, errors among it, and return it with its headers."""
    a, comments = path(ARTICLE), f"{path(ARTICLE)}/comments"
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/", {}),
        ("GET", "/admin", {}),
        ("GET", "/docs", {}),
        ("GET", "/openapi.json", {}),
        ("GET", "/health", {}),
        ("GET", a, {}),
        ("HEAD", a, {}),
        ("GET", f"{a}/feed.atom", {}),
        ("GET", f"/v1/counts?id={ARTICLE}", {}),
        ("OPTIONS", comments, {}),
        ("GET", "/v1/admin/queue", {}),
        ("GET", "/v1/admin/audit", {}),
        ("GET", "/v1/admin/audit?format=csv", {}),
        ("GET", "/v1/admin/adverse", {}),
        ("GET", "/v1/admin/stats", {}),
        ("GET", "/v1/nowhere", {}),
        ("PUT", f"{a}/rating", {"json": {"stars": 9}}),
        ("PUT", f"{a}/rating", {"json": {"stars": 4}, "headers": reader("k1.x.y")}),
        ("POST", comments, {"json": {"text": "MarkerTextPending", "consent": 1}}),
        ("POST", comments, {"json": {"text": "Me too", "consent": True, "parent_id": "0" * 26}}),
        *[("GET", f"/web/{name}", {}) for name in ("demo.js", "demo.css", "admin.js", "admin.css", "docs.css")],
        *[("GET", f"{comments}?sort={sort}&limit=1", {}) for sort in ("newest", "oldest", "best")],
        *[("GET", f"{comments}?sort={sort}", {}) for sort in ("newest", "oldest", "best")],
    ]
    return {f"{method} {where} {how}": whole(service.request(method, where, **how)) for method, where, how in asked}


def test_an_author_reads_what_is_meant_for_authors_and_nothing_else(service: Service, planted: Planted) -> None:
    views = {
        comment_id: whole(service.request("GET", f"/v1/comments/{comment_id}", headers=edit_token(token)))
        for comment_id, token in planted.owned.items()
    }
    for name, marker in planted.authors.items():
        assert len(found(marker, views)) == 1, name
    private = [name for name in planted.secret if "note" in name or "talk" in name or name in {"appeal", "owner"}]
    assert len(private) >= 9
    private += ["Spam reason", "Blacked words"]
    assert {name: at for name in private if (at := found(planted.secret[name], views))} == {}
    assert found('"owner"', views) == [], "who decided is not told"


def whole(answer: Answer) -> bytes:
    return json.dumps(dict(answer.headers)).encode() + answer.body


def test_nothing_private_is_in_any_public_answer(service: Service, planted: Planted) -> None:
    places = everywhere_public(service)
    assert len(found(planted.public, places)) >= 5, "the search would find nothing"
    assert {name: at for name, marker in planted.secret.items() if (at := found(marker, places))} == {}


def test_nothing_private_is_in_the_log(
    service: Service, site: Site, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    caplog.set_level(logging.INFO)
    planted: Planted = request.getfixturevalue("planted")
    everywhere_public(service)
    site.queue()
    lines = {f"line {number}": repr(record.__dict__).encode() for number, record in enumerate(caplog.records)}
    assert found("/v1/articles/{article_id}/comments", lines), "the log was not heard"
    assert {name: at for name, marker in planted.secret.items() if (at := found(marker, lines))} == {}


def test_the_partition_that_the_public_reads_holds_nothing_else(
    planted: Planted, items: Callable[[], dict[tuple[str, str], Any]]
) -> None:
    public = {str(key): json.dumps(item).encode() for key, item in items().items() if "|A|" in key[0]}
    assert found(planted.public, public)
    assert {name: at for name, marker in planted.secret.items() if (at := found(marker, public))} == {}


def test_no_address_and_no_token_is_kept_as_it_is(
    planted: Planted, items: Callable[[], dict[tuple[str, str], Any]]
) -> None:
    kept = {str(key): repr((key, item)).encode() for key, item in items().items()}
    never = {name: marker for name, marker in planted.secret.items() if "token" in name or name in {"rater", "owner"}}
    never |= {name: planted.secret[name] for name in ("ipv4", "ipv6", "network 4", "network 6")}
    assert {name: at for name, marker in never.items() if (at := found(marker, kept))} == {}


def test_an_unforeseen_failure_tells_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("MarkerOfAFailure")

    monkeypatch.setattr("chalicelib.routes.comments.submit", fail)
    answer = service.request("POST", f"{path(ARTICLE)}/comments", json={"text": "MarkerTyped", "consent": True})
    assert (answer.status, answer.json()["code"]) == (500, "internal")
    places = {"answer": whole(answer), "log": caplog.text.encode()}
    assert found("RuntimeError", places) == ["log"]
    assert found("MarkerOfAFailure", places) == found("MarkerTyped", places) == []
