from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.audit import BY_REPORTS, Decision, Entry
from chalicelib.comments import Lane, Record, State
from chalicelib.errors import KeyReused, NotFound, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.moderation import ruled, settled
from chalicelib.once import Done, Earlier, Once
from chalicelib.reports import (
    ATTEMPTS,
    REASONS,
    SHOWN,
    Change,
    Docket,
    Filed,
    Received,
    Report,
    ReportStore,
    Wish,
    report,
    with_token,
)
from tests.samples import NOW, decision, once, record

TO_HIDE = 3
ABUSE = Report(reason="abuse", note="It insults me.")
PRIVATE = [state for state in get_args(State) if state != "approved"]


@dataclass
class Folder:
    """One comment and the reports on it: fulfils ReportStore."""

    record: Record | None = field(default_factory=lambda: record(state="approved", was_public=True))
    filed: dict[str, Filed] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    kept: dict[str, Earlier] = field(default_factory=dict)
    trouble: list[Any] = field(default_factory=list)
    """What happens to the next writes: a call made before one, or an error raised after it."""

    @property
    def comment(self) -> Record:
        assert self.record
        return self.record

    @property
    def waiting(self) -> int:
        """How many reports no decision has answered, counted one by one."""
        return sum(1 for each in self.filed.values() if each.round == self.comment.round)

    def look(self, _comment_id: str, reporter: str, once: Once | None, _now: object) -> Docket:
        return Docket(self.record, self.filed.get(reporter), self.kept.get(once.mark) if once else None)

    def move(self, docket: Docket, change: Change, reporter: str, done: Done | None, _now: object) -> None:
        trouble = self._trouble()
        moved = (docket.record, docket.mine) != (self.record, self.filed.get(reporter))
        if moved or (done and done.once.mark in self.kept):
            raise Stale
        self.record = change.after
        if change.mine:
            self.filed[reporter] = change.mine
        else:
            del self.filed[reporter]
        self.entries += [change.entry] if change.entry else []
        self._kept(done, trouble)

    def remember(self, done: Done, _now: object) -> None:
        self._kept(done, self._trouble())

    def _trouble(self) -> Any:
        trouble = self.trouble.pop(0) if self.trouble else None
        if callable(trouble):
            trouble()
        return trouble

    def _kept(self, done: Done | None, trouble: Any) -> None:
        if done:
            self.kept[done.once.mark] = Earlier(done.once.digest, done.answer)
        if isinstance(trouble, Exception):
            raise trouble

    def decide(self, action: Literal["approve", "reject", "spam", "delete"], number: int = 1) -> None:
        """Let a moderator decide, which answers all reports so far."""
        to: State = "approved" if action == "approve" else decision(self.comment, action, number).to or "pending"
        ruling = decision(replace(self.comment, state="pending"), action, number, from_=self.comment.state, to=to)
        self.record = settled(ruled(self.comment, ruling)).after

    def edit(self) -> None:
        """Let the author give it another text, which stays public."""
        was = self.comment
        self.record = replace(was, revision=was.revision + 1, version=was.version + 1, text=f"{was.text} Edited.")


def sent(
    folder: Folder,
    reporter: str = "ada",
    what: Report | None = ABUSE,
    *,
    minutes: int = 0,
    to_hide: int | Callable[[str], int] = TO_HIDE,
    key: Once | None = None,
) -> Received:
    return report(
        cast("ReportStore", folder),
        "id",
        reporter,
        Wish(what, to_hide if callable(to_hide) else lambda _article: to_hide, minutes),
        once=key,
        now=NOW + timedelta(minutes=minutes),
        pause=lambda _attempt: None,
    )


def collide() -> None:
    raise Stale("TransactionConflict")


def test_how_many_reports_hide_is_asked_of_the_article_and_only_where_it_matters() -> None:
    folder, asked = Folder(), list[str]()

    def to_hide(article: str) -> int:
        asked.append(article)
        return 2

    sent(folder, "ada", to_hide=to_hide)
    assert (asked, folder.comment.state) == (["article"], "approved")
    sent(folder, "ada", to_hide=to_hide)
    sent(folder, "ada", None, to_hide=to_hide)
    assert asked == ["article"], "nothing is new, and what is taken back hides nothing"
    for reporter in ("ben", "cy"):
        sent(folder, reporter, to_hide=to_hide)
    assert folder.comment.state == "pending"


