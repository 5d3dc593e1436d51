"""Every answer keeps to the shape that `/openapi.json` promises, and every promised status is met once."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from chalicelib.dynamodb import DynamoStores
from chalicelib.people import MOST_TOKENS
from tests.conftest import Answer, Service
from tests.http.conftest import Site, author, bearer, edit_token, path, reader
from tests.samples import NOW, ask_for, record

ARTICLE = "https://site.example/story?b=1#c"
FORM = "application/x-www-form-urlencoded"
ELSEWHERE = "the table away or slow: the tests of the stores and of races"
NOT_MET_HERE = {"503": ELSEWHERE}

TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


class Witness:
    """Sends requests and holds each answer against the document."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.document: dict[str, Any] = service.request("GET", "/openapi.json").json()
        self.met: set[tuple[str, str]] = set()

    def send(self, method: str, template: str, expected: int, *, at: str = "", **how: Any) -> Answer:
        """Send one request to a path of the document; `at` stands for its parameter."""
        operation = self.document["paths"][template][method.lower()]
        segment = path(at).rpartition("/")[2]
        answer = self.service.request(method, re.sub(r"\{.*?\}", segment, template), **how)
        assert answer.status == expected, (method, template, answer.status, answer.text)
        promised = operation["responses"][str(answer.status)]
        self.met.add((operation["operationId"], str(answer.status)))
        self._check_body(answer, promised)
        for name, header in promised.get("headers", {}).items():
            assert re.search(header["schema"]["pattern"], answer.headers[name.lower()])
        return answer

    def _check_body(self, answer: Answer, promised: dict[str, Any]) -> None:
        if "content" not in promised:
            assert answer.body == b""
            return
        media_type = answer.headers["content-type"]
        content = promised["content"][media_type]
        validator = jsonschema_rs.Draft202012Validator(
            {**content["schema"], "components": self._nothing_more()}, validate_formats=True
        )
        value = answer.json() if re.search("[/+]json$", media_type) else answer.text
        faults = [f"{fault.instance_path}: {fault.message}" for fault in validator.iter_errors(value)]
        assert faults == []
        assert [time for time in times(value) if not time.endswith("Z")] == []

    def _nothing_more(self) -> dict[str, Any]:
        """Return the shapes, strict: what an answer holds beyond them is a fault."""
        components: dict[str, Any] = json.loads(json.dumps(self.document["components"]))
        for schema in components["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        return components

    def missed(self) -> set[tuple[str, str]]:
        """Return every promised answer that no request has met."""
        promised = {
            (operation["operationId"], status)
            for methods in self.document["paths"].values()
            for operation in methods.values()
            for status in operation["responses"]
            if status not in NOT_MET_HERE
        }
        return promised - self.met


def times(value: Any) -> Iterator[str]:
    """Yield every text that is nothing but a time."""
    if isinstance(value, str) and TIME.fullmatch(value):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from times(inner)


@pytest.fixture
def witness(service: Service) -> Witness:
    return Witness(service)


RATING = "/v1/articles/{article_id}/rating"
COMMENTS = "/v1/articles/{article_id}/comments"
THREAD = "/v1/articles/{article_id}"
FEED = "/v1/articles/{article_id}/feed.atom"
DECISION = "/v1/admin/comments/{comment_id}/decision"
CASE = "/v1/admin/comments/{comment_id}"
QUEUE = "/v1/admin/queue"
POLICY = "/v1/admin/policy"
TERMS, BLOCKS = "/v1/admin/terms", "/v1/admin/blocks"
ARTICLES, ARTICLE_POLICY = "/v1/admin/articles", "/v1/admin/articles/{article_id}/policy"
ME, MODERATORS = "/v1/admin/me", "/v1/admin/moderators"
TOKENS, SESSIONS = "/v1/admin/tokens", "/v1/admin/sessions"


COMMENT = "/v1/comments/{comment_id}"
VOTE = "/v1/comments/{comment_id}/vote"
REPORTS = "/v1/comments/{comment_id}/reports"
UNDO, DECISIONS = "/v1/admin/undo", "/v1/admin/decisions"
APPEAL = "/v1/comments/{comment_id}/appeal"
CLAIM, VIEWS, NOTES = (f"/v1/admin/comments/{{comment_id}}/{tail}" for tail in ("claim", "views", "notes"))
NOBODYS = "0" * 26


STRANGER = {"Authorization": "Bearer x", "Afterword-Reader": "not ours"}
READABLE = {
    "put_rating": b'{"stars": 5}',
    "post_rating": b"stars=5",
    "post_comment": b'{"text": "By nobody we know.", "consent": true}',
    "post_vote": b"_method=PUT",
    "post_report": b'{"reason": "spam"}',
    "patch_comment": b'{"text": "By somebody else."}',
    "post_appeal": b'{"text": "By somebody else."}',
}
"""Bodies of readers' writes: whose they are is asked once they can be read."""


def test_the_whole_story_keeps_to_the_document(witness: Witness, stores: DynamoStores) -> None:
    token = _readers(witness)
    _moderators(witness, token)
    _people(witness)
    _authors(witness, stores)
    _about_a_comment(witness, token)
    _refusals(witness)
    _limits(witness)
    assert witness.missed() == set()


def _readers(witness: Witness) -> str:
    """Rate, change, withdraw, comment and read; return the reader's token."""
    send = witness.send
    send("GET", "/health", 200)
    send("GET", THREAD, 200, at=ARTICLE)
    first = send("PUT", RATING, 200, at=ARTICLE, json={"stars": 4}).json()
    token: str = first["reader"]
    known = reader(token)
    changed = send("PUT", RATING, 200, at=ARTICLE, json={"stars": 5}, headers=known).json()
    assert "reader" not in changed, "only when newly minted"
    assert changed["mine"] == 5
    assert send("DELETE", RATING, 200, at=ARTICLE, headers=known).json()["mine"] is None
    form = {"Content-Type": FORM, "Referer": "https://site.example/story?b=1", **known}
    sent = send("POST", RATING, 303, at=ARTICLE, body="stars=3", headers=form)
    assert sent.headers["location"] == "https://site.example/story?b=1#afterword-rated"
    comment = {"text": "It *helped*.\n> quoted", "consent": True, "name": "Ann", "website": "https://ann.example/"}
    waits = send("POST", COMMENTS, 202, at=ARTICLE, json=comment).json()
    assert waits["reader"]
    assert (waits["status"], waits["help"]) == ("pending", None)
    again = send("POST", COMMENTS, 202, at=ARTICLE, json={**comment, "email": "ann@mail.example"}, headers=known)
    assert "reader" not in again.json()
    sent = send("POST", COMMENTS, 303, at=ARTICLE, body="text=Sent+by+form&consent=on", headers=form)
    assert sent.headers["location"].endswith("#afterword-pending")
    counts = send("GET", "/v1/counts", 200, query={"id": [ARTICLE, "nobody"]}).json()
    assert counts[ARTICLE] == {"comments": 0, "ratings": 1, "average": 3.0}
    assert counts["nobody"] == {"comments": 0, "ratings": 0, "average": None}
    return token


def _moderators(witness: Witness, token: str) -> None:
    """Look at the queue, decide, change the policy and the lists."""
    send, owner = witness.send, witness.service.owner
    queue = send("GET", QUEUE, 200, headers=owner, query={"limit": 2}).json()
    send("GET", QUEUE, 200, headers=owner, query={"cursor": queue["next"], "limit": 2})
    first, second = (item["comment"]["id"] for item in queue["items"])
    approve = {"action": "approve", "revision": 1, "reason": "helpful"}
    decided = send("POST", DECISION, 200, at=first, json=approve, headers=owner).json()["decision"]
    assert (decided["from"], decided["to"], decided["by"]) == ("pending", "approved", "owner")
    late = send("POST", DECISION, 409, at=first, json=approve, headers=owner).json()
    assert decided["at"][:19].replace("T", " ") in late["detail"], "when"
    assert "by owner" in late["detail"], "who"
    deleted = send("POST", DECISION, 200, at=second, json={"action": "delete", "revision": 1}, headers=owner).json()
    undo = {"decision_id": deleted["decision"]["id"]}
    back = send("POST", UNDO, 200, json=undo, headers=owner).json()
    assert (back["decision"]["action"], back["comment"]["state"]) == ("undo", "pending")
    send("POST", UNDO, 409, json=undo, headers=owner)
    send("POST", UNDO, 404, json={"decision_id": "0" * 18}, headers=owner)
    many = [{"comment_id": each, "action": "delete", "revision": 1} for each in (second, second, NOBODYS)]
    found = send("POST", DECISIONS, 200, json={"items": many}, headers=owner).json()["items"]
    assert [each["status"] for each in found] == [200, 409, 404]
    send("PATCH", POLICY, 200, json={"mode": "open"}, headers=owner)
    reply = {"text": "Thank you.", "consent": True, "parent_id": first}
    published = send("POST", COMMENTS, 201, at=ARTICLE, json=reply, headers=reader(token)).json()
    assert (published["status"], published["comment"]["depth"]) == ("approved", 1)
    thread = send("GET", THREAD, 200, at=ARTICLE)
    send("GET", THREAD, 304, at=ARTICLE, headers={"If-None-Match": thread.headers["etag"]})
    feed = send("GET", FEED, 200, at=ARTICLE)
    send("GET", FEED, 304, at=ARTICLE, headers={"If-None-Match": feed.headers["etag"]})
    send("GET", COMMENTS, 200, at=ARTICLE, query={"limit": 1, "sort": "best"})
    case = send("GET", CASE, 200, at=first, headers=owner).json()
    assert [entry["id"] for entry in case["history"]][1:] == [decided["id"]]
    _at_the_desk(witness, second)
    for form in ("json", "csv", "jsonl"):
        send("GET", "/v1/admin/audit", 200, headers=owner, query={"limit": 1, "format": form})
    for form in ("csv", "jsonl"):
        send("GET", "/v1/admin/adverse", 200, headers=owner, query={"format": form})
    send("GET", "/v1/admin/queue/arrivals", 200, headers=owner, query={"since": "2026-11-01T00:00:00+01:00"})
    assert send("GET", "/v1/admin/stats", 200, headers=owner, query={"days": 1}).json()["complete"]
    send("GET", POLICY, 200, headers=owner)
    own = {"close_after_days": 9, "allowed_terms": ["tea"], "help": {"links": []}}
    policy = send("PATCH", ARTICLE_POLICY, 200, at=ARTICLE, json=own, headers=owner).json()
    assert (policy["mode"], policy["allowed_terms"]) == ("open", ["tea"])
    assert send("GET", ARTICLE_POLICY, 200, at=ARTICLE, headers=owner).json() == policy
    assert [each["article_id"] for each in send("GET", ARTICLES, 200, headers=owner).json()["items"]] == [ARTICLE]
    for where, kept, dropped in (
        (TERMS, {"value": "casino", "kind": "spam"}, {"value": "casino"}),
        (BLOCKS, {"kind": "domain", "value": "a.example", "until": "2099-01-01T00:00:00+01:00"}, None),
    ):
        (kept_now,) = send("POST", where, 200, json=kept, headers=owner).json()["items"]
        send("GET", where, 200, headers=owner)
        lifted = dropped or {"kind": "domain", "mark": kept_now["mark"]}
        assert send("DELETE", where, 200, json=lifted, headers=owner).json()["items"] == []


def _people(witness: Witness) -> None:
    """Add a moderator, make and revoke tokens, sign out everywhere, and remove the moderator again."""
    send, owner = witness.send, witness.service.owner
    assert send("GET", ME, 200, headers=owner).json() == {"name": "owner", "role": "owner", "via": "environment"}
    added = send("POST", MODERATORS, 200, json={"name": "Bea"}, headers=owner).json()
    send("POST", MODERATORS, 409, json={"name": "bea"}, headers=owner)
    assert send("GET", MODERATORS, 200, headers=owner).json()["items"] == [added["moderator"]]
    hers = bearer(added["token"])
    assert send("GET", ME, 200, headers=hers).json()["via"] == "token"
    made = send("POST", TOKENS, 200, json={"label": "phone"}, headers=hers).json()["items"][-1]
    assert made in send("GET", TOKENS, 200, headers=owner, query={"moderator": "Bea"}).json()["items"]
    for _ in range(MOST_TOKENS - 2):
        send("POST", TOKENS, 200, json={"label": "one more"}, headers=hers)
    send("POST", TOKENS, 409, json={"label": "one too many"}, headers=hers)
    send("POST", TOKENS, 404, json={"label": "phone", "moderator": "Nobody"}, headers=owner)
    send("GET", TOKENS, 404, headers=owner, query={"moderator": "Nobody"})
    send("GET", TOKENS, 403, headers=hers, query={"moderator": "owner"})
    send("DELETE", TOKENS, 200, json={"id": made["id"]}, headers=hers)
    send("DELETE", TOKENS, 404, json={"id": made["id"]}, headers=hers)
    send("DELETE", SESSIONS, 200, headers=hers)
    send("GET", MODERATORS, 403, headers=hers)
    assert send("DELETE", MODERATORS, 200, json={"name": "Bea"}, headers=owner).json()["items"] == []
    send("DELETE", MODERATORS, 404, json={"name": "Bea"}, headers=owner)


def _at_the_desk(witness: Witness, deleted: str) -> None:
    """Look, claim, note; decide with all that goes with it, and take many decisions back."""
    send, owner = witness.send, witness.service.owner
    for _ in range(2):
        assert send("POST", CLAIM, 200, at=deleted, headers=owner).json()["claimed_by"] == "owner"
    assert send("DELETE", CLAIM, 200, at=deleted, headers=owner).json() == {"claimed_by": None, "until": None}
    assert send("POST", VIEWS, 200, at=deleted, headers=owner).json()["by"] == "owner"
    assert send("POST", NOTES, 200, at=deleted, json={"text": "Look here."}, headers=owner).json()["note"]
    for method, template, body in (("POST", CLAIM, {}), ("DELETE", CLAIM, {}), ("POST", VIEWS, {})):
        send(method, template, 404, at=NOBODYS, headers=owner, **body)
    send("POST", NOTES, 404, at=NOBODYS, json={"text": "Nobody's."}, headers=owner)
    restored = send("POST", DECISION, 200, at=deleted, json={"action": "restore", "revision": 1}, headers=owner).json()
    whole = {"action": "approve", "revision": 1, "redact": [[0, 2]], "message": "Two letters.", "reply": "Thank you."}
    decided = send("POST", DECISION, 200, at=deleted, json=whole, headers=owner).json()
    assert decided["reply"]["comment"]["parent_id"] == deleted
    file = send("GET", CASE, 200, at=deleted, headers=owner).json()
    assert (file["statement"]["what"], len(file["revisions"])) == ("redacted", 1)
    both = {"decision_ids": [decided["reply"]["decision"]["id"], decided["decision"]["id"], restored["decision"]["id"]]}
    found = send("POST", UNDO, 200, json=both, headers=owner).json()["items"]
    assert [each["status"] for each in found] == [200, 200, 409]


def _authors(witness: Witness, stores: DynamoStores) -> None:
    """Read how an own comment stands, edit it and take it away; and what comes too late."""
    send = witness.send
    sent = send("POST", COMMENTS, 201, at=ARTICLE, json={"text": "A typo hear.", "consent": True}).json()
    mine, known = sent["comment"]["id"], edit_token(sent["edit_token"])
    assert send("GET", COMMENT, 200, at=mine, headers=known).json()["status"] == "approved"
    edited = send("PATCH", COMMENT, 200, at=mine, json={"text": "No typo here."}, headers=known).json()
    assert (edited["comment"]["revision"], edited["comment"]["text"]) == (2, "No typo here.")
    assert send("DELETE", COMMENT, 200, at=mine, headers=known).json()["status"] == "deleted"
    again = send("POST", COMMENTS, 201, at=ARTICLE, json={"text": "Buy my book.", "consent": True}).json()
    said, author_of_it = again["comment"]["id"], edit_token(again["edit_token"])
    objection = {"text": "It is a good book."}
    send("POST", APPEAL, 409, at=said, json=objection, headers=author_of_it)
    reject = {"action": "reject", "revision": 1, "reason": "spam", "message": "No advertisements, please."}
    send("POST", DECISION, 200, at=said, json=reject, headers=witness.service.owner)
    assert send("GET", COMMENT, 200, at=said, headers=author_of_it).json()["statement"]["what"] == "rejected"
    assert send("POST", APPEAL, 200, at=said, json=objection, headers=author_of_it).json()["appeal"]["open"]
    send("GET", QUEUE, 200, headers=witness.service.owner)
    send("POST", APPEAL, 404, at=NOBODYS, json=objection, headers=author(witness.service, NOBODYS))
    old = record()
    stores.comments.add(old, ask_for(old), None, NOW)
    late = author(witness.service, old.id)
    send("PATCH", COMMENT, 403, at=old.id, json={"text": "Too late."}, headers=late)
    send("DELETE", COMMENT, 403, at=old.id, headers=late)
    nobodys = author(witness.service, NOBODYS)
    send("GET", COMMENT, 404, at=NOBODYS, headers=nobodys)
    send("PATCH", COMMENT, 404, at=NOBODYS, json={"text": "Nobody's."}, headers=nobodys)
    send("DELETE", COMMENT, 404, at=NOBODYS, headers=nobodys)


def _about_a_comment(witness: Witness, token: str) -> None:
    """Vote for a comment and report it, with and without scripts; and take both back."""
    send, known, form = witness.send, reader(token), {"Content-Type": FORM, "Referer": ARTICLE}
    public = send("GET", THREAD, 200, at=ARTICLE).json()["comments"][0]["id"]
    assert send("PUT", VOTE, 200, at=public).json()["reader"]
    assert send("PUT", VOTE, 200, at=public, headers=known).json() == {"votes": 2}
    assert send("DELETE", VOTE, 200, at=public, headers=known).json() == {"votes": 1}
    sent = send("POST", VOTE, 303, at=public, body="_method=PUT", headers={**form, **known})
    assert sent.headers["location"].endswith("#afterword-voted")
    report = {"reason": "privacy", "note": "Names a neighbour."}
    assert send("POST", REPORTS, 202, at=public, json=report, headers=known).json() == {"status": "received"}
    assert send("DELETE", REPORTS, 200, at=public, headers=known).json() == {"status": "withdrawn"}
    send("POST", REPORTS, 303, at=public, body="reason=spam", headers={**form, **known})
    for method, template, body in (
        ("PUT", VOTE, {}),
        ("DELETE", VOTE, {}),
        ("POST", VOTE, {"body": "_method=PUT", "headers": form}),
        ("POST", REPORTS, {"json": report}),
        ("DELETE", REPORTS, {}),
    ):
        send(method, template, 404, at=NOBODYS, **body)


def _refusals(witness: Witness) -> None:
    """Meet every refusal the document promises, operation by operation."""
    send, owner = witness.send, witness.service.owner
    site = Site(witness.service)
    # From another page: a browser says so, or does not name ours.
    foreign = {**site.session(owner["Authorization"].removeprefix("Bearer ")), "Origin": "null"}
    for template, methods in witness.document["paths"].items():
        for method, operation in methods.items():
            at = "0" * 26 if "comment_id" in template else ARTICLE
            schemes = {scheme for each in operation.get("security", []) for scheme in each}
            known = {"moderator": owner, "author": author(witness.service, at)}
            headers = next((known[scheme] for scheme in schemes), {})
            kinds = list(operation.get("requestBody", {}).get("content", {"application/json": None}))
            typed = {"Content-Type": kinds[0], **headers}
            good: dict[str, dict[str, Any]] = {
                "400": {"headers": typed, "body": b"\xff"},
                "401": {"headers": {**typed, **STRANGER}, "body": READABLE.get(operation["operationId"], b"")},
                "413": {"headers": typed, "body": b" " * 65_537},
                "415": {"headers": {**typed, "Content-Type": "image/png"}, "body": b"{}"},
                "422": {"headers": {**typed, "Idempotency-Key": "x" * 256}, "body": b"{}" if method != "get" else b""},
            }
            if schemes == {"moderator"} and method != "get":
                good["403"] = {"headers": {**foreign, "Content-Type": kinds[0]}}
            if method in {"get", "delete"} and "requestBody" not in operation:
                good["422"] = {"query": {"unknown": "1"}, "headers": headers}
            for status in set(good) & set(operation["responses"]):
                send(method.upper(), template, int(status), at=at, **good[status])
    ruling = {"action": "approve", "revision": 1}
    send("POST", DECISION, 404, at="0" * 26, json=ruling, headers=owner)
    send("GET", CASE, 404, at="0" * 26, headers=owner)
    body = {"text": "Refused once.", "consent": True}
    sent = send("POST", COMMENTS, 201, at=ARTICLE, json=body).json()
    reject = {"action": "reject", "revision": 1}
    send("POST", DECISION, 200, at=sent["comment"]["id"], json=reject, headers=owner)
    send("POST", COMMENTS, 409, at=ARTICLE, json=body, headers=reader(sent["reader"]))
    send("PATCH", POLICY, 200, json={"mode": "closed"}, headers=owner)
    send("POST", COMMENTS, 403, at=ARTICLE, json={"text": "Too late.", "consent": True})


def _limits(witness: Witness) -> None:
    send, owner = witness.send, witness.service.owner
    once = {"network": {"count": 1, "seconds": 600}, "reader": {"count": 1, "seconds": 600}}
    send(
        "PATCH",
        POLICY,
        200,
        json={"mode": "open", "limits": dict.fromkeys(("comments", "ratings", "votes", "reports"), once)},
        headers=owner,
    )
    elsewhere = "198.51.100.9"  # a network that has used up nothing yet
    token = send("PUT", RATING, 200, at=ARTICLE, json={"stars": 2}, ip=elsewhere).json()["reader"]
    send("DELETE", RATING, 200, at=ARTICLE, headers=reader(token))
    send("DELETE", RATING, 429, at=ARTICLE, headers=reader(token))
    send("PUT", RATING, 429, at=ARTICLE, json={"stars": 2}, headers=reader(token))
    send("POST", RATING, 429, at=ARTICLE, body="stars=3", headers={"Content-Type": FORM, **reader(token)})
    public = send("GET", THREAD, 200, at=ARTICLE).json()["comments"][0]["id"]
    send("PUT", VOTE, 200, at=public, headers=reader(token))
    send("PUT", VOTE, 429, at=public, headers=reader(token))
    send("DELETE", VOTE, 429, at=public, headers=reader(token))
    send("POST", VOTE, 429, at=public, body="_method=PUT", headers={"Content-Type": FORM, **reader(token)})
    send("DELETE", REPORTS, 200, at=public, headers=reader(token))
    send("POST", REPORTS, 429, at=public, json={"reason": "spam"}, headers=reader(token))
    send("DELETE", REPORTS, 429, at=public, headers=reader(token))
    send("POST", COMMENTS, 201, at=ARTICLE, json={"text": "One is taken.", "consent": True}, ip=elsewhere)
    send("POST", COMMENTS, 429, at=ARTICLE, json={"text": "Two are not.", "consent": True}, ip=elsewhere)


def test_the_document_is_one_that_tools_can_read(witness: Witness) -> None:
    document = witness.document
    operations = [
        (method, operation) for methods in document["paths"].values() for method, operation in methods.items()
    ]
    names = [operation["operationId"] for _, operation in operations]
    assert document["openapi"].startswith("3.1.")
    assert len(names) == len(set(names))
    for method, operation in operations:
        assert operation["summary"].endswith(".")
        assert "422" in operation["responses"]
        taken = {parameter["name"] for parameter in operation["parameters"]}
        assert ("Idempotency-Key" in taken) == (method != "get")
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def test_every_reference_in_the_document_leads_somewhere(witness: Witness) -> None:
    text = json.dumps(witness.document)
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert names
    assert names <= set(witness.document["components"]["schemas"])


def test_the_reader_token_is_promised_only_for_new_readers(witness: Witness) -> None:
    schemas = witness.document["components"]["schemas"]
    for name in ("Rated", "Submitted"):
        assert "reader" in schemas[name]["properties"]
        assert "reader" not in schemas[name].get("required", [])
