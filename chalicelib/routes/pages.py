"""The demo article, the files of all pages, and the service's health."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from chalicelib import rendering
from chalicelib.comments import Thread
from chalicelib.errors import NotFound
from chalicelib.routes.comments import first_page
from chalicelib.routes.endpoint import HTML, PAGE_HEADERS, Answer, Call, Endpoints, adapter
from chalicelib.settings import VERSION

DEMO_ARTICLE = "baclofen"
WEB = Path(__file__).parent.parent / "web"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the service can do its work."""

    status: str
    table: str
    version: str


def _comment_id(value: object) -> object:
    return value if isinstance(value, str) and re.fullmatch("[0-9a-z]{26}", value) else None


class ArticleQuery(BaseModel):
    """Which comment the form of a page without scripts answers."""

    # A page's address is shared and decorated by others: what we do not know is no reason to show no article.
    model_config = ConfigDict(frozen=True, extra="ignore")

    reply_to: Annotated[str | None, BeforeValidator(_comment_id)] = None


def register(endpoints: Endpoints) -> None:
    """Register the pages and `/health`."""
    service = endpoints.service

    @endpoints.endpoint("GET", "/health", answers={200: Health}, refuses=(422, 503))
    def get_health(_call: Call) -> Answer:
        """Tell whether the table is reachable, and the version."""
        service.stores.reachable()
        return Answer(Health("ok", "reachable", VERSION))

    @endpoints.endpoint("GET", "/", answers={200: HTML}, query=ArticleQuery, documented=False)
    def get_article(call: Call) -> Answer:
        """Show the demo article."""
        thread, _ = first_page(service, DEMO_ARTICLE, call.now)
        values = adapter(Thread).dump_python(thread, mode="json")
        page = rendering.article_page(values, reply_to=call.query.reply_to)
        # Not no-store: going back to the form has to bring back what was typed.
        return Answer(page, headers={"Cache-Control": "private, no-cache", **PAGE_HEADERS}, media_type=HTML)

    @endpoints.endpoint("GET", "/web/{file}", answers={200: "text/plain"}, documented=False)
    def get_file(call: Call) -> Answer:
        """Send a style sheet or script of the pages."""
        name = call.path["file"]
        known = {path.name: path for path in WEB.iterdir() if path.suffix in MEDIA_TYPES}
        if name not in known:
            raise NotFound("There is no such file.")
        text = known[name].read_text(encoding="utf-8")
        return Answer(
            text, headers={"Cache-Control": "public, max-age=300"}, media_type=MEDIA_TYPES[known[name].suffix]
        )
