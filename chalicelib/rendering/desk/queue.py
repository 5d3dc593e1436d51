"""The queue as a page: trays, filters, cards, and decisions on many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from chalicelib.rendering.desk.card import Setting, card
from chalicelib.rendering.desk.frame import Frame, framed
from chalicelib.rendering.desk.words import DONE, EMPTY, REASONS, SAFETY, TRAYS, counted
from chalicelib.rendering.templates import NOTHING, filled, joined, marked, options, shown

Item = Mapping[str, Any]

FILTERS = ("article", "author", "reason", "text", "lang")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: the query's own names and values, blank ones left out."""

    query: Mapping[str, str]

    @property
    def tray(self) -> str:
        """Return the tray."""
        return self.query.get("state", "pending")

    @property
    def is_filtered(self) -> bool:
        """Tell whether only some of the tray is asked for."""
        return any(name in self.query for name in FILTERS)

    def address(self, **changes: str | None) -> str:
        """Return the page's address with some values changed, None taken away; a cursor belongs to one page alone."""
        values = {name: value for name, value in {**self.query, "cursor": None, **changes}.items() if value}
        return f"admin?{urlencode(values)}" if values else "admin"


def queue_page(
    frame: Frame,
    asked: Asked,
    items: Sequence[tuple[Item, Sequence[str]]],
    setting: Setting,
    *,
    after: str | None,
    checks: Sequence[str],
    last_day: str = "",
) -> Markup:
    """Return the page of a tray: each item with the moves that are possible from where it is."""
    heading = TRAYS[asked.tray]
    content = filled(
        "desk/queue",
        root=frame.root,
        trays=joined(_tray(frame, asked, name, words) for name, words in TRAYS.items()),
        heading=heading,
        filters=_filters(frame, asked, checks),
        empty=NOTHING if items else _empty(frame, asked, last_day),
        bulk=_bulk(frame, setting, items),
        cards=joined(card(item, moves, setting) for item, moves in items),
        more=_more(frame, asked, after),
        at=setting.now.isoformat(timespec="milliseconds"),
        reload=frame.root + asked.address(),
    )
    return framed(frame, heading, content + filled("desk/keys"))


def _tray(frame: Frame, asked: Asked, name: str, words: str) -> Markup:
    here = Markup(' aria-current="page"') if name == asked.tray else NOTHING
    address = asked.address(state=None if name == "pending" else name)
    entry = Markup('<li><a href="{}"{}>{} <span class="number" data-tray="{}"></span></a></li>')
    return entry.format(frame.root + address, here, words, name)


def _filters(frame: Frame, asked: Asked, checks: Sequence[str]) -> Markup:
    query = asked.query
    return filled(
        "desk/filters",
        root=frame.root,
        action=f"{frame.root}admin",
        state=query.get("state", ""),
        text=query.get("text", ""),
        article=query.get("article", ""),
        author=query.get("author", ""),
        lang=query.get("lang", ""),
        reasons=_reasons(query.get("reason", ""), checks),
        sorts=options([("oldest", "Oldest first"), ("riskiest", "Riskiest first")], query.get("sort", "oldest")),
        opened=marked("open", when=any(name in query for name in (*FILTERS[:3], "lang", "sort"))),
        clear_hidden=shown(when=asked.is_filtered),
        clear=frame.root + asked.address(**dict.fromkeys(FILTERS)),
    )


def _reasons(chosen: str, checks: Sequence[str]) -> Markup:
    first = [("", "Any"), ("report", "Reported by a reader"), ("appeal", "Appealed")]
    others = [(each, each) for each in checks if each not in SAFETY]
    groups = (("Safety", list(SAFETY.items())), ("What a check found", others))
    group = Markup('<optgroup label="{}">{}</optgroup>')
    return joined([options(first, chosen), *(group.format(label, options(each, chosen)) for label, each in groups)])


def _empty(frame: Frame, asked: Asked, last_day: str) -> Markup:
    if asked.is_filtered:
        clear = frame.root + asked.address(**dict.fromkeys(FILTERS))
        words = Markup('Nothing here fits these filters. <a href="{}">Show all of this tray.</a>').format(clear)
    else:
        words = Markup("{}").format(f"{EMPTY[asked.tray]} {last_day}".strip())
    return Markup('<p class="empty" id="empty">{}</p>').format(words)


def _bulk(frame: Frame, setting: Setting, items: Sequence[tuple[Item, Sequence[str]]]) -> Markup:
    if not items:
        return NOTHING
    moves = list(dict.fromkeys(move for _, possible in items for move in possible))
    reasons = joined(Markup('<option value="{}">{}</option>').format(code, words) for code, words in REASONS.items())
    return filled(
        "desk/bulk",
        root=frame.root,
        back=setting.back,
        approve=_move("approve", "Approve", moves),
        spam=_move("spam", "Spam", moves),
        delete=_move("delete", "Delete", moves),
        restore=_move("restore", "Restore", moves),
        reject_hidden=shown(when="reject" in moves),
        reasons=reasons,
    )


def _move(move: str, words: str, moves: Sequence[str]) -> Markup:
    if move not in moves:
        return NOTHING
    return Markup('<button type="submit" name="move" value="{}">{}</button>').format(move, words)


def _more(frame: Frame, asked: Asked, after: str | None) -> Markup:
    if after is None:
        return NOTHING
    address = frame.root + asked.address(cursor=after)
    return Markup('<p id="more"><a class="button" rel="next" href="{}">Show more</a></p>').format(address)


def done_line(root: str, decisions: Sequence[Mapping[str, Any]], back: str, refused: str) -> Markup:
    """Return what was just done, with the way to take it back, and how many could not be decided on."""
    parts = []
    if decisions:
        action = decisions[0]["action"]
        words = f"{DONE[action]}: {counted(len({each['comment_id'] for each in decisions}), 'comment')}."
        ids = " ".join(each["id"] for each in decisions)
        parts.append(
            _line(words) if action == "undo" else filled("desk/done", root=root, words=words, ids=ids, back=back)
        )
    if refused:
        number = counted(int(refused), "comment")
        parts.append(_line(f"{number} could not be decided on: somebody was first, or the text was changed."))
    return Markup('<div class="outcome" role="status">{}</div>').format(joined(parts))


def said(words: str) -> Markup:
    """Return what a page says of the form before it."""
    return Markup('<div class="outcome" role="status">{}</div>').format(_line(words))


def _line(words: str) -> Markup:
    return Markup("<p>{}</p>").format(words)
