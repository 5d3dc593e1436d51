import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.reading import read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, I'm on 10mg x3.", ["hello", "i'm", "on", "10mg", "x3"]),
        ("p.i.l.l.s now", ["pills", "now"]),
        ("b u y it", ["b", "u", "y", "it"]),  # so few could be initials
        ("E@rn fr0m h0me", ["earn", "from", "home"]),
        ("gumm1es frее triаl", ["gummies", "free", "trial"]),
        ("Cpeдний дoxoд", ["средний", "доход"]),
        ("Ｔｅｘｔ ｍｅ", ["text", "me"]),
        ("via\u200bgra", ["viagra"]),
        ("&#118;iagra", ["viagra"]),
        ("𝐅𝐫𝐞𝐞 money", ["free", "money"]),
        ("药很好", ["药很", "很好"]),
        ("Ça fait déjà mal, sí, bị đau, żeby", ["ça", "fait", "déjà", "mal", "sí", "bị", "đau", "żeby"]),
        ("\u0421r\u00e9dit", ["crédit"]),
        ("b12 h1n1 covid19 mp3 2nd", ["b12", "h1n1", "covid19", "mp3", "2nd"]),
        ("the end.It was great", ["the", "end", "it", "was", "great"]),
    ],
)
def test_words_are_read_in_plain_spelling(text: str, words: list[str]) -> None:
    assert list(read(text).words) == words


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://nhs.uk/x.", ["https://nhs.uk/x"]),
        ("go to moneygq.com now", ["moneygq.com"]),
        ("(bit.ly/3x), www.x.de!", ["bit.ly/3x", "www.x.de"]),
        ("1.5 mg at 7.30 e.g. now", []),
        ("a.b@c.de", []),
    ],
)
def test_links_are_found_without_their_scheme_too(text: str, links: list[str]) -> None:
    assert [link for link, _ in read(text).links] == links


@given(st.text(max_size=400))
def test_every_place_lies_in_the_text_and_in_order(text: str) -> None:
    reading = read(text)

    assert len(reading.words) == len(reading.places)
    assert all(0 <= start < end <= len(text) for start, end in reading.places)
    assert list(reading.places) == sorted(reading.places)
    assert list(reading.stops) == sorted(set(reading.stops))
    assert not reading.words or reading.stops[-1] == len(reading.words)
    for found in (reading.links, reading.emails, reading.handles, reading.numbers):
        assert all(0 <= start <= end <= len(text) for _, (start, end) in found)


def test_what_lies_behind_ten_thousand_characters_is_not_read() -> None:
    assert len(read("aa b " * 20_000).words) == 4_000
