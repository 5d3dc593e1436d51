"""A strict reader of Atom: what RFC 4287 and RFC 4685 ask for, written from them and not from our code."""

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, fromstring

ATOM = "{http://www.w3.org/2005/Atom}"
REPLY = "{http://purl.org/syndication/thread/1.0}in-reply-to"

ONE, ANY, MAYBE = (1, 1), (0, None), (0, 1)
TEXTS = {"title", "subtitle", "rights", "summary"}
FEED = {
    **dict.fromkeys(("id", "title", "updated"), ONE),
    **dict.fromkeys(("generator", "icon", "logo", "rights", "subtitle"), MAYBE),
    **dict.fromkeys(("author", "category", "contributor", "link", "entry"), ANY),
}
ENTRY = {
    "author": (1, None),  # because our feeds name none themselves
    **dict.fromkeys(("id", "title", "updated"), ONE),
    **dict.fromkeys(("content", "published", "rights", "source", "summary"), MAYBE),
    **dict.fromkeys(("category", "contributor", "link", REPLY), ANY),
}
PERSON = {"name": ONE, "uri": MAYBE, "email": MAYBE}

# RFC 3339 as RFC 4287 narrows it: capital T and Z.
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
# RFC 3986, which every IRI of ours keeps to: what may stand in one, and no broken escape.
URI = re.compile(r"([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.+")


def read(document: bytes | str) -> Element:
    """Return the feed. Raises ParseError unless it is well-formed."""
    return fromstring(document)  # noqa: S314 - a feed of our own


def entries(feed: Element) -> list[Element]:
    return feed.findall(f"{ATOM}entry")


def value(element: Element, name: str) -> str:
    """Return the text of an element's one child of that name, a path for one further down."""
    (found,) = element.findall("/".join(ATOM + step for step in name.split("/")))
    return found.text or ""


def link(element: Element, rel: str) -> str | None:
    """Return where an element's one link of that relation leads."""
    found = [each.get("href") for each in element.findall(f"{ATOM}link") if each.get("rel", "alternate") == rel]
    assert len(found) <= 1, found
    return found[0] if found else None


def faults(feed: Element) -> list[str]:
    """Say of everything that the RFCs do not allow what is wrong with it."""
    return list(_feed_faults(feed))


def _feed_faults(feed: Element) -> Iterator[str]:
    if feed.tag != f"{ATOM}feed":
        yield f"the root is {feed.tag}"
    yield from _part_faults(feed, FEED)
    ids = [found.text for each in (feed, *entries(feed)) for found in each.findall(f"{ATOM}id")]
    if len(ids) != len(set(ids)):
        yield "an id stands for two things"
    for entry in entries(feed):
        yield from _part_faults(entry, ENTRY)
        if entry.find(f"{ATOM}content") is None and link(entry, "alternate") is None:
            yield "an entry has neither content nor an address"


def _part_faults(element: Element, allowed: dict[str, tuple[int, int | None]]) -> Iterator[str]:
    """Look at the children of a feed, an entry or a person: how often each stands there, and what it holds."""
    names = [_name(child) for child in element]
    for name in {*names, *allowed}:
        least, most = allowed.get(name, (0, 0))
        if not least <= names.count(name) <= (len(names) if most is None else most):
            yield f"{_name(element)} holds {names.count(name)} of {name}"
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        yield f"{_name(element)} holds text between its parts"
    for child, name in zip(element, names, strict=True):
        yield from (f"{name}: {fault}" for fault in _faults_of(child, name))


def _faults_of(element: Element, name: str) -> Iterator[str]:
    text = element.text or ""
    if name in {"author", "contributor"}:
        yield from _part_faults(element, PERSON)
    elif name != "entry" and len(element):
        yield "text has no parts"
    if name in {"updated", "published"}:
        yield from _time_faults(text)
    if name in {"id", "uri"}:
        yield from _uri_faults(text, absolute=True)
    if name == "link":
        yield from _uri_faults(element.get("href"), absolute=element.get("rel") != "self")
    if name == REPLY:
        yield from _uri_faults(element.get("ref"), absolute=True)
    if name in TEXTS | {"content"} and element.get("type", "text") not in {"text", "html"}:
        yield f"type {element.get('type')}"


def _name(element: Element) -> str:
    return element.tag.removeprefix(ATOM)


def _time_faults(text: str) -> Iterator[str]:
    if not TIME.fullmatch(text):
        yield f"{text!r} is no time"
    else:
        datetime.fromisoformat(text)


def _uri_faults(text: str | None, *, absolute: bool) -> Iterator[str]:
    if not text or not URI.fullmatch(text) or text.count("#") > 1:
        yield f"{text!r} is no URI"
    elif absolute and not ABSOLUTE.fullmatch(text):
        yield f"{text!r} is not absolute"
