from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.audit import Entry
from chalicelib.errors import Conflict, Forbidden, NotFound, NotSignedIn, Stale, Unavailable
from chalicelib.once import Done, Once
from chalicelib.people import (
    ATTEMPTS,
    DAYS,
    MOST_PEOPLE,
    MOST_TOKENS,
    OWNER,
    Act,
    Added,
    Admitted,
    Change,
    Moderator,
    NewModerator,
    NewToken,
    People,
    Person,
    Roster,
    Token,
    add,
    admitted,
    admitted_by_session,
    digest_of,
    is_personal,
    issue,
    note_use,
    remove,
    revoke,
    sign_in,
    sign_out,
)
from tests.samples import NOW

SECRET = b"\x07" * 32


@dataclass(slots=True)
class FakePeople:
    """People in memory: fulfils PeopleStore. `refused` says what becomes of the next writes."""

    standing: People = field(default_factory=People)
    head: str | None = None
    entries: list[Entry] = field(default_factory=list)
    refused: list[Callable[[], bool]] = field(default_factory=list)
    used: list[tuple[str, datetime]] = field(default_factory=list)

    def people(self, _older_than: float = 5.0) -> People:
        return self.standing

    def roster(self, _once: Once | None, _now: datetime) -> Roster:
        return Roster(self.standing, self.head, None)

    def change(self, change: Change, entry: Entry, _done: Done | None) -> None:
        is_kept = self.refused.pop()() if self.refused else None
        if is_kept is not False and entry.previous == self.head:
            self.standing, self.head = self.standing.after(change), entry.hash
            self.entries.append(entry)
            if is_kept is None:
                return
        raise Stale

    def keep_session(self, session: Token, drops: Sequence[Token]) -> None:
        is_kept = self.refused.pop()() if self.refused else None
        if is_kept is not False:
            self.standing = self.standing.after(Change({}, adds=(session,), drops=tuple(drops)))
            if is_kept is None:
                return
        raise Stale

    def drop_session(self, digest: str) -> None:
        raise NotImplementedError

    def note_use(self, token: Token, hour: datetime) -> None:
        self.used.append((token.id, hour))


def act(number: int = 1, by: str = OWNER, now: datetime = NOW) -> Act:
    return Act(by, now, number, lambda _attempt: None)


def added(store: FakePeople, name: str = "Ann", number: int = 1, **fields: object) -> Added:
    wanted = NewModerator.model_validate({"name": name, **fields})
    return add(store, wanted, act(number), lambda _: number.to_bytes(32, "big"))


def begun(store: FakePeople, token: str, secret: str, number: int = 100) -> Token:
    found = admitted(store.standing, token, NOW)
    assert found
    return sign_in(store, found, "mark", secret, act(number, found.moderator.name))


def kept() -> bool:
    """The write is done, though its answer is lost."""
    return True


def lost() -> bool:
    """The write never arrives."""
    return False


@pytest.fixture
def store() -> FakePeople:
    return FakePeople()


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("aft_" + "A" * 43, True),
        ("aft_" + "-_" * 21 + "x", True),
        ("aft_" + "A" * 42, False),
        ("aft_" + "A" * 44, False),
        ("aft_" + "A" * 43 + "\n", False),
        ("aft_" + "é" * 43, False),
        ("A" * 47, False),
        ("", False),
    ],
)
def test_a_personal_token_has_its_form(text: str, is_ours: bool) -> None:  # noqa: FBT001 - a table of cases
    assert is_personal(text) == is_ours


def test_a_token_lets_its_holder_in_until_it_expires(store: FakePeople) -> None:
    token = added(store, role="owner").token
    assert is_personal(token)
    found = admitted(store.standing, token, NOW)
    assert found
    assert found.moderator == Moderator("Ann", "owner")
    ends = NOW.replace(microsecond=0) + timedelta(days=DAYS)
    assert admitted(store.standing, token, ends - timedelta(seconds=1))
    assert admitted(store.standing, token, ends) is None
    assert admitted(store.standing, token[:-1], NOW) is None


