"""Small by measurement: the offenders are named."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import watari

ROOT = Path(watari.__file__).parent
SOURCES = sorted(ROOT.rglob("*.py"))


def functions() -> list[tuple[int, str]]:
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                found.append((lines, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"))
    return found


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): n for path in SOURCES if (n := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert not long


def test_no_function_is_longer_than_eighty_lines() -> None:
    assert [name for lines, name in functions() if lines > 80] == []


def test_the_median_function_stays_small() -> None:
    assert statistics.median(lines for lines, _ in functions()) <= 10


def test_every_public_thing_says_what_it_is() -> None:
    missing = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree) and path.name != "__init__.py":
            missing.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert missing == []


def test_no_folder_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "core", "manager", "managers", "common", "misc"}
    assert [str(path) for path in ROOT.rglob("*") if path.stem in drawers] == []


def test_no_sql_is_pasted_together() -> None:
    """`execute` gets a literal, a composed or a loaded query, never an f-string or a concatenation."""
    pasted = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            of_files = getattr(node.func.value, "id", "") == "shutil"
            if node.func.attr in ("execute", "executemany", "copy") and not of_files:
                argument = node.args[0] if node.args else None
                if isinstance(argument, ast.JoinedStr | ast.BinOp):
                    pasted.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert pasted == []
