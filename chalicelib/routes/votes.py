"""Endpoints to vote a comment up and to take the vote back."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.patience import pause
from chalicelib.routes.allowance import admission
from chalicelib.routes.body import FORM
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.form_answer import to_article
from chalicelib.routes.service import Service
from chalicelib.votes import Voted, vote, with_token

VOTED = "afterword-voted"


class UpvoteForm(BaseModel):
    """The vote button of a page without scripts: `_method` names what HTML has no verb for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    method: Annotated[Literal["PUT", "DELETE"], Field(alias="_method")] = "PUT"


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on votes."""
    service = endpoints.service
    path = "/v1/comments/{comment_id}/vote"
    refuses = (401, 404, 422, 429, 503)

    @endpoints.endpoint("PUT", path, answers={200: Voted}, access="reader", refuses=refuses)
    def put_vote(call: Call) -> Answer:
        """Vote a comment up."""
        return _answer(_vote(service, call, wanted=True), call)

    @endpoints.endpoint("DELETE", path, answers={200: Voted}, access="reader", refuses=refuses)
    def delete_vote(call: Call) -> Answer:
        """Take the vote back."""
        return _answer(_vote(service, call, wanted=False), call)

    @endpoints.endpoint(
        "POST",
        path,
        answers={303: None},
        access="reader",
        body=UpvoteForm,
        takes=(FORM,),
        refuses=(400, 413, 415, *refuses),
    )
    def post_vote(call: Call) -> Answer:
        """Vote by the form of a page without scripts."""
        _vote(service, call, wanted=call.body.method == "PUT")
        return to_article(call, VOTED)


def _vote(service: Service, call: Call, *, wanted: bool) -> Voted:
    assert call.reader  # noqa: S101 - access="reader" brings one
    comment_id = call.path["comment_id"]
    voter = service.keyring.comment_mark(call.reader, "vote", comment_id)
    return vote(
        service.stores.votes,
        comment_id,
        voter,
        wanted=wanted,
        once=call.once,
        now=call.now,
        pause=pause,
        admit=admission(service, call, "votes"),
    )


def _answer(voted: Voted, call: Call) -> Answer:
    if call.reader and call.reader.minted:
        return Answer(with_token(voted, call.reader.token))
    return Answer(voted, omit=frozenset({"reader"}))
