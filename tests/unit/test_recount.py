from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Stale, Unavailable
from chalicelib.recount import (
    ATTEMPTS,
    CommentCount,
    Counted,
    Difference,
    Kept,
    Recounted,
    RecountStore,
    Shown,
    recount,
)


@dataclass
class Remark:
    """A public comment: who voted and reported, and what the table says of it."""

    voters: int = 0
    reporters: int = 0
    votes_kept: int | None = None
    votes_shown: int | None = None
    reports_kept: int | None = None
    version: int = 0

    def counted(self, name: str) -> CommentCount:
        return CommentCount(
            Shown(name, f"C#{name}~"),
            votes_kept=self.voters if self.votes_kept is None else self.votes_kept,
            votes_shown=self.voters if self.votes_shown is None else self.votes_shown,
            votes=self.voters,
            reports_kept=self.reporters if self.reports_kept is None else self.reports_kept,
            reports=self.reporters,
            version=str(self.version),
        )


@dataclass
class Ledger:
    """One article, with what is wrong about it: fulfils RecountStore but for the walk over all articles."""

    ratings: list[int] = field(default_factory=lambda: [0, 0, 1, 2, 3])
    remarks: dict[str, Remark] = field(default_factory=dict)
    off: dict[int, int] = field(default_factory=dict)
    """By how much a number of the histogram is wrong, by stars."""
    comments_off: int = 0
    stray: int = 0
    spread: bool = False
    version: int = 0
    repairs: list[str] = field(default_factory=list)
    settled: int = 0
    writers: dict[str, list[Callable[[], object]]] = field(default_factory=dict)
    """What others do right before the next calls of a method."""

    def key_of(self, article_id: str) -> str:
        return article_id

    def name_of(self, article: str) -> str:
        return article.upper()

    def kept(self, _article: str) -> Kept:
        self._others("kept")
        histogram = [often + self.off.get(stars, 0) for stars, often in enumerate(self.ratings, 1)]
        return Kept(histogram, len(self.remarks) + self.comments_off, self.stray, str(self.version), self.spread)

    def count(self, _article: str) -> Counted:
        self._others("count")
        return Counted(list(self.ratings), [Shown(name, f"C#{name}~") for name in self.remarks])

    def settle(self, _article: str) -> None:
        self._others("settle")
        self.settled += 1
        self.spread = False
        self.version += 1

    def repair(self, _article: str, kept: Kept, _counted: Counted) -> None:
        self._others("repair")
        if kept.version != str(self.version) or self.spread:
            raise Stale
        self.off, self.comments_off, self.stray = {}, 0, 0
        self.version += 1
        self.repairs.append("article")

    def count_comments(self, _article: str, shown: Sequence[Shown]) -> Iterator[CommentCount]:
        for each in shown:
            remark = self.remarks[each.id]
            before = remark.version
            self._others(f"count {each.id}")
            if remark.version == before:
                yield remark.counted(each.id)

    def repair_comment(self, _article: str, counted: CommentCount) -> None:
        self._others("repair_comment")
        remark = self.remarks[counted.shown.id]
        if counted.version != str(remark.version):
            raise Stale
        remark.votes_kept = remark.votes_shown = remark.reports_kept = None
        remark.version += 1
        self.repairs.append(counted.shown.id)

    def _others(self, moment: str) -> None:
        for act in self.writers.get(moment, [])[:1]:
            self.writers[moment].pop(0)
            act()

    def rate(self, stars: int) -> None:
        self.ratings[stars - 1] += 1
        self.version += 1

    def vote(self, name: str) -> None:
        remark = self.remarks[name]
        remark.voters += 1
        if remark.votes_kept is not None:
            remark.votes_kept += 1
        remark.version += 1


def counted(ledger: Ledger, *, repair: bool = False) -> Recounted:
    return recount(cast("RecountStore", ledger), "article", repair=repair, pause=lambda _attempt: None)


def always(act: Callable[[], object]) -> list[Callable[[], object]]:
    return [act] * (10 * ATTEMPTS)


