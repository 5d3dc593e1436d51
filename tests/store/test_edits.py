from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.audit import BY_AUTHOR, Action, Entry, Line
from chalicelib.comments import Record, State
from chalicelib.dynamodb.records import public_item, public_key
from chalicelib.errors import AlreadyDecided, Stale
from chalicelib.markdown import render
from chalicelib.moderation import CaseFile, Decided, Ruled, Ruling, Wanted, decide
from chalicelib.once import KEPT_SECONDS, Done, Earlier
from chalicelib.recount import recount
from chalicelib.reports import Report, Wish, report
from chalicelib.votes import vote
from tests.faults import Fault, counted, injected
from tests.samples import NOW, ask_for, decision, once, record, reply_to
from tests.store.conftest import Shelf, at_once, succeeds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("engine")

AT = NOW.replace(microsecond=0)
DONE = Done(once(), "{}", int(NOW.timestamp()) + KEPT_SECONDS)
TEXT = "A text that is *better* than the one before it."


def published(number: int = 1, **changes: Any) -> Record:
    return record(number, state="approved", was_public=True, **changes)


def edit_of(before: Record, to: State, text: str = TEXT, number: int = 1) -> Ruled:
    """Return an author's edit, ready to be kept."""
    entry = Entry.after(
        before.head,
        replace(
            decision(replace(before, state="pending"), "approve", number),
            action="edit",
            from_=before.state,
            to=to,
            revision=before.revision + 1,
            by=BY_AUTHOR,
        ),
    )
    after = replace(
        before,
        text=text,
        html=render(text),
        revision=before.revision + 1,
        edited_at=AT + timedelta(minutes=number),
        state=to,
        version=before.version + 1,
        decision=entry.decision.id,
        head=entry.hash,
        was_public=before.was_public or to == "approved",
    )
    return Ruled(before, after, entry)


def revise(shelf: Shelf, edit: Ruled, done: Done | None = None, fingerprint: str | None = None) -> None:
    shelf.stores.edits.revise(edit, ask_for(edit.before, fingerprint=fingerprint), done, NOW)


def old_text(shelf: Shelf, comment: Record, revision: int = 1) -> dict[str, Any] | None:
    connection = shelf.stores.connection
    return connection.get(connection.keys.comment(comment.id), f"R#{revision:07d}")


def page_item(shelf: Shelf, comment: Record) -> dict[str, Any] | None:
    connection = shelf.stores.connection
    return connection.get(*public_key(connection.keys, comment))


def public(shelf: Shelf) -> tuple[list[str], int]:
    page = shelf.stores.threads.first_page("article", 50, NOW)
    return [comment.text for comment in page.comments], page.approved


def case(shelf: Shelf, comment: Record) -> CaseFile:
    file = shelf.stores.moderation.case_file(comment.id, NOW)
    assert file
    return file


def check(shelf: Shelf) -> None:
    recounts = shelf.stores.recounts
    found = recount(recounts, recounts.key_of("article"), repair=False, pause=lambda _attempt: None)
    assert (found.outcome, found.differences) == ("exact", ())


@pytest.mark.parametrize("to", ["pending", "approved", "spam"])
@pytest.mark.parametrize("was", ["pending", "approved", "rejected", "spam"])
def test_an_edit_moves_record_page_counts_queue_and_log_together(shelf: Shelf, was: State, to: State) -> None:
    comment = record(state=was, was_public=was == "approved", lane="spam" if was == "spam" else "pending")
    shelf.keep(comment)
    edit = edit_of(comment, to)
    edit = replace(edit, after=replace(edit.after, lane="spam" if to == "spam" else "pending"))
    revise(shelf, edit, DONE)
    assert shelf.get(comment) == edit.after
    assert public(shelf) == (([TEXT], 1) if to == "approved" else ([], 0))
    file = case(shelf, comment)
    assert file.history == [Line.of(edit.entry)]
    assert (file.author.comments, file.author.approved, file.author.rejected, file.author.spam) == (
        1,
        int(to == "approved"),
        0,
        int(to == "spam"),
    )
    for state in ("pending", "approved", "rejected", "spam"):
        items, _ = shelf.stores.queue.page(Wanted(state), 9, None, NOW)
        assert [item.comment.text for item in items] == ([TEXT] if state == to else [])
    assert shelf.stores.moderation.look(comment.id, once(), NOW).earlier == Earlier("digest", "{}")
    check(shelf)


