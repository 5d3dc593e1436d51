"""What browser tests share: a Chromium, pages that may reach nothing else, and screenshots."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import Service
from tests.http.conftest import reader

ARTICLE = "/v1/articles/baclofen"
LAUNCH = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 30_000  # ms

# What is expected comes at once where the machine is idle; where it is not, that says nothing about the page.
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """A real Chromium, one for all tests of a process."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_path, args=list(LAUNCH))
        yield opened
        opened.close()


@dataclass
class Visitor:
    """Somebody with a browser of their own: what their pages asked for, said and complained about."""

    context: BrowserContext
    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> Page:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(self.url + path)
        return page

    def _hear(self, kind: str, text: str) -> None:
        # Chromium reports every refused request here; that the page says it in words is tested.
        if kind in {"error", "warning"} and not text.startswith("Failed to load resource"):
            self.complaints.append(f"{kind}: {text}")

    @property
    def foreign(self) -> list[str]:
        """Requests that left the origin."""
        return [url for url in self.requests if not url.startswith((self.url + "/", "data:"))]


@pytest.fixture
def visitors(browser: Browser, live_url: str) -> Iterator[Callable[..., Visitor]]:
    """Let somebody in; afterwards no page may have loaded anything from elsewhere or broken."""
    inside: list[Visitor] = []

    def enter(**options: Any) -> Visitor:
        visitor = Visitor(browser.new_context(**options), live_url)
        inside.append(visitor)
        return visitor

    yield enter
    for visitor in inside:
        visitor.context.close()
    assert [url for visitor in inside for url in visitor.foreign] == []
    assert [complaint for visitor in inside for complaint in visitor.complaints] == []


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a picture of the page when AFTERWORD_SCREENSHOTS names a folder."""
    folder = os.environ.get("AFTERWORD_SCREENSHOTS")
    test = re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")

    def take(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{test}--{name}.png", full_page=True)

    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    return take


@dataclass(frozen=True)
class Newsroom:
    """Comments and decisions made through the API, to have something on the page."""

    service: Service

    def comment(self, text: str, *, token: str | None = None, **fields: Any) -> Any:
        """Submit a comment and return the whole answer."""
        body = {"text": text, "consent": True, **fields}
        answer = self.service.request("POST", f"{ARTICLE}/comments", json=body, headers=reader(token))
        assert answer.status == 202, answer.text
        return answer.json()

    def submit(self, text: str, **fields: Any) -> str:
        identity: str = self.comment(text, **fields)["comment"]["id"]
        return identity

    def case(self, comment_id: str) -> Any:
        answer = self.service.request("GET", f"/v1/admin/comments/{comment_id}", headers=self.service.owner)
        assert answer.status == 200, answer.text
        return answer.json()

    def history(self, comment_id: str) -> list[dict[str, Any]]:
        history: list[dict[str, Any]] = self.case(comment_id)["history"]
        return history

    def decide(self, comment_id: str, action: str) -> None:
        path = f"/v1/admin/comments/{comment_id}/decision"
        body = {"action": action, "revision": 1}
        answer = self.service.request("POST", path, json=body, headers=self.service.owner)
        assert answer.status == 200, answer.text

    def publish(self, text: str, **fields: Any) -> str:
        identity = self.submit(text, **fields)
        self.decide(identity, "approve")
        return identity

    def report(self, comment_id: str, reason: str, note: str) -> None:
        body = {"reason": reason, "note": note}
        answer = self.service.request("POST", f"/v1/comments/{comment_id}/reports", json=body)
        assert answer.status == 202, answer.text

    def policy(self, patch: dict[str, Any]) -> None:
        answer = self.service.request("PATCH", "/v1/admin/policy", json=patch, headers=self.service.owner)
        assert answer.status == 200, answer.text

    def term(self, value: str, kind: str) -> None:
        body = {"value": value, "kind": kind}
        answer = self.service.request("POST", "/v1/admin/terms", json=body, headers=self.service.owner)
        assert answer.status == 200, answer.text

    def waiting(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        query = {"state": "pending"}
        while True:
            answer = self.service.request("GET", "/v1/admin/queue", query=query, headers=self.service.owner)
            page = answer.json()
            items += page["items"]
            if page["next"] is None:
                return items
            query["cursor"] = page["next"]

    def tally(self) -> dict[str, Any]:
        tally: dict[str, Any] = self.service.request("GET", ARTICLE).json()["tally"]
        return tally

    @property
    def owner_token(self) -> str:
        return self.service.owner["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def newsroom(service: Service) -> Newsroom:
    return Newsroom(service)