@pytest.mark.parametrize("repair", [False, True])
def test_what_adds_up_is_exact_and_nothing_is_written(repair: bool) -> None:  # noqa: FBT001 - pytest passes what differs
    ledger = Ledger(remarks={"a": Remark(voters=3, reporters=1), "b": Remark()})
    assert counted(ledger, repair=repair) == Recounted("ARTICLE", 6, 2, "exact", ())
    assert (ledger.repairs, ledger.settled) == ([], 0)


def test_an_empty_article_is_exact() -> None:
    assert counted(Ledger(ratings=[0] * 5)) == Recounted("ARTICLE", 0, 0, "exact", ())


DAMAGE = [
    (Ledger(off={5: 1}), [Difference("ratings.5", None, 4, 3)]),
    (Ledger(off={1: -1, 3: 2}), [Difference("ratings.1", None, -1, 0), Difference("ratings.3", None, 3, 1)]),
    (Ledger(comments_off=-1, remarks={"a": Remark()}), [Difference("comments", None, 0, 1)]),
    (Ledger(stray=4), [Difference("shards", None, 4, 0)]),
    (Ledger(remarks={"a": Remark(voters=3, votes_kept=2)}), [Difference("votes", "a", 2, 3)]),
    (Ledger(remarks={"a": Remark(voters=3, votes_shown=5)}), [Difference("votes", "a", 5, 3)]),
    (Ledger(remarks={"a": Remark(voters=3, votes_kept=4, votes_shown=5)}), [Difference("votes", "a", 4, 3)]),
    (Ledger(remarks={"a": Remark(reporters=1, reports_kept=0)}), [Difference("reports", "a", 0, 1)]),
    (
        Ledger(
            off={2: 7}, remarks={"a": Remark(votes_kept=1, reports_kept=2), "b": Remark(), "c": Remark(votes_kept=3)}
        ),
        [
            Difference("ratings.2", None, 7, 0),
            Difference("votes", "a", 1, 0),
            Difference("reports", "a", 2, 0),
            Difference("votes", "c", 3, 0),
        ],
    ),
]


@pytest.mark.parametrize(("damaged", "expected"), DAMAGE, ids=range(len(DAMAGE)))
def test_all_that_differs_is_named_mended_when_asked_and_exact_from_then_on(
    damaged: Ledger, expected: list[Difference]
) -> None:
    ledger = deepcopy(damaged)
    for _ in range(2):
        found = counted(ledger)
        assert (found.outcome, found.differences) == ("different", tuple(expected))
        assert ledger.repairs == []
    mended = counted(ledger, repair=True)
    assert (mended.outcome, mended.differences) == ("repaired", tuple(expected))
    assert ledger.repairs == [*["article"] * any(each.comment_id is None for each in expected), *_comments(expected)]
    assert counted(ledger).outcome == counted(ledger, repair=True).outcome == "exact"


def _comments(expected: list[Difference]) -> list[str]:
    return list(dict.fromkeys(each.comment_id for each in expected if each.comment_id))


def test_a_count_during_which_somebody_rated_is_taken_again() -> None:
    ledger = Ledger()
    ledger.writers = {"count": [lambda: ledger.rate(5), lambda: ledger.rate(1)]}
    assert counted(ledger) == Recounted("ARTICLE", 8, 0, "exact", ())


@pytest.mark.parametrize("repair", [False, True])
def test_of_an_article_that_never_rests_nothing_is_said(repair: bool) -> None:  # noqa: FBT001 - as above
    ledger = Ledger(off={5: 1})
    ledger.writers = {"count": always(lambda: ledger.rate(5))}
    assert counted(ledger, repair=repair) == Recounted("ARTICLE", 0, 0, "busy", ())
    assert ledger.repairs == []


@pytest.mark.parametrize("repair", [False, True])
def test_a_comment_that_never_rests_leaves_the_others_counted(repair: bool) -> None:  # noqa: FBT001 - as above
    ledger = Ledger(remarks={"a": Remark(), "b": Remark(voters=2, votes_kept=9)})
    ledger.writers = {"count a": always(lambda: ledger.vote("a"))}
    found = counted(ledger, repair=repair)
    assert (found.outcome, found.differences) == ("busy", (Difference("votes", "b", 9, 2),))
    assert (found.ratings, found.comments) == (6, 2)
    assert ledger.repairs == (["b"] if repair else [])


