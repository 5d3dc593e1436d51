"""A site's learning from its moderators: weights made from the log, taken back, and tried before they go live.

Nothing is kept to learn from but the log and the comments themselves, so weights are a function of both: a decision
that is undone, sent twice or heard of late ends where it would have ended anyhow.
"""

from chalicelib.learning.model import Exclusion, Kept, Model, ModelStore, Texts, Written
from chalicelib.learning.replaying import Change, Outcomes, Replayed, Tried, replay
from chalicelib.learning.standing import Standing, recent
from chalicelib.learning.training import Learned, Place, learn, retrain, rollback, show

__all__ = [
    "Change",
    "Exclusion",
    "Kept",
    "Learned",
    "Model",
    "ModelStore",
    "Outcomes",
    "Place",
    "Replayed",
    "Standing",
    "Texts",
    "Tried",
    "Written",
    "learn",
    "recent",
    "replay",
    "retrain",
    "rollback",
    "show",
]
