from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audit import BY_AUTHOR, BY_REPORTS, Circumstances, Decision, Entry
from chalicelib.ids import order_id
from chalicelib.stats import ARTICLES, Figures, Waits, figures, midnight, quantile, span

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 22)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ACTIONS = ("approve", "reject", "spam", "restore", "delete")


def entry(action: str = "approve", at: datetime = NOON, **about: Any) -> Entry:
    facts: Circumstances | None = Circumstances(
        about.get("article", "article"), "hold", 60, tuple(about.get("checks", ())), about.get("waited")
    )
    made: Any = {
        "id": order_id(at, about.get("number", 0)),
        "comment_id": "c",
        "action": action,
        "from_": None if action == "submit" else "pending",
        "to": about.get("to"),
        "revision": 1,
        "by": about.get("by", "ann"),
        "at": at,
        "undone": about.get("undone", False),
    }
    return Entry.after(None, Decision(**made), None if about.get("unknown") else facts)


def of(*entries: Entry) -> Figures:
    return figures(entries, FIRST, LAST)


def day(found: Figures, number: int = 1) -> dict[str, int]:
    names = [name for name in type(found.days[0]).__dataclass_fields__ if name != "date"]
    return {name: value for name in names if (value := getattr(found.days[number], name))}


def test_days_without_anything_are_there_with_zeros() -> None:
    found = of()
    assert [each.date for each in found.days] == [FIRST, date(2026, 11, 21), LAST]
    assert [day(found, number) for number in range(3)] == [{}, {}, {}]
    assert (found.time_to_decision, found.checks, found.moderators, found.articles) == (
        Waits(0, None, None),
        [],
        [],
        [],
    )


@pytest.mark.parametrize(
    ("action", "about", "counts"),
    [
        ("submit", {"to": "approved"}, {"submitted": 1, "published": 1}),
        ("submit", {"to": "pending"}, {"submitted": 1, "held": 1}),
        ("submit", {"to": "spam"}, {"submitted": 1, "spam": 1}),
        ("submit", {"to": None}, {"submitted": 1}),
        ("approve", {}, {"approved": 1}),
        ("reject", {}, {"rejected": 1}),
        ("spam", {}, {"marked_spam": 1}),
        ("delete", {}, {"deleted": 1}),
        ("restore", {}, {"restored": 1}),
        ("edit", {"by": BY_AUTHOR}, {"edited": 1}),
        ("hide", {"by": BY_REPORTS}, {"reported_hidden": 1}),
        ("appeal", {"by": BY_AUTHOR}, {"appealed": 1}),
        ("approve", {"undone": True}, {"undone": 1}),
        ("undo", {}, {}),
        ("policy", {}, {}),
        ("view", {}, {}),
        ("note", {}, {}),
        ("claim", {}, {}),
        ("reply", {}, {}),
    ],
)
def test_what_happened_counts_on_its_day(action: str, about: dict[str, Any], counts: dict[str, int]) -> None:
    assert day(of(entry(action, **about))) == counts


def test_a_day_is_one_of_utc_and_what_lies_outside_is_left_out() -> None:
    edges = [
        datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 20, tzinfo=UTC),
        datetime(2026, 11, 22, 23, 59, 59, 999_000, tzinfo=UTC),
        datetime(2026, 11, 23, tzinfo=UTC),
    ]
    found = of(*(entry(at=at) for at in edges))
    assert [each.approved for each in found.days] == [1, 0, 1]
    assert found.moderators[0].decisions == 2


def test_what_was_undone_counts_nowhere_but_as_undone() -> None:
    found = of(entry("reject", undone=True, waited=5, checks=("links",)))
    assert (found.time_to_decision.count, found.checks, found.moderators, found.articles) == (0, [], [], [])


def test_authors_and_readers_are_no_moderators() -> None:
    found = of(entry("delete", by=BY_AUTHOR, waited=9), entry("hide", by=BY_REPORTS), entry("delete", by="ben"))
    assert [(each.name, each.decisions) for each in found.moderators] == [("ben", 1)]
    assert found.time_to_decision.count == 0


@pytest.mark.parametrize(
    ("values", "median", "ninth"),
    [([], None, None), ([7], 7, 7), ([1, 2], 1, 2), ([1, 2, 3], 2, 3), (list(range(1, 11)), 5, 9), ([5] * 3, 5, 5)],
)
def test_a_quantile_is_the_least_value_that_so_many_do_not_exceed(
    values: list[int], median: int | None, ninth: int | None
) -> None:
    assert (quantile(values, 50), quantile(values, 90)) == (median, ninth)
    found = of(*(entry(waited=value) for value in reversed(values)))
    assert found.time_to_decision == Waits(len(values), median, ninth)


