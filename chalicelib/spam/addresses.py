"""Addresses: finds what the links in the text lead to: hidden, shortened, made for a trade, or known to be honest."""

import re
from collections.abc import Iterator

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding, Span
from chalicelib.spam.hosts import has_cheap_ending, host, is_honest, is_shortener, names_a_trade, site

HONEST = (0, -10, -20)
"""When all links lead to public health, a state, a university, a journal, newspaper or encyclopedia: one, and more."""
BARE = 5
"""For a bare host name: the check of the links does not count it."""
ENDING = 15
SHORT = 15
TRADE = 15
DISGUISED = 40
"""For a link whose text names another site than the one it leads to."""
EMPTY = 30
"""For a link without any text that could be seen."""
MOST = 50
MOST_SPANS = 20

# As in the check of the links, each stretch is bounded by what it may not contain: one pass over any text.
_SHOWN = re.compile(
    r"""
      \[ (?P<markdown> [^\[\]\n]{0,200} ) \] \( \s? <? (?P<to> (?: https?:)? // [^\s()<>]{1,300} )
    | <a\s [^<>]{0,80}? href \s?=\s? ["']? (?P<href> (?: https?:)? // [^\s"'<>]{1,300} ) [^<>]{0,100} >
      (?P<html> [^<>\n]{0,200} ) </a>
    | \[url= ["']? (?P<url> https?:// [^\s"'\[\]]{1,300} ) ["']? \] (?P<forum> [^\[\]\n]{0,200} ) \[/url
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NAMED = re.compile(r"(?:https?://|www\.)?((?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,10})(?:[/?#]\S*)?", re.IGNORECASE)


def addresses(submission: Submission) -> Finding | None:
    """Find where links lead: honest hosts lower the score, shorteners, trades and hidden or lying links raise it."""
    links = submission.reading.links
    if not links:
        return None
    named = [(host(link), link, span) for link, span in links]
    if all(is_honest(name) for name, _, _ in named):
        points = HONEST[min(len(links), len(HONEST) - 1)]
        return Finding("addresses", points, f"Links to {_listed([name for name, _, _ in named])}, known to be honest.")
    found = [*_hidden(submission.text), *(each for name, link, span in named for each in _judged(name, link, span))]
    if not found:
        return None
    best = {said: points for points, said, _ in found}
    spans = sorted({span for _, _, span in found})[:MOST_SPANS]
    message = f"Links {', '.join(best)}."
    return Finding("addresses", min(MOST, sum(best.values())), message, tuple(spans), without="the links")


def _judged(name: str, link: str, span: Span) -> Iterator[tuple[int, str, Span]]:
    if is_honest(name):
        return
    if is_shortener(name):
        yield SHORT, "through a shortener", span
    if has_cheap_ending(name):
        yield ENDING, "to an ending that is mostly bought for spam", span
    if names_a_trade(name):
        yield TRADE, "to a name that says what is sold", span
    if "://" not in link and not link.startswith("www."):
        yield BARE, "by a bare name", span


def _hidden(text: str) -> Iterator[tuple[int, str, Span]]:
    if "](" not in text and "</" not in text and "[/" not in text:
        return
    for link in _SHOWN.finditer(text[:10_000]):
        target = link["to"] or link["href"] or link["url"]
        shown = next(part for part in (link["markdown"], link["html"], link["forum"]) if part is not None)
        if not any(map(str.isalnum, shown)):
            yield EMPTY, "without a text", link.span()
        elif (said := _NAMED.fullmatch(shown.strip())) and not _same(said[1].lower(), host(target.lower())):
            yield DISGUISED, "under the name of another site", link.span()


def _same(said: str, target: str) -> bool:
    return site(said.removeprefix("www.")) == site(target)


def _listed(names: list[str]) -> str:
    distinct = list(dict.fromkeys(names))
    return ", ".join(distinct[:3]) + (f" and {len(distinct) - 3} more" if len(distinct) > 3 else "")  # noqa: PLR2004
