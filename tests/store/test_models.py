from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.comments import Record
from chalicelib.dynamodb import DynamoModels, open_stores
from chalicelib.dynamodb.models import CHUNK_BYTES, to_model
from chalicelib.errors import NotFound, Stale, Unavailable
from chalicelib.learning import Exclusion, Learned, Model, Place, Tried, learn, replay, retrain, rollback, show
from chalicelib.learning.model import KEPT
from chalicelib.learning.training import RESTS
from chalicelib.moderation import Ruling, decide, undo
from chalicelib.settings import Settings
from chalicelib.spam import Facts, Finding, SiteWeights, Thresholds, Verdict, judge
from tests.faults import counted
from tests.samples import NOW, ask_for, record
from tests.store.conftest import Shelf
from tests.unit.spam.lessons import lines
from tests.unit.spam.submissions import submission

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CAMPAIGN, HONEST = lines("campaign"), lines("honest")
LATER = NOW + timedelta(days=1)


def comments(first: int, texts: list[Any]) -> list[Record]:
    return [record(number, text=line.text, name=line.name, email=None) for number, line in enumerate(texts, first)]


SPAM, FINE = comments(1, CAMPAIGN[:15]), comments(100, HONEST[:8])


def place(shelf: Shelf, now: datetime = LATER) -> Place:
    return Place(shelf.stores.models, now, lambda _attempt: None)


def teach(shelf: Shelf, spam: list[Record] = SPAM, fine: list[Record] = FINE, by: str = "ann") -> None:
    shelf.keep(*spam, *fine)
    for each in spam:
        shelf.move(each, "spam", minutes=int(each.id), by=by)
    for each in fine:
        shelf.move(each, "approve", minutes=int(each.id), by=by)


def known(shelf: Shelf) -> SiteWeights | None:
    """Return the weights that a submission is judged with."""
    return shelf.stores.comments.gather(ask_for(record(900)), None, LATER).learned


def points(weights: SiteWeights | None) -> list[int]:
    return [judge(submission(line.text, facts=Facts(learned=weights))).score for line in CAMPAIGN[15:30] + HONEST[8:20]]


def test_a_site_begins_with_nothing(shelf: Shelf) -> None:
    assert show(shelf.stores.models) == Model()
    assert known(shelf) is None
    assert learn(place(shelf)) is None
    shelf.keep(*FINE)
    shelf.move(FINE[0], "approve", minutes=100)
    learned = learn(place(shelf))
    assert learned
    assert not learned.is_new
    assert known(shelf) is None


def test_what_moderators_decided_is_known_to_the_next_submission(shelf: Shelf) -> None:
    teach(shelf)
    learned = learn(place(shelf))
    assert learned
    assert learned.is_new
    weights = known(shelf)
    assert weights
    assert (weights.version, weights.spam, weights.honest) == (1, len(SPAM), len(FINE))
    assert weights.through == shelf.get(FINE[-1]).decision
    assert sum(points(weights)) > sum(points(None))


def test_another_process_reads_the_same_weights(
    shelf: Shelf, table_client: "DynamoDBClient", settings: Settings
) -> None:
    teach(shelf)
    retrain(place(shelf))
    other = Shelf(open_stores(table_client, settings))
    assert known(other) == known(shelf)


def test_a_submission_reads_weights_once_for_each_version(shelf: Shelf, table_client: "DynamoDBClient") -> None:
    teach(shelf)
    retrain(place(shelf))
    with counted(table_client) as made:
        known(shelf)
    assert made == {"BatchGetItem": 1, "Query": 1}
    with counted(table_client) as made:
        known(shelf)
    assert made == {"BatchGetItem": 1}


def test_nothing_new_takes_two_small_reads(shelf: Shelf, table_client: "DynamoDBClient") -> None:
    teach(shelf)
    assert learn(place(shelf))
    with counted(table_client) as made:
        assert learn(place(shelf, LATER + RESTS)) is None
    assert made == {"GetItem": 1, "Query": 1}


def test_it_rests_between_two_times(shelf: Shelf) -> None:
    teach(shelf)
    assert learn(place(shelf))
    shelf.keep(*comments(200, HONEST[20:21]))
    shelf.move(comments(200, HONEST[20:21])[0], "approve", minutes=200)
    assert learn(place(shelf, LATER + RESTS - timedelta(seconds=1))) is None
    learned = learn(place(shelf, LATER + RESTS))
    assert learned
    assert learned.is_new


def test_learning_again_from_the_same_log_makes_no_other_version(shelf: Shelf) -> None:
    teach(shelf)
    first = retrain(place(shelf))
    again = retrain(place(shelf, LATER + timedelta(days=200)))
    assert not again.is_new
    assert again.after.kept == first.after.kept


