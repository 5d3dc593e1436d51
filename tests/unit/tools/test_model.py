import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner, Result

from chalicelib.dynamodb import DynamoStores
from chalicelib.errors import Unavailable
from tests.samples import record
from tests.store.conftest import Shelf
from tests.unit.spam.lessons import lines
from tools import model as command
from tools.afterword import app
from tools.table_at_hand import Choice

Run = Callable[..., Result]

SPAM = [record(number, text=line.text, name=line.name) for number, line in enumerate(lines("campaign")[:30], 1)]
FINE = [record(number, text=line.text, name=line.name) for number, line in enumerate(lines("honest")[:6], 100)]


@pytest.fixture
def shelf(stores: DynamoStores) -> Shelf:
    shelf = Shelf(stores)
    shelf.keep(*SPAM, *FINE)
    for each in SPAM:
        shelf.move(each, "spam", minutes=-int(each.id), by="ben" if each is SPAM[0] else "ann")
    for each in FINE:
        shelf.move(each, "approve", minutes=-int(each.id))
    return shelf


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, stores: DynamoStores) -> Run:
    """Run `afterword model` over this test's site."""

    @contextmanager
    def open_store(_choice: Choice) -> Iterator[object]:
        yield stores.models

    monkeypatch.setattr(command, "_open_store", open_store)
    wide = CliRunner(env={"COLUMNS": "200"})
    return lambda *arguments: wide.invoke(app, ["model", *arguments])


def document(ended: Result) -> dict[str, object]:
    assert ended.exit_code == 0, ended.output
    found: dict[str, object] = json.loads(ended.stdout)
    return found


def test_a_new_site_has_nothing_to_show(run: Run) -> None:
    ended = run("show")
    assert (ended.exit_code, ended.stdout) == (0, "No weights of the site's own are in force.\n")
    assert document(run("show", "--json")) == {
        "version": 0,
        "pinned": False,
        "through": None,
        "looked_at": None,
        "without": [],
        "versions": [],
    }


@pytest.mark.usefixtures("shelf")
def test_what_was_learned_is_told_and_shown(run: Run) -> None:
    ended = run("retrain")
    assert ended.exit_code == 0, ended.output
    assert ended.stdout == "Version 1 is in force, learned from 30 spam and 6 other comments.\n"
    assert "Nothing has changed by that." in run("retrain").stdout
    shown = run("show").stdout
    assert "in force" in shown
    assert "checksum" in shown


@pytest.mark.usefixtures("shelf")
def test_a_rollback_says_that_nothing_is_learned_from_then_on(run: Run) -> None:
    run("retrain")
    ended = run("rollback", "0")
    assert ended.exit_code == 0
    assert "No weights of the site's own are in force. It stays so" in ended.stdout
    assert document(run("rollback", "1", "--json"))["pinned"]
    ended = run("rollback", "9")
    assert ended.exit_code == 2
    assert "There is no version 9. There are 1, and 0 for none." in ended.stderr


@pytest.mark.usefixtures("shelf")
def test_a_streak_is_left_out_and_taken_in_again(run: Run) -> None:
    ended = run("retrain", "--by", "Ben", "--since", "2026-11-01", "--until", "2027-01-01T00:00:00+02:00")
    assert ended.exit_code == 0, ended.output
    assert "learned from 29 spam and 6 other comments." in ended.stdout
    assert "Left out: decisions of Ben from 2026-11-01T00:00:00Z up to 2026-12-31T22:00:00Z." in ended.stdout
    found = document(run("retrain", "--forget", "--json"))
    assert (found["version"], found["before"], found["gone"], found["without"]) == (2, 1, 0, [])


def test_a_time_that_is_none_is_wrong_use(run: Run) -> None:
    ended = run("retrain", "--since", "yesterday")
    assert ended.exit_code == 2
    assert "--since takes a time" in ended.stderr


@pytest.mark.usefixtures("shelf")
def test_a_replay_shows_what_would_change(run: Run) -> None:
    ended = run("replay", "--retrain")
    assert ended.exit_code == 0, ended.output
    assert "36 decisions: 6 agree now, " in ended.stdout
    assert "36 of them were learned from" in ended.stdout
    assert f"{SPAM[-1].id}  spam: publish (0) to " in ended.stdout
    assert "more; --json has all." in ended.stdout
    found = document(run("replay", "--by", "ben", "--json"))
    assert found["decisions"] == 36
    run("retrain")
    assert "0 comments would change." in run("replay").stdout
    assert document(run("replay", "--version", "0", "--last", "10", "--json"))["decisions"] == 10


@pytest.mark.usefixtures("shelf")
def test_a_version_and_weights_to_be_made_are_two_things(run: Run) -> None:
    assert run("replay", "--version", "1", "--retrain").exit_code == 2
    assert run("replay", "--version", "5").exit_code == 2


def test_a_table_that_is_away_ends_with_4(run: Run, monkeypatch: pytest.MonkeyPatch, stores: DynamoStores) -> None:
    def away(_self: object) -> None:
        raise Unavailable

    monkeypatch.setattr(type(stores.models), "model", away)
    for arguments in (["show"], ["retrain"], ["rollback", "0"], ["replay"]):
        assert run(*arguments).exit_code == 4
