"""One client and one table: plain values in and out, DynamoDB's errors as ours.

Reads raise Unavailable. Writes raise Stale whenever the step was refused, collided, was throttled or its outcome
is unknown (an answer can be lost after the step was kept): the use case reads again and knows.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from chalicelib import patience
from chalicelib.dynamodb.keys import Keys
from chalicelib.dynamodb.values import Item, from_item, to_item, to_value
from chalicelib.errors import Stale, Unavailable
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# boto3's defaults wait 60 s for an answer; API Gateway gives up after 29 s.
CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"total_max_attempts": 3, "mode": "standard"},
    tcp_keepalive=True,
    max_pool_connections=32,
)

BATCH = 100
_BATCH_ROUNDS = 5

CONDITION_FAILED = "ConditionalCheckFailedException"
_REFUSED = frozenset(
    {
        CONDITION_FAILED,
        "TransactionCanceledException",
        "TransactionConflictException",
        "TransactionInProgressException",
    },
)
_PLACEHOLDER = re.compile(r"#(\w+)")

_MISTAKES = frozenset({"ValidationException", "AccessDeniedException", "SerializationException"})
"""Errors of ours, not of the moment: they are raised as they are and end as an alarm."""


THROTTLED = frozenset(
    {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"},
)
"""What DynamoDB says of a whole call that came too often."""


class OutOfTimeError(BotoCoreError):
    """The request has no time left for another call."""

    fmt = "no time left for another call"


class NotDynamoDBError(BotoCoreError):
    """The answer does not come from DynamoDB, or not whole, so it says nothing about what was done."""

    fmt = "the answer does not come from DynamoDB, or not whole"


_NO_ANSWER = (BotoCoreError, ResponseParserError)
"""No answer, none in time, or none that can be read."""


def connect(settings: Settings) -> "DynamoDBClient":
    """Return the client of the settings' table."""
    return connect_to(settings.dynamodb_endpoint, settings.region)


def connect_to(endpoint: str | None, region: str | None) -> "DynamoDBClient":
    """Return a client; with an endpoint of its own it never touches the machine's AWS credentials."""
    if endpoint is None:
        return guarded(boto3.client("dynamodb", region_name=region, config=CONFIG))
    return guarded(
        boto3.client(
            "dynamodb",
            endpoint_url=endpoint,
            region_name=region or "us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 - engines on the own machine take any
            config=CONFIG,
        )
    )


def guarded(client: "DynamoDBClient") -> "DynamoDBClient":
    """Make a client refuse calls for which the request has no time, and answers that are not DynamoDB's, or not whole.

    botocore reads any 200 whose body is no JSON as an empty answer: for a read that means nothing is there, for a write
    that it was done. On what is not even UTF-8 it stumbles, with an exception that is none of its own.
    """
    client.meta.events.register("before-send.dynamodb.*", _in_time)
    client.meta.events.register("before-parse.dynamodb.*", _nothing_to_parse)
    client.meta.events.register("after-call.dynamodb.*", _from_dynamodb)
    return client


def _in_time(**_: object) -> None:
    if patience.is_over():
        raise OutOfTimeError


def _nothing_to_parse(response_dict: dict[str, Any], **_: object) -> None:
    # Not refused yet: botocore tries again first, where the status or the checksum tells it to.
    if not _is_dynamodbs(response_dict["headers"], response_dict["body"]):
        response_dict["body"] = b""


def _from_dynamodb(http_response: AWSResponse, **_: object) -> None:
    if not _is_dynamodbs(http_response.headers, http_response.content):
        raise NotDynamoDBError


