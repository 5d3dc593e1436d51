"""Recount: hold what the table says of an article against every rating, comment, vote and report, and mend it.

Nothing is locked. A count holds when nothing moved while it was taken, which versions tell; otherwise it is taken
again. A repair is tied to the same versions, so it never overwrites what happened in between.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from chalicelib.errors import Stale
from chalicelib.ratings import STARS

ATTEMPTS = 12

Outcome = Literal["exact", "different", "repaired", "busy"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that is not what was counted; `what` is `ratings.5`, `comments`, `shards`, `votes` or `reports`."""

    what: str
    comment_id: str | None
    kept: int
    counted: int


@dataclass(frozen=True, slots=True)
class Recounted:
    """What a recount of one article found: how much was counted, and what differed.

    `article` is the article's id, or its key where the id is too long to stand in keys. `busy`: somebody was always
    writing, so nothing can be said.
    """

    article: str
    ratings: int
    comments: int
    outcome: Outcome
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the table says of an article; `stray` is what shards hold that nobody would read."""

    histogram: Sequence[int]
    comments: int
    stray: int
    version: str
    is_spread: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A comment on the public page."""

    id: str
    sort_key: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted: how often one star, two, ... five, and the public comments."""

    histogram: Sequence[int]
    comments: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class CommentCount:
    """What the table says of a comment's votes, beside them and on the page, and of its reports; and what was counted.

    `version` changes with any of these.
    """

    shown: Shown
    votes_kept: int
    votes_shown: int
    votes: int
    reports_kept: int
    reports: int
    version: str

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What differs; the page's copy of the votes counts as the votes."""
        found = []
        if not self.votes_kept == self.votes_shown == self.votes:
            wrong = self.votes_kept if self.votes_kept != self.votes else self.votes_shown
            found.append(Difference("votes", self.shown.id, wrong, self.votes))
        if self.reports_kept != self.reports:
            found.append(Difference("reports", self.shown.id, self.reports_kept, self.reports))
        return tuple(found)


class RecountStore(Protocol):
    """What a recount reads and mends. An `article` is a key that `key_of` or `articles` gave."""

    def key_of(self, article_id: str) -> str:
        """Return the article as it stands in keys."""
        ...

    def name_of(self, article: str) -> str:
        """Return the article's id, or its key where the id is not in it."""
        ...

    def articles(self, seen: Callable[[int], None]) -> Iterator[str]:
        """Yield every article with ratings or comments; `seen` is told how many items were looked at."""
        ...

    def kept(self, article: str) -> Kept:
        """Return what the table says of an article, as it is now."""
        ...

    def count(self, article: str) -> Counted:
        """Count every rating and every public comment."""
        ...

    def settle(self, article: str) -> None:
        """Move what shards hold into the summary, if nobody is in the way."""
        ...

    def repair(self, article: str, kept: Kept, counted: Counted) -> None:
        """Make the table say what was counted. Raises Stale when it does not say what it said before."""
        ...

    def count_comments(self, article: str, shown: Sequence[Shown]) -> Iterator[CommentCount]:
        """Count the votes and reports of comments, leaving out those that moved meanwhile."""
        ...

    def repair_comment(self, article: str, counted: CommentCount) -> None:
        """Make the table say what was counted of a comment. Raises Stale when that has moved."""
        ...


def recount(store: RecountStore, article: str, *, repair: bool, pause: Callable[[int], None]) -> Recounted:
    """Count one article and say what differs; with `repair`, mend it. Raises Unavailable."""
    tally = _tally(store, article, repair=repair, pause=pause)
    if tally is None:
        return Recounted(store.name_of(article), 0, 0, "busy", ())
    counted, found = tally
    busy, more = _comments(store, article, counted.comments, repair=repair, pause=pause)
    found += more
    outcome: Outcome = "busy" if busy else "exact" if not found else "repaired" if repair else "different"
    return Recounted(store.name_of(article), sum(counted.histogram), len(counted.comments), outcome, found)


def _tally(
    store: RecountStore, article: str, *, repair: bool, pause: Callable[[int], None]
) -> tuple[Counted, tuple[Difference, ...]] | None:
    """Return what was counted and what differed, mended if asked; None when somebody was always writing."""
    for attempt in range(ATTEMPTS):
        kept = store.kept(article)
        if repair and kept.is_spread:
            store.settle(article)
            kept = store.kept(article)
        counted = store.count(article)
        if store.kept(article).version == kept.version:
            found = _differences(kept, counted)
            if not (repair and found) or _mended(store, article, kept, counted):
                return counted, found
        pause(attempt)
    return None


def _mended(store: RecountStore, article: str, kept: Kept, counted: Counted) -> bool:
    try:
        store.repair(article, kept, counted)
    except Stale:
        return False
    return True


def _differences(kept: Kept, counted: Counted) -> tuple[Difference, ...]:
    ratings = zip(STARS, kept.histogram, counted.histogram, strict=True)
    pairs = [
        *(Difference(f"ratings.{stars}", None, was, is_) for stars, was, is_ in ratings),
        Difference("comments", None, kept.comments, len(counted.comments)),
        Difference("shards", None, kept.stray, 0),
    ]
    return tuple(each for each in pairs if each.kept != each.counted)


def _comments(
    store: RecountStore, article: str, shown: Sequence[Shown], *, repair: bool, pause: Callable[[int], None]
) -> tuple[bool, tuple[Difference, ...]]:
    """Return whether some comment could not be counted, and what differed in the others, mended if asked."""
    left = {each.id: each for each in shown}
    found: list[Difference] = []
    for attempt in range(ATTEMPTS):
        for counted in store.count_comments(article, list(left.values())):
            if repair and counted.differences and not _comment_mended(store, article, counted):
                continue
            del left[counted.shown.id]
            found += counted.differences
        if not left:
            return False, tuple(found)
        pause(attempt)
    return True, tuple(found)


def _comment_mended(store: RecountStore, article: str, counted: CommentCount) -> bool:
    try:
        store.repair_comment(article, counted)
    except Stale:
        return False
    return True
