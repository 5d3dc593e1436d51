import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest

from tools import engine as engines
from tools.engine import Engine, EngineError, find_dynoxide, open_engine, running_endpoint

ROOT = Path(engines.__file__).parent.parent

HOLD_OPEN = """
import sys, time
from pathlib import Path
from tools.engine import open_engine
with open_engine(Path(sys.argv[1]), {}) as engine:
    print(engine.endpoint, flush=True)
    time.sleep(600)
"""


def connect(engine: Engine) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=engine.endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def create(client: Any) -> None:
    client.create_table(
        TableName="notes",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


def put(client: Any, key: str) -> None:
    client.put_item(TableName="notes", Item={"pk": {"S": key}})


def keys(client: Any) -> set[str]:
    return {item["pk"]["S"] for item in client.scan(TableName="notes", ConsistentRead=True)["Items"]}


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    return bool(engines._command_line(pid))


def test_data_is_there_again_after_a_restart(dynoxide_path: Path, tmp_path: Path) -> None:
    with open_engine(tmp_path / "data", {}) as engine:
        client = connect(engine)
        create(client)
        put(client, "kept")
        client.close()
        assert engine.kept
    with open_engine(tmp_path / "data", {}) as engine:
        client = connect(engine)
        assert keys(client) == {"kept"}
        client.close()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_every_acknowledged_write_survives_kill_9(dynoxide_path: Path, tmp_path: Path) -> None:
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD_OPEN, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert held.stdout
    client = connect(Engine(held.stdout.readline().strip(), kept=True, description=""))
    create(client)
    for number in range(50):
        put(client, str(number))
    pid = int((tmp_path / "engine.pid").read_text())
    held.kill()
    held.communicate()
    client.close()
    with open_engine(tmp_path, {}) as engine:
        client = connect(engine)
        assert keys(client) == {str(number) for number in range(50)}
        client.close()
        assert not alive(pid)


def test_an_engine_that_outlived_its_parent_is_stopped(
    dynoxide_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on a system that does not end it with its parent.
    orphan, _ = engines._start(dynoxide_path, tmp_path / "table.db", tmp_path / "engine.log")
    (tmp_path / "engine.pid").write_text(str(orphan.pid))
    with open_engine(tmp_path, {}):
        assert orphan.wait(10) == -signal.SIGKILL


def test_another_process_with_the_recorded_id_is_left_alone(dynoxide_path: Path, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (tmp_path / "engine.pid").write_text(str(stranger.pid))
        with open_engine(tmp_path, {}):
            assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_one_folder_serves_one_afterword_at_a_time(dynoxide_path: Path, tmp_path: Path) -> None:
    with open_engine(tmp_path, {}), pytest.raises(EngineError, match="in use"), open_engine(tmp_path, {}):
        pass


def test_the_engine_ends_with_its_user(dynoxide_path: Path, tmp_path: Path) -> None:
    with open_engine(tmp_path, {}):
        pid = int((tmp_path / "engine.pid").read_text())
        assert alive(pid)
    assert not alive(pid)
    assert not (tmp_path / "engine.pid").exists()


def test_an_engine_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_dynoxide", lambda: Path("/bin/false"))
    with pytest.raises(EngineError, match=r"did not start.*engine\.log"), open_engine(tmp_path, {}):
        pass


def test_a_running_engine_may_be_named_instead(tmp_path: Path) -> None:
    named = {"AFTERWORD_DYNAMODB_ENDPOINT": "http://127.0.0.1:9"}
    with open_engine(tmp_path / "data", named) as engine:
        assert (engine.endpoint, engine.kept) == ("http://127.0.0.1:9", True)
    assert not (tmp_path / "data").exists()


def test_moto_stands_in_and_keeps_every_concurrent_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_dynoxide", lambda: None)
    with open_engine(tmp_path / "data", {}) as engine:
        assert not engine.kept
        client = connect(engine)
        create(client)

        def count(_: int) -> None:
            client.update_item(
                TableName="notes",
                Key={"pk": {"S": "counter"}},
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(count, range(200)))
        answer = client.get_item(TableName="notes", Key={"pk": {"S": "counter"}})
        assert answer["Item"]["n"] == {"N": "200"}
        client.close()
    assert not (tmp_path / "data" / "table.db").exists()


@pytest.mark.parametrize("kept", [True, False])
def test_other_programs_learn_where_a_running_engine_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, *, kept: bool
) -> None:
    if kept:
        request.getfixturevalue("dynoxide_path")
    else:
        monkeypatch.setattr(engines, "find_dynoxide", lambda: None)
    with open_engine(tmp_path, {}) as engine:
        assert engine.kept == kept
        assert running_endpoint(tmp_path) == engine.endpoint
    assert running_endpoint(tmp_path) is None
    assert not (tmp_path / "engine.url").exists()


def test_looking_for_a_running_engine_creates_nothing(tmp_path: Path) -> None:
    assert running_endpoint(tmp_path) is None
    assert running_endpoint(tmp_path / "data") is None
    assert not list(tmp_path.iterdir())


def test_what_a_killed_afterword_left_behind_is_not_believed(dynoxide_path: Path, tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    (tmp_path / "engine.url").write_text("http://127.0.0.1:9")
    assert running_endpoint(tmp_path) is None
    with open_engine(tmp_path, {}) as engine:
        assert running_endpoint(tmp_path) == engine.endpoint


def test_one_that_is_just_starting_is_waited_for(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool, engines._hold(tmp_path):
        found = pool.submit(running_endpoint, tmp_path)
        (tmp_path / "engine.url").touch()
        assert not found.done()
        with engines._announce(tmp_path, Engine("http://127.0.0.1:9", kept=True, description="")):
            assert found.result(10) == "http://127.0.0.1:9"


def test_one_that_neither_starts_nor_stops_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_START_WITHIN", 0.05)
    with engines._hold(tmp_path), pytest.raises(EngineError, match="neither up nor gone"):
        running_endpoint(tmp_path)


def test_dynoxide_is_found_among_the_packages_and_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines.sys, "platform", "darwin")
    monkeypatch.setattr(engines.platform, "machine", lambda: "arm64")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_dynoxide(tmp_path) is None
    for found in (tmp_path / "bin" / "dynoxide", tmp_path / "darwin-arm64" / "dynoxide"):
        found.parent.mkdir()
        found.touch(mode=0o755)
        assert find_dynoxide(tmp_path) == found
    assert os.access(found, os.X_OK)
