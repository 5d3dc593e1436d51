"""Links: finds links in the text, and how much of it they are."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import zip_longest

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding, Span
from chalicelib.spam.hosts import host, is_honest

POINTS = (0, 10, 25, 50)
"""For no link, one, two, and three or more."""
MOSTLY_LINKS = 25
"""Added when links are more than half of the text."""

# Possessive throughout (*+), and each stretch stops at what the next one begins with: one pass over any text.
_LINK = re.compile(
    r"""
      (?P<tag> <a\s[^<>]*+> | \[(?:url|link)\b[^\[\]]*+\] )                           # HTML, BBCode
    | (?P<markdown> \[[^\[\]]*+\] \(\s*+<?(?:https?:|www\.|//)
          [^\s()<>]*+ (?:\([^\s()<>]*+\))?+ [^()\n]*+ \) )
    | (?P<address> (?:https?://|\bwww\.)\w [^\s<>"\[\]\u3000-\u303f\uff01-\uff0f\uff1a-\uff20]*+ )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SIGN = re.compile(r"[<\[/]|www", re.IGNORECASE)
"""Without one of these there is no link."""
_CLOSER = re.compile(r"</a>|\[/(?:url|link)\]", re.IGNORECASE)
_BEHIND_AN_ADDRESS = ".,:;!?'*_~`|}\u2026\u2019\u201d\xbb"


def links(submission: Submission) -> Finding | None:
    """Find links in Markdown, HTML, BBCode or as bare addresses; a website beside them counts as one more."""
    text = submission.text
    spans = tuple(_spans(text)) if _SIGN.search(text) else ()
    if not spans:
        return None
    count = len(spans) + (1 if submission.website else 0)
    points = POINTS[min(count, len(POINTS) - 1)]
    message = f"Holds {_counted(len(spans), 'link')}{' and a website' if submission.website else ''}."
    if 2 * sum(end - start for start, end in spans) > len(text.strip()) and not _are_honest(submission):
        points += MOSTLY_LINKS
        message += " More than half of the text is links."
    return Finding("links", points, message, spans, without="the links")


def _are_honest(submission: Submission) -> bool:
    """Tell whether all links lead to hosts known to be honest: people send those with hardly a word."""
    found = submission.reading.links
    return bool(found) and all(is_honest(host(link)) for link, _ in found)


def _spans(text: str) -> Iterator[Span]:
    found = list(_LINK.finditer(text))
    closers = [closer.span() for closer in _CLOSER.finditer(text)]
    end = 0
    for link, after_next in zip_longest(found, found[2:]):
        if link.start() < end:
            continue
        span = link.span()
        if link.lastgroup == "tag":
            span = _element(link, _first_from(closers, link.end()), after_next)
        elif link.lastgroup == "address":
            span = _address(text, *span)
        if span:
            end = span[1]
            yield span


def _first_from(closers: list[Span], position: int) -> Span | None:
    index = bisect_left(closers, (position, 0))
    return closers[index] if index < len(closers) else None


def _element(tag: re.Match[str], closer: Span | None, after_next: re.Match[str] | None) -> Span | None:
    """The tag to its closer, one address between them included, so that the two count once."""
    if closer and not (after_next and after_next.start() < closer[0]):
        return tag.start(), closer[1]
    return tag.span() if "=" in tag[0] else None


def _address(text: str, start: int, end: int) -> Span:
    """Leave out the punctuation that a sentence puts behind an address."""
    address = text[start:end].rstrip(_BEHIND_AN_ADDRESS)
    if address.endswith(")") and "(" not in address:
        address = address.rstrip(")" + _BEHIND_AN_ADDRESS)
    return start, start + len(address)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
