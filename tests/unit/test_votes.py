from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import sqrt
from typing import Any, cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.comments import Record, State
from chalicelib.errors import KeyReused, NotFound, Stale, Unavailable
from chalicelib.once import Done, Earlier, Once
from chalicelib.votes import ATTEMPTS, Ballot, Voted, VoteStore, Z, lower_bound, rank, vote, with_token
from tests.samples import NOW, once, record


def wilson(ups: int, votes: int) -> float:
    """Return the lower bound of the Wilson score interval as it is written in the literature, for any share."""
    share = ups / votes
    centre = share + Z * Z / (2 * votes)
    spread = Z * sqrt(share * (1 - share) / votes + Z * Z / (4 * votes * votes))
    return (centre - spread) / (1 + Z * Z / votes)


@pytest.mark.parametrize("votes", [1, 2, 3, 10, 100, 12_345, 10**6])
def test_the_bound_is_wilsons_for_votes_that_are_all_in_favour(votes: int) -> None:
    assert lower_bound(votes) == pytest.approx(wilson(votes, votes), rel=1e-9)


@pytest.mark.parametrize(
    ("votes", "bound", "place"),
    [(0, 0, 0), (1, 0.2065, 20), (2, 0.3424, 34), (5, 0.5655, 56), (10, 0.7225, 72), (100, 0.9630, 96)],
)
def test_known_bounds_and_their_places(votes: int, bound: float, place: int) -> None:
    assert lower_bound(votes) == pytest.approx(bound, abs=5e-5)
    assert rank(votes) == place


def test_more_votes_never_stand_lower_and_every_place_has_two_digits() -> None:
    places = [rank(votes) for votes in range(20_000)]
    assert places == sorted(places)
    assert (places[0], places[-1], rank(10**9)) == (0, 99, 99)


def moves_of(votes: range) -> int:
    return sum(rank(fewer) != rank(more) for fewer, more in pairwise(votes))


def test_the_more_votes_there_are_the_fewer_of_them_move_a_comment_on() -> None:
    assert moves_of(range(101)) < 40
    assert moves_of(range(20, 1001)) < 0.03 * 980


@dataclass
class Urn:
    """The votes for one comment: fulfils VoteStore."""

    record: Record | None = field(default_factory=lambda: record(state="approved"))
    voters: set[str] = field(default_factory=set)
    kept: dict[str, Earlier] = field(default_factory=dict)
    moves: int = 0
    trouble: list[Any] = field(default_factory=list)
    """What happens to the next writes: a call made before one, or an error raised after it."""

    def look(self, _comment_id: str, voter: str, once: Once | None, _now: object) -> Ballot:
        standing = self.record and replace(self.record, votes=len(self.voters))
        return Ballot(standing, voter in self.voters, self.kept.get(once.mark) if once else None)

    def move(self, ballot: Ballot, voter: str, done: Done | None, _now: object, *, wanted: bool) -> None:
        trouble = self.trouble.pop(0) if self.trouble else None
        if callable(trouble):
            trouble()
        if ballot != replace(self.look("", voter, None, NOW), earlier=ballot.earlier):
            raise Stale
        if done and done.once.mark in self.kept:
            raise Stale
        self.moves += ballot.mine != wanted
        (self.voters.add if wanted else self.voters.discard)(voter)
        if done:
            self.kept[done.once.mark] = Earlier(done.once.digest, done.answer)
        if isinstance(trouble, Exception):
            raise trouble


def voted(urn: Urn, voter: str = "ada", *, wanted: bool = True, key: Once | None = None) -> int:
    store = cast("VoteStore", urn)
    answer = vote(store, "id", voter, wanted=wanted, once=key, now=NOW, pause=lambda _attempt: None)
    assert answer.reader is None
    return answer.votes


def collide() -> None:
    raise Stale("TransactionConflict")


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=40))
def test_every_answer_counts_the_voters_and_nobody_twice(given: list[tuple[str, bool]]) -> None:
    urn, expected = Urn(), set[str]()
    for voter, wanted in given:
        (expected.add if wanted else expected.discard)(voter)
        assert voted(urn, voter, wanted=wanted) == len(expected)
    assert urn.voters == expected


