import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.flood import flood
from tests.unit.spam.submissions import submission

GUILTY = [
    "FREE ROBUX FREE ROBUX FREE ROBUX FREE ROBUX",
    "join our group now!!! join our group now!!! join our group now!!!",
    "Nice post\nNice post\nnice  post\nvisit me",
    "BONUS\nBONUS\nBONUS",
    "call now call now call now call now 888-555-0122",
    "taxi Luton taxi Bedford taxi Dunstable taxi Hitchin taxi Stevenage",
    "buy xanax, xanax cheap, xanax overnight, xanax without script, ambien online",
    "herpes cure, hiv cure, hpv cure, als cure, copd cure",
    "эвакуатор химки, эвакуатор мытищи, эвакуатор балашиха, эвакуатор люберцы",
    "代开发票 代开增值税 代开普票 代开餐饮票",
    "#keto #slim #fat #burn #belly #detox #tea",
]


@pytest.mark.parametrize("text", GUILTY)
def test_repetition_and_lists_of_keywords_are_found(text: str) -> None:
    found = flood(submission(text))
    assert found is not None
    assert found.points == 40
    assert all(0 <= start < end <= len(text) for start, end in found.spans)


def test_the_message_says_what_is_repeated() -> None:
    said = [found.message for text in GUILTY if (found := flood(submission(text)))]
    assert '"free robux" stands there 4 times.' in said[0]
    assert '"nice post" stands there 3 times.' in said[2]
    assert '"taxi" 5 times.' in said[5]
    assert "7 hashtags" in said[10]


@pytest.mark.parametrize(
    "text",
    [
        "no no no no no", "nope nope nope", "ha ha ha ha ha ha ha ha", "very very very very very very very good",
        "Hear, hear! Hear, hear!", "thank you thank you thank you",
        "Tired, dizzy, rash, weight gain, dreams, hair loss, dry mouth, cramps at night, headache",
        "2 eggs, 100 g flour, 1 onion, salt, pepper, a little butter, 200 ml milk, parsley",
        "baclofen 10 morning, baclofen 10 noon, baclofen 20 night, baclofen 5 if needed",
        "I take baclofen, gabapentin, tizanidine and baclofen; baclofen is the best. My baclofen dose is low.",
        "Baclofen helps. Baclofen does not cure. Baclofen made me sleepy. Baclofen is cheap here.",
        "#MSawareness #spasticity my story", "day 1\nday 2\nday 3", "- 10 mg\n- 20 mg\n- 30 mg",
        "Left, right, left, right, that is how he walks now", "\n\n\n\n", "", "...\n...\n...",
        "sources: https://a.example https://b.example https://c.example https://d.example and pages 3, 4",
        "薬をください。薬を飲みました。薬が好きです。", "hope hope. hope they checked it. hope it works out",
    ],
)  # fmt: skip
def test_emphasis_laughter_and_honest_lists_are_innocent(text: str) -> None:
    assert flood(submission(text)) is None


def test_the_edges() -> None:
    assert flood(submission("buy it now\nbuy it now\nread this\nand that\nand more\nstill more")) is None
    assert flood(submission("buy it now\nbuy it now\nbuy it now\nand that\nand more\nstill more")) is not None
    assert flood(submission(" ".join(f"#tag{n}" for n in range(5)))) is None
    assert flood(submission(" ".join(f"#tag{n}" for n in range(6)))) is not None


@given(
    st.lists(st.sampled_from(["buy", "now", "\n", "taxi ", "#a1 ", " ", ", ", "薬"]), max_size=80).map("".join)
    | st.text()
)
def test_spans_lie_in_the_text(text: str) -> None:
    found = flood(submission(text))
    assert not found or all(0 <= start < end <= len(text) for start, end in found.spans)


@pytest.mark.parametrize("part", ["a b ", "a\n", "#ab ", "buy now ", "a b a c ", "word1 word2 word1 "])
def test_hostile_texts_take_linear_time(part: str) -> None:
    sample = submission((part * 10_000)[:10_000])
    assert sample.reading
    start = time.process_time()
    flood(sample)
    assert time.process_time() - start < 0.1
