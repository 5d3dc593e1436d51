import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import changes
from chalicelib.article_rules import NONE, ArticlePolicy, ArticleRules, FormRules
from chalicelib.audit import verify
from chalicelib.changes import Change, SiteRow
from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.dynamodb import policy as policy_store
from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.errors import Stale, Unavailable
from chalicelib.ids import order_time
from chalicelib.lists import keep
from chalicelib.once import Earlier, Once
from chalicelib.policies import patch_article, patch_policy
from chalicelib.policy import DEFAULT, patched
from chalicelib.ratings import Heat, Legacy, rate
from chalicelib.recount import recount
from chalicelib.settings import Settings
from chalicelib.spam import Term
from tests.faults import Fault, counted, injected
from tests.samples import NOW, ask_for, once, record, reply_to
from tests.store.conftest import Shelf, at_once
from tests.store.test_calls import metered

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ARTICLES = ["article", "https://site.example/story?b=1#c", "薬/バクロフェン", "..", "~", "x" * 512, "é" * 256]
CHANGE = Change("ann", once(), NOW, 1)


def patch(
    stores: DynamoStores, what: object, article: str = "article", *, number: int = 1, key: Once | None = None
) -> ArticlePolicy:
    at = NOW + timedelta(seconds=number)
    return patch_article(
        stores.policies, article, what, "ann", once=key, now=at, randomness=number, pause=lambda _attempt: None
    )


def give(stores: DynamoStores, reader: str, stars: int | None = 5, minutes: int = 0) -> None:
    at = NOW + timedelta(minutes=minutes)
    rate(stores.ratings, "article", reader, stars, once=None, now=at, pause=lambda _attempt: None)


def summary(stores: DynamoStores) -> dict[str, Any]:
    return stores.connection.get(stores.connection.keys.article("article"), SUMMARY) or {}


def form_rules(stores: DynamoStores, article: str = "article") -> FormRules:
    return stores.threads.first_page(article, 20, NOW).rules


def is_whole(stores: DynamoStores) -> bool:
    return verify(stores.audits, None, lambda _attempt: None)[1] == []


@pytest.mark.parametrize("article", ARTICLES)
def test_rules_are_kept_with_their_log_entry_and_found_on_the_page(stores: DynamoStores, article: str) -> None:
    assert stores.policies.article_row(article, CHANGE, NOW).site == SiteRow(None, None)
    policy = patch(stores, {"mode": "open", "edits": "keep", "allowed_terms": ["baclofen"]}, article, key=once())
    row = stores.policies.article_row(article, CHANGE, NOW)
    assert (row.rules, row.version) == (ArticleRules({"mode": "open", "edits": "keep"}, ("baclofen",)), 1)
    assert row.as_it_holds == policy
    assert stores.policies.rules(article) == row.rules
    assert row.site.earlier == Earlier("digest", row.site.earlier.answer if row.site.earlier else "")
    assert form_rules(stores, article) == FormRules({"mode": "open"}), "what forms do not need is no reader's affair"
    (entry,) = stores.audits.chain(None).entries
    assert entry.hash == row.site.head
    assert json.loads(entry.decision.note or "")["article"] == article
    assert stores.policies.article_row("another", None, NOW).rules == NONE


def test_a_submission_and_an_edit_are_held_against_the_articles_rules(shelf: Shelf) -> None:
    patch(shelf.stores, {"max_length": 9, "allowed_terms": ["pump"]})
    shelf.stores.policies.keep_policy(
        patched(DEFAULT, {"mode": "trust"}), 0, SiteRow(head(shelf.stores), None).entry(CHANGE, "policy", {}), None
    )
    known = shelf.stores.comments.gather(ask_for(record()), None, NOW)
    assert (known.policy.mode, known.policy.max_length, known.rules.allowed) == ("trust", 9, ("pump",))
    elsewhere = shelf.stores.comments.gather(replace(ask_for(record()), article_id="another"), None, NOW)
    assert (elsewhere.policy.max_length, elsewhere.rules) == (10_000, NONE)


def head(stores: DynamoStores) -> str | None:
    return stores.audits.chain(None).head


def test_rules_that_say_nothing_any_more_are_gone_and_can_come_again(stores: DynamoStores) -> None:
    for number, mode in enumerate(["open", None, None, "closed"], 1):
        patch(stores, {"mode": mode}, number=number)
        listed = stores.policies.ruled(9, None)[0]
        assert listed == ([("article", ArticleRules({"mode": mode}))] if mode else [])
        assert form_rules(stores).own == ({"mode": mode} if mode else {})
    assert len(stores.audits.chain(None).entries) == 4
    assert is_whole(stores)


