"""What the documents take from the code: the map of the house, endpoints, moves, policy, checks, keys.

cog puts it there: `.venv/bin/python -m cogapp -r README.md docs/*.md`.
"""

import ast
import inspect
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from chalicelib.comments import State
from chalicelib.dynamodb import connect, open_stores
from chalicelib.dynamodb.keys import Keys
from chalicelib.keyring import Keyring
from chalicelib.moderation import GROUNDS, MOVES
from chalicelib.policy import DEFAULT
from chalicelib.routes import endpoints
from chalicelib.routes.endpoint import Endpoint
from chalicelib.routes.service import Service
from chalicelib.settings import PREFIX, Settings
from chalicelib.spam import CHECKS

ROOT = Path(__file__).parent.parent
PARTS = ("app.py", "chalicelib", "tools", "bench")
NOWHERE = "http://127.0.0.1:1"
"""Nothing is read or written to make the documents."""


def house() -> str:
    """Return every module with the first sentence of its docstring, as a tree."""
    lines = [line for part in PARTS for line in _tree(ROOT / part, 0)]
    width = max(len(name) for name, _ in lines)
    text = "\n".join(f"{name:<{width}}  {sentence}".rstrip() for name, sentence in lines)
    return f"```\n{text}\n```\n"


def _tree(path: Path, depth: int) -> Iterator[tuple[str, str]]:
    if path.is_file():
        yield "  " * depth + path.name, _sentence(path)
        return
    yield "  " * depth + path.name + "/", _sentence(path / "__init__.py")
    inside = [each for each in path.iterdir() if each.suffix == ".py" or (each / "__init__.py").exists()]
    for each in sorted(inside, key=lambda each: (each.is_dir(), each.name)):
        if each.name != "__init__.py":
            yield from _tree(each, depth + 1)


def _sentence(module: Path) -> str:
    words = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return words.partition("\n\n")[0].replace("\n", " ").removesuffix(".")


def decisions() -> str:
    """Return the list of decision records with their titles."""
    files = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    return _lines(f"- [{_title(file)}](docs/decisions/{file.name})" for file in files)


def _title(file: Path) -> str:
    return file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def all_endpoints() -> Sequence[Endpoint]:
    """Return the registry of endpoints, over stores that are never asked."""
    key = f"k1:{secrets.token_urlsafe(32)}"
    settings = Settings.from_environ({"AFTERWORD_SECRETS": key, "AFTERWORD_DYNAMODB_ENDPOINT": NOWHERE})
    stores = open_stores(connect(settings), settings)
    service = Service(settings=settings, stores=stores, keyring=Keyring(settings.secrets))
    return endpoints(service).all


def endpoint_table() -> str:
    """Return all endpoints: what each does and who may ask."""
    rows = [
        (f"[`{each.method} {each.path}`](#{anchor(f'{each.method} {each.path}')})", each.summary, each.access)
        for each in all_endpoints()
    ]
    return _table(("method and path", "does", "for"), rows)


def anchor(heading: str) -> str:
    """Return the fragment that a heading gets when the page is shown."""
    kept = "".join(sign for sign in heading.lower() if sign.isalnum() or sign in " -_")
    return kept.replace(" ", "-")


def setting_table() -> str:
    """Return all settings with their defaults."""
    rows = []
    for name, field in Settings.model_fields.items():
        variable = PREFIX + name.upper()
        default = "required" if field.is_required() else f"`{field.default}`" if field.default else "none"
        rows.append((f"[`{variable}`](#{anchor(variable)})", default))
    return _table(("variable", "default"), rows)


def grounds_table() -> str:
    """Return the reasons that moderators choose from, with what the author reads."""
    return _table(("reason", "what the author reads"), [(f"`{reason}`", words) for reason, words in GROUNDS.items()])


def move_table() -> str:
    """Return where each action leads from each state; empty where it is refused."""
    states: tuple[State, ...] = get_args(State)
    rows = [(f"`{action}`", *(moves.get(state, "") for state in states)) for action, moves in MOVES.items()]
    return _table(("action", *(f"from {state}" for state in states)), rows)


def policy_table() -> str:
    """Return every field of the policy with its default."""
    rows = [(f"`{name}`", f"`{_json(value)}`") for name, value in policy_fields(DEFAULT)]
    return _table(("field", "default"), rows)


def policy_fields(rules: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each field's dotted name and its value, rates and links as they stand."""
    for name in type(rules).model_fields:
        value = getattr(rules, name)
        if isinstance(value, BaseModel) and type(value).__name__ != "Rate":
            yield from policy_fields(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _json(value: object) -> str:
    plain = value
    if isinstance(value, BaseModel):
        plain = value.model_dump(mode="json")
    elif isinstance(value, list):
        plain = [each.model_dump(mode="json") for each in value]
    return json.dumps(plain, ensure_ascii=False)


def check_table() -> str:
    """Return the spam checks in their order, with the numbers that stand on top of each file."""
    rows = []
    for check in CHECKS:
        module = inspect.getmodule(check)
        numbers = ", ".join(f"`{name} = {value!r}`" for name, value in _numbers(module))
        does = (inspect.getdoc(check) or "").partition("\n")[0]
        rows.append((f"[{check.__name__}](#{anchor(check.__name__)})", does, numbers))
    return _table(("check", "does", "numbers"), rows)


def _numbers(module: object) -> Iterator[tuple[str, object]]:
    for name, value in vars(module).items():
        if name.isupper() and not name.startswith("_") and isinstance(value, (int, tuple, dict)):
            yield name, value


def key_table() -> str:
    """Return every key template of the table with what stands under it."""
    rows = [(f"`{template}`", f"`{name}`", words) for name, template, words in key_templates()]
    return _table(("partition key", "made by", "what stands there"), rows)


def key_templates() -> Iterator[tuple[str, str, str]]:
    """Yield the name, the template and the docstring of each method of Keys."""
    (tree,) = ast.parse(inspect.getsource(Keys)).body
    assert isinstance(tree, ast.ClassDef)  # noqa: S101 - the source of a class is one
    for method in tree.body:
        if isinstance(method, ast.FunctionDef):
            (template,) = [node.value for node in ast.walk(method) if isinstance(node, ast.Return)]
            words = " ".join((ast.get_docstring(method) or "").split())
            yield method.name, _template(template).replace("|", "\\|"), words.replace("|", "\\|")


def _template(node: ast.expr | None) -> str:
    assert isinstance(node, ast.JoinedStr)  # noqa: S101 - every key is an f-string
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{" + _hole(part) + "}" for part in node.values
    )


def _hole(part: ast.expr) -> str:
    # `self.site` is {site}; `article_key(article_id)` is {article}; `mark` is {mark}.
    named = ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else ""
    return "article" if "article_id" in named else named.removeprefix("self.")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    ruled = [head, ["---"] * len(head), *rows]
    return _lines("| " + " | ".join(cells) + " |" for cells in ruled)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