def test_two_sites_with_the_same_decisions_in_another_order_have_the_same_weights(
    shelf: Shelf, table_client: "DynamoDBClient", settings: Settings
) -> None:
    other = Shelf(open_stores(table_client, settings.model_copy(update={"site": f"{settings.site}-2"})))
    teach(shelf)
    other.keep(*SPAM, *FINE)
    for each in [*reversed(FINE), *reversed(SPAM)]:
        other.move(each, "spam" if each in SPAM else "approve", minutes=int(each.id))
    here, there = (retrain(place(each)).after.in_force for each in (shelf, other))
    assert here
    assert there
    assert here.checksum == there.checksum


def test_a_decision_that_is_undone_was_never_learned(shelf: Shelf) -> None:
    teach(shelf)
    before = retrain(place(shelf)).after
    more = comments(300, HONEST[30:31])[0]
    shelf.keep(more)
    made = shelf.move(more, "spam", minutes=300)
    assert retrain(place(shelf)).is_new
    undo(
        shelf.stores.moderation,
        made.decision.id,
        "ann",
        once=None,
        now=NOW + timedelta(minutes=301),
        randomness=1,
        pause=lambda _attempt: None,
    )
    after = retrain(place(shelf)).after
    assert after.version == before.version


def test_a_rollback_restores_the_figures_and_pins_them(shelf: Shelf) -> None:
    teach(shelf)
    retrain(place(shelf))
    good = points(known(shelf))
    poison = comments(400, HONEST[8:40])
    teach(shelf, poison, [])
    retrain(place(shelf))
    assert points(known(shelf)) != good
    assert rollback(place(shelf), 1).is_new
    assert points(known(shelf)) == good
    teach(shelf, comments(500, HONEST[50:60]), [])
    assert learn(place(shelf, LATER + timedelta(days=1))) is None
    assert points(known(shelf)) == good
    assert retrain(place(shelf)).after.version == 3
    assert not show(shelf.stores.models).pinned


def test_a_rollback_to_nothing(shelf: Shelf) -> None:
    teach(shelf)
    retrain(place(shelf))
    rollback(place(shelf), 0)
    assert known(shelf) is None
    with pytest.raises(NotFound, match="There are 1, and 0 for none"):
        rollback(place(shelf), 7)


def test_a_streak_that_is_taken_back_stays_out(shelf: Shelf) -> None:
    teach(shelf)
    good = retrain(place(shelf)).after
    teach(shelf, comments(400, HONEST[8:30]), [], by="mallory")
    assert retrain(place(shelf)).is_new
    without = Exclusion(by="Mallory", since=NOW)
    cured = retrain(place(shelf), without=without).after
    assert cured.version == good.version
    assert cured.without == (without,)
    teach(shelf, comments(600, HONEST[30:34]), [], by="mallory")
    later = learn(place(shelf, LATER + timedelta(hours=1)))
    assert later
    assert later.after.version == good.version
    assert retrain(place(shelf), forget=True).after.without == ()


def test_the_last_ten_versions_are_kept(shelf: Shelf) -> None:
    teach(shelf)
    for number in range(KEPT + 2):
        more = comments(700 + number, HONEST[20 + number : 21 + number])
        teach(shelf, [], more)
        model = retrain(place(shelf)).after
    assert [each.version for each in model.kept] == list(range(3, KEPT + 3))
    connection = shelf.stores.connection
    chunks = [item["sk"] for item in connection.walk(connection.keys.model()) if item["sk"].startswith("MODEL#")]
    assert len(chunks) == KEPT
    with pytest.raises(NotFound):
        rollback(place(shelf), 2)


def test_the_text_that_was_decided_on_counts_and_not_a_later_one(shelf: Shelf) -> None:
    teach(shelf)
    before = retrain(place(shelf)).after.in_force
    approved = shelf.get(FINE[0])
    ruling = Ruling(action="approve", revision=1, redact=[[0, 4]])
    shelf.move(FINE[0], "reject", minutes=800)
    decide(
        shelf.stores.moderation,
        approved.id,
        ruling,
        "ann",
        once=None,
        now=NOW + timedelta(minutes=801),
        randomness=1,
        pause=lambda _attempt: None,
    )
    assert shelf.get(FINE[0]).text != FINE[0].text
    texts = shelf.stores.models.texts({FINE[0].id: 1}, LATER)
    assert texts[FINE[0].id].text == FINE[0].text
    assert texts[FINE[0].id].verdict is None
    assert before


def test_a_comment_that_is_gone_is_not_learned_from(shelf: Shelf) -> None:
    teach(shelf)
    shelf.move(SPAM[0], "delete", minutes=900)
    learned = retrain(place(shelf, NOW + timedelta(days=40)))
    assert learned.gone == 1
    assert learned.after.in_force
    assert learned.after.in_force.spam == len(SPAM) - 1


