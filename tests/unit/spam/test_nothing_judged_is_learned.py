"""No text that anything is judged by, nor one nearly like it, is among the texts that it was fitted on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from bench.judged import rows
from bench.spam import HONEST_FOLDS, SOURCES, left_out
from chalicelib.spam.learning import _HONEST
from chalicelib.text import normal
from tools.spam.texts import folder, labelled, voices

NEAR = 0.6
"""Jaccard index of the shingles of five letters, from which two texts are one: as the labelled sets were cleaned by."""
LETTERS = 5
SHORTEST = 20
"""Letters; what is shorter ("Thank you") is written by many."""


def shingles(text: str) -> frozenset[str]:
    letters = normal(text)
    return frozenset(letters[at : at + LETTERS] for at in range(max(1, len(letters) - LETTERS + 1)))


def near(judged: Iterable[str], learned: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each judged text that is nearly like a learned one, with that one."""
    wanted = [(text, shingles(text)) for text in dict.fromkeys(judged) if len(normal(text)) >= SHORTEST]
    places: dict[str, list[int]] = defaultdict(list)
    for number, (_, parts) in enumerate(wanted):
        for part in parts:
            places[part].append(number)
    for text in dict.fromkeys(learned):
        own = shingles(text)
        shared: dict[int, int] = defaultdict(int)
        for part in own:
            for number in places.get(part, ()):
                shared[number] += 1
        for number, both in shared.items():
            if both >= NEAR * (len(own) + len(wanted[number][1]) - both):
                yield wanted[number][0], text


def test_a_text_with_a_word_changed_is_found() -> None:
    assert list(near(["I took my ten tablets on Monday at noon"], ["I took my ten tablets on Sunday at noon"]))
    assert not list(near(["I took my ten tablets on Monday at noon"], ["We had a lovely day out at the seaside"]))


@pytest.mark.parametrize("name", ["people", "honest"])
def test_what_was_written_last_is_near_to_nothing_that_is_learned_from(name: str) -> None:
    judged = [row["text"] for row in rows(name)]
    learned = [text.text for text in voices()] + _HONEST.read_text(encoding="utf-8").splitlines()

    assert list(near(judged, learned)) == []


@pytest.mark.skipif(folder() is None, reason="the labelled sets are not here")
def test_the_labelled_sets_are_near_to_nothing_that_was_written_last_or_by_us() -> None:
    where = folder()
    assert where
    sets = labelled(where)
    own = [text.text for text in voices()]

    assert (
        list(near([row["text"] for name in ("people", "honest") for row in rows(name)], [text.text for text in sets]))
        == []
    )
    assert list(near([text.text for text in sets if text.source in SOURCES], own)) == []


def test_what_is_left_out_is_not_in_the_training() -> None:
    source = np.array(["domain", "sms", "sms", "civil", "voice-a"] * 20)
    honest = np.array([False, False, True, True, False] * 20)
    for number, (chosen, inside) in enumerate(left_out(source, honest, "sms")):
        assert not chosen[source == "sms"].any()
        assert not (chosen & inside).any()
        assert chosen[source == "voice-a"].all()
        assert number < HONEST_FOLDS
