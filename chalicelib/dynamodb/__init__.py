"""How everything is kept: one DynamoDB table behind the ports that the floors below define."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.dynamodb.audits import DynamoAudits
from chalicelib.dynamodb.comments import DynamoComments
from chalicelib.dynamodb.connection import Connection, connect, connect_to
from chalicelib.dynamodb.limits import DynamoLimits
from chalicelib.dynamodb.lists import DynamoLists
from chalicelib.dynamodb.models import DynamoModels
from chalicelib.dynamodb.moderation import DynamoModeration
from chalicelib.dynamodb.people import DynamoPeople
from chalicelib.dynamodb.policy import DynamoPolicies
from chalicelib.dynamodb.queue import DynamoQueue
from chalicelib.dynamodb.ratings import DynamoRatings
from chalicelib.dynamodb.recount import DynamoRecounts
from chalicelib.dynamodb.reports import DynamoReports
from chalicelib.dynamodb.stats import DynamoStats
from chalicelib.dynamodb.tallies import Tallies
from chalicelib.dynamodb.threads import DynamoThreads
from chalicelib.dynamodb.votes import DynamoVotes
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoStores:
    """Every store of one site, over one connection: fulfils Stores."""

    ratings: DynamoRatings
    tallies: Tallies
    threads: DynamoThreads
    comments: DynamoComments
    edits: DynamoComments
    limits: DynamoLimits
    lists: DynamoLists
    votes: DynamoVotes
    reports: DynamoReports
    moderation: DynamoModeration
    queue: DynamoQueue
    policies: DynamoPolicies
    people: DynamoPeople
    recounts: DynamoRecounts
    audits: DynamoAudits
    stats: DynamoStats
    models: DynamoModels
    connection: Connection

    def reachable(self) -> bool:
        """Tell whether the table answers. Raises Unavailable when not."""
        self.connection.get(self.connection.keys.site_policy(), "CFG")
        return True


def open_stores(client: "DynamoDBClient", settings: Settings) -> DynamoStores:
    """Return the stores of the settings' site in the settings' table."""
    connection = Connection(client, settings.table, settings.site)
    models, queue = DynamoModels(connection), DynamoQueue(connection)
    comments = DynamoComments(connection, models)
    return DynamoStores(
        ratings=DynamoRatings(connection),
        tallies=Tallies(connection),
        threads=DynamoThreads(connection),
        comments=comments,
        edits=comments,
        limits=DynamoLimits(connection),
        lists=DynamoLists(connection),
        votes=DynamoVotes(connection),
        reports=DynamoReports(connection),
        moderation=DynamoModeration(connection, queue),
        queue=queue,
        policies=DynamoPolicies(connection),
        people=DynamoPeople(connection),
        recounts=DynamoRecounts(connection),
        audits=DynamoAudits(connection),
        stats=DynamoStats(connection),
        models=models,
        connection=connection,
    )


__all__ = [
    "DynamoAudits",
    "DynamoModels",
    "DynamoPeople",
    "DynamoRecounts",
    "DynamoStores",
    "connect",
    "connect_to",
    "open_stores",
]
