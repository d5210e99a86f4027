"""Statements in `.sql` files, `$1` for parameters: a folder of them, or one."""

from __future__ import annotations

from pathlib import Path

from watari.errors import WatariError
from watari.evidence.application import ApplicationQuery
from watari.rehearsal.application_queries import Reader
from watari.sql.statement import Script, Statement

_KINDS = frozenset({"select_stmt", "insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"})


def fits(path: Path) -> bool:
    """A folder, or a file of SQL."""
    return path.is_dir() or path.suffix.lower() == ".sql"


def read(path: Path) -> tuple[ApplicationQuery, ...]:
    """Every query of every file, in order of their names; raises `ScriptSyntax` where a text cannot be cut."""
    files = sorted(path.rglob("*.sql")) if path.is_dir() else [path]
    base = path if path.is_dir() else path.parent
    return tuple(query for file in files for query in _queries(file, str(file.relative_to(base))))


def _queries(file: Path, name: str) -> list[ApplicationQuery]:
    statements = Script(file=name, data=file.read_bytes()).statements
    return [ApplicationQuery(text=each.text, source=f"{name}:{each.line}") for each in statements if _is_query(each)]


def _is_query(statement: Statement) -> bool:
    try:
        return statement.kind in _KINDS
    except WatariError:
        return True  # the server says what is wrong with it


READER = Reader(fits=fits, read=read)
