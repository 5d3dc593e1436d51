"""Safety: is anybody in danger, or harmed by what is said? Apart from spam, and never part of its score."""

from chalicelib.spam.finding import SAFETY as REASONS
from chalicelib.spam.safety.adverse import adverse
from chalicelib.spam.safety.advice import advice
from chalicelib.spam.safety.defam import defam
from chalicelib.spam.safety.emergency import emergency
from chalicelib.spam.safety.overdose import overdose
from chalicelib.spam.safety.pii import pii
from chalicelib.spam.safety.selfharm import selfharm
from chalicelib.spam.safety.sourcing import sourcing
from chalicelib.spam.safety.stopping import stopping
from chalicelib.spam.safety.threat import threat

__all__ = ["NEEDS_A_PERSON", "REASONS", "SAFETY", "URGENT_REASONS"]

SAFETY = (selfharm, overdose, emergency, stopping, advice, sourcing, pii, defam, threat, adverse)
NEEDS_A_PERSON = tuple(name for name in REASONS if name != "adverse")
"""Reasons for which a person must see a comment; a possible adverse reaction is only noted."""
URGENT_REASONS = frozenset({"selfharm", "overdose", "emergency", "stopping"})
"""Those that may not wait: their lane is `urgent`."""
