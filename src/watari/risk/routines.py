"""What routines that people made do when they are called: the statements of their bodies, as if each of them were reached."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from watari.catalog import Name, Routine, Trigger
from watari.errors.usage import ScriptSyntax
from watari.risk.facts.triggers import DELETE, INSERT, TRUNCATE, UPDATE
from watari.risk.footprint import Footprint
from watari.sql.grammar import Written, gathered, relation_references, strings
from watari.sql.plpgsql import routine_statements
from watari.sql.statement import Statement

__all__ = ["DELETE", "INSERT", "TRUNCATE", "UPDATE", "body_nodes", "fire", "run"]

_DEEPEST = 8  # routines that call routines


def run(call: Written, arguments: int, footprint: Footprint) -> bool:
    """Foresees the routines of this name; False where there is none whose text can be read."""
    found = [routine for routine in footprint.world.routines(call) if routine.kind in ("f", "p")]
    fitting = [routine for routine in found if routine.takes >= arguments] or found
    for routine in fitting:
        _run(routine, footprint)
    return bool(found)


def fire(table: Name, event: int, footprint: Footprint, changed: frozenset[str] | None = None) -> None:
    """Foresees what the triggers of a table run for an event; `changed` are the columns of an UPDATE, None: any."""
    for trigger in () if footprint.plans_only else footprint.world.triggers_of(table):
        if trigger.enabled != "D" and _fires(trigger, event, changed):
            schema, _, name = trigger.function.rpartition(".")
            run(Written(_bare(schema) or None, _bare(name)), 0, footprint)


def _bare(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word


def _fires(trigger: Trigger, event: int, changed: frozenset[str] | None) -> bool:
    events, columns = _events(trigger.definition)
    concerned = event != UPDATE or not columns or changed is None or bool(columns & changed)
    return bool(events & event) and concerned


@lru_cache(maxsize=512)
def _events(definition: str) -> tuple[int, frozenset[str]]:
    """The events of a CREATE TRIGGER, and the columns of its UPDATE OF; every event where it cannot be read."""
    try:
        trigger = Statement(text=definition, file="").node.create_trig_stmt
    except ScriptSyntax:
        return INSERT | UPDATE | DELETE | TRUNCATE, frozenset()
    return trigger.events, frozenset(strings(trigger.columns))


def _run(routine: Routine, footprint: Footprint) -> None:
    from watari.risk.effects.foresight import foresee_node

    mark = str(routine.name) + routine.arguments
    if mark in footprint.running or len(footprint.running) > _DEEPEST:
        return
    nodes, opaque = body_nodes(routine)
    footprint.unknown = footprint.unknown or (opaque and routine.volatility == "v")
    footprint.running.append(mark)
    for node in nodes:
        if _names_what_is_there(node, footprint):
            foresee_node(node, footprint)
    footprint.running.pop()


def _names_what_is_there(node: Any, footprint: Footprint) -> bool:
    """Whether the relations of a statement are known; transition tables of triggers and what EXECUTE made are not."""
    world = footprint.world
    if not world.known:
        return True
    return all(
        world.exists(world.resolve(name))
        or name.name.startswith("pg_")
        or name.schema in ("pg_catalog", "information_schema")
        for name in relation_references(gathered(node))
    )


def body_nodes(routine: Routine) -> tuple[tuple[Any, ...], bool]:
    """The trees of the statements in a routine's body, and whether it runs more than can be read."""
    try:
        if routine.language == "plpgsql":
            statements, opaque = routine_statements(routine.definition.rstrip().rstrip(";"))
            return tuple(_trees(statements)), opaque
        if routine.language == "sql":
            return _sql_nodes(routine.definition), False
    except ScriptSyntax:
        pass
    return (), True


def _trees(statements: Iterable[Statement]) -> Iterable[Any]:
    return [statement.node for statement in statements]


@lru_cache(maxsize=512)
def _sql_nodes(definition: str) -> tuple[Any, ...]:
    """The trees in the body of an SQL routine, written as text or as BEGIN ATOMIC."""
    from watari.sql.scripts import read_statements
    from watari.sql.statement import Script

    created = Statement(text=definition.rstrip().rstrip(";"), file="").node.create_function_stmt
    if created.HasField("sql_body"):
        inside = created.sql_body
        if inside.WhichOneof("node") != "list":
            return (inside,)
        return tuple(node for part in inside.list.items for node in part.list.items)
    for option in created.options:
        if option.def_elem.defname == "as":
            text = (strings(option.def_elem.arg.list.items) or ("",))[0]
            return tuple(statement.node for statement in read_statements(Script(file="", data=text.encode())))
    return ()
