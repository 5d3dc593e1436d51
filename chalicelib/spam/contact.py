"""Contact: finds phone numbers, messengers, handles and email addresses beside an offer or an invitation to write."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding, Span
from chalicelib.spam.lexicon import TEXTS
from chalicelib.spam.reach import Reach, reach

INVITED = 15
"""For an invitation to write, with where to."""
CHANNEL = 20
"""For the same by a messenger; a lonely patient may do that too."""
RECOMMENDED = 35
"""For a third person whom readers shall get hold of, with where to."""
OFFERED = 35
"""For an address beside an offer."""
ELSEWHERE = 15
"""For an invitation to a messenger, without an address: it may be in the profile, or hidden."""

_OFFERS = ("offer", "pharmacy.sell")


def contact(submission: Submission) -> Finding | None:
    """Find an address (phone, email, messenger) beside an offer or an invitation to write; not a public service's."""
    ways = reach(submission)
    if not (ways.addresses or (ways.channels and (ways.invitations or ways.others or ways.handles))):
        return None
    found = TEXTS.find(submission.reading.words)
    traded = "pharmacy.ship" in found or any(group.endswith(".strong") for group in found)
    if "contact.public" in found and not (ways.others or traded):
        return None
    offered = traded or any(group in found for group in _OFFERS)
    return _finding(ways, offered=offered)


def _finding(ways: Reach, *, offered: bool) -> Finding | None:
    where = _named(ways)
    if ways.addresses and ways.others:
        return _found(RECOMMENDED, f"Readers shall get hold of somebody by {where}.", ways)
    if ways.addresses and offered:
        return _found(OFFERED, f"Names {where} beside an offer.", ways)
    if ways.addresses and ways.channels:
        return _found(CHANNEL, f"Names {where} for a messenger.", ways)
    if ways.addresses and ways.invitations:
        return _found(INVITED, f"Invites readers to write or call, with {where}.", ways)
    if ways.channels and (ways.invitations or ways.others):
        return _found(ELSEWHERE, "Invites readers to a messenger.", ways)
    return None


def _found(points: int, message: str, ways: Reach) -> Finding:
    return Finding("contact", points, message, _marked(ways), without=_without(ways))


def _marked(ways: Reach) -> tuple[Span, ...]:
    return tuple(sorted(set(ways.addresses or ways.channels)))


def _named(ways: Reach) -> str:
    if ways.phones:
        return "a phone number"
    if ways.emails:
        return "an email address"
    return "a messenger's link" if ways.chats else "a handle"


def _without(ways: Reach) -> str:
    if ways.phones:
        return "the phone number"
    return "the email address" if ways.emails else "the way to contact somebody"