def test_a_comment_voted_for_meanwhile_is_counted_again_and_no_other() -> None:
    ledger = Ledger(remarks={"a": Remark(votes_kept=1), "b": Remark()})
    ledger.writers = {"count b": [lambda: ledger.vote("b")] * 3}
    found = counted(ledger)
    assert (found.outcome, found.differences) == ("different", (Difference("votes", "a", 1, 0),))


def test_a_repair_that_meets_a_rating_is_made_again_with_that_rating() -> None:
    ledger = Ledger(off={5: 2})
    ledger.writers = {"repair": [lambda: ledger.rate(4), lambda: ledger.rate(4)]}
    found = counted(ledger, repair=True)
    assert found == Recounted("ARTICLE", 8, 0, "repaired", (Difference("ratings.5", None, 5, 3),))
    assert ledger.repairs == ["article"]
    assert counted(ledger).outcome == "exact"


def test_a_repair_that_meets_a_vote_is_made_again_with_that_vote() -> None:
    ledger = Ledger(remarks={"a": Remark(voters=1, votes_kept=5)})
    ledger.writers = {"repair_comment": [lambda: ledger.vote("a")]}
    found = counted(ledger, repair=True)
    assert (found.outcome, found.differences) == ("repaired", (Difference("votes", "a", 6, 2),))
    assert ledger.repairs == ["a"]


def test_a_repair_that_meets_writers_each_time_is_given_up() -> None:
    ledger = Ledger(off={5: 2})
    ledger.writers = {"repair": always(lambda: ledger.rate(4))}
    assert counted(ledger, repair=True).outcome == "busy"
    ledger = Ledger(remarks={"a": Remark(votes_kept=5)})
    ledger.writers = {"repair_comment": always(lambda: ledger.vote("a"))}
    assert counted(ledger, repair=True) == Recounted("ARTICLE", 6, 1, "busy", ())
    assert ledger.repairs == []


def test_a_tally_that_is_spread_is_counted_as_it_is_and_brought_together_only_to_be_mended() -> None:
    ledger = Ledger(spread=True)
    assert counted(ledger).outcome == "exact"
    assert (ledger.spread, ledger.settled) == (True, 0)
    ledger.off = {5: 1}
    assert counted(ledger).outcome == "different"
    assert (ledger.spread, ledger.settled) == (True, 0)
    assert counted(ledger, repair=True).outcome == "repaired"
    assert (ledger.spread, ledger.settled, ledger.repairs) == (False, 1, ["article"])


def test_a_tally_spread_anew_before_the_repair_is_brought_together_again() -> None:
    ledger = Ledger(off={5: 1})

    def spread() -> None:
        ledger.spread = True
        ledger.version += 1

    ledger.writers = {"repair": [spread, spread]}
    assert counted(ledger, repair=True).outcome == "repaired"
    assert (ledger.settled, ledger.spread) == (2, False)


def test_a_table_that_is_away_is_no_finding() -> None:
    ledger = Ledger()

    def away() -> None:
        raise Unavailable

    ledger.writers = {"count": [away]}
    with pytest.raises(Unavailable):
        counted(ledger)


small = st.integers(0, 5)
remarks = st.builds(
    Remark,
    voters=small,
    reporters=small,
    votes_kept=st.none() | small,
    votes_shown=st.none() | small,
    reports_kept=st.none() | small,
)
ledgers: Any = st.builds(
    Ledger,
    ratings=st.lists(small, min_size=5, max_size=5),
    remarks=st.dictionaries(st.sampled_from("abcd"), remarks),
    off=st.dictionaries(st.integers(1, 5), st.integers(-2, 2)),
    comments_off=st.integers(-2, 2),
    stray=small,
)


@given(ledgers)
def test_whatever_is_wrong_a_repair_makes_it_exact(ledger: Ledger) -> None:
    found = counted(ledger)
    assert (found.outcome == "exact") == (not found.differences)
    mended = counted(ledger, repair=True)
    assert mended.differences == found.differences
    assert mended.outcome == ("repaired" if found.differences else "exact")
    assert counted(ledger).outcome == "exact"
