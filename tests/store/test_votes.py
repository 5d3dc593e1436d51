from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.comments import Record
from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.dynamodb.records import public_key, public_rank
from chalicelib.errors import NotFound, Stale, Unavailable
from chalicelib.moderation import ruled
from chalicelib.once import KEPT_SECONDS, Done, Earlier, Once
from chalicelib.recount import recount
from chalicelib.votes import Ballot, rank, vote
from tests.faults import Fault, counted, injected
from tests.samples import NOW, decision, once, record, reply_to
from tests.store.conftest import Shelf, at_once, succeeds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("engine")

DONE = Done(once(), '{"votes": 1}', int(NOW.timestamp()) + KEPT_SECONDS)
UNSURE: dict[tuple[str, Fault], float] = {
    ("TransactWriteItems", "lost"): 0.2,
    ("TransactWriteItems", "conflict"): 0.1,
    ("TransactWriteItems", "throttle"): 0.1,
}


def published(number: int = 1, **changes: Any) -> Record:
    return record(number, state="approved", was_public=True, **changes)


def give(shelf: Shelf, comment: Record, voter: str, *, wanted: bool = True, key: Once | None = None) -> int:
    return vote(
        shelf.stores.votes, comment.id, voter, wanted=wanted, once=key, now=NOW, pause=lambda _attempt: None
    ).votes


def look(shelf: Shelf, comment: Record, voter: str = "ada") -> Ballot:
    return shelf.stores.votes.look(comment.id, voter, None, NOW)


def page_item(shelf: Shelf, comment: Record) -> dict[str, Any] | None:
    connection = shelf.stores.connection
    return connection.get(*public_key(connection.keys, comment))


def check(shelf: Shelf, comment: Record, votes: int) -> None:
    """Assert that everything which tells a public comment's votes tells this number."""
    connection = shelf.stores.connection
    items = list(connection.walk(connection.keys.votes(comment.id)))
    assert sum(1 for item in items if item["sk"] != SUMMARY) == votes
    assert sum(item["up"] for item in items if item["sk"] == SUMMARY) == votes
    shown = page_item(shelf, comment)
    assert shown
    assert shown.get("votes", 0) == votes
    assert shown.get("g2s") == (public_rank(comment, votes) if len(comment.path) == 1 else None)
    assert shelf.get(comment).votes == votes
    assert look(shelf, comment).record == shelf.get(comment)
    comments = shelf.stores.threads.first_page("article", 50, NOW).comments
    assert [each.votes for each in comments if each.id == comment.id] == [votes]
    check_count(shelf)


def check_count(shelf: Shelf) -> None:
    recounts = shelf.stores.recounts
    found = recount(recounts, recounts.key_of("article"), repair=False, pause=lambda _attempt: None)
    assert (found.outcome, found.differences) == ("exact", ())


def test_nobody_voted_yet(shelf: Shelf) -> None:
    comment = published()
    assert look(shelf, comment) == Ballot(None, mine=False, earlier=None)
    shelf.keep(comment)
    assert look(shelf, comment) == Ballot(comment, mine=False, earlier=None)


