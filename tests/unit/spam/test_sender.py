import pytest

from chalicelib.spam.sender import (
    BUSINESS,
    CARRIED,
    CHEAP,
    DISPOSABLE,
    KEYWORD,
    MAIL_SELLS,
    MOST,
    PHRASE,
    SELLS,
    sender,
)
from tests.unit.spam.submissions import submission


@pytest.mark.parametrize(
    ("name", "email", "website", "points"),
    [
        ("Cheap Flights Nairobi", None, None, PHRASE),
        ("Viagra", None, None, KEYWORD),
        ("Ann", None, "https://bestessay.example", SELLS),
        ("Ann", None, "https://hills.click", CHEAP),
        ("Ann", "ann@bestessay.example", "https://bestessay.example", SELLS + BUSINESS),
        ("Ann", "ann@quickloans.top", None, MAIL_SELLS),
        ("Ann", "ann@mailinator.com", None, DISPOSABLE),
        ("Best Essay", None, "https://bestessay.example", SELLS + PHRASE + CARRIED),
        ("Cheap Essay Writers", "info@cheapessay.top", "https://cheapessay.top", MOST),
    ],
)
def test_who_sends_it_can_speak_against_it(name: str, email: str | None, website: str | None, points: int) -> None:
    found = sender(submission(name=name, email=email, website=website))

    assert found is not None
    assert found.points == points
    assert found.spans == ()
    assert found.without == ("the website" if website else None)


@pytest.mark.parametrize(
    ("name", "email", "website"),
    [
        (None, None, None),
        ("Ann", "ann@gmail.com", None),
        ("Mick the Plumber", None, None),
        ("Nurse on nights", "n@nhs.net", None),
        ("Sarah Smith", None, "https://sarahsgarden.wordpress.com"),
        ("", None, "https://fenland-ringers.org.uk"),
        ("Ann", "ann@hills.example", "https://hills.example"),
        ("Hill Walkers", "info@hillwalkers.example", "https://hillwalkers.example"),
        ("Fenland Dystonia Group", "info@fenlanddystoniagroup.example", "https://fenlanddystoniagroup.example"),
        ("Οδυσσέας", "o@otenet.gr", None),
        ("чай с лимоном", None, None),
        ("@@@", "@", "://"),
    ],
)
def test_people_with_an_address_or_a_page_of_their_own_are_innocent(
    name: str | None, email: str | None, website: str | None
) -> None:
    assert sender(submission(name=name, email=email, website=website)) is None
