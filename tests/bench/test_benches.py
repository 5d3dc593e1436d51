"""The benches run, print what they promise, and find units within their budgets; time is not judged here."""

import gc
import json
import math
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.capacity import BUDGETS
from bench.growth import UNITS_BUDGET
from bench.hostile import is_explained, spans_are_inside
from bench.timing import Spread, Work, take_turns
from chalicelib.spam import Verdict, judge, outside
from chalicelib.spam.finding import Finding, Thresholds
from tools.map import ROOT

CAPACITY = {
    "page_view_calls",
    "page_view_empty_rru",
    "page_view_20x500_rru",
    "rate_first_wru",
    "rate_change_wru",
    "rate_withdraw_wru",
    "rate_calls",
    "comment_pending_calls",
    "approve_calls",
    "counts_100_calls",
}
GROWTH = {
    *(
        f"{kind}_{what}_ratio"
        for kind in ("first_page", "middle_page", "queue_page", "queue_page_riskiest", "counts")
        for what in ("cpu", "rru")
    ),
    "rating_cpu_ratio",
    "rating_wru_ratio",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """How a bench ended, and what it printed."""

    code: int
    said: str
    complained: str

    @property
    def figures(self) -> Mapping[str, Any]:
        found = json.loads(self.said)
        assert found.keys() == {"figures", "how"}
        figures: Mapping[str, Any] = found["figures"]
        return figures


def bench(name: str, *options: str) -> Ran:
    command = [sys.executable, "-m", f"bench.{name}", *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return Ran(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture(scope="module")
def capacity(dynoxide_path: Path) -> Ran:
    return bench("capacity", "--json")


@pytest.fixture(scope="module")
def growth(dynoxide_path: Path) -> Ran:
    return bench("growth", "--json", "--sizes", "10,11,60", "--rounds", "2")


@pytest.fixture(scope="module")
def crowd(dynoxide_path: Path) -> Ran:
    return bench("crowd", "--json", "--writers", "12", "--runs", "4", "--conflicts", "0.4")


@pytest.fixture(scope="module")
def hostile() -> Ran:
    return bench("hostile", "--json", "--count", "300")


@pytest.fixture(scope="module")
def judged() -> Ran:
    return bench("judged", "--json")


@pytest.mark.parametrize("ran", ["capacity", "growth", "crowd", "hostile", "judged"])
def test_a_bench_prints_numbers_and_how_they_were_taken(ran: str, request: pytest.FixtureRequest) -> None:
    ended: Ran = request.getfixturevalue(ran)

    assert (ended.code, ended.complained) == (0, "")
    for name, value in ended.figures.items():
        assert isinstance(value, int | float), name
        assert math.isfinite(value), name


def test_capacity_holds_its_budgets(capacity: Ran) -> None:
    assert capacity.figures.keys() >= CAPACITY
    for budget in BUDGETS:
        assert budget.most is None or capacity.figures[budget.figure] <= budget.most, budget.figure


def test_units_do_not_grow_with_the_comments(growth: Ran) -> None:
    ratios = {name: value for name, value in growth.figures.items() if name.endswith("_ratio")}

    assert ratios.keys() >= GROWTH
    for name, value in ratios.items():
        assert value >= 1, name
        assert "_cpu_" in name or value == UNITS_BUDGET, name


def test_counting_what_waits_is_told_apart_from_the_queue_page(growth: Ran) -> None:
    assert growth.figures["queue_counts_rru_60"] > growth.figures["queue_counts_rru_10"]


def test_hostile_texts_are_judged_and_explained(hostile: Ran) -> None:
    assert hostile.figures["texts"] == 300
    for name in ("exceptions", "checks_failed", "spans_outside", "unexplained"):
        assert hostile.figures[name] == 0, name


def test_a_verdict_that_cannot_be_trusted_is_told() -> None:
    submission = outside({"text": "Buy now"})
    outside_it = Verdict(0, "publish", Thresholds(), (Finding("wording", 5, "Why.", ((3, 8),)),), None)
    no_words = Verdict(60, "hold", Thresholds(), (Finding("wording", 60, ""),), None)

    assert not spans_are_inside(outside_it, submission)
    assert not is_explained(no_words)
    assert not is_explained(replace(no_words, findings=()))
    assert is_explained(judge(submission))


def test_nobody_in_need_is_called_spam_and_most_are_heard(judged: Ran) -> None:
    figures = judged.figures

    assert figures["called_spam"] == 0
    assert figures["honest_held_without_a_reason"] == 0
    assert figures["honest_over_the_threshold"] <= 0.005
    assert figures["urgent_in_urgent_lane"] >= 0.75
    assert figures["right_reason"] >= 0.7
    assert figures["ordinary_flagged"] <= 0.03


def test_without_the_labelled_sets_spam_measures_cost_alone_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_SPAM_DATA", str(tmp_path))
    ended = bench("spam", "--json")

    assert ended.code == 3
    assert "labelled sets are absent" in ended.complained
    assert ended.figures.keys() == {"us_per_verdict", "us_per_verdict_first_round", "model_bytes", "import_ms"}
    assert ended.figures["model_bytes"] <= 3_000_000


@pytest.mark.parametrize("wrong", [("--sizes", "9,100"), ("--sizes", "many"), ("--rounds", "0")])
def test_growth_refuses_sizes_at_which_pages_would_differ_and_no_rounds(wrong: tuple[str, str]) -> None:
    ended = bench("growth", *wrong)

    assert ended.code == 2
    assert wrong[0] in ended.complained


def test_a_small_crowd_is_counted_exactly(crowd: Ran) -> None:
    assert crowd.figures["exact_runs"] == crowd.figures["runs"] == 4
    assert crowd.figures["attempts_per_rating"] > 1, "nothing collided"
    assert crowd.figures["times_spread"] >= 4


@pytest.mark.parametrize("wrong", [("--writers", "0"), ("--runs", "x"), ("--conflicts", "1"), ("--lost", "-0.1")])
def test_crowd_refuses_what_makes_no_crowd(wrong: tuple[str, str]) -> None:
    ended = bench("crowd", *wrong)

    assert ended.code == 2
    assert wrong[0] in ended.complained


def test_the_desk_asks_one_query_however_many_wait(dynoxide_path: Path, chromium_path: str) -> None:
    ended = bench("desk", "--json", "--sizes", "3,30", "--rounds", "1")

    assert (ended.code, ended.complained) == (0, "")
    for size in (3, 30):
        assert ended.figures[f"desk_queries_{size}"] == 1
        assert ended.figures[f"desk_calls_{size}"] == 2
        assert ended.figures[f"first_card_ms_{size}"] > 0, "no card was painted"


def test_a_report_for_people_holds_the_figures_against_their_budgets(dynoxide_path: Path) -> None:
    ended = bench("growth", "--sizes", "10,12", "--rounds", "1")

    assert "| first_page_rru_ratio | 1.000 | 1 | yes |" in ended.said
    assert "| queue_page | 12 |" in ended.said


def test_every_figure_that_the_page_names_in_full_is_there(capacity: Ran, growth: Ran) -> None:
    page = (ROOT / "bench" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+_(?:rru|wru|calls|ratio))`", page)

    assert named
    assert set(named) <= {*capacity.figures, *growth.figures, "first_card_ratio"}


def test_pieces_of_work_take_turns_and_the_collector_runs_again_afterwards() -> None:
    sent: list[str] = []
    group = {name: Work(partial(sent.append, name), partial(sent.append, "before")) for name in "ab"}

    (spreads,) = take_turns([group], 3, lambda _: sent.append("round"))

    rounds = " ".join(sent).split(" round")[:-1]
    assert {tuple(sorted(each.split())) for each in rounds} == {("a", "b", "before", "before")}
    assert spreads.keys() == {"a", "b"}
    assert gc.isenabled()


def test_a_spread_is_told_by_the_low_end_of_many_samples() -> None:
    assert Spread.of([number * 1_000_000 for number in range(101)]) == Spread(10, 25, 50, 75)
    assert Spread.of([2_500_000]) == Spread(2.5, 2.5, 2.5, 2.5)
