"""Endpoints on the site's lists: terms and blocks."""

from typing import Any

from chalicelib.changes import Change
from chalicelib.errors import FieldError, Invalid
from chalicelib.lists import Block, Blocks, NewBlock, NewTerm, OldBlock, OldTerm, Place, Terms, drop, keep
from chalicelib.patience import pause
from chalicelib.routes.endpoint import MODERATOR_WRITES, Answer, Call, Endpoints, moderator_of
from chalicelib.routes.service import Service
from chalicelib.spam import Term


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on block and term lists."""
    service = endpoints.service
    lists = service.stores.lists
    terms: dict[str, Any] = {"answers": {200: Terms}, "access": "moderator"}
    blocks: dict[str, Any] = {"answers": {200: Blocks}, "access": "moderator"}

    def change(call: Call) -> Change:
        return Change(moderator_of(call), call.once, call.now, service.randomness())

    @endpoints.endpoint("GET", "/v1/admin/terms", **terms, refuses=(401, 422, 503))
    def get_terms(_call: Call) -> Answer:
        """Read the site's terms."""
        return Answer(Terms(list(lists.terms())))

    @endpoints.endpoint("POST", "/v1/admin/terms", **terms, body=NewTerm, refuses=MODERATOR_WRITES)
    def post_term(call: Call) -> Answer:
        """Add a term, or change what it does."""
        keep(lists, Term(value=call.body.value, kind=call.body.kind), change(call), pause)
        return Answer(Terms(list(lists.terms())))

    @endpoints.endpoint("DELETE", "/v1/admin/terms", **terms, body=OldTerm, refuses=MODERATOR_WRITES)
    def delete_term(call: Call) -> Answer:
        """Take a term off the list."""
        drop(lists, Place.of_term(call.body.value), change(call), pause)
        return Answer(Terms(list(lists.terms())))

    @endpoints.endpoint("GET", "/v1/admin/blocks", **blocks, refuses=(401, 422, 503))
    def get_blocks(call: Call) -> Answer:
        """Read the site's blocks."""
        return Answer(Blocks(lists.blocks(call.now)))

    @endpoints.endpoint("POST", "/v1/admin/blocks", **blocks, body=NewBlock, refuses=MODERATOR_WRITES)
    def post_block(call: Call) -> Answer:
        """Block an email address, a mail domain, or the author or network of a comment."""
        keep(lists, _block(service, call), change(call), pause)
        return Answer(Blocks(lists.blocks(call.now)))

    @endpoints.endpoint("DELETE", "/v1/admin/blocks", **blocks, body=OldBlock, refuses=MODERATOR_WRITES)
    def delete_block(call: Call) -> Answer:
        """Lift a block."""
        drop(lists, Place(call.body.kind, call.body.mark), change(call), pause)
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
