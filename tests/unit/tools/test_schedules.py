import importlib
import logging
import secrets
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

import pytest

from chalicelib.errors import Unavailable
from tools.schedules import Job, jobs, running

if TYPE_CHECKING:
    from chalicelib.dynamodb import DynamoStores

ENOUGH = 10.0


def test_this_machine_does_by_the_clock_what_a_deployment_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_SECRETS", f"k1:{secrets.token_urlsafe(32)}")
    monkeypatch.setenv("AFTERWORD_DYNAMODB_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.delitem(sys.modules, "app", raising=False)
    app: Any = importlib.import_module("app")
    try:
        scheduled = {source.name: source.schedule_expression.to_string() for source in app.app.event_sources}
    finally:
        app.stores.connection.client.close()
    here = jobs(cast("DynamoStores", None))
    assert scheduled == {job.name: f"rate({job.seconds // 60} minutes)" for job in here}


def test_a_job_is_done_again_and_again_until_the_end() -> None:
    done = threading.Semaphore(0)
    with running([Job("count", 0.001, done.release)]):
        assert all(done.acquire(timeout=ENOUGH) for _ in range(3))
    assert not [thread for thread in threading.enumerate() if thread.name == "count"]


def test_a_job_that_could_not_be_done_is_tried_when_its_time_comes(caplog: pytest.LogCaptureFixture) -> None:
    done, tried = threading.Event(), []

    def fail_first() -> None:
        tried.append(len(tried))
        if len(tried) == 1:
            raise Unavailable
        done.set()

    with caplog.at_level(logging.WARNING), running([Job("settle", 0.001, fail_first)]):
        assert done.wait(ENOUGH)
    assert "settle could not be done now" in caplog.text
