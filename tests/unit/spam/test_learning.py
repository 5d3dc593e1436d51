import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.spam import Facts, Finding, SiteWeights, judge
from chalicelib.spam.features import SIZE, features, host_of
from chalicelib.spam.learning import HALF_LIFE, MOST_DECISIONS, BrokenWeightsError, Example, described, fit, prior_of
from chalicelib.spam.reading import read
from tests.unit.spam.lessons import NOW, Line, example, examples, lines
from tests.unit.spam.submissions import submission

CAMPAIGN, HONEST, NEAR = lines("campaign"), lines("honest"), lines("near")
LESSON = [*examples(CAMPAIGN[:12], spam=True), *examples(HONEST[:12], spam=False, first=100)]


def outcome(line: Line, weights: SiteWeights | None) -> str:
    return judge(submission(line.text, name=line.name, facts=Facts(learned=weights))).outcome


def held(lines: list[Line], weights: SiteWeights | None) -> int:
    return sum(outcome(line, weights) != "publish" for line in lines)


def dealt(seed: int) -> tuple[list[Line], list[Line]]:
    """Return fifty texts of the new kind to decide on, and the others."""
    texts = list(CAMPAIGN)
    random.Random(seed).shuffle(texts)  # noqa: S311 - a deal that is the same every time
    return texts[:50], texts[50:]


@pytest.mark.parametrize("seed", range(4))
def test_fifty_decisions_find_a_new_kind_of_spam_at_the_same_false_alarms(seed: int) -> None:
    decided, others = dealt(seed)
    assert held(others, None) < 0.3 * len(others)
    before = held(HONEST, None)
    weights = fit(examples(decided, spam=True), NOW)
    assert held(others, weights) > 0.8 * len(others)
    assert held(HONEST, weights) <= before


@pytest.mark.parametrize("seed", range(4))
def test_what_honest_people_share_with_it_waits_for_a_person_until_some_of_that_was_approved(seed: int) -> None:
    decided, others = dealt(seed)
    outcomes = {outcome(line, fit(examples(decided, spam=True), NOW)) for line in NEAR}
    assert outcomes == {"publish", "hold"}
    weights = fit([*examples(decided, spam=True), *examples(NEAR[:5], spam=False, first=200)], NOW)
    assert held(NEAR[5:], weights) == 0
    assert held(others, weights) > 0.5 * len(others)


def test_without_decisions_nothing_is_learned() -> None:
    assert not fit([], NOW).weights
    approved = fit(examples(HONEST, spam=False), NOW)
    assert not approved.weights
    assert (approved.spam, approved.honest) == (0, len(HONEST))


def test_one_decision_holds_no_other_comment() -> None:
    for line in CAMPAIGN[::8]:
        weights = fit([example(0, line, spam=True)], NOW)
        others = [each for each in CAMPAIGN if each != line] + HONEST
        assert held(others, weights) == held(others, None)


def test_what_the_checks_say_already_is_not_learned_once_more() -> None:
    plain = fit([example(n, line, spam=True) for n, line in enumerate(CAMPAIGN[:20])], NOW)
    known = fit([example(n, line, spam=True, prior=4.0) for n, line in enumerate(CAMPAIGN[:20])], NOW)
    found = described(read(CAMPAIGN[30].text), None, None, None)
    assert known.total(found) < 0.5 * plain.total(found)


def test_the_prior_leaves_out_the_sending_and_what_was_learned() -> None:
    findings = [Finding(check, 50, "") for check in ("links", "trap", "form_time", "blocks", "duplicates", "learned")]
    assert prior_of(findings) == pytest.approx(50 / 22.76)


def test_old_decisions_count_for_less() -> None:
    found = described(read(CAMPAIGN[30].text), None, None, None)
    lately, long_ago = (
        fit([example(n, line, spam=True, days=days) for n, line in enumerate(CAMPAIGN[:20])], NOW)
        for days in (0, 5 * HALF_LIFE.days)
    )
    assert long_ago.total(found) < 0 < lately.total(found)


