"""The article page for readers, and the page that tells what is wrong with a form.

A comment's `html` is the only HTML taken as it is: it was sanitised when it was written.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from chalicelib.rendering.templates import NOTHING, filled, joined

STARS = (1, 2, 3, 4, 5)
DEEPEST = 6

NOT_YET_RATED = "Not yet rated. Be the first to rate this article."
CHECK_THE_FORM = "Please check the form"
ANONYMOUS = "Anonymous"

_PERSON_READS = "A moderator reads every comment before it is shown."
_PERSON_MAY_READ = "A moderator may read a comment before it is shown."


def article_page(thread: Mapping[str, Any], *, reply_to: str | None) -> str:
    """Return the demo article with its rating, first comments and form; `reply_to` is the comment being answered."""
    return filled(
        "article",
        article_id=thread["article_id"],
        rating=rating_block(thread["article_id"], thread["tally"]),
        comments=comments_block(thread),
        form=reply_form(thread, reply_to=reply_to),
        blank_comment=comment_item(_BLANK, None),
    )


def error_page(problem: Mapping[str, Any], *, root: str = "/") -> str:
    """Return the page a form without JavaScript gets for a problem+json document; `root` is where `web/` lies."""
    errors = problem.get("errors") or ()
    detail = problem.get("detail") or ""
    items = NOTHING.join(
        Markup("<li><strong>{}</strong>: {}</li>").format(_field(e["pointer"]), e["detail"]) for e in errors
    )
    return filled(
        "problem",
        root=root,
        title=CHECK_THE_FORM if errors else problem["title"],
        detail="" if any(error["detail"] == detail for error in errors) else detail,
        errors=Markup("<ul>{}</ul>").format(items) if items else NOTHING,
        request=_request(problem),
    )


def rating_block(article_id: str, tally: Mapping[str, Any]) -> Markup:
    """Return what readers gave, in words, and the stars to give."""
    stars = NOTHING.join(filled("star", value=n, words="1 star" if n == 1 else f"{n} stars") for n in STARS)
    return filled("rating", action=_path(article_id, "rating"), tally=tally_words(tally), stars=stars)


def tally_words(tally: Mapping[str, Any]) -> str:
    """Return the tally as a sentence; `demo.js` says it in the same words and with the same rounding."""
    if not tally["count"]:
        return NOT_YET_RATED
    average = Decimal(tally["average"]).quantize(Decimal("0.1"), ROUND_HALF_UP)
    ratings = "1 rating" if tally["count"] == 1 else f"{tally['count']:,} ratings"
    return f"{average} out of 5 stars from {ratings}"


def comments_block(thread: Mapping[str, Any]) -> Markup:
    """Return the first page of comments, flat and in order; depth says how far each is indented."""
    comments = thread["comments"]
    open_ = thread["policy"]["mode"] != "closed"
    by_id = {comment["id"]: comment for comment in comments}
    return filled(
        "comments",
        count=count_words(max(thread["comments_count"], len(comments))),
        items=Markup("\n").join(
            comment_item(comment, by_id.get(comment["parent_id"]), open_=open_) for comment in comments
        ),
        next=thread["next"] or "",
    )


def count_words(count: int) -> str:
    """Return how many comments there are, in words."""
    if not count:
        return "No comments yet"
    return "1 comment" if count == 1 else f"{count:,} comments"


def comment_item(comment: Mapping[str, Any], parent: Mapping[str, Any] | None, *, open_: bool = True) -> Markup:
    """Return one comment as a list item, its parent named when that is on the page."""
    identity = comment["id"]
    created = comment["created_at"]
    return filled(
        "comment",
        element_id=f"comment-{identity}",
        depth=min(int(comment["depth"]), DEEPEST),
        author=_author(comment),
        permalink=f"#comment-{identity}",
        created_at=created,
        when=_when(created),
        edited=Markup(' <span class="edited">edited</span>') if comment["edited_at"] else NOTHING,
        answering=_answering(comment["parent_id"], parent),
        # Sanitised by nh3 when it was written: the only HTML taken as it is.
        html=Markup(comment["html"]),  # noqa: S704
        actions=_reply_link(comment) if open_ else NOTHING,
    )


def reply_form(thread: Mapping[str, Any], *, reply_to: str | None) -> Markup:
    """Return the form, aimed at the comment `reply_to` if any, or a sentence where comments are closed."""
    policy = thread["policy"]
    if policy["mode"] == "closed":
        return filled("closed")
    named = next((_name(comment) for comment in thread["comments"] if comment["id"] == reply_to), "a comment")
    consent = policy["require_consent"]
    return filled(
        "form",
        help=_help(policy.get("help")),
        action=_path(thread["article_id"], "comments"),
        form=thread["form"],
        parent_id=reply_to or "",
        parent_disabled=NOTHING if reply_to else Markup(" disabled"),
        replying_to=named if reply_to else "",
        replying_hidden=NOTHING if reply_to else Markup(" hidden"),
        max_length=f"{policy['max_length']:,}",
        consent_required=Markup(" required") if consent else NOTHING,
        consent_optional=NOTHING if consent else Markup(' <span class="optional">(optional)</span>'),
        who_reads=_PERSON_READS if policy["mode"] == "premoderate" else _PERSON_MAY_READ,
    )


def _help(given: Mapping[str, Any] | None) -> Markup:
    """Return the help that stands beside the form, nothing where the policy wants none there."""
    if not given:
        return NOTHING
    # The policy takes no other address than one of the web, a phone or mail.
    link = Markup('<li><a href="{}" rel="noopener">{}</a></li>')
    links = joined(link.format(each["url"], each["title"]) for each in given["links"])
    return filled("help", title=given["title"], text=given["text"], links=links)


_BLANK: Mapping[str, Any] = {
    "id": "",
    "parent_id": None,
    "depth": 0,
    "name": None,
    "website": None,
    "html": "",
    "created_at": "",
    "edited_at": None,
}
"""What the page's `<template>` is made from, so that the script adds comments in the same markup."""


