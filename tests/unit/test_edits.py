from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, cast, get_args

import pytest
from pydantic import SecretStr, ValidationError

from chalicelib.audit import BY_AUTHOR, Decision, Entry, chained
from chalicelib.comments import Ask, AuthorHistory, Known, Lane, Record, State, Statement
from chalicelib.drafts import Edit
from chalicelib.edits import ATTEMPTS, Authored, Bench, EditStore, delete, edit, view
from chalicelib.errors import EditTimeOver, Invalid, KeyReused, NotFound, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import Keyring
from chalicelib.moderation import Case, ModerationStore, Ruled, ruled
from chalicelib.once import Done, Earlier, Once
from chalicelib.policy import DEFAULT, Policy, patched
from chalicelib.settings import Secret
from chalicelib.spam import Finding, History, Submission, Term, Thresholds, Verdict, judge
from chalicelib.submission import EDIT_TIME, CommentStore, Desk, text_mark
from tests.samples import NOW, decision, once, record

if TYPE_CHECKING:
    from chalicelib.limits import LimitStore

KEYRING = Keyring([Secret(kid="k1", key=SecretStr("k" * 32))])
LINKS = "Buy at https://a.example https://b.example https://c.example"
WRITTEN = record().created_at
LAST_MOMENT = WRITTEN + EDIT_TIME


@dataclass
class Drawer:
    """One comment with all that an author's hand reads and writes: fulfils the stores of a Bench."""

    record: Record | None = field(default_factory=record)
    policy: Policy = DEFAULT
    author: AuthorHistory = field(default_factory=AuthorHistory)
    repeats: dict[str, int] = field(default_factory=dict)
    terms: tuple[Term, ...] | None = ()
    blocked: tuple[str, ...] = ()
    entries: list[Entry] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    kept: dict[str, Earlier] = field(default_factory=dict)
    asked: list[Ask] = field(default_factory=list)
    before_gathering: list[Any] = field(default_factory=list)
    trouble: list[Any] = field(default_factory=list)
    """What happens to the next writes: a call made before one, or an error raised after it."""

    @property
    def comment(self) -> Record:
        assert self.record
        return self.record

    def get(self, _comment_id: str, _now: object) -> Record | None:
        return self.record

    def gather(self, ask: Ask, once: Once | None, _now: object) -> Known:
        if self.before_gathering:
            self.before_gathering.pop(0)()
        self.asked.append(ask)
        return Known(
            policy=self.policy,
            existing=self.record,
            parent=None,
            author=self.author,
            repeats=self.repeats.get(ask.fingerprint, 0) if ask.fingerprint else 0,
            blocked=self.blocked,
            earlier=self._earlier(once),
        )

    def look(self, _comment_id: str, once: Once | None, _now: object) -> Case:
        return Case(self.record, self._earlier(once))

    def entry(self, decision_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.decision.id == decision_id), None)

    def revise(self, ruled: Ruled, ask: Ask, done: Done | None, _now: object) -> None:
        trouble = self._trouble()
        self._keep(ruled, done)
        self.texts[ruled.before.revision] = ruled.before.text
        if ask.fingerprint:
            self.repeats[ask.fingerprint] = self.repeats.get(ask.fingerprint, 0) + 1
        self._strike(trouble)

    def decide(self, ruled: Ruled, done: Done | None) -> None:
        trouble = self._trouble()
        self._keep(ruled, done)
        self._strike(trouble)

    def remember(self, done: Done, _now: object) -> None:
        trouble = self._trouble()
        self.kept[done.once.mark] = Earlier(done.once.digest, done.answer)
        self._strike(trouble)

    def site_terms(self) -> tuple[Term, ...]:
        if self.terms is None:
            raise Unavailable
        return self.terms

    def _earlier(self, once: Once | None) -> Earlier | None:
        return self.kept.get(once.mark) if once else None

    def _keep(self, ruled: Ruled, done: Done | None) -> None:
        taken = self.entry(ruled.entry.decision.id)
        if self.record != ruled.before or taken or (done and done.once.mark in self.kept):
            raise Stale
        self.record = ruled.after
        self.entries.append(ruled.entry)
        if done:
            self.kept[done.once.mark] = Earlier(done.once.digest, done.answer)

    def _trouble(self) -> Any:
        trouble = self.trouble.pop(0) if self.trouble else None
        if callable(trouble):
            trouble()
        return trouble

    def _strike(self, trouble: Any) -> None:
        if isinstance(trouble, Exception):
            raise trouble

    @property
    def bench(self) -> Bench:
        comments = cast("CommentStore", self)
        desk = Desk(comments, cast("LimitStore", None), KEYRING, self.site_terms, lambda _attempt: None)
        return Bench(desk, cast("EditStore", self), cast("ModerationStore", self))


