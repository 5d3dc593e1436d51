import importlib
import re
from pathlib import Path

import pytest
from cogapp import Cog

from bench.capacity import measure, report
from chalicelib.settings import Settings
from tests.docs.examples import differences, examples
from tests.docs.pages import DOCUMENTS, GENERATED, fragments, links, named_files, page, section
from tools.engine import Engine
from tools.map import ROOT

EXAMPLES = [path for path in DOCUMENTS if path.parent.name == "docs" and examples(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_what_happens(path: Path, live_url: str, settings: Settings, tmp_path: Path) -> None:
    assert settings.owner_token
    assert settings.dynamodb_endpoint
    environ = {
        "AFTERWORD": live_url,
        "OWNER": settings.owner_token.get_secret_value(),
        "AFTERWORD_DYNAMODB_ENDPOINT": settings.dynamodb_endpoint,
        "AFTERWORD_TABLE": settings.table,
        "AFTERWORD_SITE": settings.site,
    }

    assert not differences(path, environ, tmp_path, before=ROOT / "README.md")


def test_what_comes_from_the_code_is_up_to_date(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [str(path.relative_to(ROOT)) for path in GENERATED]
    monkeypatch.chdir(ROOT)

    stale = Cog().main(["cog", "--check", "--diff", *names])

    assert "README.md" in names
    assert not stale, f"run `.venv/bin/python -m cogapp -r README.md docs/*.md`\n{capsys.readouterr().out}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for link in links(path):
        name, _, fragment = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not fragment or fragment in fragments(target), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(path: Path) -> None:
    for name in named_files(path):
        assert (ROOT / name).exists() or (ROOT / "chalicelib" / name).exists(), name


def test_every_decision_has_all_its_parts() -> None:
    for path in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path.name
        for part in ("Context", "Decision", "Consequences", "Alternatives", "Code"):
            assert f"**{part}.**" in text, f"{path.name}: {part}"


def test_every_function_that_serves_an_access_pattern_exists() -> None:
    stores = importlib.import_module("chalicelib.dynamodb")
    named = set(re.findall(r"`(Dynamo\w+)\.(\w+)`", section(page("table.md"), "Who reads what")))

    assert named
    for store, method in named:
        assert hasattr(getattr(stores, store), method), f"{store}.{method}"


def test_requests_cost_what_the_page_says(engine: Engine) -> None:
    found = report(measure(engine.endpoint)).partition("\n\n")[0]

    assert found in section(page("table.md"), "Cost"), f"run `.venv/bin/python -m bench.capacity`\n{found}"
