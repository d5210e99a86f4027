"""What a change of rows reaches besides its own table: partitions, foreign keys on both sides, triggers, numbers from sequences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from watari.catalog import Constraint, ConstraintKind, LockMode, Name, TableKind
from watari.risk.bounds import literal
from watari.risk.causes import Why
from watari.risk.conditions import Test, equal_columns, tests_of
from watari.risk.footprint import Footprint
from watari.risk.partitions import key_column, surviving
from watari.risk.proofs import constraint_node
from watari.risk.queries import is_looked_up
from watari.risk.routines import fire
from watari.risk.world import World
from watari.sql.grammar import body, strings

__all__ = [
    "change_rows",
    "fire_all",
    "follow_keys",
    "lock_above",
    "look_up_parents",
    "move_rows",
    "put_rows",
    "write",
    "written_into",
]

_ROWS = LockMode.ROW_EXCLUSIVE
_ROW_SHARE = LockMode.ROW_SHARE


def write(range_var: Any, footprint: Footprint, *, finds: bool = True) -> Name | None:
    """The table or view whose rows change; of a view, also what is below it. `finds`: it looks for rows that are there."""
    table = footprint.relation(range_var)
    if table is None:
        return None
    footprint.lock(table.name, _ROWS)
    if table.kind is TableKind.VIEW:
        for source in _below(footprint.world, table.name):
            footprint.lock(source, _ROWS)
            if finds:
                footprint.lock_indexes(source, _ROWS)
    return table.name


def _below(world: World, view: Name) -> Iterable[Name]:
    waiting = [view]
    while waiting:
        table = world.table(waiting.pop())
        if table is not None and table.kind is TableKind.VIEW:
            waiting += table.reads_from
            yield from table.reads_from


def written_into(world: World, name: Name) -> Name:
    """The table whose rows change where a statement names a view of one table."""
    table = world.table(name)
    while table is not None and table.kind is TableKind.VIEW and len(table.reads_from) == 1:
        name = table.reads_from[0]
        table = world.table(name)
    return name


def change_rows(statement: Any, name: Name, footprint: Footprint) -> None:
    """UPDATE and DELETE look for their rows, through an index or from end to end, in every partition that is not ruled out."""
    world, tests = footprint.world, tests_of(statement)
    fixed = equal_columns(tests)
    target = written_into(world, name)
    for member in surviving(world, target, tests) if statement.relation.inh else (target,):
        footprint.lock(member, _ROWS)
        footprint.lock_indexes(member, _ROWS)
        if world.is_leaf(member) and not is_looked_up(footprint, member, fixed):
            footprint.scan(member, Why.ROWS)


def put_rows(source: Any | None, columns: Sequence[str], name: Name, footprint: Footprint) -> None:
    """New rows of a partitioned table lock the partitions that they go to; all of them where the values are not known.

    `source` is the SELECT or VALUES of an INSERT, `columns` are those that it names.
    """
    world = footprint.world
    table = world.table(name)
    if table is not None and table.kind is TableKind.PARTITIONED:
        reached = {leaf for tests in _rows_of(source, columns, name, world) for leaf in surviving(world, name, tests)}
        for member in reached:
            if world.is_leaf(member):
                footprint.lock(member, _ROWS)
    lock_above(name, footprint)


def move_rows(values: Mapping[str, Any], name: Name, footprint: Footprint) -> None:
    """Rows whose partition key is set to a constant go to its partition; `values` are the new ones by column."""
    column = key_column(footprint.world, name)
    if column is None or column not in values or literal(values[column]) is None:
        return
    for member in surviving(footprint.world, name, {column: _constant(values[column])}):
        if footprint.world.is_leaf(member):
            footprint.lock(member, _ROWS)


def lock_above(name: Name, footprint: Footprint) -> None:
    """The bounds of a partition are looked up in the tables above it."""
    table = footprint.world.table(name)
    for parent in table.parents if table and table.partition_bound is not None else ():
        footprint.lock(parent, LockMode.ACCESS_SHARE)
        lock_above(parent, footprint)


def _rows_of(
    source: Any | None, columns: Sequence[str], name: Name, world: World
) -> Iterable[Mapping[str, tuple[Test, ...]]]:
    """What is known of the new rows by column: of each row of VALUES, of all rows of a query together.

    The server locks a partition when the first row goes there; measured on 15 and 18.
    """
    table = world.table(name)
    if source is None or table is None:
        return [{}]
    query, named = body(source)[1], columns or [column.name for column in table.columns]
    if query.values_lists:
        return [dict(zip(named, map(_constant, row.list.items), strict=False)) for row in query.values_lists]
    return [dict(zip(named, _tests_of_targets(query), strict=False))]


def _constant(node: Any) -> tuple[Test, ...]:
    return (Test("=", (literal(node),)),)


def _tests_of_targets(query: Any) -> Iterator[tuple[Test, ...]]:
    """What is known of each column of a query's result, up to the first `*`: a constant, or what its conditions say."""
    tests, numbered = tests_of(query), dict(_series(query))
    for node in query.target_list:
        value = node.res_target.val
        words = strings(value.column_ref.fields) if value.WhichOneof("node") == "column_ref" else ()
        if len(words) != len(value.column_ref.fields):
            return
        if words:
            yield (*tests.get(words[-1], ()), *numbered.get(words[-1], ()))
        else:
            yield _constant(value) if literal(value) is not None else ()


