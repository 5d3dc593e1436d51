"""The moderator pages: what the service answers, in HTML."""

from chalicelib.rendering.desk.card import Setting, card
from chalicelib.rendering.desk.case import case_page
from chalicelib.rendering.desk.figures import figures_page, last_day
from chalicelib.rendering.desk.frame import Frame, door_page
from chalicelib.rendering.desk.log import log_page
from chalicelib.rendering.desk.people import people_page
from chalicelib.rendering.desk.queue import Asked, done_line, queue_page, said
from chalicelib.rendering.desk.rules import ANY, article_page, rules_page

__all__ = [
    "ANY",
    "Asked",
    "Frame",
    "Setting",
    "article_page",
    "card",
    "case_page",
    "done_line",
    "door_page",
    "figures_page",
    "last_day",
    "log_page",
    "people_page",
    "queue_page",
    "rules_page",
    "said",
]
