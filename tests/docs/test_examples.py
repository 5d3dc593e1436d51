from pathlib import Path

import pytest

from tests.docs.examples import Example, differences, examples, printed

DOCUMENT = """
```sh
echo one; echo two
```
```text
one
tw…
```

Words between.

```sh
true
```

```console
$ never run
```
"""


def test_an_example_is_a_command_and_the_output_right_behind_it() -> None:
    assert [(each.command, each.output) for each in examples(DOCUMENT)] == [
        ("echo one; echo two\n", "one\ntw…\n"),
        ("true\n", ""),
    ]


def test_a_document_that_tells_what_happens_has_no_differences(tmp_path: Path) -> None:
    document = tmp_path / "true.md"
    document.write_text(DOCUMENT, encoding="utf-8")

    assert not differences(document, {}, tmp_path)


@pytest.mark.parametrize("said", ["one\ntwo\nthree\n", "one\n", "", 'one\ntwo "…"\n', "one\ntwo …\n"])
def test_a_document_that_tells_something_else_is_caught(said: str) -> None:
    example = Example(1, "echo one; echo two", said)

    (output,) = printed([example.command], {}, Path.cwd())

    assert "echo one" in example.difference(output)


def test_a_command_that_fails_is_caught(tmp_path: Path) -> None:
    document = tmp_path / "false.md"
    document.write_text("```sh\nfalse\n```\n\n```sh\ntrue\n```\n", encoding="utf-8")

    assert "exit code 1" in differences(document, {}, tmp_path)


def test_what_differs_from_run_to_run_stays_on_its_line() -> None:
    assert Example(1, "", "a … c\n").difference("a b\nb c\n")
    assert not Example(1, "", "a … c\n").difference("a b b c\n")
