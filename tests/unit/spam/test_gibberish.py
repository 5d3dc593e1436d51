import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.gibberish import gibberish
from tests.unit.spam.submissions import submission

GUILTY = [
    ("asdlkj wqoeiu zxmcnb 8821 plorf", 60),
    ("hjkw qpzx lomtr vasdke, bnur ptoiw qlsk", 60),
    ("asdfasdf jkl;jkl; asdf", 60),
    ("kjhgf oiuyt mnbvc", 60),
    ("ghbdtn ntcn rjvvtynfhbz lkz", 60),
    ("WqPzLkMnRtYv", 50),
    ("OxMvTqAeJsLd", 50),
    ("kQzTvLpWx", 50),
    ("asdfgh test comment wqe fghj", 30),
    ("ывапро лдж йцук фыва олдж", 60),
    ("ضصثق فغعه خحجچ شسیب", 60),
    ("ㅁㄴㅇㄹ ㅋㅌㅊㅍ ㅂㅈㄷㄱ", 60),
    ("锟斤拷 烫烫烫", 40),
    ("It said \ufffd\ufffd\ufffd here", 40),
]


@pytest.mark.parametrize(("text", "points"), GUILTY)
def test_noise_is_found(text: str, points: int) -> None:
    found = gibberish(submission(text))
    assert found is not None
    assert found.points == points
    assert all(0 <= start < end <= len(text) for start, end in found.spans)


MEDICINES = (  # noqa: SIM905 - as a list, one to a line, nobody would read them
    "pembrolizumab nivolumab methylprednisolone hydrochlorothiazide zolpidem zopiclone Xyzal Xanax oxcarbazepine "
    "lyrica pregabalin dantrolene tizanidine phenytoin ciclosporin fluvoxamine vortioxetine lisdexamfetamine "
    "buprenorphine cyclobenzaprine sulfasalazine brompheniramine dextromethorphan fexofenadine Zyrtec Zyprexa Abilify "
    "Nplate Tzield Wegovy Mounjaro Xigduo tranylcypromine zuclopenthixol psyllium Kwells Xtandi Xofluza Qulipta "
    "rizatriptan"
).split()


@pytest.mark.parametrize("first", range(len(MEDICINES) - 1))
def test_medicines_are_no_noise(first: int) -> None:
    assert gibberish(submission(" ".join(MEDICINES[first : first + 2]))) is None


@pytest.mark.parametrize(
    "text",
    [
        "hahaha", "hmmmm", "pfffft", "Grrrrr!", "brrrr shhhh psst", "zzzzzzzz", "noooooo", "kkkkkkkkk", "jajajaja",
        "tbh imho idk lmfao smdh pmsl", "NHS DVLA COPD SSRI MHRA", "HTN CKD PPMS RRMS SPMS",
        "diolch yn fawr, cwtch a bwlch, mynydd, ysbyty, gwrthfiotig",
        "chrząszcz brzmi w trzcinie, wstrząs, Szczecin, Grzegorz, Krzysztof",
        "zmrzlina čtvrtek prst skrz krk smrt", "Angstschweiß Kopfschmerz Impfpflicht Strumpfhosen",
        "Rechtsschutz und Muskelkrampf im Schlafzimmer", "dijk ijs schrijven vrijdag", "hjelp kjempe fjord sjukvård",
        "Nguyen Huynh Phuong", "Xuan Qing Zhang", "Zhejiang Guangxi", "Nqobile Mbappé Nkechi Ngozi Gqeberha",
        "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogoch", "rhythms lengths strengths twelfths",
        "J. R. R. T.", "MWFTS", "10mg 20mg b12 h1n1", "error 0x800f081f on page 3Zq9LwT0aE",
        "Baclofen 25mg NDC 0172-4096-60", "薬をください。", "ありがとうございます", "شكرا جزيلا لكم", "תודה רבה לכם",
        "Спасибо большое, очень помогло", "감사합니다 ㅋㅋㅋ ㅠㅠ", "धन्यवाद, बहुत अच्छा",
        "👍", "", "sPoNgEbOb says hello", "McDonalds iPhone YouTube LinkedIn eBay",
    ],
)  # fmt: skip
def test_laughter_abbreviations_names_and_languages_are_innocent(text: str) -> None:
    assert gibberish(submission(text)) is None


def test_a_slip_of_the_keyboard_in_a_sentence_is_innocent() -> None:
    assert gibberish(submission("My cat walked over the asdfgh keys, sorry, what I meant was the second dose")) is None


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_spans_lie_in_the_text(text: str) -> None:
    found = gibberish(submission(text))
    assert not found or all(0 <= start < end <= len(text) for start, end in found.spans)


@pytest.mark.parametrize("part", ["qzxj", "qzxj ", "QzXj", "Ã¤", "\ufffd ", "asdf asdf "])
def test_hostile_texts_take_linear_time(part: str) -> None:
    sample = submission((part * 10_000)[:10_000])
    assert sample.reading
    start = time.process_time()
    gibberish(sample)
    assert time.process_time() - start < 0.1
