import io
import sys

import pytest

from tools import terminal


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("baclofen", "baclofen"),
        ("[red]not markup[/] :smile:", "[red]not markup[/] :smile:"),
        ("статья — 記事 👩‍👩‍👧", "статья — 記事 👩‍👩‍👧"),
        ("מאמר", "\u2068מאמר\u2069"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2069\u2028b", "a\\u2069\\u2028b"),
        ("\x1b[31m\n", "\\u001b[31m\\u000a"),
        ("\ud800", "\\ud800"),
    ],
)
def test_foreign_text_keeps_to_its_place(text: str, seen: str) -> None:
    assert terminal.safe(text).plain == seen


def test_letters_that_a_terminal_cannot_write_do_not_end_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)

    terminal.output().print(terminal.safe("статья"))

    narrow.flush()
    assert narrow.buffer.getvalue() == b"\\u0441\\u0442\\u0430\\u0442\\u044c\\u044f\n"  # type: ignore[attr-defined]


def test_output_may_go_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = io.StringIO()
    monkeypatch.setattr(sys, "stdout", kept)

    terminal.output().print(terminal.safe("статья"))

    assert kept.getvalue() == "статья\n"


def test_what_helps_a_person_is_not_told_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.note("By the way.")
    with terminal.progress() as shown:
        shown.add_task("Counting", total=1, unit="articles")

    assert capsys.readouterr() == ("", "")


def test_a_person_sees_how_far_it_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    terminal.note("By the way.")
    with terminal.progress() as shown:
        shown.add_task("Looking", total=None, completed=1234, unit="items")
        shown.advance(shown.add_task("Counting", total=2, unit="articles"))

    told = capsys.readouterr()
    assert not told.out
    for words in ("By the way.", "1,234 items", "1 of 2 articles"):
        assert words in told.err
