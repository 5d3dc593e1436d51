"""One comment with all that is known about it: its history, its revisions, and its author's other comments."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from chalicelib.rendering.desk.card import Setting, card
from chalicelib.rendering.desk.difference import difference
from chalicelib.rendering.desk.frame import Frame, framed
from chalicelib.rendering.desk.words import (
    DONE,
    STATES,
    by_words,
    circumstances_words,
    moment,
    name_of,
    note_words,
    reason_words,
)
from chalicelib.rendering.templates import NOTHING, filled, joined

Case = Mapping[str, Any]


def case_page(frame: Frame, case: Case, moves: Sequence[str], setting: Setting) -> Markup:
    """Return the page of one comment; its parts have ids, so that a card of the queue can show them in place."""
    name = name_of(case["comment"])
    content = filled(
        "desk/case",
        name=name,
        card=card(case, moves, setting, selectable=False),
        history=_history(case),
        revisions=_revisions(case),
        author=_author(frame.root, case["author_comments"]),
    )
    return framed(frame, f"Comment by {name}", content + filled("desk/keys"))


def _history(case: Case) -> Markup:
    lines = [(each["at"], _act(each)) for each in case["history"]]
    lines += [(each["at"], _report(each)) for each in case["reports"]]
    return joined(
        Markup('<li><time datetime="{}">{}</time> {}</li>').format(at, moment(at), line)
        for at, line in sorted(lines, key=lambda line: line[0])
    )


def _act(decision: Mapping[str, Any]) -> Markup:
    words = Markup("{}").format(DONE.get(decision["action"], decision["action"]))
    words += Markup(" <bdi>{}</bdi>").format(by_words(decision)) if by_words(decision) else NOTHING
    if decision["action"] in {"submit", "edit"}:
        words += Markup(", {}").format(STATES[decision["to"]])
        words += _verdict(decision)
    if decision["reason"]:
        words += Markup(" for “{}”").format(reason_words(decision["reason"]))
    if note_words(decision):
        words += Markup(': <q dir="auto">{}</q>').format(note_words(decision))
    return words + (Markup(" <em>(taken back)</em>") if decision["undone"] else NOTHING)


def _verdict(line: Mapping[str, Any]) -> Markup:
    words = circumstances_words(line["circumstances"])
    return Markup(' <span class="then">({})</span>').format(words) if words else NOTHING


def _report(report: Mapping[str, Any]) -> Markup:
    words = Markup("Reported by a reader for “{}”").format(report["reason"])
    return words + (Markup(': <q dir="auto">{}</q>').format(report["note"]) if report["note"] else NOTHING)


def _revisions(case: Case) -> Markup:
    older = case["revisions"]
    if not older:
        return NOTHING
    texts = [*older, {"revision": case["comment"]["revision"], "text": case["comment"]["text"], "at": None}]
    parts = [
        filled(
            "desk/revision",
            number=after["revision"],
            before=before["revision"],
            difference=difference(before["text"], after["text"]),
        )
        for before, after in reversed(list(pairwise(texts)))
    ]
    return Markup('<section id="revisions"><h2>What was changed</h2>{}</section>').format(joined(parts))


def _author(root: str, comments: Sequence[Mapping[str, Any]]) -> Markup:
    if not comments:
        return Markup("<p>No other comment by this reader.</p>")
    line = Markup('<li><a href="{}admin/comments/{}">{}</a> <q dir="auto">{}</q> on <bdi>{}</bdi></li>')
    lines = (
        line.format(
            root,
            each["id"],
            f"{moment(each['created_at'])}, {STATES[each['state']]}",
            _start(each["text"]),
            each["article_id"],
        )
        for each in comments
    )
    return Markup('<ul class="others">{}</ul>').format(joined(lines))


def _start(text: str, length: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length].rstrip()}…"