def test_only_the_newest_decisions_count() -> None:
    many = [example(number, CAMPAIGN[number % 75], spam=True) for number in range(MOST_DECISIONS + 30)]
    assert fit(many, NOW).pack() == fit(many[30:], NOW).pack()
    assert fit(many, NOW).spam == MOST_DECISIONS


def test_of_a_comment_the_latest_decision_counts() -> None:
    first = example(500, CAMPAIGN[20], spam=True)
    second = replace(example(501, CAMPAIGN[20], spam=False), comment_id=first.comment_id)
    for both in ([first, second], [second, first]):
        assert fit([*LESSON, *both], NOW).pack() == fit([*LESSON, second], NOW).pack()


@settings(max_examples=25)
@given(st.permutations(LESSON), st.lists(st.sampled_from(LESSON), max_size=8))
def test_reordered_and_doubled_decisions_end_in_the_same_weights(order: list[Example], again: list[Example]) -> None:
    assert fit([*order, *again], NOW).pack() == fit(LESSON, NOW).pack()


def test_more_spam_than_honest_comments_does_not_make_spam_of_all() -> None:
    many = [example(number, CAMPAIGN[number % 60], spam=True) for number in range(900)]
    assert held(HONEST, fit(many, NOW)) <= 1


def test_a_thousand_decisions_take_moments_and_little_room() -> None:
    words = [word for line in [*CAMPAIGN, *HONEST] for word in line.text.split()]
    chance = random.Random(5)  # noqa: S311 - as above
    texts = [Line("Ann", " ".join(chance.choices(words, k=40))) for _ in range(1000)]
    many = [example(number, line, spam=number % 3 == 0) for number, line in enumerate(texts)]
    fit(many[:2], NOW)  # the honest comments are read once
    began = time.process_time()
    weights = fit(many, NOW)
    assert time.process_time() - began < 1.5  # 0.3 s on a machine that does nothing else
    assert len(weights.compressed()) < 300_000


WEIGHTS = st.dictionaries(
    st.integers(0, SIZE + 100), st.tuples(st.floats(-9, 9, allow_subnormal=False), st.integers(0, 900)), max_size=30
)


@given(WEIGHTS, st.floats(0, 20), st.floats(-9, 9), st.integers(0, 1000), st.integers(0, 1000))
def test_weights_become_bytes_and_come_back(
    weights: dict[int, tuple[float, int]], slope: float, intercept: float, spam: int, honest: int
) -> None:
    made = SiteWeights.of(weights, slope, intercept, spam=spam, honest=honest)
    for back in (SiteWeights.unpack(made.pack()), SiteWeights.expanded(made.compressed())):
        assert back == made
        assert back.pack() == made.pack()
        assert back.checksum == made.checksum


@given(st.binary(max_size=200))
def test_other_bytes_are_no_weights(data: bytes) -> None:
    for read_them in (SiteWeights.unpack, SiteWeights.expanded):
        with pytest.raises(BrokenWeightsError):
            read_them(data)


def test_bytes_that_are_cut_short_are_no_weights() -> None:
    packed = fit(LESSON, NOW).pack()
    for data in (packed[:-1], packed + b"\0", packed[:20]):
        with pytest.raises(BrokenWeightsError):
            SiteWeights.unpack(data)


@given(st.text(st.characters(exclude_categories=())), st.none() | st.text(st.characters(exclude_categories=())))
def test_any_comment_has_features_of_length_one(text: str, name: str | None) -> None:
    found = features(read(text), name, name, name, meaning=(0.5, -0.25))
    plain = [value for feature, value in found if feature < SIZE]
    assert sum(value * value for value in plain) == pytest.approx(1.0)
    assert [(feature - SIZE, value) for feature, value in found if feature >= SIZE] == [(0, 0.5), (1, -0.25)]
    assert len({feature for feature, _ in found}) == len(found)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://www.shop.example/a?b#c", "shop.example"),
        ("shop.example", "shop.example"),
        ("http://me:pass@shop.example:8080/", "shop.example"),
        ("www.shop.example?x", "shop.example"),
        ("", ""),
    ],
)
def test_an_address_has_a_host(address: str, host: str) -> None:
    assert host_of(address) == host
