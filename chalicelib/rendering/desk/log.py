"""The log as a page: filters, lines, and the way to take it along as a file."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from chalicelib.rendering.desk.frame import Frame, framed
from chalicelib.rendering.desk.words import (
    DONE,
    STATES,
    by_words,
    circumstances_words,
    moment,
    note_words,
    reason_words,
)
from chalicelib.rendering.templates import NOTHING, filled, joined, options

ACTIONS = ("approve", "reject", "spam", "restore", "delete", "edit", "appeal", "reply", "hide", "undo")
SITE_ACTIONS = ("policy", "list", "people")
EVENTS = ("submit", "view", "claim", "note")


def log_page(
    frame: Frame,
    query: Mapping[str, str],
    times: Mapping[str, str],
    lines: Sequence[Mapping[str, Any]],
    after: str | None,
) -> Markup:
    """Return a page of the log, newest first; `query` holds the filters, `times` those that are days as times."""
    content = filled(
        "desk/log",
        root=frame.root,
        actions=_actions(query.get("action", "")),
        by=query.get("by", ""),
        article=query.get("article", ""),
        since=query.get("since", ""),
        until=query.get("until", ""),
        lines=joined(_line(frame.root, each) for each in lines),
        empty=NOTHING if lines else Markup('<p class="empty">Nothing was done that fits these filters.</p>'),
        csv=_export(frame.root, {**query, **times}, "csv"),
        jsonl=_export(frame.root, {**query, **times}, "jsonl"),
        more=_more(frame.root, query, after),
    )
    return framed(frame, "Log", content)


def _actions(chosen: str) -> Markup:
    groups = (("On comments", ACTIONS), ("On the site", SITE_ACTIONS), ("Without a decision", EVENTS))
    group = Markup('<optgroup label="{}">{}</optgroup>')
    grouped = [group.format(label, options([(each, DONE[each]) for each in names], chosen)) for label, names in groups]
    return joined([options([("", "Every decision and change")], chosen), *grouped])


def _line(root: str, decision: Mapping[str, Any]) -> Markup:
    return filled(
        "desk/log_line",
        at=decision["at"],
        when=moment(decision["at"]),
        by=by_words(decision),
        what=DONE.get(decision["action"], decision["action"]),
        undone=Markup(" <em>(taken back)</em>") if decision["undone"] else NOTHING,
        moved=_moved(decision),
        comment=_comment(root, decision["comment_id"]),
        why=reason_words(decision["reason"]),
        note=note_words(decision),
        verdict=_verdict(decision["circumstances"]),
    )


def _verdict(circumstances: Mapping[str, Any] | None) -> Markup:
    words = circumstances_words(circumstances)
    return Markup('\n<p class="then">{}</p>').format(words) if words else NOTHING


def _moved(decision: Mapping[str, Any]) -> str:
    if decision["to"] is None or decision["from"] == decision["to"]:
        return ""
    came = f"{STATES[decision['from']]} → " if decision["from"] else ""
    return came + STATES[decision["to"]]


def _comment(root: str, comment_id: str | None) -> Markup:
    if comment_id is None:
        return NOTHING
    return Markup('<a href="{0}admin/comments/{1}">{1}</a>').format(root, comment_id)


def _export(root: str, query: Mapping[str, str], kind: str) -> str:
    return f"{root}v1/admin/audit?{urlencode({**query, 'format': kind})}"


def _more(root: str, query: Mapping[str, str], after: str | None) -> Markup:
    if after is None:
        return NOTHING
    address = f"{root}admin/log?{urlencode({**query, 'cursor': after})}"
    return Markup('<p><a class="button" rel="next" href="{}">Older</a></p>').format(address)
