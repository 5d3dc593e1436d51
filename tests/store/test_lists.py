import json
import time
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.audit import breaks
from chalicelib.changes import Change
from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.dynamodb import lists as list_store
from chalicelib.errors import KeyReused, Unavailable
from chalicelib.lists import Block, Listed, Place, drop, keep
from chalicelib.once import Once
from chalicelib.settings import Settings
from chalicelib.spam import Term
from tests.faults import Fault, counted, injected
from tests.samples import NOW, ask_for, once, record
from tests.store.conftest import Shelf, at_once

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SOON = (NOW + timedelta(days=1)).replace(microsecond=0)
BLOCKS = [
    Block("author", "author mark", "comment 1", None),
    Block("domain", "mail.example", "mail.example", SOON),
    Block("email", "email mark", "ada@mail.example", None),
    Block("network", "network mark", "comment 2", SOON),
]


_numbers = count(1)


def change(key: Once | None = None, number: int | None = None) -> Change:
    number = next(_numbers) if number is None else number
    return Change("ann", key, NOW + timedelta(milliseconds=number), number)


def put(stores: DynamoStores, *listed: Listed) -> None:
    for each in listed:
        keep(stores.lists, each, change(), lambda _attempt: None)


def take(stores: DynamoStores, *places: Place) -> None:
    for place in places:
        drop(stores.lists, place, change(), lambda _attempt: None)


def told(stores: DynamoStores) -> list[Any]:
    """Return what the site's log says, oldest first; it is whole."""
    chain = stores.audits.chain(None)
    assert breaks(chain) == []
    return [json.loads(entry.decision.note or "") for entry in chain.entries]


def test_a_new_site_has_no_lists(stores: DynamoStores) -> None:
    assert stores.lists.terms() == ()
    assert stores.lists.blocks(NOW) == []


def test_terms_are_added_changed_and_taken_away(stores: DynamoStores) -> None:
    put(stores, Term("Casino", "hold"), Term("薬を 売る", "spam"))
    assert set(stores.lists.terms()) == {Term("Casino", "hold"), Term("薬を 売る", "spam")}
    put(stores, Term("casino", "spam"))
    assert set(stores.lists.terms()) == {Term("casino", "spam"), Term("薬を 売る", "spam")}
    take(stores, Place.of_term("CASINO"), Place.of_term("never there"))
    assert stores.lists.terms() == (Term("薬を 売る", "spam"),)


