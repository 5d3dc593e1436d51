"""What an author is told and can do about it, and what moderators do beyond yes and no: black out, trust, reply."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.audit import verify
from chalicelib.dynamodb import DynamoStores
from chalicelib.moderation import GROUNDS
from tests.conftest import Answer, Service
from tests.faults import injected
from tests.http.conftest import EXACT, Site, edit_token, path, reader
from tests.http.test_undoing import undo

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("engine", "exact_counts")

ARTICLE = EXACT
TEXT = "Ring Dr Müller on 555-0199 🙂, he helped *me*."
NUMBER = [TEXT.index("555"), TEXT.index("555") + len("555-0199")]
NAME = [TEXT.index("Dr"), TEXT.index("Müller") + len("Müller")]
Items = Callable[[], dict[tuple[str, str], Any]]


@pytest.fixture
def sent(site: Site) -> Any:
    return site.comment(ARTICLE, TEXT)


@pytest.fixture
def mine(sent: Any) -> str:
    comment_id: str = sent["comment"]["id"]
    return comment_id


def own(site: Site, sent: Any) -> Any:
    return site.ok("GET", f"/v1/comments/{sent['comment']['id']}", headers=edit_token(sent["edit_token"]))


def appeal(site: Site, sent: Any, text: str = "Please look again.", **headers: str) -> Answer:
    where = f"/v1/comments/{sent['comment']['id']}/appeal"
    return site.service.request(
        "POST", where, json={"text": text}, headers={**edit_token(sent["edit_token"]), **headers}
    )


def decide(site: Site, comment_id: str, action: str, **fields: Any) -> Answer:
    body = {"action": action, "revision": 1, **fields}
    where = f"/v1/admin/comments/{comment_id}/decision"
    return site.service.request("POST", where, json=body, headers=site.service.owner)


# Statements of reasons.


@pytest.mark.parametrize("reason", [*GROUNDS, "Not in this tone.", None])
@pytest.mark.parametrize(("action", "what"), [("reject", "rejected"), ("delete", "deleted")])
def test_an_author_is_told_what_was_done_and_why(
    site: Site, sent: Any, mine: str, action: str, what: str, reason: str | None
) -> None:
    assert (own(site, sent)["statement"], own(site, sent)["appeal"]) == (None, None)
    site.decide(mine, action, reason=reason, message="The second sentence.", note="I know him.")
    told = own(site, sent)["statement"]
    assert (told["what"], told["message"], told["automated"]) == (what, "The second sentence.", False)
    assert told["ground"] == GROUNDS.get(reason or "other", reason)
    assert told["appeal"].startswith("You can say once")
    assert set(told) == {"what", "ground", "message", "automated", "at", "appeal"}, "who it was is not told"
    assert own(site, sent)["reason"] == (reason if action == "reject" else None)


def test_a_rule_that_hides_says_that_it_is_one(site: Site, sent: Any, mine: str) -> None:
    site.policy({"reports_to_hide": 1})
    site.decide(mine, "approve")
    site.ok("POST", f"/v1/comments/{mine}/reports", json={"reason": "abuse", "note": "My words."})
    view = own(site, sent)
    assert (view["status"], view["statement"]["what"], view["statement"]["automated"]) == ("pending", "hidden", True)
    assert "My words" not in str(view)
    site.decide(mine, "approve")
    assert own(site, sent)["statement"] is None


def test_what_is_spam_seems_to_wait_and_its_author_is_told_nothing(site: Site, sent: Any, mine: str) -> None:
    waits = own(site, sent)
    site.decide(mine, "spam", reason="spam")
    assert own(site, sent) == waits
    site.decide(mine, "reject", reason="spam")
    site.decide(mine, "spam")
    assert own(site, sent) == waits
    assert appeal(site, sent).json()["code"] == "move_not_allowed"
    site.decide(mine, "reject")
    assert appeal(site, sent).status == 200
    heard = own(site, sent)
    site.decide(mine, "spam")
    assert own(site, sent) == heard, "an appeal seems to wait as well"


@pytest.mark.parametrize("ways", [["restore"], ["approve"]])
def test_a_restriction_that_is_lifted_is_told_no_more_and_undo_brings_it_back(
    site: Site, sent: Any, mine: str, ways: list[str]
) -> None:
    site.decide(mine, "reject", reason="abuse", message="Mind your words.")
    told = own(site, sent)["statement"]
    for way in ways:
        lifted = site.decide(mine, way)["decision"]
        assert own(site, sent)["statement"] is None
    assert undo(site.service, lifted).status == 200
    assert own(site, sent)["statement"] == told
    assert site.case(mine)["statement"]["ground"] == "abuse"


def test_an_undone_rejection_leaves_no_statement(site: Site, sent: Any, mine: str) -> None:
    undo(site.service, site.decide(mine, "reject")["decision"])
    assert own(site, sent)["statement"] is None


# Appeals.


def test_an_appeal_brings_a_comment_back_into_the_queue_once(site: Site, sent: Any, mine: str) -> None:
    site.decide(mine, "reject", reason="privacy")
    key = {"Idempotency-Key": "one-appeal"}
    first, again = (appeal(site, sent, "It is my own number.", **key) for _ in range(2))
    assert (first.status, first.json()) == (200, again.json())
    assert (first.json()["status"], first.json()["appeal"]["open"]) == ("pending", True)
    assert first.json()["statement"]["what"] == "rejected", "it stands until somebody has decided"
    (item,) = site.queue()["items"]
    assert (item["appeal"]["text"], item["appeal"]["open"]) == ("It is my own number.", True)
    assert item["waiting_since"] == item["appeal"]["at"], "it waits since then, and not since it was written"
    assert site.done_to(mine) == ["reject", "appeal"]
    second = appeal(site, sent, "And another thing.")
    assert (second.status, second.json()["code"]) == (409, "already_appealed")
    site.decide(mine, "reject", reason="privacy", message="The doctor's too.")
    view = own(site, sent)
    assert (view["status"], view["appeal"]["open"], view["statement"]["message"]) == (
        "rejected",
        False,
        "The doctor's too.",
    )
    assert "not a third time" in view["statement"]["appeal"]
    assert appeal(site, sent).json()["code"] == "already_appealed"
    assert site.case(mine)["appeal"]["open"] is False


def test_an_appeal_that_is_granted_publishes(site: Site, sent: Any, mine: str) -> None:
    site.decide(mine, "delete", reason="other")
    assert appeal(site, sent).status == 200
    site.decide(mine, "approve")
    view = own(site, sent)
    assert (view["status"], view["statement"], view["appeal"]["open"]) == ("approved", None, False)
    assert [each["id"] for each in site.thread(ARTICLE)["comments"]] == [mine]


@pytest.mark.parametrize("way", [None, "approve", "spam"])
def test_where_nothing_restricts_there_is_nothing_to_appeal_against(
    site: Site, sent: Any, mine: str, items: Items, way: str | None
) -> None:
    if way:
        site.decide(mine, way)
    before = items()
    answer = appeal(site, sent)
    assert (answer.status, answer.json()["code"], items()) == (409, "move_not_allowed", before)


def test_an_author_who_took_it_away_has_nothing_to_appeal_against(site: Site, sent: Any, mine: str) -> None:
    site.ok("DELETE", f"/v1/comments/{mine}", headers=edit_token(sent["edit_token"]))
    assert appeal(site, sent).status == 409


def test_an_appeal_is_not_undone_and_what_came_before_it_neither(site: Site, sent: Any, mine: str) -> None:
    decision = site.decide(mine, "reject")["decision"]
    appeal(site, sent)
    assert undo(site.service, decision).status == 409
    assert undo(site.service, site.case(mine)["history"][-1]).status == 409


# Blacking out.


def test_spans_are_blacked_out_and_what_was_there_is_kept(site: Site, sent: Any, mine: str) -> None:
    site.decide(mine, "approve", redact=[NAME, NUMBER], reason="privacy", message="We took the number out.")
    (shown,) = site.thread(ARTICLE)["comments"]
    assert (shown["text"], shown["revision"]) == ("Ring █████ on █████ 🙂, he helped *me*.", 2)
    assert shown["html"] == "<p>Ring █████ on █████ 🙂, he helped <em>me</em>.</p>"
    file = site.case(mine)
    assert [(each["revision"], each["text"]) for each in file["revisions"]] == [(1, TEXT)]
    assert [finding["spans"] for finding in file["verdict"]["findings"]] == [[] for _ in file["verdict"]["findings"]]
    view = own(site, sent)
    assert (view["status"], view["statement"]["what"], view["comment"]["text"]) == (
        "approved",
        "redacted",
        shown["text"],
    )
    assert "555" not in str(view)


def test_what_was_blacked_out_comes_back_as_a_newer_revision(site: Site, sent: Any, mine: str) -> None:
    found = site.case(mine)["verdict"]
    decision = site.decide(mine, "approve", redact=[NUMBER])["decision"]
    back = undo(site.service, decision).json()["comment"]
    assert (back["text"], back["revision"], back["state"]) == (TEXT, 3, "pending")
    file = site.case(mine)
    assert (file["verdict"], file["statement"]) == (found, None)
    assert [each["revision"] for each in file["revisions"]] == [1, 2]
    assert site.thread(ARTICLE)["comments"] == []
    late = decide(site, mine, "approve", revision=2)
    assert (late.status, late.json()["code"]) == (409, "already_decided"), "a number never stands for another text"


def test_an_appeal_against_black_leaves_the_page_as_it_is(site: Site, sent: Any, mine: str) -> None:
    site.decide(mine, "approve", redact=[NUMBER])
    page = site.thread(ARTICLE)["comments"]
    assert appeal(site, sent).json()["status"] == "pending"
    assert site.thread(ARTICLE)["comments"] == page
    site.decide(mine, "approve", 2)
    assert site.thread(ARTICLE)["comments"] == page
    view = own(site, sent)
    assert (view["statement"]["what"], view["appeal"]["open"]) == ("redacted", False), "it stands, and was heard"


@pytest.mark.parametrize(
    "spans",
    [[], [[0, 0]], [[3, 1]], [[0, 5], [4, 6]], [[5, 6], [0, 1]], [[0]], [[0, 1, 2]], [[-1, 2]], [["a", "b"]], [0, 1],
     [[0, 1.5]], [[0, 10_001]], [[n, n + 1] for n in range(21)], [[0, len(TEXT) + 1]], "all"],
)  # fmt: skip
def test_odd_spans_are_refused_and_change_nothing(site: Site, mine: str, items: Items, spans: Any) -> None:
    before = items()
    answer = decide(site, mine, "approve", redact=spans)
    assert (answer.status, items()) == (422, before)
    assert answer.json()["errors"][0]["pointer"].startswith("/redact")


@pytest.mark.parametrize("action", ["reject", "spam", "restore", "delete"])
@pytest.mark.parametrize("field", [{"redact": [[0, 1]]}, {"trust_author": True}, {"reply": "Thanks."}])
def test_what_goes_with_approve_goes_with_nothing_else(
    site: Site, mine: str, items: Items, action: str, field: dict[str, Any]
) -> None:
    before = items()
    answer = decide(site, mine, action, **field)
    assert (answer.status, items()) == (422, before)
    assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(field))}"


@pytest.mark.parametrize("action", ["approve", "spam", "restore"])
def test_a_message_that_nobody_would_read_is_refused(site: Site, mine: str, action: str) -> None:
    answer = decide(site, mine, action, message="Thank you.")
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "/message")


def test_a_span_ends_where_the_text_does(site: Site, mine: str) -> None:
    assert decide(site, mine, "approve", redact=[[0, len(TEXT)]]).status == 200
    assert site.thread(ARTICLE)["comments"][0]["text"] == "█████"


# Trust.


def test_an_author_who_is_trusted_is_published_at_once_until_that_is_undone(site: Site, sent: Any, mine: str) -> None:
    site.policy({"mode": "trust", "trust_after": 9})
    token = sent["reader"]
    decision = site.decide(mine, "approve", trust_author=True)["decision"]
    assert site.case(mine)["author"]["trusted"] is True
    assert site.comment(ARTICLE, "Another.", token)["status"] == "approved"
    second = site.comment(ARTICLE, "http://a.example http://b.example http://c.example", token)["comment"]["id"]
    again = site.decide(second, "approve", trust_author=True)["decision"]
    assert undo(site.service, again).status == 200
    assert site.case(mine)["author"]["trusted"] is True, "that decision changed nothing in this"
    assert undo(site.service, decision).status == 200
    assert site.case(mine)["author"]["trusted"] is False
    assert site.comment(ARTICLE, "A third.", token)["status"] == "pending"


# Replies.


def test_a_reply_stands_below_in_the_sites_name(site: Site, sent: Any, mine: str, stores: DynamoStores) -> None:
    site.policy({"reply_as": "Baclofen desk"})
    decided = site.decide(mine, "approve", reply="Thank *you*.")
    reply = decided["reply"]
    assert (reply["decision"]["action"], reply["decision"]["by"], reply["decision"]["to"]) == (
        "reply",
        "owner",
        "approved",
    )
    root, below = site.thread(ARTICLE)["comments"]
    assert (root["id"], below["parent_id"], below["depth"]) == (mine, mine, 1)
    assert (below["name"], below["html"]) == ("Baclofen desk", "<p>Thank <em>you</em>.</p>")
    file = site.case(below["id"])
    assert [each["action"] for each in file["history"]] == ["reply"]
    assert file["author"] == {**file["author"], "comments": 1, "approved": 1, "trusted": False}
    assert site.case(mine)["author"]["comments"] == 1, "what moderators say is in no reader's history"
    for each in (mine, below["id"]):
        assert verify(stores.audits, each, lambda _attempt: None)[1] == []


def test_a_reply_is_taken_back_like_a_decision(site: Site, mine: str) -> None:
    decided = site.decide(mine, "approve", reply="Thank you.")
    answer = undo(site.service, decided["reply"]["decision"])
    assert (answer.status, answer.json()["comment"]["state"]) == (200, "deleted")
    assert [each["id"] for each in site.thread(ARTICLE)["comments"]] == [mine]
    assert undo(site.service, decided["decision"]).status == 200
    assert site.thread(ARTICLE)["comments_count"] == 0


@pytest.mark.parametrize("key", [True, False])
def test_a_reply_is_there_once_whatever_fails(
    site: Site,
    mine: str,
    table_client: "DynamoDBClient",
    key: bool,  # noqa: FBT001 - a case
) -> None:
    where = f"/v1/admin/comments/{mine}/decision"
    body = {"action": "approve", "revision": 1, "reply": "Thank you."}
    headers = {**site.service.owner, **({"Idempotency-Key": "one-reply"} if key else {})}
    weather = {("TransactWriteItems", "lost"): 0.5, ("TransactWriteItems", "conflict"): 0.2}
    with injected(table_client, weather, seed=3):  # type: ignore[arg-type]
        first = site.service.request("POST", where, json=body, headers=headers)
    assert (first.status, first.json()["reply"]["comment"]["text"]) == (200, "Thank you.")
    again = site.service.request("POST", where, json=body, headers=headers)
    assert (again.status, again.json() == first.json()) == ((200, True) if key else (409, False))
    assert len(site.thread(ARTICLE)["comments"]) == 2


def test_a_reply_that_was_cut_off_is_made_when_the_decision_is_sent_again(
    site: Site, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = f"/v1/admin/comments/{mine}/decision"
    body = {"action": "approve", "revision": 1, "reply": "Thank you."}
    headers = {**site.service.owner, "Idempotency-Key": "cut-off"}
    with monkeypatch.context() as patch:
        patch.setattr("chalicelib.moderation.replying.ATTEMPTS", 0)
        assert site.service.request("POST", where, json=body, headers=headers).status == 503
    assert len(site.thread(ARTICLE)["comments"]) == 1
    answer = site.service.request("POST", where, json=body, headers=headers)
    assert (answer.status, answer.json()["reply"]["comment"]["parent_id"]) == (200, mine)
    assert len(site.thread(ARTICLE)["comments"]) == 2


def test_nobody_is_answered_below_what_is_gone_by_then(site: Site, mine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where = f"/v1/admin/comments/{mine}/decision"
    body = {"action": "approve", "revision": 1, "reply": "Thank you."}
    headers = {**site.service.owner, "Idempotency-Key": "too-late"}
    with monkeypatch.context() as patch:
        patch.setattr("chalicelib.moderation.replying.ATTEMPTS", 0)
        site.service.request("POST", where, json=body, headers=headers)
    site.decide(mine, "reject")
    answer = site.service.request("POST", where, json=body, headers=headers)
    assert (answer.status, answer.json()["reply"]) == (200, None)
    assert site.thread(ARTICLE)["comments"] == []


def test_a_reply_to_a_reply_stands_below_it_and_takes_votes(site: Site, service: Service, mine: str) -> None:
    site.decide(mine, "approve")
    deep = site.comment(ARTICLE, "I second that.", parent_id=mine)["comment"]["id"]
    reply = site.decide(deep, "approve", reply="So do we.")["reply"]["comment"]["id"]
    assert [(each["id"], each["depth"]) for each in site.pages(ARTICLE)] == [(mine, 0), (deep, 1), (reply, 2)]
    assert service.request("PUT", f"/v1/comments/{reply}/vote").json()["votes"] == 1
    below = site.comment(ARTICLE, "Thanks!", parent_id=reply)["comment"]["id"]
    site.decide(below, "approve")
    assert site.thread(ARTICLE)["comments_count"] == 4


def test_what_comes_with_many_decisions_comes_with_each(site: Site, mine: str) -> None:
    item = {
        "comment_id": mine,
        "action": "approve",
        "revision": 1,
        "redact": [NUMBER],
        "reply": "Thanks.",
        "trust_author": True,
    }
    answer = site.ok("POST", "/v1/admin/decisions", json={"items": [item]}, headers=site.service.owner)
    (result,) = answer["items"]
    assert (result["status"], result["reply"]["comment"]["parent_id"]) == (200, mine)
    assert "█████" in site.thread(ARTICLE)["comments"][0]["text"]
    assert site.case(mine)["author"]["trusted"] is True


def test_readers_report_and_vote_what_is_blacked_out(site: Site, service: Service, mine: str) -> None:
    token = site.rate("elsewhere", 3)["reader"]
    site.decide(mine, "approve", redact=[NUMBER])
    assert service.request("PUT", f"/v1/comments/{mine}/vote", headers=reader(token)).json() == {"votes": 1}
    assert service.request("POST", f"/v1/comments/{mine}/reports", json={"reason": "privacy"}).status == 202
    site.decide(mine, "approve", 2, redact=[NAME])
    (shown,) = site.ok("GET", path(ARTICLE))["comments"]
    assert (shown["revision"], shown["votes"], shown["text"].count("█████")) == (3, 1, 2)
