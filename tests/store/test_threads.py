import random
from typing import TYPE_CHECKING

import pytest

from chalicelib.comments import Comment, Counts, Record, Sort
from chalicelib.dynamodb import DynamoStores
from chalicelib.errors import Unavailable
from chalicelib.ratings import Tally
from tests.faults import Fault, counted, injected
from tests.samples import NOT_RATED, NOW, record, reply_to
from tests.store.conftest import Shelf

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# moto copies its whole table for each transaction: with so many comments, calls would time out.
pytestmark = pytest.mark.usefixtures("engine")

ORDERS: tuple[Sort, ...] = ("newest", "oldest", "best")
SEED = 20_261_123


def published(number: int, **changes: object) -> Record:
    return record(number, state="approved", was_public=True, **changes)


def forest(size: int, seed: int = SEED) -> list[Record]:
    """Return comments and replies, each to one before it; some have votes."""
    chance = random.Random(seed)  # noqa: S311 - the same comments each time
    grown: list[Record] = []
    for number in range(1, size + 1):
        if grown and chance.random() < 0.6:
            grown.append(reply_to(chance.choice(grown), number, state="approved", was_public=True))
        else:
            grown.append(published(number, votes=chance.randrange(3)))
    return grown


def displayed(comments: list[Record], sort: Sort) -> list[str]:
    """Return the ids in display order: roots as sorted, below each its replies, oldest first, as a tree."""

    def below(path: tuple[str, ...]) -> list[str]:
        replies = sorted(
            (each for each in comments if each.path[:-1] == path and each.path != path), key=lambda each: each.order
        )
        return [text for each in replies for text in [each.id, *below(each.path)]]

    roots = sorted((each for each in comments if len(each.path) == 1), key=lambda each: each.order)
    if sort == "newest":
        roots.reverse()
    if sort == "best":
        roots.sort(key=lambda each: (each.votes, each.order), reverse=True)
    return [text for root in roots for text in [root.id, *below(root.path)]]


def read(shelf: Shelf, sort: Sort, limit: int, article: str = "article") -> list[Comment]:
    found: list[Comment] = []
    after = None
    for _ in range(200):
        page, after = shelf.stores.threads.page(article, sort, limit, after)
        assert len(page) <= limit
        found += page
        if after is None:
            return found
    pytest.fail("the pages do not end")


def test_an_article_nobody_knows_is_empty(stores: DynamoStores) -> None:
    page = stores.threads.first_page("article", 20, NOW)
    assert (page.tally, page.approved, page.version, page.comments, page.after) == (Tally.of([0] * 5), 0, "0", [], None)
    for sort in ORDERS:
        assert stores.threads.page("article", sort, 20, None) == ([], None)
    assert stores.threads.counts(["article"]) == {"article": Counts(0, 0, None)}


@pytest.mark.parametrize("sort", ORDERS)
def test_every_page_size_shows_every_comment_once_and_in_order(shelf: Shelf, sort: Sort) -> None:
    grown = forest(24)
    shelf.keep(*grown)
    expected = displayed(grown, sort)
    assert len(expected) == len(grown)
    for limit in (1, 2, 3, 5, 23, 24, 25, 50):
        assert [comment.id for comment in read(shelf, sort, limit)] == expected


def test_the_last_page_has_no_next_one(shelf: Shelf) -> None:
    shelf.keep(*[published(number) for number in range(1, 5)])
    for sort in ORDERS:
        assert shelf.stores.threads.page("article", sort, 4, None)[1] is None
        assert shelf.stores.threads.page("article", sort, 3, None)[1] is not None


def test_the_first_page_goes_on_where_it_ends(shelf: Shelf) -> None:
    grown = forest(24)
    shelf.keep(*grown)
    shelf.stores.ratings.move("article", "ada", NOT_RATED, 5, None, NOW)
    expected = displayed(grown, "newest")
    for limit in (1, 5, 23, 24, 25):
        first = shelf.stores.threads.first_page("article", limit, NOW)
        rest, _ = shelf.stores.threads.page("article", "newest", 50, first.after) if first.after else ([], None)
        assert [comment.id for comment in (*first.comments, *rest)] == expected
        assert (first.approved, first.tally.count, len(first.comments)) == (24, 1, min(limit, 24))


