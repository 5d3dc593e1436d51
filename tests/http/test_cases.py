"""What moderators do at a comment without deciding: look, claim, leave notes; and what its file tells."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.dynamodb import DynamoStores
from chalicelib.moderation import Hand, Ruling, Wanted, claim, decide, give_up, note, view
from chalicelib.once import Once
from tests.conftest import Answer, Service
from tests.http.conftest import Site, edit_token, path, reader
from tests.http.test_races import at_once
from tests.samples import NOW, ask_for, record

pytestmark = pytest.mark.usefixtures("engine")

ARTICLE = "cases"
Items = Callable[[], dict[tuple[str, str], Any]]


def at(service: Service, comment_id: str, method: str, tail: str, **how: Any) -> Answer:
    headers = {**service.owner, **how.pop("headers", {})}
    return service.request(method, f"/v1/admin/comments/{comment_id}/{tail}", headers=headers, **how)


def hand(by: str, minutes: float = 0, comment_id: str = record().id, number: int = 1) -> Hand:
    return Hand(comment_id, by, None, NOW + timedelta(minutes=minutes), number, lambda _attempt: None)


@pytest.fixture
def waiting(site: Site) -> str:
    comment_id: str = site.comment(ARTICLE, "Somebody should look at this.")["comment"]["id"]
    return comment_id


@pytest.fixture
def kept(stores: DynamoStores) -> DynamoStores:
    stores.comments.add(record(), ask_for(record()), None, NOW)
    return stores


def test_a_claim_tells_the_others_who_is_looking_and_keeps_nobody_from_deciding(kept: DynamoStores) -> None:
    moderation = kept.moderation
    first = claim(moderation, hand("ann"))
    assert (first.claimed_by, first.until) == ("ann", NOW + timedelta(minutes=10))
    assert claim(moderation, hand("ben", 1, number=2)) == first, "another's claim is answered, not taken"
    (item,), _ = kept.queue.page(Wanted(), 9, None, NOW + timedelta(minutes=1))
    assert item.claimed_by == "ann"
    ruling = Ruling(action="approve", revision=1)
    at_ = NOW + timedelta(minutes=2)
    decided = decide(
        moderation, record().id, ruling, "ben", once=None, now=at_, randomness=3, pause=lambda _attempt: None
    )
    assert (decided.decision.by, decided.comment.state) == ("ben", "approved")
    file = moderation.case_file(record().id, at_)
    assert file
    assert (file.claimed_by, [each.action for each in file.history]) == (None, ["claim", "approve"])


def test_a_claim_is_renewed_without_an_entry_and_ends_by_itself(kept: DynamoStores) -> None:
    moderation = kept.moderation
    claim(moderation, hand("ann"))
    assert claim(moderation, hand("ann", 9, number=2)).until == NOW + timedelta(minutes=19)
    assert claim(moderation, hand("ben", 18, number=3)).claimed_by == "ann"
    file = moderation.case_file(record().id, NOW + timedelta(minutes=19))
    assert file
    assert (file.claimed_by, len(file.history)) == (None, 1)
    assert claim(moderation, hand("ben", 19, number=4)).claimed_by == "ben"
    file = moderation.case_file(record().id, NOW + timedelta(minutes=19))
    assert file
    assert [(each.action, each.by) for each in file.history] == [("claim", "ann"), ("claim", "ben")]


def test_only_who_claimed_gives_up(kept: DynamoStores) -> None:
    moderation = kept.moderation
    claim(moderation, hand("ann"))
    assert give_up(moderation, hand("ben", 1)).claimed_by == "ann"
    for _ in range(2):
        assert give_up(moderation, hand("ann", 2)).claimed_by is None
    assert claim(moderation, hand("ben", 3, number=2)).claimed_by == "ben"


def test_of_many_who_claim_at_once_one_does(kept: DynamoStores) -> None:
    hands = [hand(f"moderator {each}", number=each) for each in range(8)]
    answers = at_once([lambda each=each: claim(kept.moderation, each) for each in hands])
    assert len({each.claimed_by for each in answers}) == 1
    file = kept.moderation.case_file(record().id, NOW)
    assert file
    assert [(each.action, each.by) for each in file.history] == [("claim", answers[0].claimed_by)]


def test_whoever_looks_again_within_the_hour_has_looked_once(kept: DynamoStores) -> None:
    first = view(kept.moderation, hand("ann"), Once("ann's", "ann's"))
    assert view(kept.moderation, hand("ann", 59, number=2), Once("ann's", "ann's")) == first
    view(kept.moderation, hand("ben", 1, number=3), Once("ben's", "ben's"))
    view(kept.moderation, hand("ann", 61, number=4), Once("ann's", "ann's"))
    file = kept.moderation.case_file(record().id, NOW)
    assert file
    assert [(each.action, each.by) for each in file.history] == [("view", by) for by in ("ann", "ben", "ann")]


def test_what_happens_to_a_deleted_comment_does_not_lengthen_its_life(kept: DynamoStores) -> None:
    delete = Ruling(action="delete", revision=1)
    decide(kept.moderation, record().id, delete, "ann", once=None, now=NOW, randomness=1, pause=lambda _attempt: None)
    later = timedelta(days=20) / timedelta(minutes=1)
    note(kept.moderation, hand("ben", later, number=2), "Let us talk about this.")
    claim(kept.moderation, hand("ben", later, number=3))
    claim(kept.moderation, hand("ben", later + 1, number=4))
    assert kept.comments.get(record().id, NOW + timedelta(days=29))
    assert kept.comments.get(record().id, NOW + timedelta(days=31)) is None


def test_events_are_in_the_history_and_not_among_the_decisions(service: Service, site: Site, waiting: str) -> None:
    assert at(service, waiting, "POST", "claim").json()["claimed_by"] == "owner"
    first, again = (at(service, waiting, "POST", "views").json() for _ in range(2))
    assert first == again
    written = at(service, waiting, "POST", "notes", json={"text": "I know *this* author."}).json()
    assert (written["action"], written["by"], written["note"]) == ("note", "owner", "I know *this* author.")
    assert (written["from"], written["to"]) == ("pending", "pending")
    history = site.case(waiting)["history"]
    assert [(each["action"], each["by"]) for each in history] == [
        ("submit", "author"),
        ("claim", "owner"),
        ("view", "owner"),
        ("note", "owner"),
    ]
    assert {**history[-1], "circumstances": None} == {**written, "circumstances": None}
    assert site.ok("GET", "/v1/admin/audit", headers=service.owner)["items"] == []


def test_a_note_sent_again_is_one_note(service: Service, site: Site, waiting: str) -> None:
    key = {"Idempotency-Key": "one-note"}
    first, again = (at(service, waiting, "POST", "notes", json={"text": "Once."}, headers=key) for _ in range(2))
    assert (first.status, first.json()) == (200, again.json())
    assert site.done_to(waiting) == ["note"]
    other = at(service, waiting, "POST", "notes", json={"text": "Another."}, headers=key)
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")


def test_an_event_is_no_decision_and_leaves_the_last_one_to_be_undone(
    service: Service, site: Site, waiting: str
) -> None:
    decision = site.decide(waiting, "reject")["decision"]
    events = [at(service, waiting, "POST", "notes", json={"text": "Are you sure?"}).json()["id"]]
    at(service, waiting, "POST", "claim")
    at(service, waiting, "POST", "views")
    answer = service.request("POST", "/v1/admin/undo", json={"decision_id": events[0]}, headers=service.owner)
    assert (answer.status, answer.json()["code"]) == (404, "not_found")
    answer = service.request("POST", "/v1/admin/undo", json={"decision_id": decision["id"]}, headers=service.owner)
    assert (answer.status, answer.json()["comment"]["state"]) == (200, "pending")
    assert site.done_to(waiting) == ["reject", "note", "claim", "view", "undo"]


def test_who_overtakes_a_decision_with_a_note_stops_nobody(service: Service, site: Site, waiting: str) -> None:
    ruling = {"json": {"action": "approve", "revision": 1}}
    notes = [lambda n=n: at(service, waiting, "POST", "notes", json={"text": f"Note {n}"}) for n in range(5)]
    answers = at_once([*notes, lambda: at(service, waiting, "POST", "decision", **ruling)])
    assert [answer.status for answer in answers] == [200] * 6
    assert sorted(site.done_to(waiting)) == ["approve", *["note"] * 5]


def test_the_file_holds_every_text_every_report_and_the_authors_other_comments(service: Service, site: Site) -> None:
    site.policy({"mode": "open", "reports_to_hide": 9})
    sent = site.comment(ARTICLE, "Version 1.", name="Ada")
    mine, token = sent["comment"]["id"], sent["reader"]
    others = [site.comment(f"{ARTICLE} {each}", f"Elsewhere {each}.", token)["comment"]["id"] for each in range(22)]
    site.comment(ARTICLE, "By somebody else.")
    for number in (2, 3):
        body = {"text": f"Version {number}."}
        site.ok("PATCH", f"/v1/comments/{mine}", json=body, headers=edit_token(sent["edit_token"]))
    for number in range(5):
        report = {"reason": "other", "note": f"Report {number}"}
        site.ok("POST", f"/v1/comments/{mine}/reports", json=report)
    site.decide(mine, "approve", 3)
    site.ok("POST", f"/v1/comments/{mine}/reports", json={"reason": "spam"})
    file = site.case(mine)
    assert [(each["revision"], each["text"]) for each in file["revisions"]] == [(1, "Version 1."), (2, "Version 2.")]
    times = [datetime.fromisoformat(each["at"]) for each in file["revisions"]]
    assert times == sorted(times)
    assert sorted(each["note"] or "" for each in file["reports"]) == ["", *(f"Report {n}" for n in range(5))]
    assert {(each["reason"], each["open"], each["revision"]) for each in file["reports"]} == {
        ("other", False, 3),
        ("spam", True, 3),
    }
    assert [each["id"] for each in file["author_comments"]] == others[:1:-1]
    assert file["author_comments"][0] == {
        "id": others[-1],
        "article_id": f"{ARTICLE} 21",
        "state": "approved",
        "text": "Elsewhere 21.",
        "created_at": file["author_comments"][0]["created_at"],
    }
    (item,) = site.queue(state="reported")["items"]
    assert [each["reason"] for each in item["reports"]] == ["spam"]


def test_a_file_holds_the_newest_of_many_texts_and_reports(
    service: Service, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.dynamodb.moderation.REVISIONS", 3)
    monkeypatch.setattr("chalicelib.dynamodb.moderation.REPORTS", 2)
    site.policy({"mode": "open", "reports_to_hide": 9})
    sent = site.comment(ARTICLE, "Version 1.")
    mine = sent["comment"]["id"]
    for number in range(2, 7):
        body = {"text": f"Version {number}."}
        site.ok("PATCH", f"/v1/comments/{mine}", json=body, headers=edit_token(sent["edit_token"]))
        site.ok("POST", f"/v1/comments/{mine}/reports", json={"reason": "other"})
    file = site.case(mine)
    assert [each["revision"] for each in file["revisions"]] == [3, 4, 5]
    assert len(file["reports"]) == 2


def test_a_comment_comes_with_an_entry_and_costs_no_call_more(site: Site, stores: DynamoStores) -> None:
    site.ok("POST", "/v1/admin/terms", json={"value": "casino", "kind": "hold"}, headers=site.service.owner)
    comment_id = site.comment(ARTICLE, "Come to the casino.")["comment"]["id"]
    (submit,) = site.case(comment_id)["history"]
    assert (submit["action"], submit["from"], submit["to"], submit["by"]) == ("submit", None, "pending", "author")
    entry = stores.moderation.entry(submit["id"])
    assert entry
    assert entry.circumstances
    assert (entry.circumstances.article_id, entry.circumstances.outcome) == (ARTICLE, "hold")
    assert set(entry.circumstances.checks) == {"terms", "form_time"}
    decision = site.decide(comment_id, "approve")["decision"]
    decided = stores.moderation.entry(decision["id"])
    assert decided
    assert decided.circumstances
    assert decided.circumstances.waited is not None
    assert decided.previous == entry.hash


def test_a_comment_that_is_sent_again_has_come_once(site: Site, stores: DynamoStores) -> None:
    sent = site.comment(ARTICLE, "Here I am again.")
    again = site.service.request(
        "POST",
        f"{path(ARTICLE)}/comments",
        json={"text": "Here I am again.", "consent": True},
        headers=reader(sent["reader"]),
    )
    assert again.json()["comment"]["id"] == sent["comment"]["id"]
    assert site.done_to(sent["comment"]["id"]) == []
    assert len(stores.audits.chain(sent["comment"]["id"]).entries) == 1