def _series(query: Any) -> Iterator[tuple[str, tuple[Test, ...]]]:
    """The numbers that `generate_series(1, 9) AS g` gives, by its alias."""
    for node in query.from_clause:
        functions = node.range_function.functions if node.WhichOneof("node") == "range_function" else ()
        call = functions[0].list.items[0].func_call if functions else None
        if call is None or strings(call.funcname)[-1] != "generate_series" or len(call.args) < 2:
            continue
        alias = node.range_function.alias
        name = alias.colnames[0].string.sval if alias.colnames else alias.aliasname
        ends = sorted((literal(argument) for argument in call.args[:2]), key=_number)
        if all(end is not None and end.lstrip("-").isdigit() for end in ends):
            yield name or "generate_series", (Test(">=", (ends[0],)), Test("<=", (ends[1],)))


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.lstrip("-").isdigit() else 0


def look_up_parents(name: Name, footprint: Footprint, changed: frozenset[str] | None) -> None:
    """Rows of referenced tables are locked, with their indexes; `changed` are the columns of an UPDATE."""
    world = footprint.world
    for key in world.constraints_of(name, ConstraintKind.FOREIGN_KEY):
        if key.references is None or not key.enforced or (changed is not None and not changed & set(key.columns)):
            continue
        footprint.lock(key.references, _ROW_SHARE)
        footprint.lock_indexes(key.references, _ROW_SHARE)


def follow_keys(name: Name, footprint: Footprint, changed: frozenset[str] | None = None) -> None:
    """The tables that point at deleted rows, or at keys that an UPDATE of `changed` gives another value, are looked into."""
    waiting, seen = [(name, changed)], {name}
    while waiting:
        table, columns = waiting.pop()
        for key in footprint.world.referencing(table):
            if not key.enforced or (columns is not None and not columns & set(_key_columns(key, footprint.world))):
                continue
            _look_into(key, footprint, acts=_acts(key, deleted=columns is None))
            if _acts(key, deleted=columns is None) and key.table not in seen:
                seen.add(key.table)
                waiting.append((key.table, columns if columns is None else frozenset(key.columns)))


def _key_columns(key: Constraint, world: World) -> tuple[str, ...]:
    if key.referenced_columns or key.references is None:
        return key.referenced_columns
    primary = world.constraints_of(key.references, ConstraintKind.PRIMARY_KEY)
    return primary[0].columns if primary else ()


def _look_into(key: Constraint, footprint: Footprint, *, acts: bool) -> None:
    mode = _ROWS if acts else _ROW_SHARE
    for member in footprint.world.family(key.table):
        footprint.lock(member, mode)
        footprint.lock_indexes(member, mode)
        if footprint.world.is_leaf(member) and not is_looked_up(footprint, member, frozenset(key.columns[:1])):
            footprint.scan(member, Why.ROWS)


def _acts(key: Constraint, *, deleted: bool) -> bool:
    """Whether the key changes the rows that point at what goes (CASCADE, SET NULL, SET DEFAULT)."""
    node = constraint_node(key.definition) if key.definition else None
    action = (node.fk_del_action if deleted else node.fk_upd_action) if node is not None else ""
    return action in ("c", "n", "d")


def fire_all(name: Name, footprint: Footprint, *events: int, changed: frozenset[str] | None = None) -> None:
    """The triggers of the table, and of its partitions where it has them."""
    for member in footprint.world.family(name):
        for event in events:
            fire(member, event, footprint, changed)
