"""Which decisions stand: of each comment the last one that says whether it is spam, as the log has it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import get_args

from chalicelib.audit import BY_AUTHOR, BY_REPORTS, Action, Decision, Entry, in_order
from chalicelib.learning.model import Exclusion, ModelStore

MOST_READ = 5000
"""So many entries of the log, the newest, are looked at."""
SPAM_GROUND = "spam"
"""The ground on which a rejection says that a comment is spam."""

_ACTIONS = frozenset(get_args(Action))
_NO_MODERATORS = frozenset({BY_AUTHOR, BY_REPORTS})


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision that stands, and what it says."""

    comment_id: str
    decision: Decision
    spam: bool


def recent(store: ModelStore, without: Sequence[Exclusion], most: int, now: datetime) -> list[Standing]:
    """Return the newest decisions that stand, at most so many, in the order of their ids. Raises Unavailable."""
    about: dict[str, list[Entry]] = {}
    saying: set[str] = set()
    for entry in islice(store.entries(now), MOST_READ):
        comment = entry.decision.comment_id
        if comment is None or not _counts(entry.decision, without):
            continue
        about.setdefault(comment, []).append(entry)
        if _says(entry.decision) is not None:
            saying.add(comment)
        if len(saying) == most:
            break
    found = (standing(comment, entries) for comment, entries in about.items())
    return sorted((each for each in found if each), key=lambda each: each.decision.id)


def _counts(decision: Decision, without: Sequence[Exclusion]) -> bool:
    """Tell whether it is a moderator's decision that was neither undone nor left out."""
    return (
        decision.action in _ACTIONS
        and not decision.undone
        and decision.by not in _NO_MODERATORS
        and not any(each.takes(decision) for each in without)
    )


def standing(comment_id: str, entries: Iterable[Entry]) -> Standing | None:
    """Return the decision on a comment that stands; None where the last one took back what was said before.

    To reject or delete a comment, other than as spam, takes back that it was approved; to delete what is spam takes
    nothing back.
    """
    for entry in reversed(in_order(entries)):
        decision = entry.decision
        said = _says(decision)
        if said is not None:
            return Standing(comment_id, decision, said)
        if not (decision.action == "delete" and decision.from_ == "spam"):
            return None
    return None


def _says(decision: Decision) -> bool | None:
    """Return whether a decision says that a comment is spam; None where it says nothing of that."""
    if decision.action == "approve":
        return False
    if decision.action == "restore":
        return False if decision.from_ == "spam" else None
    if decision.action == "reject":
        return True if decision.reason == SPAM_GROUND else None
    return True if decision.action == "spam" else None