def edited(
    drawer: Drawer, text: str = "Another text.", *, at: datetime = NOW, number: int = 1, key: Once | None = None
) -> Authored:
    return edit(drawer.bench, "id", Edit(text=text), once=key, now=at, randomness=number)


def deleted(drawer: Drawer, *, at: datetime = NOW, number: int = 1, key: Once | None = None) -> Authored:
    return delete(drawer.bench, "id", once=key, now=at, randomness=number)


def moderated(drawer: Drawer, action: Any, **changes: Any) -> None:
    """Let a moderator decide."""
    made = decision(drawer.comment, action, 99, **changes)
    said = Statement("rejected", made.reason, None, automated=False, decision_id=made.id, at=made.at)
    ruling = ruled(drawer.comment, made, statement=said if action == "reject" else None)
    drawer.record = ruling.after
    drawer.entries.append(ruling.entry)


def collide() -> None:
    raise Stale("TransactionConflict")


def opened(**changes: Any) -> Policy:
    return patched(DEFAULT, {"mode": "open", **changes})


def test_an_edit_makes_a_new_revision_and_keeps_the_old_text() -> None:
    drawer = Drawer()
    before, at = drawer.comment, NOW + timedelta(minutes=5)
    answer = edited(drawer, "Quite *another* text.", at=at, number=7)
    after = drawer.comment
    assert (after.text, after.html) == ("Quite *another* text.", "<p>Quite <em>another</em> text.</p>")
    assert (after.revision, after.version, after.edited_at) == (2, before.version + 1, at.replace(microsecond=0))
    assert drawer.texts == {1: before.text}
    assert answer == Authored(after.public, "pending", None, WRITTEN + timedelta(minutes=15))
    assert (answer.comment.text, answer.comment.revision) == (after.text, 2)
    kept = ("id", "path", "name", "email", "website", "author", "network", "consent", "was_public")
    assert all(getattr(after, name) == getattr(before, name) for name in kept)
    (entry,) = drawer.entries
    assert entry.decision == Decision(
        id=order_id(at, 7),
        comment_id=before.id,
        action="edit",
        from_="pending",
        to="pending",
        revision=2,
        by=BY_AUTHOR,
        at=at,
        reason=None,
        note=None,
    )
    assert (after.decision, after.head) == (entry.decision.id, entry.hash)


def test_every_edit_is_one_more_revision_in_one_chain() -> None:
    drawer = Drawer()
    first = drawer.comment.text
    for number in range(1, 5):
        edited(drawer, f"Text {number}", number=number)
    assert drawer.comment.revision == 5
    assert drawer.texts == {1: first, 2: "Text 1", 3: "Text 2", 4: "Text 3"}
    previous = None
    for entry in drawer.entries:
        assert (entry.previous, entry.hash) == (previous, chained(previous, entry.decision, entry.circumstances))
        previous = entry.hash


