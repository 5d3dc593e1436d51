"""The queue, and a decision on a comment."""

from chalicelib.moderation.deciding import decide
from chalicelib.moderation.queue import (
    CaseFile,
    Complaint,
    Decided,
    ModeratedComment,
    Queue,
    QueueItem,
    Tray,
)
from chalicelib.moderation.ruling import ruled, settled
from chalicelib.moderation.rulings import MOVES, BulkRuling, Ruling, Rulings, Undo
from chalicelib.moderation.store import Case, ModerationStore, QueueStore, Ruled
from chalicelib.moderation.undoing import undo

__all__ = [
    "MOVES",
    "BulkRuling",
    "Case",
    "CaseFile",
    "Complaint",
    "Decided",
    "ModeratedComment",
    "ModerationStore",
    "Queue",
    "QueueItem",
    "QueueStore",
    "Ruled",
    "Ruling",
    "Rulings",
    "Tray",
    "Undo",
    "decide",
    "ruled",
    "settled",
    "undo",
]