def test_articles_with_rules_are_listed_page_by_page(stores: DynamoStores) -> None:
    for number, article in enumerate(ARTICLES):
        patch(stores, {"max_length": number + 1}, article, number=number)
    stores.policies.article_row("without", None, NOW)
    for size in (1, 2, len(ARTICLES), 50):
        found, after = [], None
        while True:
            page, after = stores.policies.ruled(size, after)
            assert len(page) <= size
            found += page
            if after is None:
                break
        assert sorted(found) == sorted(
            (article, ArticleRules({"max_length": number + 1})) for number, article in enumerate(ARTICLES)
        )


def test_rules_that_are_not_as_they_were_read_are_not_replaced(stores: DynamoStores) -> None:
    old = stores.policies.article_row("article", CHANGE, NOW)
    patch(stores, {"mode": "open"})
    new = stores.policies.article_row("article", CHANGE, NOW)
    for row in (old, replace(new, version=0), replace(new, version=2), replace(new, site=old.site)):
        entry = row.site.entry(CHANGE, "policy", {})
        with pytest.raises(Stale):
            stores.policies.keep_rules("article", row, NONE, entry, None)
    assert stores.policies.article_row("article", None, NOW).rules == ArticleRules({"mode": "open"})
    assert form_rules(stores).own == {"mode": "open"}
    assert len(stores.audits.chain(None).entries) == 1


def test_a_page_of_an_article_that_has_nothing_but_rules_is_empty_and_one_query(
    stores: DynamoStores, table_client: "DynamoDBClient", engine: object
) -> None:
    patch(stores, {"mode": "open", "max_length": 500, "require_consent": False, "close_after_days": 9})
    with counted(table_client) as calls, metered(table_client) as units:
        page = stores.threads.first_page("article", 20, NOW)
    assert (calls, units.used) == ({"Query": 1}, 0.5)
    assert (page.tally.count, page.approved, page.comments, page.after, page.version) == (0, 0, [], None, "1")
    assert page.rules.since is None, "nobody was there yet"


def test_the_version_of_a_page_moves_with_what_it_shows_of_the_rules(stores: DynamoStores) -> None:
    def version() -> str:
        return stores.threads.first_page("article", 20, NOW).version

    seen = [version()]
    for number, what in enumerate([{"mode": "open"}, {"max_length": 9}, {"mode": "closed"}, {"mode": None}], 1):
        patch(stores, what, number=number)
        seen.append(version())
    assert len(set(seen)) == len(seen)
    patch(stores, {"allowed_terms": ["pump"], "edits": "keep"}, number=9)
    assert version() == seen[-1], "what no page shows"


@pytest.mark.parametrize("spread", [False, True])
def test_an_article_is_there_since_its_first_rating(
    stores: DynamoStores,
    engine: object,
    spread: bool,  # noqa: FBT001 - pytest passes what differs
) -> None:
    if spread:
        stores.ratings.spread("article", Heat(), NOW)
    give(stores, "ada")
    give(stores, "ben", 4, minutes=9)
    give(stores, "ada", None, minutes=10)
    assert summary(stores)["since"] == int(NOW.timestamp())
    assert form_rules(stores).since == NOW.replace(microsecond=0)


def test_an_article_is_there_since_its_first_public_comment(shelf: Shelf) -> None:
    first, second = record(1), record(2)
    shelf.keep(first, second)
    assert form_rules(shelf.stores).since is None, "what waits is not there yet"
    shelf.move(second, "approve", minutes=60)
    shelf.move(first, "approve", minutes=90)
    shelf.move(second, "reject", minutes=91)
    give(shelf.stores, "ada", minutes=99)
    since = order_time(second.order).replace(microsecond=0)
    assert form_rules(shelf.stores).since == since
    assert shelf.stores.comments.gather(ask_for(record(3)), None, NOW).since == since
    assert patch(shelf.stores, {"close_after_days": 2}).closes_at == since + timedelta(days=2)


Upheaval = Callable[[DynamoStores], None]


def _mended(stores: DynamoStores) -> None:
    key = stores.connection.keys.article("article"), SUMMARY
    stores.connection.transact([stores.connection.change(*key, "ADD #h5 :wrong, #nc :wrong", wrong=7)])
    found = recount(stores.recounts, stores.recounts.key_of("article"), repair=True, pause=lambda _attempt: None)
    assert (found.outcome, len(found.differences)) == ("repaired", 2)


def _spread_and_settled(stores: DynamoStores) -> None:
    stores.ratings.spread("article", Heat(), NOW)
    for number in range(9):
        give(stores, f"reader {number}")
    assert stores.tallies.settle("article", NOW, hot_too=True)


def _legacy(stores: DynamoStores) -> None:
    stores.ratings.keep_legacy("article", Legacy(9, 30, "before"))


