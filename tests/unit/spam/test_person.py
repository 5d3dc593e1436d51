import pytest

from chalicelib.spam import Facts
from chalicelib.spam.person import person
from tests.unit.spam.submissions import submission

OWN = "I took it for two years and my legs are less stiff"


@pytest.mark.parametrize(
    ("text", "answers", "points"),
    [
        (OWN, False, -6),
        ("Ich nehme es seit zwei Jahren und meine Beine sind besser", False, -6),
        ("Je le prends depuis deux ans, mon dos va mieux", False, -6),
        ("Tomo diez al día y mi espalda mejora", False, -6),
        ("Я принимаю его два года, мне лучше", False, -6),
        ("Does it pass after a week?", False, -4),
        ("多久会好？", False, -4),
        ("Same here", True, -5),
        ("@Jo same here", False, -5),
        (f"@Jo {OWN}, and you?", False, -15),
        (f"{OWN}, and you?", True, -15),
        ("I pay £9.90? No: my insurer does", False, 0),
    ],
)
def test_what_speaks_for_a_person_is_added_up(text: str, answers: bool, points: int) -> None:  # noqa: FBT001
    found = person(submission(text, facts=Facts(answers=answers)))
    assert (found.points if found else 0) == points


@pytest.mark.parametrize(
    "text",
    [
        f"{OWN}, see https://a.example?",
        f"{OWN}, see pillshop.top?",
        f"{OWN}, write to ann@mail.example?",
        f"{OWN}, call me on 07700 900123?",
        f"{OWN}, add @dealer_x?",
        f"{OWN}, only $5?",
        f"{OWN}, only 5 €?",
        f"{OWN} v.i.a.g.r.a?",
    ],
)
def test_who_has_something_to_sell_is_not_believed(text: str) -> None:
    assert person(submission(text)) is None


def test_a_website_is_something_to_sell() -> None:
    assert person(submission(OWN)) is not None
    assert person(submission(OWN, website="https://a.example")) is None


@pytest.mark.parametrize("text", ["Thank you, great article.", "", "👍", "Interesting!", "The page says 10 mg."])
def test_what_anybody_could_say_speaks_for_nobody(text: str) -> None:
    assert person(submission(text)) is None


def test_one_small_word_in_a_long_text_is_no_experience() -> None:
    assert person(submission("My tea is the tea of " + "many good herbs from the hills " * 12 + "I say.")) is None
