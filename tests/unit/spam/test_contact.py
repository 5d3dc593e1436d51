import pytest

from chalicelib.spam.contact import CHANNEL, ELSEWHERE, INVITED, OFFERED, RECOMMENDED, contact
from tests.unit.spam.submissions import submission


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Reach out to Dr Obi on drobi@mail.example, he is the best", RECOMMENDED),
        ("email him at a.b@c.example", RECOMMENDED),
        ("We ship worldwide, 404-555-0190", OFFERED),
        ("Apply now: +44 7700 900731", OFFERED),
        ("text me on whatsapp +44 7700 900833", CHANNEL),
        ("tele @greencross_ldn", CHANNEL),
        ("text me 512-555-0184", INVITED),
        ("message me on telegram", ELSEWHERE),
        ("schreib mir auf Telegram @kurt_24", CHANNEL),
        ("escribeme al whatsapp", ELSEWHERE),
        ("écrivez moi par mail a@b.example", INVITED),
    ],
)
def test_an_address_beside_an_offer_or_an_invitation_is_bait(text: str, points: int) -> None:
    found = contact(submission(text))

    assert found is not None
    assert found.points == points
    assert found.spans
    assert found.without


@pytest.mark.parametrize(
    "text",
    [
        "Please call Samaritans on 116 123, they helped me.",
        "Drinkline 0300 123 1110, weekdays",
        "the ward is on 020 7946 0123, ask for the pharmacist",
        "My WhatsApp group says the same.",
        "I rang them and they said +10 mg",
        "my email is never answered",
        "a.b@c.example",
        "@Jo thank you",
        "ご連絡ください",
        "",
    ],
)
def test_helplines_clinics_and_patients_are_innocent(text: str) -> None:
    assert contact(submission(text)) is None