@pytest.mark.parametrize("state", ["pending", "approved", "rejected"])
def test_what_a_person_has_to_see_first_waits_again_with_another_text(state: State) -> None:
    drawer = Drawer(record(state=state, was_public=state == "approved"))
    answer = edited(drawer)
    assert (drawer.comment.state, answer.status, drawer.comment.waits) == ("pending", "pending", True)
    assert (drawer.entries[0].decision.from_, drawer.entries[0].decision.to) == (state, "pending")


@pytest.mark.parametrize("state", ["rejected", "spam"])
def test_no_rule_brings_back_what_was_taken_down(state: State) -> None:
    drawer = Drawer(record(state=state), policy=opened())
    assert edited(drawer).status == "pending"
    assert (drawer.comment.state, drawer.comment.waits) == ("pending", True)


@pytest.mark.parametrize("state", ["pending", "approved"])
def test_where_all_is_published_an_edit_is_too(state: State) -> None:
    drawer = Drawer(record(state=state), policy=opened())
    answer = edited(drawer)
    assert (drawer.comment.state, answer.status, drawer.comment.was_public) == ("approved", "approved", True)
    assert (drawer.comment.reports, drawer.comment.waits) == (0, False)


@pytest.mark.parametrize(
    ("author", "state"),
    [
        (AuthorHistory(comments=3, approved=3), "approved"),
        (AuthorHistory(comments=3, approved=2), "pending"),
        (AuthorHistory(comments=9, approved=8, rejected=1), "pending"),
        (AuthorHistory(comments=9, approved=8, spam=1), "pending"),
    ],
)
def test_an_edit_by_one_who_is_trusted_is_published(author: AuthorHistory, state: State) -> None:
    drawer = Drawer(record(state="approved"), policy=patched(DEFAULT, {"mode": "trust"}), author=author)
    edited(drawer)
    assert drawer.comment.state == state


def test_a_site_that_is_closed_holds_an_edit() -> None:
    drawer = Drawer(record(state="approved"), policy=patched(DEFAULT, {"mode": "closed"}))
    edited(drawer)
    assert drawer.comment.state == "pending"


def test_all_checks_run_again_over_the_new_text() -> None:
    drawer = Drawer(record(state="approved"), policy=opened(thresholds={"hold": 50, "spam": 9_000}))
    edited(drawer, LINKS)
    after = drawer.comment
    assert (after.state, after.verdict.outcome) == ("pending", "hold")
    (links,) = [each for each in after.verdict.findings if each.check == "links"]
    assert [after.text[start:end] for start, end in links.spans] == LINKS.split()[2:]
    edited(drawer, "No link any more.", number=2)
    assert (drawer.comment.state, drawer.comment.verdict.findings) == ("approved", ())


def test_the_thresholds_are_those_of_today() -> None:
    drawer = Drawer(record(state="approved"), policy=opened(thresholds={"hold": 5, "spam": 20}))
    edited(drawer, "Look at https://a.example for the study on that.")
    assert drawer.comment.verdict.thresholds == Thresholds(5, 20)


@pytest.mark.parametrize(
    ("text", "terms", "lane", "state"),
    [
        ("I fear an overdose.", (Term("overdose", "urgent"),), "urgent", "pending"),
        ("Come to the casino!", (Term("casino", "spam"),), "spam", "spam"),
        ("Nothing special.", (Term("casino", "spam"),), "pending", "approved"),
    ],
)
def test_the_lane_is_the_new_texts(text: str, terms: tuple[Term, ...], lane: Lane, state: State) -> None:
    for was in get_args(Lane):
        drawer = Drawer(record(lane=was), policy=opened(), terms=terms)
        edited(drawer, text)
        assert (drawer.comment.lane, drawer.comment.state) == (lane, state)


def test_blocks_are_asked_again_for_the_author_as_known() -> None:
    comment = record(email="Ada@Mail.example", network="here")
    drawer = Drawer(comment, policy=opened(), blocked=("email",))
    edited(drawer, "A text that is long enough to be compared.")
    assert drawer.comment.state == "spam"
    assert drawer.asked == [
        Ask(
            id=comment.id,
            article_id=comment.article_id,
            parent_id=None,
            author=comment.author,
            network="here",
            fingerprint=text_mark(KEYRING, "A text that is long enough to be compared."),
            email=KEYRING.mark("email", "ada@mail.example"),
            domains=("mail.example",),
        )
    ]


