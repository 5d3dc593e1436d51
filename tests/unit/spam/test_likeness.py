import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.likeness import Likeness, likeness

KEY = b"k" * 32
TEXT = (
    "My aunt had pain in both knees for eleven years and nothing helped her until a neighbour brought the green balm "
    "from the hills, and after nine days she was dancing at the wedding of her grandson, so if you suffer ask me "
    "for the name"
)


def of(text: str, comment_id: str = "one", key: bytes = KEY) -> Likeness:
    found = likeness(text, key, comment_id)
    assert found is not None
    return found


def changed(seed: int, share: float) -> str:
    """Return the text with a share of its words replaced by others."""
    chance = random.Random(seed)  # noqa: S311 - the same every time
    return " ".join(f"other{chance.random()}" if chance.random() < share else word for word in TEXT.split())


def found_alike(share: float, earlier: int) -> float:
    """Return how often the last of several texts, each changed in its own way, finds at least one before it."""
    hits = 0
    for trial in range(200):
        sent = [of(changed(1000 * trial + number, share), f"{trial} {number}") for number in range(earlier)]
        last = of(changed(1000 * trial + 999, share), f"{trial} last")
        hits += last.others([each.entry for each in sent if each.own in last.keys]) > 0
    return hits / 200


def test_a_copy_with_some_words_changed_is_found_the_sooner_the_more_there_are() -> None:
    assert found_alike(0.05, 1) > 0.25
    assert found_alike(0.05, 4) > 0.65
    assert found_alike(0.1, 8) > 0.45


def test_dress_does_not_matter() -> None:
    disguised = TEXT.replace("pain", "p\u0430in").replace(",", " ;").upper()
    assert of(disguised).keys == of(TEXT).keys


def test_another_text_shares_no_key() -> None:
    other = "I have been on these tablets since March, three times a day, and the cramps at night are nearly gone now"
    assert not set(of(other).keys) & set(of(TEXT).keys)
    assert of(other).others([of(TEXT, "two").entry]) == 0


def test_a_comments_own_entry_does_not_count_and_another_ones_counts_once() -> None:
    mine, others = of(TEXT), of(TEXT, "two")
    assert mine.others([mine.entry]) == 0
    assert mine.others([mine.entry, others.entry, others.entry, of(TEXT, "three").entry]) == 2


def test_the_same_comment_is_always_kept_in_the_same_place() -> None:
    assert (of(TEXT).own, of(TEXT).slot) == (of(TEXT).own, of(TEXT).slot)
    places = {(of(TEXT, str(number)).own, of(TEXT, str(number)).slot) for number in range(2000)}
    assert len(places) == 64


def test_without_the_key_nobody_finds_a_text() -> None:
    assert not set(of(TEXT).keys) & set(of(TEXT, key=b"x" * 32).keys)


@pytest.mark.parametrize(
    "text", ["", "Thank you!", "Thank you so much for this, it helped", "a b c d e f g h i j k", "👍" * 50]
)
def test_a_short_text_has_no_likeness(text: str) -> None:
    assert likeness(text, KEY, "one") is None


def test_forty_letters_are_enough_in_any_script() -> None:
    assert likeness("eight letters eight letters eight letters done", KEY, "one")
    assert likeness("この記事はとても役に立ちました。ありがとうございます。", KEY, "one")


@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_any_text_is_like_itself_or_too_short(text: str) -> None:
    one, two = likeness(text, KEY, "one"), likeness(text, KEY, "two")
    assert (one is None) == (two is None)
    if one and two:
        assert one.others([two.entry]) == 1
        assert one.own in one.keys
