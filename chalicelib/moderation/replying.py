"""Reply to a comment in the site's name, once for each decision that asks for it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.audit import Circumstances, Decision, Entry
from chalicelib.comments import Record, Replaced, reply_path
from chalicelib.errors import Stale, Unavailable
from chalicelib.ids import base32, order_id, order_time
from chalicelib.markdown import render
from chalicelib.moderation.queue import Decided, ModeratedComment
from chalicelib.moderation.store import ModerationStore, Said
from chalicelib.spam.finding import Thresholds, Verdict

ATTEMPTS = 8
SITE = "site"
"""The author mark of the site: no reader's, so no reader's history holds what moderators say."""

_NOTHING_FOUND = Verdict(0, "publish", Thresholds(), ())
_ID_LETTERS = 26
_RANDOM_BITS = 42


def replied(
    store: ModerationStore, decided: Decided, text: str, name: str, now: datetime, pause: Callable[[int], None]
) -> Decided | None:
    """Return the reply that goes with a decision: the one that is there, else a new one while the comment is public.

    Its ids follow from the decision's id, so whoever tries again finds it. Raises Unavailable.
    """
    decision = decided.decision
    reply_id = _reply_id(decision)
    for attempt in range(ATTEMPTS):
        cases = store.look_many({decided.comment.id: None, reply_id: None}, now)
        parent, there = cases[decided.comment.id].record, cases[reply_id].record
        if there:
            return _found(store, there, decision)
        if parent is None or not parent.is_public or parent.decision != decision.id:
            return None  # somebody decided again since: nobody is answered below what is gone
        said = _said(parent, decision, reply_id, text, name)
        try:
            store.say(said, now)
        except Stale:
            pause(attempt)
        else:
            return Decided(ModeratedComment.of(said.record), said.entry.decision)
    raise Unavailable


def _reply_id(decision: Decision) -> str:
    return base32(int.from_bytes(_digest(decision)[:16], "big"), _ID_LETTERS)


def _entry_id(decision: Decision) -> str:
    chance = int.from_bytes(_digest(decision)[16:], "big") % 2**_RANDOM_BITS
    return order_id(order_time(decision.id), chance)


def _digest(decision: Decision) -> bytes:
    return hashlib.sha256(f"reply {decision.id}".encode()).digest()


def _found(store: ModerationStore, reply: Record, decision: Decision) -> Decided | None:
    entry = store.entry(_entry_id(decision))
    return Decided(ModeratedComment.of(reply), entry.decision) if entry else None


def _said(parent: Record, approved: Decision, reply_id: str, text: str, name: str) -> Said:
    order = _entry_id(approved)
    decision = Decision(
        id=order,
        comment_id=reply_id,
        action="reply",
        from_=None,
        to="approved",
        revision=1,
        by=approved.by,
        at=approved.at,
    )
    record = Record(
        id=reply_id,
        article_id=parent.article_id,
        parent_id=parent.id,
        path=reply_path(parent.path, order),
        text=text,
        html=render(text),
        name=name,
        email=None,
        website=None,
        author=SITE,
        network=None,
        consent=None,
        state="approved",
        lane="pending",
        verdict=_NOTHING_FOUND,
        decision=order,
        was_public=True,
        # To take it back deletes it.
        replaced=Replaced("deleted", "pending", reports=0, reporters=(), reported_at=None, round=0),
    )
    entry = Entry.after(None, decision, Circumstances.of(record, approved.at))
    return Said(replace(record, head=entry.hash), entry)
