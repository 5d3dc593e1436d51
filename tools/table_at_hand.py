"""The table that a command works on: in AWS, at an endpoint, or in a folder of this machine."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from pydantic import ValidationError

from chalicelib.errors import Unavailable
from chalicelib.settings import PREFIX, Settings
from tools.engine import TABLE, find_dynoxide, forget_aws, open_engine, running_endpoint
from tools.exits import WrongUseError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from chalicelib.dynamodb.connection import Connection

_PANEL = "Which table"

Region = Annotated[
    str | None,
    typer.Option(
        metavar="REGION",
        help="The table in this AWS region, with this machine's AWS credentials.",
        rich_help_panel=_PANEL,
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="The table in this folder. Without this and --region: the one at AFTERWORD_DYNAMODB_ENDPOINT, else the "
        "one in AFTERWORD_DATA, else in .afterword.",
        rich_help_panel=_PANEL,
    ),
]
Table = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Its name; else AFTERWORD_TABLE, else afterword.", rich_help_panel=_PANEL),
]
Site = Annotated[
    str | None,
    typer.Option(metavar="SITE", help="The site in it; else AFTERWORD_SITE, else main.", rich_help_panel=_PANEL),
]

_NOT_SIGNED_IN = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, SSOError, TokenRetrievalError)
_NOT_LET_IN = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "IncompleteSignatureException",
        "MissingAuthenticationTokenException",
        "ExpiredTokenException",
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the options of a command say about the table; the environment has the rest."""

    region: str | None = None
    data: Path | None = None
    table: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class TableAtHand:
    """One site in a table that is there, and where that is, in words for a person."""

    connection: "Connection"
    place: str

    def __str__(self) -> str:
        return f'site "{self.connection.keys.site}" of table "{self.connection.table}" {self.place}'


@dataclass(frozen=True, slots=True)
class _Place:
    words: str
    region: str | None
    endpoint: str | None = None


@contextmanager
def open_table(choice: Choice, environ: Mapping[str, str] = os.environ) -> Iterator[TableAtHand]:
    """Open the table that is meant. Nothing is created: no table, and no folder.

    Raises WrongUseError when the choice means none or there is none, Unavailable when it does not answer, EngineError
    when its engine cannot be had.
    """
    # boto3 takes half a second; whoever asks for help should not wait for it.
    from chalicelib.dynamodb.connection import Connection  # noqa: PLC0415

    settings = _read(choice, environ)
    with _find(choice, settings, environ) as place, closing(_client(place)) as client:
        connection = Connection(client, settings.table, settings.site)
        _must_be_there(connection, place)
        yield TableAtHand(connection, place.words)


def _read(choice: Choice, environ: Mapping[str, str]) -> Settings:
    if choice.region and choice.data:
        raise WrongUseError("--region means a table in AWS, and --data one on this machine: give one of them.")
    told = {
        **environ,
        **{PREFIX + name: value for name, value in (("TABLE", choice.table), ("SITE", choice.site)) if value},
        # A command signs nothing and signs nobody in.
        f"{PREFIX}SECRETS": f"none:{'-' * 32}",
        f"{PREFIX}OWNER_TOKEN": "",
    }
    try:
        return Settings.from_environ(told)
    except ValidationError as error:
        faults = ((str(fault["loc"][0]), fault["msg"]) for fault in error.errors())
        raise WrongUseError("; ".join(f"--{name} or {PREFIX}{name.upper()}: {msg}" for name, msg in faults)) from None


@contextmanager
def _find(choice: Choice, settings: Settings, environ: Mapping[str, str]) -> Iterator[_Place]:
    if choice.region:
        yield _Place(f"in {choice.region}", choice.region)
        return
    forget_aws(os.environ)
    if settings.dynamodb_endpoint and not choice.data:
        yield _Place(f"at {settings.dynamodb_endpoint}", settings.region, settings.dynamodb_endpoint)
        return
    data = (choice.data or Path(environ.get(f"{PREFIX}DATA") or ".afterword")).absolute()
    with _engine(data) as endpoint:
        yield _Place(f"in {data}", settings.region, endpoint)


@contextmanager
def _engine(data: Path) -> Iterator[str]:
    """Find the engine that runs over the folder or, for as long as it is needed, run one."""
    endpoint = running_endpoint(data)
    if endpoint:
        yield endpoint
        return
    if not (data / TABLE).is_file():
        raise WrongUseError(f"There is no Afterword table in {data}.")
    if not find_dynoxide():
        raise WrongUseError(f"The table in {data} needs dynoxide to be read: run npm ci.")
    with open_engine(data, {}) as engine:
        yield engine.endpoint


def _client(place: _Place) -> "DynamoDBClient":
    from chalicelib.dynamodb.connection import connect_to  # noqa: PLC0415 - as above

    try:
        return connect_to(place.endpoint, place.region)
    except ValueError as error:
        raise WrongUseError(str(error)) from error


def _must_be_there(connection: "Connection", place: _Place) -> None:
    try:
        connection.get(connection.keys.site_policy(), "CFG")
    except Unavailable as error:
        fault = _fault(error.__cause__, f'There is no Afterword table "{connection.table}" {place.words}.')
        if fault:
            raise WrongUseError(fault) from error
        raise


def _fault(cause: BaseException | None, missing: str) -> str | None:
    """Tell what the person has to change; None when the table may answer another time."""
    if isinstance(cause, _NOT_SIGNED_IN):
        return str(cause)
    if isinstance(cause, ClientError):
        code = cause.response["Error"]["Code"]
        return missing if code == "ResourceNotFoundException" else str(cause) if code in _NOT_LET_IN else None
    return None
