import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from chalicelib.settings import Settings, SettingsError

ROOT = Path(__file__).parent.parent.parent
KEY = "k1:" + "s" * 32


def started(**environ: str) -> subprocess.CompletedProcess[str]:
    """Start the service as Lambda does, by importing app.py, with these variables and no others of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AFTERWORD_", "AWS_"))}
    elsewhere = {"AFTERWORD_DYNAMODB_ENDPOINT": "http://127.0.0.1:1", **environ}
    return subprocess.run(
        [sys.executable, "-c", "import app; print(app.app.app_name)"],
        cwd=ROOT,
        env={**kept, **elsewhere},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_stage_starts_with_a_secret() -> None:
    done = started(AFTERWORD_SECRETS=KEY)
    assert (done.returncode, done.stdout) == (0, "afterword\n"), done.stderr


@pytest.mark.parametrize("told", [{}, {"AFTERWORD_SECRETS": ""}])
def test_a_stage_without_a_secret_refuses_to_start_and_names_the_variable(told: dict[str, str]) -> None:
    done = started(**told)
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].endswith("SettingsError: AFTERWORD_SECRETS is not set")
    assert "pydantic" not in done.stderr


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "AFTERWORD_SECRETS is not set"),
        ({"SECRETS": "k1:short"}, "AFTERWORD_SECRETS: "),
        ({"SECRETS": "short"}, "AFTERWORD_SECRETS: "),
        ({"SECRETS": KEY, "OWNER_TOKEN": "too short to be one"}, "AFTERWORD_OWNER_TOKEN: "),
        ({"SECRETS": KEY, "ORIGIN": "https://desk.example/"}, "AFTERWORD_ORIGIN: "),
        ({"SECRETS": KEY, "ORIGIN": "desk.example"}, "AFTERWORD_ORIGIN: "),
        ({"SECRETS": KEY, "ORIGIN": "https://Desk.example"}, "AFTERWORD_ORIGIN: "),
        ({"ORIGIN": "*"}, "AFTERWORD_SECRETS is not set; AFTERWORD_ORIGIN: "),
    ],
)
def test_a_wrong_variable_is_named_and_its_value_is_not(told: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.from_environ({f"AFTERWORD_{name}": value for name, value in told.items()})
    sentence = str(SettingsError(caught.value))
    assert sentence.startswith(words)
    assert not any(value in sentence for value in told.values())


@pytest.mark.parametrize("origin", ["https://desk.example", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_an_origin_is_taken_as_browsers_name_it(origin: str) -> None:
    assert Settings.from_environ({"AFTERWORD_SECRETS": KEY, "AFTERWORD_ORIGIN": origin}).origin == origin
