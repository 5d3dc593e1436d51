import pytest

from chalicelib.spam import Facts
from chalicelib.spam.blocks import blocks
from tests.unit.spam.submissions import submission


@pytest.mark.parametrize(
    ("blocked", "message"),
    [
        (("author",), "Blocked by a moderator: author."),
        (("network",), "Blocked by a moderator: network."),
        (("email", "domain"), "Blocked by a moderator: email address, email domain."),
        (("author", "network", "薬"), "Blocked by a moderator: author, network, 薬."),
    ],
)
def test_a_block_is_spam_by_itself_and_says_which_kind(blocked: tuple[str, ...], message: str) -> None:
    found = blocks(submission(facts=Facts(blocked=blocked)))
    assert found is not None
    assert found.points == 100
    assert found.message == message


def test_whoever_is_not_blocked_is_innocent() -> None:
    assert blocks(submission()) is None
