from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.article_rules import (
    FORM,
    HELP,
    MOST_TERMS,
    NONE,
    ArticleRules,
    FormRules,
    OwnRules,
    article_policy,
    closes_at,
    is_over,
    patched_rules,
)
from chalicelib.comments import PolicyFacts
from chalicelib.policy import DEFAULT, Policy, SharedRules, patched
from tests.samples import NOW

RATE = {"count": 5, "seconds": 60}
FULL = {
    "mode": "open",
    "trust_after": 9,
    "thresholds": {"hold": 60, "spam": 90},
    "limits": {"comments": {"reader": RATE, "network": RATE}},
    "require_consent": False,
    "max_length": 500,
    "challenge": "always",
    "reports_to_hide": 1,
    "close_after_days": 30,
    "edits": "keep",
    "help": {"title": "Help", "text": "Call.", "links": [], "beside_form": True},
    "languages": ["en", "pt-BR"],
}
"""All that an article may have of its own."""


def own(*patches: Any, site: Policy = DEFAULT) -> dict[str, Any]:
    """Return what differs after one patch after another."""
    rules = NONE
    for patch in patches:
        rules = patched_rules(rules, site, patch)
    return dict(rules.own)


def test_an_article_without_rules_is_as_the_site_says() -> None:
    site = patched(DEFAULT, FULL)
    assert NONE.policy(site) == site
    assert not NONE
    policy = article_policy(site, NONE, None)
    assert policy.model_dump(exclude={"allowed_terms", "own", "closes_at"}) == site.model_dump()
    assert (policy.allowed_terms, policy.own, policy.closes_at) == ([], {}, None)


def test_all_that_an_article_may_have_of_its_own_holds_there() -> None:
    rules = patched_rules(NONE, DEFAULT, FULL)
    assert dict(rules.own) == FULL
    assert set(FULL) == {*SharedRules.model_fields, "limits"}
    assert rules.policy(DEFAULT) == patched(DEFAULT, FULL)
    assert rules.for_forms == {name: FULL[name] for name in (*FORM, HELP)}


def test_an_articles_languages_take_the_place_of_the_sites() -> None:
    site = patched(DEFAULT, {"languages": ["en"]})
    assert patched_rules(NONE, site, {"languages": ["FR", "fr"]}).policy(site).languages == ["fr"]
    assert own({"languages": ["FR", "fr"]}) == {"languages": ["fr"]}
    assert patched_rules(NONE, site, {"languages": []}).policy(site).languages == []
    assert patched_rules(NONE, site, {"languages": None}).policy(site).languages == ["en"]


@pytest.mark.parametrize(
    ("site", "article", "shown"),
    [
        ({}, {}, None),
        ({"beside_form": True}, {}, "Site"),
        ({"beside_form": True}, {"beside_form": False}, None),
        ({"beside_form": True}, {"title": "Article"}, "Article"),
        ({}, {"title": "Article"}, None),
        ({}, {"beside_form": True}, "Site"),
        ({}, {"beside_form": True, "title": "Article"}, "Article"),
    ],
)
def test_help_stands_beside_the_form_where_the_policy_says_so(
    site: dict[str, Any], article: dict[str, Any], shown: str | None
) -> None:
    policy = patched(DEFAULT, {"help": {"title": "Site", **site}})
    rules = patched_rules(NONE, policy, {"help": article})
    facts = PolicyFacts.of(policy, FormRules(rules.for_forms), NOW)
    assert (facts.help and facts.help.title) == shown
    if facts.help:
        assert facts.help == rules.policy(policy).help.shown
        assert set(facts.help.model_dump()) == {"title", "text", "links"}


