"""What tests share: an engine, a table on it, and the service with a site of its own."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode

import hypothesis
import pytest

from chalicelib.settings import Settings
from tools.engine import Engine, find_dynoxide, forget_aws, open_engine
from tools.gateway import Gateway, Reply, Request
from tools.wsgi_server import serving

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
TABLE = "afterword-test"

forget_aws(os.environ)

# Two cores and a random order make single examples slow now and then; that says nothing about the code.
hypothesis.settings.register_profile("afterword", deadline=None, print_blob=True)
hypothesis.settings.load_profile("afterword")


def is_required(what: str) -> bool:
    return what in os.environ.get("AFTERWORD_REQUIRE", "").split(",")


def missing(what: str, how: str) -> NoReturn:
    """Skip the test for want of something, or fail it where AFTERWORD_REQUIRE names that."""
    message = f"{what} is missing: {how}"
    if is_required(what):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def any_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine of this test process: dynoxide or, where that is missing, moto."""
    if find_dynoxide() is None and is_required("engine"):
        missing("engine", "run npm ci to have dynoxide")
    with open_engine(tmp_path_factory.mktemp("engine"), {}) as opened:
        yield opened


@pytest.fixture(scope="session")
def engine(any_engine: Engine) -> Engine:
    """dynoxide, for tests that race, count capacity or keep data; skipped where it is missing."""
    if not any_engine.kept:
        missing("engine", "run npm ci to have dynoxide; moto cannot run this test")
    return any_engine


@pytest.fixture(scope="session")
def base_settings(any_engine: Engine) -> Settings:
    """The settings that all tests of this process share."""
    return Settings.from_environ(
        {
            "AFTERWORD_TABLE": TABLE,
            "AFTERWORD_STAGE": "test",
            "AFTERWORD_SECRETS": f"k1:{secrets.token_urlsafe(32)}",
            "AFTERWORD_OWNER_TOKEN": secrets.token_urlsafe(32),
            "AFTERWORD_DYNAMODB_ENDPOINT": any_engine.endpoint,
        }
    )


@pytest.fixture(scope="session")
def table_client(base_settings: Settings) -> Iterator["DynamoDBClient"]:
    """A client of the engine, on which the table exists."""
    from chalicelib.dynamodb import connect  # noqa: PLC0415 - as for the gateway
    from chalicelib.dynamodb.table import create_table  # noqa: PLC0415

    client = connect(base_settings)
    create_table(client, base_settings.table)
    yield client
    client.close()


@pytest.fixture(scope="session")
def hasty_client(table_client: "DynamoDBClient", base_settings: Settings) -> Iterator["DynamoDBClient"]:
    """A client of the same table that tries once, so that each fault reaches our code, and at once."""
    import boto3  # noqa: PLC0415 - as for the gateway
    from botocore.config import Config  # noqa: PLC0415

    from chalicelib.dynamodb.connection import CONFIG, guarded  # noqa: PLC0415

    client = boto3.client(
        "dynamodb",
        endpoint_url=base_settings.dynamodb_endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=CONFIG.merge(Config(retries={"total_max_attempts": 1, "mode": "standard"})),
    )
    yield guarded(client)
    client.close()


@pytest.fixture
def settings(
    base_settings: Settings, request: pytest.FixtureRequest, table_client: "DynamoDBClient"
) -> Iterator[Settings]:
    """Settings with a site of their own: tests share one table and none of its items.

    Who looks at everything that a table holds gets a table besides, as the look takes longer with every other test's.
    """
    own = base_settings.model_copy(update={"site": f"t-{secrets.token_hex(8)}"})
    if not {"items", "own_table"} & set(request.fixturenames):
        yield own
        return
    from chalicelib.dynamodb.table import create_table  # noqa: PLC0415 - as for the gateway

    own = own.model_copy(update={"table": f"{TABLE}-{own.site}"})
    create_table(table_client, own.table)
    yield own
    table_client.delete_table(TableName=own.table)


@pytest.fixture
def own_table() -> None:
    """Asks for a table besides the site, for tests of what reads a whole table."""


@pytest.fixture
def stores(table_client: "DynamoDBClient", settings: Settings) -> Any:
    """The stores of this test's site."""
    from chalicelib.dynamodb import open_stores  # noqa: PLC0415 - as for the gateway

    return open_stores(table_client, settings)


@pytest.fixture
def gateway(settings: Settings, stores: Any) -> Gateway:
    """The whole service behind the gateway, safe to call from many threads."""
    from chalicelib.routes import create_app  # noqa: PLC0415 - tests of one part need not load the whole house

    return Gateway(lambda: create_app(settings, stores))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def from_reply(cls, reply: Reply) -> "Answer":
        return cls(reply.status, {name.lower(): value for name, value in reply.headers}, reply.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Service:
    """A client of the service that needs no socket."""

    gateway: Gateway
    settings: Settings

    @property
    def owner(self) -> dict[str, str]:
        """The headers of the owner."""
        assert self.settings.owner_token
        return {"Authorization": f"Bearer {self.settings.owner_token.get_secret_value()}"}

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
        ip: str = "203.0.113.7",
    ) -> Answer:
        """Send one request; `path` goes out as it is, with its query, to which `query` is added encoded."""
        raw_path, _, raw_query = path.partition("?")
        raw_query = "&".join(part for part in (raw_query, urlencode(query or {}, doseq=True)) if part)
        sent = {"Host": "afterword.example", **_content(json), **(headers or {})}
        request = Request(method, raw_path, raw_query, list(sent.items()), _encoded(json, body), ip)
        return Answer.from_reply(self.gateway.handle(request))


def _content(document: Any) -> dict[str, str]:
    return {} if document is None else {"Content-Type": "application/json"}


def _encoded(document: Any, body: bytes | str | None) -> bytes:
    if document is not None:
        return json.dumps(document).encode()
    return body.encode() if isinstance(body, str) else body or b""


@pytest.fixture
def service(gateway: Gateway, settings: Settings) -> Service:
    """The service of this test's site, without a socket."""
    return Service(gateway, settings)


@pytest.fixture
def live_url(gateway: Gateway) -> Iterator[str]:
    """The address of the same service under its real server, for browsers and other programs."""
    with serving(gateway) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def dynoxide_path() -> Path:
    """The engine's program; skipped where it is missing."""
    return find_dynoxide() or missing("engine", "run npm ci to have dynoxide")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """A Chromium: `CHROME_PATH`, else the one on the PATH; skipped where there is none."""
    found = os.environ.get("CHROME_PATH") or which("chromium") or which("chromium-browser") or which("google-chrome")
    return found or missing("browser", "install Chromium, or set CHROME_PATH")


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The text of axe-core, to be run in a page; skipped where it is missing."""
    return AXE.read_text(encoding="utf-8") if AXE.exists() else missing("axe", "run npm ci")
