from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.audit import Action
from chalicelib.comments import Record
from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.dynamodb import recount as recount_store
from chalicelib.dynamodb.keys import SHARD, SUMMARY, rating_shard
from chalicelib.dynamodb.records import RECORD, public_key, public_rank
from chalicelib.dynamodb.recount import DynamoRecounts
from chalicelib.dynamodb.tallies import shard_of
from chalicelib.errors import Stale, Unavailable
from chalicelib.moderation import Ruling, Wanted, decide
from chalicelib.ratings import Legacy, rate
from chalicelib.recount import Counted, Difference, Kept, Recounted, Shown, recount
from chalicelib.reports import Report, Wish, report
from chalicelib.settings import Settings
from chalicelib.votes import vote
from tests.faults import Fault, injected
from tests.samples import NOW, ask_for, record, reply_to
from tests.store.conftest import Shelf, at_once

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("engine")

ROOT = record(1, state="approved", was_public=True)
REPLY = reply_to(ROOT, 2, state="approved", was_public=True)
WAITING = record(3)


def counted(stores: DynamoStores, article: str = "article", *, repair: bool = False) -> Recounted:
    recounts = stores.recounts
    return recount(recounts, recounts.key_of(article), repair=repair, pause=lambda _attempt: None)


def give(stores: DynamoStores, reader: str, stars: int | None, article: str = "article") -> None:
    rate(stores.ratings, article, reader, stars, once=None, now=NOW, pause=lambda _attempt: None)


def upvote(stores: DynamoStores, comment: Record, voter: str, *, wanted: bool = True) -> None:
    vote(stores.votes, comment.id, voter, wanted=wanted, once=None, now=NOW, pause=lambda _attempt: None)


def complain(stores: DynamoStores, comment: Record, reporter: str) -> None:
    wish = Wish(Report(reason="spam"), lambda _article: 99)
    report(stores.reports, comment.id, reporter, wish, once=None, now=NOW, pause=lambda _attempt: None)


def rule(stores: DynamoStores, comment: Record, action: Action, number: int = 1) -> None:
    ruling = Ruling(action=action, revision=1)
    decide(
        stores.moderation, comment.id, ruling, "ann", once=None, now=NOW, randomness=number, pause=lambda _attempt: None
    )


def item(stores: DynamoStores, pk: str, sk: str) -> dict[str, Any]:
    return stores.connection.get(pk, sk) or {}


def summary_key(stores: DynamoStores) -> tuple[str, str]:
    return stores.connection.keys.article("article"), SUMMARY


def change(stores: DynamoStores, key: tuple[str, str], expression: str, **values: Any) -> None:
    """Damage an item as a fault in some code, or a hand at the table, might: past every version."""
    stores.connection.transact([stores.connection.change(*key, expression, **values)])


def delete(stores: DynamoStores, *key: str) -> None:
    pk, sk = key
    stores.connection.transact([stores.connection.delete(pk, sk)])


@pytest.fixture
def article(shelf: Shelf) -> DynamoStores:
    """Stores with an article that has ratings, comments, votes and reports, and one more comment that waits."""
    stores = shelf.stores
    shelf.keep(ROOT, REPLY, WAITING)
    for reader, stars in {"ada": 5, "ben": 5, "cy": 1, "dee": 3}.items():
        give(stores, reader, stars)
    give(stores, "dee", None)
    for voter in ("ada", "ben", "cy"):
        upvote(stores, ROOT, voter)
    upvote(stores, REPLY, "ada")
    complain(stores, ROOT, "dee")
    return stores


def test_an_article_nobody_touched_is_exact(stores: DynamoStores) -> None:
    for repair in (False, True):
        assert counted(stores, repair=repair) == Recounted("article", 0, 0, "exact", ())
    assert item(stores, *summary_key(stores)) == {}


@pytest.mark.parametrize("repair", [False, True])
def test_what_adds_up_is_exact_and_nothing_is_written(
    article: DynamoStores,
    table_client: "DynamoDBClient",
    repair: bool,  # noqa: FBT001 - pytest passes what differs
) -> None:
    with injected(table_client, {("TransactWriteItems", "away"): 1, ("UpdateItem", "away"): 1}) as faults:
        assert counted(article, repair=repair) == Recounted("article", 3, 2, "exact", ())
    assert faults.injected.total() == 0


