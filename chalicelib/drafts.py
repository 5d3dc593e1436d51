"""What readers send: a comment, another text for it; and what no text, line, address or website may hold."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chalicelib.text import LINE_PATTERN, TEXT_PATTERN, bad_character, bad_line_character, is_blank

_EMAIL = re.compile(r"[^@\s<>\"(),:;]+@[^@\s<>\"(),:;.]+(\.[^@\s<>\"(),:;.]+)+")


def readable(value: str) -> str:
    """Return the text when it holds nothing that cannot be shown. Raises ValueError with words for a person."""
    problem = bad_character(value)
    if problem:
        raise ValueError(problem)
    return value


def spoken(value: str) -> str:
    """Return the text when it says something that can be shown. Raises ValueError, as above."""
    if is_blank(value):
        msg = "Please write something."
        raise ValueError(msg)
    return readable(value)


def line(value: str | None) -> str | None:
    """Return the one line of text without spaces around it, None when blank. Raises ValueError, as above."""
    if value is None or is_blank(value):
        return None
    problem = bad_line_character(value)
    if problem:
        raise ValueError(problem)
    return value.strip()


def _email(value: str | None) -> str | None:
    if value is not None and not _EMAIL.fullmatch(value):
        msg = "This does not look like an email address."
        raise ValueError(msg)
    return value


def _website(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        known = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        known = False
    if not known or re.search(r"[\s<>\"\\]", value):
        msg = "A website address begins with https:// or http:// and has no spaces."
        raise ValueError(msg)
    return value


# What the validators above take, as nearly as JSON Schema can say it; blank counts as absent.
_BLANK = "^ *$"
_NEVER = '\\u0000-\\u0020\\u007f-\\u00a0<>"\\u2028\\u2029'
_PATTERNS = {
    "text": TEXT_PATTERN,
    "name": LINE_PATTERN,
    "email": f"{_BLANK}|^ *[^@{_NEVER}(),:;]+@[^@{_NEVER}(),:;.]+(\\.[^@{_NEVER}(),:;.]+)+ *$",
    "website": f"{_BLANK}|^ *[Hh][Tt][Tt][Pp][Ss]?://[^{_NEVER}\\\\]+ *$",
}


def _described(schema: dict[str, Any]) -> None:
    for name, pattern in _PATTERNS.items():
        schema["properties"][name]["pattern"] = pattern
    # What the default policy asks for; a policy may let it be left out.
    schema["properties"]["consent"] = {"const": True, "title": "Consent"}
    schema["required"] = ["text", "consent"]


class Draft(BaseModel):
    """A comment as a reader sends it. Blank name, email and website count as absent."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, json_schema_extra=_described)

    text: Annotated[str, Field(min_length=1, max_length=10_000), AfterValidator(spoken)]
    consent: bool | None = None
    name: Annotated[str | None, Field(max_length=80), AfterValidator(line)] = None
    email: Annotated[str | None, Field(max_length=254), AfterValidator(line), AfterValidator(_email)] = None
    website: Annotated[str | None, Field(max_length=2048), AfterValidator(line), AfterValidator(_website)] = None
    parent_id: Annotated[str, Field(pattern=r"^[0-9a-z]{26}$")] | None = None
    challenge: Annotated[str | None, Field(max_length=4096)] = None
    form: Annotated[str | None, Field(max_length=512)] = None


class Edit(BaseModel):
    """A new text for a comment, as its author sends it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: Annotated[
        str,
        Field(min_length=1, max_length=10_000, json_schema_extra={"pattern": TEXT_PATTERN}),
        AfterValidator(spoken),
    ]
