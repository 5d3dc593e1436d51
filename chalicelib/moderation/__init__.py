"""The queue, and a decision on a comment."""

from chalicelib.moderation.appealing import appeal
from chalicelib.moderation.deciding import decide
from chalicelib.moderation.events import Claimed, Hand, Viewed, claim, give_up, note, view
from chalicelib.moderation.queue import (
    WAITING,
    Appealed,
    Arrivals,
    CaseFile,
    Complaint,
    Decided,
    ModeratedComment,
    Noted,
    Queue,
    QueueItem,
    QueueSort,
    Sibling,
    Tray,
    Wanted,
)
from chalicelib.moderation.ruling import ruled, settled
from chalicelib.moderation.rulings import MOVES, BulkRuling, Note, Objection, Ruling, Rulings, Undo
from chalicelib.moderation.sieve import sieve
from chalicelib.moderation.statements import GROUNDS, Heard, Told, heard, told
from chalicelib.moderation.store import Case, ModerationStore, QueueStore, Ruled, Said
from chalicelib.moderation.undoing import Found, undo

__all__ = [
    "GROUNDS",
    "MOVES",
    "WAITING",
    "Appealed",
    "Arrivals",
    "BulkRuling",
    "Case",
    "CaseFile",
    "Claimed",
    "Complaint",
    "Decided",
    "Found",
    "Hand",
    "Heard",
    "ModeratedComment",
    "ModerationStore",
    "Note",
    "Noted",
    "Objection",
    "Queue",
    "QueueItem",
    "QueueSort",
    "QueueStore",
    "Ruled",
    "Ruling",
    "Rulings",
    "Said",
    "Sibling",
    "Told",
    "Tray",
    "Undo",
    "Viewed",
    "Wanted",
    "appeal",
    "claim",
    "decide",
    "give_up",
    "heard",
    "note",
    "ruled",
    "settled",
    "sieve",
    "told",
    "undo",
    "view",
]