def test_a_check_disagrees_with_who_approves_and_no_check_with_who_rejects() -> None:
    found = of(
        *(entry("submit", to="pending", checks=checks) for checks in (("links",), ("links", "terms"), ())),
        entry("approve", checks=("links",)),
        entry("reject", checks=("links", "terms")),
        entry("spam", checks=()),
        entry("approve", checks=()),
        entry("delete", checks=("links",)),
        entry("reject", unknown=True),
    )
    told = {each.check: (each.fired, each.decided, each.disagreed) for each in found.checks}
    assert told == {"links": (2, 2, 1), "none": (1, 2, 1), "terms": (1, 1, 0)}
    assert [each.check for each in found.checks] == ["links", "none", "terms"]


def test_the_ten_articles_with_the_most_submissions_are_told() -> None:
    entries = [
        entry("submit", article=f"a{number:02d}", to="approved") for number in range(12) for _ in range(number + 1)
    ]
    found = of(*entries, entry("reject", article="a11"), entry("spam", article="a11"), entry("approve", article="a11"))
    assert len(found.articles) == ARTICLES
    top = found.articles[0]
    assert (top.article_id, top.submitted, top.approved, top.rejected, top.spam) == ("a11", 12, 13, 1, 1)
    assert found.articles[-1].article_id == "a02"


def test_a_span_ends_today_and_a_day_begins_at_midnight() -> None:
    assert span(1, NOON) == (NOON.date(), NOON.date())
    assert span(90, NOON) == (date(2026, 8, 24), NOON.date())
    assert midnight(LAST) == datetime(2026, 11, 22, tzinfo=UTC)


histories = st.lists(
    st.builds(
        lambda action, hours, **about: entry(action, NOON + timedelta(hours=hours), **about),
        st.sampled_from(["submit", *ACTIONS, "edit", "hide", "appeal", "undo", "view"]),
        st.integers(-60, 60),
        to=st.sampled_from(["approved", "pending", "spam"]),
        by=st.sampled_from(["ann", "ben", BY_AUTHOR, BY_REPORTS]),
        undone=st.booleans(),
        waited=st.none() | st.integers(0, 9),
        checks=st.sets(st.sampled_from(["links", "terms", "trap"])).map(sorted),
        article=st.sampled_from("abc"),
        unknown=st.booleans(),
    ),
    max_size=40,
)


@given(histories)
def test_figures_are_those_that_counting_one_by_one_gives(entries: list[Entry]) -> None:
    found = figures(entries, FIRST, LAST)
    names = {
        "approved": "approve",
        "rejected": "reject",
        "marked_spam": "spam",
        "deleted": "delete",
        "restored": "restore",
        "edited": "edit",
        "reported_hidden": "hide",
        "appealed": "appeal",
        "submitted": "submit",
    }
    beginnings = {"published": "approved", "held": "pending", "spam": "spam"}
    known = [each for each in entries if FIRST <= each.decision.at.date() <= LAST]
    for each in found.days:
        today = [one.decision for one in known if one.decision.at.date() == each.date]
        for name, action in names.items():
            assert getattr(each, name) == sum(1 for one in today if one.action == action and not one.undone)
        for name, to in beginnings.items():
            begun = [one for one in today if one.action == "submit" and one.to == to and not one.undone]
            assert getattr(each, name) == len(begun)
        assert each.undone == sum(1 for one in today if one.undone)
    decided = [
        one
        for one in known
        if one.decision.action in ACTIONS and one.decision.by in {"ann", "ben"} and not one.decision.undone
    ]
    told = {each.name: each.decisions for each in found.moderators}
    assert told == Counter(one.decision.by for one in decided)
    waited = [one.circumstances.waited for one in decided if one.circumstances]
    times = sorted(each for each in waited if each is not None)
    assert found.time_to_decision.count == len(times)
    for share, value in ((0.5, found.time_to_decision.median), (0.9, found.time_to_decision.p90)):
        assert (value is None) == (not times)
        if value is not None:
            assert sum(1 for each in times if each <= value) >= share * len(times)
            assert sum(1 for each in times if each < value) < share * len(times)
    submitted = [one for one in known if one.decision.action == "submit" and not one.decision.undone]
    for check in ("links", "terms", "trap", "none"):
        holds = [
            one
            for one in decided
            if one.circumstances
            and one.decision.action in {"approve", "reject", "spam"}
            and (check in one.circumstances.checks or (check == "none" and not one.circumstances.checks))
        ]
        fired = [
            one
            for one in submitted
            if one.circumstances
            and (check in one.circumstances.checks or (check == "none" and not one.circumstances.checks))
        ]
        against = [one for one in holds if (one.decision.action == "approve") != (check == "none")]
        row = next((each for each in found.checks if each.check == check), None)
        if row is None:
            assert (holds, fired) == ([], [])
        else:
            assert (row.fired, row.decided, row.disagreed) == (len(fired), len(holds), len(against))
    for article in found.articles:
        theirs = [
            one.decision
            for one in [*submitted, *decided]
            if one.circumstances and one.circumstances.article_id == article.article_id
        ]
        assert article.submitted == sum(1 for one in theirs if one.action == "submit")
        assert article.rejected == sum(1 for one in theirs if one.action == "reject")
        assert article.spam == sum(
            1 for one in theirs if one.action == "spam" or (one.action == "submit" and one.to == "spam")
        )
