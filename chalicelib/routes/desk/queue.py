"""The queue as a page, and its forms: decide, decide on many, undo, leave a note."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from markupsafe import Markup
from pydantic import ConfigDict, Field

from chalicelib.audit import Decision
from chalicelib.errors import FieldError, Invalid, Refusal
from chalicelib.rendering import desk
from chalicelib.rendering.desk import Asked
from chalicelib.routes.desk.api import Api
from chalicelib.routes.desk.case import case_page, moves_of
from chalicelib.routes.desk.page import (
    FORMS,
    PAGES,
    SILENT,
    DeskForm,
    Message,
    door,
    frame,
    given,
    html,
    returned,
    setting,
)
from chalicelib.routes.endpoint import Answer, Call, Endpoints, adapter
from chalicelib.spam import CHECKS

PARAMETERS = ("state", "sort", "article", "author", "reason", "text", "lang", "cursor")
MOST_TOGETHER = 100
_BOX = re.compile("on\\.([0-9a-z]{26})")
_DECISION = re.compile("[0-9][0-9a-hj-km-np-tv-z]{17}")
"""What can be a decision's id: one that began with a letter would be of a time thousands of years away."""
_NUMBER = re.compile("[1-9][0-9]{0,2}")
_COMMENT = "^[0-9a-z]{26}$"
_MOVE = "^(approve|spam|restore|delete|reject( [a-z-]{1,40})?)$"


class DecideForm(DeskForm):
    """A decision as the form of a card has it: the move is an action, and a reason after it."""

    comment_id: Annotated[str, Field(pattern=_COMMENT)]
    revision: str
    state: str
    move: Annotated[str, Field(pattern=_MOVE)]
    message: str | None = None
    reply: str | None = None
    redact: str | None = None
    trust_author: str | None = None


class TogetherForm(DeskForm):
    """One decision on all that are selected: a box `on.{comment}` holds the revision and the state that were shown."""

    model_config = ConfigDict(frozen=True, extra="allow")

    move: Annotated[str, Field(pattern=_MOVE)]
    reason: str | None = None


class UndoForm(DeskForm):
    """Which decisions to take back, their ids with spaces between them."""

    ids: str


class NoteForm(DeskForm):
    """A note on a comment."""

    comment_id: Annotated[str, Field(pattern=_COMMENT)]
    text: str = ""


def register(endpoints: Endpoints) -> None:
    """Register the page and its forms."""
    api = Api(endpoints)

    @endpoints.endpoint("GET", "/admin", **PAGES)
    def get_desk(call: Call) -> Answer:
        """Show the queue, or the door to whoever is not signed in."""
        return _page(api, call) if call.moderator else door(call)

    @endpoints.endpoint("POST", "/admin/decide", body=DecideForm, **FORMS)
    def post_decide(call: Call) -> Answer:
        """Decide on the comment of a card."""
        form: DecideForm = call.body
        path = {"comment_id": form.comment_id}
        try:
            said = api.ask(call, "post_decision", path=path, body=_ruling(api, call, form))
        except Refusal as refusal:
            return case_page(api, call, form.comment_id, Message.of(refusal), root="../")
        ids = [said["decision"]["id"], *([said["reply"]["decision"]["id"]] if said["reply"] else [])]
        return returned(form.back, {"done": " ".join(ids)})

    @endpoints.endpoint("POST", "/admin/decide-many", body=TogetherForm, **FORMS)
    def post_decide_many(call: Call) -> Answer:
        """Decide alike on all that are selected."""
        items = _together(call.body)
        if not items:
            return returned(call.body.back, {"done": "none"})
        results = api.ask(call, "post_decisions", body={"items": items})["items"]
        return _told(call, results)

    @endpoints.endpoint("POST", "/admin/undo", body=UndoForm, **FORMS)
    def post_desk_undo(call: Call) -> Answer:
        """Take decisions back, the last first."""
        ids = [each for each in reversed(call.body.ids.split()) if _DECISION.fullmatch(each)][:MOST_TOGETHER]
        results = api.ask(call, "post_undo", body={"decision_ids": ids})["items"]
        return _told(call, results)

    @endpoints.endpoint("POST", "/admin/notes", body=NoteForm, **FORMS)
    def post_desk_note(call: Call) -> Answer:
        """Leave a note on a comment."""
        form: NoteForm = call.body
        try:
            api.ask(call, "post_note", path={"comment_id": form.comment_id}, body={"text": form.text})
        except Refusal as refusal:
            return case_page(api, call, form.comment_id, Message.of(refusal), root="../")
        return returned(f"/comments/{form.comment_id}")


