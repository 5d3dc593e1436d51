"""The floors of the house: a module imports only from floors below its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From top to bottom. A folder stands for everything in it, and its modules may import each other.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"app"}),
    frozenset({"chalicelib.routes", "chalicelib.dynamodb"}),
    frozenset({"chalicelib.edits", "chalicelib.learning", "chalicelib.reports"}),
    frozenset(
        {
            "chalicelib.feed",
            "chalicelib.lists",
            "chalicelib.moderation",
            "chalicelib.policies",
            "chalicelib.export",
            "chalicelib.stats",
            "chalicelib.people",
            "chalicelib.submission",
            "chalicelib.votes",
        }
    ),
    frozenset({"chalicelib.changes"}),
    frozenset({"chalicelib.audit"}),
    frozenset({"chalicelib.comments", "chalicelib.recount"}),
    frozenset({"chalicelib.article_rules", "chalicelib.ratings"}),
    frozenset({"chalicelib.limits", "chalicelib.spam"}),
    frozenset(
        {
            "chalicelib.drafts",
            "chalicelib.errors",
            "chalicelib.ids",
            "chalicelib.keyring",
            "chalicelib.language",
            "chalicelib.markdown",
            "chalicelib.once",
            "chalicelib.patience",
            "chalicelib.policy",
            "chalicelib.rendering",
            "chalicelib.settings",
            "chalicelib.text",
        }
    ),
)

# Third-party packages that only these parts may know.
FENCED = {
    "chalice": {"app", "chalicelib.routes"},
    "boto3": {"app", "chalicelib.dynamodb"},
    "botocore": {"app", "chalicelib.dynamodb"},
}
NEVER_SHIPPED = {"tools", "tests", "moto", "waitress"}
"""What Lambda does not have."""


def sources(root: Path = ROOT) -> dict[str, Path]:
    """Every module that ships, by its dotted name."""
    files = [root / "app.py", *sorted((root / "chalicelib").rglob("*.py"))]
    return {_dotted(file.relative_to(root)): file for file in files if file.exists()}


def _dotted(relative: Path) -> str:
    return ".".join(relative.with_suffix("").parts).removesuffix(".__init__")


def part_of(module: str) -> str:
    """The part a module belongs to: `chalicelib.dynamodb.keys` is of `chalicelib.dynamodb`."""
    return ".".join(module.split(".")[:2]) if module.startswith("chalicelib.") else module.partition(".")[0]


def floor_of(part: str) -> int | None:
    return next((number for number, floor in enumerate(FLOORS) if part in floor), None)


def imports(module: str, file: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the dotted name of each import, those in functions and for types among them."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(module, file, node)
            # The last part may be a module (`from chalicelib import errors`) or a name in one.
            yield from ((node.lineno, f"{origin}.{name.name}") for name in node.names)


def _origin(module: str, file: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])


def faults(module: str, file: Path) -> Iterator[str]:
    """Say of each import of a module what is wrong with it."""
    part = part_of(module)
    for line, imported in imports(module, file):
        fault = _fault(part, imported)
        if fault:
            yield f"{file.name}:{line} ({module}) imports {imported}: {fault}"


def _fault(part: str, imported: str) -> str | None:
    package = imported.partition(".")[0]
    if package in NEVER_SHIPPED:
        return "that is not shipped to Lambda"
    if package in FENCED and part not in FENCED[package]:
        return f"only {', '.join(sorted(FENCED[package]))} may know {package}"
    if package not in {"app", "chalicelib"} or imported.startswith("chalicelib.__"):
        return None
    return _floor_fault(part, part_of(imported))


def _floor_fault(part: str, other: str) -> str | None:
    own, theirs = floor_of(part), floor_of(other)
    if part == other or own is None or theirs is None or theirs > own:
        return None
    if theirs < own:
        return f"{other} is on a floor above {part}"
    # On the lowest floor modules may lean on each other; a cycle is found by a test of its own.
    return None if own == len(FLOORS) - 1 else f"{other} and {part} share a floor and must not know each other"


def module_graph() -> dict[str, set[str]]:
    """Which of our modules each of our modules imports at run time or for types."""
    known = sources()
    return {
        module: {target for _, name in imports(module, file) if (target := _module_in(name, known)) != module} - {None}
        for module, file in known.items()
    }


def _module_in(name: str, known: dict[str, Path]) -> str | None:
    """The module that an imported name is, or is taken from."""
    if name in known:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in known else None


def find_cycle(graph: dict[str, set[str]]) -> list[str] | None:
    """Find one way along the imports that ends where it began."""
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> list[str] | None:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return None
        found = next((cycle for target in sorted(graph[module]) if (cycle := walk(target, [*way, module]))), None)
        done.add(module)
        return found

    return next((cycle for module in sorted(graph) if (cycle := walk(module, []))), None)


@pytest.mark.parametrize("module", sorted(sources()))
def test_a_module_imports_only_from_floors_below(module: str) -> None:
    assert list(faults(module, sources()[module])) == []


@pytest.mark.parametrize("part", sorted({part_of(module) for module in sources()} - {"chalicelib"}))
def test_every_part_has_a_floor(part: str) -> None:
    assert floor_of(part) is not None, f"{part} has no floor yet: give it one in FLOORS of {Path(__file__).name}"


def test_imports_make_no_cycle() -> None:
    cycle = find_cycle(module_graph())
    assert cycle is None, " imports ".join(cycle or [])


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("chalicelib/ratings.py", "from chalicelib.dynamodb.keys import Keys", "on a floor above"),
        ("chalicelib/ratings.py", "from chalicelib import moderation", "on a floor above"),
        ("chalicelib/ratings.py", "from . import comments", "on a floor above"),
        ("chalicelib/limits.py", "from chalicelib.spam import links", "share a floor"),
        ("chalicelib/ratings.py", "import boto3", "may know boto3"),
        ("chalicelib/ratings.py", "def late():\n    import botocore.config", "may know botocore"),
        ("chalicelib/routes/ratings.py", "from ..dynamodb import keys", "share a floor"),
        ("chalicelib/dynamodb/ratings.py", "from chalice.app import Response", "may know chalice"),
        ("chalicelib/errors.py", "import tools.gateway", "not shipped"),
    ],
)
def test_a_broken_floor_is_found_and_named(tmp_path: Path, path: str, source: str, fault: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
    (found,) = faults(_dotted(Path(path)), file)
    assert fault in found
    assert file.name in found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("chalicelib/moderation.py", "from chalicelib import comments, errors"),
        ("chalicelib/routes/ratings.py", "from chalicelib.routes.endpoint import endpoint\nimport chalice"),
        ("chalicelib/policy.py", "from chalicelib.errors import Invalid\nimport json"),
    ],
)
def test_an_import_downwards_is_fine(tmp_path: Path, path: str, source: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
    assert list(faults(_dotted(Path(path)), file)) == []


def test_a_cycle_is_found_and_a_diamond_is_none() -> None:
    assert find_cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert find_cycle({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) is None