def test_the_first_report_brings_a_public_comment_into_the_queue_and_leaves_it_public() -> None:
    folder = Folder()
    before = folder.comment
    assert sent(folder, minutes=5) == Received("received")
    after = folder.comment
    assert (after.state, after.lane, after.waits, after.waiting_since) == (
        "approved",
        "reported",
        True,
        NOW + timedelta(minutes=5),
    )
    assert (after.reports, after.reporters, after.version) == (1, ("ada",), before.version + 1)
    assert folder.filed == {"ada": Filed("abuse", "It insults me.", NOW + timedelta(minutes=5), 1, 0)}
    assert folder.entries == []


@pytest.mark.parametrize(("lane", "then"), [("urgent", "urgent"), ("pending", "reported"), ("reported", "reported")])
def test_what_is_urgent_stays_so_and_all_else_is_reported(lane: Lane, then: Lane) -> None:
    folder = Folder(record(state="approved", lane=lane))
    sent(folder)
    assert folder.comment.lane == then
    sent(folder, what=None)
    assert folder.comment.lane == ("urgent" if lane == "urgent" else "pending")


def test_it_waits_since_the_first_report_and_names_the_newest_reporters() -> None:
    folder = Folder()
    for number in range(5):
        sent(folder, f"reader {number}", minutes=number, to_hide=9)
    assert folder.comment.waiting_since == NOW
    assert folder.comment.reporters == ("reader 4", "reader 3", "reader 2")
    assert len(folder.comment.reporters) == SHOWN
    assert (folder.comment.reports, folder.waiting) == (5, 5)


@pytest.mark.parametrize("to_hide", [1, 2, 3, 7])
def test_as_many_reports_as_the_policy_says_hide_it_and_the_log_says_so(to_hide: int) -> None:
    folder = Folder()
    for number in range(to_hide - 1):
        sent(folder, f"reader {number}", minutes=number, to_hide=to_hide)
    assert (folder.comment.state, folder.entries) == ("approved", [])
    before = folder.comment
    assert sent(folder, "the last", minutes=9, to_hide=to_hide) == Received("received")
    after, (entry,) = folder.comment, folder.entries
    assert (after.state, after.lane, after.reports, after.waits) == ("pending", "reported", to_hide, True)
    assert entry.decision == Decision(
        id=order_id(NOW + timedelta(minutes=9), 9),
        comment_id=before.id,
        action="hide",
        from_="approved",
        to="pending",
        revision=before.revision,
        by=BY_REPORTS,
        at=NOW + timedelta(minutes=9),
        reason=None,
        note="1 report" if to_hide == 1 else f"{to_hide} reports",
    )
    assert (after.decision, after.head) == (entry.decision.id, entry.hash)
    assert entry.previous == before.head
    assert after.was_public
    assert after.version == before.version + 1


def test_a_lower_number_in_the_policy_hides_with_the_next_report() -> None:
    folder = Folder()
    sent(folder, "ada")
    sent(folder, "ben")
    sent(folder, "cy", to_hide=1)
    assert folder.comment.state == "pending"
    assert folder.entries[0].decision.note == "3 reports"


def test_an_urgent_comment_that_is_hidden_stays_urgent() -> None:
    folder = Folder(record(state="approved", lane="urgent"))
    sent(folder, to_hide=1)
    assert (folder.comment.state, folder.comment.lane) == ("pending", "urgent")


def test_one_reader_counts_once() -> None:
    folder = Folder()
    for minutes in range(5):
        assert sent(folder, minutes=minutes) == Received("received")
    assert (folder.comment.reports, folder.comment.state, folder.comment.version) == (1, "approved", 2)
    folder.edit()
    sent(folder, minutes=6)
    assert folder.comment.reports == 1, "the report on the old text still waits"


def test_a_report_that_was_answered_counts_again_only_on_another_text() -> None:
    folder = Folder()
    sent(folder)
    folder.decide("approve")
    assert (folder.comment.reports, folder.comment.round, folder.comment.waits) == (0, 1, False)
    version = folder.comment.version
    assert sent(folder, minutes=2) == Received("received")
    assert (folder.comment.reports, folder.comment.version) == (0, version)
    assert sent(folder, "ben", minutes=3) == Received("received")
    assert folder.comment.reports == folder.waiting == 1
    folder.edit()
    assert sent(folder, minutes=4) == Received("received")
    assert (folder.comment.reports, folder.waiting) == (2, 2)
    assert folder.filed["ada"] == Filed("abuse", "It insults me.", NOW + timedelta(minutes=4), 2, 1)


def test_an_answered_report_on_what_is_public_again_does_not_count_again() -> None:
    folder = Folder()
    for reader in ("ada", "ben", "cy"):
        sent(folder, reader)
    folder.decide("approve")
    assert (folder.comment.state, folder.comment.lane, folder.comment.reported_at) == ("approved", "pending", None)
    for reader in ("ada", "ben", "cy"):
        sent(folder, reader, minutes=2)
    assert (folder.comment.state, folder.comment.reports) == ("approved", 0)


