from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Invalid
from chalicelib.ids import article_id, checked_article_id, inverted, order_id, order_time

TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CHANCE = st.integers(0, (1 << 42) - 1)


@given(TIMES, CHANCE, TIMES, CHANCE)
def test_ids_sort_by_time_and_inverted_ones_the_other_way(a: datetime, n: int, b: datetime, m: int) -> None:
    first, second = order_id(a, n), order_id(b, m)
    assert len(first) == 18
    if order_time(first) < order_time(second):
        assert first < second
        assert inverted(first) > inverted(second)
    assert inverted(inverted(first)) == first
    assert timedelta(0) <= a - order_time(first) < timedelta(milliseconds=1)


def test_an_article_id_is_decoded_once() -> None:
    assert article_id("a%2Fb") == "a/b"
    assert article_id("a%252Fb") == "a%2Fb"
    assert article_id("a+b") == "a+b"


@pytest.mark.parametrize("text", ["", "a" * 513, "\x00", "a\x7f", "\x85", "\ud800", "é" * 257])
def test_what_is_no_article_id_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        checked_article_id(text)
