"""Pharmacy: finds medicines for sale, by a shop or a dealer; not patients who talk about prices and pharmacies."""

from chalicelib.spam.author import author, host, host_name
from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.lexicon import TEXTS
from chalicelib.spam.reach import reach, shops, spans

SIGNS = (0, 0, 20, 35, 50)
"""For so many signs of a sale beside a medicine; one alone is what patients say too."""

_SIGNS = {
    "pharmacy.sell": "something for sale",
    "pharmacy.ship": "how it is sent",
    "pharmacy.evade": "no prescription",
}


def pharmacy(submission: Submission) -> Finding | None:
    """Find two or more signs of a sale beside a medicine: selling, shipping, no prescription, a shop, a contact."""
    reading = submission.reading
    found = TEXTS.find(reading.words)
    signs = [words for group, words in _SIGNS.items() if group in found]
    who, shop = author(submission), shops(reading)
    if "pharmacy" in who.trades or any("pharmacy" in host(host_name(link)).trades for link, _ in shop):
        signs.append("a shop's name")
    elif "pharmacy.drug" not in found:
        return None
    if not signs:
        return None
    ways = reach(submission)
    if ways.addresses or ways.others or who.website or who.has_shop or shop:
        signs.append("where to get it")
    points = SIGNS[min(len(signs), len(SIGNS) - 1)]
    if not points:
        return None
    marked = {span for group in (*_SIGNS, "pharmacy.drug") for span in spans(reading, found.get(group, ()))}
    return Finding("pharmacy", points, f"Sells medicines: names {', '.join(signs)}.", tuple(sorted(marked)))
