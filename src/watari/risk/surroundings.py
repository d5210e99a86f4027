"""What stands around a statement: the rest of its migration, and what else the database has to do with its objects."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from watari.catalog import Column, Constraint, ConstraintKind, Index, LockMode, Name, Routine, Session, Table
from watari.errors.usage import ScriptSyntax
from watari.risk.ground import name_of
from watari.risk.situation import Situation
from watari.risk.world import World
from watari.sql.grammar import choice, written_list
from watari.sql.statement import Statement

__all__ = [
    "CLOSING",
    "added_constraints",
    "argument_types",
    "closed_tables",
    "column_of",
    "commands_in",
    "covers",
    "dropped",
    "earlier",
    "key_columns",
    "later",
    "mentions",
    "publications_of",
    "sessions_holding",
    "transaction_begins",
]

#: The statements that `closed_tables` may tell of.
CLOSING = (
    "alter_table_stmt",
    "drop_stmt",
    "truncate_stmt",
    "rename_stmt",
    "lock_stmt",
    "vacuum_stmt",
    "cluster_stmt",
    "refresh_mat_view_stmt",
    "alter_object_schema_stmt",
    "do_stmt",
)


def earlier(situation: Situation, *kinds: str, since: int = 0) -> Iterator[Any]:
    """The trees of the statements before this one in its migration, of these kinds; of one kind in their order."""
    for kind in kinds:
        places, nodes = situation.unit.by_kind.get(kind, ((), ()))
        yield from nodes[bisect_left(places, since) : bisect_left(places, situation.place)]


def later(situation: Situation, *kinds: str) -> Iterator[Any]:
    """The trees of the statements after this one in its migration, of these kinds; of one kind in their order."""
    for kind in kinds:
        places, nodes = situation.unit.by_kind.get(kind, ((), ()))
        yield from nodes[bisect_right(places, situation.place) :]


def transaction_begins(situation: Situation) -> int | None:
    """The place of the first statement of the transaction that this one is in; None where it is one of its own."""
    if not (situation.inside or situation.unit.transactional):
        return None
    places, _ = situation.unit.by_kind.get("transaction_stmt", ((), ()))
    before = bisect_left(places, situation.place)
    return places[before - 1] + 1 if before else 0


def commands_in(node: Any, *subtypes: str) -> Iterator[Any]:
    """The subcommands of these kinds of an ALTER TABLE's tree."""
    for wrapper in node.cmds:
        if choice(wrapper.alter_table_cmd, "subtype") in subtypes:
            yield wrapper.alter_table_cmd


def dropped(situation: Situation, *types: str) -> Iterator[Name]:
    """The objects of these types ("OBJECT_INDEX") that a DROP names."""
    if situation.kind == "drop_stmt" and choice(situation.node, "remove_type") in types:
        for item in situation.node.objects:
            yield situation.world.resolve(written_list(item))


def added_constraints(situation: Situation, *kinds: str) -> Iterator[Any]:
    """The constraints of these kinds ("CONSTR_FOREIGN") that an ALTER TABLE adds by name, not with a column."""
    from watari.sql.grammar import kept

    for command in situation.commands("AT_AddConstraint"):
        if choice(kept(command), "contype") in kinds:
            yield kept(command)


def closed_tables(situation: Situation) -> Iterator[Name]:
    """The tables of before that nobody else may even read while this statement's transaction lasts."""
    for effect in situation.effects.effects:
        name = name_of(effect.relation) if effect.lock is LockMode.ACCESS_EXCLUSIVE and not effect.created else None
        if name is not None and situation.world.table(name) is not None:
            yield name


# -- what the database knows of a table ----------------------------------------------------------------------------------------


def column_of(world: World, table: Name, column: str) -> Column | None:
    """The column as it is now."""
    found = world.table(table)
    return found.column(column) if found else None


def key_columns(world: World, table: Name) -> tuple[str, ...]:
    """The columns of the primary key; empty where there is none, or nothing is known."""
    keys: tuple[Constraint, ...] = world.constraints_of(table, ConstraintKind.PRIMARY_KEY)
    return keys[0].columns if keys else ()


def covers(index: Index, columns: tuple[str, ...]) -> bool:
    """Whether an index over all rows begins with these columns, in any order."""
    return index.valid and index.predicate is None and set(index.columns[: len(columns)]) == set(columns)


def publications_of(world: World, table: Name) -> tuple[str, ...]:
    """The publications that carry the table's changes to subscribers."""
    live = world.published()
    return tuple([name for name, tables in live.items() if tables is None or table in tables])


def listing_publications(world: World) -> tuple[str, ...]:
    """The publications that name their tables one by one."""
    return tuple([name for name, tables in world.published().items() if tables])


def sessions_holding(world: World, names: set[Name], age: float) -> Iterator[Session]:
    """The sessions that hold a lock on one of the relations and whose transaction is older than `age` seconds."""
    for session in world.catalog.sessions if world.catalog else ():
        old = session.transaction_age is not None and session.transaction_age >= age
        if old and any(name in names for name, _ in session.locks):
            yield session


# -- functions -------------------------------------------------------------------------------------------------------------------


def mentions(routine: Routine, *words: str) -> bool:
    """Whether the text of a function has all of the words; what is in strings and comments counts too."""
    text = routine.definition.lower()
    return all(re.search(rf"(?<![\w$]){re.escape(word.lower())}(?![\w$])", text) for word in words)


@lru_cache(maxsize=1024)
def argument_types(arguments: str) -> tuple[str, ...] | None:
    """The types in identity arguments as the server writes them ("a integer, VARIADIC b text[]"); None where nobody can say."""
    from watari.sql.grammar import type_ref

    try:
        node = Statement(text="".join(("DROP FUNCTION f(", arguments, ")")), file="").node
    except ScriptSyntax:
        return None
    (item,) = node.drop_stmt.objects
    return tuple(str(type_ref(argument.type_name)) for argument in item.object_with_args.objargs)


def parameter_types(function: Any) -> tuple[str, ...]:
    """The types that tell a function from others of its name, of a CREATE FUNCTION's tree."""
    from watari.sql.grammar import type_ref

    parameters = [node.function_parameter for node in function.parameters]
    outside = ("FUNC_PARAM_OUT", "FUNC_PARAM_TABLE")
    return tuple(str(type_ref(p.arg_type)) for p in parameters if choice(p, "mode") not in outside)


def same_function(situation: Situation, function: Any) -> tuple[tuple[Routine, ...], Routine | None]:
    """The functions of that name that are there, and the one of them that a CREATE OR REPLACE replaces."""
    from watari.sql.grammar import Written, strings

    names = strings(function.funcname)
    there = situation.world.routines(Written(names[-2] if len(names) > 1 else None, names[-1]))
    types = parameter_types(function)
    return there, next((routine for routine in there if argument_types(routine.arguments) == types), None)


def table_of(situation: Situation, name: Name) -> Table | None:
    """A table that was there before these migrations; None of a new or an unknown one."""
    return situation.world.table(name) if situation.old(name) else None
