import inspect
from collections.abc import Iterator
from typing import get_args

import pytest

from chalicelib.comments import State
from chalicelib.errors import Refusal
from chalicelib.moderation import MOVES
from chalicelib.policy import DEFAULT
from chalicelib.routes.problem import STATUS
from chalicelib.settings import PREFIX, Settings
from chalicelib.spam import CHECKS
from tests.docs.pages import first_cells, headings, page, section
from tools.map import all_endpoints, key_templates, policy_fields

HTTP, MODERATION, SETTINGS, SPAM, TABLE = map(page, ("http.md", "moderation.md", "settings.md", "spam.md", "table.md"))


def kinds(refusal: type[Refusal]) -> Iterator[type[Refusal]]:
    yield refusal
    for kind in refusal.__subclasses__():
        yield from kinds(kind)


def test_every_endpoint_has_its_section_and_no_section_has_outlived_its_endpoint() -> None:
    parts = ("For readers", "For moderators", "The desk", "The service itself")
    sections = [heading for part in parts for heading in headings(section(HTTP, part), 3)]

    assert sorted(sections) == sorted(f"{each.method} {each.path}" for each in all_endpoints())


def test_every_setting_has_its_section() -> None:
    sections = headings(section(SETTINGS, "The service"), 3)

    assert sections == [PREFIX + name.upper() for name in Settings.model_fields]


def test_every_variable_of_the_local_server_is_told() -> None:
    from tools.serve import _HELP  # noqa: PLC0415 - the server, for its own words only

    told = {line.split()[0] for line in _HELP.splitlines() if line.startswith("  ")}
    sections = {heading for part in ("The service", "`make run`") for heading in headings(section(SETTINGS, part), 3)}

    assert told <= sections
    assert set(headings(section(SETTINGS, "`make run`"), 3)) <= told


def test_every_error_code_has_its_row_with_its_status() -> None:
    rows = [row for row in section(HTTP, "Refusals").splitlines() if row.startswith("| `")]
    told = {row.split("`")[1]: row.split("|")[2].strip() for row in rows}
    sent = {refusal.code: str(status) for refusal, status in STATUS.items()}

    assert told == {"refused": "none", "internal": "500", **sent}


def test_every_kind_of_refusal_is_told() -> None:
    assert set(first_cells(section(HTTP, "Refusals"))) == {"internal", *(kind.code for kind in kinds(Refusal))}


def test_every_state_has_its_section() -> None:
    assert headings(section(MODERATION, "States"), 3) == list(get_args(State))


def test_every_action_has_its_section() -> None:
    assert headings(section(MODERATION, "Moves"), 3) == list(MOVES)


def test_every_field_of_the_policy_has_its_section() -> None:
    policy = section(MODERATION, "The policy")

    assert set(headings(policy, 3)) == set(type(DEFAULT).model_fields)
    assert first_cells(policy) == [name for name, _ in policy_fields(DEFAULT)]


def test_every_check_has_its_section() -> None:
    assert headings(section(SPAM, "The checks"), 3) == [check.__name__ for check in CHECKS]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_check_is_told_with_its_points(check: object) -> None:
    module = inspect.getmodule(check)
    assert module
    told = section(SPAM, "The checks").split(f"### {module.__name__.rpartition('.')[2]}\n")[1].split("\n### ")[0]
    points = [value for name, value in vars(module).items() if name in POINTS]

    for number in numbers(points):
        assert str(number) in told, f"{module.__name__}: {number}"


POINTS = {
    *("POINTS", "MOSTLY_LINKS", "TOO_SOON", "TOO_LATE", "FORGED", "ABSENT", "SOONEST", "SEEN_ONCE", "SEEN_OFTEN"),
    *("LIKE_ONCE", "LIKE_OFTEN", "APPROVED", "MOST_FOR", "SPAM", "MOST_FOR_SPAM", "REJECTED", "MOST_FOR_REJECTED"),
    *("HONEST", "BARE", "ENDING", "SHORT", "TRADE", "DISGUISED", "EMPTY", "MOST", "HIDDEN", "SPELLED", "MAYBE_SPELLED"),
    *("MOSTLY", "PARTLY", "ALONE", "BROKEN", "REPEATED", "KEYWORDS", "HASHTAGS", "EXPERIENCE", "QUESTION", "ANSWER"),
    *("KEYWORD", "PHRASE", "CARRIED", "SELLS", "CHEAP", "BUSINESS", "MAIL_SELLS", "DISPOSABLE", "MOST"),
    *("INVITED", "CHANNEL", "RECOMMENDED", "OFFERED", "ELSEWHERE", "SAID", "SAID_OFTEN", "SOLD", "SOLD_OFTEN"),
    *("NAMED", "NAMED_OFTEN", "LINKED", "BESIDE", "SIGNS", "UNSOLD", "PRAISED", "LONGEST", "SHARE"),
    *("POINTS", "MOSTLY_LINKS", "TOO_SOON", "TOO_LATE", "FORGED", "ABSENT", "SOONEST", "SEEN_ONCE", "SEEN_OFTEN"),
}


def numbers(values: object) -> Iterator[int]:
    if isinstance(values, int):
        yield values
    elif isinstance(values, dict):
        yield from numbers(list(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            if value:
                yield from numbers(value)


def test_every_key_template_is_in_the_table_of_keys() -> None:
    rows = [line.replace("\\|", "|") for line in section(TABLE, "Keys").splitlines()]

    for name, template, _ in key_templates():
        plain = template.replace("\\|", "|")
        assert any(row.startswith(f"| `{plain}` | `{name}` |") for row in rows), name


def test_every_partition_of_the_table_itself_has_its_items_described() -> None:
    items = section(TABLE, "Items")
    templates = {template.replace("\\|", "|"): words for _, template, words in key_templates()}

    for template, words in templates.items():
        if not words.startswith("Index "):
            assert f"`{template}`" in items, template
    for line in items.splitlines():
        if line.startswith("`{site}"):
            assert line.split("`")[1] in templates