def test_an_open_report_that_is_taken_back_counts_no_more() -> None:
    folder = Folder()
    sent(folder, "ada", minutes=1)
    sent(folder, "ben", minutes=2)
    assert sent(folder, "ada", None, minutes=3) == Received("withdrawn")
    assert (folder.comment.reports, folder.comment.reporters, folder.comment.lane) == (1, ("ben",), "reported")
    assert folder.comment.reported_at == NOW + timedelta(minutes=1)
    assert sent(folder, "ben", None, minutes=4) == Received("withdrawn")
    assert (folder.comment.reports, folder.comment.waits, folder.comment.lane) == (0, False, "pending")
    assert folder.filed == {}
    assert folder.comment.reported_at is None


def test_one_who_took_it_back_may_report_again() -> None:
    folder = Folder()
    for minutes in range(3):
        sent(folder, minutes=minutes)
        sent(folder, what=None, minutes=minutes)
    assert (folder.comment.reports, folder.waiting) == (0, 0)
    sent(folder, minutes=9)
    assert (folder.comment.reports, folder.comment.waiting_since) == (1, NOW + timedelta(minutes=9))


def test_an_answered_report_that_is_taken_back_changes_no_number() -> None:
    folder = Folder()
    sent(folder)
    folder.decide("approve")
    before = folder.comment
    assert sent(folder, what=None) == Received("withdrawn")
    assert (folder.comment, folder.filed) == (before, {})


def test_taking_back_a_report_does_not_publish_what_it_hid() -> None:
    folder = Folder()
    for reader in ("ada", "ben", "cy"):
        sent(folder, reader)
    assert sent(folder, "cy", None) == Received("withdrawn")
    assert (folder.comment.state, folder.comment.reports, folder.comment.lane) == ("pending", 2, "reported")
    for reader in ("ada", "ben"):
        sent(folder, reader, None)
    assert (folder.comment.state, folder.comment.waits, folder.comment.lane) == ("pending", True, "pending")
    assert folder.comment.waiting_since == folder.comment.created_at
    assert len(folder.entries) == 1


def test_what_was_never_reported_needs_no_taking_back() -> None:
    folder = Folder()
    before = folder.comment
    assert sent(folder, what=None) == Received("withdrawn")
    assert folder.comment is before


@pytest.mark.parametrize("what", [ABUSE, None])
@pytest.mark.parametrize("state", [None, *PRIVATE])
@pytest.mark.parametrize("key", [None, once()])
def test_what_is_not_public_is_answered_like_what_is_not_there(
    state: State | None, what: Report | None, key: Once | None
) -> None:
    folder = Folder(record(state=state) if state else None)
    with pytest.raises(NotFound) as refused:
        sent(folder, what=what, key=key)
    assert refused.value.detail == "There is no comment with this id here any more."
    assert (folder.filed, folder.kept) == ({}, {})


def test_one_whose_old_report_was_answered_reports_only_what_is_public() -> None:
    folder = Folder()
    sent(folder)
    folder.edit()
    folder.decide("reject")
    before = folder.comment
    with pytest.raises(NotFound):
        sent(folder, minutes=2)
    assert folder.comment is before


@pytest.mark.parametrize("key", [None, once()])
def test_who_hid_it_hears_the_same_when_reporting_again(key: Once | None) -> None:
    folder = Folder()
    assert sent(folder, to_hide=1, key=key) == sent(folder, to_hide=1, key=key) == Received("received")
    assert (folder.comment.reports, len(folder.entries)) == (1, 1)


@pytest.mark.parametrize("key", [None, once()])
@pytest.mark.parametrize("to_hide", [1, 9])
def test_a_report_whose_answer_was_lost_counts_once(to_hide: int, key: Once | None) -> None:
    folder = Folder(trouble=[Stale("unknown outcome")])
    assert sent(folder, to_hide=to_hide, key=key) == Received("received")
    assert (folder.comment.reports, folder.waiting, len(folder.entries)) == (1, 1, int(to_hide == 1))


@pytest.mark.parametrize("key", [None, once()])
@pytest.mark.parametrize("to_hide", [1, 9])
def test_a_report_is_taken_back_once_though_the_answer_was_lost(to_hide: int, key: Once | None) -> None:
    folder = Folder()
    sent(folder, to_hide=to_hide)
    folder.trouble = [Stale("unknown outcome")]
    assert sent(folder, what=None, key=key) == Received("withdrawn")
    assert (folder.comment.reports, folder.filed) == (0, {})


