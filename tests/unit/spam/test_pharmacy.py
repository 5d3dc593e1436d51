import pytest

from chalicelib.spam.pharmacy import SIGNS, pharmacy
from tests.unit.spam.submissions import submission


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("Xanax for sale, discreet shipping", 2),
        ("tramadol in stock, no prescription needed, overnight delivery", 3),
        ("oxy and bars, no rx, we ship to all 50 states, menu out now, 404-555-0190", 4),
        ("order your baclofen at carelinerx.shop, no script", 3),
        ("Tilidin rezeptfrei bestellen, neutrale Verpackung", 3),
        ("vendo tramadol sin receta, envío discreto", 3),
        ("tramadol sans ordonnance, livraison discrète", 2),
    ],
)
def test_medicines_for_sale_are_found(text: str, signs: int) -> None:
    found = pharmacy(submission(text))

    assert found is not None
    assert found.points == SIGNS[signs]
    assert found.spans


@pytest.mark.parametrize(
    "text",
    [
        "My pharmacy could not get baclofen for a week, what a price!",
        "Is it true that you can buy it over the counter in Spain without a prescription?",
        "The chemist delivers my baclofen now, which is a help.",
        "My insurance wants 80 dollars for thirty tablets of gabapentin.",
        "How do I get pregabalin without a doctor?",
        "Wholesale flowers, free delivery",
        "薬局で薬を買いました",
        "",
    ],
)
def test_patients_who_speak_of_prices_and_pharmacies_are_innocent(text: str) -> None:
    assert pharmacy(submission(text)) is None


def test_a_shop_by_name_needs_one_more_sign() -> None:
    assert pharmacy(submission("hello", website="https://rxpills.shop")) is not None
    assert pharmacy(submission("hello", name="Ann", website="https://hills.example")) is None
