"""The rules as pages, the site's and an article's own, and the forms that change them and the lists."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import Field

from chalicelib.errors import Invalid, Refusal
from chalicelib.ids import checked_article_id
from chalicelib.rendering import desk
from chalicelib.routes.desk.api import Api
from chalicelib.routes.desk.page import FORMS, PAGES, SILENT, DeskForm, Message, door, frame, given, html
from chalicelib.routes.endpoint import Answer, Call, Endpoints

_NUMBERS = ("trust_after", "reports_to_hide", "close_after_days", "max_length")
_WORDS = ("mode", "edits", "reply_as")
_SAID: dict[str, bool | None] = {"": None, "yes": True, "no": False}
_NAMES: dict[tuple[str, str], tuple[str, ...]] = {
    ("post", "term"): ("value", "kind"),
    ("delete", "term"): ("value",),
    ("post", "block"): ("kind", "value"),
    ("delete", "block"): ("kind", "mark"),
}
"""What each change of a list takes of the form."""

Number = Annotated[str, Field(max_length=8)]


class RulesForm(DeskForm):
    """The rules as a form has them; blank is as at first or, for an article, as the site says."""

    mode: str | None = None
    edits: str | None = None
    reply_as: str | None = None
    beside_form: str | None = None
    languages: Annotated[str, Field(max_length=720)] | None = None
    trust_after: Number | None = None
    hold: Number | None = None
    spam: Number | None = None
    reports_to_hide: Number | None = None
    close_after_days: Number | None = None
    max_length: Number | None = None


class ArticleForm(RulesForm):
    """An article's own rules: all of them when `whole`, else its mode alone."""

    whole: str | None = None
    allowed_terms: str | None = None


class ListForm(DeskForm):
    """A line of a list to add or, with `_method` `DELETE`, to remove."""

    method: Annotated[Literal["POST", "DELETE"], Field(alias="_method")] = "POST"
    kind: str | None = None
    value: str | None = None
    mark: str | None = None


def register(endpoints: Endpoints) -> None:
    """Register the pages and their forms."""
    api = Api(endpoints)

    @endpoints.endpoint("GET", "/admin/rules", **PAGES)
    def get_desk_rules(call: Call) -> Answer:
        """Show the rules of the site, and its lists."""
        return _site(api, call) if call.moderator else door(call, "../")

    @endpoints.endpoint("GET", "/admin/article", **PAGES)
    def get_desk_article_named(call: Call) -> Answer:
        """Lead from an article's id in the query to the page of its rules."""
        identity = given(call).get("id", "")
        return Answer(None, 303, {"Location": f"articles/{quote(checked_article_id(identity), safe='')}"})

    @endpoints.endpoint("GET", "/admin/articles/{article_id}", **PAGES)
    def get_desk_article(call: Call) -> Answer:
        """Show the rules of one article."""
        return _article(api, call) if call.moderator else door(call, "../../")

    @endpoints.endpoint("POST", "/admin/rules", body=RulesForm, **FORMS)
    def post_desk_rules(call: Call) -> Answer:
        """Change the rules of the site."""
        return _changed(api, call, lambda: api.ask(call, "patch_site_policy", body=_patch(call.body)))

    @endpoints.endpoint("POST", "/admin/articles/{article_id}", body=ArticleForm, **FORMS)
    def post_desk_article(call: Call) -> Answer:
        """Change the rules of one article."""
        form: ArticleForm = call.body
        patch: dict[str, Any] = {"mode": form.mode or None}
        try:
            if form.whole:
                patch = {**_patch(form), "allowed_terms": _lines(form.allowed_terms)}
                del patch["reply_as"]
            api.ask(call, "patch_article_policy", path=dict(call.path), body=patch)
        except Refusal as refusal:
            return _article(api, call, Message.of(refusal))
        return Answer(None, 303, {"Location": quote(call.path["article_id"], safe="")})

    @endpoints.endpoint("POST", "/admin/terms", body=ListForm, **FORMS)
    def post_desk_terms(call: Call) -> Answer:
        """Add a term, or take one off the list."""
        return _listed(api, call, "term")

    @endpoints.endpoint("POST", "/admin/blocks", body=ListForm, **FORMS)
    def post_desk_blocks(call: Call) -> Answer:
        """Block somebody, or lift a block."""
        return _listed(api, call, "block")


def _site(api: Api, call: Call, message: Message = SILENT) -> Answer:
    page = desk.rules_page(
        frame(call, "../", "rules", message),
        api.ask(call, "get_policy"),
        api.ask(call, "get_terms")["items"],
        api.ask(call, "get_blocks")["items"],
        api.ask(call, "get_articles")["items"],
    )
    return html(page, message.status)


def _article(api: Api, call: Call, message: Message = SILENT) -> Answer:
    policy = api.ask(call, "get_article_policy", path=dict(call.path))
    shown = desk.article_page(frame(call, "../../", "rules", message), policy, call.path["article_id"])
    return html(shown, message.status)


def _changed(api: Api, call: Call, change: Callable[[], object]) -> Answer:
    """Return to the rules once the change is made; what is refused shows them with the reason."""
    try:
        change()
    except Refusal as refusal:
        return _site(api, call, Message.of(refusal))
    return Answer(None, 303, {"Location": "rules"})


def _listed(api: Api, call: Call, kind: str) -> Answer:
    form: ListForm = call.body
    verb = "delete" if form.method == "DELETE" else "post"
    body = {name: value for name in _NAMES[verb, kind] if (value := getattr(form, name))}
    return _changed(api, call, lambda: api.ask(call, f"{verb}_{kind}", body=body))


def _patch(form: RulesForm) -> dict[str, Any]:
    """Return what the form asks for as a merge patch: blank is null. Raises Invalid for what is no number."""
    thresholds = {"hold": _number(form.hold), "spam": _number(form.spam)}
    patch: dict[str, Any] = {name: getattr(form, name) or None for name in _WORDS}
    patch |= {name: _number(getattr(form, name)) for name in _NUMBERS} | {"thresholds": thresholds}
    beside = _SAID.get(form.beside_form or "", form.beside_form)
    return patch | {"help": {"beside_form": beside}, "languages": _tags(form.languages)}


def _tags(text: str | None) -> list[str] | None:
    """Return the tags that a line names; None for a blank one, none for the word that stands for any language."""
    tags = re.split(r"[\s,;]+", text.strip(" ,;")) if text and text.strip(" ,;") else None
    return [] if tags == [desk.ANY] else tags


def _number(value: str | None) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit()):
        raise Invalid(f"“{value}” is no whole number.")
    return int(value)


def _lines(text: str | None) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))
