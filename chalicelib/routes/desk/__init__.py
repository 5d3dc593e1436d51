"""The moderator pages: what the API answers, as HTML, and the forms on them, which work without JavaScript."""

from chalicelib.routes.desk import case, figures, log, people, queue, rules
from chalicelib.routes.endpoint import Endpoints


def register(endpoints: Endpoints) -> None:
    """Register all pages of the desk, and what their forms do."""
    for page in (queue, case, log, figures, rules, people):
        page.register(endpoints)


__all__ = ["register"]
