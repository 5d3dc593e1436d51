import pytest

from chalicelib.spam import FormTime
from chalicelib.spam.form_time import form_time
from tests.unit.spam.submissions import submission

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("form", "points"),
    [
        (FormTime("absent"), 10),
        (FormTime("forged"), 60),
        (FormTime("genuine"), 60),
        (FormTime("genuine", -5), 40),
        (FormTime("genuine", 0), 40),
        (FormTime("genuine", 2.999), 40),
        (FormTime("genuine", DAY + 1), 15),
        (FormTime("genuine", 30 * DAY), 15),
    ],
)
def test_a_form_time_that_no_person_would_have(form: FormTime, points: int) -> None:
    found = form_time(submission(form=form))
    assert found is not None
    assert found.points == points


@pytest.mark.parametrize("age", [3, 60, 3600, DAY])
def test_the_time_a_person_takes_is_innocent(age: float) -> None:
    assert form_time(submission(form=FormTime("genuine", age))) is None
