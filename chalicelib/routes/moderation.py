"""Endpoints for moderators: the queue, the log, the policy, block and term lists."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.audit import Log
from chalicelib.errors import CursorInvalid, FieldError, Invalid, NotFound
from chalicelib.ids import checked_article_id
from chalicelib.lists import Block, Blocks, NewBlock, NewTerm, OldBlock, OldTerm, Terms
from chalicelib.moderation import CaseFile, Queue, Tray
from chalicelib.patience import pause
from chalicelib.policies import patch_policy
from chalicelib.policy import Policy, patch_schema
from chalicelib.routes.body import PATCH_TYPES
from chalicelib.routes.comments import MOST, PAGE, ArticleId, PageSize
from chalicelib.routes.endpoint import MODERATOR_WRITES, Answer, Call, Endpoints, moderator_of
from chalicelib.routes.problem import invalid
from chalicelib.routes.service import Service
from chalicelib.spam import Term


class QueueQuery(BaseModel):
    """Which page of which tray."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Tray = "pending"
    article: ArticleId | None = None
    limit: PageSize = PAGE
    cursor: Annotated[str, Field(min_length=1, max_length=1024)] | None = None


class LogQuery(BaseModel):
    """Which page of the log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: PageSize = MOST
    cursor: Annotated[str, Field(min_length=1, max_length=1024)] | None = None


class PolicyPatch(BaseModel):
    """A JSON Merge Patch of the policy (RFC 7396): only what changes; null lifts a limit or restores a default."""

    model_config = ConfigDict(frozen=True, extra="allow", json_schema_extra=patch_schema)


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on the queue, log and policy."""
    service = endpoints.service

    @endpoints.endpoint(
        "GET",
        "/v1/admin/queue",
        answers={200: Queue},
        access="moderator",
        query=QueueQuery,
        refuses=(401, 422, 503),
    )
    def get_queue(call: Call) -> Answer:
        """Read the queue, most urgent first, then oldest."""
        query = call.query
        if query.article is not None:
            checked_article_id(query.article)
        context = f"{query.state}|{query.article or ''}"
        after = _position(service, "queue", query.cursor, context)
        items, position = service.stores.moderation.queue(query.state, query.article, query.limit, after, call.now)
        counts = service.stores.moderation.queue_counts()
        return Answer(Queue(items, _cursor(service, "queue", position, context), counts))

    @endpoints.endpoint(
        "GET",
        "/v1/admin/comments/{comment_id}",
        answers={200: CaseFile},
        access="moderator",
        refuses=(401, 404, 422, 503),
    )
    def get_case(call: Call) -> Answer:
        """Read one comment with its context and history."""
        found = service.stores.moderation.case_file(call.path["comment_id"], call.now)
        if found is None:
            raise NotFound("There is no comment with this id.")
        return Answer(found)

    @endpoints.endpoint(
        "GET",
        "/v1/admin/audit",
        answers={200: Log},
        access="moderator",
        query=LogQuery,
        refuses=(401, 422, 503),
    )
    def get_audit(call: Call) -> Answer:
        """Read the log of decisions, newest first."""
        after = _position(service, "audit", call.query.cursor, "")
        items, position = service.stores.moderation.log(call.query.limit, after, call.now)
        return Answer(Log(items, _cursor(service, "audit", position, "")))

    @endpoints.endpoint(
        "GET",
        "/v1/admin/policy",
        answers={200: Policy},
        access="moderator",
        refuses=(401, 422, 503),
    )
    def get_policy(call: Call) -> Answer:
        """Read the site's policy."""
        return Answer(service.stores.policies.policy_row(None, call.now).policy)

    @endpoints.endpoint(
        "PATCH",
        "/v1/admin/policy",
        answers={200: Policy},
        access="moderator",
        body=PolicyPatch,
        takes=PATCH_TYPES,
        refuses=MODERATOR_WRITES,
    )
    def patch_site_policy(call: Call) -> Answer:
        """Change the site's policy by a JSON Merge Patch."""
        try:
            changed = patch_policy(
                service.stores.policies,
                call.body.model_extra,
                moderator_of(call),
                once=call.once,
                now=call.now,
                randomness=service.randomness(),
                pause=pause,
            )
        except ValidationError as error:
            raise invalid(error) from None
        return Answer(changed)


def register_lists(endpoints: Endpoints) -> None:
    """Register the endpoints on block and term lists."""
    service = endpoints.service
    lists = service.stores.lists
    terms: dict[str, Any] = {"answers": {200: Terms}, "access": "moderator"}
    blocks: dict[str, Any] = {"answers": {200: Blocks}, "access": "moderator"}

    @endpoints.endpoint("GET", "/v1/admin/terms", **terms, refuses=(401, 422, 503))
    def get_terms(_call: Call) -> Answer:
        """Read the site's terms."""
        return Answer(Terms(list(lists.terms())))

    @endpoints.endpoint("POST", "/v1/admin/terms", **terms, body=NewTerm, refuses=MODERATOR_WRITES)
    def post_term(call: Call) -> Answer:
        """Add a term, or change what it does."""
        lists.keep_term(Term(value=call.body.value, kind=call.body.kind))
        return Answer(Terms(list(lists.terms())))

    @endpoints.endpoint("DELETE", "/v1/admin/terms", **terms, body=OldTerm, refuses=MODERATOR_WRITES)
    def delete_term(call: Call) -> Answer:
        """Take a term off the list."""
        lists.drop_term(call.body.value)
        return Answer(Terms(list(lists.terms())))

    @endpoints.endpoint("GET", "/v1/admin/blocks", **blocks, refuses=(401, 422, 503))
    def get_blocks(call: Call) -> Answer:
        """Read the site's blocks."""
        return Answer(Blocks(lists.blocks(call.now)))

    @endpoints.endpoint("POST", "/v1/admin/blocks", **blocks, body=NewBlock, refuses=MODERATOR_WRITES)
    def post_block(call: Call) -> Answer:
        """Block an email address, a mail domain, or the author or network of a comment."""
        lists.keep_block(_block(service, call))
        return Answer(Blocks(lists.blocks(call.now)))

    @endpoints.endpoint("DELETE", "/v1/admin/blocks", **blocks, body=OldBlock, refuses=MODERATOR_WRITES)
    def delete_block(call: Call) -> Answer:
        """Lift a block."""
        lists.drop_block(call.body.kind, call.body.mark)
        return Answer(Blocks(lists.blocks(call.now)))


def _block(service: Service, call: Call) -> Block:
    wanted: NewBlock = call.body
    value = wanted.value.strip().casefold()
    if wanted.kind == "domain":
        return Block("domain", value, value, wanted.until)
    if wanted.kind == "email":
        return Block("email", service.keyring.mark("email", value), value, wanted.until)
    record = service.stores.comments.get(wanted.value, call.now)
    mark = record and (record.author if wanted.kind == "author" else record.network)
    if not mark:
        words = f"No comment with this id has a known {wanted.kind}."
        raise Invalid(words, errors=(FieldError("/value", words),))
    return Block(wanted.kind, mark, f"comment {wanted.value}", wanted.until)


def _position(service: Service, purpose: str, cursor: str | None, context: str) -> str | None:
    if cursor is None:
        return None
    position = service.keyring.verify(f"cursor.{purpose}", cursor, context)
    if position is None:
        raise CursorInvalid("This cursor is not one of ours, or belongs to another list.")
    return position


def _cursor(service: Service, purpose: str, position: str | None, context: str) -> str | None:
    return None if position is None else service.keyring.sign(f"cursor.{purpose}", position, context)
