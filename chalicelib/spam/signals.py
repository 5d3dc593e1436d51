"""Signals: measures of a comment that no check would hold against anybody, for the prior to weigh together."""

import math
import re
import string

from chalicelib.spam.evidence import Submission

_FIRST = frozenset(["i", "my", "me", "i'm", "i've", "mine", "we", "our", "us", "i'd", "i'll", "im", "ive"])
_SECOND = frozenset(["you", "your", "u", "ur", "you'll", "you're", "yours"])
_ASKING = frozenset(["what", "why", "how", "who", "when", "where", "which", "anyone", "anybody", "does", "did", "can"])
_COMMANDS = frozenset(
    (  # noqa: SIM905 - as a list, one to a line, nobody would read them
        "click visit buy order call text txt contact subscribe check join get claim earn win follow message whatsapp "
        "telegram dm add reply sign download watch apply register write inbox email"
    ).split()
)
_SAFE = (".gov", ".edu", "nhs.uk", ".ac.uk", "wikipedia.org", "who.int", "nih.gov", ".int", ".gov.uk")
_SHORTENERS = frozenset(
    ["bit.ly", "goo.gl", "t.co", "tinyurl.com", "cutt.ly", "ow.ly", "is.gd", "t.me", "wa.me", "rb.gy", "tiny.cc"]
)
_MONEY = re.compile(
    r"[$£€₹₽¥]\s?\d|\d[\d.,]{0,12}\s?(?:[$£€₹₽¥]|usd\b|eur\b|gbp\b|dollars?\b|btc\b|eth\b|usdt\b|руб)", re.IGNORECASE
)
_PHONE = re.compile(r"\+?\(?\d[\d\s().-]{7,18}\d")
_MARKUP = re.compile(r"\]\(|\[url|\[link|<a\s|</|<div|<p>|\[b\]|\]\[\d", re.IGNORECASE)
_PICTURE = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_TRADE = re.compile(
    "shop|store|buy|cheap|deal|loan|casino|bet|slot|seo|agency|repair|meds|pill|pharm|rx|keto|slim|diet|escort|hack|spell|"
    "cash|crypto|forex|coin|invest|review|outlet|discount|promo|herbal|cure|cbd|vape|sale|win|bonus|market|rank|essay|"
    "dating|girl|profit|trade"
)
_CAPITALS, _DIGITS = string.ascii_uppercase.encode(), string.digits.encode()
_LETTER = string.ascii_letters.encode()
_LETTERS = re.compile("[a-z]{4,}")

NAMES = (
    *(
        "links",
        "a_link",
        "safe_link",
        "short_link",
        "mostly_links",
        "markup",
        "trade_links",
        "phone",
        "email",
        "handle",
    ),
    *("money", "some_money", "capitals", "digits", "exclamations", "exclaims", "asks", "length", "long", "short"),
    *("first_person", "second_person", "question_word", "pictures", "disguised", "other_script", "repeats"),
    *("name_in_website", "website", "trade_website", "trade_name", "digits_in_email", "trade_email", "name_in_email"),
    *("words_a_sentence", "lines", "commands", "signs", "percent"),
)


def signals(submission: Submission) -> list[float]:
    """Return the measures in the order of NAMES, each between 0 and about 2."""
    text, reading = submission.text[:10_000], submission.reading
    words, characters = reading.words, max(len(text), 1)
    count = max(len(words), 1)
    hosts = [host(link) for link, _ in reading.links]
    letters, capitals, digits, other = _counted(text)
    exclamations, money = text.count("!"), len(_MONEY.findall(text))
    return [
        min(len(hosts), 3) / 3,
        float(bool(hosts)),
        float(any(each.endswith(_SAFE) for each in hosts)),
        float(any(each in _SHORTENERS for each in hosts)),
        float(2 * sum(end - start for _, (start, end) in reading.links) > characters),
        float(bool(_MARKUP.search(text))),
        min(sum(1 for each in hosts if _TRADE.search(each)), 3) / 3,
        float(bool(_PHONE.search(text))),
        float(bool(reading.emails)),
        float(bool(reading.handles)),
        min(money, 3) / 3,
        float(money > 0),
        capitals / max(letters, 1),
        digits / characters * 4,
        min(exclamations, 5) / 5,
        float("!!" in text),
        float("?" in text),
        min(math.log(characters + 1), 8) / 8,
        float(characters > 400),  # noqa: PLR2004 - about four sentences
        float(count <= 4),  # noqa: PLR2004 - a shout, a thank you
        min(sum(map(_FIRST.__contains__, words)) / count * 8, 1),
        min(sum(map(_SECOND.__contains__, words)) / count * 8, 1),
        float(bool(words) and words[0] in _ASKING),
        min(len(_PICTURE.findall(text)), 4) / 4 if not text.isascii() else 0.0,
        min(len(reading.disguised), 3) / 3,
        other / max(letters, 1),
        1 - len(set(words)) / count,
        *_of_the_sender(submission),
        min(count / max(len(reading.stops), 1) / 30, 2),
        float("\n" in text),
        min(sum(map(_COMMANDS.__contains__, words)) / count * 8, 1),
        min(reading.signs / characters * 10, 1),
        float("%" in text),
    ]


def _counted(text: str) -> tuple[int, int, int, int]:
    """Return how many letters, capitals, digits, and letters of no Latin alphabet there are."""
    if text.isascii():
        size, typed = len(text), text.encode()
        capitals = size - len(typed.translate(None, _CAPITALS))
        return size - len(typed.translate(None, _LETTER)), capitals, size - len(typed.translate(None, _DIGITS)), 0
    other = sum(1 for letter in text if letter > "\u024f" and letter.isalpha())
    return sum(map(str.isalpha, text)), sum(map(str.isupper, text)), sum(map(str.isdigit, text)), other


def _of_the_sender(submission: Submission) -> list[float]:
    name, site = (submission.name or "").lower(), host((submission.website or "").lower())
    local = (submission.email or "").lower().partition("@")[0]
    parts = _LETTERS.findall(name)
    return [
        float(any(part in site for part in parts)),
        float(bool(site)),
        min(len(_TRADE.findall(site)), 2) / 2,
        min(len(_TRADE.findall(name)), 2) / 2,
        float(sum(map(str.isdigit, local)) > 2),  # noqa: PLR2004 - a year of birth has two
        min(len(_TRADE.findall(submission.email or "")), 2) / 2,
        float(any(part in local for part in parts)),
    ]


def host(link: str) -> str:
    """Return the host name of an address, without `www.`."""
    return link.rpartition("://")[2].partition("/")[0].removeprefix("www.")
