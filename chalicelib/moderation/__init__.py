"""The queue, and a decision on a comment."""

from chalicelib.moderation.deciding import decide
from chalicelib.moderation.queue import (
    WAITING,
    Arrivals,
    CaseFile,
    Complaint,
    Decided,
    ModeratedComment,
    Queue,
    QueueItem,
    QueueSort,
    Tray,
    Wanted,
)
from chalicelib.moderation.ruling import ruled, settled
from chalicelib.moderation.rulings import MOVES, BulkRuling, Ruling, Rulings, Undo
from chalicelib.moderation.sieve import sieve
from chalicelib.moderation.store import Case, ModerationStore, QueueStore, Ruled
from chalicelib.moderation.undoing import undo

__all__ = [
    "MOVES",
    "WAITING",
    "Arrivals",
    "BulkRuling",
    "Case",
    "CaseFile",
    "Complaint",
    "Decided",
    "ModeratedComment",
    "ModerationStore",
    "Queue",
    "QueueItem",
    "QueueSort",
    "QueueStore",
    "Ruled",
    "Ruling",
    "Rulings",
    "Tray",
    "Undo",
    "Wanted",
    "decide",
    "ruled",
    "settled",
    "sieve",
    "undo",
]
