import json
from dataclasses import asdict, replace
from hashlib import sha256

import pytest

from chalicelib.audit import (
    LOOKS,
    AuditStore,
    Break,
    Chain,
    Circumstances,
    Decision,
    Entry,
    Line,
    breaks,
    chained,
    in_order,
    verify,
)
from chalicelib.spam.finding import Finding, Thresholds, weigh
from tests.samples import NOW, decision, record

COMMENT = record()
MOVES = ("approve", "reject", "restore", "delete")


def entries(number: int = 4) -> list[Entry]:
    found: list[Entry] = []
    comment = COMMENT
    for each in range(number):
        made = decision(comment, MOVES[each % 4], each)  # type: ignore[arg-type]
        found.append(Entry.after(found[-1].hash if found else None, made))
        comment = replace(comment, state=made.to or "pending")
    return found


def chain(of: list[Entry], head: str | None = "the last") -> Chain:
    known = of[-1].hash if of and head == "the last" else head
    return Chain(COMMENT.id, of, None if not of and head == "the last" else known)


def forged(entry: Entry, *, with_hash: bool) -> Entry:
    changed: Decision = replace(entry.decision, by="mallory")
    return Entry(changed, entry.previous, chained(entry.previous, changed) if with_hash else entry.hash)


@pytest.mark.parametrize("number", range(5))
def test_a_chain_as_it_was_written_holds(number: int) -> None:
    assert breaks(chain(entries(number))) == []


@pytest.mark.parametrize("number", range(4))
def test_a_changed_entry_shows(number: int) -> None:
    kept = entries()
    kept[number] = forged(kept[number], with_hash=False)
    assert Break(COMMENT.id, kept[number].decision.id, "changed") in breaks(chain(kept, entries()[-1].hash))


@pytest.mark.parametrize("number", range(4))
def test_a_changed_entry_shows_though_its_hash_was_made_anew(number: int) -> None:
    kept = entries()
    kept[number] = forged(kept[number], with_hash=True)
    after = kept[number + 1].decision.id if number < 3 else None
    assert breaks(chain(kept, entries()[-1].hash)) == [Break(COMMENT.id, after, "missing")]


@pytest.mark.parametrize("number", range(4))
def test_a_missing_entry_shows(number: int) -> None:
    kept = entries()
    del kept[number]
    after = kept[number].decision.id if number < 3 else None
    assert breaks(chain(kept, entries()[-1].hash)) == [Break(COMMENT.id, after, "missing")]


def test_a_head_that_was_put_back_shows() -> None:
    assert breaks(chain(entries(2), None)) == [Break(COMMENT.id, None, "missing")]
    assert breaks(chain(entries(2), entries()[0].hash)) == [Break(COMMENT.id, None, "missing")]


def test_what_is_gone_remembers_nothing_and_may_begin_again() -> None:
    assert breaks(replace(chain(entries(3), None), is_known=False)) == []
    assert breaks(chain(entries(4), None)) == [], "deleted, gone, and written again"
    again = Entry.after(None, decision(COMMENT, "approve", 9))
    assert breaks(chain([*entries(4), again])) == []
    assert breaks(chain([*entries(3), again])) != [], "nothing was deleted before"


def test_an_entry_from_before_verdicts_were_kept_in_words_keeps_its_hash() -> None:
    made = decision(COMMENT, "approve", 1)
    old = {"article_id": "a", "outcome": "hold", "score": 60, "checks": ["links"], "waited": 9, "message": None}
    facts = [None, {**asdict(made), "at": made.at.isoformat(), "undone": False}, old]
    line = json.dumps(facts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    kept = Entry(made, None, sha256(line.encode()).hexdigest(), Circumstances("a", "hold", 60, ("links",), 9))
    assert breaks(chain([kept])) == []
    for words in ({"remedy": "Would pass without the links."}, {"findings": ("Holds 3 links.",)}):
        assert kept.circumstances
        changed = replace(kept, circumstances=replace(kept.circumstances, **words))
        assert breaks(chain([changed], kept.hash)) == [Break(COMMENT.id, made.id, "changed")], words


def test_what_the_verdict_says_is_in_its_own_words() -> None:
    found = (Finding("links", 60, "Holds 3 links.", without="the links"), Finding("person", -5, "Asks a question."))
    comment = record(verdict=weigh(found, Thresholds()))
    then = Circumstances.of(comment, NOW)
    assert (then.findings, then.checks) == (("Holds 3 links.", "Asks a question."), ("links",))
    assert then.remedy == comment.verdict.remedy == "Would pass without the links."
    entry = Entry.after(None, decision(comment, "approve"), then)
    line = Line.of(entry)
    assert (line.circumstances, line.id, line.action) == (then, entry.decision.id, "approve")
    silent = Circumstances.of(comment, NOW, in_words=False)
    assert (silent.findings, silent.remedy, silent.checks) == ((), None, ("links",))


def test_who_came_first_may_be_done_last() -> None:
    found: list[Entry] = []
    for number in (3, 1, 4, 2, 0):
        found.append(Entry.after(found[-1].hash if found else None, decision(COMMENT, "approve", number)))
    assert in_order(reversed(found)) == in_order(sorted(found, key=lambda each: each.decision.id)) == found
    missing = found[:2] + found[3:]
    assert in_order(missing)[:2] == found[:2]
    assert Break(COMMENT.id, found[3].decision.id, "missing") in breaks(chain(in_order(missing)))


class Lagging:
    """A log of one comment, whose newest entry is seen at the last look only: as much of AuditStore as is needed."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def chain(self, _comment_id: str | None) -> Chain:
        self.looks -= 1
        whole = entries()
        return chain(whole if self.looks <= 0 else whole[:-1], whole[-1].hash)


@pytest.mark.parametrize(("looks", "whole"), [(1, True), (LOOKS, True), (LOOKS + 1, False)])
def test_what_seems_broken_is_looked_at_again(looks: int, *, whole: bool) -> None:
    store: AuditStore = Lagging(looks)  # type: ignore[assignment]
    seen, found = verify(store, COMMENT.id, lambda _attempt: None)
    assert (len(seen.entries) == 4, found == []) == (whole, whole)
