"""Who moderates, as a page: one's own tokens and, for owners, everybody."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from chalicelib.rendering.desk.frame import Frame, framed
from chalicelib.rendering.desk.words import moment
from chalicelib.rendering.templates import NOTHING, filled, joined


def people_page(
    frame: Frame,
    tokens: Sequence[Mapping[str, Any]],
    moderators: Sequence[Mapping[str, Any]] | None,
    fresh: Mapping[str, str] | None,
) -> Markup:
    """Return the page; `moderators` is None for those who may not see them, `fresh` a token shown this once."""
    content = filled(
        "desk/people",
        root=frame.root,
        fresh=filled("desk/fresh", **fresh) if fresh else NOTHING,
        tokens=_tokens(frame.root, tokens),
        others=NOTHING if moderators is None else _others(frame, moderators),
    )
    return framed(frame, "People", content)


def _tokens(root: str, tokens: Sequence[Mapping[str, Any]]) -> Markup:
    if not tokens:
        return Markup('<p class="hint">None.</p>')
    return Markup('<ul class="listed">{}</ul>').format(joined(_token(root, each) for each in tokens))


def _token(root: str, token: Mapping[str, Any]) -> Markup:
    used = f"last used {moment(token['used_at'])}" if token["used_at"] else "never used"
    return filled(
        "desk/token",
        root=root,
        id=token["id"],
        label=token["label"],
        words=f"until {moment(token['expires_at'])}, {used}",
    )


def _others(frame: Frame, moderators: Sequence[Mapping[str, Any]]) -> Markup:
    own = frame.moderator["name"] if frame.moderator else ""
    entries = joined(
        filled(
            "desk/person",
            name=each["name"],
            role=each["role"],
            added=f"added by {each['added_by']} on {moment(each['added_at'])}",
            tokens=_tokens(frame.root, each["tokens"]),
            remove=NOTHING if each["name"] == own else filled("desk/remove", root=frame.root, name=each["name"]),
        )
        for each in moderators
    )
    return filled("desk/others", root=frame.root, people=entries or Markup('<p class="hint">Nobody yet.</p>'))