@pytest.mark.parametrize(
    ("patches", "expected"),
    [
        ([{"mode": "open"}, {"max_length": 9}], {"mode": "open", "max_length": 9}),
        ([{"mode": "open"}, {"mode": None}], {}),
        ([{"mode": None}], {}),
        ([FULL, dict.fromkeys(FULL)], {}),
        ([{"help": {"title": "Hello"}}, {"help": {"text": "You"}}], {"help": {"title": "Hello", "text": "You"}}),
        ([{"help": {"title": "Hello"}}, {"help": {"title": None}}], {}),
        ([{"help": {}}, {"limits": {}}, {"limits": {"comments": {"reader": {}}}}, {}], {}),
        ([{"help": {"links": []}}], {"help": {"links": []}}),
        ([{"mode": "premoderate"}], {"mode": "premoderate"}),
        # Whole, whatever the patch names of them.
        ([{"thresholds": {"hold": 90}}], {"thresholds": {"hold": 90, "spam": 100}}),
        ([{"thresholds": {"hold": 90}}, {"thresholds": {"hold": None}}], {"thresholds": {"hold": 50, "spam": 100}}),
        ([{"thresholds": {"hold": 90}}, {"thresholds": None}], {}),
        ([{"limits": {"comments": {"reader": {"count": 1}}}}],
         {"limits": {"comments": {"reader": {"count": 1, "seconds": 600}}}}),
        ([{"limits": {"comments": {"reader": RATE}}}, {"limits": {"comments": {"reader": None}}}], {}),
        ([{"limits": {"comments": {"reader": RATE, "network": RATE}}}, {"limits": {"comments": {"reader": None}}}],
         {"limits": {"comments": {"network": RATE}}}),
    ],
)  # fmt: skip
def test_a_patch_says_what_differs_and_null_is_as_the_site_says(patches: list[Any], expected: dict[str, Any]) -> None:
    assert own(*patches) == expected


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"mode": "anarchy"}, ("mode",)),
        ({"unknown": 1}, ("unknown",)),
        ({"reply_as": "We"}, ("reply_as",)),
        ({"own": {}}, ("own",)),
        ({"closes_at": None, "x": 1}, ("x",)),
        ({"limits": {"ratings": {"reader": RATE}}}, ("limits", "ratings")),
        ({"limits": {"votes": {}}}, ("limits", "votes")),
        ({"limits": {"comments": {"reader": {"count": 0}}}}, ("limits", "comments", "reader", "count")),
        ({"limits": {"comments": 5}}, ("limits", "comments")),
        ({"limits": []}, ("limits",)),
        ({"thresholds": {"hold": 101}}, ("thresholds", "spam")),
        ({"close_after_days": 0}, ("close_after_days",)),
        ({"max_length": 10_001}, ("max_length",)),
        ({"allowed_terms": "baclofen"}, ("allowed_terms",)),
        ({"allowed_terms": ["fine", " "]}, ("allowed_terms", 1)),
        ({"allowed_terms": ["two\nlines"]}, ("allowed_terms", 0)),
        ({"allowed_terms": ["x" * 101]}, ("allowed_terms", 0)),
        ({"allowed_terms": [str(number) for number in range(MOST_TERMS + 1)]}, ("allowed_terms",)),
        ([], ()),
        (None, ()),
        ("open", ()),
    ],
)  # fmt: skip
def test_what_makes_no_rules_is_refused_at_its_place(patch: Any, pointer: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        patched_rules(ArticleRules({"mode": "open"}), DEFAULT, patch)
    assert [error["loc"] for error in refused.value.errors()] == [pointer]


def test_terms_are_allowed_once_however_they_are_written() -> None:
    rules = patched_rules(NONE, DEFAULT, {"allowed_terms": ["Baclofen", "10 mg", "BACLOFEN", "\uff11\uff10 mg"]})
    assert rules.allowed == ("Baclofen", "10 mg")
    assert patched_rules(rules, DEFAULT, {"mode": "open"}).allowed == rules.allowed
    assert patched_rules(rules, DEFAULT, {"allowed_terms": ["pump"]}).allowed == ("pump",), "an array is replaced whole"
    assert not patched_rules(rules, DEFAULT, {"allowed_terms": None})


def test_what_the_site_changes_holds_wherever_nothing_else_was_said() -> None:
    rules = patched_rules(NONE, DEFAULT, {"mode": "open"})
    changed = rules.policy(patched(DEFAULT, {"mode": "closed", "max_length": 7}))
    assert (changed.mode, changed.max_length) == ("open", 7)


rates = st.none() | st.builds(lambda count, seconds: {"count": count, "seconds": seconds}, *[st.integers(1, 99)] * 2)
thresholds = st.tuples(st.integers(1, 99), st.integers(0, 99)).map(lambda two: {"hold": two[0], "spam": sum(two)})
patches = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["open", "trust", None]),
        "thresholds": thresholds,
        "limits": st.fixed_dictionaries({"comments": st.fixed_dictionaries({"reader": rates, "network": rates})}),
        "close_after_days": st.none() | st.integers(1, 9),
        "help": st.fixed_dictionaries({}, optional={"title": st.sampled_from(["a", None]), "links": st.just([])}),
    },
)


@given(patches, patches, patches)
def test_rules_hold_whatever_the_site_changes_later(before: Any, patch: Any, after: Any) -> None:
    rules = patched_rules(NONE, patched(DEFAULT, before), patch)
    changed = rules.policy(patched(DEFAULT, after))
    for name in rules.own.keys() - {"limits", "help"}:
        assert getattr(rules.policy(DEFAULT), name) == getattr(changed, name)
    assert patched_rules(rules, patched(DEFAULT, before), patch) == rules, "made twice is made once"
    assert OwnRules.model_validate({**rules.own}).model_fields_set == rules.own.keys()


def test_an_article_closes_days_after_its_first_rating_or_comment() -> None:
    ends = closes_at(30, NOW)
    assert ends == NOW + timedelta(days=30)
    assert closes_at(None, NOW) is closes_at(30, None) is None
    moment = timedelta(microseconds=1)
    assert [is_over(end, NOW) for end in (None, NOW + moment, NOW, NOW - moment)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("days_of_site", "rules", "mode"),
    [
        (None, {}, "premoderate"),
        (10, {}, "closed"),
        (11, {}, "premoderate"),
        (10, {"close_after_days": 11}, "premoderate"),
        (11, {"close_after_days": 10}, "closed"),
        (None, {"mode": "open"}, "open"),
        (None, {"mode": "closed"}, "closed"),
        (10, {"mode": "open"}, "closed"),
    ],
)
def test_a_form_is_told_the_mode_that_holds_now(days_of_site: int | None, rules: dict[str, Any], mode: str) -> None:
    site = patched(DEFAULT, {"close_after_days": days_of_site})
    assert PolicyFacts.of(site, FormRules(rules, NOW - timedelta(days=10)), NOW).mode == mode


def test_a_form_is_told_what_it_needs_of_an_articles_own_rules() -> None:
    rules = {"max_length": 7, "require_consent": False, "challenge": "always"}
    assert PolicyFacts.of(DEFAULT, FormRules(rules), NOW) == PolicyFacts("premoderate", 7, False, "always")