def test_a_token_without_its_holder_lets_nobody_in(store: FakePeople) -> None:
    token = added(store).token
    assert admitted(People([], store.standing.tokens), token, NOW) is None
    other = replace(store.standing.persons[0], name="Bea")
    assert admitted(People([other], store.standing.tokens), token, NOW) is None


def test_a_session_is_no_token_and_a_token_no_session(store: FakePeople) -> None:
    token = added(store).token
    begun(store, token, "the session")
    assert admitted(store.standing, "the session", NOW) is None
    assert admitted_by_session(store.standing, token, "mark", NOW) is None
    found = admitted_by_session(store.standing, "the session", "mark", NOW)
    assert found == admitted(store.standing, token, NOW)


def without(people: People, *gone: Person | Token) -> People:
    return people.after(Change({}, drops=gone))


def test_a_session_ends_with_its_time_its_token_and_its_holder(store: FakePeople) -> None:
    session = begun(store, added(store).token, "the session")
    people, (person,), (token, _) = store.standing, store.standing.persons, store.standing.tokens
    assert session.expires_at == session.created_at + timedelta(hours=12)
    assert admitted_by_session(people, "the session", None, session.expires_at - timedelta(seconds=1))
    assert admitted_by_session(people, "the session", None, session.expires_at) is None
    assert admitted_by_session(without(people, token), "the session", None, NOW) is None
    assert admitted_by_session(without(people, person), "the session", None, NOW) is None
    stolen = replace(token, moderator="Bea")
    assert admitted_by_session(without(people, token).after(Change({}, (stolen,))), "the session", None, NOW) is None
    orphan = replace(session, parent=None)
    assert admitted_by_session(People([person], [token, orphan]), "the session", None, NOW) is None


def test_the_owners_session_hangs_on_the_token_of_the_environment(store: FakePeople) -> None:
    owner = Moderator(OWNER, "owner")
    session = sign_in(store, Admitted(owner, None), "mark", "the session", act())
    assert session.expires_at - session.created_at == timedelta(hours=12)
    found = admitted_by_session(store.standing, "the session", "mark", NOW)
    assert found == Admitted(owner, None)
    assert admitted_by_session(store.standing, "the session", "another", NOW) is None
    assert admitted_by_session(store.standing, "the session", None, NOW) is None


def test_a_session_ends_no_later_than_its_token(store: FakePeople) -> None:
    token = added(store, days=1).token
    late = NOW + timedelta(hours=20)
    found = admitted(store.standing, token, late)
    assert found
    assert found.token
    session = sign_in(store, found, "mark", "the session", act(2, now=late))
    assert session.expires_at == found.token.expires_at


def test_nobody_begins_a_session_with_a_token_that_was_revoked_meanwhile(store: FakePeople) -> None:
    token = added(store).token
    found = admitted(store.standing, token, NOW)
    assert found
    store.standing = People()
    with pytest.raises(NotSignedIn):
        sign_in(store, found, "mark", "the session", act(2))


def test_revoking_a_token_ends_its_sessions_and_no_others(store: FakePeople) -> None:
    first = added(store).token
    second = issue(store, "ann", NewToken(label="phone"), act(2), lambda _: SECRET).token
    begun(store, first, "by the first", 3)
    begun(store, second, "by the second", 4)
    left = revoke(store, act(2).id, act(5), of="Ann").items
    assert [each.label for each in left] == ["first token"]
    assert admitted_by_session(store.standing, "by the second", None, NOW) is None
    assert admitted_by_session(store.standing, "by the first", None, NOW)
    assert {each.kind for each in store.standing.tokens} == {"token", "session"}


def test_removing_a_moderator_takes_everything_of_theirs(store: FakePeople) -> None:
    begun(store, added(store).token, "the session")
    other = added(store, "Bea", 2)
    assert [each.name for each in remove(store, " ANN ", act(3)).items] == ["Bea"]
    assert [each.digest for each in store.standing.tokens] == [digest_of(other.token)]


@pytest.mark.parametrize("by", ["Ann", "ann", "Ａnn"])  # noqa: RUF001 - another spelling of the name
def test_nobody_removes_themselves(store: FakePeople, by: str) -> None:
    added(store)
    with pytest.raises(Forbidden):
        remove(store, "Ann", act(2, by))


