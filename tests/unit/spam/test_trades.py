import pytest

from chalicelib.spam.trades import (
    BESIDE,
    LINKED,
    NAMED,
    NAMED_OFTEN,
    SAID,
    SAID_OFTEN,
    SOLD,
    SOLD_OFTEN,
    TRADES,
    trades,
)
from tests.unit.spam.submissions import submission

GUILTY = {
    "crypto": "I recovered my stolen bitcoin with this recovery expert",
    "loan": "Instant cash, no credit check, bad credit welcome",
    "casino": "100 free spins at the best new casino, no deposit bonus",
    "adult": "hot girls in your area, free to browse",
    "seo": "We rank your website on the first page of Google, do you accept guest posts?",
    "jobs": "Earn 500 a week, work from home, no experience needed",
    "essays": "plagiarism free essays from experts, or a registered driving licence without exam",
    "prizes": "Congratulations you have been selected, claim your gift",
    "spells": "this spell caster brought my ex back",
    "plugs": "my new ebook is out now on Kindle, first month free",
    "channels": "subscribe to my channel, new video just dropped",
    "goods": "replica watches, first copy, cheap jordans",
}


@pytest.mark.parametrize("trade", TRADES)
def test_each_trade_is_named(trade: str) -> None:
    found = trades(submission(GUILTY[trade]))

    assert found is not None
    assert found.points >= SAID_OFTEN
    assert TRADES[trade] in found.message
    assert found.spans


@pytest.mark.parametrize(
    ("text", "name", "website", "points"),
    [
        ("An essay service did it.", "Ann", None, SAID),
        ("An essay service did it.", "Ann", "https://a.example", SOLD),
        (GUILTY["essays"], "Ann", "https://a.example", SOLD_OFTEN),
        ("Nice. I know about poker.", "Online Casino", None, NAMED),
        ("All about poker and jackpots", "Online Casino", None, NAMED_OFTEN),
        ("I went to slotspins.bet yesterday", "Ann", None, LINKED),
        ("my poker odds", "Ann", "https://a.example", BESIDE),
        ("Kredit ohne Schufa", "Ann", None, SAID),
        ("Prestamo rapido sin aval, escribeme por whatsapp", "Ann", None, SOLD_OFTEN),
        ("Prêt rapide entre particuliers", "Ann", "https://a.example", SOLD),
    ],
)
def test_words_weigh_more_beside_a_name_a_link_or_a_contact(
    text: str, name: str, website: str | None, points: int
) -> None:
    found = trades(submission(text, name=name, website=website))

    assert found is not None
    assert found.points == points


@pytest.mark.parametrize(
    "text",
    [
        "My brother lost it all on slots, the tablets can make you gamble.",
        "I took out a loan for the wheelchair.",
        "Crypto news again under an article about migraine?",
        "My son's wedding is in Dubai, may I skip a dose?",
        "I lost my job because of the side effects.",
        "The essay at the end made me cry.",
        "баклофен помогает мне спать",
        "借钱看病很难",
        "",
    ],
)
def test_patients_who_speak_of_money_are_innocent(text: str) -> None:
    assert trades(submission(text)) is None
