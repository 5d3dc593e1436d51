"""The Lambda entry point: settings from the environment, one table, one app, and what runs by the clock."""

import logging
import os

from chalice.app import CloudWatchEvent, Rate
from pydantic import ValidationError

from chalicelib.dynamodb import connect, open_stores
from chalicelib.learning import Place, learn
from chalicelib.patience import pause
from chalicelib.routes import create_app
from chalicelib.routes.service import utc_now
from chalicelib.settings import Settings, SettingsError

logging.getLogger("afterword").setLevel(logging.INFO)

try:
    settings = Settings.from_environ(os.environ)
except ValidationError as error:
    raise SettingsError(error) from None
stores = open_stores(connect(settings), settings)
app = create_app(settings, stores)


# The first quiet view does the same at once: this is for articles that nobody looks at any more.
@app.schedule(Rate(15, unit=Rate.MINUTES))
def settle_tallies(_event: CloudWatchEvent) -> int:
    """Bring the tallies of articles together again that many rated at once, and no longer do."""
    return stores.tallies.settle_quiet(utc_now())


@app.schedule(Rate(60, unit=Rate.MINUTES))
def learn_from_decisions(_event: CloudWatchEvent) -> int | None:
    """Learn from what moderators have decided lately; return the version in force, None when nothing was new."""
    learned = learn(Place(stores.models, utc_now(), pause))
    return learned.after.version if learned else None