def test_the_old_texts_are_kept_each_under_its_revision(shelf: Shelf) -> None:
    comment = record(text="The *first* text.")
    shelf.keep(comment)
    assert old_text(shelf, comment) is None
    first = edit_of(comment, "pending", "The second text.", 1)
    revise(shelf, first)
    second = edit_of(first.after, "pending", "The third text.", 2)
    revise(shelf, second)
    kept = [old_text(shelf, comment, revision) for revision in (1, 2, 3)]
    assert [item and (item["sk"], item["text"]) for item in kept] == [
        ("R#0000001", "The *first* text."),
        ("R#0000002", "The second text."),
        None,
    ]
    assert [item and item["at"] for item in kept[:2]] == [
        int(comment.created_at.timestamp()),
        int((AT + timedelta(minutes=1)).timestamp()),
    ]
    assert shelf.get(comment).text == "The third text."


@pytest.mark.parametrize(
    ("before", "after"), [("plain", "*rich*"), ("*rich*", "plain"), ("plain", "plainer"), ("*rich*", "**richer**")]
)
def test_another_text_on_the_page_is_shown_as_if_it_had_always_been_there(
    shelf: Shelf, before: str, after: str
) -> None:
    comment = published(text=before, website="https://a.example/")
    shelf.keep(comment)
    edit = edit_of(comment, "approved", after)
    revise(shelf, edit)
    connection = shelf.stores.connection
    expected = public_item(connection.keys, edit.after, deep=False)
    assert page_item(shelf, comment) == {name: value for name, value in expected.items() if value is not None}
    (shown,) = shelf.stores.threads.first_page("article", 9, NOW).comments
    assert shown == edit.after.public
    for sort in ("newest", "oldest", "best"):
        found, _ = shelf.stores.threads.page("article", sort, 9, None)
        assert found == [shown]


def test_an_edit_leaves_votes_place_and_replies_alone(shelf: Shelf) -> None:
    comment = published()
    reply = reply_to(comment, 2)
    shelf.keep(comment, reply)
    shelf.move(reply, "approve")
    for voter in ("ada", "ben"):
        give(shelf, comment, voter)
    before = page_item(shelf, comment)
    assert before
    edit = edit_of(shelf.get(comment), "approved")
    revise(shelf, edit)
    after = page_item(shelf, comment)
    changed = {"text": TEXT, "html": edit.after.html, "rev": 2, "edited": int((AT + timedelta(minutes=1)).timestamp())}
    assert after == {**before, **changed}
    assert (after["votes"], after["deep"]) == (2, True)
    assert give(shelf, comment, "cy") == 3
    check(shelf)


