import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.addresses import addresses
from chalicelib.spam.hosts import host, is_honest, site
from tests.unit.spam.submissions import submission


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("see https://www.nhs.uk/medicines/baclofen/", -10),
        ("nhs.uk has it", -10),
        ("https://en.wikipedia.org/wiki/Spasticity and https://pubmed.ncbi.nlm.nih.gov/1", -20),
        ("https://www.theguardian.com/society https://www.gov.uk/x bbc.co.uk/food", -20),
        ("https://www.pmda.go.jp と https://www.who.int/ar", -20),
        ("base-donnees-publique.medicaments.gouv.fr", -10),
    ],
)
def test_honest_hosts_speak_for_a_comment(text: str, points: int) -> None:
    found = addresses(submission(text))
    assert found is not None
    assert found.points == points
    assert "honest" in found.message


@pytest.mark.parametrize(
    ("text", "points", "named"),
    [
        ("https://bit.ly/3xyz", 15, "shortener"),
        ("bit.ly/3xyz", 20, "bare"),
        ("https://glow.icu", 15, "ending"),
        ("https://luckycasino.example", 15, "sold"),
        ("https://best-loans.example", 15, "sold"),
        ("https://luckycasino.bet", 30, "sold"),
        ("luckycasino.bet", 35, "bare"),
        ("mysite.com has more", 5, "bare"),
        ("https://winterfuel-gov.uk-apply.site https://gov.uk.pay.top/x", 15, "ending"),
        ("[https://www.nhs.uk](https://a.example/x)", 40, "another site"),
        ("[nhs.uk](https://nhs.uk.a.example)", 40, "another site"),
        ('<a href="https://a.example">www.bbc.com</a>', 40, "another site"),
        ("[url=https://a.example]nhs.uk[/url]", 40, "another site"),
        ("nice [.](https://a.example)", 30, "without a text"),
        ('nice <a href="https://a.example"></a>', 30, "without a text"),
        ("[.](https://luckycasino.bet) [nhs.uk](https://a.top)", 50, "another site"),
        ("https://www.nhs.uk and https://glow.icu", 15, "ending"),
    ],
)
def test_where_a_link_leads_is_said(text: str, points: int, named: str) -> None:
    found = addresses(submission(text))
    assert found is not None
    assert found.points == points
    assert named in found.message, found.message
    assert found.without == "the links"
    assert all(0 <= start < end <= len(text) for start, end in found.spans)


@pytest.mark.parametrize(
    "text",
    [
        "no link at all",
        "see https://our-village.example/fete and [the leaflet](https://clinic.example/leaflet)",
        "[a.example](https://a.example/long/page)",
        "[www.a.example](https://a.example)",
        "https://pharmacy.example is where I get mine",
        "https://www.youtube.com/watch?v=k3Zq9",
        "https://sloan.example and https://alphabet.example",
        "me@casino.bet",
        "",
    ],
)
def test_other_links_are_left_to_the_check_of_links(text: str) -> None:
    assert addresses(submission(text)) is None


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://www.A.example:8080/x?y".lower(), "a.example"),
        ("http://user:pass@b.example/", "b.example"),
        ("//c.example#d", "c.example"),
        ("d.example/e", "d.example"),
        ("https://e.example.", "e.example"),
    ],
)
def test_the_host_is_read_from_an_address(link: str, name: str) -> None:
    assert host(link) == name


def test_the_registered_part_of_a_name() -> None:
    assert [site(name) for name in ("a.b.co.uk", "a.b.example", "b.de", "www2.hse.ie", "x")] == [
        "b.co.uk",
        "b.example",
        "b.de",
        "hse.ie",
        "x",
    ]


@pytest.mark.parametrize(
    "name", ["nhs.uk.a.top", "fakenhs.uk", "gov.a.example", "xwikipedia.org", "edu.top", "notbbc.com"]
)
def test_a_name_that_only_looks_honest_is_not(name: str) -> None:
    assert not is_honest(name)


@given(st.lists(st.sampled_from(["[", "](", "https://a.top", ")", "<a href=", ">", "</a>", ".", " ", "nhs.uk"]))
       .map("".join) | st.text())  # fmt: skip
def test_spans_lie_in_the_text(text: str) -> None:
    found = addresses(submission(text))
    assert not found or all(0 <= start < end <= len(text) for start, end in found.spans)


@pytest.mark.parametrize(
    "part", ["[a](", "[a](//b ", "<a href=//x>", "<a ", "[url=https://x]", "a.top ", "https://", "]("]
)
def test_hostile_texts_take_linear_time(part: str) -> None:
    sample = submission("a.top </a> " + (part * 10_000)[:10_000])
    assert sample.reading
    start = time.process_time()
    addresses(sample)
    assert time.process_time() - start < 0.2
