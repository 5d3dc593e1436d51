import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.disguise import disguise
from tests.unit.spam.submissions import submission

GUILTY = [
    ("V1agra and C!alis here", 25, ["viagra", "cialis"]),
    ("ch3ap p1lls, n0 pr3scription, 0rder n0w t0day", 50, ["cheap", "pills"]),
    ("Buy v.i.a.g.r.a or c-i-a-l-i-s", 25, ["viagra", "cialis"]),
    ("\u0420ill\u0455 in \u0455t\u043eck, \u0441h\u0435\u0430p \u0441asin\u043e", 50, ["pills", "stock"]),
    ("𝐅𝐫𝐞𝐞 𝐦𝐨𝐧𝐞𝐲 for all", 25, ["free", "money"]),
    ("m🤑ke money fr🏠m home", 25, ["mke", "frm"]),
    ("p💊lls here", 5, ["plls"]),
    ("One w0rdy slip only", 5, ["wordy"]),
    ("look at pillshop dot top for more", 25, ["dot top"]),
    ("look at pillshop[.]top", 25, ["[.]top"]),
    ("go to pillshop (dot) cc", 25, ["(dot) cc"]),
    ("pillshop . xyz", 25, [". xyz"]),
    ("tablettes sur pilule point com", 25, ["point com"]),
    ("таблетки, сайт точка com", 25, ["точка com"]),
    ("my shop is pillshop , cc (replace comma)", 25, ["(replace comma)"]),
    ("write to ann (at) post", 10, ["(at)"]),
    ("ch3ap p1lls at v4lshop dot top today, w0w", 60, ["cheap", "pills"]),
]


@pytest.mark.parametrize(("text", "points", "named"), GUILTY)
def test_hidden_words_and_addresses_are_named_in_plain_spelling(text: str, points: int, named: list[str]) -> None:
    found = disguise(submission(text))
    assert found is not None
    assert found.points == points
    assert all(f'"{word}"' in found.message for word in named), found.message
    assert found.spans
    assert all(0 <= start < end <= len(text) for start, end in found.spans)
    assert found.without


@pytest.mark.parametrize(
    "text",
    [
        "I take 10mg at 8 and b12 at noon, my HbA1c was 48",
        "covid19, h1n1, vitamin D3, 2nd dose, 5HT2A, GABAB, C10H12ClNO2",
        "gr8 thx, c u l8r m8",
        "The D.V.L.A. and the N.I.C.E. guidance, signed R.S.V.P.",
        "N I C E says so",
        "What a load of sh1t, you a$$hole, f*ck that",
        "S T O P taking it without asking",
        "Ça m'a aidé, mais à mon âge c'est déjà ça. Año, más, sí, él.",
        "tôi bị đau lưng 10 năm, bác sĩ kêu uống buổi tối",
        "Это мой опыт: 10 мг, COVID и Lyrica",
        "Η φαρμακοποιός είπε baclofen",
        "شكرا جزيلا", "薬をください。", "ありがとう 10mg 3回",
        "love it ❤️ so much 😂😂 hello👋",
        "I ❤️ NY and you",
        "the dot com bubble was worse", "a dot net course, at that point me and my son left",
        "it was bad . cash only . life goes on",
        "The end.It was great. Com 10 mg funciona.",
        "see you (at the clinic), dose [10 mg], it (mostly) works",
        "",
    ],
)  # fmt: skip
def test_numbers_abbreviations_accents_and_other_scripts_are_innocent(text: str) -> None:
    assert disguise(submission(text)) is None


def test_one_slip_is_worth_little() -> None:
    found = disguise(submission("My d0ctor says it is fine, and I have no reason to doubt her after nine years."))
    assert found is None or found.points <= 5


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_spans_lie_in_the_text(text: str) -> None:
    found = disguise(submission(text))
    assert not found or all(0 <= start < end <= len(text) for start, end in found.spans)


@pytest.mark.parametrize("part", ["a🙂", "(dot) ", "[at]", "d o t ", "v.1.a.", " . com", "🅰️b", "(replace a", "w1rd "])
def test_hostile_texts_take_linear_time(part: str) -> None:
    sample = submission((part * 10_000)[:10_000])
    assert sample.reading
    start = time.process_time()
    disguise(sample)
    assert time.process_time() - start < 0.1
