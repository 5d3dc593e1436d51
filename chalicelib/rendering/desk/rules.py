"""The rules as pages: the site's and an article's own, term and block lists."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from chalicelib.rendering.desk.frame import Frame, framed
from chalicelib.rendering.desk.words import moment
from chalicelib.rendering.templates import NOTHING, filled, joined, marked, options

MODES = (
    ("premoderate", "A person reads every comment first"),
    ("trust", "Publish authors who have proved themselves"),
    ("open", "Publish what the checks let through"),
    ("closed", "Take no new comments"),
)
EDITS = (("withdraw", "is taken from the page"), ("keep", "stays in its old text"))
BESIDE = (("no", "only to an author whose comment is urgent"), ("yes", "beside the form too"))
ANY = "any"
"""What an article's languages are called that take the place of the site's and are none."""
TERM_KINDS = (
    ("hold", "Hold for a person"),
    ("spam", "Mark as spam"),
    ("urgent", "Urgent"),
    ("allow", "Never a finding"),
)
BLOCK_KINDS = (
    ("email", "Email address"),
    ("domain", "Mail domain"),
    ("author", "Author of the comment with this id"),
    ("network", "Network of the comment with this id"),
)


def rules_page(
    frame: Frame,
    policy: Mapping[str, Any],
    terms: Sequence[Mapping[str, Any]],
    blocks: Sequence[Mapping[str, Any]],
    articles: Sequence[Mapping[str, Any]],
) -> Markup:
    """Return the page of the site's rules and lists."""
    may_change = frame.moderator is not None and frame.moderator["role"] == "owner"
    content = filled(
        "desk/rules",
        root=frame.root,
        fields=_fields(policy, inherited=False),
        disabled=marked("disabled", when=not may_change),
        who=NOTHING if may_change else Markup('<p class="hint">Only an owner changes the rules of the site.</p>'),
        reply_as=policy["reply_as"],
        terms=_listed(
            frame.root, "terms", ((each["value"], {"value": each["value"]}, _term_words(each)) for each in terms)
        ),
        term_kinds=options(TERM_KINDS, "hold"),
        blocks=_listed(
            frame.root,
            "blocks",
            ((each["label"], {"kind": each["kind"], "mark": each["mark"]}, _block_words(each)) for each in blocks),
        ),
        block_kinds=options(BLOCK_KINDS, "email"),
        articles=_articles(frame.root, articles),
    )
    return framed(frame, "Rules", content)


def article_page(frame: Frame, policy: Mapping[str, Any], article_id: str) -> Markup:
    """Return the page of one article's own rules."""
    closes = policy.get("closes_at")
    content = filled(
        "desk/article",
        root=frame.root,
        article_id=article_id,
        path=quote(article_id, safe=""),
        fields=_fields(policy, inherited=True),
        allowed="\n".join(policy["allowed_terms"]),
        closes=f"No new comments from {moment(closes)} on." if closes else "",
        close=_close(policy["mode"] == "closed"),
    )
    return framed(frame, "Rules of an article", content)


def _close(closed: bool) -> Markup:  # noqa: FBT001 - which of the two buttons
    button = Markup('<button type="submit" name="mode" value="{}">{}</button>')
    return button.format("", "Open it again") if closed else button.format("closed", "Close its comments")


def _fields(policy: Mapping[str, Any], *, inherited: bool) -> Markup:
    own = policy.get("own", policy)
    chosen = own.get("mode", "")
    modes = (("", "As the site does"), *MODES) if inherited else MODES
    edits = (("", "as the site does"), *EDITS) if inherited else EDITS
    beside = (("", "as the site does"), *BESIDE) if inherited else BESIDE
    return filled(
        "desk/fields",
        modes=options(modes, chosen),
        trust_after=own.get("trust_after", ""),
        hold=own.get("thresholds", {}).get("hold", ""),
        spam=own.get("thresholds", {}).get("spam", ""),
        reports_to_hide=own.get("reports_to_hide", ""),
        close_after_days=own.get("close_after_days") or "",
        max_length=own.get("max_length", ""),
        edits=options(edits, own.get("edits", "")),
        beside=options(beside, {True: "yes", False: "no"}.get(own.get("help", {}).get("beside_form"), "")),
        languages=_languages(own.get("languages"), inherited=inherited),
        blank="Blank: as the site does." if inherited else "Blank: as at first.",
    )


def _languages(tags: Sequence[str] | None, *, inherited: bool) -> str:
    return ANY if inherited and tags == [] else ", ".join(tags or ())


def _term_words(term: Mapping[str, Any]) -> str:
    return dict(TERM_KINDS)[term["kind"]]


def _block_words(block: Mapping[str, Any]) -> str:
    until = f", until {moment(block['until'])}" if block["until"] else ""
    return f"{block['kind']}{until}"


def _listed(root: str, kind: str, rows: Any) -> Markup:  # noqa: ANN401 - an iterable of (name, fields, words)
    entries = joined(
        filled(
            "desk/listed",
            root=root,
            kind=kind,
            name=name,
            words=words,
            fields=joined(
                Markup('<input type="hidden" name="{}" value="{}">').format(*field) for field in fields.items()
            ),
        )
        for name, fields, words in rows
    )
    return Markup('<ul class="listed">{}</ul>').format(entries) if entries else Markup('<p class="hint">None.</p>')


def _articles(root: str, articles: Sequence[Mapping[str, Any]]) -> Markup:
    if not articles:
        return Markup('<p class="hint">Every article follows the rules of the site.</p>')
    line = Markup('<li><a href="{}admin/articles/{}"><bdi>{}</bdi></a>: {}</li>')
    modes = dict(MODES)
    lines = (
        line.format(root, quote(each["article_id"], safe=""), each["article_id"], modes[each["mode"]])
        for each in articles
    )
    return Markup("<ul>{}</ul>").format(joined(lines))
