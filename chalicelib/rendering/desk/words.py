"""Words of the moderator pages: trays, actions, times, and what a score means."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.rendering.article import ANONYMOUS

TRAYS = {
    "pending": "Waiting",
    "urgent": "Urgent",
    "reported": "Reported",
    "spam": "Spam",
    "rejected": "Rejected",
    "deleted": "Deleted",
    "approved": "Approved",
}
EMPTY = {
    "pending": "Nothing is waiting. Every comment has been decided on.",
    "urgent": "Nothing urgent waits.",
    "reported": "No reader has reported a comment.",
    "spam": "No spam here.",
    "rejected": "No comment has been rejected.",
    "deleted": "No comment has been deleted.",
    "approved": "No comment has been approved yet.",
}
LANES = {
    "urgent": "Urgent: somebody may be in danger",
    "reported": "Reported by readers",
    "spam": "Looks like spam",
}
VERBS = {"approve": "Approve", "reject": "Reject", "spam": "Spam", "restore": "Restore", "delete": "Delete"}
DONE = {
    "approve": "Approved",
    "reject": "Rejected",
    "spam": "Marked as spam",
    "restore": "Put back into the queue",
    "delete": "Deleted",
    "edit": "Edited by its author",
    "appeal": "Appealed by its author",
    "reply": "Answered by the site",
    "hide": "Hidden by readers' reports",
    "undo": "Taken back",
    "policy": "Rules changed",
    "list": "List changed",
    "people": "People changed",
    "submit": "Submitted",
    "view": "Looked at",
    "claim": "Claimed",
    "note": "Note",
}
REASONS = {
    "spam": "Spam",
    "abuse": "Abuse",
    "misinformation": "Medical misinformation",
    "advice": "Dosing or personal advice",
    "privacy": "Privacy",
    "off-topic": "Off topic",
    "other": "Other",
}
"""What a comment is rejected for, in the order of their keys."""
STATES = {
    "pending": "waiting",
    "approved": "public",
    "rejected": "rejected",
    "spam": "in the spam tray",
    "deleted": "deleted",
}
SAFETY = {
    "selfharm": "Suicide or self-harm",
    "overdose": "Overdose or poisoning",
    "emergency": "Emergency now",
    "stopping": "Stopping a medicine abruptly",
    "advice": "Advice on doses",
    "sourcing": "Seeks or offers medicine",
    "pii": "Personal data",
    "defam": "Accuses somebody named",
    "threat": "Threat",
    "adverse": "Possible adverse reaction",
}
"""The reasons of safety, by the names of their checks."""
COUNTED_TO = 1000
KEYS = {"approve": "a", "spam": "s"}


def name_of(comment: Mapping[str, Any]) -> str:
    """Return who signed a comment."""
    return comment["name"] or ANONYMOUS


def ago(since: str, now: datetime) -> str:
    """Return how long ago a time was, in its largest unit."""
    seconds = max(0, int((now - datetime.fromisoformat(since)).total_seconds()))
    return span(seconds)


def span(seconds: float) -> str:
    """Return a length of time in its largest unit."""
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size or size == 1:
            number = int(seconds // size)
            return f"{number:,} {name}{'' if number == 1 else 's'}"
    raise AssertionError


def moment(at: str) -> str:
    """Return a time to the minute, in UTC."""
    then = datetime.fromisoformat(at).astimezone(UTC)
    return f"{then.day} {then:%B %Y, %H:%M} UTC"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with the word for what is counted."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def by_words(decision: Mapping[str, Any]) -> str:
    """Return who did something, "" where the words for what was done tell it."""
    return "" if decision["action"] in {"submit", "edit", "appeal", "hide"} else f"by {decision['by']}"


def note_words(decision: Mapping[str, Any]) -> str:
    """Return a note in words: what a moderator wrote, or of a change what was changed."""
    note = decision["note"] or ""
    if decision["action"] not in {"policy", "list", "people"}:
        return "" if decision["action"] in {"undo", "reply"} else note
    try:
        changed = json.loads(note)
    except ValueError:
        return note
    return "; ".join(f"{name}: {value}" for name, value in _flat(changed))


def _flat(changed: Any, prefix: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    if not isinstance(changed, dict):
        yield prefix, "none" if changed is None else changed if isinstance(changed, str) else json.dumps(changed)
        return
    for name, value in changed.items():
        yield from _flat(value, f"{prefix} {name}".strip())


def count_words(number: int) -> str:
    """Return how many comments a tray holds; counting stops at a thousand."""
    return "1,000+" if number >= COUNTED_TO else str(number)


def lane_words(item: Mapping[str, Any]) -> str:
    """Return why an item waits where it waits, and whether the public sees it meanwhile."""
    words = LANES.get(item["lane"], "")
    if item["appeal"] and item["appeal"]["open"] and item["state"] == "pending":
        words = f"{words}; appealed by its author" if words else "Appealed by its author"
    if not open_reports(item) or item["state"] not in {"pending", "approved"}:
        return words
    seen = "public until you decide" if item["state"] == "approved" else "hidden until you decide"
    return f"{words}; {seen}" if words else seen


def open_reports(item: Mapping[str, Any]) -> int:
    """Return how many of the reports that are shown wait for a decision."""
    return sum(1 for each in item["reports"] if each["open"])


def reason_words(reason: str | None) -> str:
    """Return a reason in words: one of the list, or what somebody wrote."""
    return REASONS.get(reason or "", reason or "")


def verdict_words(verdict: Mapping[str, Any], state: str) -> str:
    """Return what the score was held against, and what would have made the outcome a milder one."""
    remedy = verdict.get("remedy")
    return _held_against(verdict, state) + (f" {remedy}" if remedy else "")


def circumstances_words(circumstances: Mapping[str, Any] | None) -> str:
    """Return what a verdict said at the time of an entry, "" where the entry does not tell."""
    if not circumstances or not circumstances["findings"]:
        return ""
    said = [counted(circumstances["score"], "point") + ":", *circumstances["findings"], circumstances["remedy"]]
    return " ".join(words for words in said if words)


def _held_against(verdict: Mapping[str, Any], state: str) -> str:
    points, hold, spam = (
        counted(verdict["score"], "point"),
        verdict["thresholds"]["hold"],
        verdict["thresholds"]["spam"],
    )
    if verdict["outcome"] == "spam":
        return f"{points}; from {spam} a comment counts as spam."
    if verdict["outcome"] == "hold":
        return f"{points}; from {hold} a comment is held, from {spam} it counts as spam."
    waits = " It waits because a person decides here." if state == "pending" else ""
    return f"{points}, below the {hold} from which a check holds a comment.{waits}"


def author_words(author: Mapping[str, Any]) -> str:
    """Return what moderators did with an author's comments so far."""
    trusted = " Trusted by a moderator." if author.get("trusted") else ""
    if author["comments"] <= 1:
        return f"First comment by this reader.{trusted}"
    kinds = [("approved", author["approved"]), ("rejected", author["rejected"]), ("marked as spam", author["spam"])]
    known = ", ".join(f"{count:,} {kind}" for kind, count in kinds if count) or "none decided on yet"
    since = f" since {moment(author['first_seen']).partition(',')[0]}" if author["first_seen"] else ""
    return f"{counted(author['comments'], 'comment')}{since}: {known}.{trusted}"


def signed(points: int) -> str:
    """Return points with their sign."""
    return f"+{points}" if points > 0 else str(points).replace("-", "\N{MINUS SIGN}")
