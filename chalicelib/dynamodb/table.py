"""The one table: its keys, indexes, stream and time to live, defined once."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BY_OWNER = "by_owner"
BY_RANK = "by_rank"
TIME_TO_LIVE = "ttl"

DEFINITION: dict[str, Any] = {
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "g1", "g1s", "g2", "g2s")
    ],
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": name,
            "KeySchema": [
                {"AttributeName": hash_key, "KeyType": "HASH"},
                {"AttributeName": range_key, "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": projection},
        }
        for name, hash_key, range_key, projection in (
            (BY_OWNER, "g1", "g1s", "KEYS_ONLY"),
            (BY_RANK, "g2", "g2s", "ALL"),
        )
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}
"""What CreateTable takes, but for the name."""


def create_table(client: "DynamoDBClient", name: str) -> bool:
    """Create the table on a local engine; return False when it was there already."""
    try:
        client.create_table(TableName=name, **DEFINITION)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUseException":
            raise
        return False
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    specification: Any = {"AttributeName": TIME_TO_LIVE, "Enabled": True}
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)
    return True
