import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner, Result

from chalicelib.audit import Chain, Entry
from chalicelib.errors import Unavailable
from tests.samples import decision, record
from tools import audit as command
from tools.afterword import app
from tools.table_at_hand import Choice

COMMENT = record()
WHOLE = (Entry.after(None, decision(COMMENT, "approve")),)


@dataclass(frozen=True, slots=True)
class FakeAudits:
    """A log as far as the command asks for it: fulfils AuditStore."""

    chains: dict[str | None, Chain | None]

    def subjects(self, seen: Callable[[int], None]) -> Iterator[str | None]:
        seen(len(self.chains))
        yield from self.chains

    def chain(self, comment_id: str | None) -> Chain:
        found = self.chains[comment_id]
        if found is None:
            raise Unavailable
        return found


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `afterword audit verify` over a log."""
    monkeypatch.setattr(command, "pause", lambda _attempt: None)

    def over(chains: dict[str | None, Chain | None], *arguments: str) -> Result:
        @contextmanager
        def open_store(_choice: Choice) -> Iterator[FakeAudits]:
            yield FakeAudits(chains)

        monkeypatch.setattr(command, "_open_store", open_store)
        return CliRunner().invoke(app, ["audit", "verify", *arguments])

    return over


HOLDS: dict[str | None, Chain | None] = {None: Chain(None, (), None), "a": Chain("a", WHOLE, WHOLE[-1].hash)}
BROKEN: dict[str | None, Chain | None] = {**HOLDS, "b": Chain("b", WHOLE, "another hash")}


def test_a_log_that_is_whole_says_so(run: Run) -> None:
    ended = run(HOLDS)
    assert (ended.exit_code, ended.stdout) == (0, "1 entry in 1 chain: the log is whole.\n")


def test_a_broken_chain_is_shown_and_ends_with_1(run: Run) -> None:
    ended = run(BROKEN)
    assert ended.exit_code == 1
    assert "2 entries in 2 chains: 1 broken." in ended.stdout
    assert "after the last" in ended.stdout


def test_programs_get_one_json_object(run: Run) -> None:
    ended = run(BROKEN, "--json")
    broken = {"comment_id": "b", "decision_id": None, "what": "missing"}
    assert json.loads(ended.stdout) == {"chains": 2, "entries": 2, "breaks": [broken]}


def test_a_table_that_goes_away_ends_with_4_and_shows_what_was_found(run: Run) -> None:
    ended = run({**HOLDS, "c": None})
    assert ended.exit_code == 4
    assert "1 entry in 1 chain" in ended.stdout
    assert "The table is away" in ended.stderr