def test_a_fact_that_cannot_be_gathered_holds_an_edit() -> None:
    drawer = Drawer(record(state="approved"), policy=opened(), terms=None)
    edited(drawer)
    assert drawer.comment.state == "pending"
    assert [each.check for each in drawer.comment.verdict.findings] == ["terms"]


@pytest.mark.parametrize(("check", "points", "state"), [("trap", 100, "spam"), ("form_time", 60, "pending")])
def test_what_was_found_in_the_way_it_came_outlives_every_edit(check: str, points: int, state: State) -> None:
    found = Finding(check, points, "As it came.")
    verdict = Verdict(points, "hold", Thresholds(), (found, Finding("links", 50, "Many links.")))
    drawer = Drawer(record(verdict=verdict, state=state, lane="pending"), policy=opened())
    for number in range(3):
        edited(drawer, f"A harmless text, number {number}.", number=number)
        assert drawer.comment.verdict.findings == (found,)
        assert (drawer.comment.verdict.score, drawer.comment.state) == (points, state)


def test_a_clean_way_of_sending_stays_clean() -> None:
    drawer = Drawer(policy=opened())
    edited(drawer)
    assert drawer.comment.verdict.findings == ()


def test_a_text_that_others_sent_is_found_again() -> None:
    text = "The very same words that somebody else had sent before."
    drawer = Drawer(policy=opened(), repeats={text_mark(KEYRING, text) or "": 2})
    edited(drawer, text)
    assert [each.check for each in drawer.comment.verdict.findings] == ["duplicates"]
    assert drawer.comment.state == "pending"


def test_one_who_mends_the_commas_does_not_repeat_anybody() -> None:
    text = "The same words in the same order, only set better"
    mark = text_mark(KEYRING, text) or ""
    drawer = Drawer(record(text=text), policy=opened(), repeats={mark: 1})
    for number, ending in enumerate((".", "!", "…", "?"), 1):
        edited(drawer, text + ending, number=number)
        assert text_mark(KEYRING, text + ending) == mark
        assert (drawer.comment.state, drawer.comment.verdict.score) == ("approved", 0)
    assert drawer.repeats == {mark: 1}, "all of it is one comment"


def test_a_new_text_counts_for_those_who_send_it_next() -> None:
    drawer = Drawer()
    text = "A text that is long enough to be compared."
    edited(drawer, text)
    assert drawer.repeats == {text_mark(KEYRING, text): 1}


@pytest.mark.parametrize(("reports", "state"), [(1, "approved"), (2, "approved"), (2, "pending"), (3, "pending")])
def test_reports_stay_open_over_an_edit_and_what_they_hid_stays_hidden(reports: int, state: State) -> None:
    reported = record(
        state=state,
        lane="reported",
        reports=reports,
        reporters=("ada",),
        reported_at=NOW,
        round=4,
        was_public=True,
    )
    drawer = Drawer(reported, policy=opened(reports_to_hide=3))
    edited(drawer)
    after = drawer.comment
    assert (after.state, after.lane, after.waits) == (state, "reported", True)
    assert (after.reports, after.reporters, after.reported_at, after.round) == (reports, ("ada",), NOW, 4)


@pytest.mark.parametrize("policy", [DEFAULT, opened()])
def test_spam_stays_hidden_from_its_author(policy: Policy) -> None:
    drawer = Drawer(record(state="spam", lane="spam"), policy=policy, blocked=("author",))
    assert view(drawer.bench, "id", NOW).status == "pending"
    answer = edited(drawer)
    assert (answer.status, answer.reason, drawer.comment.state) == ("pending", None, "spam")


