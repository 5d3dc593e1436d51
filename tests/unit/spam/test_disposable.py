import pytest

from chalicelib.spam.disposable import Disposable, is_disposable, packed


@pytest.mark.parametrize("domain", ["mailinator.com", "inbox.mailinator.com", "0815.ru"])
def test_a_domain_that_lends_addresses_is_known_with_what_is_under_it(domain: str) -> None:
    assert is_disposable(domain)


@pytest.mark.parametrize("domain", ["gmail.com", "nhs.net", "web.de", "mailinator.com.example.org", "com", "", "."])
def test_other_domains_are_not(domain: str) -> None:
    assert not is_disposable(domain)


def test_what_was_packed_is_found_and_nothing_else() -> None:
    names = {f"d{number}.example" for number in range(3_000)}
    listed = Disposable(packed(names))

    assert all(name in listed for name in names)
    assert not any(f"e{number}.example" in listed for number in range(3_000))
