from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.dynamodb import lists as list_store
from chalicelib.errors import Unavailable
from chalicelib.lists import Block
from chalicelib.settings import Settings
from chalicelib.spam import Term
from tests.faults import Fault, counted, injected
from tests.samples import NOW, ask_for, record
from tests.store.conftest import Shelf

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SOON = (NOW + timedelta(days=1)).replace(microsecond=0)
BLOCKS = [
    Block("author", "author mark", "comment 1", None),
    Block("domain", "mail.example", "mail.example", SOON),
    Block("email", "email mark", "ada@mail.example", None),
    Block("network", "network mark", "comment 2", SOON),
]


def test_a_new_site_has_no_lists(stores: DynamoStores) -> None:
    assert stores.lists.terms() == ()
    assert stores.lists.blocks(NOW) == []


def test_terms_are_added_changed_and_taken_away(stores: DynamoStores) -> None:
    stores.lists.keep_term(Term("Casino", "hold"))
    stores.lists.keep_term(Term("薬を 売る", "spam"))
    assert set(stores.lists.terms()) == {Term("Casino", "hold"), Term("薬を 売る", "spam")}
    stores.lists.keep_term(Term("casino", "spam"))
    assert set(stores.lists.terms()) == {Term("casino", "spam"), Term("薬を 売る", "spam")}
    stores.lists.drop_term("CASINO")
    stores.lists.drop_term("never there")
    assert stores.lists.terms() == (Term("薬を 売る", "spam"),)


def test_terms_are_read_once_in_a_while(
    stores: DynamoStores,
    table_client: "DynamoDBClient",
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert stores.lists.terms() == ()
    open_stores(table_client, settings).lists.keep_term(Term("casino", "hold"))
    with counted(table_client) as calls:
        assert stores.lists.terms() == ()
    assert not calls
    monkeypatch.setattr(list_store, "FRESH_SECONDS", 0)
    assert stores.lists.terms() == (Term("casino", "hold"),)


def test_blocks_stand_until_they_are_lifted(stores: DynamoStores) -> None:
    for block in BLOCKS:
        stores.lists.keep_block(block)
    assert sorted(stores.lists.blocks(NOW), key=lambda block: block.kind) == BLOCKS
    stores.lists.drop_block("author", "author mark")
    assert [block.kind for block in stores.lists.blocks(NOW) if block.kind == "author"] == []


def test_a_block_past_its_time_is_gone_though_its_item_is_still_there(stores: DynamoStores) -> None:
    for block in BLOCKS:
        stores.lists.keep_block(block)
    asked = ask_for(record(author="author mark", network="network mark"), email="email mark", domains=("mail.example",))
    before = stores.comments.gather(asked, None, SOON - timedelta(seconds=1)).blocked
    assert set(before) == {"author", "network", "email", "domain"}
    assert set(stores.comments.gather(asked, None, SOON).blocked) == {"author", "email"}
    assert {block.kind for block in stores.lists.blocks(SOON)} == {"author", "email"}


def test_nobody_else_is_blocked(stores: DynamoStores) -> None:
    for block in BLOCKS:
        stores.lists.keep_block(block)
    other = ask_for(record(author="other", network="author mark"), email="network mark", domains=("sub.mail.example",))
    assert stores.comments.gather(other, None, NOW).blocked == ()
    assert stores.comments.gather(ask_for(record(author="other", network=None)), None, NOW).blocked == ()


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_without_an_answer_nobody_knows_and_it_says_so(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    lists = hasty.stores.lists
    with injected(hasty_client, {("*", fault): 1}):
        for call in (lists.terms, lambda: lists.blocks(NOW), lambda: lists.keep_term(Term("casino", "hold"))):
            with pytest.raises(Unavailable):
                call()
    lists.keep_term(Term("casino", "hold"))
    assert lists.terms() == (Term("casino", "hold"),)