@pytest.mark.parametrize("state", [None, "deleted"])
def test_what_is_deleted_or_was_never_there_cannot_be_edited(state: State | None) -> None:
    drawer = Drawer(record(state=state) if state else None)
    with pytest.raises(NotFound):
        edited(drawer)
    assert drawer.entries == []


def test_an_edit_is_taken_for_fifteen_minutes() -> None:
    drawer = Drawer()
    late = LAST_MOMENT + timedelta(milliseconds=1)
    edited(drawer, "Just in time.", at=LAST_MOMENT)
    with pytest.raises(EditTimeOver, match="15 minutes"):
        edited(drawer, "Too late.", at=late)
    with pytest.raises(EditTimeOver, match="15 minutes"):
        deleted(drawer, at=late)
    assert drawer.comment.text == "Just in time."
    assert view(drawer.bench, "id", late).comment.text == "Just in time."


def test_an_edit_that_was_kept_in_time_is_answered_alike_when_it_is_sent_again_too_late() -> None:
    drawer = Drawer()
    first = edited(drawer, at=LAST_MOMENT, key=once())
    assert edited(drawer, at=LAST_MOMENT + timedelta(minutes=5), number=2, key=once()) == first
    with pytest.raises(EditTimeOver):
        edited(drawer, at=LAST_MOMENT + timedelta(minutes=5), number=3, key=once("another"))
    assert len(drawer.entries) == 1


def test_a_text_longer_than_the_policy_takes_is_refused() -> None:
    drawer = Drawer(policy=opened(max_length=20))
    with pytest.raises(Invalid, match="has 21 characters; at most 20") as refused:
        edited(drawer, "x" * 21)
    assert [each.pointer for each in refused.value.errors] == ["/text"]
    assert (drawer.comment.revision, drawer.entries) == (1, [])
    edited(drawer, "x" * 20)
    assert drawer.comment.revision == 2


@pytest.mark.parametrize("key", [None, once()])
@pytest.mark.parametrize("state", ["pending", "approved", "rejected", "spam"])
def test_the_same_text_changes_nothing(state: State, key: Once | None) -> None:
    drawer = Drawer(record(state=state))
    before = drawer.comment
    for _ in range(2):
        answer = edited(drawer, before.text, key=key)
        assert (answer.comment, answer.status) == (before.public, "pending" if state == "spam" else state)
    assert (drawer.record, drawer.entries, drawer.texts) == (before, [], {})
    assert list(drawer.kept) == ([key.mark] if key else [])


@pytest.mark.parametrize("key", [None, once()])
def test_an_edit_whose_answer_was_lost_is_made_once(key: Once | None) -> None:
    drawer = Drawer(record(state="approved"), policy=opened(), trouble=[Stale("unknown outcome")])
    answer = edited(drawer, key=key)
    assert (answer.comment.text, answer.comment.revision, answer.status) == ("Another text.", 2, "approved")
    assert len(drawer.entries) == 1


@pytest.mark.parametrize("key", [None, once()])
def test_an_edit_that_collided_is_tried_again(key: Once | None) -> None:
    drawer = Drawer(trouble=[collide, collide])
    assert edited(drawer, key=key).comment.revision == 2
    assert len(drawer.entries) == 1


def test_an_edit_that_always_collides_is_refused_for_now() -> None:
    drawer = Drawer(trouble=[collide] * ATTEMPTS)
    with pytest.raises(Unavailable):
        edited(drawer)
    drawer.trouble = [collide] * ATTEMPTS
    with pytest.raises(Unavailable):
        deleted(drawer)
    assert drawer.entries == []


def test_a_decision_in_between_is_seen_before_the_edit_is_made() -> None:
    drawer = Drawer()
    drawer.trouble = [lambda: moderated(drawer, "approve")]
    answer = edited(drawer)
    assert [entry.decision.action for entry in drawer.entries] == ["approve", "edit"]
    assert (drawer.entries[1].decision.from_, drawer.entries[1].decision.to) == ("approved", "pending")
    assert (answer.status, answer.comment.revision) == ("pending", 2)