@pytest.mark.parametrize("upheaval", [_mended, _spread_and_settled, _legacy])
def test_whatever_moves_a_summary_leaves_its_rules_and_its_age_alone(
    shelf: Shelf, engine: object, upheaval: Upheaval
) -> None:
    stores = shelf.stores
    rules = {"mode": "trust", "max_length": 500, "require_consent": True}
    patch(stores, rules)
    root = record(1, state="approved", was_public=True)
    shelf.keep(root, reply_to(root, 2, state="approved", was_public=True))
    give(stores, "ada")
    before = form_rules(stores)
    assert (before.own, before.since) == (rules, order_time(root.order).replace(microsecond=0))
    upheaval(stores)
    assert form_rules(stores) == before
    found = recount(stores.recounts, stores.recounts.key_of("article"), repair=False, pause=lambda _attempt: None)
    assert (found.outcome, found.differences) == ("exact", ())


def test_rules_change_while_the_tally_is_spread(stores: DynamoStores, engine: object) -> None:
    give(stores, "ada")
    stores.ratings.spread("article", Heat(), NOW)
    before = stores.threads.first_page("article", 20, NOW).version
    patch(stores, {"mode": "closed"})
    give(stores, "ben", 4)
    page = stores.threads.first_page("article", 20, NOW)
    assert (page.rules.own, page.tally.count) == ({"mode": "closed"}, 2)
    assert page.version != before


def test_rules_are_read_once_in_a_while(
    stores: DynamoStores, table_client: "DynamoDBClient", settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_store, "_REMEMBERED", 2)
    assert stores.policies.rules("article") == NONE
    patch(open_stores(table_client, settings), {"mode": "open"})
    with counted(table_client) as calls:
        assert [stores.policies.rules("article") for _ in range(5)] == [NONE] * 5
    assert not calls
    for number in range(5):
        stores.policies.rules(f"article {number}")
    assert stores.policies.rules("article") == ArticleRules({"mode": "open"}), "room is for so many"
    patch(stores, {"mode": "closed"}, number=2)
    assert stores.policies.rules("article") == ArticleRules({"mode": "closed"})
    patch(open_stores(table_client, settings), {"mode": "trust"}, number=3)
    monkeypatch.setattr(policy_store, "FRESH_SECONDS", 0)
    assert stores.policies.rules("article") == ArticleRules({"mode": "trust"})


@pytest.mark.parametrize("fault", ["lost", "garbage", "truncated"])
@pytest.mark.parametrize("key", [None, once()])
def test_a_change_whose_answer_was_lost_is_made_once(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault, key: Once | None
) -> None:
    with injected(hasty_client, {("TransactWriteItems", fault): 1}, first=1):
        assert patch(hasty.stores, {"mode": "open"}, key=key).mode == "open"
    assert len(hasty.stores.audits.chain(None).entries) == 1
    assert is_whole(hasty.stores)


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_without_the_table_there_are_no_rules_to_guess(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    policies = hasty.stores.policies
    calls: list[Callable[[], object]] = [
        lambda: policies.rules("article"),
        lambda: policies.article_row("article", None, NOW),
        lambda: policies.ruled(9, None),
        lambda: patch(hasty.stores, {"mode": "open"}),
    ]
    with injected(hasty_client, {("*", fault): 1}):
        for call in calls:
            with pytest.raises(Unavailable):
                call()
    assert policies.article_row("article", None, NOW).rules == NONE


def test_all_that_changes_the_site_at_once_takes_effect_and_makes_one_chain(
    stores: DynamoStores, engine: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "ATTEMPTS", 60)

    def wait(attempt: int) -> None:
        time.sleep(min(0.002 * attempt, 0.02))

    def by(number: int) -> dict[str, Any]:
        # The first to come is not the first to be done.
        return {"once": None, "now": NOW - timedelta(seconds=number), "randomness": number, "pause": wait}

    fields: list[dict[str, Any]] = [{"max_length": 7}, {"mode": "open"}, {"trust_after": 9}]
    calls: list[Callable[[], object]] = []
    for number, what in enumerate(fields):
        calls += [
            lambda what=what, n=number: patch_policy(stores.policies, what, "ann", **by(n)),
            lambda what=what, n=number: patch_article(stores.policies, "article", what, "ben", **by(10 + n)),
            lambda n=number: keep(
                stores.lists, Term(f"term {n}", "hold"), Change("cy", None, NOW - timedelta(seconds=20 + n), n), wait
            ),
        ]
    at_once(calls)
    whole = {name: value for what in fields for name, value in what.items()}
    row = stores.policies.article_row("article", None, NOW)
    assert dict(row.rules.own) == whole
    assert row.policy == patched(DEFAULT, whole)
    assert {term.value for term in stores.lists.terms()} == {"term 0", "term 1", "term 2"}
    assert form_rules(stores).own == {"mode": "open", "max_length": 7}
    entries = stores.audits.chain(None).entries
    assert sorted(entry.decision.action for entry in entries) == ["list"] * 3 + ["policy"] * 6
    assert is_whole(stores)
