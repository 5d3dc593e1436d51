"""What runs by the clock in a deployment (`app.py`), run by a thread on this machine."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from chalicelib.dynamodb import DynamoStores
from chalicelib.errors import Unavailable
from chalicelib.learning import Place, learn
from chalicelib.patience import pause
from chalicelib.routes.service import utc_now

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What is done every so many seconds."""

    name: str
    seconds: float
    do: Callable[[], object]


def jobs(stores: DynamoStores) -> tuple[Job, ...]:
    """Return the schedules of `app.py`, by the same names."""
    return (
        Job("settle_tallies", 900, lambda: stores.tallies.settle_quiet(utc_now())),
        Job("learn_from_decisions", 3600, lambda: learn(Place(stores.models, utc_now(), pause))),
    )


@contextmanager
def running(todo: Sequence[Job]) -> Iterator[None]:
    """Do each job at its time while the block lasts; one that fails is done again when its time comes."""
    over = threading.Event()
    threads = [threading.Thread(target=_repeat, args=(job, over), name=job.name, daemon=True) for job in todo]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _repeat(job: Job, over: threading.Event) -> None:
    while not over.wait(job.seconds):
        try:
            job.do()
        except Unavailable:
            _LOG.warning("%s could not be done now and is tried again in %g seconds", job.name, job.seconds)
