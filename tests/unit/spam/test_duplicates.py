import pytest

from chalicelib.spam import Facts
from chalicelib.spam.duplicates import duplicates
from tests.unit.spam.submissions import submission

LONG = "Thank you for this article."


@pytest.mark.parametrize(
    ("text", "repeats", "points"),
    [
        (LONG, 1, 30),
        (LONG, 2, 60),
        (LONG, 500, 60),
        ("a" * 20, 1, 30),
        ("  " + "a" * 20 + "\u200b", 2, 60),
        ("Спасибо за вашу статью", 2, 60),
        ("この記事はとても役に立ちました。ありがとう", 1, 30),
    ],
)
def test_a_text_that_was_sent_before_is_found(text: str, repeats: int, points: int) -> None:
    found = duplicates(submission(text, facts=Facts(repeats=repeats)))
    assert found is not None
    assert found.points == points
    assert found.spans == ((0, len(text)),)


@pytest.mark.parametrize(
    ("text", "repeats"),
    [(LONG, 0), ("Thank you!", 9), ("a" * 19, 2), ("a" * 19 + " \u200b\u200b", 2), ("ありがとう", 3)],
)
def test_a_first_or_a_short_text_is_innocent(text: str, repeats: int) -> None:
    assert duplicates(submission(text, facts=Facts(repeats=repeats))) is None


def test_the_message_counts() -> None:
    assert "once" in duplicates(submission(LONG, facts=Facts(repeats=1))).message  # type: ignore[union-attr]
    assert "7 times" in duplicates(submission(LONG, facts=Facts(repeats=7))).message  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("repeats", "similar", "points"), [(0, 1, 10), (0, 2, 40), (0, 64, 40), (1, 1, 30), (1, 5, 40), (2, 9, 60)]
)
def test_texts_much_alike_weigh_less_than_the_same_one(repeats: int, similar: int, points: int) -> None:
    found = duplicates(submission(LONG, facts=Facts(repeats=repeats, similar=similar)))
    assert found is not None
    assert found.points == points
    assert ("much like" in found.message) == (points in {10, 40})
