import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner, Result

from chalicelib.dynamodb import DynamoStores
from chalicelib.errors import Unavailable
from chalicelib.people import BY_COMMAND, OWNER, Admitted, Moderator, admitted, sign_in
from tests.store.test_people import act
from tools import moderators as command
from tools.afterword import app
from tools.table_at_hand import Choice

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, stores: DynamoStores) -> Run:
    """Run `afterword moderators` over this test's site."""

    @contextmanager
    def open_store(_choice: Choice) -> Iterator[object]:
        yield stores.people

    monkeypatch.setattr(command, "_open_store", open_store)
    wide = CliRunner(env={"COLUMNS": "200"})
    return lambda *arguments: wide.invoke(app, ["moderators", *arguments])


def added(run: Run, *arguments: str) -> str:
    ended = run("add", *arguments)
    assert ended.exit_code == 0, ended.output
    return ended.stdout.strip()


def test_a_moderator_is_added_and_the_token_stands_alone_on_stdout(run: Run, stores: DynamoStores) -> None:
    ended = run("add", "Ann", "--role", "owner", "--label", "laptop", "--days", "30")
    assert ended.exit_code == 0
    assert re.fullmatch("aft_[A-Za-z0-9_-]{43}\n", ended.stdout)
    assert re.match(r"Ann may sign in as owner until \d{4}-\d\d-\d\d, with this token:", ended.stderr)
    found = admitted(stores.people.people(), ended.stdout.strip(), datetime.now(UTC))
    assert found
    assert found.moderator == Moderator("Ann", "owner")
    assert found.token
    assert found.token.label == "laptop"


def test_the_log_says_that_it_was_the_command(run: Run, stores: DynamoStores) -> None:
    added(run, "Ann")
    (entry,) = stores.audits.chain(None).entries
    assert (entry.decision.action, entry.decision.by) == ("people", BY_COMMAND)


def test_programs_get_one_json_object(run: Run) -> None:
    ended = run("add", "Ann", "--json")
    made = json.loads(ended.stdout)
    assert set(made) == {"moderator", "token"}
    assert json.loads(run("list", "--json").stdout) == {"items": [made["moderator"]]}


def test_the_list_shows_people_tokens_and_last_use_and_no_secret(run: Run, stores: DynamoStores) -> None:
    assert run("list").stdout == "Nobody yet, beside the owner of AFTERWORD_OWNER_TOKEN.\n"
    token = added(run, "\u202eAnn", "--label", "the laptop")
    added(run, "Bea")
    found = admitted(stores.people.people(), token, datetime.now(UTC))
    assert found
    assert found.token
    stores.people.note_use(found.token, datetime(2099, 11, 24, 9, tzinfo=UTC))
    shown = run("list").stdout
    for words in ("\\u202eAnn", "Bea", "the laptop", "2099-11-24 09:00", "never", found.token.id):
        assert words in shown
    assert token not in shown


def test_a_token_is_revoked_and_a_moderator_removed(run: Run, stores: DynamoStores) -> None:
    made = json.loads(run("add", "Ann", "--json").stdout)
    identity = made["moderator"]["tokens"][0]["id"]
    ended = run("revoke", identity)
    assert (ended.exit_code, ended.stdout) == (0, f"The token {identity} is revoked.\n")
    assert admitted(stores.people.people(), made["token"], datetime.now(UTC)) is None
    ended = run("remove", "ann")
    assert (ended.exit_code, ended.stdout) == (0, "ann may not sign in any more.\n")
    assert stores.people.people().persons == []


def test_sessions_are_ended_the_owners_too(run: Run, stores: DynamoStores) -> None:
    token = added(run, "Ann")
    found = admitted(stores.people.people(), token, datetime.now(UTC))
    assert found
    for number, who in enumerate((found, found, Admitted(Moderator(OWNER, "owner"), None))):
        sign_in(stores.people, who, "mark", f"session {number}", act(number))
    assert run("sign-out", "Ann").stdout == "2 sessions of Ann ended.\n"
    assert run("sign-out", "owner").stdout == "1 session of owner ended.\n"
    assert len(stores.people.people().tokens) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "owner"), "This name cannot be taken"),
        (("add", ""), "name"),
        (("add", "Ann", "--days", "0"), "days"),
        (("add", "Ann", "--days", "367"), "days"),
        (("add", "Ann", "--label", ""), "label"),
        (("add", "Ann", "--role", "admin"), "role"),
        (("add",), "NAME"),
        (("remove", "Nobody"), "There is no moderator of this name"),
        (("revoke", "0" * 18), "There is no token with this id"),
        (("revoke", "x"), "id"),
        (("sign-out", "Nobody"), "There is no moderator of this name"),
    ],
)
def test_what_makes_no_sense_ends_with_2_and_says_why(
    run: Run, stores: DynamoStores, arguments: tuple[str, ...], words: str
) -> None:
    ended = run(*arguments)
    assert ended.exit_code == 2
    assert words in ended.output
    assert stores.people.people().persons == []


def test_a_name_that_is_taken_ends_with_2(run: Run) -> None:
    added(run, "Ann")
    ended = run("add", "ANN")
    assert (ended.exit_code, ended.stderr) == (2, "A moderator of this name is there already.\n")


def test_a_table_that_is_away_ends_with_4(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def away(_choice: Choice) -> Iterator[object]:
        raise Unavailable
        yield

    monkeypatch.setattr(command, "_open_store", away)
    for arguments in (["list"], ["add", "Ann"], ["remove", "Ann"], ["revoke", "0" * 18], ["sign-out", "Ann"]):
        ended = CliRunner().invoke(app, ["moderators", *arguments])
        assert ended.exit_code == 4
        assert "The table is away" in ended.stderr
