from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.dynamodb.keys import (
    COMMENTS,
    ROOT_END,
    SUMMARY,
    Keys,
    article_key,
    below,
    comment_sort_key,
    rating_shard,
    root_of,
    thread_start,
)
from chalicelib.ids import inverted
from tests.samples import orders

KEYS = Keys("main")
articles = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=300)


@given(articles)
def test_an_article_key_holds_no_separator_and_is_no_longer_than_513_bytes(article: str) -> None:
    key = article_key(article)
    assert not set(key) & set("|/ ")
    assert key.isascii()
    assert len(key) <= 513
    assert "#" not in key[1:]
    if not key.startswith("#"):
        assert unquote(key) == article


@given(articles, articles)
def test_articles_never_share_a_key(one: str, other: str) -> None:
    assert (article_key(one) == article_key(other)) == (one == other)


@pytest.mark.parametrize(
    "article", ["a#b", "..", "a/b", "a%2Fb", "薬/バクロフェン", "x|y", "#" + "0" * 64, "A", "a", "%", "~", "-"]
)
def test_odd_articles_stand_by_themselves(article: str) -> None:
    others = ["a", "b", "a%23b", "x%7Cy", "A", "%25"]
    assert sum(article_key(article) == article_key(other) for other in others) == (article in others)


def test_every_partition_begins_with_its_site() -> None:
    made = [
        KEYS.article("a"),
        KEYS.ranking("a"),
        KEYS.comment("c"),
        KEYS.ratings("a", rating_shard("reader")),
        KEYS.author("u"),
        KEYS.tray("waiting"),
        KEYS.log("2026-11"),
        KEYS.history("c"),
        KEYS.limit("comments.reader", "m"),
        KEYS.repeats("f"),
        KEYS.alike("f"),
        KEYS.once("m"),
        KEYS.lists(),
        KEYS.site_policy(),
    ]
    assert all(key.startswith("main|") for key in made)
    assert len(set(made)) == len(made)


def test_the_ratings_of_an_article_lie_in_16_partitions() -> None:
    assert len({KEYS.ratings("a", rating_shard(f"reader {number}")) for number in range(500)}) == 16


@given(orders, st.lists(orders, max_size=6))
def test_the_root_can_be_read_from_every_key_of_its_thread(root: str, replies: list[str]) -> None:
    key = comment_sort_key((root, *map(inverted, replies)))
    assert root_of(key) == root
    assert thread_start(root) < key <= comment_sort_key((root,))


@given(orders, orders, orders)
def test_read_backwards_the_summary_comes_first_then_each_comment_before_its_replies(
    root: str, one: str, other: str
) -> None:
    comment = comment_sort_key((root,))
    early, late = sorted([one, other])
    replies = [comment_sort_key((root, inverted(reply))) for reply in (early, late)]
    below_early = comment_sort_key((root, inverted(early), inverted(late)))
    assert SUMMARY > comment > replies[0] >= replies[1]
    assert replies[0] > below_early
    if early != late:
        assert below_early > replies[1]


@given(orders, orders)
def test_read_backwards_the_newest_thread_comes_first(one: str, other: str) -> None:
    assert (comment_sort_key((one,)) > comment_sort_key((other,))) == (one > other)
    if one > other:
        assert thread_start(one) > comment_sort_key((other,))


@given(st.lists(orders, min_size=1, max_size=4), st.lists(orders, min_size=1, max_size=4))
def test_below_a_key_is_all_that_sorts_before_it(one: list[str], other: list[str]) -> None:
    here, there = comment_sort_key(tuple(one)), comment_sort_key(tuple(other))
    assert (there <= below(here)) == (there < here)
    assert (one[0] <= below(other[0])) == (one[0] < other[0])


def test_the_comments_are_a_range_without_the_summary() -> None:
    assert COMMENTS < comment_sort_key(("0",)) < COMMENTS + ROOT_END < SUMMARY
