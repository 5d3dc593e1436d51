"""Vote a comment up, take the vote back; and what votes are worth in the order best first."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chalicelib.comments import Record
from chalicelib.errors import NotFound, Stale, Unavailable
from chalicelib.limits import unlimited
from chalicelib.once import KEPT_SECONDS, Done, Earlier, Once, replay

ATTEMPTS = 12

Z = 1.96
"""Two-sided 95% of the normal distribution."""
STEPS = 100
"""How many places there are in the order: the more votes a comment has, the fewer of them move it on."""


def lower_bound(votes: int) -> float:
    """Return the lower bound of the Wilson score interval for a share of upvotes, from 0 to below 1.

    There are no votes against, so all votes are successes, and the bound of n of n shrinks to n / (n + z²).
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212;
    for ranking: E. Miller, "How not to sort by average rating" (2009).
    """
    return votes / (votes + Z * Z)


def rank(votes: int) -> int:
    """Return the place of a comment in the order best first, from 0 to 99."""
    return int(lower_bound(votes) * STEPS)


@dataclass(frozen=True, slots=True)
class Voted:
    """The answer to a vote: how many votes the comment has with it."""

    votes: int
    reader: str | None = None
    """The reader's token, only when it was newly minted."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one read shows: the comment with its votes, and whether the reader's is among them."""

    record: Record | None
    mine: bool
    earlier: Earlier | None


class VoteStore(Protocol):
    """How votes are kept. Each method is one round trip."""

    def look(self, comment_id: str, voter: str, once: Once | None, now: datetime) -> Ballot:
        """Return the comment, whether this reader voted for it, and what the idempotency key remembers."""
        ...

    def move(self, ballot: Ballot, voter: str, done: Done | None, now: datetime, *, wanted: bool) -> None:
        """Give or take back the vote, and move the comment's count and place with it, in one step.

        Raises Stale when vote or count are not as they were seen, the comment is public no more, or the key was used.
        """
        ...


def vote(
    store: VoteStore,
    comment_id: str,
    voter: str,
    *,
    wanted: bool,
    once: Once | None,
    now: datetime,
    pause: Callable[[int], None],
    admit: Callable[[], None] = unlimited,
) -> Voted:
    """Set whether one reader votes for a comment, and return how many do. Twice the same is once.

    `admit()` uses up an allowance, and never for what was answered before. Raises NotFound unless the comment is
    public, KeyReused, what `admit` raises, Unavailable.
    """
    for attempt in range(ATTEMPTS):
        ballot = store.look(comment_id, voter, once, now)
        answered = replay(once, ballot.earlier)
        if answered is not None:
            return Voted(votes=json.loads(answered)["votes"])
        admit()
        if ballot.record is None or not ballot.record.is_public:
            raise NotFound("There is no comment with this id here any more.")
        voted = Voted(votes=ballot.record.votes + wanted - ballot.mine)
        done = _done(once, voted, now)
        if ballot.mine == wanted and done is None:
            return voted
        try:
            store.move(ballot, voter, done, now, wanted=wanted)
        except Stale:
            pause(attempt)
        else:
            return voted
    raise Unavailable


def _done(once: Once | None, voted: Voted, now: datetime) -> Done | None:
    return Done(once, json.dumps({"votes": voted.votes}), int(now.timestamp()) + KEPT_SECONDS) if once else None


def with_token(voted: Voted, token: str) -> Voted:
    """Return the answer carrying a newly minted reader token."""
    return replace(voted, reader=token)
