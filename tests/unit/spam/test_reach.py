import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.reach import phones, reach
from chalicelib.spam.reading import read
from tests.unit.spam.submissions import submission


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("call +44 7700 900731 now", "+44 7700 900731"),
        ("text 404-555-0190.", "404-555-0190"),
        ("ring (404) 555-0190", "404) 555-0190"),
        ("on 07700900123", "07700900123"),
        ("tel 06 39 98 55 10", "06 39 98 55 10"),
        ("+1.702.555.0166", "+1.702.555.0166"),
    ],
)
def test_phone_numbers_are_found_where_they_were_typed(text: str, typed: str) -> None:
    assert [text[slice(*span)] for span in phones(read(text))] == [typed]


@pytest.mark.parametrize(
    "text",
    [
        "samaritans 116 123",
        "drinkline 0300 123 1110",
        "0800 111 222 is free",
        "from 10 to 20 mg, 3 times, 2019, 2020",
        "on 12/05/2024 10:30",
        "PZN 1234567",
        "a trial of 12,345,678,901 people",
        "988",
    ],
)
def test_public_numbers_doses_and_dates_are_none(text: str) -> None:
    assert not [*phones(read(text))]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("wickr: mira_sun9", 1),
        ("signal beckyhelps.22 or telegram @plug", 1),
        ("t.me/x and wa.me/44770090", 2),
        ("a@b.example", 1),
        ("thank you @Jo", 0),
        ("my WhatsApp group is full", 0),
    ],
)
def test_addresses_are_what_somebody_can_be_reached_at(text: str, count: int) -> None:
    assert len(reach(submission(text)).addresses) == count


@given(st.text(alphabet="0123456789 +-()./,:ab", max_size=200))
def test_every_number_lies_in_the_text(text: str) -> None:
    assert all(0 <= start < end <= len(text) for start, end in phones(read(text)))