def _path(article_id: str, tail: str) -> str:
    return f"v1/articles/{quote(article_id, safe='')}/{tail}"


def _name(comment: Mapping[str, Any]) -> str:
    return comment["name"] or ANONYMOUS


def _author(comment: Mapping[str, Any]) -> Markup:
    website = comment["website"]
    # Escaping does not disarm a `javascript:` address, so the scheme is asked once more.
    if website and website.lower().startswith(("https://", "http://")):
        return Markup('<a href="{}" rel="ugc nofollow noopener">{}</a>').format(website, _name(comment))
    return Markup("{}").format(_name(comment))


def _answering(parent_id: str | None, parent: Mapping[str, Any] | None) -> Markup:
    if parent_id is None or parent is None:
        return NOTHING
    line = Markup('<p class="answering">In reply to <a href="{}"><bdi>{}</bdi></a></p>\n')
    return line.format(f"#comment-{parent_id}", _name(parent))


def _reply_link(comment: Mapping[str, Any]) -> Markup:
    href = f"./?reply_to={quote(comment['id'], safe='')}#respond"
    return filled("reply", id=comment["id"], href=href, name=_name(comment))


def _when(created_at: str) -> str:
    if not created_at:
        return ""
    moment = datetime.fromisoformat(created_at).astimezone(UTC)
    return f"{moment.day} {moment:%B %Y at %H:%M} UTC"


_FIELDS = {
    "/text": "Comment",
    "/name": "Name",
    "/email": "Email",
    "/website": "Website",
    "/consent": "Consent",
    "/stars": "Stars",
    "/parent_id": "The comment you reply to",
}


def _field(pointer: str) -> str:
    return _FIELDS.get(pointer, pointer.removeprefix("/") or "The form")


def _request(problem: Mapping[str, Any]) -> str:
    identity = problem.get("request_id")
    return f"If you write to us about this, name the request {identity}." if identity else ""
