"""Endpoints to rate an article, change the rating and take it back."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.errors import FieldError, Invalid
from chalicelib.patience import pause
from chalicelib.ratings import Rated, Vote, rate, with_token
from chalicelib.routes.allowance import admission
from chalicelib.routes.body import FORM
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.form_answer import to_article
from chalicelib.routes.service import Service

RATED = "afterword-rated"


def _stars_unless_deleted(schema: dict[str, Any]) -> None:
    # A form has no null, and the stars are wanted unless the rating is taken back.
    schema["properties"]["stars"] = {"type": "integer", "minimum": 1, "maximum": 5, "title": "Stars"}
    deleted = {"properties": {"_method": {"const": "DELETE"}}, "required": ["_method"]}
    schema["anyOf"] = [{"required": ["stars"]}, deleted]


class VoteForm(BaseModel):
    """The rating form of a page without scripts: `_method` names what HTML has no verb for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, json_schema_extra=_stars_unless_deleted)

    method: Annotated[Literal["PUT", "DELETE"], Field(alias="_method")] = "PUT"
    stars: Annotated[int, Field(ge=1, le=5)] | None = None


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on ratings."""
    service = endpoints.service
    path = "/v1/articles/{article_id}/rating"
    refuses = (401, 422, 429, 503)

    @endpoints.endpoint(
        "PUT", path, answers={200: Rated}, access="reader", body=Vote, refuses=(400, 413, 415, *refuses)
    )
    def put_rating(call: Call) -> Answer:
        """Rate an article, or change the rating."""
        return _answer(_rate(service, call, call.body.stars), call)

    @endpoints.endpoint("DELETE", path, answers={200: Rated}, access="reader", refuses=refuses)
    def delete_rating(call: Call) -> Answer:
        """Take the rating back."""
        return _answer(_rate(service, call, None), call)

    @endpoints.endpoint(
        "POST",
        path,
        answers={303: None},
        access="reader",
        body=VoteForm,
        takes=(FORM,),
        refuses=(400, 413, 415, *refuses),
    )
    def post_rating(call: Call) -> Answer:
        """Rate by the form of a page without scripts."""
        if call.body.method == "PUT" and call.body.stars is None:
            words = "Please choose one to five stars."
            raise Invalid(words, errors=(FieldError("/stars", words),))
        _rate(service, call, call.body.stars if call.body.method == "PUT" else None)
        return to_article(call, RATED)


def _rate(service: Service, call: Call, stars: int | None) -> Rated:
    assert call.reader  # noqa: S101 - access="reader" brings one
    article_id = call.path["article_id"]
    reader = service.keyring.rating_mark(call.reader, article_id)
    return rate(
        service.stores.ratings,
        article_id,
        reader,
        stars,
        once=call.once,
        now=call.now,
        pause=pause,
        admit=admission(service, call, "ratings"),
    )


def _answer(rated: Rated, call: Call) -> Answer:
    if call.reader and call.reader.minted:
        return Answer(with_token(rated, call.reader.token))
    return Answer(rated, omit=frozenset({"reader"}))