@pytest.mark.parametrize("wanted", [True, False])
def test_twice_the_same_is_once(wanted: bool) -> None:  # noqa: FBT001 - pytest passes what differs
    urn = Urn(voters={"ben"} if wanted else {"ada", "ben"})
    answers = [voted(urn, wanted=wanted) for _ in range(3)]
    assert (len(set(answers)), urn.moves) == (1, 1)


@pytest.mark.parametrize("key", [None, once()])
@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("before", [set(), {"ada"}])
def test_a_vote_whose_answer_was_lost_counts_once(
    before: set[str],
    wanted: bool,  # noqa: FBT001 - as above
    key: Once | None,
) -> None:
    urn = Urn(voters={"ben", *before}, trouble=[Stale("unknown outcome")])
    assert voted(urn, wanted=wanted, key=key) == 1 + wanted
    assert urn.voters == ({"ben", "ada"} if wanted else {"ben"})
    assert urn.moves <= 1


def test_votes_that_meet_are_all_counted() -> None:
    urn = Urn()
    urn.trouble = [lambda: voted(urn, "ben"), lambda: voted(urn, "cy"), collide]
    assert voted(urn) == 3
    assert urn.voters == {"ada", "ben", "cy"}


def test_one_who_votes_twice_at_once_has_one_vote() -> None:
    urn = Urn()
    urn.trouble = [lambda: voted(urn)]
    assert voted(urn) == 1
    assert urn.moves == 1


def test_one_who_votes_and_takes_it_back_at_once_ends_with_either() -> None:
    urn = Urn()
    urn.trouble = [lambda: (voted(urn), voted(urn, wanted=False))]
    assert voted(urn) == len(urn.voters) == 1


def test_the_same_key_hears_the_first_answer() -> None:
    urn = Urn()
    first = voted(urn, key=once())
    voted(urn, "ben")
    voted(urn, wanted=False)
    assert voted(urn, key=once()) == first == 1
    assert urn.voters == {"ben"}
    with pytest.raises(KeyReused):
        voted(urn, wanted=False, key=once(digest="of another request"))


def test_a_key_is_remembered_although_the_vote_was_there_already() -> None:
    urn = Urn(voters={"ada"})
    assert voted(urn, key=once()) == 1
    assert (urn.moves, list(urn.kept)) == (0, [once().mark])
    voted(urn, wanted=False)
    assert voted(urn, key=once()) == 1
    assert urn.voters == set()


def test_the_same_key_hears_its_answer_though_the_comment_is_public_no_more() -> None:
    urn = Urn()
    first = voted(urn, key=once())
    urn.record = record(state="rejected")
    assert voted(urn, key=once()) == first


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("state", [None, *(state for state in get_args(State) if state != "approved")])
def test_nobody_votes_for_what_is_not_public(
    state: State | None,
    wanted: bool,  # noqa: FBT001 - as above
) -> None:
    urn = Urn(record(state=state) if state else None, voters={"ada"})
    with pytest.raises(NotFound) as refused:
        voted(urn, wanted=wanted, key=once())
    assert refused.value.detail == "There is no comment with this id here any more."
    assert (urn.voters, urn.kept) == ({"ada"}, {})


def test_a_comment_taken_down_in_between_takes_no_vote() -> None:
    urn = Urn()

    def reject() -> None:
        urn.record = record(state="rejected")

    urn.trouble = [reject]
    with pytest.raises(NotFound):
        voted(urn)
    assert urn.voters == set()


def test_a_comment_too_busy_is_refused_for_now() -> None:
    urn = Urn(trouble=[collide] * ATTEMPTS)
    with pytest.raises(Unavailable):
        voted(urn)
    assert urn.voters == set()


def test_a_new_reader_is_told_the_token() -> None:
    assert with_token(Voted(3), "token") == Voted(3, "token")
