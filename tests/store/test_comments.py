from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.comments import AuthorHistory, Record
from chalicelib.dynamodb import DynamoStores
from chalicelib.dynamodb.records import DELETED_LIVES
from chalicelib.dynamodb.sightings import SIGHTINGS_KEPT
from chalicelib.errors import Stale, Unavailable
from chalicelib.once import KEPT_SECONDS, Done, Earlier
from chalicelib.policy import DEFAULT
from chalicelib.spam.likeness import likeness
from tests.faults import Fault, injected
from tests.samples import NOW, ask_for, once, record, reply_to
from tests.store.conftest import Shelf, at_once, succeeds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# moto copies its whole table for each transaction: with so many comments, calls would time out.
pytestmark = pytest.mark.usefixtures("engine")

KEY = b"k" * 32
MUCH = "My uncle was cured of everything within two weeks, ask for the bottle with the green label"
OTHER = "I have been on the tablets since March and the cramps at night are nearly gone, thank you"
DONE = Done(once(), "the answer", int(NOW.timestamp()) + KEPT_SECONDS)


def author_of(shelf: Shelf, comment: Record) -> AuthorHistory:
    return shelf.stores.comments.gather(ask_for(comment), None, NOW).author


def test_nothing_is_known_of_a_first_comment(stores: DynamoStores) -> None:
    known = stores.comments.gather(ask_for(record(), fingerprint="words", email="mark"), once(), NOW)
    assert (known.policy, known.existing, known.parent, known.author) == (DEFAULT, None, None, AuthorHistory())
    assert (known.repeats, known.blocked, known.earlier) == (0, (), None)
    assert stores.comments.get(record().id, NOW) is None


def test_a_kept_comment_comes_back_as_it_was(shelf: Shelf) -> None:
    comment = record(text="*Odd* <b>words</b> 薬\n\n> quoted", website="https://a.example/")
    shelf.keep(comment)
    assert shelf.get(comment) == comment
    assert shelf.stores.comments.gather(ask_for(comment), None, NOW).existing == comment


def test_a_waiting_comment_is_not_public(shelf: Shelf) -> None:
    shelf.keep(record(), record(2, state="spam", lane="spam"))
    page = shelf.stores.threads.first_page("article", 20, NOW)
    assert (page.comments, page.approved) == ([], 0)


def test_an_approved_comment_is_public_and_counted_at_once(shelf: Shelf) -> None:
    comment = record(state="approved", was_public=True)
    shelf.keep(comment)
    page = shelf.stores.threads.first_page("article", 20, NOW)
    assert (page.comments, page.approved) == ([comment.public], 1)


def test_the_same_comment_again_is_stale_and_counts_nothing(shelf: Shelf) -> None:
    comment = record(state="approved", was_public=True)
    shelf.keep(comment)
    with pytest.raises(Stale):
        shelf.stores.comments.add(replace(comment, text="other words"), ask_for(comment), None, NOW)
    assert shelf.get(comment) == comment
    assert author_of(shelf, comment).comments == 1
    assert shelf.stores.threads.first_page("article", 20, NOW).approved == 1


def test_of_one_comment_added_many_times_at_once_one_is_kept(shelf: Shelf) -> None:
    comment = record(state="approved", was_public=True)
    won = at_once([lambda: succeeds(lambda: shelf.keep(comment)) for _ in range(20)])
    assert won.count(True) == 1
    assert author_of(shelf, comment) == AuthorHistory(
        comments=1, approved=1, first_seen=comment.created_at.replace(microsecond=0)
    )
    assert shelf.stores.threads.first_page("article", 20, NOW).approved == 1


def test_an_author_is_known_by_what_became_of_the_comments(shelf: Shelf) -> None:
    comments = [record(number, author="ada") for number in range(1, 5)]
    shelf.keep(*comments, record(9, author="ada", state="spam", lane="spam"))
    shelf.move(comments[0], "approve")
    shelf.move(comments[1], "reject")
    shelf.move(comments[2], "spam")
    shelf.move(comments[2], "restore", 2)
    history = author_of(shelf, comments[0])
    assert (history.comments, history.approved, history.rejected, history.spam) == (5, 1, 1, 1)
    assert history.first_seen == comments[0].created_at.replace(microsecond=0)


def test_a_reply_hears_of_its_parent(shelf: Shelf) -> None:
    parent = record(state="approved", was_public=True)
    shelf.keep(parent)
    assert shelf.stores.comments.gather(ask_for(reply_to(parent, 2)), None, NOW).parent == parent
    assert shelf.stores.comments.gather(ask_for(record(3)), None, NOW).parent is None


def test_repeated_words_are_counted_for_a_week(shelf: Shelf) -> None:
    stores = shelf.stores
    for number in (1, 2):
        comment = record(number)
        stores.comments.add(comment, ask_for(comment, fingerprint="the same words"), None, NOW)
    asked = ask_for(record(3), fingerprint="the same words")
    assert stores.comments.gather(asked, None, NOW).repeats == 2
    assert stores.comments.gather(asked, None, NOW + timedelta(seconds=SIGHTINGS_KEPT)).repeats == 0
    assert stores.comments.gather(ask_for(record(3), fingerprint="others"), None, NOW).repeats == 0


