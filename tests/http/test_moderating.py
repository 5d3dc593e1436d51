from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.audit import chained, verify
from chalicelib.dynamodb import DynamoStores
from chalicelib.moderation import MOVES
from tests.conftest import Service
from tests.http.conftest import Site

TO_STATE = {"pending": None, "approved": "approve", "rejected": "reject", "spam": "spam", "deleted": "delete"}


def one(service: Service, comment_id: str, ruling: dict[str, Any]) -> tuple[int, Any]:
    """Decide on one comment; return the status, and the answer or the problem."""
    where = f"/v1/admin/comments/{comment_id}/decision"
    answer = service.request("POST", where, json=ruling, headers=service.owner)
    return answer.status, answer.json()


def by_bulk(service: Service, comment_id: str, ruling: dict[str, Any]) -> tuple[int, Any]:
    """Do the same among many."""
    body = {"items": [{"comment_id": comment_id, **ruling}]}
    answer = service.request("POST", "/v1/admin/decisions", json=body, headers=service.owner)
    (result,) = answer.json()["items"]
    return result["status"], result["problem"] or result


def entries(found: dict[tuple[str, str], Any]) -> int:
    return len([key for key in found if "|L|" in key[0] or "|E|" in key[0]])


@pytest.mark.parametrize("way", [one, by_bulk])
@pytest.mark.parametrize("state", list(TO_STATE))
@pytest.mark.parametrize("action", list(MOVES))
def test_the_table_of_moves_is_all_there_is(
    service: Service,
    site: Site,
    stores: DynamoStores,
    items: Callable[[], dict[tuple[str, str], Any]],
    state: str,
    action: str,
    way: Callable[..., tuple[int, Any]],
) -> None:
    comment_id = site.comment("moves", f"From {state} by {action}.")["comment"]["id"]
    if TO_STATE[state]:
        site.decide(comment_id, TO_STATE[state])
    before = items()
    status, answer = way(service, comment_id, {"action": action, "revision": 1})
    assert verify(stores.audits, comment_id, lambda _attempt: None)[1] == []
    to = MOVES[action].get(state)  # type: ignore[call-overload]
    if to is None:
        assert (status, items()) == (409, before)
        assert answer["code"] in {"already_decided", "move_not_allowed"}
        return
    decision = answer["decision"]
    assert (status, decision["from"], decision["to"], decision["by"]) == (200, state, to, "owner")
    assert answer["comment"]["state"] == to
    assert entries(items()) == entries(before) + 1
    public = [comment["id"] for comment in site.thread("moves")["comments"]]
    assert public == ([comment_id] if to == "approved" else [])
    tray = site.queue(state="pending" if to == "pending" else to)["items"]
    assert [item["comment"]["id"] for item in tray] == [comment_id]


@pytest.mark.parametrize("way", [one, by_bulk])
@pytest.mark.parametrize("state", list(TO_STATE))
def test_a_comment_that_was_seen_in_another_state_is_not_decided_on(
    service: Service,
    site: Site,
    items: Callable[[], dict[tuple[str, str], Any]],
    state: str,
    way: Callable[..., tuple[int, Any]],
) -> None:
    comment_id = site.comment("moves", f"It is {state}.")["comment"]["id"]
    if TO_STATE[state]:
        site.decide(comment_id, TO_STATE[state])
    before = items()
    for action in MOVES:
        for seen in TO_STATE:
            if seen != state:
                status, answer = way(service, comment_id, {"action": action, "revision": 1, "state": seen})
                assert (status, answer["code"]) == (409, "already_decided"), (action, seen)
                assert "before you. Please look again." in answer["detail"]
        if state != "pending":
            assert "by owner at 20" in answer["detail"], "who and when"
    assert items() == before