def test_weights_that_are_not_what_they_were_hold_the_comment(shelf: Shelf, table_client: "DynamoDBClient") -> None:
    teach(shelf)
    retrain(place(shelf))
    connection = shelf.stores.connection
    key = (connection.keys.model(), "MODEL#000000001#000")
    connection.transact([connection.change(*key, "SET #data = :data", data=b"other")])
    facts = shelf.stores.comments.gather(ask_for(record(900)), None, LATER)
    assert (facts.learned, facts.failed) == (None, ("learned",))
    connection.transact([connection.delete(*key)])
    with pytest.raises(Unavailable):
        shelf.stores.models.weights(show(shelf.stores.models).kept[0])


def test_two_that_learn_at_once_make_one_version(shelf: Shelf) -> None:
    teach(shelf)
    store = shelf.stores.models
    seen = store.model()
    first = retrain(place(shelf)).after
    weights = store.weights(first.kept[0])
    with pytest.raises(Stale):
        store.keep(seen, first, weights)
    assert store.model() == first


def test_who_always_comes_second_gives_up(shelf: Shelf) -> None:
    class Racing(DynamoModels):
        def keep(self, *_: object) -> None:
            raise Stale

    racing = Place(Racing(shelf.stores.connection), LATER, lambda _attempt: None)
    teach(shelf)
    for act in (lambda: retrain(racing), lambda: rollback(racing, 0), lambda: learn(racing)):
        with pytest.raises(Unavailable):
            act()


def test_what_is_pinned_meanwhile_is_left_alone(shelf: Shelf) -> None:
    class Pinned(DynamoModels):
        looks = 0

        def model(self) -> Model:
            self.looks += 1
            return replace(super().model(), pinned=self.looks > 1)

    teach(shelf)
    assert learn(Place(Pinned(shelf.stores.connection), LATER, lambda _attempt: None)) is None


def test_large_weights_are_kept_in_chunks(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.dynamodb.models.CHUNK_BYTES", 2000)
    teach(shelf)
    made = retrain(place(shelf)).after
    assert known(shelf)
    assert made.in_force
    assert CHUNK_BYTES == 300_000
    assert shelf.stores.models.weights(made.in_force).checksum == made.in_force.checksum


def test_a_pointer_comes_back_as_it_was(shelf: Shelf) -> None:
    teach(shelf)
    made = retrain(place(shelf), without=Exclusion(until=NOW - timedelta(days=9))).after
    assert shelf.stores.models.model() == made
    assert to_model(None) == Model()


def replayed(shelf: Shelf, **tried: Any) -> Any:
    return replay(place(shelf), Tried(**tried))


def test_a_replay_tells_what_would_change_before_it_does(shelf: Shelf) -> None:
    teach(shelf)
    told: list[tuple[int, int]] = []
    at = replace(place(shelf), told=lambda read, of: told.append((read, of)))
    found = replay(at, Tried(retrained=True))
    assert told[-1] == (23, 23)
    assert (found.decisions, found.gone, found.known) == (23, 0, 23)
    assert found.before.spam == {"publish": len(SPAM), "hold": 0, "spam": 0}
    assert found.before.honest == {"publish": len(FINE), "hold": 0, "spam": 0}
    assert found.before.agree == len(FINE)
    assert found.after.agree > found.before.agree
    assert {change.comment_id for change in found.changes} <= {each.id for each in SPAM}
    assert show(shelf.stores.models) == Model()
    retrain(place(shelf))
    same = replayed(shelf)
    assert not same.changes
    assert same.after.agree == found.after.agree
    back = replayed(shelf, version=0)
    assert back.after.agree == found.before.agree
    assert {(change.before, change.after) for change in back.changes} <= {("hold", "publish"), ("spam", "publish")}
    assert replayed(shelf, version=1).known == 23


def test_a_replay_with_other_thresholds(shelf: Shelf) -> None:
    linked = Verdict(30, "publish", Thresholds(), (Finding("links", 30, "Holds a link."),))
    teach(shelf, [], [replace(FINE[0], verdict=linked), FINE[1]])
    assert not replayed(shelf, hold=31).changes
    (change,) = replayed(shelf, hold=30).changes
    assert (change.comment_id, change.before, change.after, change.score_after) == (FINE[0].id, "publish", "hold", 30)
    (change,) = replayed(shelf, hold=10, spam=20).changes
    assert change.after == "spam"
    with pytest.raises(NotFound):
        replayed(shelf, version=4)


def test_a_replay_leaves_out_comments_that_are_gone(shelf: Shelf) -> None:
    teach(shelf, SPAM[:2], [])
    shelf.move(SPAM[0], "delete", minutes=900)
    found = replay(place(shelf, NOW + timedelta(days=40)), Tried())
    assert (found.decisions, found.gone) == (1, 1)


def test_learned_says_what_is_new() -> None:
    assert not Learned(Model(), Model()).is_new
