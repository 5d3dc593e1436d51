"""Spam: the list of checks, and the verdict on one comment."""

import logging
from dataclasses import replace
from typing import Protocol

from chalicelib.spam.blocks import blocks
from chalicelib.spam.duplicates import duplicates
from chalicelib.spam.evidence import Facts, FormTime, Submission, Term
from chalicelib.spam.finding import Finding, Thresholds, Verdict, weigh
from chalicelib.spam.form_time import form_time
from chalicelib.spam.learned import learned
from chalicelib.spam.links import links
from chalicelib.spam.terms import terms
from chalicelib.spam.trap import trap
from chalicelib.spam.weights import SiteWeights

__all__ = [
    "CHECKS",
    "OF_THE_SENDING",
    "PRIOR_VERSION",
    "Facts",
    "Finding",
    "FormTime",
    "SiteWeights",
    "Submission",
    "Term",
    "Thresholds",
    "Verdict",
    "judge",
    "model_of",
]


class Check(Protocol):
    """One question about a comment: a finding, or None when there is nothing to say."""

    __name__: str

    def __call__(self, submission: Submission, /) -> Finding | None: ...


CHECKS: tuple[Check, ...] = (trap, form_time, links, blocks, terms, duplicates, learned)
PRIOR_VERSION = "0"
"""Names what every site begins with; the version of the site's own weights is added to it."""
OF_THE_SENDING = frozenset({"trap", "form_time"})
"""Checks that look at how a comment came, not at what it says: what they found outlives an edit."""

_log = logging.getLogger(__name__)


def judge(
    submission: Submission,
    thresholds: Thresholds | None = None,
    checks: tuple[Check, ...] = CHECKS,
    earlier: Verdict | None = None,
) -> Verdict:
    """Ask every check and weigh what they found. Never raises.

    A check that breaks, or a fact that could not be gathered, holds the comment for a person. For an edit, `earlier`
    is the verdict before it: what it found in the way the comment was sent still counts.
    """
    limits = thresholds or Thresholds()
    findings = [_ask(check, submission) for check in checks]
    if earlier:
        findings += [finding for finding in earlier.findings if finding.check in OF_THE_SENDING]
    missing = [_missing(fact) for fact in submission.facts.failed]
    verdict = weigh([*filter(None, findings), *missing], limits)
    return replace(verdict, model=model_of(submission.facts.learned))


def model_of(weights: SiteWeights | None) -> str | None:
    """Return the name of the model that a verdict with these weights is by, None before there is any."""
    return f"{PRIOR_VERSION}+{weights.version}" if weights else None


def _ask(check: Check, submission: Submission) -> Finding | None:
    try:
        return check(submission)
    except Exception as error:  # noqa: BLE001 - whatever breaks one check, the comment is neither lost nor let through
        # The error's own words could quote the comment, which no log may hold.
        _log.error("The spam check %s failed: %s", check.__name__, type(error).__name__)
        return _unknown(check.__name__, "This check failed, so a person decides.")


def _missing(fact: str) -> Finding:
    return _unknown(fact, f"A fact could not be looked up ({fact}), so a person decides.")


def _unknown(check: str, message: str) -> Finding:
    # Its lane holds the comment. Points would add up: two things that failed at once are no sign of spam.
    return Finding(check, 0, message, lane="pending")