def _page(api: Api, call: Call, message: Message = SILENT) -> Answer:
    values = given(call)
    asked = Asked({name: value for name, value in values.items() if name in PARAMETERS})
    try:
        page = _queue(api, call, asked)
    except Invalid as refusal:
        message = Message.of(refusal)
        asked = Asked({})
        page = _queue(api, call, asked)
    items = [(item, moves_of(item)) for item in page["items"]]
    back = asked.address().removeprefix("admin")
    whole = desk.queue_page(
        frame(call, "", "queue", message, done=_done(api, values, back)),
        asked,
        items,
        setting(call, "", back),
        after=page["next"],
        checks=[check.__name__ for check in CHECKS],
        last_day="" if items or asked.is_filtered else desk.last_day(api.ask(call, "get_stats", query={"days": 2})),
    )
    return html(whole, message.status)


def _queue(api: Api, call: Call, asked: Asked) -> Any:  # noqa: ANN401 - as the API has it
    # Counting takes a Query a tray, so the page brings its numbers afterwards.
    return api.ask(call, "get_queue", query={**asked.query, "counts": "false"})


def _done(api: Api, values: Mapping[str, str], back: str) -> Markup | None:
    """Return what the form before this page did, as the log has it."""
    if values.get("done") == "none":
        return desk.said("Nothing was selected, so nothing was decided.")
    ids = [each for each in values.get("done", "").split()[:MOST_TOGETHER] if _DECISION.fullmatch(each)]
    entries = api.endpoints.service.stores.moderation.entries(ids) if ids else {}
    known = [_dumped(entries[each].decision) for each in ids if each in entries]
    refused = values.get("refused", "")
    if not _NUMBER.fullmatch(refused):
        refused = ""
    return desk.done_line("", known, back, refused) if known or refused else None


def _dumped(decision: Decision) -> Any:  # noqa: ANN401 - as the API has it
    """Return a decision as the API answers it."""
    return adapter(Decision).dump_python(decision, mode="json", by_alias=True)


def _told(call: Call, results: list[dict[str, Any]]) -> Answer:
    """Return the way back with what was done, and how many could not be decided on."""
    done = [each["decision"]["id"] for each in results if each["decision"]]
    refused = len(results) - len(done)
    values = {"done": " ".join(done)} if done else {}
    if refused:
        values["refused"] = str(refused)
    return returned(call.body.back, values)


def _ruling(api: Api, call: Call, form: DecideForm) -> dict[str, Any]:
    """Return the decision as the API takes it; what the form has for another move is left out. Raises Invalid."""
    action, _, reason = form.move.partition(" ")
    ruling: dict[str, Any] = {"action": action, "revision": form.revision, "state": form.state}
    if reason:
        ruling["reason"] = reason
    if action in {"reject", "delete"} and form.message:
        ruling["message"] = form.message
    if action == "approve":
        if form.redact and form.redact.strip():
            ruling["redact"] = _spans(api, call, form)
            if form.message:
                ruling["message"] = form.message
        if form.reply:
            ruling["reply"] = form.reply
        if form.trust_author:
            ruling["trust_author"] = form.trust_author
    return ruling


def _spans(api: Api, call: Call, form: DecideForm) -> list[list[int]]:
    """Return where the words to take out stand: each line's, wherever it occurs. Raises Invalid, NotFound."""
    text = api.ask(call, "get_case", path={"comment_id": form.comment_id})["comment"]["text"]
    lines = [line.strip() for line in (form.redact or "").splitlines() if line.strip()]
    # One that is not found would be published unnoticed.
    if not all(line in text for line in lines):
        words = "Not all of the words to take out stand in the text like this."
        raise Invalid(words, errors=(FieldError("/redact", words),))
    found = sorted(
        [match.start(), match.start() + len(line)]
        for line in lines
        for match in re.finditer(f"(?={re.escape(line)})", text)
    )
    joined = found[:1]
    for start, end in found[1:]:
        if start < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return joined


def _together(form: TogetherForm) -> list[dict[str, Any]]:
    action, _, reason = form.move.partition(" ")
    boxes = {found[1]: value for name, value in (form.model_extra or {}).items() if (found := _BOX.fullmatch(name))}
    seen = {identity: str(value).partition(" ") for identity, value in boxes.items()}
    shared = {"action": action, **({"reason": form.reason or reason} if form.reason or reason else {})}
    return [
        {"comment_id": identity, "revision": revision, "state": state, **shared}
        for identity, (revision, _, state) in seen.items()
    ]
