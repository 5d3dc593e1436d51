"""What tests of the moderator pages share: signing in, cards, and other people at the desk."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.conftest import Service
from tests.web.conftest import Newsroom, Visitor

TOKEN = "Your moderator token"


def sign_in(visitor: Visitor, token: str, path: str = "/admin") -> Page:
    """Sign somebody in, and lead them to a page."""
    page = visitor.open("/admin")
    page.get_by_label(TOKEN).fill(token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    if path != "/admin":
        page.goto(visitor.url + path)
    return page


def signed_in(visitor: Visitor, newsroom: Newsroom, path: str = "/admin") -> Page:
    """Sign the owner in."""
    return sign_in(visitor, newsroom.owner_token, path)


def card(page: Page, text: str) -> Any:
    return page.get_by_role("article").filter(has_text=text)


def folded(page: Page) -> Any:
    return page.locator(".item .done")


def moderator(service: Service, name: str, role: str = "moderator") -> str:
    """Add somebody and return their token."""
    body = {"name": name, "role": role}
    answer = service.request("POST", "/v1/admin/moderators", json=body, headers=service.owner)
    assert answer.status == 200, answer.text
    token: str = answer.json()["token"]
    return token


def press(page: Page, keys: str) -> None:
    """Press keys one after the other, their names with spaces between them."""
    for key in keys.split():
        page.keyboard.press(key)
