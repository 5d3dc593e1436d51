import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from pydantic import ValidationError

from chalicelib import changes
from chalicelib.article_rules import NONE, ArticlePolicy, ArticleRules
from chalicelib.audit import Chain, Entry, breaks
from chalicelib.changes import Change, SiteRow
from chalicelib.errors import KeyReused, Stale, Unavailable
from chalicelib.once import Done, Earlier, Once
from chalicelib.policies import ArticleRow, PolicyStore, listed, patch_article
from chalicelib.policy import DEFAULT, patched
from tests.samples import NOW, once

SINCE = NOW - timedelta(days=3)


@dataclass
class Shelf:
    """One article's rules and the site's log: as much of PolicyStore as a change of them needs."""

    row: ArticleRow = field(default_factory=lambda: ArticleRow(DEFAULT, NONE, 0, SINCE, SiteRow(None, None)))
    entries: list[Entry] = field(default_factory=list)
    trouble: list[Any] = field(default_factory=list)
    """What happens to the next writes: a call made before one, or an error raised after it."""

    def article_row(self, _article: str, change: Change | None, _now: object) -> ArticleRow:
        is_done = any(change and entry.decision.id == change.id for entry in self.entries)
        return replace(self.row, site=replace(self.row.site, is_done=is_done))

    def keep_rules(self, _article: str, row: ArticleRow, rules: ArticleRules, entry: Entry, done: Done | None) -> None:
        trouble = self.trouble.pop(0) if self.trouble else None
        if callable(trouble):
            trouble()
        if (row.version, row.site.head) != (self.row.version, self.row.site.head):
            raise Stale
        earlier = Earlier(done.once.digest, done.answer) if done else self.row.site.earlier
        self.row = replace(row, rules=rules, version=row.version + 1, site=SiteRow(entry.hash, earlier))
        self.entries.append(entry)
        if isinstance(trouble, Exception):
            raise trouble

    @property
    def is_whole(self) -> bool:
        return breaks(Chain(None, self.entries, self.row.site.head)) == []


def patch(shelf: Shelf, what: object, *, by: str = "ben", number: int = 7, key: Once | None = None) -> ArticlePolicy:
    at = NOW + timedelta(hours=number)
    store = cast("PolicyStore", shelf)
    return patch_article(store, "薬", what, by, once=key, now=at, randomness=number, pause=lambda _attempt: None)


def test_a_change_of_an_articles_rules_is_logged_with_its_article_and_patch() -> None:
    shelf = Shelf()
    what = {"mode": "open", "close_after_days": 7, "allowed_terms": ["baclofen"]}
    policy = patch(shelf, what)
    assert (policy.mode, policy.allowed_terms, policy.closes_at) == ("open", ["baclofen"], SINCE + timedelta(days=7))
    assert policy.own == {"mode": "open", "close_after_days": 7}
    (entry,) = shelf.entries
    assert (entry.decision.action, entry.decision.by, entry.decision.comment_id) == ("policy", "ben", None)
    assert json.loads(entry.decision.note or "") == {"article": "薬", "patch": what}
    assert shelf.is_whole


def test_two_changes_of_an_article_at_once_both_take_effect() -> None:
    shelf = Shelf()
    shelf.trouble = [lambda: patch(shelf, {"max_length": 9}, by="ann", number=9)]
    policy = patch(shelf, {"mode": "trust"}, number=2)
    assert policy.own == {"mode": "trust", "max_length": 9}
    assert [entry.decision.by for entry in shelf.entries] == ["ann", "ben"]
    assert shelf.is_whole


@pytest.mark.parametrize("key", [None, once()])
def test_a_change_whose_answer_was_lost_is_made_once_and_undoes_nobody_elses(key: Once | None) -> None:
    shelf = Shelf(trouble=[Stale("unknown outcome")])

    def pause(_attempt: int) -> None:
        patch(shelf, {"mode": "closed"}, by="ann", number=9)

    store, what = cast("PolicyStore", shelf), {"mode": "open"}
    policy = patch_article(store, "a", what, "ben", once=key, now=NOW, randomness=1, pause=pause)
    assert policy.mode == "closed"
    assert [entry.decision.by for entry in shelf.entries] == ["ben", "ann"]


def test_a_key_stands_for_one_change() -> None:
    shelf = Shelf()
    assert patch(shelf, {"mode": "open"}, key=once()).mode == "open"
    assert patch(shelf, {"mode": "open"}, key=once(), number=8).mode == "open"
    assert len(shelf.entries) == 1
    with pytest.raises(KeyReused):
        patch(shelf, {"mode": "closed"}, key=once(digest="other"))


@pytest.mark.parametrize("what", [{"mode": "anything"}, {"limits": {"ratings": {}}}, {"reply_as": "x"}, {"own": {}}])
def test_a_patch_that_leads_to_no_rules_writes_nothing(what: object) -> None:
    shelf = Shelf()
    with pytest.raises(ValidationError):
        patch(shelf, what)
    assert shelf == Shelf()


def test_rules_that_always_change_are_refused_for_now() -> None:
    shelf = Shelf(trouble=[Stale("collided")] * changes.ATTEMPTS)
    store = cast("PolicyStore", shelf)
    shelf.keep_rules = lambda *_: (_ for _ in ()).throw(Stale)  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        patch_article(store, "a", {}, "ben", once=None, now=NOW, randomness=1, pause=lambda _attempt: None)


def test_a_list_shows_the_mode_that_holds() -> None:
    site = patched(DEFAULT, {"mode": "trust"})
    found = listed(site, [("a", ArticleRules({"mode": "open"})), ("b", ArticleRules({}, ("pump",)))])
    assert [(each.article_id, each.mode, each.own, each.allowed_terms) for each in found] == [
        ("a", "open", {"mode": "open"}, []),
        ("b", "trust", {}, ["pump"]),
    ]
