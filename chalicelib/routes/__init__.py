"""How everything is reached: the endpoints, gathered into one Chalice app."""

from collections.abc import Callable
from datetime import datetime

from chalice.app import Chalice

from chalicelib.keyring import Keyring
from chalicelib.routes import (
    adverse,
    articles,
    audit,
    cases,
    comments,
    decisions,
    desk,
    docs,
    edits,
    lists,
    pages,
    people,
    policy,
    queue,
    ratings,
    reports,
    session,
    stats,
    votes,
)
from chalicelib.routes.endpoint import Endpoints
from chalicelib.routes.service import Service, Stores, utc_now
from chalicelib.settings import Settings


def endpoints(service: Service) -> Endpoints:
    """Return all endpoints of the service, registered."""
    found = Endpoints(service)
    for part in (
        comments,
        ratings,
        edits,
        votes,
        reports,
        queue,
        cases,
        decisions,
        audit,
        adverse,
        stats,
        policy,
        articles,
        lists,
        people,
        session,
        desk,
        pages,
        docs,
    ):
        part.register(found)
    return found


def create_app(settings: Settings, stores: Stores, clock: Callable[[], datetime] = utc_now) -> Chalice:
    """Return the Chalice app of one site. It keeps the current request on itself: one app a thread."""
    # Left alone, chalice lengthens a variable of the process with every app that is made.
    app = Chalice(app_name="afterword", configure_logs=False, env={})
    service = Service(settings=settings, stores=stores, keyring=Keyring(settings.secrets), clock=clock)
    app.register_blueprint(endpoints(service).blueprint)
    return app
