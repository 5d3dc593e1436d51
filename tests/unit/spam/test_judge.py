import importlib
import logging
import pkgutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import spam
from chalicelib.spam import CHECKS, Facts, Finding, FormTime, Submission, Term, Thresholds, judge, safety
from chalicelib.spam.prior import Reason
from tests.unit.spam.submissions import submission

ANY = st.text(st.characters(exclude_categories=()))  # lone surrogates, astral, combining
URGENT = Facts(terms=(Term("overdose", "urgent"),))
MAYBE = st.none() | ANY
SUBMISSIONS = st.builds(
    Submission,
    text=ANY,
    name=MAYBE,
    email=MAYBE,
    website=MAYBE,
    form=st.builds(FormTime, st.sampled_from(["absent", "forged", "genuine"]), st.none() | st.floats(allow_nan=False)),
    trap=ANY,
    facts=st.builds(
        Facts,
        repeats=st.integers(0, 9),
        blocked=st.lists(st.sampled_from(["author", "email"])).map(tuple),
        terms=st.lists(st.builds(Term, ANY, st.sampled_from(["hold", "spam", "urgent", "allow"])), max_size=4).map(
            tuple
        ),
        failed=st.lists(st.sampled_from(["repeats", "blocks"])).map(tuple),
    ),
)


CERTAIN = tuple(
    check for check in CHECKS if check.__name__ in {"trap", "form_time", "links", "blocks", "terms", "duplicates"}
)
"""Checks whose findings do not hang on what the prior was made from."""


def reads_like_spam(_submission: Submission) -> Finding:
    return Finding("wording", 110, "Reads like spam.")


def broken(submission: Submission) -> Finding | None:
    raise ValueError(submission.text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Thank you, this helped me understand my medicine.", "Ann"),
        ("I take 10 mg of baclofen three times a day. Is that much?", None),
        ("谢谢。这篇文章对我很有帮助。", "王芳"),
        ("شكرا جزيلا", "ليلى"),
        ("👍", None),
        ("My doctor pointed me to https://www.nhs.example/baclofen and it says the same as this page.", "B."),
    ],
)
def test_an_honest_comment_would_be_published(text: str, name: str | None) -> None:
    assert judge(submission(text, name=name), Thresholds()).outcome == "publish"


@pytest.mark.parametrize(
    ("guilty", "outcome", "checks"),
    [
        (submission(trap="x"), "spam", ["trap"]),
        (submission(facts=Facts(blocked=("author",))), "spam", ["blocks"]),
        (submission("Buy https://a.example https://b.example https://c.example"), "hold", ["links"]),
        (submission("cheap pills", facts=Facts(terms=(Term("pills", "hold"),))), "hold", ["terms"]),
        (
            submission(form=FormTime("forged"), facts=Facts(repeats=3)),
            "spam",
            ["form_time", "duplicates"],
        ),
        (submission("an overdose", facts=URGENT), "hold", ["terms"]),
        (submission("an overdose", trap="x", facts=URGENT), "hold", ["trap", "terms"]),
    ],
)
def test_a_guilty_comment_is_not_published(guilty: Submission, outcome: str, checks: list[str]) -> None:
    verdict = judge(guilty, Thresholds(), CERTAIN)
    assert verdict.outcome == outcome
    assert [found.check for found in verdict.findings if found.points >= 0] == checks
    assert all(found.message.endswith(".") for found in verdict.findings)


@pytest.mark.parametrize("thresholds", [Thresholds(), Thresholds(hold=7, spam=9), Thresholds(hold=900, spam=1000)])
def test_a_check_that_breaks_means_a_person_decides(thresholds: Thresholds, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        verdict = judge(submission("a secret text"), thresholds, checks=(broken, *CERTAIN))
    assert verdict.outcome == "hold"
    assert verdict.findings[0].check == "broken"
    assert verdict.findings[0].message == "This check failed, so a person decides."
    assert "broken" in caplog.text
    assert "secret" not in caplog.text


def test_the_other_checks_still_speak_when_one_breaks() -> None:
    verdict = judge(submission(trap="x"), checks=(broken, *CHECKS))
    assert [found.check for found in verdict.findings] == ["broken", "trap"], "nothing speaks against a trap"
    assert verdict.outcome == "spam"


def test_a_fact_that_could_not_be_gathered_means_a_person_decides() -> None:
    verdict = judge(submission("Thanks.", facts=Facts(failed=("repeats",))))
    assert verdict.outcome == "hold"
    assert verdict.findings[0].check == "repeats"
    assert "repeats" in verdict.findings[0].message


@given(SUBMISSIONS)
def test_any_comment_gets_a_verdict_whose_spans_lie_in_the_text(sent: Submission) -> None:
    verdict = judge(sent)
    for found in verdict.findings:
        assert found.message != "This check failed, so a person decides."
        assert all(0 <= start < end <= len(sent.text) for start, end in found.spans if sent.text)
    if sent.facts.failed or sent.trap:
        assert verdict.outcome != "publish"


NO_CHECKS = {
    "author",
    "disposable",
    "evidence",
    "grams",
    "signals",
    "features",
    "finding",
    "hosts",
    "likeness",
    "learning",
    "lexicon",
    "prior",
    "reach",
    "reading",
    "regression",
    "remedy",
    "safety",
    "spelling",
    "weights",
    "words",
}


def test_every_check_has_a_file_of_its_own_and_is_on_the_list() -> None:
    modules = {module.name for module in pkgutil.iter_modules(spam.__path__)} - NO_CHECKS
    of_safety = {module.name for module in pkgutil.iter_modules(safety.__path__)} - {"hearing", "doubt"}
    assert modules | of_safety == {check.__name__ for check in CHECKS}
    for check in CHECKS:
        folder = safety if check.__name__ in of_safety else spam
        assert getattr(importlib.import_module(f"{folder.__name__}.{check.__name__}"), check.__name__) is check


@pytest.mark.parametrize(
    ("reason", "likely", "outcome"),
    [
        ("sourcing", 0.05, "hold"),
        ("selfharm", 0.3, "hold"),
        ("sourcing", 0.04, "spam"),
        ("adverse", 0.9, "spam"),
    ],
)
def test_what_may_be_about_somebody_in_need_is_never_called_spam(reason: str, likely: float, outcome: str) -> None:
    guilty = submission("an advert, it seems")
    vars(guilty)["reasons"] = {reason: Reason(likely, reached=False, window=(0, 1))}
    verdict = judge(guilty, checks=(reads_like_spam,))

    assert verdict.outcome == outcome
    assert verdict.score >= verdict.thresholds.spam
    in_doubt = [finding for finding in verdict.findings if finding.check == "doubt"]
    assert [finding.message for finding in in_doubt] == (
        [f"May be about somebody in need ({round(100 * likely)} in 100), so it is not called spam."]
        if outcome == "hold"
        else []
    )


def test_what_a_trap_a_block_or_a_term_makes_spam_is_not_in_doubt() -> None:
    for guilty in (
        submission(trap="x"),
        submission(facts=Facts(blocked=("email",))),
        submission("cheap pills", facts=Facts(terms=(Term("pills", "spam"),))),
    ):
        vars(guilty)["reasons"] = {"sourcing": Reason(0.3, reached=False, window=(0, 1))}
        assert judge(guilty).outcome == "spam"