@pytest.mark.parametrize("way", [one, by_bulk])
@pytest.mark.parametrize("state", list(TO_STATE))
@pytest.mark.parametrize("action", list(MOVES))
def test_a_state_that_was_seen_and_still_is_changes_nothing_about_a_move(
    service: Service,
    site: Site,
    items: Callable[[], dict[tuple[str, str], Any]],
    state: str,
    action: str,
    way: Callable[..., tuple[int, Any]],
) -> None:
    found = []
    for number, told in enumerate(({}, {"state": None}, {"state": state})):
        comment_id = site.comment("moves", f"From {state} by {action}: {number}.")["comment"]["id"]
        if TO_STATE[state]:
            site.decide(comment_id, TO_STATE[state])
        before = items()
        status, answer = way(service, comment_id, {"action": action, "revision": 1, **told})
        assert (status == 200) == (state in MOVES[action])  # type: ignore[index]
        assert (items() == before) == (status != 200)
        found.append((status, answer.get("code"), answer.get("decision", {}).get("to"), site.case(comment_id)["state"]))
    assert len(set(found)) == 1


@pytest.mark.parametrize("way", [one, by_bulk])
@pytest.mark.parametrize("extra", [{}, {"redact": [[0, 3]]}, {"reply": "Thanks."}, {"trust_author": True}])
@pytest.mark.parametrize("edits", ["withdraw", "keep"])
@pytest.mark.parametrize("state", ["pending", "approved", "rejected"])
def test_a_text_edited_between_reading_and_deciding_is_never_published(
    service: Service,
    site: Site,
    items: Callable[[], dict[tuple[str, str], Any]],
    state: str,
    edits: str,
    extra: dict[str, Any],
    way: Callable[..., tuple[int, Any]],
) -> None:
    site.policy({"edits": edits})
    sent = site.comment("moves", "Good words.")
    comment_id = sent["comment"]["id"]
    if TO_STATE[state]:
        site.decide(comment_id, TO_STATE[state])
    read = site.case(comment_id)["comment"]["revision"]
    edited = {"json": {"text": "Bad words."}, "headers": {"Authorization": f"Bearer {sent['edit_token']}"}}
    site.ok("PATCH", f"/v1/comments/{comment_id}", **edited)
    before = items()
    status, answer = way(service, comment_id, {"action": "approve", "revision": read, **extra})
    assert (status, answer["code"], items()) == (409, "already_decided", before)
    assert "revision 2, you saw revision 1" in answer["detail"]
    assert "Bad words." not in str(site.thread("moves"))


@pytest.mark.parametrize("way", [one, by_bulk])
@pytest.mark.parametrize("revision", [2, 1_000_000])
def test_a_decision_names_the_revision_that_was_seen(
    service: Service, site: Site, revision: int, way: Callable[..., tuple[int, Any]]
) -> None:
    comment_id = site.comment("moves", "Revision one.")["comment"]["id"]
    status, answer = way(service, comment_id, {"action": "approve", "revision": revision})
    assert (status, answer["code"]) == (409, "already_decided")
    assert site.thread("moves")["comments"] == []


def test_an_item_of_the_queue_says_all_it_takes(site: Site) -> None:
    site.policy({"thresholds": {"hold": 50, "spam": 9000}})
    root = site.publish("queue", "The parent.", name="Ann")
    site.comment("queue", "Buy http://a.example http://b.example http://c.example", parent_id=root, email="b@c.example")
    (item,) = site.queue()["items"]
    assert item["comment"]["email"] == "b@c.example"
    assert item["parent"]["text"] == "The parent."
    assert (item["state"], item["lane"], item["author"]["comments"]) == ("pending", "pending", 1)
    links = next(finding for finding in item["verdict"]["findings"] if finding["check"] == "links")
    texts = [item["comment"]["text"][start:end] for start, end in links["spans"]]
    assert texts == ["http://a.example", "http://b.example", "http://c.example"]
    assert item["verdict"]["score"] == sum(finding["points"] for finding in item["verdict"]["findings"])


