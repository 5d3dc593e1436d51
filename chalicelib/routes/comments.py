"""Endpoints to read an article's thread and to comment on it."""

import hashlib
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chalicelib import feed
from chalicelib.comments import CommentPage, Counts, PolicyFacts, Thread
from chalicelib.drafts import Draft
from chalicelib.errors import CursorInvalid
from chalicelib.ids import ARTICLE_ID_SCHEMA, checked_article_id
from chalicelib.patience import pause
from chalicelib.routes.body import FORM, JSON_TYPES
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.form_answer import to_article
from chalicelib.routes.service import Service
from chalicelib.settings import VERSION
from chalicelib.submission import Desk, Sender, Submitted, form_token, submit

PAGE = 20
MOST = 50
MOST_COUNTS = 100
PENDING, PUBLISHED = "afterword-pending", "afterword-published"

CACHED = "public, max-age=0, s-maxage=5, stale-while-revalidate=30"
ATOM = f"{feed.MEDIA_TYPE}; charset=utf-8"

ReadSort = Literal["newest", "oldest", "best"]


def digits(value: object) -> object:
    """Return what stands for a whole number in a query. Raises ValueError for other text."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        msg = "This is a whole number."
        raise ValueError(msg)
    return value


PageSize = Annotated[int, Field(ge=1, le=MOST), BeforeValidator(digits)]
ArticleId = Annotated[str, Field(json_schema_extra=ARTICLE_ID_SCHEMA)]


class ThreadQuery(BaseModel):
    """How many comments to show."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: PageSize = PAGE


class PageQuery(BaseModel):
    """Which page of a thread."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sort: ReadSort = "newest"
    limit: PageSize = PAGE
    cursor: Annotated[str, Field(min_length=1, max_length=1024)] | None = None


class CountsQuery(BaseModel):
    """Which articles to count, one `id` each."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    many: ClassVar[frozenset[str]] = frozenset({"id"})

    id: Annotated[list[ArticleId], Field(min_length=1, max_length=MOST_COUNTS)]


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on threads and comments."""
    service = endpoints.service

    @endpoints.endpoint(
        "GET",
        "/v1/articles/{article_id}",
        answers={200: Thread, 304: None},
        query=ThreadQuery,
        refuses=(422, 503),
    )
    def get_thread(call: Call) -> Answer:
        """Read an article's tally and the first page of its comments."""
        limit = call.query.limit
        thread, version = first_page(service, call.path["article_id"], call.now, limit)
        policy = hashlib.sha256(repr(thread.policy).encode()).hexdigest()[:8]
        # A form's time is signed: who asks again is sent a fresh one twice a day, though nothing else has changed.
        half_day = int(call.now.timestamp()) // 43_200
        return cacheable(call, thread, f'W/"{version}-{limit}-{policy}-{half_day}-{VERSION}"')

    @endpoints.endpoint(
        "GET",
        "/v1/articles/{article_id}/feed.atom",
        answers={200: ATOM, 304: None},
        refuses=(422, 503),
    )
    def get_feed(call: Call) -> Answer:
        """Follow an article's comments in a feed reader."""
        article_id = call.path["article_id"]
        thread, version = first_page(service, article_id, call.now)
        text = feed.atom(service.settings.site, article_id, thread.comments)
        return cacheable(call, text, f'W/"atom-{version}-{VERSION}"', ATOM)

    @endpoints.endpoint(
        "GET",
        "/v1/articles/{article_id}/comments",
        answers={200: CommentPage},
        query=PageQuery,
        refuses=(422, 503),
    )
    def get_comments(call: Call) -> Answer:
        """Read further comments of an article, or all of them in another order."""
        return Answer(page(service, call.path["article_id"], call.query), headers={"Cache-Control": CACHED})

    @endpoints.endpoint("GET", "/v1/counts", answers={200: dict[str, Counts]}, query=CountsQuery, refuses=(422, 503))
    def get_counts(call: Call) -> Answer:
        """Count the comments and ratings of up to 100 articles."""
        wanted = [checked_article_id(text) for text in call.query.id]
        return Answer(service.stores.threads.counts(wanted), headers={"Cache-Control": CACHED})

    @endpoints.endpoint(
        "POST",
        "/v1/articles/{article_id}/comments",
        answers={201: Submitted, 202: Submitted, 303: None},
        access="reader",
        body=Draft,
        takes=(*JSON_TYPES, FORM),
        refuses=(400, 401, 403, 409, 413, 415, 422, 429, 503),
    )
    def post_comment(call: Call) -> Answer:
        """Comment on an article, or reply to a comment: 201 when it is public, 202 while it waits."""
        assert call.reader  # noqa: S101 - access="reader" brings one
        submitted = submit(
            desk(service),
            call.path["article_id"],
            call.body,
            Sender(call.reader, call.network, call.trap),
            once=call.once,
            now=call.now,
            randomness=service.randomness(),
        )
        public = submitted.status == "approved"
        if call.is_form:
            return to_article(call, PUBLISHED if public else PENDING)
        omit = frozenset() if submitted.reader else frozenset({"reader"})
        return Answer(submitted, 201 if public else 202, omit=omit)


def desk(service: Service) -> Desk:
    """Return what submitting works with, for one request."""
    stores = service.stores
    return Desk(stores.comments, stores.limits, service.keyring, stores.lists.terms, pause)


def first_page(service: Service, article_id: str, now: datetime, limit: int = PAGE) -> tuple[Thread, str]:
    """Return an article's thread and its version, by one Query."""
    first = service.stores.threads.first_page(article_id, limit, now)
    thread = Thread(
        article_id=article_id,
        tally=first.tally,
        comments_count=first.approved,
        comments=first.comments,
        next=_cursor(service, article_id, "newest", first.after),
        policy=PolicyFacts.of(service.stores.policies.policy(), first.rules, now),
        form=form_token(service.keyring, article_id, now),
    )
    return thread, first.version


def page(service: Service, article_id: str, query: PageQuery) -> CommentPage:
    """Return one page of a thread. Raises CursorInvalid."""
    after = None
    if query.cursor is not None:
        after = service.keyring.verify(f"cursor.{query.sort}", query.cursor, article_id)
        if after is None:
            raise CursorInvalid("This cursor is not one of ours, or belongs to another article or order.")
    comments, position = service.stores.threads.page(article_id, query.sort, query.limit, after)
    return CommentPage(comments, _cursor(service, article_id, query.sort, position))


def _cursor(service: Service, article_id: str, sort: str, position: str | None) -> str | None:
    return None if position is None else service.keyring.sign(f"cursor.{sort}", position, article_id)


def cacheable(call: Call, value: Any, etag: str, media_type: str = JSON_TYPES[0]) -> Answer:  # noqa: ANN401 - any shape
    """Return the value under its entity tag, or 304 when the caller has it (RFC 9110, 13.1.2)."""
    found = {"ETag": etag, "Cache-Control": CACHED}
    known = {tag.strip().removeprefix("W/") for tag in call.headers.get("if-none-match", "").split(",")}
    if "*" in known or etag.removeprefix("W/") in known:
        return Answer(None, 304, found, media_type=media_type)
    return Answer(value, headers=found, media_type=media_type)
