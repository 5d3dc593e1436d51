"""Spam: the list of checks, and the verdict on one comment."""

import logging
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from chalicelib.spam.addresses import addresses
from chalicelib.spam.blocks import blocks
from chalicelib.spam.contact import contact
from chalicelib.spam.cures import cures
from chalicelib.spam.disguise import disguise
from chalicelib.spam.duplicates import duplicates
from chalicelib.spam.evidence import Facts, FormTime, History, Submission, Term
from chalicelib.spam.finding import Finding, Thresholds, Verdict, weigh
from chalicelib.spam.flood import flood
from chalicelib.spam.form_time import form_time
from chalicelib.spam.gibberish import gibberish
from chalicelib.spam.history import history
from chalicelib.spam.learned import learned
from chalicelib.spam.links import links
from chalicelib.spam.markup import markup
from chalicelib.spam.person import person
from chalicelib.spam.pharmacy import pharmacy
from chalicelib.spam.praise import praise
from chalicelib.spam.prior import POINTS_PER_NAT, prior
from chalicelib.spam.safety import NEEDS_A_PERSON, SAFETY
from chalicelib.spam.safety.doubt import doubt
from chalicelib.spam.script import script
from chalicelib.spam.sender import sender
from chalicelib.spam.terms import terms
from chalicelib.spam.trades import trades
from chalicelib.spam.trap import trap
from chalicelib.spam.weights import SiteWeights
from chalicelib.spam.wording import leaning, wording

__all__ = [
    "CHECKS",
    "CONTENT",
    "OF_THE_SENDING",
    "SAFETY",
    "Facts",
    "Finding",
    "FormTime",
    "History",
    "SiteWeights",
    "Submission",
    "Term",
    "Thresholds",
    "Verdict",
    "content_points",
    "explain",
    "judge",
    "model_of",
    "outside",
    "score",
    "triage",
]


class Check(Protocol):
    """One question about a comment: a finding, or None when there is nothing to say."""

    __name__: str

    def __call__(self, submission: Submission, /) -> Finding | None: ...


CONTENT: tuple[Check, ...] = (
    links,
    addresses,
    sender,
    contact,
    trades,
    pharmacy,
    cures,
    praise,
    disguise,
    gibberish,
    flood,
    markup,
    script,
    person,
)
"""Checks that look at what was written and by whom, and need no table: what the prior was fitted beside."""
CHECKS: tuple[Check, ...] = (
    trap,
    form_time,
    blocks,
    duplicates,
    history,
    *CONTENT,
    terms,
    wording,
    learned,
    *SAFETY,
)
_DISPUTABLE = frozenset({*(check.__name__ for check in CONTENT), "wording", "learned"})
CERTAIN = 100
"""Points of a finding that nothing speaks against."""
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
    findings = _undisputed([found for check in checks if (found := _ask(check, submission))])
    if earlier:
        findings += [finding for finding in earlier.findings if finding.check in OF_THE_SENDING]
    missing = [_missing(fact) for fact in submission.facts.failed]
    verdict = weigh([*findings, *missing], limits)
    if verdict.outcome == "spam" and not _is_certain(verdict) and (in_doubt := _ask(doubt, submission)):
        verdict = weigh([*verdict.findings, in_doubt], limits)
    return replace(verdict, model=model_of(submission.facts.learned))


def _undisputed(findings: list[Finding]) -> list[Finding]:
    """Leave out what speaks for a person where nothing in the comment speaks against one, or something certain does.

    Certain are a filled trap, a block, a term of the site; how a comment came is not disputed by what it says either.
    """
    certain = any(finding.points >= CERTAIN or finding.check == "terms" for finding in findings)
    suspected = any(finding.points > 0 and finding.check in _DISPUTABLE for finding in findings)
    return [finding for finding in findings if finding.points >= 0 or (suspected and not certain)]


def _is_certain(verdict: Verdict) -> bool:
    """Tell whether it takes no more than a fact to make it spam: a filled trap, a block, a term of the site."""
    return any(found.points >= CERTAIN and found.check not in _DISPUTABLE for found in verdict.findings)


def model_of(weights: SiteWeights | None) -> str | None:
    """Return the name of what a verdict is by: the prior, and the site's own weights if there are any."""
    try:
        shipped = prior().version
    except (OSError, ValueError):  # no prior: the checks that need it fail, and hold the comment
        return None
    return f"{shipped}+{weights.version}" if weights else shipped


def content_points(submission: Submission) -> int:
    """Return what the checks of the content alone give. Raises whatever a check raises."""
    return sum(finding.points for check in CONTENT if (finding := check(submission)))


def score(comment: Mapping[str, Any]) -> float:
    """Return the probability of spam of a comment outside any site, from 0 to 1, calibrated on held-out texts.

    `comment` has `text` and, if known, `author`, `url` and `email`. Never raises for strings of any content.
    """
    submission = outside(comment)
    nats = leaning(submission) + content_points(submission) / POINTS_PER_NAT
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, nats))))


def triage(comment: Mapping[str, Any]) -> list[str]:
    """Return the reasons for which a person must see a comment: names of safety checks, most urgent first."""
    submission = outside(comment)
    return [name for check in SAFETY if (name := check.__name__) in NEEDS_A_PERSON and check(submission)]


def explain(comment: Mapping[str, Any]) -> list[str]:
    """Return what was found in a comment outside any site, each finding as one sentence with its points."""
    return [f"{finding.message} ({finding.points:+d})" for finding in judge(outside(comment)).findings]


def outside(comment: Mapping[str, Any]) -> Submission:
    """Return a comment (`text` and, if known, `author`, `url`, `email`) as the checks see it, without any table."""
    return Submission(
        text=comment.get("text") or "",
        name=comment.get("author") or None,
        email=comment.get("email") or None,
        website=comment.get("url") or None,
        form=FormTime("judged"),
        trap="",
        facts=Facts(),
    )


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
