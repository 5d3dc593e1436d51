import pytest

from chalicelib.spam import Facts
from chalicelib.spam.evidence import History
from chalicelib.spam.history import history
from tests.unit.spam.submissions import submission


@pytest.mark.parametrize(
    ("past", "points"),
    [
        (History(approved=1), -5),
        (History(approved=5), -25),
        (History(approved=500), -25),
        (History(spam=1), 30),
        (History(spam=2), 60),
        (History(spam=9), 60),
        (History(rejected=1), 5),
        (History(rejected=9), 15),
        (History(approved=9, rejected=9, spam=9), 50),
        (History(approved=2, rejected=2), 0),
    ],
)
def test_what_became_of_earlier_comments_counts_up_to_a_limit(past: History, points: int) -> None:
    found = history(submission(facts=Facts(history=past)))
    assert found is not None
    assert found.points == points


def test_the_message_counts_what_there_was() -> None:
    found = history(submission(facts=Facts(history=History(approved=3, spam=1))))
    assert found is not None
    assert "3 approved, 1 called spam" in found.message
    assert "rejected" not in found.message


def test_who_is_new_has_no_history() -> None:
    assert history(submission()) is None
