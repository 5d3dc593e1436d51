"""Workbench: the whole service over a table of its own, and visitors who send it requests without a socket."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.dynamodb import DynamoStores, connect, open_stores
from chalicelib.dynamodb.table import create_table
from chalicelib.keyring import Keyring
from chalicelib.routes import create_app
from chalicelib.routes.service import utc_now
from chalicelib.settings import Settings
from tools.gateway import Gateway, Reply, Request

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ADDRESS = "203.0.113.7"
WORDS = "It helped with the cramps at night, and in the morning I was slow for an hour or two. "
LETTERS = 500


def text(number: int) -> str:
    """Return a comment's text: 500 ASCII characters without markup, each number another one."""
    return (f"{number:06d} " + WORDS * 10)[:LETTERS]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Sends requests to the service, as one reader, as an author or as the owner."""

    gateway: Gateway
    headers: Mapping[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, document: object = None) -> Request:
        """Return the request, ready to be sent more than once."""
        raw_path, _, query = path.partition("?")
        headers = [*self.headers.items(), ("Content-Type", "application/json")]
        body = b"" if document is None else json.dumps(document).encode()
        return Request(method, raw_path, query, headers, body, ADDRESS)

    def send(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401 - any JSON
        """Return the JSON of the answer. Ends the bench when that is a refusal."""
        return json.loads(self.answer(self.request(method, path, document)).body)

    def answer(self, request: Request) -> Reply:
        """Return the answer. Ends the bench when that is a refusal."""
        reply = self.gateway.handle(request)
        if not 200 <= reply.status < 300:  # noqa: PLR2004 - any success
            msg = f"{request.method} {request.raw_path}: {reply.status} {reply.body.decode()}"
            raise SystemExit(msg)
        return reply


@dataclass(frozen=True, slots=True)
class Workbench:
    """One site of the service: its stores, its keys, and the gateway before it."""

    client: "DynamoDBClient"
    settings: Settings
    stores: DynamoStores
    keyring: Keyring
    gateway: Gateway

    @classmethod
    def over(cls, client: "DynamoDBClient", settings: Settings, clock: Callable[[], datetime] = utc_now) -> "Workbench":
        """Return a workbench whose memory is as empty as that of a new process."""
        stores = open_stores(client, settings)
        gateway = Gateway(lambda: create_app(settings, stores, clock))
        return cls(client, settings, stores, Keyring(settings.secrets), gateway)

    def at(self, site: str) -> "Workbench":
        """Return a workbench for another site in the same table."""
        return self.over(self.client, self.settings.model_copy(update={"site": site}))

    @property
    def anyone(self) -> Visitor:
        """A reader who is new with every request."""
        return Visitor(self.gateway)

    @property
    def owner(self) -> Visitor:
        """The site's owner."""
        assert self.settings.owner_token  # noqa: S101 - open_workbench sets one
        return Visitor(self.gateway, {"Authorization": f"Bearer {self.settings.owner_token.get_secret_value()}"})

    def reader(self, token: str | None = None) -> Visitor:
        """Return the reader who holds the token, without one a reader of whom nothing is kept yet."""
        return Visitor(self.gateway, {"Afterword-Reader": token or self.keyring.mint(secrets.token_bytes(32)).token})

    def author(self, edit_token: str) -> Visitor:
        """Return the author of the comment that the token came with."""
        return Visitor(self.gateway, {"Authorization": f"Bearer {edit_token}"})


@contextmanager
def open_workbench(endpoint: str, clock: Callable[[], datetime] = utc_now) -> Iterator[Workbench]:
    """Open a workbench over a new table on a running engine."""
    settings = Settings.from_environ(
        {
            "AFTERWORD_SECRETS": f"k1:{secrets.token_urlsafe(32)}",
            "AFTERWORD_OWNER_TOKEN": secrets.token_urlsafe(32),
            "AFTERWORD_TABLE": f"afterword-bench-{secrets.token_hex(8)}",
            "AFTERWORD_DYNAMODB_ENDPOINT": endpoint,
        }
    )
    client = connect(settings)
    create_table(client, settings.table)
    try:
        yield Workbench.over(client, settings, clock)
    finally:
        client.close()
