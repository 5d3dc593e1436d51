"""Templates: the files of `web/templates`, and the only way in which values meet HTML.

Every value is escaped by `Markup.format` when it meets a template; what is Markup was made by one.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup

TEMPLATES = Path(__file__).parent.parent / "web" / "templates"

NOTHING = Markup()


@cache
def _template(name: str) -> Markup:
    # Our own file, part of the program.
    return Markup((TEMPLATES / f"{name}.html").read_text("utf-8").strip())  # noqa: S704


def filled(name: str, /, **values: object) -> Markup:
    """Return the template with its values in it."""
    return _template(name).format(**values)


def joined(parts: Iterable[Markup]) -> Markup:
    """Return pieces of HTML one after the other, a line each."""
    return Markup("\n").join(parts)


def shown(*, when: object) -> Markup:
    """Return the attribute that hides an element, nothing when it is to be seen."""
    return NOTHING if when else Markup(" hidden")


def marked(name: str, *, when: object) -> Markup:
    """Return an attribute without a value, such as `checked`, when it holds."""
    return Markup(" {}").format(name) if when else NOTHING


def options(choices: Sequence[tuple[str, str]], chosen: str) -> Markup:
    """Return the options of a select, each a value and its words."""
    option = Markup('<option value="{}"{}>{}</option>')
    return joined(option.format(value, marked("selected", when=value == chosen), words) for value, words in choices)