def test_what_is_kept_and_what_is_counted(article: DynamoStores) -> None:
    key = article.recounts.key_of("article")
    kept = article.recounts.kept(key)
    assert (list(kept.histogram), kept.comments, kept.stray, kept.is_spread) == ([1, 0, 0, 0, 2], 2, 0, False)
    found = article.recounts.count(key)
    assert list(found.histogram) == [1, 0, 0, 0, 2]
    keys = article.connection.keys
    assert {*found.comments} == {Shown(each.id, public_key(keys, each)[1]) for each in (ROOT, REPLY)}


Damage = Callable[[DynamoStores], None]


def _votes(stores: DynamoStores, comment: Record) -> tuple[str, str]:
    return stores.connection.keys.votes(comment.id), SUMMARY


def _stray(stores: DynamoStores) -> None:
    pk = stores.connection.keys.shard("article", shard_of("somebody"))
    change(stores, (pk, SHARD), "ADD #h4 :more, #ver :more", more=1)


def _negative_stray(stores: DynamoStores) -> None:
    for number, by in ((1, 2), (2, -2)):
        pk = stores.connection.keys.shard("article", number)
        change(stores, (pk, SHARD), "ADD #h4 :by, #ver :one", by=by, one=1)


def _reports(stores: DynamoStores, reports: int) -> None:
    change(stores, (stores.connection.keys.comment(ROOT.id), RECORD), "SET #reports = :reports", reports=reports)


def _page_votes(stores: DynamoStores, comment: Record, votes: int) -> None:
    change(stores, public_key(stores.connection.keys, comment), "SET #votes = :votes", votes=votes)


def _votes_and_reports(stores: DynamoStores) -> None:
    _page_votes(stores, ROOT, 9)
    _reports(stores, 2)


