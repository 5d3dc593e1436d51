"""The smallest change that would have made a verdict milder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.finding import SAFETY, Finding, Thresholds, Verdict, weigh
from chalicelib.spam.remedy import MOST_LOOKED_AT

LIMITS = Thresholds()
LINKS, PHONE, EMAIL, PRICES = "the links", "the phone number", "the email address", "the prices"


def found(points: int, without: str | None = None, lane: str | None = None, check: str = "links") -> Finding:
    return Finding(check, points, "Something.", lane=lane, without=without)


@pytest.mark.parametrize(
    ("findings", "remedy"),
    [
        ([], None),
        ([found(49, LINKS)], None),
        ([found(50)], None),
        ([found(50, LINKS)], "Would pass without the links."),
        ([found(40, LINKS), found(40)], "Would pass without the links."),
        ([found(40, LINKS), found(60)], "Would be held, not spam, without the links."),
        ([found(30, LINKS), found(130)], None),
        ([found(60, LINKS), found(45, PHONE)], "Would pass without the links."),
        ([found(60, LINKS), found(60, PHONE)], "Would be held, not spam, without the links."),
        ([found(30, LINKS), found(25, PHONE), found(10)], "Would pass without the phone number."),
        ([found(40, LINKS), found(40, PHONE), found(40)], "Would be held, not spam, without the links."),
        (
            [found(30, LINKS), found(30, PHONE), found(90)],
            "Would be held, not spam, without the links and the phone number.",
        ),
        ([found(30, LINKS), found(30, PHONE), found(45)], "Would be held, not spam, without the links."),
        (
            [found(25, LINKS), found(25, PHONE), found(25, EMAIL), found(80)],
            "Would be held, not spam, without the links, the phone number and the email address.",
        ),
        (
            [found(20, LINKS), found(20, PHONE), found(20, EMAIL), found(20, PRICES), found(70)],
            "Would be held, not spam, without the links, the phone number and the email address.",
        ),
        ([found(15, LINKS), found(15, PHONE), found(15, EMAIL), found(15, PRICES), found(90)], None),
        ([found(30, LINKS), found(30, LINKS)], "Would pass without the links."),
        ([found(80, LINKS), found(-20)], "Would pass without the links."),
        ([found(-20, LINKS), found(60)], None),
    ],
)
def test_the_smallest_change_for_a_milder_outcome(findings: list[Finding], remedy: str | None) -> None:
    assert weigh(findings, LIMITS).remedy == remedy


@pytest.mark.parametrize("lane", ["urgent", "pending"])
def test_what_is_for_a_person_stays_so_whatever_else_is_left_out(lane: str) -> None:
    assert weigh([found(0, None, lane), found(60, LINKS)], LIMITS).remedy is None
    assert weigh([found(0, None, lane), found(0, LINKS)], LIMITS).remedy is None


def test_a_lane_that_its_author_can_leave_out_can_be_remedied() -> None:
    personal = found(0, PHONE, "pending", "pii")
    assert weigh([personal], LIMITS).remedy == "Would pass without the phone number."
    assert weigh([personal, found(60)], LIMITS).remedy is None, "it would still be held"
    both = weigh([personal, found(60, LINKS)], LIMITS)
    assert both.remedy == "Would pass without the phone number and the links."
    assert weigh([personal, found(120)], LIMITS).remedy is None, "without it, it would be spam"


def test_the_owners_thresholds_count() -> None:
    assert weigh([found(10, LINKS)], Thresholds(hold=10, spam=20)).remedy == "Would pass without the links."
    assert weigh([found(60, LINKS)], Thresholds(hold=70, spam=80)).remedy is None


def test_of_many_things_those_that_weigh_most_are_looked_at() -> None:
    many = [found(1, f"thing {number}") for number in range(45)]
    assert weigh([*many, found(60, LINKS)], LIMITS).remedy == "Would pass without the links."
    assert len(many) > MOST_LOOKED_AT


@pytest.mark.parametrize("check", SAFETY)
@pytest.mark.parametrize("points", [0, 100, 500])
def test_what_safety_finds_is_never_called_spam(check: str, points: int) -> None:
    lane = {"adverse": None}.get(check, "pending")
    verdict = weigh([found(points), found(0, lane=lane, check=check)], LIMITS)
    assert verdict.outcome == ("hold" if lane else "spam" if points else "publish")


@given(
    st.lists(
        st.builds(
            found,
            st.integers(-60, 120),
            st.sampled_from([None, LINKS, PHONE, EMAIL, PRICES]),
            st.sampled_from([None, None, None, "pending", "urgent"]),
            st.sampled_from(["links", "pii"]),
        ),
        max_size=8,
    )
)
def test_a_remedy_does_what_it_says(findings: list[Finding]) -> None:
    verdict = weigh(findings, LIMITS)
    if verdict.remedy is None:
        return
    left = [each for each in findings if not (each.without and each.without in verdict.remedy and _counts(each))]
    milder = weigh(left, LIMITS).outcome
    assert milder == ("publish" if verdict.remedy.startswith("Would pass") else "hold")
    assert ["publish", "hold", "spam"].index(milder) < ["publish", "hold", "spam"].index(verdict.outcome)


def _counts(finding: Finding) -> bool:
    return finding.points > 0 or bool(finding.lane)


def test_a_remedy_is_kept_with_the_verdict() -> None:
    verdict = weigh([found(60, LINKS)], LIMITS)
    kept = verdict.to_json()
    assert kept["remedy"] == "Would pass without the links."
    assert "without" not in kept["findings"][0]
    assert Verdict.from_json(kept).remedy == verdict.remedy
    assert Verdict.from_json({**kept, "remedy": None}).remedy is None
    del kept["remedy"]
    assert Verdict.from_json(kept).remedy is None
