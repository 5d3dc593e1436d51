from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Invalid
from chalicelib.ids import article_id, base32, checked_article_id, inverted, order_id, order_time

TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CHANCE = st.integers(0, (1 << 42) - 1)
MILLISECOND = timedelta(milliseconds=1)


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


def test_of_one_moment_chance_decides_and_never_reaches_into_the_time() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert order_id(now, 1) < order_id(now, 2) < order_id(now, (1 << 42) - 1) < order_id(now + MILLISECOND, 0)
    assert order_id(now, (1 << 42) + 5) == order_id(now, 5)


@given(st.integers(0, 32**6 - 1), st.integers(0, 32**6 - 1))
def test_base32_sorts_as_its_numbers(one: int, other: int) -> None:
    assert (base32(one, 6) < base32(other, 6)) == (one < other)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=128))
def test_an_article_id_survives_its_way_through_a_path(text: str) -> None:
    assert article_id(quote(text, safe="")) == text


@pytest.mark.parametrize("segment", ["%FF", "%C3", "%ED%A0%80", "a%00", "a%0A", "%C2%85", "a%FFb"])
def test_what_is_no_article_id_once_decoded_is_refused(segment: str) -> None:
    with pytest.raises(Invalid):
        article_id(segment)