def test_what_is_not_there_cannot_be_removed_revoked_or_signed_out(store: FakePeople) -> None:
    added(store)
    for attempt in (
        lambda: remove(store, "Bea", act(2)),
        lambda: revoke(store, "0" * 18, act(2), of=None),
        lambda: revoke(store, act(1).id, act(2), of="Bea"),
        lambda: issue(store, "Bea", NewToken(label="x"), act(2), lambda _: SECRET),
        lambda: sign_out(store, "Bea", act(2)),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert len(store.entries) == 1


def test_there_are_so_many_people_and_tokens_and_no_more(store: FakePeople) -> None:
    for number in range(MOST_PEOPLE):
        added(store, f"Number {number}", number)
    with pytest.raises(Conflict):
        added(store, "One too many", MOST_PEOPLE)
    for number in range(MOST_TOKENS - 1):
        issue(store, "Number 0", NewToken(label="x"), act(1000 + number), lambda at: at.encode().ljust(32))
    with pytest.raises(Conflict):
        issue(store, "Number 0", NewToken(label="x"), act(2000), lambda _: SECRET)


def test_each_change_is_one_entry_of_one_chain(store: FakePeople) -> None:
    begun(store, added(store).token, "the session")
    assert sign_out(store, "ANN", act(2)).ended == 1
    assert sign_out(store, "Ann", act(3)).ended == 0
    assert sign_out(store, "OWNER", act(4)).ended == 0
    remove(store, "Ann", act(5))
    assert [each.previous for each in store.entries[1:]] == [each.hash for each in store.entries[:-1]]
    assert {(each.decision.action, each.decision.by) for each in store.entries} == {("people", OWNER)}


def test_an_answer_that_was_lost_is_found_done(store: FakePeople) -> None:
    store.refused = [kept]
    token = added(store).token
    store.refused = [kept]
    assert issue(store, "Ann", NewToken(label="phone"), act(2), lambda _: SECRET).items[-1].label == "phone"
    store.refused = [kept]
    begun(store, token, "the session", 3)
    store.refused = [kept]
    assert sign_out(store, "Ann", act(4)).ended == 1
    store.refused = [kept]
    assert len(revoke(store, act(2).id, act(5), of=None).items) == 1
    store.refused = [kept]
    assert remove(store, "Ann", act(6)).items == []
    assert len(store.entries) == 5, "each once"


def test_an_answer_that_was_lost_is_found_done_although_another_change_came_after_it(store: FakePeople) -> None:
    store.refused = [kept]
    meanwhile = Act(OWNER, NOW, 1, lambda _attempt: added(store, "Bea", 2) and None)
    token = add(store, NewModerator(name="Ann"), meanwhile, lambda _: SECRET).token
    assert admitted(store.standing, token, NOW)
    assert len(store.entries) == 2


def test_two_who_add_the_same_name_at_once_add_one_person(store: FakePeople) -> None:
    store.refused = [lost]
    meanwhile = Act(OWNER, NOW, 1, lambda _attempt: added(store, "ANN", 2) and None)
    with pytest.raises(Conflict):
        add(store, NewModerator(name="Ann"), meanwhile, lambda _: SECRET)
    assert [each.name for each in store.standing.persons] == ["ANN"]


def test_what_never_arrives_is_given_up_in_the_end(store: FakePeople) -> None:
    store.refused = [lost] * ATTEMPTS
    with pytest.raises(Unavailable):
        added(store)
    assert store.standing == People()
    token = added(store).token
    store.refused = [lost] * ATTEMPTS
    with pytest.raises(Unavailable):
        begun(store, token, "the session")


def test_use_is_noted_once_an_hour(store: FakePeople) -> None:
    added(store)
    (token,) = store.standing.tokens
    hour = datetime(2026, 11, 23, 12, tzinfo=UTC)
    note_use(store, token, NOW)
    note_use(store, replace(token, used_at=hour), NOW)
    note_use(store, replace(token, used_at=hour), NOW + timedelta(minutes=30))
    note_use(store, None, NOW)
    assert store.used == [(token.id, hour), (token.id, hour + timedelta(hours=1))]
