"""Trades: finds what is sold under any article: investments, loans, bets, company, jobs, papers, prizes, spells."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.spam.author import author, host, host_name
from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.lexicon import TEXTS, Place
from chalicelib.spam.reach import reach, shops, spans

SAID = 15
"""For one phrase of a trade, with nothing beside it: people speak of casinos, too."""
SAID_OFTEN = 30
"""For several such phrases."""
SOLD = 35
"""For one beside a way to get hold of somebody, a link, a website or a sender of that trade."""
SOLD_OFTEN = 50
"""For several beside such."""
NAMED = 10
"""For a word of a trade whose name, website or email domain the sender has."""
NAMED_OFTEN = 25
"""For two or more."""
LINKED = 20
"""For a link to a site whose name has a word of the trade in it."""
BESIDE = 10
"""For two or more words of a trade beside an address, a link or a website."""

TRADES = {
    "crypto": "investments",
    "loan": "loans",
    "casino": "betting",
    "adult": "sexual services or dating",
    "seo": "services for websites or a local trade",
    "jobs": "easy money or jobs",
    "essays": "papers or documents",
    "prizes": "prizes, parcels or support lines",
    "spells": "spells or hacking",
    "plugs": "a book, course, app or newsletter of one's own",
    "channels": "a channel or music of one's own",
    "goods": "goods of a brand, vapes or supplements",
}


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside the words."""

    linked: frozenset[str]
    """The trades of the sites that are linked."""
    own: frozenset[str]
    """The trades of the sender."""
    reached: bool
    """Whether there is a way to get hold of somebody, a link or a website."""


def trades(submission: Submission) -> Finding | None:
    """Find phrases of the usual trades, or their words beside a name, website, link or address of that trade."""
    reading = submission.reading
    found = TEXTS.find(reading.words)
    shop = shops(reading)
    linked = frozenset(trade for link, _ in shop for trade in host(host_name(link)).trades)
    own = author(submission).trades
    if TRADES.keys().isdisjoint(linked | own) and not any(group.startswith("trades.") for group in found):
        return None
    reached = bool(reading.links or submission.website) or reach(submission).any
    beside = _Beside(linked, own, reached)
    points, trade = max((_points(trade, found, reading.words, beside), trade) for trade in TRADES)
    if not points:
        return None
    places = (*found.get(f"trades.{trade}.strong", ()), *found.get(f"trades.{trade}.weak", ()))
    marked = {*spans(reading, places), *(span for _, span in shop if trade in linked)}
    return Finding("trades", points, f"Sells or promises {TRADES[trade]}.", tuple(sorted(marked)))


def _points(trade: str, found: Mapping[str, tuple[Place, ...]], words: tuple[str, ...], beside: _Beside) -> int:
    phrases = _apart(found.get(f"trades.{trade}.strong", ()))
    named = len({words[first] for first, _ in found.get(f"trades.{trade}.weak", ())})
    own = trade in beside.own or trade in beside.linked
    if phrases:
        once, often = (SOLD, SOLD_OFTEN) if own or beside.reached else (SAID, SAID_OFTEN)
        return once if phrases == 1 else often
    if own and named > 1:
        return NAMED_OFTEN
    if trade in beside.linked:
        return LINKED
    if own and named:
        return NAMED
    return BESIDE if named > 1 and beside.reached else 0


def _apart(places: tuple[Place, ...]) -> int:
    """Count phrases that do not overlap."""
    count, behind = 0, -1
    for first, last in sorted(places):
        if first > behind:
            count += 1
            behind = last
    return count
