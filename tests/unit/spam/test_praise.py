import pytest

from chalicelib.spam.praise import LONGEST, PRAISED, SOLD, praise
from tests.unit.spam.submissions import submission

BLAND = "Great post, thanks for sharing. I will bookmark your blog."


@pytest.mark.parametrize(
    ("text", "name", "email", "website", "points"),
    [
        (BLAND, "Ann", None, "https://hills.example", PRAISED),
        (BLAND, "Ann", None, "https://hills.top", SOLD),
        (BLAND, "Ann", "a@hills.example", "https://hills.example", SOLD),
        (BLAND, "Cheap Flights Nairobi", None, None, SOLD),
        (f"{BLAND} https://hills.example", "Ann", None, None, PRAISED),
        ("You made some decent points there.", "Ann", None, "https://hills.top", SOLD),
        ("Toller Beitrag, danke für die Infos", "Ann", None, "https://hills.top", SOLD),
        ("Excelente artículo, sigue así", "Ann", None, "https://hills.top", SOLD),
        ("Très bon article, merci pour ce partage", "Ann", None, "https://hills.top", SOLD),
    ],
)
def test_bland_praise_beside_something_to_sell(
    text: str, name: str, email: str | None, website: str | None, points: int
) -> None:
    found = praise(submission(text, name=name, email=email, website=website))

    assert found is not None
    assert found.points == points
    assert found.spans


@pytest.mark.parametrize(
    ("text", "website"),
    [
        (BLAND, None),
        ("The leaflet on spasms at night is the first my mother understood.", "https://hills.example"),
        (BLAND + " " + "I have taken it for years. " * (LONGEST // 6), "https://hills.example"),
        ("とても役に立ちました", "https://hills.example"),
        ("", "https://hills.example"),
    ],
)
def test_praise_alone_and_those_who_have_something_to_say_are_innocent(text: str, website: str | None) -> None:
    assert praise(submission(text, website=website)) is None
