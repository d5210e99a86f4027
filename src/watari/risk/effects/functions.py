"""Functions are made: the relations that the body of an SQL function names are looked at."""

from __future__ import annotations

from typing import Any

from watari.catalog import LockMode, Name, Routine
from watari.risk.footprint import Footprint
from watari.risk.routines import body_nodes
from watari.sql.deparsing import deparsed
from watari.sql.grammar import gathered, relation_references, strings

_VOLATILITY = {"immutable": "i", "stable": "s", "volatile": "v"}


def create_function(statement: Any, footprint: Footprint) -> None:
    """CREATE FUNCTION and PROCEDURE."""
    options = {option.def_elem.defname: option.def_elem.arg for option in statement.options}
    language = strings([options["language"]])[0] if "language" in options else "sql"
    words = strings(statement.funcname)
    schema = words[-2] if len(words) > 1 else next(iter(footprint.world.search_path), "public")
    volatility = strings([options["volatility"]])[0] if "volatility" in options else "volatile"
    routine = Routine(
        name=Name(schema, words[-1]),
        arguments=", ".join("?" for _ in statement.parameters),
        kind="p" if statement.is_procedure else "f",
        language=language.lower(),
        definition=deparsed(statement),
        owner="",
        volatility=_VOLATILITY.get(volatility, "v"),
    )
    if routine.language == "sql":
        for tree in body_nodes(routine)[0]:
            _look_at(tree, footprint)
    footprint.world.tell("put_routine", routine)


def _look_at(tree: Any, footprint: Footprint) -> None:
    """The server reads the body of an SQL function when it is made."""
    parts = gathered(tree)
    for name in relation_references(parts):
        if table := footprint.named(name, missing_ok=True):
            footprint.lock(table.name, LockMode.ACCESS_SHARE)
    for kind in ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"):
        for change in parts.get(kind, ()):
            if table := footprint.relation(change.relation, missing_ok=True):
                footprint.lock(table.name, LockMode.ROW_EXCLUSIVE)


FORESEES = {"create_function_stmt": create_function}
