"""Functions are made: the relations that the body of an SQL function names are looked at."""

from __future__ import annotations

from typing import Any

from watari.catalog import LockMode, Name, Routine
from watari.errors.usage import ScriptSyntax
from watari.risk.footprint import Footprint
from watari.sql.grammar import gathered, relation_references, strings

_VOLATILITY = {"immutable": "i", "stable": "s", "volatile": "v"}


def create_function(statement: Any, footprint: Footprint) -> None:
    """CREATE FUNCTION and PROCEDURE."""
    options = {option.def_elem.defname: option.def_elem.arg for option in statement.options}
    language = strings([options["language"]])[0] if "language" in options else "sql"
    if language.lower() == "sql":
        _read_body(statement, options, footprint)
    words = strings(statement.funcname)
    schema = words[-2] if len(words) > 1 else next(iter(footprint.world.search_path), "public")
    volatility = strings([options["volatility"]])[0] if "volatility" in options else "volatile"
    routine = Routine(
        name=Name(schema, words[-1]),
        arguments="",
        kind="p" if statement.is_procedure else "f",
        language=language.lower(),
        definition=_text_of(statement),
        owner="",
        volatility=_VOLATILITY.get(volatility, "v"),
    )
    footprint.world.tell("put_routine", routine)


def _read_body(statement: Any, options: dict[str, Any], footprint: Footprint) -> None:
    trees: list[Any] = []
    if statement.HasField("sql_body"):
        trees.append(statement.sql_body)
    elif "as" in options:
        from watari.sql.scripts import read_statements
        from watari.sql.statement import Script

        text = (strings(options["as"].list.items) or ("",))[0]
        try:
            trees += [inner.node for inner in read_statements(Script(file="", data=text.encode()))]
        except ScriptSyntax:
            return
    for tree in trees:
        parts = gathered(tree)
        for name in relation_references(parts):
            if table := footprint.named(name, missing_ok=True):
                footprint.lock(table.name, LockMode.ACCESS_SHARE)
        for kind in ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"):
            for change in parts.get(kind, ()):
                if table := footprint.relation(change.relation, missing_ok=True):
                    footprint.lock(table.name, LockMode.ROW_EXCLUSIVE)


def _text_of(statement: Any) -> str:
    from postgast import deparse, pg_query_pb2

    tree = pg_query_pb2.ParseResult(version=180000)
    tree.stmts.add().stmt.create_function_stmt.CopyFrom(statement)
    return str(deparse(tree))


FORESEES = {"create_function_stmt": create_function}
