import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.finding import Finding, Thresholds, Verdict, weigh

DEFAULT = Thresholds()
FINDINGS = st.lists(
    st.builds(
        Finding,
        check=st.sampled_from(["links", "terms"]),
        points=st.integers(-200, 200),
        message=st.text(),
        spans=st.lists(st.tuples(st.integers(0, 9), st.integers(10, 20))).map(tuple),
        lane=st.sampled_from([None, None, None, "pending", "urgent"]),
    )
)


def finding(points: int, lane: str | None = None) -> Finding:
    return Finding("links", points, "Two links.", lane=lane)


@pytest.mark.parametrize(
    ("points", "outcome"),
    [
        ([], "publish"),
        ([49], "publish"),
        ([50], "hold"),
        ([49, 50], "hold"),
        ([50, 50], "spam"),
        ([100], "spam"),
        ([100, -60], "publish"),
        ([-10], "publish"),
    ],
)
def test_the_sum_is_held_against_the_thresholds(points: list[int], outcome: str) -> None:
    verdict = weigh(map(finding, points), DEFAULT)
    assert verdict.outcome == outcome
    assert verdict.score == max(0, sum(points))


@pytest.mark.parametrize("points", [-500, 0, 50, 100, 500])
def test_what_is_urgent_goes_to_a_person_and_nowhere_else(points: int) -> None:
    assert weigh([finding(points), finding(0, "urgent")], DEFAULT).outcome == "hold"


@pytest.mark.parametrize(("points", "outcome"), [(-500, "hold"), (0, "hold"), (100, "spam")])
def test_what_a_person_must_decide_is_never_published_by_rule(points: int, outcome: str) -> None:
    assert weigh([finding(points), finding(0, "pending")], DEFAULT).outcome == outcome


def test_the_owners_thresholds_count() -> None:
    assert weigh([finding(10)], Thresholds(hold=10, spam=20)).outcome == "hold"
    assert weigh([finding(20)], Thresholds(hold=10, spam=20)).outcome == "spam"
    assert weigh([finding(100)], Thresholds(hold=200, spam=300)).outcome == "publish"
    assert (DEFAULT.hold, DEFAULT.spam) == (50, 100)


@given(FINDINGS)
def test_the_order_of_findings_changes_nothing(findings: list[Finding]) -> None:
    one, other = weigh(findings, DEFAULT), weigh(reversed(findings), DEFAULT)
    assert (one.score, one.outcome) == (other.score, other.outcome)


@given(FINDINGS, st.integers(0, 300))
def test_one_more_thing_against_a_comment_never_helps_it(findings: list[Finding], points: int) -> None:
    rank = ["publish", "hold", "spam"].index
    before, after = weigh(findings, DEFAULT), weigh([*findings, finding(points)], DEFAULT)
    assert after.score >= before.score
    assert rank(after.outcome) >= rank(before.outcome)


@given(FINDINGS, st.none() | st.text())
def test_a_verdict_comes_back_from_json_as_it_was(findings: list[Finding], model: str | None) -> None:
    weighed = weigh(findings, DEFAULT)
    verdict = Verdict(weighed.score, weighed.outcome, weighed.thresholds, weighed.findings, model)
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()), parse_int=Decimal)) == verdict


def test_the_shape_of_a_verdict() -> None:
    found = Finding("links", 50, "Three links.", ((0, 5), (7, 9)))
    assert weigh([found], DEFAULT).to_json() == {
        "score": 50,
        "outcome": "hold",
        "thresholds": {"hold": 50, "spam": 100},
        "findings": [
            {
                "check": "links",
                "points": 50,
                "message": "Three links.",
                "spans": [[0, 5], [7, 9]],
                "lane": None,
            }
        ],
        "model": None,
        "remedy": None,
    }
