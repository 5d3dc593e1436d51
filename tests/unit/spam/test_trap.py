import pytest

from chalicelib.spam.trap import trap
from tests.unit.spam.submissions import submission


@pytest.mark.parametrize("value", ["x", " ", "https://a.example", "薬", "0"])
def test_a_filled_trap_is_spam_by_itself(value: str) -> None:
    found = trap(submission(trap=value))
    assert found is not None
    assert found.points == 100


def test_an_empty_trap_is_innocent() -> None:
    assert trap(submission()) is None
