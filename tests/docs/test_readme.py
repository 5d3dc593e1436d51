from pathlib import Path

from chalicelib.settings import Settings
from tests.docs.examples import differences, examples
from tools.map import ROOT

README = ROOT / "README.md"


def test_the_story_by_curl_is_what_happens(live_url: str, settings: Settings, tmp_path: Path) -> None:
    assert settings.owner_token
    owner = settings.owner_token.get_secret_value()
    assert not differences(README, {"AFTERWORD": live_url, "OWNER": owner}, tmp_path)


def test_the_story_has_all_its_scenes() -> None:
    commands = "\n".join(example.command for example in examples(README.read_text(encoding="utf-8")))

    for scene in (
        "PUT $article/rating",
        "DELETE $article/rating",
        "$article/comments",
        "/v1/admin/queue",
        '"approve"',
        "parent_id",
        "/v1/admin/audit",
        "PATCH $AFTERWORD/v1/admin/policy",
    ):
        assert scene in commands


def test_the_way_to_run_the_tests_is_the_one_that_ci_takes() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()

    assert "make test" in ci
    assert "`make test`" in README.read_text(encoding="utf-8")
