"""One comment as moderators see it: its text first, then why it waits, who wrote it, and what may be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from chalicelib.rendering.desk.words import (
    KEYS,
    REASONS,
    SAFETY,
    VERBS,
    ago,
    author_words,
    lane_words,
    moment,
    name_of,
    open_reports,
    signed,
    verdict_words,
)
from chalicelib.rendering.templates import NOTHING, filled, joined, shown

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the cards of a page share: the way to the root, the time, where a form leads back to, and who reads."""

    root: str
    now: datetime
    back: str
    """What the way back adds to the address of the desk."""
    moderator: str


def card(item: Item, moves: Sequence[str], setting: Setting, *, selectable: bool = True) -> Markup:
    """Return one comment as a list item, with the moves that are possible from where it is."""
    comment, waits = item["comment"], _waits(item)
    identity = comment["id"]
    return filled(
        "desk/card",
        root=setting.root,
        id=identity,
        revision=comment["revision"],
        state=item["state"],
        lane=item["lane"],
        reports_count=open_reports(item),
        select=_select(item) if selectable else NOTHING,
        name=name_of(comment),
        lane_words=lane_words(item),
        since=_since(item, setting.now, waits=waits),
        language=_language(item),
        claim=_claim(item, setting),
        text=marked_text(comment["text"], [span for each in item["verdict"]["findings"] for span in each["spans"]]),
        parent=_parent(item["parent"]),
        findings=joined(_finding(each) for each in item["verdict"]["findings"]),
        verdict=verdict_words(item["verdict"], item["state"]),
        reports=_reports(item["reports"]),
        appeal=_appeal(item["appeal"]),
        help=_help(item["help"]),
        about=joined(_row(*row) for row in _about(item, setting.root) if row[1]),
        form=_form(item, moves, setting),
    )


def _waits(item: Item) -> bool:
    return item["state"] == "pending" or (item["state"] == "approved" and open_reports(item) > 0)


def _select(item: Item) -> Markup:
    comment = item["comment"]
    seen = f"{comment['revision']} {item['state']}"
    return filled("desk/select", id=comment["id"], seen=seen, name=name_of(comment))


def _since(item: Item, now: datetime, *, waits: bool) -> Markup:
    at = item["waiting_since"] if waits else item["comment"]["created_at"]
    words = f"waiting {ago(at, now)}" if waits else f"written {ago(at, now)} ago"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at, moment(at), words)


def _language(item: Item) -> Markup:
    tag = item["language"]
    return Markup(' <span class="language" title="Language">{}</span>').format(tag) if tag else NOTHING


def _claim(item: Item, setting: Setting) -> Markup:
    by = item["claimed_by"]
    words = "" if by in {None, setting.moderator} else f"{by} is looking at this."
    return Markup('<p class="claim"{}>{}</p>').format(shown(when=words), words)


def marked_text(text: str, spans: Iterable[Sequence[int]]) -> Markup:
    """Return the text as typed with the spans that checks matched marked; one over all of it says nothing."""
    found, at = NOTHING, 0
    telling = sorted((span for span in spans if span[1] - span[0] < len(text)), key=lambda span: (span[0], -span[1]))
    for start, end in telling:
        begin = max(start, at)
        if end <= begin:
            continue
        found += Markup("{}<mark>{}</mark>").format(text[at:begin], text[begin:end])
        at = end
    return found + Markup("{}").format(text[at:])


def _parent(parent: Mapping[str, Any] | None) -> Markup:
    return filled("desk/parent", name=name_of(parent), text=parent["text"]) if parent else NOTHING


def _finding(finding: Mapping[str, Any]) -> Markup:
    check, points = finding["check"], signed(finding["points"])
    if check in SAFETY:
        chip = Markup('<li class="safety {}" title="{}"><b>{}</b> {}</li>')
        return chip.format(finding["lane"] or "", check, SAFETY[check], finding["message"])
    return Markup('<li title="{}"><span class="points">{}</span>{}</li>').format(check, points, finding["message"])


def _help(given: Mapping[str, Any] | None) -> Markup:
    if not given:
        return NOTHING
    links = joined(Markup("<li>{}: {}</li>").format(each["title"], each["url"]) for each in given["links"])
    return filled("desk/help", title=given["title"], text=given["text"], links=links)


def _reports(reports: Sequence[Mapping[str, Any]]) -> Markup:
    if not reports:
        return NOTHING
    lines = joined(
        Markup("<li>{}</li>").format(f"{each['reason']}: {each['note']}" if each["note"] else each["reason"])
        for each in reports
    )
    return Markup('<ul class="reports" aria-label="What readers reported">{}</ul>').format(lines)


def _appeal(appeal: Mapping[str, Any] | None) -> Markup:
    return filled("desk/appeal", text=appeal["text"], when=moment(appeal["at"])) if appeal else NOTHING


def _about(item: Item, root: str) -> list[tuple[str, object]]:
    comment = item["comment"]
    article = comment["article_id"]
    rules = Markup('<bdi>{}</bdi> <a class="rules" href="{}admin/articles/{}">Rules</a>')
    return [
        ("Email", comment["email"]),
        ("Website", comment["website"]),
        ("Article", rules.format(article, root, quote(article, safe=""))),
        ("Author", author_words(item["author"])),
        ("Revision", f"{comment['revision']}: its author changed the text" if comment["revision"] > 1 else None),
    ]


def _row(term: str, value: object) -> Markup:
    return Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(term, value)


def _form(item: Item, moves: Sequence[str], setting: Setting) -> Markup:
    comment = item["comment"]
    return filled(
        "desk/moves",
        root=setting.root,
        id=comment["id"],
        revision=comment["revision"],
        state=item["state"],
        back=setting.back,
        buttons=joined(_button(move, item) for move in moves if move != "reject"),
        reject=_reject(comment["id"]) if "reject" in moves else NOTHING,
        more=_more(comment["id"]) if "approve" in moves else NOTHING,
    )


def _button(move: str, item: Item) -> Markup:
    keeps = move == "approve" and item["state"] == "approved"
    key = Markup(' aria-keyshortcuts="{}"').format(KEYS[move]) if move in KEYS else NOTHING
    button = Markup('<button type="submit" name="move" value="{}"{}{}>{}</button>')
    first = Markup(' class="first"') if move == "approve" else NOTHING
    return button.format(move, first, key, "Keep" if keeps else VERBS[move])


def _reject(identity: str) -> Markup:
    reasons = joined(
        Markup('<button type="submit" name="move" value="reject {}"><kbd>{}</kbd> {}</button>').format(code, key, words)
        for key, (code, words) in enumerate(REASONS.items(), 1)
    )
    return filled("desk/reject", id=identity, reasons=reasons)


def _more(identity: str) -> Markup:
    return filled("desk/more", id=identity)
