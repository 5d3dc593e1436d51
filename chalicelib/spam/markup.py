"""Markup: finds forum code, HTML, text that is hidden by it, fields of mailing programs, and commands for machines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding, Span

POINTS = {"emphasis": 5, "forum": 30, "html": 30, "active": 50, "hidden": 60, "field": 50, "command": 50}
"""Emphasis is what people try everywhere; forum code and HTML do nothing here and come from lists of other sites."""

MOST_SPANS = 20
_LONGEST = 10_000

_WORDS = {
    "emphasis": "emphasis in HTML or forum code",
    "forum": "forum code (BBCode)",
    "html": "HTML",
    "active": "HTML that runs or loads something",
    "hidden": "text hidden from readers",
    "field": "an unfilled field of a mailing program",
    "command": "a command for a database or a shell",
}


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    signs: str
    """Without one of these, if there are any, the pattern cannot be found."""
    parts: tuple[str, ...]
    """Nor without one of these, in lower case."""
    pattern: re.Pattern[str]

    def may_be_in(self, lower: str) -> bool:
        """Tell by a quick look whether a text, in lower case, is worth a search."""
        if self.signs and not any(sign in lower for sign in self.signs):
            return False
        return any(part in lower for part in self.parts)


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


# Every stretch is bounded and stops at what it may not contain, so that no text takes more than linear time.
_KINDS = (
    _Kind(
        "hidden",
        "<[",
        ("display", "visibility", "font-size", "opacity", "color", "size=", "<!--", "hidden", "left:-"),
        _pattern(
            r"""
              display \s?:\s? none | visibility \s?:\s? hidden | opacity \s?:\s? 0 (?![.]?[1-9])
            | font-size \s?:\s? [01] (?: px | pt | em )? (?![\d.]) | (?:left|indent|top) \s?:\s? -\d{3}
            | <font \s [^<>]{0,40} color \s?=\s? ["']? (?: white | \#f{3,6} )
            | \[ (?: size = ["']? [01] | colou?r = ["']? (?: white | transparent | \#f{3,6} ) ) ["']? \]
            | < [a-z]{1,8} \s (?: [^<>]{0,60} \s )? hidden [\s>=] | <!-- [^>]{0,200}
            """
        ),
    ),
    _Kind(
        "active",
        "<[&",
        (
            "<script",
            "<iframe",
            "<object",
            "<embed",
            "<svg",
            "<meta",
            "<form",
            "<img",
            "<marquee",
            "javascript:",
            "data:",
            "onerror",
            "&lt;script",
        ),
        _pattern(
            r"""
              (?: < | &lt; ) (?: script | iframe | object | embed | svg | meta | form | img | marquee ) [\s>/&]
            | javascript: \s? [\w(] | data:text/html | \b on (?: error | load | click | mouseover ) \s?=
            """
        ),
    ),
    _Kind(
        "field",
        "{%#",
        ("|", "%", "${", "{{", "#file_", "[name]"),
        _pattern(
            r"""
              \{ [^{}|\n]{0,40} [^{}|\s] \| [^{}|\s] [^{}\n]{0,200} \} | % [a-z_]{3,20} \d? %
            | \$\{ [^{}\n]{1,60} \}? | \{\{ [^{}\n]{1,60} \}\}
            | \#file_ \w{3,12} \[
            """
        ),
    ),
    _Kind(
        "command",
        "",
        (
            "1=1",
            "'='",
            "union",
            "drop table",
            "sleep(",
            "waitfor",
            "xp_cmd",
            "/etc/",
            "../../",
            "<?php",
            "$(",
            "rm -rf",
            "wget http",
            "curl",
            "cat /",
            "%00",
        ),
        _pattern(
            r"""
              ['"\d)\s] \s? or \s {1,3} ['"]? (\w) ['"]? \s?=\s? ['"]? \1 | union \s (?: all \s )? select \s
            | ['";] \s? drop \s table \s
            | \b (?: sleep | benchmark | pg_sleep ) \( \d | waitfor \s delay | \bxp_cmdshell
            | /etc/ (?: passwd | shadow ) | (?: \.\./ ){2} | <\?php | \$\( \s? (?: curl | wget | id | cat | whoami ) \b
            | [;|&] \s? (?: rm \s -rf | wget \s http | curl \s -?\w? \s? http | cat \s / ) | (?<!\d) %00 (?!\d)
            """
        ),
    ),
    _Kind(
        "forum",
        "[",
        ("[url", "[link", "[img", "[size", "[color", "[colour", "[center", "[font", "[/url", "[list", "[quote="),
        _pattern(r"\[ /? (?: url | link | img | size | colou?r | center | font | list | quote= ) [^\[\]\n]{0,200} \]"),
    ),
    _Kind(
        "html",
        "<&",
        ("href", "</", "<h1", "<p>", "<div", "<span", "<ul", "<table", "&lt;a"),
        _pattern(
            r"""
              (?: < | &lt; ) a \s [^<>\n]{0,80}? href \s?=
            | < (?: font | span | div | p | h[1-6] | ul | table ) (?: \s [^<>]{1,200} )? >
            """
        ),
    ),
    _Kind(
        "emphasis",
        "<[",
        ("<b>", "<i>", "<u>", "<em>", "<strong>", "<br", "[b]", "[i]", "[u]"),
        _pattern(r"[<\[] /? (?: b | i | u | em | strong | br \s?/? ) [>\]]"),
    ),
)


def markup(submission: Submission) -> Finding | None:
    """Find forum code, HTML, hidden text, fields that a mailing program left, commands for databases and shells."""
    text = submission.text[:_LONGEST]
    found = dict(_found(text))
    if not found:
        return None
    points = max(POINTS[name] for name in found)
    said = [_WORDS[name] for name in found]
    spans = sorted({span for spans in found.values() for span in spans})[:MOST_SPANS]
    return Finding("markup", points, f"Holds {' and '.join(said[:3])}.", tuple(spans), without="the code")


def _found(text: str) -> Iterator[tuple[str, list[Span]]]:
    lower = text.lower()
    for kind in _KINDS:
        if kind.may_be_in(lower) and (spans := [found.span() for found in kind.pattern.finditer(text)]):
            yield kind.name, spans