def test_comments_come_back_as_the_public_sees_them(shelf: Shelf) -> None:
    grown = forest(8)
    shelf.keep(*grown)
    by_id = {each.id: each.public for each in grown}
    for sort in ORDERS:
        assert {comment.id: comment for comment in read(shelf, sort, 3)} == by_id


def test_a_root_that_is_taken_down_leaves_its_replies_and_finds_them_again(shelf: Shelf) -> None:
    root = published(1)
    reply = reply_to(root, 2)
    shelf.keep(root, reply)
    shelf.move(root, "reject", 3)
    shelf.move(reply, "approve", 4)
    assert [comment.id for comment in read(shelf, "newest", 9)] == [reply.id]
    assert [comment.id for comment in read(shelf, "oldest", 9)] == [reply.id]
    shelf.move(root, "approve", 5)
    for sort in ORDERS:
        assert [comment.id for comment in read(shelf, sort, 9)] == [root.id, reply.id]
    assert shelf.stores.threads.first_page("article", 20, NOW).approved == 2


def test_a_root_without_replies_costs_the_best_order_no_query_of_its_own(
    shelf: Shelf, table_client: "DynamoDBClient"
) -> None:
    shelf.keep(*[record(number) for number in range(1, 9)])
    for number in range(1, 9):
        shelf.move(record(number), "approve")
    with counted(table_client) as calls:
        assert len(read(shelf, "best", 20)) == 8
    assert calls == {"Query": 1}
    reply = reply_to(record(1), 9)
    shelf.keep(reply)
    shelf.move(reply, "approve")
    with counted(table_client) as calls:
        assert len(read(shelf, "best", 20)) == 9
    assert calls == {"Query": 2}


def test_articles_do_not_mix(shelf: Shelf) -> None:
    shelf.keep(published(1), published(2, article_id="article/2"), published(3, article_id="articl"))
    for article, number in (("article", 1), ("article/2", 2), ("articl", 3)):
        for sort in ORDERS:
            assert [comment.id for comment in read(shelf, sort, 9, article)] == [record(number).id]


def test_long_threads_are_read_beyond_the_megabyte_of_one_query(shelf: Shelf, table_client: "DynamoDBClient") -> None:
    # 40 kB of text, and as much of its HTML: a Query ends after about twelve.
    grown = [published(number, text=f"*{'😀' * 9_990}*") for number in range(1, 31)]
    shelf.keep(*grown)
    newest_first = [each.id for each in reversed(grown)]
    with counted(table_client) as calls:
        page, after = shelf.stores.threads.page("article", "newest", 50, None)
    assert calls["Query"] > 1, "the page was no test"
    assert [comment.id for comment in page] == newest_first
    assert after is None
    first = shelf.stores.threads.first_page("article", 20, NOW)
    assert 0 < len(first.comments) < 20
    rest, _ = shelf.stores.threads.page("article", "newest", 50, first.after)
    assert [comment.id for comment in (*first.comments, *rest)] == newest_first
    for sort in ORDERS:
        assert len(read(shelf, sort, 20)) == 30


def test_a_hundred_articles_are_counted_by_one_call(shelf: Shelf, table_client: "DynamoDBClient") -> None:
    shelf.keep(published(1), published(2), record(3))
    shelf.stores.ratings.move("article", "ada", NOT_RATED, 4, None, NOW)
    wanted = ["article", *(f"other {number}" for number in range(99))]
    with counted(table_client) as calls:
        found = shelf.stores.threads.counts(wanted)
    assert calls == {"BatchGetItem": 1}
    assert list(found) == wanted
    assert found["article"] == Counts(2, 1, 4.0)
    assert set(map(str, (found[each] for each in wanted[1:]))) == {str(Counts(0, 0, None))}


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_a_read_without_an_answer_is_unavailable(hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault) -> None:
    threads = hasty.stores.threads
    with injected(hasty_client, {("*", fault): 1}):
        for call in (
            lambda: threads.first_page("article", 20, NOW),
            lambda: threads.page("article", "best", 20, None),
            lambda: threads.counts(["article"]),
        ):
            with pytest.raises(Unavailable):
                call()
