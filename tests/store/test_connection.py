import logging
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.dynamodb import DynamoStores, connect, open_stores
from chalicelib.errors import Stale, Unavailable
from chalicelib.settings import Settings
from tests.samples import NOT_RATED, NOW
from tests.store.conftest import Shelf

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def test_what_a_batch_leaves_out_is_asked_for_again(stores: DynamoStores, table_client: "DynamoDBClient") -> None:
    for number in range(4):
        stores.ratings.move(f"article {number}", "ada", NOT_RATED, 5, None, NOW)
    asked = []

    def one_at_a_time(parsed: dict[str, Any], **_: object) -> None:
        asked.append(len(asked))
        for table, (_, *rest) in parsed["Responses"].items():
            parsed["Responses"][table] = parsed["Responses"][table][:1]
            if rest:
                keys = [{name: item[name] for name in ("pk", "sk")} for item in rest]
                parsed["UnprocessedKeys"] = {table: {"Keys": keys}}

    table_client.meta.events.register("after-call.dynamodb.BatchGetItem", one_at_a_time)
    try:
        counts = stores.threads.counts([f"article {number}" for number in range(4)])
    finally:
        table_client.meta.events.unregister("after-call.dynamodb.BatchGetItem", one_at_a_time)
    assert [each.ratings for each in counts.values()] == [1, 1, 1, 1]
    assert len(asked) == 4


def test_a_batch_that_is_never_done_is_unavailable(stores: DynamoStores, table_client: "DynamoDBClient") -> None:
    def nothing(parsed: dict[str, Any], **_: object) -> None:
        key = {"pk": {"S": "pk"}, "sk": {"S": "sk"}}
        parsed["Responses"] = {}
        parsed["UnprocessedKeys"] = {stores.connection.table: {"Keys": [key]}}

    table_client.meta.events.register("after-call.dynamodb.BatchGetItem", nothing)
    try:
        with pytest.raises(Unavailable):
            stores.threads.counts(["article"])
    finally:
        table_client.meta.events.unregister("after-call.dynamodb.BatchGetItem", nothing)


@pytest.mark.parametrize("table", ["no-such-table"])
def test_without_a_table_reads_and_writes_are_unavailable(
    hasty_client: "DynamoDBClient", settings: Settings, table: str
) -> None:
    stores = open_stores(hasty_client, settings.model_copy(update={"table": table}))
    with pytest.raises(Unavailable):
        stores.reachable()
    with pytest.raises(Unavailable):
        stores.ratings.move("article", "ada", NOT_RATED, 5, None, NOW)


def test_a_table_that_answers_is_reachable(stores: DynamoStores) -> None:
    assert stores.reachable()


def test_a_mistake_of_ours_is_not_taken_for_a_moment_of_bad_luck(stores: DynamoStores) -> None:
    with pytest.raises(ClientError):
        stores.connection.get("", "")
    with pytest.raises(ClientError):
        stores.connection.transact([stores.connection.put({"pk": "a", "sk": ""})])


def test_reserved_words_are_names_like_others(stores: DynamoStores) -> None:
    table = stores.connection
    pk = table.keys.lists()
    names = ("at", "ttl", "count", "status", "hash", "comment", "name", "by", "from", "to")
    table.transact([table.put({"pk": pk, "sk": "words"})])
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in names)
    table.transact([table.change(pk, "words", expression, "attribute_exists(pk)", **dict.fromkeys(names, 1))])
    assert table.get(pk, "words") == {"pk": pk, "sk": "words", **dict.fromkeys(names, 1)}


def test_an_update_that_is_refused_shows_what_stands(stores: DynamoStores) -> None:
    table = stores.connection
    pk = table.keys.lists()
    assert table.update(pk, "n", "SET #n = :n", "attribute_not_exists(pk)", n=1) is None
    assert table.update(pk, "n", "SET #n = :n", "attribute_not_exists(pk)", n=2) == {"pk": pk, "sk": "n", "n": 1}
    assert table.update(pk, "none", "SET #n = :n", "attribute_exists(pk)", n=2) == {}


def test_a_refused_transaction_says_what_each_step_did(stores: DynamoStores) -> None:
    table = stores.connection
    pk = table.keys.lists()
    fine, refused = table.put({"pk": pk, "sk": "a"}), table.check(pk, "b", "attribute_exists(pk)")
    with pytest.raises(Stale) as stale:
        table.transact([fine, refused])
    assert stale.value.reasons == ("None", "ConditionalCheckFailed")
    assert table.get(pk, "a") is None


def test_with_an_endpoint_of_its_own_no_credentials_of_the_machine_are_used(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-machine")
    caplog.set_level(logging.DEBUG, "botocore.auth")
    client = connect(settings)
    open_stores(client, settings).reachable()
    client.close()
    assert "of-the-machine" not in caplog.text


def test_sites_share_a_table_and_nothing_else(shelf: Shelf, settings: Settings) -> None:
    other = open_stores(shelf.stores.connection.client, settings.model_copy(update={"site": settings.site + "x"}))
    shelf.stores.ratings.move("article", "ada", NOT_RATED, 5, None, NOW)
    assert other.ratings.look("article", "ada", None, NOW).stars is None
    assert other.threads.first_page("article", 20, NOW).tally.count == 0