def test_texts_much_alike_are_counted_for_a_week_and_ones_own_is_not(shelf: Shelf) -> None:
    comments = shelf.stores.comments
    sent = [record(number, text=f"{MUCH} at the shop, page {number}.") for number in range(20)]
    for comment in sent:
        comments.add(comment, ask_for(comment, likeness=likeness(comment.text, KEY, comment.id)), None, NOW)
    last = ask_for(record(99), likeness=likeness(f"{MUCH} at the shop, page 99.", KEY, record(99).id))
    seen = comments.gather(last, None, NOW).similar
    assert 15 <= seen <= 20, "some share no key, and some slots were taken twice"
    own = ask_for(sent[0], likeness=likeness(sent[0].text, KEY, sent[0].id))
    assert comments.gather(own, None, NOW).similar < 20
    other = ask_for(record(99), likeness=likeness(OTHER, KEY, record(99).id))
    assert comments.gather(other, None, NOW).similar == 0
    assert comments.gather(last, None, NOW + timedelta(seconds=SIGHTINGS_KEPT)).similar == 0


def test_a_comment_that_is_alone_is_like_no_other_when_it_is_edited(shelf: Shelf) -> None:
    comment = record(text=MUCH)
    asked = ask_for(comment, likeness=likeness(comment.text, KEY, comment.id))
    shelf.stores.comments.add(comment, asked, None, NOW)
    assert shelf.stores.comments.gather(asked, None, NOW).similar == 0


def test_a_key_remembers_its_answer_and_stops_a_second_comment(shelf: Shelf) -> None:
    stores, comment, other = shelf.stores, record(), record(2)
    stores.comments.add(comment, ask_for(comment), DONE, NOW)
    assert stores.comments.gather(ask_for(other), once(), NOW).earlier == Earlier("digest", "the answer")
    with pytest.raises(Stale):
        stores.comments.add(other, ask_for(other), DONE, NOW)
    assert stores.comments.get(other.id, NOW) is None
    later = NOW + timedelta(seconds=KEPT_SECONDS)
    assert stores.comments.gather(ask_for(other), once(), later).earlier is None
    stores.comments.add(other, ask_for(other), DONE, later)
    assert stores.comments.get(other.id, later) == other


def test_a_deleted_comment_past_its_time_is_gone_and_can_be_written_again(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    shelf.move(comment, "delete")
    last = NOW + timedelta(minutes=1, seconds=DELETED_LIVES)
    assert shelf.stores.comments.get(comment.id, last - timedelta(seconds=1))
    gone = last + timedelta(seconds=1)
    assert shelf.stores.comments.get(comment.id, gone) is None
    assert shelf.stores.comments.gather(ask_for(comment), None, gone).existing is None
    assert shelf.stores.moderation.look(comment.id, None, gone).record is None
    with pytest.raises(Stale):
        shelf.stores.comments.add(comment, ask_for(comment), None, last - timedelta(seconds=1))
    shelf.stores.comments.add(comment, ask_for(comment), None, gone)
    assert shelf.get(comment, gone) == comment


def test_a_reply_that_is_public_at_once_is_found_below_a_public_root_only(shelf: Shelf) -> None:
    root = record()
    shelf.keep(root)
    orphan = reply_to(root, 2, state="approved", was_public=True)
    shelf.keep(orphan)
    assert [comment.id for comment in shelf.stores.threads.page("article", "newest", 9, None)[0]] == [orphan.id]


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
def test_a_write_that_may_have_failed_is_stale_and_done_once_or_not_at_all(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    comment = record(state="approved", was_public=True)
    with injected(hasty_client, {("TransactWriteItems", fault): 1}), pytest.raises(Stale):
        hasty.keep(comment)
    kept = hasty.stores.comments.get(comment.id, NOW)
    assert kept == (comment if fault == "lost" else None)
    if kept is None:
        hasty.keep(comment)
    assert author_of(hasty, comment).comments == 1
    assert hasty.stores.threads.first_page("article", 20, NOW).approved == 1


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
def test_the_step_without_the_root_is_not_taken_unless_the_root_is_known_to_be_gone(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    root = record(state="approved", was_public=True)
    hasty.keep(root)
    reply = reply_to(root, 2, state="approved", was_public=True)
    with injected(hasty_client, {("TransactWriteItems", fault): 1}) as faults, pytest.raises(Stale):
        hasty.keep(reply)
    assert sum(faults.injected.values()) == 1
    if fault != "lost":
        hasty.keep(reply)
    assert [comment.id for comment in hasty.stores.threads.page("article", "best", 9, None)[0]] == [root.id, reply.id]


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_a_read_without_an_answer_is_unavailable(hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault) -> None:
    comments = hasty.stores.comments
    with injected(hasty_client, {("*", fault): 1}):
        for call in (lambda: comments.get("id", NOW), lambda: comments.gather(ask_for(record()), None, NOW)):
            with pytest.raises(Unavailable):
                call()
