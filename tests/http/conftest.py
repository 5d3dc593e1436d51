"""What HTTP tests share: readers and moderators in few words, and a look at everything a site holds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from chalicelib.dynamodb import DynamoStores
from chalicelib.keyring import Keyring
from chalicelib.recount import recount
from chalicelib.routes import endpoints
from chalicelib.routes.credentials import COOKIE
from chalicelib.routes.endpoint import DESK, Endpoint, Endpoints
from chalicelib.routes.service import Service as Parts
from tests.conftest import Answer, Service

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


OWN = {"Origin": "https://afterword.example", "Sec-Fetch-Site": "same-origin"}
"""What a browser says of a request that our own page sends."""


@dataclass(frozen=True, slots=True)
class Site:
    """What readers and moderators do, each in one call; every call fails loudly unless told what to expect."""

    service: Service

    def rate(self, article: str, stars: int | None, token: str | None = None, **headers: str) -> Any:
        method, body = ("DELETE", None) if stars is None else ("PUT", {"stars": stars})
        return self.ok(method, f"{path(article)}/rating", json=body, headers={**reader(token), **headers})

    def comment(self, article: str, text: str, token: str | None = None, **fields: Any) -> Any:
        body = {"text": text, "consent": True, **fields}
        return self.ok("POST", f"{path(article)}/comments", json=body, headers=reader(token))

    def decide(self, comment_id: str, action: str, revision: int = 1, **fields: Any) -> Any:
        body = {"action": action, "revision": revision, **fields}
        return self.ok("POST", f"/v1/admin/comments/{comment_id}/decision", json=body, headers=self.service.owner)

    def publish(self, article: str, text: str, token: str | None = None, **fields: Any) -> str:
        comment_id: str = self.comment(article, text, token, **fields)["comment"]["id"]
        self.decide(comment_id, "approve")
        return comment_id

    def thread(self, article: str) -> Any:
        return self.ok("GET", path(article))

    def pages(self, article: str, **query: Any) -> list[Any]:
        """Return every comment of an article, page by page."""
        comments, cursor = [], None
        while True:
            asked = {**query, **({"cursor": cursor} if cursor else {})}
            page = self.ok("GET", f"{path(article)}/comments", query=asked)
            comments += page["comments"]
            cursor = page["next"]
            if cursor is None:
                return comments

    def case(self, comment_id: str) -> Any:
        return self.ok("GET", f"/v1/admin/comments/{comment_id}", headers=self.service.owner)

    def done_to(self, comment_id: str) -> list[str]:
        """Return what was done to a comment since it was submitted, events among it."""
        first, *rest = (entry["action"] for entry in self.case(comment_id)["history"])
        assert first == "submit"
        return rest

    def queue(self, **query: Any) -> Any:
        return self.ok("GET", "/v1/admin/queue", query=query, headers=self.service.owner)

    def moderator(self, name: str, **fields: Any) -> str:
        """Add a moderator and return the first token."""
        body = {"name": name, **fields}
        token: str = self.ok("POST", "/v1/admin/moderators", json=body, headers=self.service.owner)["token"]
        return token

    def session(self, token: str) -> dict[str, str]:
        """Sign in at the desk and return the headers that the page's requests have from then on."""
        answer = self.service.request("POST", "/admin/session", json={"token": token})
        assert answer.status == 200, answer.text
        return {"Cookie": answer.headers["set-cookie"].partition(";")[0], **OWN}

    def policy(self, patch: Mapping[str, Any]) -> Any:
        return self.ok("PATCH", "/v1/admin/policy", json=patch, headers=self.service.owner)

    def ok(self, method: str, where: str, **how: Any) -> Any:
        answer: Answer = self.service.request(method, where, **how)
        assert answer.status in {200, 201, 202}, (answer.status, answer.text)
        return answer.json()


def path(article: str) -> str:
    """Return an article's path, as `encodeURIComponent` makes it."""
    return f"/v1/articles/{quote(article, safe='')}"


def reader(token: str | None) -> dict[str, str]:
    return {"Afterword-Reader": token} if token else {}


class NoStores:
    """Nothing is asked of the stores while routes are registered."""

    lists = None
    people = None


def endpoints_of(service: Service) -> Endpoints:
    """Return the endpoints as the service has them, with nothing behind them."""
    stores: Any = NoStores()
    return endpoints(Parts(service.settings, stores, Keyring(service.settings.secrets)))


def registered(service: Service) -> list[Endpoint]:
    """Return every endpoint there is, so that a new one is tested from its first day."""
    return endpoints_of(service).all


def credentials(service: Service, endpoint: Endpoint, comment_id: str = "0" * 26) -> dict[str, str]:
    """Return what an endpoint asks for: a moderator's token, the edit token of a comment, or nothing."""
    if endpoint.access in DESK:
        return service.owner
    if endpoint.access == "author":
        return author(service, comment_id)
    return {}


def author(service: Service, comment_id: str) -> dict[str, str]:
    """Return the credentials of a comment's author."""
    return edit_token(Keyring(service.settings.secrets).sign("edit", "4102444800", comment_id))


def edit_token(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def cookie(value: str) -> dict[str, str]:
    """Return the headers of our own page with this session cookie."""
    return {"Cookie": f"{COOKIE}={value}", **OWN}


@pytest.fixture
def site(service: Service) -> Site:
    return Site(service)


EXACT = "counted"
"""The article that `exact_counts` looks at."""


@pytest.fixture
def exact_counts(stores: DynamoStores) -> Iterator[None]:
    """Whatever a test did to the article EXACT, every count of it can be proved after it."""
    yield
    found = recount(stores.recounts, stores.recounts.key_of(EXACT), repair=False, pause=lambda _: None)
    assert (found.outcome, found.differences) == ("exact", ())


@pytest.fixture
def items(table_client: "DynamoDBClient", service: Service) -> Callable[[], dict[tuple[str, str], Any]]:
    """A look at everything the table holds of this test's site, by key."""

    def look() -> dict[tuple[str, str], Any]:
        found = {}
        pages = table_client.get_paginator("scan").paginate(TableName=service.settings.table, ConsistentRead=True)
        for page in pages:
            for item in page["Items"]:
                pk, sk = item["pk"]["S"], item["sk"]["S"]
                if pk.startswith(f"{service.settings.site}|"):
                    found[pk, sk] = item
        return found

    return look