def test_terms_are_read_once_in_a_while(
    stores: DynamoStores,
    table_client: "DynamoDBClient",
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert stores.lists.terms() == ()
    put(open_stores(table_client, settings), Term("casino", "hold"))
    with counted(table_client) as calls:
        assert stores.lists.terms() == ()
    assert not calls
    monkeypatch.setattr(list_store, "FRESH_SECONDS", 0)
    assert stores.lists.terms() == (Term("casino", "hold"),)


def test_blocks_stand_until_they_are_lifted(stores: DynamoStores) -> None:
    put(stores, *BLOCKS)
    assert sorted(stores.lists.blocks(NOW), key=lambda block: block.kind) == BLOCKS
    take(stores, Place("author", "author mark"))
    assert [block.kind for block in stores.lists.blocks(NOW) if block.kind == "author"] == []


def test_a_block_past_its_time_is_gone_though_its_item_is_still_there(stores: DynamoStores) -> None:
    put(stores, *BLOCKS)
    asked = ask_for(record(author="author mark", network="network mark"), email="email mark", domains=("mail.example",))
    before = stores.comments.gather(asked, None, SOON - timedelta(seconds=1)).blocked
    assert set(before) == {"author", "network", "email", "domain"}
    assert set(stores.comments.gather(asked, None, SOON).blocked) == {"author", "email"}
    assert {block.kind for block in stores.lists.blocks(SOON)} == {"author", "email"}


def test_nobody_else_is_blocked(stores: DynamoStores) -> None:
    put(stores, *BLOCKS)
    other = ask_for(record(author="other", network="author mark"), email="network mark", domains=("sub.mail.example",))
    assert stores.comments.gather(other, None, NOW).blocked == ()
    assert stores.comments.gather(ask_for(record(author="other", network=None)), None, NOW).blocked == ()


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_without_an_answer_nobody_knows_and_it_says_so(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    lists = hasty.stores.lists
    with injected(hasty_client, {("*", fault): 1}):
        for call in (lists.terms, lambda: lists.blocks(NOW), lambda: put(hasty.stores, Term("casino", "hold"))):
            with pytest.raises(Unavailable):
                call()
    put(hasty.stores, Term("casino", "hold"))
    assert lists.terms() == (Term("casino", "hold"),)


def test_every_change_of_a_list_is_a_line_of_the_log(stores: DynamoStores) -> None:
    put(stores, Term("Casino", "hold"), Term("casino", "spam"), BLOCKS[1])
    take(stores, Place.of_term("CASINO"), Place("domain", "mail.example"))
    block = {"kind": "domain", "mark": "mail.example", "until": SOON.isoformat()}
    assert told(stores) == [
        {"list": "terms", "from": None, "to": {"value": "Casino", "kind": "hold"}},
        {"list": "terms", "from": {"value": "Casino", "kind": "hold"}, "to": {"value": "casino", "kind": "spam"}},
        {"list": "blocks", "from": None, "to": block},
        {"list": "terms", "from": {"value": "casino", "kind": "spam"}, "to": None},
        {"list": "blocks", "from": block, "to": None},
    ]
    newest = stores.audits.chain(None).entries[-1].decision
    assert (newest.action, newest.by, newest.comment_id) == ("list", "ann", None)


def test_what_changes_nothing_is_no_line_of_the_log(stores: DynamoStores) -> None:
    put(stores, Term("casino", "hold"), Term("casino", "hold"), BLOCKS[0], BLOCKS[0])
    take(stores, Place.of_term("never there"), Place("email", "nobody"))
    assert len(told(stores)) == 2


def test_the_log_keeps_no_address(stores: DynamoStores) -> None:
    put(stores, BLOCKS[2])
    assert "ada@mail.example" not in json.dumps(told(stores))


@pytest.mark.parametrize("fault", ["lost", "garbage", "truncated"])
@pytest.mark.parametrize("key", [None, once()])
def test_a_change_whose_answer_was_lost_is_made_once(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault, key: Once | None
) -> None:
    def somebody_else(_attempt: int) -> None:
        put(hasty.stores, Term("lottery", "spam"))

    with injected(hasty_client, {("TransactWriteItems", fault): 1}, first=1):
        keep(hasty.stores.lists, Term("casino", "hold"), change(key), somebody_else)
    assert [note["to"]["value"] for note in told(hasty.stores)] == ["casino", "lottery"]


def test_a_key_stands_for_one_change_of_a_list(stores: DynamoStores) -> None:
    for number in (1, 2):
        keep(stores.lists, Term("casino", "hold"), change(once(), number), lambda _attempt: None)
    take(stores, Place.of_term("casino"))
    keep(stores.lists, Term("casino", "hold"), change(once(), 3), lambda _attempt: None)
    assert stores.lists.terms() == ()
    with pytest.raises(KeyReused):
        drop(stores.lists, Place.of_term("other"), change(once(digest="other")), lambda _attempt: None)
    nothing = change(once("for nothing"))
    drop(stores.lists, Place.of_term("casino"), nothing, lambda _attempt: None)
    assert stores.lists.row(Place.of_term("casino"), nothing, NOW).site.earlier


def test_changes_at_once_all_count_and_make_one_chain(stores: DynamoStores, engine: object) -> None:
    # The later a change came, the sooner it is tried: the chain is not in the order of the ids.
    changes = [change(number=1000 - number) for number in range(6)]
    terms = [Term(f"term {number}", "hold") for number in range(6)]

    def wait(attempt: int) -> None:
        time.sleep(0.002 * attempt)

    at_once([lambda t=t, c=c: keep(stores.lists, t, c, wait) for t, c in zip(terms, changes, strict=True)])
    assert set(stores.lists.terms()) == set(terms)
    assert len(told(stores)) == 6
