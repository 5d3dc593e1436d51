import pytest

from chalicelib.spam.author import author, host, host_name
from tests.unit.spam.submissions import submission


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://www.a.example/b?c#d", "a.example"),
        ("a.example:8080/x", "a.example"),
        ("HTTP://A.Example", "a.example"),
        ("https://user:secret@a.example/", "a.example"),
        ("", ""),
    ],
)
def test_the_host_of_an_address(address: str, name: str) -> None:
    assert host_name(address) == name


@pytest.mark.parametrize(
    ("name", "trade"),
    [
        ("bestessay24.com", "essays"),
        ("luckyspins.club", "casino"),
        ("carelinerx-london.shop", "pharmacy"),
        ("x.bet", "casino"),
    ],
)
def test_a_host_gives_its_trade_away(name: str, trade: str) -> None:
    assert trade in host(name).trades
    assert host(name).commercial


@pytest.mark.parametrize(
    "name",
    [
        "nhs.uk",
        "www.nhs.uk",
        "consultas.anvisa.gov.br",
        "hillwalks.co.uk",
        "pharmacy.wordpress.com",
        "essex.ac.uk",
        "drugs.com",
        "alphabet.org",
        "medscape.com",
        "",
    ],
)
def test_a_public_or_private_host_gives_nothing_away(name: str) -> None:
    assert not host(name).commercial


@pytest.mark.parametrize(
    ("name", "website", "trade"),
    [
        ("Cheap Flights Nairobi", None, True),
        ("best vpn 2025", None, True),
        ("emergency plumber croydon", None, True),
        ("bathroom renovations", "https://tile.example", True),
        ("in my garden", "https://tile.example", True),
        ("Ann", None, False),
        ("Mick the Plumber", None, False),
        ("retired chem teacher", None, False),
        ("Kev from Hull", "https://kev.example", False),
        ("Παναγιώτης", None, False),
        ("山田", "https://a.example", False),
        ("", None, False),
    ],
)
def test_a_name_is_a_trade_or_a_person(name: str, website: str | None, trade: bool) -> None:  # noqa: FBT001
    assert author(submission(name=name, website=website)).is_trade is trade
