import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("dynoxide_path")

OWNER = secrets.token_urlsafe(32)
STARTS_WITHIN = 30.0
CLIENTS = 4
WRITES_BEFORE_THE_KILL = 60


class Client:
    """A reader's program: sends one request a call, and knows only what was acknowledged."""

    def __init__(self, port: int) -> None:
        self.port = port

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            sent = {"Content-Type": "application/json", **(headers or {})}
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            content = json.loads(answer.read())
        finally:
            connection.close()
        assert answer.status in {200, 202}, content
        return content


@contextmanager
def running(data: Path) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    environ = {**os.environ, "PORT": "0", "AFTERWORD_DATA": str(data), "AFTERWORD_OWNER_TOKEN": OWNER}
    with (data.parent / "said.txt").open("a+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.serve"], env=environ, stdout=said, stderr=said, text=True
        )
        try:
            yield process, Client(port_of(process, Path(said.name)))
        finally:
            process.kill()
            process.wait()


def port_of(process: subprocess.Popen[str], said: Path) -> int:
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends and process.poll() is None:
        found = [line for line in said.read_text().splitlines() if line.strip().startswith("article ")]
        if found:
            said.write_text("")
            return int(found[-1].rstrip("/").rpartition(":")[2])
        time.sleep(0.05)
    pytest.fail(f"the service did not start: {said.read_text()}")


def write_until_killed(client: Client, name: str, rated: list[int], said: list[str], enough: threading.Event) -> None:
    try:
        for number in range(10_000):
            stars = number % 5 + 1
            client.request("PUT", "/v1/articles/kill/rating", {"stars": stars})
            rated.append(stars)
            body = {"text": f"Comment {number} of {name}.", "consent": True}
            said.append(client.request("POST", "/v1/articles/kill/comments", body)["comment"]["id"])
            if len(said) * CLIENTS > WRITES_BEFORE_THE_KILL:
                enough.set()
    except (OSError, http.client.HTTPException, ValueError):
        return  # killed; what was not acknowledged may be there or not


def waiting(client: Client) -> set[str]:
    owner, cursor, found = {"Authorization": f"Bearer {OWNER}"}, "", set()
    while True:
        page = client.request("GET", f"/v1/admin/queue?limit=50{cursor}", headers=owner)
        found |= {item["comment"]["id"] for item in page["items"]}
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


@pytest.mark.timeout(120)
def test_every_acknowledged_write_outlives_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rated: list[list[int]] = [[] for _ in range(CLIENTS)]
    said: list[list[str]] = [[] for _ in range(CLIENTS)]
    enough = threading.Event()
    with running(data) as (process, client):
        unlimited = {"limits": {"comments": None, "ratings": None}}
        client.request("PATCH", "/v1/admin/policy", unlimited, {"Authorization": f"Bearer {OWNER}"})
        threads = [
            threading.Thread(target=write_until_killed, args=(client, f"client {n}", rated[n], said[n], enough))
            for n in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        os.kill(process.pid, signal.SIGKILL)
        for thread in threads:
            thread.join()
    acknowledged = [stars for each in rated for stars in each]
    with running(data) as (_, client):
        assert client.request("GET", "/health")["status"] == "ok"
        tally = client.request("GET", "/v1/articles/kill")["tally"]
        for stars in range(1, 6):
            # Each client had at most one rating under way that it never heard of.
            known = acknowledged.count(stars)
            assert known <= tally["histogram"][str(stars)] <= known + CLIENTS
        kept = waiting(client)
        assert {comment_id for each in said for comment_id in each} <= kept
        assert len(kept) <= sum(map(len, said)) + CLIENTS
