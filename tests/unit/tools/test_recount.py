import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from chalicelib.errors import Unavailable
from chalicelib.recount import Difference, Outcome, Recounted
from chalicelib.settings import Settings
from tools import recount as command
from tools.afterword import app
from tools.table_at_hand import Choice

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RATINGS = Difference("ratings.5", None, kept=1234, counted=4)
VOTES = Difference("votes", "a1", kept=3, counted=2)


@dataclass(frozen=True, slots=True)
class Article:
    """What a recount of an article finds, or what goes wrong with it."""

    outcome: Outcome = "exact"
    differences: tuple[Difference, ...] = ()
    ratings: int = 5
    comments: int = 1
    raises: type[BaseException] | None = None


@dataclass(frozen=True, slots=True)
class FakeRecounts:
    """The articles of a table, as far as the command itself asks for them."""

    table: Mapping[str, Article]

    def key_of(self, article_id: str) -> str:
        return article_id

    def articles(self, seen: Callable[[int], None]) -> Iterator[str]:
        for number, article in enumerate(self.table, 1):
            seen(number)
            yield article


def recount_fake(store: FakeRecounts, article: str, *, repair: bool, pause: Callable[[int], None]) -> Recounted:
    found = store.table[article]
    if found.raises:
        raise found.raises
    outcome = "repaired" if repair and found.outcome == "different" else found.outcome
    return Recounted(article, found.ratings, found.comments, outcome, found.differences)


