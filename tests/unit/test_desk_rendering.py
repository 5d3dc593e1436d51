"""The pieces of the moderator pages: marks, differences, charts, words."""

import re
from datetime import UTC, datetime
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from chalicelib.moderation import GROUNDS
from chalicelib.rendering.desk.card import marked_text
from chalicelib.rendering.desk.charts import scale, stacked
from chalicelib.rendering.desk.difference import MOST_PIECES, difference
from chalicelib.rendering.desk.queue import Asked
from chalicelib.rendering.desk.words import (
    REASONS,
    SAFETY,
    ago,
    circumstances_words,
    note_words,
    span,
    verdict_words,
)
from chalicelib.spam import finding

texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=80)


def shown(html: str) -> str:
    """Return the text that HTML shows."""
    return unescape(re.sub("<[^>]*>", "", html))


def without(html: str, tag: str) -> str:
    return shown(re.sub(f"<{tag}>.*?</{tag}>", "", html, flags=re.DOTALL))


@given(texts, texts)
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    found = difference(before, after)
    assert without(found, "ins") == before
    assert without(found, "del") == after


def test_a_difference_is_by_words() -> None:
    found = difference("I take 10 mg at night.", "I take 20 mg at <b>night</b>.")
    assert "<del>10</del><ins>20</ins> mg at " in found
    assert "<b>" not in found


def test_texts_too_long_to_be_compared_stand_one_after_the_other() -> None:
    before, after = "a " * MOST_PIECES, "b " * MOST_PIECES
    assert difference(before, after) == Markup("<del>{}</del><ins>{}</ins>").format(before, after)


@given(texts, st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), max_size=6))
def test_marks_change_nothing_of_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    inside = [span for span in spans if span[0] < span[1] <= len(text)]
    assert shown(marked_text(text, inside)) == text


@pytest.mark.parametrize(
    ("spans", "html"),
    [
        ([], "a&lt;b c"),
        ([(0, 3)], "<mark>a&lt;b</mark> c"),
        ([(2, 3), (0, 3)], "<mark>a&lt;b</mark> c"),
        ([(0, 2), (1, 3)], "<mark>a&lt;</mark><mark>b</mark> c"),
        ([(0, 5)], "a&lt;b c"),
    ],
)
def test_what_checks_matched_is_marked_once(spans: list[tuple[int, int]], html: str) -> None:
    assert marked_text("a<b c", spans) == html


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (1, 1), (3, 4), (5, 5), (6, 10), (10, 10), (11, 20), (41, 50), (1001, 2000)]
)
def test_an_axis_ends_at_a_round_number(most: int, top: int) -> None:
    assert scale(most) == top


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=90))
def test_bars_stand_on_each_other_and_inside_the_drawing(values: list[tuple[int, int]]) -> None:
    series = {"low": [low for low, _ in values], "high": [high for _, high in values]}
    days = [f"2026-11-{number:02d}" for number in range(len(values))]
    drawing = ET.fromstring(stacked("x", "T", "W", days, series))  # noqa: S314 - what we made
    bars = [{name: each.get(name, "") for name in each.keys()} for each in drawing if each.tag == "rect"]  # noqa: SIM118
    assert len(bars) == sum(1 for pair in values for value in pair if value)
    for bar in bars:
        assert float(bar["y"]) >= 5.9
        assert float(bar["y"]) + float(bar["height"]) <= 160.1
        assert float(bar["x"]) + float(bar["width"]) <= 640
    heights = sum(float(bar["height"]) for bar in bars)
    top = scale(max((low + high for low, high in values), default=0))
    assert heights == pytest.approx(sum(low + high for low, high in values) * 154 / top, abs=0.02 * len(bars) + 0.01)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (1, "1 second"), (61, "1 minute"), (7200, "2 hours"), (86_400 * 3, "3 days")],
)
def test_a_time_is_told_in_its_largest_unit(seconds: int, words: str) -> None:
    assert span(seconds) == words


def test_what_lies_ahead_by_a_wrong_clock_is_just_now() -> None:
    assert ago("2026-11-24T12:00:05Z", datetime(2026, 11, 24, 12, tzinfo=UTC)) == "0 seconds"


def test_every_reason_has_its_word_and_its_key() -> None:
    assert list(REASONS) == list(GROUNDS)
    assert len(REASONS) <= 9


def test_an_address_keeps_filters_and_no_cursor() -> None:
    asked = Asked({"state": "spam", "text": "a&b ü", "cursor": "x"})
    assert asked.address() == "admin?state=spam&text=a%26b+%C3%BC"
    assert asked.address(state=None, text=None) == "admin"
    assert asked.address(cursor="y").endswith("cursor=y")


@pytest.mark.parametrize(
    ("action", "note", "words"),
    [
        ("reject", "Look at this.", "Look at this."),
        ("reject", None, ""),
        ("undo", "0123456789abcdefgh", ""),
        ("policy", '{"mode": "open", "thresholds": {"hold": 20}}', "mode: open; thresholds hold: 20"),
        ("list", '{"list": "terms", "from": null, "to": {"value": "a"}}', "list: terms; from: none; to value: a"),
        ("people", "no JSON", "no JSON"),
    ],
)
def test_a_note_is_told_in_words(action: str, note: str | None, words: str) -> None:
    assert note_words({"action": action, "note": note}) == words


def test_every_reason_of_safety_has_words() -> None:
    assert tuple(SAFETY) == finding.SAFETY


def test_a_verdict_says_what_would_have_helped() -> None:
    verdict = {"score": 60, "outcome": "hold", "thresholds": {"hold": 50, "spam": 100}, "remedy": None}
    held = "60 points; from 50 a comment is held, from 100 it counts as spam."
    assert verdict_words(verdict, "pending") == held
    remedy = "Would pass without the links."
    assert verdict_words({**verdict, "remedy": remedy}, "pending") == f"{held} {remedy}"


def test_an_entry_says_what_the_verdict_said_then() -> None:
    then = {"score": 60, "findings": ["Holds 3 links.", "Sent twice."], "remedy": "Would pass without the links."}
    assert circumstances_words(then) == "60 points: Holds 3 links. Sent twice. Would pass without the links."
    assert circumstances_words({**then, "remedy": None}) == "60 points: Holds 3 links. Sent twice."
    assert circumstances_words({**then, "findings": []}) == circumstances_words(None) == ""
