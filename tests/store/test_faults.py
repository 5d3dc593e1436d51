"""The injected faults do what they say, and what the connection to the table makes of each."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from chalicelib import patience
from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.dynamodb.connection import Connection, NotDynamoDBError, OutOfTimeError
from chalicelib.errors import Stale, Unavailable
from chalicelib.settings import Settings
from tests.faults import KINDS, LATE_SECONDS, Fault, injected

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FAILING = [fault for fault in KINDS if fault != "late"]

RAISED: dict[Fault, type[Exception]] = {
    "lost": ConnectionClosedError,
    "away": ConnectionClosedError,
    "slow": ReadTimeoutError,
    "garbage": NotDynamoDBError,
    "truncated": NotDynamoDBError,
    "bad_gateway": NotDynamoDBError,
}
SAID: dict[Fault, tuple[str, str]] = {
    "throttle": ("ThrottlingException", "ThrottlingException"),
    "exceeded": ("ProvisionedThroughputExceededException", "ProvisionedThroughputExceededException"),
    "crowded": ("TransactionCanceledException", "ProvisionedThroughputExceededException"),
    "conflict": ("TransactionCanceledException", "TransactionConflictException"),
    "internal": ("InternalServerError", "InternalServerError"),
}
"""The code of DynamoDB's own answer to a transaction, and to any other call."""

REASONS: dict[Fault, list[str]] = {
    "crowded": ["None", "ThrottlingError"],
    "conflict": ["None", "TransactionConflict"],
}


@pytest.fixture
def hasty_table(hasty_client: "DynamoDBClient", settings: Settings) -> Connection:
    return open_stores(hasty_client, settings).connection


@pytest.fixture
def table(stores: DynamoStores) -> Connection:
    return stores.connection


@pytest.fixture
def _no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Botocore's own second try comes at once."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)


def put(table: Connection, sk: str) -> None:
    """Keep an item, past what turns errors into ours."""
    step: Any = table.put({"pk": table.keys.lists(), "sk": sk})
    table.client.transact_write_items(TransactItems=[step])


def is_kept(table: Connection, sk: str) -> bool:
    return table.get(table.keys.lists(), sk) is not None


@pytest.mark.parametrize("fault", KINDS)
def test_a_fault_either_sends_the_request_or_does_not(hasty_table: Connection, table: Connection, fault: Fault) -> None:
    with injected(hasty_table.client, {("*", fault): 1}) as faults:
        try:
            put(hasty_table, "a")
        except (*RAISED.values(), ClientError):
            assert fault != "late"
        else:
            assert fault == "late"
    assert faults.injected == {("TransactWriteItems", fault): 1}
    assert is_kept(table, "a") == KINDS[fault].sent


@pytest.mark.parametrize("fault", RAISED)
def test_what_is_no_answer_of_dynamodb_is_an_exception_of_its_own(hasty_table: Connection, fault: Fault) -> None:
    with injected(hasty_table.client, {("*", fault): 1}):
        with pytest.raises(RAISED[fault]):
            put(hasty_table, "a")
        with pytest.raises(RAISED[fault]):
            hasty_table.client.list_tables()


@pytest.mark.parametrize("fault", SAID)
def test_what_dynamodb_says_itself_has_its_code_its_reasons_and_its_id(hasty_table: Connection, fault: Fault) -> None:
    with injected(hasty_table.client, {("*", fault): 1}):
        with pytest.raises(ClientError) as write:
            put(hasty_table, "a")
        with pytest.raises(ClientError) as other:
            hasty_table.client.list_tables()
    answers: list[Any] = [write.value.response, other.value.response]
    assert tuple(answer["Error"]["Code"] for answer in answers) == SAID[fault]
    assert [reason["Code"] for reason in answers[0].get("CancellationReasons", ())] == REASONS.get(fault, [])
    assert all(answer["ResponseMetadata"]["RequestId"] for answer in answers)


