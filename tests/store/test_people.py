"""How people, tokens and sessions are kept, whoever else writes at the same time."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import patience
from chalicelib.audit import Decision, Entry, verify
from chalicelib.dynamodb import DynamoPeople, DynamoStores, open_stores
from chalicelib.errors import Conflict, Stale, Unavailable
from chalicelib.once import Once
from chalicelib.people import (
    OWNER,
    Act,
    Added,
    Admitted,
    Change,
    Moderator,
    NewModerator,
    NewToken,
    Token,
    add,
    digest_of,
    issue,
    remove,
    revoke,
    sign_in,
)
from chalicelib.settings import Settings
from tests.faults import counted, injected
from tests.samples import NOW
from tests.store.conftest import at_once

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(patience, "LONGEST_PAUSE", 0.05)


def act(number: int = 1, once: Once | None = None) -> Act:
    return Act(OWNER, NOW, number, patience.pause, once)


def added(people: DynamoPeople, name: str = "Ann", number: int = 1, **fields: Any) -> Added:
    secret = secrets.token_bytes(32)
    return add(people, NewModerator(name=name, **fields), act(number), lambda _: secret)


def begun(people: DynamoPeople, number: int = 50) -> Token:
    owner = Admitted(Moderator(OWNER, "owner"), None)
    return sign_in(people, owner, "mark", f"session {number}", act(number))


def another(client: "DynamoDBClient", settings: Settings) -> DynamoPeople:
    """Return the store as another process has it."""
    return open_stores(client, settings).people


def test_what_was_kept_is_read_as_it_was(
    stores: DynamoStores, settings: Settings, table_client: "DynamoDBClient"
) -> None:
    added(stores.people, " Zoë  A. ", role="owner", label="für unterwegs", days=366)
    kept = another(table_client, settings).people()
    (person,), (token,) = kept.persons, kept.tokens
    at = NOW.replace(microsecond=0)
    assert (person.name, person.role, person.added_at, person.added_by) == ("Zoë  A.", "owner", at, OWNER)
    assert (token.moderator, token.label, token.kind) == ("Zoë  A.", "für unterwegs", "token")
    assert (token.created_at, token.expires_at, token.used_at) == (at, at + timedelta(days=366), None)
    assert kept == stores.people.people(0)


def test_memory_is_seconds_old_and_a_write_of_ones_own_is_seen_at_once(
    stores: DynamoStores, settings: Settings, table_client: "DynamoDBClient"
) -> None:
    other = another(table_client, settings)
    assert other.people().persons == []
    added(stores.people)
    assert [each.name for each in stores.people.people().persons] == ["Ann"]
    assert other.people().persons == []
    assert [each.name for each in other.people(0).persons] == ["Ann"]
    with counted(table_client) as calls:
        for _ in range(3):
            other.people()
    assert not calls


def test_a_read_that_began_before_a_write_is_not_remembered(
    stores: DynamoStores, table_client: "DynamoDBClient"
) -> None:
    people, stale = stores.people, []

    def write_meanwhile(**_: Any) -> None:
        table_client.meta.events.unregister("after-call.dynamodb.Query", write_meanwhile)
        stale.append(added(people))

    table_client.meta.events.register("after-call.dynamodb.Query", write_meanwhile)
    assert people.people().persons == []
    assert stale
    assert [each.name for each in people.people().persons] == ["Ann"]


def test_many_who_add_the_same_name_add_one_person(stores: DynamoStores, engine: object) -> None:
    def attempt(number: int) -> Callable[[], object]:
        def call() -> object:
            try:
                return added(stores.people, "Ann", number)
            except (Conflict, Unavailable) as refusal:
                return refusal

        return call

    found = at_once([attempt(number) for number in range(1, 9)])
    (won,) = (each for each in found if isinstance(each, Added))
    people = stores.people.people(0)
    assert [each.digest for each in people.tokens] == [digest_of(won.token)]
    chain, breaks = verify(stores.audits, None, lambda _: None)
    assert (len(chain.entries), breaks) == (1, [])


def test_tokens_made_and_revoked_at_once_are_each_done_once(stores: DynamoStores, engine: object) -> None:
    added(stores.people)
    old = [issue(stores.people, "Ann", NewToken(label="old"), act(100 + n), _random()) for n in range(4)]

    def make(number: int) -> Callable[[], object]:
        return lambda: _insist(lambda: issue(stores.people, "Ann", NewToken(label="new"), act(200 + number), _random()))

    def drop(number: int) -> Callable[[], object]:
        return lambda: _insist(lambda: revoke(stores.people, act(100 + number).id, act(300 + number), of="Ann"))

    at_once([each for number in range(4) for each in (make(number), drop(number))])
    assert len(old) == 4
    labels = [each.label for each in stores.people.people(0).held_by("Ann")]
    assert sorted(labels) == ["first token", *["new"] * 4]
    chain, breaks = verify(stores.audits, None, lambda _: None)
    assert (len(chain.entries), breaks) == (1 + 4 + 4 + 4, [])


def _random() -> Callable[[str], bytes]:
    secret = secrets.token_bytes(32)
    return lambda _: secret


def _insist(call: Callable[[], object]) -> object:
    for _ in range(20):
        try:
            return call()
        except Unavailable:
            patience.pause(4)
    raise Unavailable


def test_an_idempotency_key_is_kept_with_the_change_and_holds_no_token(stores: DynamoStores) -> None:
    once = Once("a-mark", "a-digest")
    for _ in range(2):
        made = add(stores.people, NewModerator(name="Ann"), act(1, once), lambda at: at.encode().ljust(32))
    roster = stores.people.roster(once, NOW)
    assert roster.earlier
    assert roster.earlier.answer == act(1).id
    assert roster.people.with_digest(digest_of(made.token))
    gone = stores.people.roster(once, NOW + timedelta(hours=25))
    assert gone.earlier is None


def test_ending_a_session_ends_no_token(stores: DynamoStores) -> None:
    token = added(stores.people).token
    session = begun(stores.people)
    with pytest.raises(Unavailable):
        stores.people.drop_session(digest_of(token))
    for _ in range(2):
        stores.people.drop_session(session.digest)
    assert [each.digest for each in stores.people.people(0).tokens] == [digest_of(token)]


def test_what_expired_is_cleared_away_in_time_and_a_token_a_month_later(
    stores: DynamoStores, settings: Settings, table_client: "DynamoDBClient"
) -> None:
    added(stores.people, days=1)
    begun(stores.people)
    pk = stores.connection.keys.people()
    items = {item.get("kind"): item for item in stores.connection.walk(pk)}
    at = int(NOW.timestamp())
    assert items["token"]["ttl"] == at + 31 * 86_400
    assert items["session"]["ttl"] == items["session"]["ends"] == at + 12 * 3600
    assert "ttl" not in items[None], "a person stays"


def test_a_change_that_was_read_before_another_is_refused(stores: DynamoStores) -> None:
    before = stores.people.roster(None, NOW)
    added(stores.people)
    decision = Decision(act(2).id, None, "people", None, None, None, OWNER, NOW)
    with pytest.raises(Stale):
        stores.people.change(Change({}), Entry.after(before.head, decision), None)


def test_use_is_tried_once_an_hour_whatever_comes_of_it(
    stores: DynamoStores, hasty_client: "DynamoDBClient", settings: Settings
) -> None:
    added(stores.people)
    people = another(hasty_client, settings)
    (token,) = people.people().tokens
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    with injected(hasty_client, {("UpdateItem", "away"): 1.0}), counted(hasty_client) as calls:
        for _ in range(3):
            people.note_use(token, hour)
    assert calls["UpdateItem"] <= 1
    people.note_use(token, hour + timedelta(hours=1))
    (token,) = people.people(0).tokens
    assert token.used_at == hour + timedelta(hours=1)


def test_a_write_that_is_lost_is_found_and_one_that_never_arrives_is_refused(
    stores: DynamoStores, hasty_client: "DynamoDBClient", settings: Settings
) -> None:
    people = another(hasty_client, settings)
    with injected(hasty_client, {("TransactWriteItems", "lost"): 1.0}):
        added(people)
        begun(people, 60)
    with injected(hasty_client, {("TransactWriteItems", "away"): 1.0}), pytest.raises(Unavailable):
        remove(people, "Ann", act(9))
    assert [each.name for each in stores.people.people(0).persons] == ["Ann"]
    assert len(stores.people.people(0).held_by(OWNER, "session")) == 1