DAMAGE: dict[str, tuple[Damage, list[Difference]]] = {
    "a bucket too high": (
        lambda stores: change(stores, summary_key(stores), "ADD #h2 :by", by=3),
        [Difference("ratings.2", None, 3, 0)],
    ),
    "two buckets exchanged": (
        lambda stores: change(stores, summary_key(stores), "ADD #h5 :less, #h4 :more", less=-1, more=1),
        [Difference("ratings.4", None, 1, 0), Difference("ratings.5", None, 1, 2)],
    ),
    "a rating lost": (
        lambda stores: delete(stores, stores.connection.keys.ratings("article", rating_shard("ada")), "ada"),
        [Difference("ratings.5", None, 2, 1)],
    ),
    "comments too few": (
        lambda stores: change(stores, summary_key(stores), "ADD #nc :by", by=-1),
        [Difference("comments", None, 1, 2)],
    ),
    "a comment gone from the page": (
        lambda stores: delete(stores, *public_key(stores.connection.keys, REPLY)),
        [Difference("comments", None, 2, 1)],
    ),
    "no summary": (
        lambda stores: delete(stores, *summary_key(stores)),
        [
            Difference("ratings.1", None, 0, 1),
            Difference("ratings.5", None, 0, 2),
            Difference("comments", None, 0, 2),
        ],
    ),
    "a stray shard": (_stray, [Difference("shards", None, 1, 0)]),
    "stray shards that add up to nothing": (_negative_stray, [Difference("shards", None, 4, 0)]),
    "too many votes on the page": (
        lambda stores: _page_votes(stores, ROOT, 7),
        [Difference("votes", ROOT.id, 7, 3)],
    ),
    "no votes on the page": (
        lambda stores: change(stores, public_key(stores.connection.keys, REPLY), "REMOVE #votes"),
        [Difference("votes", REPLY.id, 0, 1)],
    ),
    "a counter of votes too low": (
        lambda stores: change(stores, _votes(stores, ROOT), "ADD #up :by", by=-2),
        [Difference("votes", ROOT.id, 1, 3)],
    ),
    "no counter of votes": (
        lambda stores: delete(stores, *_votes(stores, ROOT)),
        [Difference("votes", ROOT.id, 0, 3)],
    ),
    "a vote lost": (
        lambda stores: delete(stores, stores.connection.keys.votes(ROOT.id), "ada"),
        [Difference("votes", ROOT.id, 3, 2)],
    ),
    "too many reports": (lambda stores: _reports(stores, 4), [Difference("reports", ROOT.id, 4, 1)]),
    "a report lost": (
        lambda stores: delete(stores, stores.connection.keys.reports(ROOT.id), "dee"),
        [Difference("reports", ROOT.id, 1, 0)],
    ),
    "votes and reports of one comment": (
        _votes_and_reports,
        [Difference("votes", ROOT.id, 9, 3), Difference("reports", ROOT.id, 2, 1)],
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_each_damage_is_found_mended_when_asked_and_exact_from_then_on(article: DynamoStores, name: str) -> None:
    damage, expected = DAMAGE[name]
    damage(article)
    for _ in range(2):
        found = counted(article)
        assert (found.outcome, [*found.differences]) == ("different", expected)
    mended = counted(article, repair=True)
    assert (mended.outcome, [*mended.differences]) == ("repaired", expected)
    for repair in (False, True):
        assert counted(article, repair=repair).outcome == "exact"
    # and it goes on counting from there
    give(article, "the last", 4)
    upvote(article, ROOT, "the last")
    complain(article, ROOT, "the last")
    rule(article, WAITING, "approve")
    assert counted(article).outcome == "exact"


def test_all_damage_at_once_is_mended_by_one_repair(article: DynamoStores) -> None:
    for name, (damage, _) in DAMAGE.items():
        if name != "a comment gone from the page":  # what is not there cannot be damaged further
            damage(article)
    assert counted(article, repair=True).outcome == "repaired"
    assert counted(article).outcome == "exact"


def test_mended_votes_bring_the_comment_to_its_place(article: DynamoStores) -> None:
    change(article, _votes(article, ROOT), "SET #up = :up", up=50)
    change(
        article,
        public_key(article.connection.keys, ROOT),
        "SET #votes = :votes, #g2s = :rank",
        votes=50,
        rank=public_rank(ROOT, 50),
    )
    counted(article, repair=True)
    shown = item(article, *public_key(article.connection.keys, ROOT))
    assert (shown["votes"], shown["g2s"]) == (3, public_rank(ROOT, 3))


def test_mended_reports_bring_the_comment_into_the_queue_or_out_of_it(article: DynamoStores) -> None:
    keys = article.connection.keys
    complain(article, ROOT, "eve")
    change(
        article,
        (keys.comment(ROOT.id), RECORD),
        "REMOVE #reports, #reporters, #reported SET #lane = :lane",
        lane="pending",
    )
    counted(article, repair=True)
    (queued, _), _ = article.queue.page(Wanted(), 9, None, NOW)
    assert (queued.comment.id, queued.lane, queued.waiting_since) == (ROOT.id, "reported", NOW.replace(microsecond=0))
    assert len(queued.reports) == 2
    for reporter in ("dee", "eve"):
        delete(article, keys.reports(ROOT.id), reporter)
    counted(article, repair=True)
    items, _ = article.queue.page(Wanted(), 9, None, NOW)
    assert [each.comment.id for each in items] == [WAITING.id]


def test_ratings_brought_from_elsewhere_are_left_as_they_are(article: DynamoStores) -> None:
    legacy = Legacy(10, 43.5, "kk-star-ratings")
    article.ratings.keep_legacy("article", legacy)
    change(article, summary_key(article), "ADD #h2 :by", by=3)
    found = counted(article, repair=True)
    assert (found.ratings, found.outcome) == (3, "repaired")
    tally = article.threads.first_page("article", 9, NOW).tally
    assert (tally.count, tally.legacy) == (13, legacy)


def test_a_repair_is_seen_in_the_version_of_the_page(article: DynamoStores) -> None:
    for damage in (DAMAGE["a bucket too high"][0], DAMAGE["too many votes on the page"][0]):
        damage(article)
        before = article.threads.first_page("article", 9, NOW).version
        counted(article, repair=True)
        assert article.threads.first_page("article", 9, NOW).version != before


@pytest.mark.parametrize("stars", [2, 4])
def test_a_hot_article_is_counted_as_it_is_and_brought_together_to_be_mended(article: DynamoStores, stars: int) -> None:
    article.tallies.spread("article", article.ratings.look("article", "x", None, NOW).heat, NOW)
    for number in range(12):
        give(article, f"reader {number}", stars)
    give(article, "ada", 2)
    assert counted(article) == Recounted("article", 15, 2, "exact", ())
    assert "hot" in item(article, *summary_key(article))
    change(article, (article.connection.keys.shard("article", shard_of("ada")), SHARD), "ADD #h1 :by", by=1)
    assert counted(article).differences == (Difference("ratings.1", None, 2, 1),)
    assert "hot" in item(article, *summary_key(article)), "to look changes nothing"
    found = counted(article, repair=True)
    assert (found.outcome, found.differences) == ("repaired", (Difference("ratings.1", None, 2, 1),))
    assert "hot" not in item(article, *summary_key(article))
    assert counted(article) == Recounted("article", 15, 2, "exact", ())
    give(article, "ada", None)
    assert counted(article).outcome == "exact"


def _read(article: DynamoStores) -> tuple[DynamoRecounts, str, Kept, Counted]:
    recounts = article.recounts
    key = recounts.key_of("article")
    return recounts, key, recounts.kept(key), recounts.count(key)


BETWEEN: dict[str, Callable[[DynamoStores], object]] = {
    "a rating": lambda stores: give(stores, "eve", 4),
    "a rating taken back": lambda stores: give(stores, "ada", None),
    "an approval": lambda stores: rule(stores, WAITING, "approve"),
    "a rejection": lambda stores: rule(stores, ROOT, "reject"),
    "a crowd": lambda stores: stores.tallies.spread(
        "article", stores.ratings.look("article", "x", None, NOW).heat, NOW
    ),
    "another repair": lambda stores: counted(stores, repair=True),
    "ratings from elsewhere": lambda stores: stores.ratings.keep_legacy("article", Legacy(1, 5.0, "csv")),
}


@pytest.mark.parametrize("name", BETWEEN)
@pytest.mark.parametrize("damaged", ["a bucket too high", "no summary", "a stray shard"])
def test_a_repair_never_writes_over_what_happened_after_the_count(
    article: DynamoStores, name: str, damaged: str
) -> None:
    DAMAGE[damaged][0](article)
    recounts, key, kept, found = _read(article)
    BETWEEN[name](article)
    before = item(article, *summary_key(article))
    with pytest.raises(Stale):
        recounts.repair(key, kept, found)
    assert item(article, *summary_key(article)) == before
    counted(article, repair=True)
    assert counted(article).outcome == "exact"


@contextmanager
def before_write(client: "DynamoDBClient", act: Callable[[], object]) -> Iterator[None]:
    """Let something else happen after all reads, right before the next transaction."""
    todo = [act]

    def strike(**_: Any) -> None:
        if todo:
            todo.pop()()

    client.meta.events.register_first("before-send.dynamodb.TransactWriteItems", strike)
    try:
        yield
    finally:
        client.meta.events.unregister("before-send.dynamodb.TransactWriteItems", strike)
    assert not todo, "the moment never came"


@pytest.mark.parametrize("name", BETWEEN)
def test_a_repair_never_writes_over_what_happens_at_its_last_moment(
    article: DynamoStores, table_client: "DynamoDBClient", name: str
) -> None:
    DAMAGE["a bucket too high"][0](article)
    recounts, key, kept, found = _read(article)
    with before_write(table_client, lambda: BETWEEN[name](article)), pytest.raises(Stale):
        recounts.repair(key, kept, found)
    counted(article, repair=True)
    assert counted(article).outcome == "exact"


AT_A_COMMENT: dict[str, tuple[str, Callable[[DynamoStores], object]]] = {
    "a vote": ("too many votes on the page", lambda stores: upvote(stores, ROOT, "eve")),
    "a vote where none was counted": ("no counter of votes", lambda stores: upvote(stores, ROOT, "eve")),
    "a vote taken back": ("a counter of votes too low", lambda stores: upvote(stores, ROOT, "ada", wanted=False)),
    "a rejection": ("too many votes on the page", lambda stores: rule(stores, ROOT, "reject")),
    "a report": ("too many reports", lambda stores: complain(stores, ROOT, "eve")),
    "a decision on reports": ("too many reports", lambda stores: rule(stores, ROOT, "approve")),
    "another repair": ("votes and reports of one comment", lambda stores: counted(stores, repair=True)),
}


@pytest.mark.parametrize("name", AT_A_COMMENT)
@pytest.mark.parametrize("late", [False, True])
def test_a_repair_of_a_comment_never_writes_over_what_happened_after_the_count(
    article: DynamoStores,
    table_client: "DynamoDBClient",
    name: str,
    late: bool,  # noqa: FBT001 - pytest passes what differs
) -> None:
    damaged, act = AT_A_COMMENT[name]
    DAMAGE[damaged][0](article)
    recounts, key, _, found = _read(article)
    (one,) = [each for each in recounts.count_comments(key, found.comments) if each.differences]
    if late:
        with before_write(table_client, lambda: act(article)), pytest.raises(Stale):
            recounts.repair_comment(key, one)
    else:
        act(article)
        with pytest.raises(Stale):
            recounts.repair_comment(key, one)
    if name == "a rejection":
        rule(article, ROOT, "approve", 9)
    counted(article, repair=True)
    assert counted(article).outcome == "exact"


def test_votes_of_a_comment_that_has_left_the_page_are_mended_for_its_return(article: DynamoStores) -> None:
    DAMAGE["a counter of votes too low"][0](article)
    recounts, key, _, found = _read(article)
    rule(article, ROOT, "reject")
    (one,) = [each for each in recounts.count_comments(key, found.comments) if each.differences]
    assert one.differences == (Difference("votes", ROOT.id, 1, 3),)
    recounts.repair_comment(key, one)
    rule(article, ROOT, "approve", 2)
    assert counted(article).outcome == "exact"
    assert item(article, *public_key(article.connection.keys, ROOT))["votes"] == 3


def test_a_comment_that_moves_while_it_is_counted_is_left_out(
    article: DynamoStores, table_client: "DynamoDBClient"
) -> None:
    recounts, key, _, found = _read(article)
    todo = [lambda: upvote(article, ROOT, "eve")]

    def strike(**_: Any) -> None:
        if todo:
            todo.pop()()

    table_client.meta.events.register_first("before-send.dynamodb.Query", strike)
    try:
        shown = [each.shown.id for each in recounts.count_comments(key, found.comments)]
    finally:
        table_client.meta.events.unregister("before-send.dynamodb.Query", strike)
    assert shown == [REPLY.id]
    assert {each.shown.id for each in recounts.count_comments(key, found.comments)} == {ROOT.id, REPLY.id}


def test_the_order_in_which_attributes_come_means_nothing(
    article: DynamoStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    DAMAGE["votes and reports of one comment"][0](article)
    batch, turned = article.connection.batch, [False]

    def shuffled(keys: Any, **how: Any) -> Any:
        turned[0] = not turned[0]
        found = batch(keys, **how)
        return {key: dict(reversed(each.items())) if turned[0] else each for key, each in found.items()}

    monkeypatch.setattr(article.connection, "batch", shuffled)
    assert counted(article, repair=True).outcome == "repaired"


def test_a_recount_amid_writers_says_exact_or_busy_and_never_different(shelf: Shelf) -> None:
    stores = shelf.stores
    shelf.keep(ROOT)

    def write(number: int) -> None:
        for stars in (1, 5, None, 4):
            give(stores, f"reader {number}", stars)
            upvote(stores, ROOT, f"reader {number}", wanted=stars != 5)

    def patient(act: Callable[[], Any]) -> Any:
        while True:
            try:
                return act()
            except Unavailable:
                continue

    calls: list[Any] = [lambda n=n: patient(lambda: write(n)) for n in range(6)]
    calls += [lambda repair=repair: patient(lambda: counted(stores, repair=repair)) for repair in (False, True) * 4]
    outcomes = {found.outcome for found in at_once(calls) if found}
    assert outcomes <= {"exact", "busy"}
    assert counted(stores) == Recounted("article", 6, 1, "exact", ())
    assert shelf.get(ROOT).votes == 6


def test_repairs_amid_writers_end_in_an_exact_count(shelf: Shelf) -> None:
    stores = shelf.stores
    shelf.keep(ROOT)
    change(stores, summary_key(stores), "ADD #h2 :by", by=3)
    _page_votes(stores, ROOT, 4)

    def patient(act: Callable[[], Any]) -> None:
        while True:
            try:
                act()
            except Unavailable:
                continue
            return

    calls: list[Any] = [lambda n=n: patient(lambda: give(stores, f"reader {n}", n % 5 + 1)) for n in range(20)]
    calls += [lambda n=n: patient(lambda: upvote(stores, ROOT, f"reader {n}")) for n in range(20)]
    calls[::10] = [lambda: patient(lambda: counted(stores, repair=True))] * 4
    at_once(calls)
    counted(stores, repair=True)
    found = counted(stores)
    assert (found.outcome, found.ratings) == ("exact", 18)
    assert shelf.get(ROOT).votes == 18


def test_many_comments_are_counted_in_batches(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recount_store, "_TOGETHER", 4)
    shelf.keep(*[record(number, state="approved", was_public=True) for number in range(1, 11)])
    wrong = [record(number) for number in (1, 4, 5, 10)]
    for comment in wrong:
        upvote(shelf.stores, comment, "ada")
        _page_votes(shelf.stores, comment, 5)
    found = counted(shelf.stores)
    assert found.comments == 10
    assert {each.comment_id for each in found.differences} == {comment.id for comment in wrong}
    assert counted(shelf.stores, repair=True).outcome == "repaired"
    assert counted(shelf.stores).outcome == "exact"


def test_every_article_is_found_once_by_whatever_it_has(shelf: Shelf) -> None:
    stores = shelf.stores
    long = "long " * 100
    names = ["article", "https://a.example/?q=1#c", "薬/バクロフェン", "a|b", ".."]
    for name in names:
        give(stores, "ada", 5, name)
        give(stores, "ben", 4, name)
    give(stores, "ada", 3, long)
    comments = [record(1, article_id="only comments", state="approved"), record(2, article_id="only waiting")]
    for comment in comments:
        stores.comments.add(comment, ask_for(comment), None, NOW)
    seen: list[int] = []
    keys = list(stores.recounts.articles(seen.append))
    found = [stores.recounts.name_of(key) for key in keys]
    assert len(found) == len(set(found))
    assert {*names, "only comments"} <= set(found)
    assert stores.recounts.key_of(long) in keys
    assert seen[-1] >= 13
    for key in keys:
        assert recount(stores.recounts, key, repair=False, pause=lambda _attempt: None).outcome == "exact"


def test_the_articles_of_another_site_are_not_counted(
    stores: DynamoStores, table_client: "DynamoDBClient", settings: Settings
) -> None:
    give(stores, "ada", 5, "mine")
    give(open_stores(table_client, settings.model_copy(update={"site": f"{settings.site}x"})), "ada", 5, "theirs")
    assert [stores.recounts.name_of(key) for key in stores.recounts.articles(lambda _number: None)] == ["mine"]


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
def test_a_repair_that_may_have_failed_is_stale_and_made_once_or_not_at_all(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    stores = hasty.stores
    hasty.keep(ROOT)
    give(stores, "ada", 5)
    change(stores, summary_key(stores), "ADD #h2 :by", by=3)
    _page_votes(stores, ROOT, 4)
    with injected(hasty_client, {("TransactWriteItems", fault): 0.7}, seed=4) as faults:
        found = counted(stores, repair=True)
    assert faults.injected.total() > 1
    # Whoever mended it and never heard so finds it exact the next time.
    assert found.outcome in {"repaired", "exact"}
    assert counted(stores) == Recounted("article", 1, 1, "exact", ())


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_a_count_without_an_answer_is_unavailable(hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault) -> None:
    key = hasty.stores.recounts.key_of("article")
    with injected(hasty_client, {("*", fault): 1}):
        for call in (
            lambda: counted(hasty.stores),
            lambda: hasty.stores.recounts.count(key),
            lambda: list(hasty.stores.recounts.articles(lambda _number: None)),
        ):
            with pytest.raises(Unavailable):
                call()
