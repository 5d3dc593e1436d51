"""What the last decisions would have been under other weights or thresholds, before these go live."""

from dataclasses import dataclass, field
from typing import Literal

from chalicelib.learning.model import Exclusion, Model, Written
from chalicelib.learning.standing import Standing
from chalicelib.learning.training import Place, decisions, exclusions, fitted, kept_version
from chalicelib.spam import Facts, FormTime, SiteWeights, Submission, Thresholds, Verdict
from chalicelib.spam.finding import weigh
from chalicelib.spam.learned import learned

LAST = 1000

Outcome = Literal["publish", "hold", "spam"]


@dataclass(slots=True)
class Outcomes:
    """How many comments that moderators called spam, and that they did not, would be published, held, called spam."""

    spam: dict[Outcome, int] = field(default_factory=lambda: {"publish": 0, "hold": 0, "spam": 0})
    honest: dict[Outcome, int] = field(default_factory=lambda: {"publish": 0, "hold": 0, "spam": 0})

    def count(self, standing: Standing, verdict: Verdict) -> None:
        """Count one decision, and what becomes of its comment."""
        (self.spam if standing.spam else self.honest)[verdict.outcome] += 1

    @property
    def total(self) -> int:
        """How many were counted."""
        return sum(self.spam.values()) + sum(self.honest.values())

    @property
    def agree(self) -> int:
        """With how many the moderators agree: spam is not published, and what is not spam is."""
        return self.spam["hold"] + self.spam["spam"] + self.honest["publish"]


@dataclass(frozen=True, slots=True)
class Change:
    """A comment whose outcome would be another one; `spam` is what the moderator said."""

    comment_id: str
    spam: bool
    before: Outcome
    after: Outcome
    score_before: int
    score_after: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """The decisions replayed: as they are weighed now, and as they would be.

    `known` counts those that the tried weights were learned from, which they know better than any other; `gone` those
    whose comment is not there any more.
    """

    decisions: int
    gone: int
    known: int
    before: Outcomes
    after: Outcomes
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What is tried: a version (0: none), or the weights that retrain would make, or those in force; and thresholds.

    Thresholds that are None are those of the time.
    """

    version: int | None = None
    retrained: bool = False
    without: Exclusion | None = None
    forget: bool = False
    hold: int | None = None
    spam: int | None = None

    def limits(self, then: Thresholds) -> Thresholds:
        """Return what a score is held against instead of the thresholds of the time."""
        return Thresholds(
            hold=then.hold if self.hold is None else self.hold, spam=then.spam if self.spam is None else self.spam
        )


def replay(place: Place, tried: Tried, last: int = LAST) -> Replayed:
    """Weigh the last decisions again, with the weights in force and with what is tried. Nothing is written.

    What the other checks found stays as it was found. Raises NotFound, Unavailable.
    """
    model = place.store.model()
    in_force = _version(place, model, model.version)
    other = _weights(place, model, in_force, tried)
    before, after, changes, known, gone = Outcomes(), Outcomes(), list[Change](), 0, 0
    for standing, written in decisions(place, model.without, last):
        if written is None or written.verdict is None:
            gone += 1
            continue
        limits = written.verdict.thresholds
        was = _weighed(written, written.verdict, in_force, limits)
        is_ = _weighed(written, written.verdict, other, tried.limits(limits))
        before.count(standing, was)
        after.count(standing, is_)
        known += bool(other and other.through and standing.decision.id <= other.through)
        if was.outcome != is_.outcome:
            changes.append(_change(standing, was, is_))
    return Replayed(before.total, gone, known, before, after, tuple(changes))


def _weights(place: Place, model: Model, in_force: SiteWeights | None, tried: Tried) -> SiteWeights | None:
    if tried.version is not None:
        return _version(place, model, tried.version)
    if tried.retrained:
        return fitted(place, exclusions(model, tried.without, forget=tried.forget))[0]
    return in_force


def _version(place: Place, model: Model, version: int) -> SiteWeights | None:
    return place.store.weights(kept_version(model, version)) if version else None


def _weighed(written: Written, verdict: Verdict, weights: SiteWeights | None, limits: Thresholds) -> Verdict:
    submission = Submission(
        text=written.text,
        name=written.name,
        email=written.email,
        website=written.website,
        form=FormTime("judged"),
        trap="",
        facts=Facts(learned=weights),
    )
    others = [finding for finding in verdict.findings if finding.check != learned.__name__]
    return weigh([*others, *filter(None, [learned(submission)])], limits)


def _change(standing: Standing, was: Verdict, is_: Verdict) -> Change:
    return Change(
        comment_id=standing.comment_id,
        spam=standing.spam,
        before=was.outcome,
        after=is_.outcome,
        score_before=was.score,
        score_after=is_.score,
    )
