"""Feeds: an article's newest comments as Atom 1.0 (RFC 4287), replies marked as RFC 4685 says.

Every text goes through `_readable` and is escaped by ElementTree, so whatever readers typed, the feed can be parsed.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote, urldefrag, urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from chalicelib.comments import Comment
from chalicelib.rendering import ANONYMOUS

MEDIA_TYPE = "application/atom+xml"
NAMESPACES = {"xmlns": "http://www.w3.org/2005/Atom", "xmlns:thr": "http://purl.org/syndication/thread/1.0"}

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without comments was updated: the format wants a time, and it must not change from request to request."""

# Patterns as texts: compiling them takes a millisecond, which a cold start spends only when a feed is asked for.
_NOT_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
_BROKEN_ESCAPE = "%(?![0-9A-Fa-f]{2})"
_IN_SEGMENTS = "%!$&'()*+,;=:@"  # RFC 3986, 3.3


def atom(site: str, article_id: str, comments: Iterable[Comment]) -> str:
    """Return the feed of an article's comments, newest first, under ids that stay the same for ever."""
    newest_first = sorted(comments, key=lambda comment: comment.created_at, reverse=True)
    article = address(article_id)
    feed = Element("feed", NAMESPACES)
    _add(feed, "id", _urn(f"article:{site}:{quote(article_id, safe='', errors='surrogatepass')}"))
    _add(feed, "title", f"Comments on {article_id}")
    _add(feed, "updated", _time(max(map(_updated, newest_first), default=NEVER)))
    # Relative: which name the reader reached us by, only the reader knows for sure.
    _add(feed, "link", rel="self", type=MEDIA_TYPE, href="feed.atom")
    if article:
        _add(feed, "link", rel="alternate", type="text/html", href=article)
    for comment in newest_first:
        _add_entry(feed, comment, article)
    indent(feed)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(feed, encoding="unicode")}\n'


def address(text: str) -> str | None:
    """Return the text as a URI, with all escaped that one cannot hold, when it is an absolute http or https address."""
    try:
        parts = urlsplit(re.sub(_BROKEN_ESCAPE, "%25", _readable(text)))
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    if not known:
        return None
    return urlunsplit(
        (
            parts.scheme,
            quote(parts.netloc, safe=f"{_IN_SEGMENTS}[]"),
            quote(parts.path, safe=f"{_IN_SEGMENTS}/"),
            quote(parts.query, safe=f"{_IN_SEGMENTS}/?"),
            quote(parts.fragment, safe=f"{_IN_SEGMENTS}/?"),
        )
    )


def _add_entry(feed: Element, comment: Comment, article: str | None) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", _comment_urn(comment.id))
    _add(entry, "title", _title(comment))
    _add(entry, "published", _time(comment.created_at))
    _add(entry, "updated", _time(_updated(comment)))
    _add_author(entry, comment)
    if article:
        _add(entry, "link", rel="alternate", type="text/html", href=_on_page(article, comment.id))
    if comment.parent_id:
        place = {"href": _on_page(article, comment.parent_id), "type": "text/html"} if article else {}
        _add(entry, "thr:in-reply-to", ref=_comment_urn(comment.parent_id), **place)
    _add(entry, "content", comment.html, type="html")


def _add_author(entry: Element, comment: Comment) -> None:
    author = _add(entry, "author")
    _add(author, "name", _name(comment))
    website = address(comment.website or "")
    if website:
        _add(author, "uri", website)


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    added = SubElement(parent, tag, attributes)
    added.text = None if text is None else _readable(text)
    return added


def _title(comment: Comment) -> str:
    """Return a title that ends with the name: one that is written from right to left turns nothing else round."""
    kind = "Reply" if comment.parent_id else "Comment"
    at = comment.created_at.astimezone(UTC)
    return f"{kind} of {at.day} {at:%B %Y} by {_name(comment)}"


def _name(comment: Comment) -> str:
    return comment.name or ANONYMOUS


def _updated(comment: Comment) -> datetime:
    # Edits are kept to the second, so one made at once can seem to come before what it edits.
    return max(comment.created_at, comment.edited_at or comment.created_at)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _comment_urn(comment_id: str) -> str:
    return _urn(f"comment:{comment_id}")


def _urn(name: str) -> str:
    """Return an id that is always the same for a name: an article id itself may be longer, and no IRI."""
    return uuid5(NAMESPACE_URL, f"afterword:{name}").urn


def _on_page(article: str, comment_id: str) -> str:
    return f"{urldefrag(article).url}#comment-{quote(comment_id, safe='')}"


def _readable(text: str) -> str:
    """Return the text with U+FFFD in the place of each character that XML 1.0 cannot hold, even escaped."""
    return re.sub(_NOT_XML, "\ufffd", text)