def test_facts_and_comment_are_of_one_version() -> None:
    drawer = Drawer()
    drawer.before_gathering = [lambda: moderated(drawer, "approve")]
    edited(drawer)
    assert len(drawer.asked) == 2
    assert drawer.entries[1].previous == drawer.entries[0].hash


def test_a_comment_deleted_in_between_is_gone() -> None:
    drawer = Drawer()
    drawer.trouble = [lambda: moderated(drawer, "delete")]
    with pytest.raises(NotFound):
        edited(drawer)
    assert (drawer.comment.state, drawer.comment.revision) == ("deleted", 1)


def test_a_decision_after_a_lost_edit_is_not_edited_over() -> None:
    drawer = Drawer()

    def lose() -> None:
        edited(drawer)
        moderated(drawer, "reject", reason="Off topic.")
        raise Stale("unknown outcome")

    drawer.trouble = [lose]
    answer = edited(drawer)
    assert (answer.status, answer.reason, answer.comment.revision) == ("rejected", "Off topic.", 2)
    assert [entry.decision.action for entry in drawer.entries] == ["edit", "reject"]


def test_the_same_key_edits_once() -> None:
    drawer = Drawer()
    first = edited(drawer, key=once())
    assert edited(drawer, number=2, key=once()) == first
    edited(drawer, "Something else.", number=3)
    edited(drawer, number=4, key=once())
    assert (drawer.comment.text, drawer.comment.revision) == ("Something else.", 3)
    with pytest.raises(KeyReused):
        edited(drawer, "A third text.", number=5, key=once(digest="of another request"))


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("pending", "pending"),
        ("approved", "approved"),
        ("rejected", "rejected"),
        ("spam", "pending"),
        ("deleted", "deleted"),
    ],
)
def test_an_author_sees_how_the_comment_stands(state: State, status: str) -> None:
    drawer = Drawer(record(state=state))
    answer = view(drawer.bench, "id", NOW + timedelta(days=9))
    assert answer == Authored(drawer.comment.public, cast("Any", status), None, LAST_MOMENT)


@pytest.mark.parametrize("reason", ["Off topic.", None])
def test_an_author_reads_the_reason_of_a_rejection_and_of_nothing_else(reason: str | None) -> None:
    drawer = Drawer()
    moderated(drawer, "reject", reason=reason, note="For moderators only.")
    assert view(drawer.bench, "id", NOW).reason == reason
    drawer.record, drawer.entries = record(), []
    moderated(drawer, "spam", reason="A known spammer.")
    assert view(drawer.bench, "id", NOW).reason is None
    drawer.record, drawer.entries = record(), []
    moderated(drawer, "approve", reason="Fine.")
    assert view(drawer.bench, "id", NOW).reason is None


def test_nobody_wrote_what_is_not_there() -> None:
    drawer = Drawer(None)
    with pytest.raises(NotFound):
        view(drawer.bench, "id", NOW)
    with pytest.raises(NotFound):
        deleted(drawer)


@pytest.mark.parametrize("state", ["pending", "approved", "rejected", "spam"])
def test_a_comment_taken_away_is_logged_as_its_authors(state: State) -> None:
    drawer = Drawer(record(state=state))
    answer = deleted(drawer, number=7)
    assert (answer.status, answer.reason, drawer.comment.state) == ("deleted", None, "deleted")
    (entry,) = drawer.entries
    assert (entry.decision.action, entry.decision.by, entry.decision.id) == ("delete", BY_AUTHOR, order_id(NOW, 7))
    assert (entry.decision.from_, entry.decision.to, entry.decision.revision) == (state, "deleted", 1)


def test_taking_it_away_answers_the_reports_on_it() -> None:
    drawer = Drawer(record(state="approved", lane="reported", reports=2, reporters=("a", "b"), reported_at=NOW))
    deleted(drawer)
    after = drawer.comment
    assert (after.reports, after.reporters, after.reported_at, after.round) == (0, (), None, 1)