def test_a_vote_moves_the_count_the_page_and_the_place_together(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    shelf.stores.votes.move(look(shelf, comment), "ada", DONE, NOW, wanted=True)
    check(shelf, comment, 1)
    ballot = shelf.stores.votes.look(comment.id, "ada", once(), NOW)
    assert (ballot.mine, ballot.earlier) == (True, Earlier("digest", '{"votes": 1}'))
    assert not look(shelf, comment, "ben").mine
    shelf.stores.votes.move(ballot, "ada", None, NOW, wanted=False)
    assert not look(shelf, comment).mine
    shown = page_item(shelf, comment)
    assert shown
    assert (shown["votes"], shown["g2s"]) == (0, public_rank(comment, 0))


@pytest.mark.parametrize("votes", [1, 2, 16, 17, 18, 40])
def test_the_place_follows_the_votes_up_and_down(shelf: Shelf, votes: int) -> None:
    comment = published()
    shelf.keep(comment)
    for number in range(votes):
        assert give(shelf, comment, f"voter {number}") == number + 1
    check(shelf, comment, votes)
    for number in range(votes - 1, 0, -1):
        assert give(shelf, comment, f"voter {number}", wanted=False) == number
        shown = page_item(shelf, comment)
        assert shown
        assert shown["g2s"].startswith(f"{rank(number):02d}#")
    check(shelf, comment, 1)


def test_the_best_come_first_and_of_equals_the_newest(shelf: Shelf) -> None:
    votes = {1: 3, 2: 0, 3: 20, 4: 3, 5: 1}
    comments = {number: published(number) for number in votes}
    shelf.keep(*comments.values())
    for number, many in votes.items():
        for voter in range(many):
            give(shelf, comments[number], f"voter {voter}")
    found, _ = shelf.stores.threads.page("article", "best", 9, None)
    assert [comment.id for comment in found] == [comments[number].id for number in (3, 4, 1, 5, 2)]
    assert [comment.votes for comment in found] == [20, 3, 3, 1, 0]
    newest, _ = shelf.stores.threads.page("article", "newest", 9, None)
    assert [comment.id for comment in newest] == [comments[number].id for number in (5, 4, 3, 2, 1)]


def test_a_vote_for_a_reply_leaves_the_order_alone(shelf: Shelf) -> None:
    root, other = published(1), published(2)
    reply = reply_to(root, 3, state="approved", was_public=True)
    shelf.keep(root, other, reply)
    for voter in range(5):
        give(shelf, reply, f"voter {voter}")
    check(shelf, reply, 5)
    found, _ = shelf.stores.threads.page("article", "best", 9, None)
    assert [comment.id for comment in found] == [other.id, root.id, reply.id]


def test_a_vote_is_two_calls_and_the_same_one_again_is_one(shelf: Shelf, table_client: "DynamoDBClient") -> None:
    comment = published()
    shelf.keep(comment)
    with counted(table_client) as calls:
        give(shelf, comment, "ada", key=once())
    assert calls == {"BatchGetItem": 1, "TransactWriteItems": 1}
    with counted(table_client) as calls:
        give(shelf, comment, "ada")
    assert calls == {"BatchGetItem": 1}


def test_many_voters_at_once_are_all_counted(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    voters = [f"voter {number}" for number in range(60)]

    def insist(voter: str) -> None:
        while not succeeds(lambda: shelf.stores.votes.move(look(shelf, comment, voter), voter, None, NOW, wanted=True)):
            pass

    at_once([lambda voter=voter: insist(voter) for voter in voters])
    check(shelf, comment, 60)


def test_votes_given_and_taken_back_at_once_add_up(hasty: Shelf, hasty_client: "DynamoDBClient") -> None:
    root = published(1)
    reply = reply_to(root, 2, state="approved", was_public=True)
    hasty.keep(root, reply)

    def insist(comment: Record, voter: str, *, wanted: bool) -> None:
        while True:
            try:
                give(hasty, comment, voter, wanted=wanted)
            except Unavailable:
                continue
            return

    def come_and_go(comment: Record, number: int) -> None:
        for wanted in (True, False, True, number % 2 == 0):
            insist(comment, f"voter {number}", wanted=wanted)

    with injected(hasty_client, UNSURE, seed=16) as faults:
        at_once([lambda n=n, c=c: come_and_go(c, n) for n in range(16) for c in (root, reply)])
    assert faults.injected.total() > 20
    check(hasty, root, 8)
    check(hasty, reply, 8)


def test_the_same_voter_twenty_times_at_once_is_one_vote(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    assert set(at_once([lambda: give(shelf, comment, "ada")] * 20)) == {1}
    check(shelf, comment, 1)
    assert set(at_once([lambda: give(shelf, comment, "ada", wanted=False)] * 20)) == {0}
    check_count(shelf)
    assert look(shelf, comment) == Ballot(comment, mine=False, earlier=None)


def test_the_same_key_twenty_times_at_once_is_one_vote(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    assert set(at_once([lambda: give(shelf, comment, "ada", key=once())] * 20)) == {1}
    check(shelf, comment, 1)


def test_a_vote_on_what_was_seen_differently_is_stale_and_counts_nothing(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    store, seen, bens = shelf.stores.votes, look(shelf, comment), look(shelf, comment, "ben")
    store.move(seen, "ada", None, NOW, wanted=True)
    for ballot, voter, wanted in ((seen, "ada", True), (bens, "ben", True), (seen, "ada", False)):
        with pytest.raises(Stale):
            store.move(ballot, voter, DONE, NOW, wanted=wanted)
    assert store.look(comment.id, "ben", once(), NOW).earlier is None
    check(shelf, comment, 1)


def test_a_used_key_stops_the_whole_vote(shelf: Shelf) -> None:
    one, other = published(1), published(2)
    shelf.keep(one, other)
    shelf.stores.votes.move(look(shelf, one), "ada", DONE, NOW, wanted=True)
    with pytest.raises(Stale):
        shelf.stores.votes.move(look(shelf, other), "ada", DONE, NOW, wanted=True)
    assert look(shelf, other) == Ballot(other, mine=False, earlier=None)
    check(shelf, one, 1)


def test_votes_are_refused_while_a_comment_is_hidden_and_are_there_when_it_comes_back(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    for voter in ("ada", "ben", "cy"):
        give(shelf, comment, voter)
    seen, mine = look(shelf, comment, "dee"), look(shelf, comment)
    shelf.move(comment, "reject")
    for ballot, voter, wanted in ((seen, "dee", True), (mine, "ada", False)):
        with pytest.raises(Stale):
            shelf.stores.votes.move(ballot, voter, None, NOW, wanted=wanted)
        with pytest.raises(NotFound):
            give(shelf, comment, voter, wanted=wanted)
    assert page_item(shelf, comment) is None
    assert shelf.get(comment).votes == 3
    shelf.move(comment, "approve", 2)
    check(shelf, comment, 3)
    assert give(shelf, comment, "dee") == 4
    check(shelf, comment, 4)


@pytest.mark.parametrize("number", range(3))
def test_votes_that_meet_decisions_are_counted_or_refused_and_never_half(shelf: Shelf, number: int) -> None:
    comment = published()
    shelf.keep(comment)

    def try_vote(voter: str) -> bool:
        try:
            give(shelf, comment, voter)
        except (NotFound, Unavailable):
            return False
        return True

    def decide() -> bool:
        for minute in range(3):
            shelf.move(comment, "reject", 2 * minute + 1)
            shelf.move(comment, "approve", 2 * minute + 2)
        return False

    votes: list[Any] = [lambda n=n: try_vote(f"voter {n}") for n in range(20)]
    votes.insert(5 * number, decide)
    given = at_once(votes).count(True)
    give(shelf, comment, "the last")
    check(shelf, comment, given + 1)


def test_a_comment_that_was_never_public_has_no_votes(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    ballot = look(shelf, comment)
    assert ballot.record == comment
    with pytest.raises(Stale):
        shelf.stores.votes.move(ballot, "ada", None, NOW, wanted=True)
    assert look(shelf, comment) == ballot


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
@pytest.mark.parametrize("wanted", [True, False])
def test_a_vote_that_may_have_failed_is_stale_and_counted_once_or_not_at_all(
    hasty: Shelf,
    hasty_client: "DynamoDBClient",
    fault: Fault,
    wanted: bool,  # noqa: FBT001 - pytest passes what differs
) -> None:
    comment = published()
    hasty.keep(comment)
    give(hasty, comment, "ben")
    if not wanted:
        give(hasty, comment, "ada")
    before = 1 if wanted else 2
    with injected(hasty_client, {("TransactWriteItems", fault): 1}), pytest.raises(Stale):
        hasty.stores.votes.move(look(hasty, comment), "ada", None, NOW, wanted=wanted)
    check(hasty, comment, 3 - before if fault == "lost" else before)
    give(hasty, comment, "ada", wanted=wanted)
    check(hasty, comment, 3 - before)


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
def test_a_reader_hears_the_right_number_whatever_fails_at_first(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    comment = published()
    hasty.keep(comment)
    with injected(hasty_client, {("TransactWriteItems", fault): 0.6}, seed=9) as faults:
        for number in range(6):
            key = once(f"key {number}") if number % 2 else None
            assert give(hasty, comment, f"voter {number}", key=key) == number + 1
            if key:
                assert give(hasty, comment, f"voter {number}", key=key) == number + 1
    assert faults.injected.total() > 2
    check(hasty, comment, 6)


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_a_read_without_an_answer_is_unavailable(hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault) -> None:
    with injected(hasty_client, {("*", fault): 1}), pytest.raises(Unavailable):
        hasty.stores.votes.look("id", "ada", None, NOW)


def test_what_comes_back_is_refused_votes_it_does_not_have(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    shelf.move(comment, "approve", 1)
    give(shelf, comment, "ada")
    shelf.move(comment, "reject", 2)
    seen = shelf.get(comment)
    stale = replace(seen, votes=0)
    made = decision(stale, "approve", 3)
    with pytest.raises(Stale):
        shelf.stores.moderation.decide(ruled(stale, made), None)
    shelf.stores.moderation.decide(ruled(seen, made), None)
    assert shelf.get(comment).votes == 1
