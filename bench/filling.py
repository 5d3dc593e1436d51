"""Filling: articles and queues of any size, written straight into the table in the service's own formats."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.workbench import ADDRESS, Workbench, text
from chalicelib.comments import Consent, Record
from chalicelib.dynamodb.records import pointer_item, public_item, record_item
from chalicelib.dynamodb.transitions import author_steps
from chalicelib.dynamodb.values import Item, to_item
from chalicelib.ids import order_id
from chalicelib.markdown import plain
from chalicelib.ratings import NONE
from chalicelib.recount import Counted, Shown
from chalicelib.spam import Thresholds, Verdict

BATCH = 25
"""What BatchWriteItem takes."""
THREADS = 3
AUTHORS = 20
"""So many write in turn: a page of fewer comments has each by another author, however many there are in all."""
FIRST = datetime(2025, 1, 1, tzinfo=UTC)

Advance = Callable[[int], object]


def stop_stream(bench: Workbench) -> None:
    """Turn the table's stream off: with every record that is in it, dynoxide takes longer to write the next one."""
    bench.client.update_table(TableName=bench.settings.table, StreamSpecification={"StreamEnabled": False})


def waiting(bench: Workbench, article_id: str, number: int) -> Record:
    """Return a comment that waits; each number is another one, a second later than the one before."""
    at, words, keyring = FIRST + timedelta(seconds=number), text(number), bench.keyring
    return Record(
        id=keyring.mark("bench", article_id, str(number)),
        article_id=article_id,
        parent_id=None,
        path=(order_id(at, number),),
        text=words,
        html=plain(words),
        name=None,
        email=None,
        website=None,
        author=keyring.mark("author", str(number % AUTHORS)),
        network=keyring.mark("network", ADDRESS),
        consent=Consent("2026-11", at),
        state="pending",
        lane="pending",
        verdict=Verdict(0, "publish", Thresholds(), ()),
    )


def approved(bench: Workbench, article_id: str, number: int) -> Record:
    """Return the same comment when it is approved."""
    return replace(waiting(bench, article_id, number), state="approved")


def fill_article(bench: Workbench, article_id: str, size: int, advance: Advance) -> None:
    """Put so many approved comments under an article: their public items, and the summary that counts them."""
    keys = bench.stores.connection.keys

    def item(number: int) -> Item:
        return public_item(keys, approved(bench, article_id, number), deep=False)

    _write(bench, item, size, advance)
    # As `afterword recount --repair` would: it sets the summary's number to that of the comments it was shown.
    recounts, shown = bench.stores.recounts, [Shown("", "")] * size
    article = recounts.key_of(article_id)
    recounts.repair(article, recounts.kept(article), Counted(NONE, shown))


def fill_queue(bench: Workbench, article_id: str, size: int, advance: Advance) -> None:
    """Let so many comments wait: their private records and pointers, and what is known of their authors."""
    connection = bench.stores.connection

    def item(number: int) -> Item:
        record = waiting(bench, article_id, number)
        return record_item(connection.keys, record, record.created_at)

    def pointer(number: int) -> Item:
        return pointer_item(connection.keys, waiting(bench, article_id, number)) or {}

    _write(bench, item, size, advance)
    _write(bench, pointer, size, lambda _written: None)
    for number in range(min(size, AUTHORS)):
        connection.transact(author_steps(connection, None, waiting(bench, article_id, number)))


def _write(bench: Workbench, item: Callable[[int], Item], size: int, advance: Advance) -> None:
    """Write items number 0 to `size` in batches, from a few threads."""

    def write(start: int) -> int:
        numbers = range(start, min(start + BATCH, size))
        left: Any = {bench.settings.table: [{"PutRequest": {"Item": to_item(item(number))}} for number in numbers]}
        while left:
            left = bench.client.batch_write_item(RequestItems=left)["UnprocessedItems"]
        return len(numbers)

    with ThreadPoolExecutor(THREADS) as pool:
        for written in pool.map(write, range(0, size, BATCH)):
            advance(written)
