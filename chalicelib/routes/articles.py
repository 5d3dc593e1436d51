"""Endpoints on articles' own rules."""

from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.article_rules import ArticlePolicy, patch_schema
from chalicelib.patience import pause
from chalicelib.policies import RuledArticles, listed, patch_article
from chalicelib.routes.body import PATCH_TYPES
from chalicelib.routes.comments import PageSize
from chalicelib.routes.endpoint import MODERATOR_WRITES, Answer, Call, Endpoints, moderator_of
from chalicelib.routes.paging import Cursor, cursor_of, position_of
from chalicelib.routes.problem import invalid

PAGE = 50


class ArticlePatch(BaseModel):
    """A JSON Merge Patch of an article's policy (RFC 7396): only what changes; null is as the site says."""

    model_config = ConfigDict(frozen=True, extra="allow", json_schema_extra=patch_schema)


class ArticlesQuery(BaseModel):
    """Which page of the articles with rules of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: PageSize = PAGE
    cursor: Cursor | None = None


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on articles' own rules."""
    service = endpoints.service
    path = "/v1/admin/articles/{article_id}/policy"

    @endpoints.endpoint(
        "GET",
        "/v1/admin/articles",
        answers={200: RuledArticles},
        access="moderator",
        query=ArticlesQuery,
        refuses=(401, 422, 503),
    )
    def get_articles(call: Call) -> Answer:
        """List the articles that have rules of their own."""
        policies, query = service.stores.policies, call.query
        found, position = policies.ruled(query.limit, position_of(service, "articles", query.cursor, ""))
        return Answer(RuledArticles(listed(policies.policy(), found), cursor_of(service, "articles", position, "")))

    @endpoints.endpoint(
        "GET",
        path,
        answers={200: ArticlePolicy},
        access="moderator",
        refuses=(401, 422, 503),
    )
    def get_article_policy(call: Call) -> Answer:
        """Read the policy as it holds for an article."""
        return Answer(service.stores.policies.article_row(call.path["article_id"], None, call.now).as_it_holds)

    @endpoints.endpoint(
        "PATCH",
        path,
        answers={200: ArticlePolicy},
        access="moderator",
        body=ArticlePatch,
        takes=PATCH_TYPES,
        refuses=MODERATOR_WRITES,
    )
    def patch_article_policy(call: Call) -> Answer:
        """Change an article's own rules by a JSON Merge Patch."""
        try:
            changed = patch_article(
                service.stores.policies,
                call.path["article_id"],
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