@pytest.mark.parametrize("key", [None, once()])
def test_taking_it_away_twice_is_once_and_the_second_time_is_never_too_late(key: Once | None) -> None:
    drawer = Drawer()
    first = deleted(drawer, key=key)
    assert deleted(drawer, at=LAST_MOMENT + timedelta(days=1), number=2, key=key) == first
    assert len(drawer.entries) == 1


@pytest.mark.parametrize("key", [None, once()])
@pytest.mark.parametrize("trouble", [Stale("unknown outcome"), collide])
def test_a_comment_is_taken_away_once_whatever_fails_at_first(trouble: Any, key: Once | None) -> None:
    drawer = Drawer(trouble=[trouble])
    assert deleted(drawer, key=key).status == "deleted"
    assert len(drawer.entries) == 1


def test_a_decision_in_between_is_followed_by_the_deletion() -> None:
    drawer = Drawer()
    drawer.trouble = [lambda: moderated(drawer, "approve")]
    deleted(drawer)
    assert [entry.decision.from_ for entry in drawer.entries] == ["pending", "approved"]


def test_the_same_key_deletes_once_though_a_moderator_put_it_back() -> None:
    drawer = Drawer()
    deleted(drawer, key=once())
    moderated(drawer, "restore")
    assert deleted(drawer, number=2, key=once()).status == "pending"
    assert drawer.comment.state == "pending"
    with pytest.raises(KeyReused):
        deleted(drawer, number=3, key=once(digest="of another request"))


@pytest.mark.parametrize(
    "body",
    [{}, {"text": ""}, {"text": " \n"}, {"text": "a\x00b"}, {"text": "x" * 10_001}, {"text": 5}, {"text": None}],
)
def test_a_text_that_is_none_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Edit.model_validate(body)


def test_nothing_but_the_text_can_be_edited() -> None:
    for name in ("name", "email", "website", "consent", "parent_id", "revision", "state"):
        with pytest.raises(ValidationError):
            Edit.model_validate({"text": "Fine.", name: "x"})


@dataclass
class Ear:
    """A check that remembers what it was asked about."""

    __name__ = "ear"
    heard: list[Submission] = field(default_factory=list)

    def __call__(self, submission: Submission) -> Finding | None:
        self.heard.append(submission)
        return Finding("ear", 0, "Urgent.", lane="urgent") if "danger" in submission.text else None


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    found = Ear()
    monkeypatch.setattr("chalicelib.edits.judge", partial(judge, checks=(found,)))
    return found


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("pending", History(3, 2, 1)),
        ("approved", History(2, 2, 1)),
        ("rejected", History(3, 1, 1)),
        ("spam", History(3, 2, 0)),
    ],
)
def test_a_comment_speaks_neither_for_nor_against_itself(ear: Ear, state: State, expected: History) -> None:
    author = AuthorHistory(comments=6, approved=3, rejected=2, spam=1)
    policy = patched(DEFAULT, {"languages": ["en", "fr"]})
    edited(Drawer(record(state=state, parent_id="p" * 26), policy=policy, author=author))
    (submission,) = ear.heard
    assert submission.facts.history == expected
    assert (submission.facts.languages, submission.facts.answers) == (("en", "fr"), True)
    edited(Drawer(record()))
    assert (ear.heard[1].facts.history, ear.heard[1].facts.answers) == (History(), False)


@pytest.mark.usefixtures("ear")
def test_an_edit_that_becomes_urgent_is_answered_with_the_help() -> None:
    drawer = Drawer(policy=opened())
    assert edited(drawer, "I am in danger now.").help == DEFAULT.help.shown
    assert (drawer.comment.lane, drawer.comment.help) == ("urgent", DEFAULT.help.shown)
    assert edited(drawer, "All is well again.", number=2).help is None
