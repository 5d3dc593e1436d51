"""What readers' small writes use up: an act of the reader's allowance, or of the network's for a reader new to us."""

from collections.abc import Callable
from functools import cache
from typing import Literal

from chalicelib.limits import MILLISECONDS, Limit, take_all
from chalicelib.routes.endpoint import Call
from chalicelib.routes.service import Service

Kind = Literal["ratings", "votes", "reports"]


def admission(service: Service, call: Call, kind: Kind) -> Callable[[], None]:
    """Return what uses up one act of the caller's allowance when it is first called, however often it is."""

    @cache
    def admit() -> None:
        _take(service, call, kind)

    return admit


def _take(service: Service, call: Call, kind: Kind) -> None:
    """Use up one act of the caller's allowance. Raises LimitReached, Unavailable.

    A known reader counts once for an article or a comment however often it changes its mind; made-up readers are what
    stuffs a tally, so those are what the network's allowance counts.
    """
    rates = getattr(service.stores.policies.policy().limits, kind)
    reader = call.reader
    assert reader  # noqa: S101 - access="reader" brings one
    limits = []
    if reader.minted and rates.network:
        mark = service.stores.limits.network_mark(call.network, call.now.date().isoformat())
        limits.append(Limit(f"{kind}.network", mark, rates.network))
    if not reader.minted and rates.reader:
        limits.append(Limit(f"{kind}.reader", reader.author, rates.reader))
    take_all(service.stores.limits, limits, int(call.now.timestamp() * MILLISECONDS))