def test_reports_that_meet_are_all_counted_and_the_last_of_them_hides() -> None:
    folder = Folder()
    folder.trouble = [lambda: sent(folder, "ben"), collide]
    sent(folder)
    assert (folder.comment.reports, folder.comment.state) == (2, "approved")
    folder.trouble = [lambda: sent(folder, "cy")]
    with pytest.raises(NotFound):
        sent(folder, "dee")
    assert (folder.comment.reports, folder.comment.state) == (3, "pending")


def test_a_decision_in_between_answers_only_the_reports_before_it() -> None:
    folder = Folder()
    sent(folder, "ben")
    folder.trouble = [lambda: folder.decide("approve")]
    sent(folder, minutes=2)
    assert (folder.comment.reports, folder.comment.reporters, folder.comment.round) == (1, ("ada",), 1)
    assert folder.waiting == 1
    folder.trouble = [lambda: folder.decide("reject", 2)]
    with pytest.raises(NotFound):
        sent(folder, "cy", minutes=3)
    assert folder.comment.reports == folder.waiting == 0


def test_the_same_key_hears_the_same_answer() -> None:
    folder = Folder()
    sent(folder, key=once())
    sent(folder, what=None)
    assert sent(folder, key=once()) == Received("received")
    assert folder.comment.reports == 0, "what was done under the key is not done again"
    with pytest.raises(KeyReused):
        sent(folder, what=Report(reason="spam"), key=once(digest="of another request"))


def test_a_key_is_remembered_although_there_was_nothing_to_do() -> None:
    folder = Folder()
    sent(folder)
    sent(folder, key=once())
    sent(folder, what=None)
    sent(folder, key=once())
    assert folder.comment.reports == 0


def test_a_comment_too_busy_is_refused_for_now() -> None:
    folder = Folder(trouble=[collide] * ATTEMPTS)
    with pytest.raises(Unavailable):
        sent(folder)
    assert (folder.comment.reports, folder.filed) == (0, {})


ACTS = st.sampled_from(["report", "withdraw", "edit", "approve", "reject"])


@given(st.lists(st.tuples(ACTS, st.sampled_from("abcdef")), max_size=60))
def test_the_comment_always_counts_the_reports_that_wait(acts: list[tuple[str, str]]) -> None:
    folder = Folder()
    for number, (act, reader) in enumerate(acts):
        if act in {"report", "withdraw"}:
            try:
                sent(folder, reader, ABUSE if act == "report" else None, minutes=number)
            except NotFound:
                assert folder.comment.state != "approved"
        elif act == "edit":
            folder.edit()
        elif act == "approve" or folder.comment.state != "rejected":
            folder.decide("approve" if act == "approve" else "reject", number)
        comment = folder.comment
        assert comment.reports == folder.waiting
        assert len(comment.reporters) <= min(comment.reports, SHOWN)
        assert all(folder.filed[reporter].round == comment.round for reporter in comment.reporters)
        assert (comment.reported_at is None) == (comment.reports == 0)
        assert (comment.lane == "reported") == (comment.reports > 0)
        assert comment.state != "approved" or comment.reports < TO_HIDE


@pytest.mark.parametrize("reason", [*REASONS, "r", "r" * 80, "außerdem: 薬"])
def test_any_short_line_is_a_reason(reason: str) -> None:
    assert Report(reason=reason) == Report(reason=reason, note=None)


def test_a_reason_loses_the_spaces_around_it_and_a_note_nothing() -> None:
    said = Report(reason="  abuse ", note=" First line\nsecond ")
    assert (said.reason, said.note) == ("abuse", " First line\nsecond ")


@pytest.mark.parametrize("note", [None, "", " ", "\n\t", "\u200b", "\u2800 "])
def test_a_blank_note_is_none(note: str | None) -> None:
    assert Report(reason="spam", note=note).note is None


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"note": "only"},
        {"reason": ""},
        {"reason": "   "},
        {"reason": "\u200b"},
        {"reason": None},
        {"reason": 7},
        {"reason": ["spam"]},
        {"reason": "r" * 81},
        {"reason": "two\nlines"},
        {"reason": "a\ttab"},
        {"reason": "a\x00b"},
        {"reason": "a\x85b"},
        {"reason": "half \ud800"},
        {"reason": "spam", "note": "n" * 1001},
        {"reason": "spam", "note": "a\x07b"},
        {"reason": "spam", "note": "half \udfff"},
        {"reason": "spam", "note": 7},
        {"reason": "spam", "revision": 1},
    ],
)
def test_a_report_that_is_none_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Report.model_validate(said)


def test_a_new_reader_is_told_the_token() -> None:
    assert with_token(Received("received"), "token") == Received("received", "token")