def test_the_queue_pages_urgent_first_then_oldest(site: Site) -> None:
    site.ok("POST", "/v1/admin/terms", json={"value": "overdose", "kind": "urgent"}, headers=site.service.owner)
    said = [site.comment("queue", f"Calm number {number}")["comment"]["id"] for number in range(4)]
    urgent = site.comment("queue", "I fear an OVERDOSE, what now?")
    assert urgent["help"]["text"]
    seen, cursor = [], None
    while True:
        page = site.queue(limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["comment"]["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [urgent["comment"]["id"], *said]
    assert page["counts"] == {"pending": 5, "urgent": 1, "reported": 0, "spam": 0}


def test_what_the_policy_lets_through_is_public_at_once_and_the_rest_waits(site: Site) -> None:
    site.policy({"mode": "open"})
    assert site.comment("open", "Published.")["status"] == "approved"
    assert site.comment("open", "http://a.example http://b.example http://c.example")["status"] == "pending"
    site.policy({"mode": "trust", "trust_after": 1})
    token = site.rate("other", 5)["reader"]
    assert site.comment("open", "Not known yet.", token)["status"] == "pending"
    site.decide(site.queue()["items"][-1]["comment"]["id"], "approve")
    assert site.comment("open", "Known now.", token)["status"] == "approved"
    assert site.thread("open")["comments_count"] == 3
    site.policy({"mode": "closed"})
    answer = site.service.request("POST", "/v1/articles/open/comments", json={"text": "Too late", "consent": True})
    assert (answer.status, answer.json()["code"]) == (403, "comments_closed")


def test_limits_of_the_policy_are_kept(service: Service, site: Site) -> None:
    site.policy({"limits": {"comments": {"network": {"count": 2, "seconds": 600}}, "ratings": {"network": None}}})
    body = {"consent": True}
    for number in range(2):
        site.comment("limits", f"Comment {number}")
    answer = service.request("POST", "/v1/articles/limits/comments", json={**body, "text": "Too often"})
    assert (answer.status, answer.json()["code"]) == (429, "limit_reached")
    assert 0 < int(answer.headers["retry-after"]) <= 600
    elsewhere = service.request(
        "POST", "/v1/articles/limits/comments", json={**body, "text": "From elsewhere"}, ip="198.51.100.1"
    )
    assert elsewhere.status == 202


def test_traps_blocks_and_terms_make_spam(site: Site) -> None:
    owner = site.service.owner
    site.ok("POST", "/v1/admin/terms", json={"value": "Casino", "kind": "spam"}, headers=owner)
    site.ok("POST", "/v1/admin/blocks", json={"kind": "domain", "value": "Spam.example"}, headers=owner)
    site.comment("spam", "Come to our casino!")
    blocked = site.comment("spam", "Hello from a blocked domain.", email="me@spam.example")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    site.service.request("POST", "/v1/articles/spam/comments", body="text=hi&consent=on&phone=123", headers=form)
    assert blocked["status"] == "pending", "a spammer is not told"
    checks = [{f["check"] for f in item["verdict"]["findings"]} for item in site.queue(state="spam")["items"]]
    assert [found - {"form_time"} for found in checks] == [{"terms"}, {"blocks"}, {"trap"}]
    author = {"kind": "author", "value": blocked["comment"]["id"]}
    listed = site.ok("POST", "/v1/admin/blocks", json=author, headers=owner)["items"]
    assert [block["kind"] for block in listed] == ["author", "domain"]
    again = site.comment("spam", "Hello again.", blocked["reader"])
    assert again["comment"]["id"] in {item["comment"]["id"] for item in site.queue(state="spam")["items"]}
    for block in listed:
        lifted = {"kind": block["kind"], "mark": block["mark"]}
        left = site.ok("DELETE", "/v1/admin/blocks", json=lifted, headers=owner)["items"]
    assert left == []
    assert site.ok("DELETE", "/v1/admin/terms", json={"value": "CASINO"}, headers=owner)["items"] == []


def test_the_log_pages_and_its_chain_holds(site: Site, stores: Any) -> None:

    comment_id = site.publish("log", "Up and down.")
    for action in ("reject", "approve", "spam", "restore", "approve"):
        site.decide(comment_id, action, note=f"to {action}")
    seen, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = site.ok("GET", "/v1/admin/audit", query=query, headers=site.service.owner)
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert [entry["action"] for entry in seen] == ["approve", "restore", "spam", "approve", "reject", "approve"]
    history = site.case(comment_id)["history"]
    assert [entry["id"] for entry in history[1:]] == [entry["id"] for entry in reversed(seen)]
    previous = None
    for line in history:
        entry = stores.moderation.entry(line["id"])
        assert entry.previous == previous
        assert entry.hash == chained(previous, entry.decision, entry.circumstances)
        previous = entry.hash
