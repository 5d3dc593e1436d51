"""A write done once: what a request's idempotency key stands for, and what was answered the first time."""

from dataclasses import dataclass

from chalicelib.errors import KeyReused

KEPT_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Once:
    """One idempotency key of one caller.

    `mark` is the keyed hash of caller and key, `digest` a keyed hash of the request it came with.
    """

    mark: str
    digest: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the table remembers of the first request under a key; `answer` is small JSON and holds no secret."""

    digest: str
    answer: str


@dataclass(frozen=True, slots=True)
class Done:
    """What to remember of this request, written in the same transaction as its effect; kept for 24 hours."""

    once: Once
    answer: str
    expires: int
    """Seconds since 1970 after which the key is free again."""


def replay(once: Once | None, earlier: Earlier | None) -> str | None:
    """Return the answer to repeat, None when this request is the first. Raises KeyReused for another request."""
    if once is None or earlier is None:
        return None
    if earlier.digest != once.digest:
        raise KeyReused("The Idempotency-Key was used before with another request. Use a new key for a new request.")
    return earlier.answer
