import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from chalicelib.dynamodb import connect_to
from chalicelib.dynamodb.table import create_table
from chalicelib.errors import Unavailable
from chalicelib.settings import Settings
from tools import engine as engines
from tools import table_at_hand
from tools.engine import Engine, open_engine
from tools.exits import WrongUseError
from tools.table_at_hand import Choice, open_table

NOWHERE: Mapping[str, str] = {}


def endpoint_of(choice: Choice, environ: Mapping[str, str] = NOWHERE) -> str:
    with open_table(choice, environ) as table:
        return table.connection.client.meta.endpoint_url


def fill(endpoint: str, name: str = "afterword") -> None:
    client = connect_to(endpoint, None)
    create_table(client, name)
    client.close()


@contextmanager
def running(data: Path, name: str = "afterword") -> Iterator[Engine]:
    with open_engine(data, NOWHERE) as engine:
        fill(engine.endpoint, name)
        yield engine


def test_a_running_afterword_is_asked_for_its_engine(dynoxide_path: Path, tmp_path: Path) -> None:
    with running(tmp_path) as engine:
        assert endpoint_of(Choice(data=tmp_path)) == engine.endpoint
        assert endpoint_of(Choice(), {"AFTERWORD_DATA": str(tmp_path)}) == engine.endpoint


def test_one_that_runs_in_memory_is_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_dynoxide", lambda: None)
    with running(tmp_path) as engine:
        assert endpoint_of(Choice(data=tmp_path)) == engine.endpoint


def test_without_one_the_engine_runs_for_the_time_of_the_command(dynoxide_path: Path, tmp_path: Path) -> None:
    with running(tmp_path):
        pass
    with open_table(Choice(data=tmp_path), NOWHERE) as table:
        assert (tmp_path / "engine.pid").exists()
        assert table.place == f"in {tmp_path}"
        assert str(table) == f'site "main" of table "afterword" in {tmp_path}'
    assert not (tmp_path / "engine.pid").exists()


def test_the_default_is_the_folder_where_the_command_is_called(
    dynoxide_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with running(Path(".afterword")) as engine:
        assert endpoint_of(Choice()) == engine.endpoint


def test_no_folder_is_told_and_not_made(tmp_path: Path) -> None:
    with (
        pytest.raises(WrongUseError, match=r"There is no Afterword table in .*data\."),
        open_table(Choice(data=tmp_path / "data"), NOWHERE),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_no_table_is_told_and_not_made(dynoxide_path: Path, tmp_path: Path) -> None:
    with running(tmp_path, "other") as engine:
        with pytest.raises(WrongUseError, match='There is no Afterword table "afterword" in '):
            endpoint_of(Choice(data=tmp_path))
        client = connect_to(engine.endpoint, None)
        assert client.list_tables()["TableNames"] == ["other"]
        client.close()


def test_without_dynoxide_the_way_to_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_at_hand, "find_dynoxide", lambda: None)
    (tmp_path / "table.db").touch()
    with pytest.raises(WrongUseError, match="run npm ci"):
        endpoint_of(Choice(data=tmp_path))


@pytest.fixture
def environ(base_settings: Settings) -> Mapping[str, str]:
    assert base_settings.dynamodb_endpoint
    return {
        "AFTERWORD_DYNAMODB_ENDPOINT": base_settings.dynamodb_endpoint,
        "AFTERWORD_TABLE": base_settings.table,
        "AFTERWORD_OWNER_TOKEN": "short",
        "AFTERWORD_SECRETS": "none of the command's business",
    }


def test_an_engine_can_be_named_by_the_environment(table_client: Any, environ: Mapping[str, str]) -> None:
    with open_table(Choice(site="blog"), environ) as table:
        assert table.connection.client.meta.endpoint_url == environ["AFTERWORD_DYNAMODB_ENDPOINT"]
        assert (table.connection.table, table.connection.keys.site) == (environ["AFTERWORD_TABLE"], "blog")


def test_options_weigh_more_than_the_environment(tmp_path: Path, environ: Mapping[str, str]) -> None:
    with pytest.raises(WrongUseError, match=r"in .*data\."):
        endpoint_of(Choice(data=tmp_path / "data"), environ)
    with pytest.raises(WrongUseError, match='"other" at http'):
        endpoint_of(Choice(table="other"), environ)


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (Choice(region="eu-west-1", data=Path("x")), "--region means a table in AWS"),
        (Choice(site="Not One"), "--site or AFTERWORD_SITE: "),
        (Choice(table="?"), "--table or AFTERWORD_TABLE: "),
    ],
)
def test_a_choice_that_means_nothing_is_told(choice: Choice, told: str) -> None:
    with pytest.raises(WrongUseError, match=told):
        endpoint_of(choice)


def test_an_endpoint_that_is_no_address_is_told() -> None:
    with pytest.raises(WrongUseError, match="Invalid endpoint: nowhere"):
        endpoint_of(Choice(), {"AFTERWORD_DYNAMODB_ENDPOINT": "nowhere"})


def test_an_engine_that_does_not_answer_is_away() -> None:
    with pytest.raises(Unavailable):
        endpoint_of(Choice(), {"AFTERWORD_DYNAMODB_ENDPOINT": "http://127.0.0.1:9"})


class Aws:
    """AWS's place: an answer, or what boto3 raises."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.asked: tuple[str | None, str | None] | None = None

    def connect_to(self, endpoint: str | None, region: str | None) -> "Aws":
        self.asked = endpoint, region
        return self

    def get_item(self, **_: object) -> dict[str, Any]:
        if self.fault:
            raise self.fault
        return {}

    def close(self) -> None:
        pass


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "words of AWS"}}, "GetItem")


def open_aws(aws: Aws, monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str] = NOWHERE) -> None:
    monkeypatch.setattr("chalicelib.dynamodb.connection.connect_to", aws.connect_to)
    with open_table(Choice(region="eu-west-1"), environ) as table:
        assert table.place == "in eu-west-1"


def test_a_region_means_aws_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str]
) -> None:
    aws = Aws()
    monkeypatch.setenv("AWS_PROFILE", "the owner's")

    open_aws(aws, monkeypatch, {**environ, "AFTERWORD_DATA": "x"})

    assert aws.asked == (None, "eu-west-1")
    assert os.environ["AWS_PROFILE"] == "the owner's"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (refusal("ResourceNotFoundException"), 'There is no Afterword table "afterword" in eu-west-1.'),
        (refusal("ExpiredTokenException"), "words of AWS"),
        (NoCredentialsError(), "Unable to locate credentials"),
    ],
)
def test_what_aws_will_always_refuse_is_wrong_use(fault: Exception, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongUseError, match=told):
        open_aws(Aws(fault), monkeypatch)


@pytest.mark.parametrize(
    "fault", [refusal("InternalServerError"), EndpointConnectionError(endpoint_url="https://dynamodb.example")]
)
def test_what_aws_may_answer_later_is_away(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable):
        open_aws(Aws(fault), monkeypatch)
