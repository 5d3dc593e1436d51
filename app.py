"""The Lambda entry point: settings from the environment, one table, one app."""

import logging
import os

from chalicelib.dynamodb import connect, open_stores
from chalicelib.routes import create_app
from chalicelib.settings import Settings

logging.getLogger("afterword").setLevel(logging.INFO)

settings = Settings.from_environ(os.environ)
app = create_app(settings, open_stores(connect(settings), settings))
