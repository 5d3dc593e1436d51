"""What readers, authors, moderators and time do in any order; and that the test of it finds planted faults."""

import secrets
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from chalicelib.dynamodb import open_stores
from chalicelib.routes import create_app
from chalicelib.settings import Settings
from tests.conftest import Service
from tests.http.machine import Machine, World
from tests.planted import PLANTED
from tools.gateway import Gateway

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("engine")

BUDGET = settings(
    max_examples=15,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
"""About as much as fits into half a minute."""


@pytest.fixture
def new_world(table_client: "DynamoDBClient", base_settings: Settings) -> Callable[[], Machine]:
    """Return what makes a machine over a site of its own."""

    def make() -> Machine:
        own = base_settings.model_copy(update={"site": f"m-{secrets.token_hex(8)}"})
        stores = open_stores(table_client, own)
        service = Service(Gateway(lambda: create_app(own, stores)), own)
        return Machine(World(service, stores, table_client))

    return make


def test_whatever_happens_in_any_order_what_shows_is_what_was_let_through(
    new_world: Callable[[], Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.patience.FIRST_PAUSE", 0.001)
    run_state_machine_as_test(new_world, settings=BUDGET)


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(
    new_world: Callable[[], Machine], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("chalicelib.patience.FIRST_PAUSE", 0.001)
    for owner, name, broken in PLANTED[fault]:
        monkeypatch.setattr(owner, name, broken)
    failures: list[BaseException | None] = []

    class Watched(Machine):
        def teardown(self) -> None:
            failures.append(sys.exception())

    # The same examples each time; the first that fails is enough, however long it is.
    once = settings(BUDGET, max_examples=100, derandomize=True, database=None, phases=[Phase.generate])
    # Ids are made by chance and time goes on: the same example may fail sooner, or not at all, when it is run again.
    with pytest.raises((AssertionError, Flaky)):
        run_state_machine_as_test(lambda: Watched(new_world().world), settings=once)
    assert any(isinstance(failure, AssertionError) for failure in failures)
