"""The import rule of docs/architecture.md, read from its table and held against the code's own imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
STAGES = frozenset(
    {
        "kg.documents",
        "kg.text",
        "kg.mentions",
        "kg.claims",
        "kg.resolution",
        "kg.extractors",
        "kg.graph",
    }
)
#: The package's own doors, `import kg` and `python -m kg`: they may import anything, nothing imports them.
DOORS = frozenset({"kg", "kg.__main__"})


def read_rows() -> dict[str, int]:
    """Module or package → its row in the table."""
    table = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|\s*(\d+)\s*\|\s*`(kg(?:\.\w+)+)`\s*\|", table, re.MULTILINE)
    return {name: int(number) for number, name in rows}


ROWS = read_rows()


def find_part(module: str, rows: dict[str, int] = ROWS) -> str | None:
    """The row's name that a module belongs to: the longest that it is or lies in."""
    fitting = [name for name in rows if module == name or module.startswith(f"{name}.")]
    return max(fitting, key=len, default=None)


def module_name(path: Path, source: Path = SOURCE) -> str:
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def find_imports(code: str, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """(line, imported module of ours), function-level imports and import_module("…") included."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            origin = ".".join(part for part in (start, node.module) if part)
            # `from kg import graph` imports kg.graph, `from kg.graph import store` may import kg.graph.store
            found = [f"{origin}.{alias.name}" for alias in node.names]
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).rsplit(".", 1)[-1] in ("import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            found = [str(node.args[0].value)]
        else:
            continue
        yield from ((node.lineno, name) for name in found if name == "kg" or name.startswith("kg."))


def violations(module: str, code: str, is_package: bool, rows: dict[str, int] = ROWS) -> list[str]:
    if module in DOORS:
        return []
    part = find_part(module, rows)
    if part is None:
        return [f"{module} is in no row of docs/architecture.md"]
    found = []
    for line, imported in find_imports(code, module, is_package):
        target = find_part(imported, rows)
        where = f"{module}:{line} imports {imported}"
        if target is None:
            found.append(f"{where}, which is in no row of docs/architecture.md")
        elif target != part and target in STAGES and part in STAGES:
            found.append(f"{where}: a stage never imports another")
        elif rows[target] > rows[part]:
            found.append(f"{where}, from row {rows[target]} below its own row {rows[part]}")
        elif part == "kg.server" and target == "kg.pipeline":
            found.append(f"{where}: the server never imports the pipeline")
    return found


MODULES = sorted((SOURCE / "kg").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=[module_name(path) for path in MODULES])
def test_a_module_imports_only_from_rows_above(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert violations(module_name(path), code, path.name == "__init__.py") == []


def test_every_row_has_its_module() -> None:
    missing = [
        name
        for name in ROWS
        if not (
            SOURCE.joinpath(*name.split(".")).is_dir()
            or SOURCE.joinpath(*name.split(".")).with_suffix(".py").is_file()
        )
    ]
    assert missing == []
    assert len(set(ROWS.values())) == len(ROWS)
    assert set(ROWS) >= STAGES


@pytest.mark.parametrize(
    ("module", "code", "wanted"),
    [
        ("kg.model", "from kg.errors import KgError", "below its own row"),
        ("kg.claims.reader", "def f():\n    import kg.text.sentences", "a stage never imports another"),
        ("kg.graph.store", "from ..resolution import identity", "a stage never imports another"),
        ("kg.server.app", "from kg import pipeline", "the server never imports the pipeline"),
        ("kg.query.search", "import importlib\nimportlib.import_module('kg.server')", "below its own row"),
        ("kg.utils", "", "in no row"),
        ("kg.cli", "from kg.helpers import x", "in no row"),
        ("kg.cli", "import kg", "in no row"),
    ],
)
def test_the_rule_catches(module: str, code: str, wanted: str) -> None:
    found = violations(module, code, is_package=False)
    assert len(found) == 1
    assert wanted in found[0]