DIFFERENT = Article("different", (RATINGS, VOTES))
BUSY = Article("busy", ratings=0, comments=0)

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `afterword recount` over what is found in each article."""
    monkeypatch.setattr(command, "recount_article", recount_fake)

    def over(table: Mapping[str, Article], *arguments: str) -> Result:
        @contextmanager
        def open_store(_choice: Choice) -> Iterator[FakeRecounts]:
            yield FakeRecounts(table)

        monkeypatch.setattr(command, "_open_store", open_store)
        return CliRunner().invoke(app, ["recount", *arguments])

    return over


def rows(ran: Result) -> list[list[str]]:
    return [line.split() for line in ran.stdout.splitlines()]


def test_all_is_well(run: Run) -> None:
    ran = run({"one": Article(), "two": Article(ratings=1000)}, "--all")

    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == "2 articles, 1,005 ratings, 2 comments: all exact.\n"


def test_an_empty_table_is_exact(run: Run) -> None:
    ran = run({}, "--all")

    assert (ran.exit_code, ran.stdout) == (0, "0 articles, 0 ratings, 0 comments: all exact.\n")


def test_what_differs_is_shown(run: Run) -> None:
    ran = run({"one": DIFFERENT, "two": Article(), "[red]שלוש[/] :smile:": BUSY}, "--all")

    assert ran.exit_code == 1
    assert ["one", "different", "ratings.5", "1,234", "4"] in rows(ran)
    assert ["votes", "of", "a1", "3", "2"] in rows(ran)
    assert ["\u2068[red]שלוש[/]", ":smile:\u2069", "busy"] in rows(ran)
    assert ran.stdout.endswith(
        "3 articles, 10 ratings, 2 comments: 1 exact, 1 different, 1 busy. Run it again with --repair to mend that.\n"
    )


def test_what_is_repaired_is_shown_and_well(run: Run) -> None:
    ran = run({"one": DIFFERENT, "two": Article()}, "--all", "--repair")

    assert ran.exit_code == 0
    assert ["one", "repaired", "ratings.5", "1,234", "4"] in rows(ran)
    assert ran.stdout.endswith("2 articles, 10 ratings, 2 comments: 1 exact, 1 repaired.\n")


def test_only_the_articles_that_are_named_are_counted_each_once(run: Run) -> None:
    table = {"one": Article(), "two": DIFFERENT, "three": Article()}

    ran = run(table, "--article", "one", "--article", "three", "--article", "one")

    assert (ran.exit_code, ran.stdout) == (0, "2 articles, 10 ratings, 2 comments: all exact.\n")


def test_an_article_too_busy_to_be_counted_is_told(run: Run) -> None:
    ran = run({"one": BUSY}, "--all")

    assert ran.exit_code == 3
    assert ran.stdout.endswith("1 article, 0 ratings, 0 comments: 1 busy.\n")


def test_a_long_id_is_shown_whole(run: Run) -> None:
    name = "".join(f"part-{number}/" for number in range(60))

    ran = run({name: DIFFERENT}, "--all")

    assert name in "".join(row[0] for row in rows(ran) if row)


def test_programs_get_one_object_and_nothing_else(run: Run) -> None:
    ran = run({"статья": DIFFERENT, "one": BUSY, "two": Article()}, "--all", "--json")

    assert ran.stdout.isascii()
    document = json.loads(ran.stdout)
    assert sorted(document.pop("found"), key=lambda each: str(each["article"])) == [
        {"article": "one", "outcome": "busy", "ratings": 0, "comments": 0, "differences": []},
        {
            "article": "статья",
            "outcome": "different",
            "ratings": 5,
            "comments": 1,
            "differences": [
                {"what": "ratings.5", "comment_id": None, "kept": 1234, "counted": 4},
                {"what": "votes", "comment_id": "a1", "kept": 3, "counted": 2},
            ],
        },
    ]
    totals = {"articles": 3, "ratings": 10, "comments": 2}
    assert document == {**totals, "exact": 1, "different": 1, "repaired": 0, "busy": 1}


@pytest.mark.parametrize(
    ("raises", "code", "told"), [(KeyboardInterrupt, 130, ""), (Unavailable, 4, "The table is aw")]
)
def test_one_that_is_cut_short_tells_what_was_found_so_far(
    run: Run, raises: type[BaseException], code: int, told: str
) -> None:
    table = {"1": Article(), "2": DIFFERENT, "3": Article(raises=raises), "4": Article()}

    ran = run(table, "--all")

    assert (ran.exit_code, ran.stderr[:15]) == (code, told)
    assert ["2", "different", "ratings.5", "1,234", "4"] in rows(ran)
    assert "2 of 4 articles, 10 ratings, 2 comments: 1 exact, 1 different so far." in ran.stdout
    assert json.loads(run(table, "--all", "--json").stdout)["articles"] == 2


def test_one_that_is_cut_short_at_once_claims_nothing(run: Run) -> None:
    ran = run({"1": Article(raises=Unavailable)}, "--all")

    assert (ran.exit_code, ran.stdout) == (4, "Nothing was counted.\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "either --article ID, or --all"),
        (["--all", "--article", "one"], "either --article ID, or --all"),
        (["--article", ""], "--article: An article id has 1 to 512 bytes"),
        (["--article", "a\nb"], "--article: An article id has no control characters."),
        (["--article", "a\udcff"], "--article: The article id is not valid Unicode."),
        (["--al"], "No such option"),
        (["--all", "one"], "unexpected extra argument"),
    ],
)
def test_wrong_use_is_told_on_stderr(run: Run, arguments: list[str], told: str) -> None:
    ran = run({"one": Article()}, *arguments)

    assert (ran.exit_code, ran.stdout) == (2, "")
    assert told in ran.stderr


def test_help_tells_the_exit_codes_and_the_options() -> None:
    ran = CliRunner().invoke(app, ["recount", "--help"])

    assert ran.exit_code == 0
    for words in ("--article", "--all", "--repair", "--json", "--region", "--data", "--table", "--site", "130: "):
        assert words in ran.stdout


def damage(client: "DynamoDBClient", settings: Settings, article: str) -> None:
    client.update_item(
        TableName=settings.table,
        Key={"pk": {"S": f"{settings.site}|A|{article}"}, "sk": {"S": "~"}},
        UpdateExpression="SET h5 = :wrong",
        ExpressionAttributeValues={":wrong": {"N": "7"}},
    )


def test_a_damaged_table_is_found_out_and_mended(
    table_client: "DynamoDBClient", settings: Settings, service: Any
) -> None:
    environ = {
        "AFTERWORD_DYNAMODB_ENDPOINT": settings.dynamodb_endpoint,
        "AFTERWORD_TABLE": settings.table,
        "AFTERWORD_SITE": settings.site,
    }
    for article in ("one", "two"):
        assert service.request("PUT", f"/v1/articles/{article}/rating", json={"stars": 5}).status == 200
    damage(table_client, settings, "one")

    def run(*arguments: str) -> tuple[int, str]:
        ran = CliRunner().invoke(app, ["recount", "--all", *arguments], env=environ)
        return ran.exit_code, ran.stdout.splitlines()[-1].strip()

    assert run() == (
        1,
        "2 articles, 2 ratings, 0 comments: 1 exact, 1 different. Run it again with --repair to mend that.",
    )
    assert run("--repair") == (0, "2 articles, 2 ratings, 0 comments: 1 exact, 1 repaired.")
    assert run() == (0, "2 articles, 2 ratings, 0 comments: all exact.")
    tally = service.request("GET", "/v1/articles/one").json()["tally"]
    assert tally["histogram"] == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 1}


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["recount", "--all", "--data", str(tmp_path / "none")])

    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == f"There is no Afterword table in {tmp_path / 'none'}.\n"
