"""The windows of a text, and that a head thinks the same of one however it is asked."""

from itertools import pairwise

import pytest

from chalicelib.spam.prior import LONG, WINDOW, Window, prior, windows_of
from chalicelib.spam.reading import read

SENTENCES = "My leg was stiff all winter. I walk again, slowly, with a stick. Thank you for this page. "


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("", [(0, 0)]),
        ("Thank you.", [(0, 2)]),
        ("word " * (LONG - 1), [(0, LONG - 1)]),
        ("word " * LONG, [(0, 24), (24, 60)]),
        ("word " * 100, [(0, 24), (24, 48), (48, 72), (72, 100)]),
        ("one two three. " * 20, [(0, 24), (24, 48), (48, 60)]),
        ("word " * 30 + ". " + "word " * 30 + ".", [(0, 30), (30, 60)]),
    ],
)
def test_a_long_text_is_looked_at_in_windows(text: str, windows: list[Window]) -> None:
    assert windows_of(read(text)) == windows


@pytest.mark.parametrize("text", [SENTENCES * 5, "word " * 300, "薬" * 500, SENTENCES])
def test_windows_are_the_text_and_none_is_endless(text: str) -> None:
    reading = read(text)
    windows = windows_of(reading)

    assert windows[0][0] == 0
    assert windows[-1][1] == len(reading.words)
    assert all(end == start for (_, end), (start, _) in pairwise(windows))
    assert all(end - start < max(2 * WINDOW, LONG) for start, end in windows)


@pytest.mark.parametrize("text", ["", "a", "Thank you", SENTENCES, SENTENCES * 6])
def test_a_window_weighs_the_same_alone_and_among_others(text: str) -> None:
    found = prior().read(read(text))
    windows = [*windows_of(found.reading), found.whole]

    for head in range(len(found.prior.heads)):
        assert found.totals(head, windows) == [(found.total(head, window), window) for window in windows]


def test_a_window_weighs_what_its_words_weigh_alone() -> None:
    alone, among = prior().read(read("he took all his tablets at once")), prior().read(read(SENTENCES * 5))
    words = among.reading.words[28:42]
    same = prior().read(read(" ".join(words)))

    assert same.reading.words == words
    assert among.total(1, (28, 42)) == pytest.approx(same.total(1, same.whole))
    assert alone.total(1, alone.whole) != same.total(1, same.whole)


def test_one_sentence_of_danger_in_a_long_story_is_heard_and_marked() -> None:
    danger = (
        "My two year old has just swallowed a whole bottle of my tablets, he is very sleepy now and I can't wake him "
        "properly, what do I do."
    )
    found = prior().about(prior().read(read(SENTENCES * 3 + danger + " " + SENTENCES * 3)))

    assert found["overdose"].reached
    start, end = found["overdose"].window
    assert end - start < 2 * WINDOW
