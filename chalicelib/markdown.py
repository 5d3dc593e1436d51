"""Markdown: the safe HTML of a comment, from the small part of Markdown that readers may use."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

    Rule = Callable[[StateBlock, int, int, bool], bool]

RULES = ("list", "blockquote", "fence", "newline", "escape", "backticks", "emphasis", "link", "autolink")
DEPTH = 8
"""How deep quotes and lists nest (a list counts twice); what is deeper shows as typed."""
URL_LENGTH = 2048
"""A longer address is no link: writing its host for the wire would take quadratic time."""

TAGS = frozenset({"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "code", "pre"})
ATTRIBUTES: dict[str, frozenset[str]] = {
    "*": frozenset(),  # said aloud, or every tag may carry title and lang
    "a": frozenset({"href"}),
    "ol": frozenset({"start"}),
}
SCHEMES = frozenset({"http", "https"})
LINK_REL = "ugc nofollow noopener"

_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_LINK_TO_NOWHERE = re.compile(f'<a rel="{LINK_REL}">(.*?)</a>', re.DOTALL)  # [words](), or no valid address
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def render(source: str) -> str:
    """Return safe HTML of the text: paragraphs, line breaks, emphasis, web links, lists, quotes and code.

    Anything else shows as typed. Takes time in proportion to the text, which holds nothing that
    text.bad_character refuses.
    """
    import nh3  # noqa: PLC0415 - only writes render; a cold start that reads does not wait for this

    html = nh3.clean(
        _parser().render(source),
        tags=set(TAGS),
        clean_content_tags=set(),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        url_relative="deny",
        link_rel=LINK_REL,
    )
    return _LINK_TO_NOWHERE.sub(r"\1", html).rstrip("\n")


def plain(source: str) -> str:
    """Return what render returns for a text without markup; for another, safe HTML of the text as typed."""
    lines = re.sub(r"\r\n?", "\n", source)
    paragraphs = _BLANK_LINES.split(lines.strip("\n"))
    return "\n".join(f"<p>{_paragraph(text)}</p>" for text in paragraphs if text.strip(" \t\n"))


def is_plain(source: str, html: str) -> bool:
    """Tell whether the HTML need not be kept, because plain makes it from the source."""
    return html == plain(source)


def _paragraph(text: str) -> str:
    escaped = text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    first, *others = escaped.replace("\xa0", "&nbsp;").split("\n")
    return "<br>\n".join(line.rstrip(" ") for line in [first, *(other.lstrip(" \t") for other in others)])


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only writes render; a cold start that reads does not wait
    from markdown_it.rules_block import blockquote, list_block  # noqa: PLC0415 - as above

    parser = MarkdownIt("zero", {"html": False, "breaks": True, "maxNesting": 2 * DEPTH}).enable(RULES)
    parser.block.ruler.at("blockquote", _shallow(blockquote), {"alt": ["paragraph", "blockquote", "list"]})
    parser.block.ruler.at("list", _shallow(list_block), {"alt": ["paragraph", "blockquote"]})
    normalize = parser.normalizeLink
    # The rules look these three up on the parser; setting them is the documented way to replace them.
    parser.normalizeLink = lambda url: normalize(url) if len(url) <= URL_LENGTH else ""  # type: ignore[method-assign]
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    parser.validateLink = lambda url: bool(_WEB_ADDRESS.match(url))  # type: ignore[method-assign]
    parser.render("x")  # fills its tables of rules, which is not safe to leave to two threads
    return parser


def _shallow(rule: Rule) -> Rule:
    def bounded(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
        return state.level < DEPTH and rule(state, start, end, silent)

    return bounded