def _is_dynamodbs(headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether an answer comes from DynamoDB, and whole: it carries an id, and the checksum of its body."""
    checksum = headers.get("x-amz-crc32")
    return "x-amzn-requestid" in headers and (checksum is None or checksum == str(zlib.crc32(body)))


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISTAKES:
            raise
        raise Unavailable from error
    except _NO_ANSWER as error:
        raise Unavailable from error


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _REFUSED:
            raise Stale(*_reasons(error)) from error
        if code in _MISTAKES:
            raise
        if code == "ResourceNotFoundException":
            raise Unavailable from error
        raise Stale(code) from error
    except _NO_ANSWER as error:
        raise Stale("unknown outcome") from error


def _reasons(error: ClientError) -> list[str]:
    response: Any = error.response
    return [str(reason.get("Code")) for reason in response.get("CancellationReasons", ())]


def unchanged(item: Item | None) -> tuple[str, dict[str, Any]]:
    """Return the condition that an item is at the version it was read at, and the values in it."""
    if item is None or "ver" not in item:
        return "attribute_not_exists(#ver)", {}
    return "#ver = :seen", {"seen": item["ver"]}


class Connection:
    """The table of one site through one client."""

    def __init__(self, client: "DynamoDBClient", table: str, site: str) -> None:
        self.client = client
        self.table = table
        self.keys = Keys(site)

    def get(self, pk: str, sk: str) -> Item | None:
        """Return one item as it is now, or None."""
        with _reading():
            answer = self.client.get_item(
                TableName=self.table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
            )
        item = answer.get("Item")
        return from_item(item) if item else None

    def batch(self, keys: Sequence[tuple[str, str]], *, consistent: bool = True) -> dict[tuple[str, str], Item]:
        """Return those of the items that exist, by key; a call for every 100 of them."""
        distinct = list(dict.fromkeys(keys))
        found: dict[tuple[str, str], Item] = {}
        for start in range(0, len(distinct), BATCH):
            found |= self._batch(distinct[start : start + BATCH], consistent=consistent)
        return found

    def _batch(self, keys: Sequence[tuple[str, str]], *, consistent: bool) -> dict[tuple[str, str], Item]:
        wanted: Any = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys]
        found: dict[tuple[str, str], Item] = {}
        for round_ in range(_BATCH_ROUNDS):
            if not wanted:
                return found
            if round_:
                patience.pause(round_)
            request: Any = {self.table: {"Keys": wanted, "ConsistentRead": consistent}}
            with _reading():
                answer: Any = self.client.batch_get_item(RequestItems=request)
            if "Responses" not in answer:
                raise Unavailable
            for raw in answer["Responses"].get(self.table, ()):
                item = from_item(raw)
                found[item["pk"], item["sk"]] = item
            wanted = answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys")
        raise Unavailable

    def snapshot(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        """Return those of up to 100 items that exist, all as they were at one moment, by key.

        Raises Stale when a transaction that writes one of them is under way.
        """
        wanted: Any = [{"Get": {"TableName": self.table, "Key": to_item({"pk": pk, "sk": sk})}} for pk, sk in keys]
        try:
            with _reading():
                answer: Any = self.client.transact_get_items(TransactItems=wanted)
        except Unavailable as failure:
            cause = failure.__cause__
            if isinstance(cause, ClientError) and cause.response["Error"]["Code"] in _REFUSED:
                raise Stale(*_reasons(cause)) from cause
            raise
        if len(answer.get("Responses", ())) != len(keys):
            raise Unavailable
        items = zip(keys, answer["Responses"], strict=True)
        return {key: from_item(each["Item"]) for key, each in items if each.get("Item")}

    def query(  # noqa: PLR0913 - one argument for each thing a Query may be told
        self,
        pk: str,
        *,
        between: tuple[str, str] | None = None,
        forward: bool = True,
        limit: int | None = None,
        index: str | None = None,
        names: tuple[str, str] = ("pk", "sk"),
        count: bool = False,
        consistent: bool = False,
        start: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        """Run one Query over a partition, or a range of its sort keys (both ends included); return the raw answer."""
        request: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "#p = :p",
            "ExpressionAttributeNames": {"#p": names[0]},
            "ExpressionAttributeValues": {":p": {"S": pk}},
            "ScanIndexForward": forward,
        }
        if between:
            request["KeyConditionExpression"] += " AND #s BETWEEN :from AND :to"
            request["ExpressionAttributeNames"]["#s"] = names[1]
            request["ExpressionAttributeValues"] |= {":from": {"S": between[0]}, ":to": {"S": between[1]}}
        if limit:
            request["Limit"] = limit
        if index:
            request["IndexName"] = index
        if start:
            request["ExclusiveStartKey"] = start
        if count:
            request["Select"] = "COUNT"
        if consistent:
            request["ConsistentRead"] = True
        with _reading():
            answer: Any = self.client.query(**request)
        if "Count" not in answer:
            raise Unavailable
        return answer  # type: ignore[no-any-return]

    def items(self, pk: str, *, limit: int, **how: Any) -> list[Item]:  # noqa: ANN401 - query's own arguments
        """Return up to `limit` items of a partition; goes on where one Query ends at 1 MB."""
        items: list[Item] = []
        start = None
        while len(items) < limit:
            answer = self.query(pk, limit=limit - len(items), start=start, **how)
            items += [from_item(raw) for raw in answer["Items"]]
            start = answer.get("LastEvaluatedKey")
            if start is None:
                break
        return items

    def walk(self, pk: str, *, between: tuple[str, str] | None = None) -> Iterator[Item]:
        """Yield all items of a partition, or of a range of it, as they are when their page is read."""
        start = None
        while True:
            answer = self.query(pk, between=between, consistent=True, start=start)
            yield from map(from_item, answer["Items"])
            start = answer.get("LastEvaluatedKey")
            if start is None:
                return

    def scan(self, names: Sequence[str], seen: Callable[[int], None]) -> Iterator[Item]:
        """Yield every item of the table with these attributes only; `seen` is told how many there were so far."""
        placeholders: Any = {f"#{name}": name for name in names}
        start: Any = {}
        number = 0
        while True:
            with _reading():
                answer = self.client.scan(
                    TableName=self.table,
                    ProjectionExpression=", ".join(placeholders),
                    ExpressionAttributeNames=placeholders,
                    **start,
                )
            number += answer["Count"]
            seen(number)
            yield from map(from_item, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def transact(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Do all steps or none. Raises Stale.

        botocore adds a ClientRequestToken, so its own retries of a lost answer do the work once.
        """
        items: Any = list(steps)
        with _writing():
            self.client.transact_write_items(TransactItems=items)

    def update(self, pk: str, sk: str, expression: str, condition: str, /, **values: object) -> Item | None:
        """Update one item when the condition holds and return None, or the item as it stands when it does not.

        Raises Unavailable when it is not known whether the update was kept.
        """
        step = self.change(pk, sk, expression, condition, **values)["Update"]
        try:
            with _reading():
                self.client.update_item(**step, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        except Unavailable as failure:
            cause: Any = failure.__cause__
            if isinstance(cause, ClientError) and cause.response["Error"]["Code"] == CONDITION_FAILED:
                standing: Any = cause.response
                return from_item(standing.get("Item", {}))
            raise
        return None

    def put(self, item: Item, condition: str | None = None, /, **values: object) -> dict[str, Any]:
        """Return the step that keeps an item whole, when the condition holds."""
        return {"Put": self._step({"Item": to_item(item)}, condition, values)}

    def delete(self, pk: str, sk: str, condition: str | None = None, /, **values: object) -> dict[str, Any]:
        """Return the step that removes an item, when the condition holds."""
        return {"Delete": self._step({"Key": to_item({"pk": pk, "sk": sk})}, condition, values)}

    def check(self, pk: str, sk: str, condition: str, /, **values: object) -> dict[str, Any]:
        """Return the step that changes nothing and asks that the condition holds."""
        return {"ConditionCheck": self._step({"Key": to_item({"pk": pk, "sk": sk})}, condition, values)}

    def change(
        self, pk: str, sk: str, expression: str, condition: str | None = None, /, **values: object
    ) -> dict[str, Any]:
        """Return the step that updates an item, when the condition holds."""
        step = {"Key": to_item({"pk": pk, "sk": sk}), "UpdateExpression": expression}
        return {"Update": self._step(step, condition, values)}

    def _step(self, step: dict[str, Any], condition: str | None, values: Mapping[str, object]) -> dict[str, Any]:
        step["TableName"] = self.table
        expressions = f"{step.get('UpdateExpression', '')} {condition or ''}"
        # Reserved words (at, ttl, count, …) are common in our names: each `#name` stands for the attribute `name`.
        names = {f"#{name}": name for name in _placeholders(expressions)}
        if condition:
            step["ConditionExpression"] = condition
        if names:
            step["ExpressionAttributeNames"] = names
        if values:
            step["ExpressionAttributeValues"] = {f":{name}": to_value(value) for name, value in values.items()}
        return step


def _placeholders(expression: str) -> set[str]:
    return set(_PLACEHOLDER.findall(expression))
