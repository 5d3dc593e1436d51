import pytest

from chalicelib.spam import Facts, SiteWeights, judge
from chalicelib.spam.features import named_id, word_ids
from chalicelib.spam.learned import ALONE, LEAST, MOST, learned
from chalicelib.spam.learning import fit
from chalicelib.spam.prior import prior
from tests.unit.spam.lessons import NOW, examples, lines
from tests.unit.spam.submissions import submission

CAMPAIGN, HONEST = lines("campaign"), lines("honest")
TAUGHT = fit([*examples(CAMPAIGN[:50], spam=True), *examples(HONEST[:40], spam=False, first=200)], NOW)


def knowing(**weights: float) -> Facts:
    """Return facts with these words' weights, each from 12 decisions."""
    ids = {word_ids(word)[0]: (weight, 12) for word, weight in weights.items()}
    return Facts(learned=SiteWeights.of(ids, 1.0, 0.0, spam=50, honest=30))


def test_a_site_that_has_learned_nothing_finds_nothing() -> None:
    assert learned(submission(CAMPAIGN[0].text)) is None
    assert learned(submission(CAMPAIGN[0].text, facts=knowing())) is None


@pytest.mark.parametrize("line", CAMPAIGN[50:], ids=lambda line: line.text[:20])
def test_what_is_found_is_bounded_and_says_why(line: object) -> None:
    found = learned(submission(line.text, facts=Facts(learned=TAUGHT)))  # type: ignore[attr-defined]
    if found:
        assert LEAST <= found.points <= MOST
        assert found.message.startswith("Resembles ")
        assert found.message.endswith(".")


def test_the_words_that_weigh_most_are_named_and_marked_as_typed() -> None:
    text = "Big CASINO, fine b\u200bonus: a casino and a word"
    found = learned(submission(text, facts=knowing(casino=9, bonus=6, word=1, fine=-1)))
    assert found
    assert found.message == (
        "Resembles 50 comments that this site's moderators called spam; \u201ccasino\u201d (in 12 of them), "
        "\u201cbonus\u201d (12) and \u201cword\u201d (12) weigh most."
    )
    assert [text[start:end] for start, end in found.spans] == ["CASINO", "b\u200bonus", "casino", "word"]


def test_what_is_like_approved_comments_speaks_for_a_person() -> None:
    found = learned(submission("My physio says taper", facts=knowing(taper=-9, physio=-5, casino=3)))
    assert found
    assert LEAST <= found.points < 0
    assert "30 comments that this site's moderators did not call spam" in found.message
    assert "\u201ctaper\u201d (in 12 of them) and \u201cphysio\u201d (12) weigh most." in found.message


def test_one_word_alone_calls_nothing_spam() -> None:
    facts = knowing(harbour=200, casino=9)
    alone = learned(submission("A walk round the harbour", facts=facts))
    assert alone
    assert alone.points == ALONE
    assert judge(submission("A walk round the harbour", facts=facts)).outcome == "hold"


def test_two_words_may() -> None:
    facts = knowing(harbour=200, tram=200)
    assert judge(submission("No tram at the harbour", facts=facts)).outcome == "spam"


def test_what_is_no_word_is_named_too() -> None:
    ids = {named_id("host", "shop.example"): (9.0, 7), named_id("sign", "a website"): (2.0, 1)}
    facts = Facts(learned=SiteWeights.of(ids, 1.0, 0.0, spam=9, honest=0))
    found = learned(submission("Hello", website="https://www.shop.example/x", facts=facts))
    assert found
    assert found.spans == ()
    assert "the link to shop.example (in 7 of them) and a website (1) weigh most." in found.message


def test_little_is_not_worth_a_sentence() -> None:
    assert learned(submission("A casino in a film", facts=knowing(casino=0.5))) is None


def test_weights_that_no_decision_explains_are_told_without_words() -> None:
    ids = {word_ids("casino")[0]: (9.0, 0)}
    found = learned(
        submission("casino", facts=Facts(learned=SiteWeights.of(ids, 1.0, 0.0, spam=1, honest=0))),
    )
    assert found
    assert found.message == "Resembles 1 comment that this site's moderators called spam."


def test_a_verdict_names_the_version_that_it_is_by() -> None:
    assert judge(submission()).model == prior().version
    assert judge(submission(facts=knowing(casino=9))).model == f"{prior().version}+0"
