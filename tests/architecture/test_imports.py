"""The direction of imports, read from the source: values ← doors, values ← decisions, both ← flows ← crossing ← faces."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

import watari

ROOT = Path(watari.__file__).parent

GROUND = {"locale", "errors", "late", "values"}
VALUES = {"catalog", "sql", "migrations", "evidence"}
#: Modules of other rooms that hold values only: what they are stands beside the decisions that make them.
VALUE_MODULES = {
    "planning.plan",
    "risk.hazard",
    "project.policy",
    "project.secret",
    "project.url",
    "reporting.report",
    "verification.verdict",
}
DOORS = {"project", "postgres", "frameworks", "ledger"}
DECISIONS = {"risk", "planning", "gates", "verification", "reporting"}
FLOWS = {"recorder", "execution", "rehearsal", "backup", "monitoring", "demo"}
FACES = {"cli"}

ACTING = {
    "psycopg",
    "subprocess",
    "socket",
    "urllib",
    "http",
    "sqlite3",
    "sqlalchemy",
    "os",
    "time",
    "tempfile",
    "shutil",
}


def room(module: str) -> str:
    return module.split(".")[0] if module else ""


@cache
def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__").removesuffix("__init__")
        found[name] = path
    return found


def imports(path: Path) -> list[str]:
    """Every module imported in the file, also inside functions; imports for type checking only are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    names: list[str] = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def allowed(importer: str, imported: str) -> bool:
    """Whether a module of watari may import another one."""
    here, there = room(importer), room(imported)
    if here == there or there in GROUND or importer == "" or imported in ("", "__version__"):
        return True
    if any(imported == module or imported.startswith(module + ".") for module in VALUE_MODULES):
        return True
    if here in GROUND:
        return False
    if here in VALUES:
        return there in VALUES
    if here in DECISIONS or importer in VALUE_MODULES:
        return there in VALUES
    if here in DOORS:
        return there in VALUES | DOORS
    if (here, there) in {("rehearsal", "execution"), ("rehearsal", "recorder"), ("execution", "recorder")}:
        return True
    if here in FLOWS - {"demo"}:
        return there in VALUES | DOORS | DECISIONS
    if here == "crossing":
        return there in VALUES | DOORS | DECISIONS | FLOWS - {"demo"}
    if here == "demo":
        return there in VALUES | DOORS | DECISIONS | {"crossing", "monitoring"}
    return here in FACES


@pytest.mark.parametrize("importer", sorted(modules()))
def test_imports_run_one_way(importer: str) -> None:
    wrong = [
        name
        for name in imports(modules()[importer])
        if name.split(".")[0] == "watari" and not allowed(importer, name.removeprefix("watari").removeprefix("."))
    ]
    assert not wrong, f"watari.{importer} imports upwards: {wrong}"


@pytest.mark.parametrize(
    "module", sorted(name for name in modules() if room(name) in DECISIONS | VALUES | GROUND - {"locale"})
)
def test_what_decides_touches_nothing(module: str) -> None:
    acting = [name for name in imports(modules()[module]) if name.split(".")[0] in ACTING]
    composing = module == "sql.compose" and all(
        name.startswith("psycopg.sql") or name == "psycopg.sql" for name in acting
    )
    assert composing or not acting, f"watari.{module} imports {acting}"


def test_no_import_goes_in_a_circle() -> None:
    known = modules()
    graph: dict[str, set[str]] = defaultdict(set)
    for name, path in known.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("watari"):
                base = node.module.removeprefix("watari").removeprefix(".")
                for alias in node.names:
                    full = f"{base}.{alias.name}" if base else alias.name
                    graph[name].add(full if full in known else base)
    visiting: list[str] = []
    done: set[str] = set()

    def visit(name: str) -> None:
        if name in done:
            return
        assert name not in visiting, f"circle: {[*visiting[visiting.index(name) :], name]}"
        visiting.append(name)
        for following in sorted(graph[name] - {name}):
            visit(following)
        done.add(visiting.pop())

    for name in sorted(known):
        visit(name)
