"""Learn anew from the log, by the clock or when asked, and go back to an earlier version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.errors import NotFound, Stale, Unavailable
from chalicelib.learning.model import KEPT, Exclusion, Kept, Model, ModelStore, Written
from chalicelib.learning.standing import Standing, recent
from chalicelib.spam import SiteWeights
from chalicelib.spam.features import described
from chalicelib.spam.learning import MOST_DECISIONS, Example, fit, prior_of
from chalicelib.spam.reading import read

ATTEMPTS = 8
TOGETHER = 100
RESTS = timedelta(minutes=5)
"""By itself nothing is learned anew sooner than this after the last time, however many decisions there are."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where learning takes place: the store, the time, how to wait, and who is told how many comments were read."""

    store: ModelStore
    now: datetime
    pause: Callable[[int], None]
    told: Callable[[int, int], None] = lambda _read, _of: None


@dataclass(frozen=True, slots=True)
class Learned:
    """What learning came to: the pointer before and after, and how many comments that were decided on are gone."""

    before: Model
    after: Model
    gone: int = 0

    @property
    def is_new(self) -> bool:
        """Whether there are other weights in force than before."""
        return self.after.version != self.before.version


def show(store: ModelStore) -> Model:
    """Return which version is in force, and which there are. Raises Unavailable."""
    return store.model()


def learn(place: Place) -> Learned | None:
    """Learn from what was decided since the last time: what a schedule, and whoever reads the stream, calls.

    Returns None when there is nothing to do: nothing new in the log, a version that is pinned, or the last time was
    minutes ago. Safe to call twice, at once, and late. Raises Unavailable.
    """
    model = place.store.model()
    rests = model.looked_at is not None and place.now - model.looked_at < RESTS
    if model.pinned or rests or place.store.newest(place.now) == model.through:
        return None
    return _learn(place, lambda seen: replace(seen, looked_at=place.now), unless_pinned=True)


def retrain(place: Place, *, without: Exclusion | None = None, forget: bool = False) -> Learned:
    """Learn anew from the whole log, and from now on by itself again, also after a rollback.

    What is left out stays left out from then on, until it is forgotten. Raises Unavailable.
    """

    def changed(seen: Model) -> Model:
        return replace(seen, looked_at=place.now, pinned=False, without=exclusions(seen, without, forget=forget))

    learned = _learn(place, changed, unless_pinned=False)
    if learned is None:
        raise Unavailable
    return learned


def exclusions(model: Model, more: Exclusion | None, *, forget: bool) -> tuple[Exclusion, ...]:
    """Return what is left out when learning anew in this way."""
    standing = () if forget else model.without
    return standing if more is None or more in standing else (*standing, more)


def _learn(place: Place, changed: Callable[[Model], Model], *, unless_pinned: bool) -> Learned | None:
    for attempt in range(ATTEMPTS):
        seen = place.store.model()
        if unless_pinned and seen.pinned:
            return None
        wanted = changed(seen)
        newest = place.store.newest(place.now)
        weights, gone = fitted(place, wanted.without)
        after, made = _with(replace(wanted, through=newest, row=seen.row + 1), weights, place.now)
        try:
            place.store.keep(seen, after, made)
        except Stale:
            place.pause(attempt)
        else:
            return Learned(seen, after, gone)
    raise Unavailable


def fitted(place: Place, without: Sequence[Exclusion]) -> tuple[SiteWeights, int]:
    """Return the weights that the log asks for, and how many comments that were decided on are gone.

    Ages are counted from the newest decision and not from now: the same log, the same weights.
    """
    decided = decisions(place, without, MOST_DECISIONS)
    examples = [_example(standing, written) for standing, written in decided if written]
    newest = max((example.at for example in examples), default=place.now)
    return fit(examples, newest), len(decided) - len(examples)


def decisions(place: Place, without: Sequence[Exclusion], most: int) -> list[tuple[Standing, Written | None]]:
    """Return the newest decisions that stand, each with the text that was decided on; None where that is gone."""
    standing = recent(place.store, without, most, place.now)
    found: list[tuple[Standing, Written | None]] = []
    for start in range(0, len(standing), TOGETHER):
        together = standing[start : start + TOGETHER]
        texts = place.store.texts({each.comment_id: each.decision.revision or 1 for each in together}, place.now)
        found += [(each, texts.get(each.comment_id)) for each in together]
        place.told(len(found), len(standing))
    return found


def _example(standing: Standing, written: Written) -> Example:
    decision = standing.decision
    return Example(
        comment_id=standing.comment_id,
        decision_id=decision.id,
        spam=standing.spam,
        at=decision.at,
        features=described(read(written.text), written.name, written.email, written.website),
        prior=prior_of(written.verdict.findings) if written.verdict else 0.0,
    )


def _with(model: Model, weights: SiteWeights, now: datetime) -> tuple[Model, SiteWeights | None]:
    """Return the pointer with these weights in force, and the weights when they are none that there are already."""
    known = next((each for each in model.kept if each.checksum == weights.checksum), None)
    if known or not (weights.weights or model.latest):
        return replace(model, version=known.version if known else 0), None
    made = replace(weights, version=model.latest + 1, made=now)
    kept = Kept(
        version=made.version,
        made=now,
        through=made.through,
        spam=made.spam,
        honest=made.honest,
        size=len(made.weights),
        checksum=made.checksum,
    )
    after = replace(model, version=made.version, latest=made.version, kept=(*model.kept, kept)[-KEPT:])
    return after, made


def rollback(place: Place, version: int) -> Learned:
    """Put an earlier version in force, 0 for none, and learn nothing by itself until retrain is asked for.

    Raises NotFound when it is not there (any more), Unavailable.
    """
    for attempt in range(ATTEMPTS):
        seen = place.store.model()
        if version:
            kept_version(seen, version)
        after = replace(seen, row=seen.row + 1, version=version, pinned=True)
        try:
            place.store.keep(seen, after, None)
        except Stale:
            place.pause(attempt)
        else:
            return Learned(seen, after)
    raise Unavailable


def kept_version(model: Model, version: int) -> Kept:
    """Return what is known of a version. Raises NotFound when it is not there (any more)."""
    found = model.find(version)
    if found is None:
        raise NotFound(f"There is no version {version}. {_there(model)}")
    return found


def _there(model: Model) -> str:
    if not model.kept:
        return "Nothing was learned yet."
    return f"There are {', '.join(str(each.version) for each in model.kept)}, and 0 for none."
