"""One client and one table: plain values in and out, DynamoDB's errors as ours.

Reads raise Unavailable. Writes raise Stale whenever the step was refused, collided, was throttled or its outcome
is unknown (an answer can be lost after the step was kept): the use case reads again and knows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

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


def connect(settings: Settings) -> "DynamoDBClient":
    """Return the client; with an endpoint of its own it never touches the machine's AWS credentials."""
    if settings.dynamodb_endpoint is None:
        return boto3.client("dynamodb", region_name=settings.region, config=CONFIG)
    return boto3.client(
        "dynamodb",
        endpoint_url=settings.dynamodb_endpoint,
        region_name=settings.region or "us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - engines on the own machine take any
        config=CONFIG,
    )


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISTAKES:
            raise
        raise Unavailable from error
    except BotoCoreError as error:
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
    except BotoCoreError as error:
        raise Stale("unknown outcome") from error


def _reasons(error: ClientError) -> list[str]:
    response: Any = error.response
    return [str(reason.get("Code")) for reason in response.get("CancellationReasons", ())]


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
        """Return those of up to 100 items that exist, by key."""
        wanted: Any = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in dict.fromkeys(keys)]
        found: dict[tuple[str, str], Item] = {}
        for _ in range(_BATCH_ROUNDS):
            if not wanted:
                return found
            request: Any = {self.table: {"Keys": wanted, "ConsistentRead": consistent}}
            with _reading():
                answer: Any = self.client.batch_get_item(RequestItems=request)
            for raw in answer["Responses"].get(self.table, ()):
                item = from_item(raw)
                found[item["pk"], item["sk"]] = item
            wanted = answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys")
        raise Unavailable

    def query(
        self,
        pk: str,
        *,
        between: tuple[str, str] | None = None,
        forward: bool = True,
        limit: int | None = None,
        index: str | None = None,
        names: tuple[str, str] = ("pk", "sk"),
        count: bool = False,
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
        with _reading():
            return self.client.query(**request)

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

    def transact(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Do all steps or none. Raises Stale.

        botocore adds a ClientRequestToken, so its own retries of a lost answer do the work once.
        """
        items: Any = list(steps)
        with _writing():
            self.client.transact_write_items(TransactItems=items)

    def update(self, pk: str, sk: str, expression: str, condition: str, **values: object) -> Item | None:
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

    def put(self, item: Item, condition: str | None = None, **values: object) -> dict[str, Any]:
        """Return the step that keeps an item whole, when the condition holds."""
        return {"Put": self._step({"Item": to_item(item)}, condition, values)}

    def delete(self, pk: str, sk: str, condition: str | None = None, **values: object) -> dict[str, Any]:
        """Return the step that removes an item, when the condition holds."""
        return {"Delete": self._step({"Key": to_item({"pk": pk, "sk": sk})}, condition, values)}

    def check(self, pk: str, sk: str, condition: str, **values: object) -> dict[str, Any]:
        """Return the step that changes nothing and asks that the condition holds."""
        return {"ConditionCheck": self._step({"Key": to_item({"pk": pk, "sk": sk})}, condition, values)}

    def change(
        self, pk: str, sk: str, expression: str, condition: str | None = None, **values: object
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
