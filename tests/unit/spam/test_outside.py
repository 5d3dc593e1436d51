"""The prior, and the plain functions that any bench can call without a table."""

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.spam import CHECKS, SAFETY, explain, judge, score, triage
from chalicelib.spam.finding import SAFETY as NAMES
from chalicelib.spam.prior import FILE, MAGIC, Prior, prior
from chalicelib.spam.reading import read
from chalicelib.spam.safety import NEEDS_A_PERSON, REASONS
from tests.unit.spam.submissions import submission

MOST_BYTES = 3_000_000

HARD = [
    "",
    " ",
    "\u0000",
    "\ud800",
    "a" * 10_000,
    "a." * 5_000,
    "@a" * 5_000,
    "1" * 10_000,
    "[url=" * 2_000,
    "<a href=" * 1_200,
    "](" * 5_000,
    "\u0301" * 10_000,
    "e\u0301\u200b" * 3_300,
    "http://" * 1_400,
    "b u y " * 1_600,
    "п" * 10_000,
    "薬" * 10_000,
    "😀" * 10_000,
    "\u202e" * 10_000,
    "&#118;" * 1_600,
    "I want to buy now. " * 520,
]
PIECES = [
    "buy",
    "now",
    "http://x.top/",
    "I",
    "took",
    "20",
    "tablets",
    "\u200b",
    "é",
    "薬",
    "<b>",
    "[url]",
    "!!!",
    "@x",
    "\n",
    "…",
    "💊",
    "+1 555 0100",
]


def strings(count: int) -> list[str]:
    """Return texts of random pieces and characters, the same every time; a few of them as long as can be."""
    chance = random.Random(5)  # noqa: S311 - the same every time
    made = []
    for number in range(count):
        size = 10_000 if number % 100 == 0 else chance.randint(0, 300)
        if number % 2:
            made.append(
                "".join(chr(chance.choice([chance.randrange(0x250), chance.randrange(0x11_0000)])) for _ in range(size))
            )
        else:
            made.append(" ".join(chance.choice(PIECES) for _ in range(size // 5)))
    return [*HARD, *made]


@pytest.mark.parametrize("text", strings(200), ids=lambda text: repr(text[:12]))
def test_any_text_gets_a_verdict_whose_spans_lie_in_it_and_that_says_why(text: str) -> None:
    verdict = judge(submission(text))

    for finding in verdict.findings:
        assert all(0 <= start < end <= len(text) for start, end in finding.spans)
        assert finding.message
        assert "failed" not in finding.message
    if verdict.outcome != "publish":
        assert any(finding.points > 0 or finding.lane for finding in verdict.findings)


@settings(max_examples=50, deadline=None)
@given(
    st.fixed_dictionaries(
        {"text": st.text(max_size=200)}, optional={"author": st.text(), "url": st.text(), "email": st.text()}
    )
)
def test_outside_functions_take_anything(comment: dict[str, str]) -> None:
    assert 0 <= score(comment) <= 1
    assert set(triage(comment)) <= set(NEEDS_A_PERSON)
    assert all(explain(comment)) or explain(comment) == []


def test_spam_scores_higher_than_what_people_write() -> None:
    spam = [
        {
            "text": "Buy cheap pills online without prescription, fast shipping: http://pills4u.top",
            "author": "Cheap Meds",
        },
        {"text": "I made $5,000 in a week with Mrs Olga's bitcoin platform, contact her on WhatsApp +1 555 0100"},
    ]
    honest = [
        {"text": "I have taken baclofen for two years now. The first weeks I was tired, then it got better."},
        {"text": "Does anybody know whether I can drive on 10 mg? My doctor did not say."},
    ]
    assert all(score(one) > 10 * score(other) for one, other in product(spam, honest))


def test_people_in_need_are_heard() -> None:
    assert "selfharm" in triage({"text": "I don't want to live any more, I have planned to end my life tonight"})
    assert "overdose" in triage({"text": "My son just swallowed a whole bottle of my tablets, he is two, what do I do"})
    assert triage({"text": "Thank you, this was very helpful."}) == []


def test_the_reasons_have_one_order() -> None:
    assert REASONS == NAMES == tuple(check.__name__ for check in SAFETY) == prior().reasons
    assert CHECKS[-len(SAFETY) :] == SAFETY


def test_the_file_is_small_and_says_where_it_comes_from() -> None:
    assert FILE.stat().st_size <= MOST_BYTES
    header = prior().header
    assert {"version", "command", "credits", "texts", "figures", "heads", "signals"} <= header.keys()
    assert "CC BY" in header["credits"]


def test_a_broken_file_is_refused() -> None:
    with pytest.raises(ValueError, match="no prior"):
        Prior(b"something else")
    with pytest.raises(ValueError, match="Expecting value"):
        Prior(MAGIC + (4).to_bytes(4, "little") + b"\x00oops")


def test_words_are_found_with_and_without_what_an_apostrophe_adds() -> None:
    doctor, doctors, unknown = prior().read(read("doctor doctor's zzyzzxq")).rows
    assert doctor >= 0
    assert doctors >= 0
    assert unknown < 0
