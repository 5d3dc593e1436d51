import pytest

from chalicelib.spam.cures import SIGNS, UNSOLD, cures
from tests.unit.spam.submissions import submission


@pytest.mark.parametrize(
    ("text", "points"),
    [
        (
            "My testimony: diagnosed with herpes for 5 years until Dr Obi cured me with herbs. Email him: a@b.example",
            SIGNS[5],
        ),
        ("Dr Obi's herbal formula cured my diabetes, contact him today", SIGNS[4]),
        ("Herbal tea that will cure the spasms", UNSOLD),
        ("Der Kräuterheiler hat meinen Krebs geheilt von, schreiben Sie ihm: a@b.example", SIGNS[4]),
        ("Gracias a Dios y al jarabe, desapareció mi artritis. Contacten al doctor 404-555-0190", SIGNS[5]),
    ],
)
def test_the_pattern_of_a_testimonial_is_found(text: str, points: int) -> None:
    found = cures(submission(text))

    assert found is not None
    assert found.points == points
    assert found.spans


@pytest.mark.parametrize(
    "text",
    [
        "My pain is gone since I take baclofen, after years.",
        "I was diagnosed with MS in 2010 and the tablets help.",
        "God bless the nurse who looked after my father.",
        "There is no cure for cerebral palsy.",
        "My neurologist was amazed.",
        "Does turmeric help anybody here?",
        "病気が治りました",
        "",
    ],
)
def test_patients_who_got_better_are_innocent(text: str) -> None:
    assert cures(submission(text)) is None
