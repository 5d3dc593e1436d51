import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.lexicon import LONGEST_PHRASE, NAMES, SHORTEST_STEM, TEXTS, Lexicon, load

WORD = re.compile(r"[\w']+\*?|\*|#|<link>|<email>|<handle>")


def found(phrase: str, text: str) -> list[tuple[int, int]]:
    return list(Lexicon({"group": [phrase]}).find(tuple(text.split())).get("group", ()))


@pytest.mark.parametrize(
    ("phrase", "text", "places"),
    [
        ("buy now", "so buy now please", [(1, 2)]),
        ("buy|order now", "order now buy now", [(0, 1), (2, 3)]),
        ("buy it| now", "buy now", [(0, 1)]),
        ("buy it| now", "buy it now", [(0, 2)]),
        ("tablet*", "two tablets or a tablet", [(1, 1), (4, 4)]),
        ("ask * now", "ask anybody now", [(0, 2)]),
        ("# off", "60 off 5mg off", [(0, 1), (2, 3)]),
        ("call <email>", "call <email>", [(0, 1)]),
        ("so very very", "so very very very", [(0, 2)]),
        ("no script|", "no script", [(0, 1)]),
        ("buy now", "buy it now", []),
        ("buy now", "buy", []),
        ("tablet*", "table", []),
        ("ask * now", "ask now", []),
    ],
)
def test_a_phrase_is_found_with_what_may_vary(phrase: str, text: str, places: list[tuple[int, int]]) -> None:
    assert found(phrase, text) == places


def test_all_groups_are_found_at_once_and_their_answer_is_remembered() -> None:
    lexicon = Lexicon({"one": ["a b"], "two": ["a b c", "c"]})
    words = ("a", "b", "c")

    assert dict(lexicon.find(words)) == {"one": ((0, 1),), "two": ((0, 2), (2, 2))}
    assert lexicon.find(words) is lexicon.find(tuple(words))


@pytest.mark.parametrize("group", sorted(load()))
def test_the_files_hold_phrases_that_can_be_found_quickly(group: str) -> None:
    for phrase in load()[group]:
        words = phrase.split()
        assert 0 < len(words) <= LONGEST_PHRASE, phrase
        assert "" not in words[0].split("|"), phrase
        assert words[0] != "*", phrase
        for word in filter(None, re.split(r"[ |]", phrase)):
            assert WORD.fullmatch(word), phrase
            assert not word.endswith("*") or word == "*" or len(word) > SHORTEST_STEM, phrase
            assert unicodedata.normalize("NFKC", word).casefold() == word, phrase


@given(st.lists(st.sampled_from("we ship buy my no online the # 5 tablets your loan".split()), max_size=60))  # noqa: SIM905
def test_places_lie_among_the_words(words: list[str]) -> None:
    for places in TEXTS.find(tuple(words)).values():
        assert all(0 <= first <= last < len(words) for first, last in places)


@pytest.mark.parametrize("word", ["my", "buy", "your", "i", "no", "thanks for sharing", "great"])
def test_the_same_word_again_and_again_takes_linear_time(word: str) -> None:
    words = tuple((f"{word} " * 2_000).split())
    start = time.process_time()
    TEXTS.find(words)
    NAMES.find(words)

    assert time.process_time() - start < 0.5