def test_a_late_answer_is_the_real_one_a_moment_later(hasty_table: Connection) -> None:
    put(hasty_table, "a")
    started = time.perf_counter()
    with injected(hasty_table.client, {("GetItem", "late"): 1}):
        assert is_kept(hasty_table, "a")
    assert time.perf_counter() - started >= LATE_SECONDS


def test_faults_strike_the_operation_they_are_meant_for_and_end_with_the_block(hasty_table: Connection) -> None:
    with injected(hasty_table.client, {("GetItem", "away"): 1, ("Query", "away"): 0}) as faults:
        put(hasty_table, "a")
        assert hasty_table.query(hasty_table.keys.lists())["Count"] == 1
        with pytest.raises(Unavailable):
            is_kept(hasty_table, "a")
    assert is_kept(hasty_table, "a")
    assert faults.injected == {("GetItem", "away"): 1}


def test_faults_strike_as_often_as_their_chance_says_and_the_same_calls_each_time(hasty_table: Connection) -> None:
    def struck() -> list[bool]:
        found = []
        with injected(hasty_table.client, {("*", "internal"): 0.2, ("*", "away"): 0.2}, seed=6) as faults:
            for _ in range(100):
                before = faults.injected.total()
                with suppress(Unavailable):
                    is_kept(hasty_table, "a")
                found.append(faults.injected.total() > before)
        assert {fault for _, fault in faults.injected} == {"internal", "away"}
        return found

    once = struck()
    assert 20 < once.count(True) < 55
    assert struck() == once


def test_faults_that_are_meant_for_the_first_calls_leave_the_others_alone(hasty_table: Connection) -> None:
    with injected(hasty_table.client, {("GetItem", "away"): 1}, first=2) as faults:
        for _ in range(2):
            with pytest.raises(Unavailable):
                is_kept(hasty_table, "a")
        assert not is_kept(hasty_table, "a")
    assert faults.injected.total() == 2


def test_a_call_that_is_not_sent_for_want_of_time_meets_no_fault(hasty_table: Connection) -> None:
    with (
        injected(hasty_table.client, {("*", "lost"): 1}) as faults,
        patience.patience(-1),
        pytest.raises(OutOfTimeError),
    ):
        put(hasty_table, "a")
    assert not faults.injected
    assert not is_kept(hasty_table, "a")


@pytest.mark.parametrize("fault", FAILING)
def test_whatever_fails_a_read_is_unavailable_and_a_write_stale(hasty_table: Connection, fault: Fault) -> None:
    keys, pk = hasty_table.keys, hasty_table.keys.lists()
    put(hasty_table, "a")
    with injected(hasty_table.client, {("*", fault): 1}):
        for read in (
            lambda: hasty_table.get(pk, "a"),
            lambda: hasty_table.batch([(pk, "a")]),
            lambda: hasty_table.query(pk),
            lambda: list(hasty_table.walk(pk)),
            lambda: list(hasty_table.scan(["pk"], lambda _: None)),
            lambda: hasty_table.update(pk, "b", "SET #n = :n", "attribute_not_exists(pk)", n=1),
        ):
            with pytest.raises(Unavailable):
                read()
        with pytest.raises(Stale):
            hasty_table.transact([hasty_table.put({"pk": keys.lists(), "sk": "c"})])


@pytest.mark.usefixtures("_no_backoff")
@pytest.mark.parametrize("fault", [fault for fault in FAILING if fault not in {"garbage", "conflict"}])
def test_a_read_that_fails_once_is_asked_again_by_botocore(table: Connection, fault: Fault) -> None:
    put(table, "a")
    with injected(table.client, {("GetItem", fault): 1}, first=1) as faults:
        assert is_kept(table, "a")
    assert faults.injected == {("GetItem", fault): 1}


@pytest.mark.usefixtures("_no_backoff")
@pytest.mark.parametrize("fault", FAILING)
def test_half_an_answer_and_no_answer_are_never_taken_for_nothing_there(table: Connection, fault: Fault) -> None:
    put(table, "a")
    with injected(table.client, {("GetItem", fault): 1}), pytest.raises(Unavailable):
        is_kept(table, "a")
