"""How everything is kept: one DynamoDB table behind the ports that the floors below define."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.dynamodb.comments import DynamoComments
from chalicelib.dynamodb.connection import Connection, connect
from chalicelib.dynamodb.limits import DynamoLimits
from chalicelib.dynamodb.lists import DynamoLists
from chalicelib.dynamodb.moderation import DynamoModeration
from chalicelib.dynamodb.policy import DynamoPolicies
from chalicelib.dynamodb.ratings import DynamoRatings
from chalicelib.dynamodb.threads import DynamoThreads
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoStores:
    """Every store of one site, over one connection: fulfils Stores."""

    ratings: DynamoRatings
    threads: DynamoThreads
    comments: DynamoComments
    limits: DynamoLimits
    lists: DynamoLists
    moderation: DynamoModeration
    policies: DynamoPolicies
    connection: Connection

    def reachable(self) -> bool:
        """Tell whether the table answers. Raises Unavailable when not."""
        self.connection.get(self.connection.keys.site_policy(), "CFG")
        return True


def open_stores(client: "DynamoDBClient", settings: Settings) -> DynamoStores:
    """Return the stores of the settings' site in the settings' table."""
    connection = Connection(client, settings.table, settings.site)
    return DynamoStores(
        ratings=DynamoRatings(connection),
        threads=DynamoThreads(connection),
        comments=DynamoComments(connection),
        limits=DynamoLimits(connection),
        lists=DynamoLists(connection),
        moderation=DynamoModeration(connection),
        policies=DynamoPolicies(connection),
        connection=connection,
    )


__all__ = ["DynamoStores", "connect", "open_stores"]