def test_votes_survive_the_time_an_edit_waits(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    for voter in ("ada", "ben"):
        give(shelf, comment, voter)
    revise(shelf, edit_of(shelf.get(comment), "pending"))
    assert public(shelf) == ([], 0)
    assert rule(shelf, comment, "approve", 2).comment.votes == 2
    assert public(shelf) == ([TEXT], 1)
    assert give(shelf, comment, "cy") == 3
    check(shelf)


def give(shelf: Shelf, comment: Record, voter: str) -> int:
    return vote(
        shelf.stores.votes, comment.id, voter, wanted=True, once=None, now=NOW, pause=lambda _attempt: None
    ).votes


def rule(shelf: Shelf, comment: Record, action: Action, revision: int) -> Decided:
    """Let a moderator decide on a revision."""
    return decide(
        shelf.stores.moderation,
        comment.id,
        Ruling(action=action, revision=revision),
        "ann",
        once=None,
        now=NOW + timedelta(hours=revision),
        randomness=revision,
        pause=lambda _attempt: None,
    )


def test_every_edit_is_seen_in_the_version_of_the_page(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    versions = [shelf.stores.threads.first_page("article", 9, NOW).version]
    for number, to in enumerate(("approved", "approved", "pending", "approved"), 1):
        revise(shelf, edit_of(shelf.get(comment), to, f"Text {number}", number))  # type: ignore[arg-type]
        versions.append(shelf.stores.threads.first_page("article", 9, NOW).version)
    assert len(set(versions)) == len(versions)


def test_a_reply_that_an_edit_publishes_is_found_below_its_root(shelf: Shelf) -> None:
    root = published(1)
    reply = reply_to(root, 2)
    orphan = reply_to(root, 3)
    shelf.keep(root, reply, orphan)
    revise(shelf, edit_of(reply, "approved"))
    found, _ = shelf.stores.threads.page("article", "best", 9, None)
    assert [comment.id for comment in found] == [root.id, reply.id]
    shelf.move(root, "reject", 5)
    revise(shelf, edit_of(orphan, "approved", number=2))
    found, _ = shelf.stores.threads.page("article", "newest", 9, None)
    assert [comment.id for comment in found] == [reply.id, orphan.id]
    check(shelf)


def test_a_new_text_counts_as_sent_lately(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    revise(shelf, edit_of(comment, "pending"), fingerprint="its letters")
    asked = ask_for(record(2), fingerprint="its letters")
    assert shelf.stores.comments.gather(asked, None, NOW).repeats == 1


def test_an_edit_of_what_has_changed_is_stale_and_changes_nothing(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    late = edit_of(comment, "approved", number=2)
    shelf.move(comment, "reject")
    before = shelf.get(comment)
    with pytest.raises(Stale):
        revise(shelf, late, DONE, "its letters")
    assert shelf.get(comment) == before
    assert old_text(shelf, comment) is None
    assert public(shelf) == ([], 0)
    assert shelf.stores.moderation.entry(late.entry.decision.id) is None
    known = shelf.stores.comments.gather(ask_for(comment, fingerprint="its letters"), once(), NOW)
    assert (known.repeats, known.earlier) == (0, None)


def test_a_used_key_stops_the_whole_edit(shelf: Shelf) -> None:
    one, other = record(1), record(2)
    shelf.keep(one, other)
    revise(shelf, edit_of(one, "pending", number=1), DONE)
    with pytest.raises(Stale):
        revise(shelf, edit_of(other, "pending", number=2), DONE)
    with pytest.raises(Stale):
        shelf.stores.edits.remember(DONE, NOW)
    assert shelf.get(other) == other


def test_a_key_may_be_remembered_though_nothing_changes(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    shelf.stores.edits.remember(DONE, NOW)
    assert shelf.stores.comments.gather(ask_for(comment), once(), NOW).earlier == Earlier("digest", "{}")
    assert shelf.get(comment) == comment


def test_of_many_edits_at_once_one_is_kept(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    edits = [edit_of(comment, "approved", f"Text {number}", number) for number in range(1, 17)]
    won = at_once([lambda each=each: succeeds(lambda: revise(shelf, each)) for each in edits])
    assert won.count(True) == 1
    winner = edits[won.index(True)]
    assert shelf.get(comment) == winner.after
    assert public(shelf) == ([winner.after.text], 1)
    assert case(shelf, comment).history == [Line.of(winner.entry)]
    kept = old_text(shelf, comment)
    assert kept
    assert kept["text"] == comment.text


@pytest.mark.parametrize("number", range(4))
def test_an_old_revision_is_never_published_whoever_comes_first(shelf: Shelf, number: int) -> None:
    comment = record()
    shelf.keep(comment)

    def publish() -> bool:
        try:
            rule(shelf, comment, "approve", 1)
        except AlreadyDecided:
            return False
        return True

    def edit() -> bool:
        while not succeeds(lambda: revise(shelf, edit_of(shelf.get(comment), "pending"))):
            pass
        return True

    calls = [publish, edit] if number % 2 else [edit, publish]
    at_once(calls)
    assert public(shelf) == ([], 0)
    after = shelf.get(comment)
    assert (after.state, after.revision, after.text) == ("pending", 2, TEXT)
    check(shelf)


def test_edits_votes_and_reports_at_once_all_count(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)

    def edit() -> None:
        for number in range(5):
            while not succeeds(
                lambda number=number: revise(
                    shelf, edit_of(shelf.get(comment), "approved", f"Text {number}", number + 1)
                )
            ):
                pass

    def complain(reader: int) -> None:
        report(
            shelf.stores.reports,
            comment.id,
            f"reader {reader}",
            Wish(Report(reason="spam"), lambda _article: 99),
            once=None,
            now=NOW,
            pause=lambda _attempt: None,
        )

    calls: list[Any] = [edit]
    calls += [lambda n=n: give(shelf, comment, f"voter {n}") for n in range(8)]
    calls += [lambda n=n: complain(n) for n in range(3)]
    at_once(calls)
    after = shelf.get(comment)
    assert (after.text, after.revision, after.votes, after.reports) == ("Text 4", 6, 8, 3)
    assert (public(shelf), len(case(shelf, comment).reports)) == ((["Text 4"], 1), 3)
    check(shelf)


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
@pytest.mark.parametrize("to", ["approved", "pending"])
def test_an_edit_that_may_have_failed_is_stale_and_made_once_or_not_at_all(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault, to: State
) -> None:
    comment = published()
    hasty.keep(comment)
    edit = edit_of(comment, to)
    with injected(hasty_client, {("TransactWriteItems", fault): 1}), pytest.raises(Stale):
        revise(hasty, edit, DONE)
    kept = fault == "lost"
    assert hasty.get(comment) == (edit.after if kept else comment)
    assert public(hasty) == (
        ([edit.after.text if kept else comment.text], 1) if to == "approved" or not kept else ([], 0)
    )
    assert bool(old_text(hasty, comment)) == kept
    assert len(case(hasty, comment).history) == kept
    if not kept:
        revise(hasty, edit, DONE)
    assert hasty.get(comment) == edit.after
    check(hasty)


def test_an_edit_is_one_transaction(shelf: Shelf, table_client: "DynamoDBClient") -> None:
    root = published(1)
    reply = reply_to(root, 2, state="approved", was_public=True)
    shelf.keep(root, reply)
    with counted(table_client) as calls:
        revise(shelf, edit_of(reply, "approved"), DONE, "its letters")
    assert calls == {"TransactWriteItems": 1}


def test_a_comment_written_again_after_it_was_gone_can_be_edited_again(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    revise(shelf, edit_of(comment, "pending"))
    rule(shelf, comment, "delete", 2)
    later = NOW + timedelta(days=40)
    shelf.stores.comments.add(comment, ask_for(comment), None, later)
    edit = edit_of(comment, "pending", "Another text altogether.", 9)
    revise(shelf, edit)
    assert shelf.get(comment) == edit.after
    kept = old_text(shelf, comment)
    assert kept
    assert kept["text"] == comment.text


def test_the_log_names_the_author_and_the_new_revision(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    revise(shelf, edit_of(comment, "pending"))
    (logged,) = case(shelf, comment).history
    assert logged == Line(
        id=logged.id,
        comment_id=comment.id,
        action="edit",
        from_="approved",
        to="pending",
        revision=2,
        by="author",
        at=NOW + timedelta(minutes=1),
        reason=None,
        note=None,
    )
