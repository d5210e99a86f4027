"""Statements over rows: SELECT, INSERT, UPDATE, DELETE, MERGE, COPY, LOCK, TRUNCATE."""

from __future__ import annotations

from typing import Any

from watari.catalog import ConstraintKind, LockMode, Name, TableKind
from watari.risk.calls import follow_settings
from watari.risk.causes import Why
from watari.risk.footprint import Footprint
from watari.risk.partitions import surviving
from watari.risk.queries import equal_columns, is_looked_up, read
from watari.sql.grammar import messages, written

_ROWS = LockMode.ROW_EXCLUSIVE
_ROW_SHARE = LockMode.ROW_SHARE
_AE = LockMode.ACCESS_EXCLUSIVE


def select(statement: Any, footprint: Footprint) -> None:
    """SELECT: reads; FOR UPDATE and the like lock rows; INTO makes a table; a writing WITH writes."""
    follow_settings(statement, footprint)
    if statement.locking_clause:
        read(statement, footprint, mode=_ROW_SHARE)
        for node in statement.from_clause:
            if node.WhichOneof("node") == "range_var":
                name = footprint.world.resolve(written(node.range_var))
                footprint.lock_indexes(name, _ROW_SHARE)
    else:
        read(statement, footprint)
    if statement.HasField("into_clause"):
        from watari.risk.effects.create_as import put_result

        put_result(statement.into_clause.rel, TableKind.TABLE, (), footprint)
    if statement.HasField("with_clause"):
        _write_inside(statement.with_clause, footprint)


def _write_inside(clause: Any, footprint: Footprint) -> None:
    kinds = {"InsertStmt": insert, "UpdateStmt": update, "DeleteStmt": delete, "MergeStmt": merge}
    for message in messages(clause):
        if message.DESCRIPTOR.name in kinds:
            kinds[message.DESCRIPTOR.name](message, footprint)


def insert(statement: Any, footprint: Footprint) -> None:
    """INSERT: rows of the tables that its foreign keys point at are looked up."""
    apart = _with(statement, footprint)
    if statement.HasField("select_stmt"):
        read(statement.select_stmt, footprint, apart=apart)
    name = _write(statement.relation, footprint)
    if name is None:
        return
    _take_numbers(statement, name, footprint)
    if statement.HasField("on_conflict_clause") and statement.on_conflict_clause.HasField("infer"):
        footprint.lock_indexes(name, _ROWS)
    _look_up_parents(name, footprint, None)
    footprint.world.tell("fill", name)


def _with(statement: Any, footprint: Footprint) -> frozenset[str]:
    """What a WITH in front of a statement reads and writes; the names that it gives."""
    if not statement.HasField("with_clause"):
        return frozenset()
    read(statement.with_clause, footprint)
    _write_inside(statement.with_clause, footprint)
    return frozenset(node.common_table_expr.ctename for node in statement.with_clause.ctes)


def _take_numbers(statement: Any, name: Name, footprint: Footprint) -> None:
    """Columns that the statement leaves out take their numbers from sequences."""
    given = {node.res_target.name for node in statement.cols}
    if given or not statement.HasField("select_stmt"):
        for sequence in footprint.world.sequences_of(name):
            if (sequence.owned_by or "").rpartition(".")[2].strip('"') not in given:
                footprint.lock(sequence.name, _ROWS)


def update(statement: Any, footprint: Footprint) -> None:
    """UPDATE: reads the whole table unless an index leads to the rows."""
    apart = _with(statement, footprint)
    _change_rows(statement, footprint, apart)
    name = footprint.world.resolve(written(statement.relation))
    changed = frozenset(node.res_target.name for node in statement.target_list)
    _look_up_parents(name, footprint, changed)
    for node in statement.from_clause:
        read(node, footprint, apart=apart)
    for node in statement.target_list:
        read(node, footprint, scans=False, apart=apart)  # looked up row by row


def delete(statement: Any, footprint: Footprint) -> None:
    """DELETE: the tables that point at this one are looked into as well."""
    apart = _with(statement, footprint)
    _change_rows(statement, footprint, apart)
    name, world = footprint.world.resolve(written(statement.relation)), footprint.world
    footprint.destroy(name, "rows")
    for node in statement.using_clause:
        read(node, footprint, apart=apart)
    for key in world.referencing(name):
        footprint.lock(key.table, _ROW_SHARE)
        footprint.lock_indexes(key.table, _ROW_SHARE)
        if not is_looked_up(footprint, key.table, frozenset(key.columns[:1])):
            footprint.scan(key.table, Why.ROWS)


def merge(statement: Any, footprint: Footprint) -> None:
    """MERGE."""
    apart = _with(statement, footprint)
    if statement.HasField("source_relation"):
        read(statement.source_relation, footprint, apart=apart)
    name = _write(statement.relation, footprint)
    if name is not None:
        footprint.lock_indexes(name, _ROWS)
        _look_up_parents(name, footprint, None)
        footprint.world.tell("fill", name)


def _write(range_var: Any, footprint: Footprint) -> Name | None:
    table = footprint.relation(range_var)
    if table is None:
        return None
    footprint.lock(table.name, _ROWS)
    if table.kind is TableKind.VIEW:
        for source in table.reads_from:
            footprint.lock(source, _ROWS)
            footprint.lock_indexes(source, _ROWS)
    return table.name


def _change_rows(statement: Any, footprint: Footprint, apart: frozenset[str]) -> None:
    name = _write(statement.relation, footprint)
    if name is None:
        return
    world, fixed = footprint.world, equal_columns(statement)
    members = surviving(world, name, fixed) if statement.relation.inh else (name,)
    for member in members:
        footprint.lock(member, _ROWS)
        footprint.lock_indexes(member, _ROWS)
        if world.is_leaf(member) and not is_looked_up(footprint, member, fixed):
            footprint.scan(member, Why.ROWS)
    if statement.HasField("where_clause"):
        read(statement.where_clause, footprint, apart=apart)


def _look_up_parents(name: Name, footprint: Footprint, changed: frozenset[str] | None) -> None:
    """Rows of referenced tables are locked, with the index of the key."""
    world = footprint.world
    for key in world.constraints_of(name, ConstraintKind.FOREIGN_KEY):
        if key.references is None or (changed is not None and not changed & set(key.columns)):
            continue
        footprint.lock(key.references, _ROW_SHARE)
        for index in world.indexes_of(key.references):
            if index.name == key.index or (key.index is None and index.primary):
                footprint.lock(index.name, _ROW_SHARE)


def copy(statement: Any, footprint: Footprint) -> None:
    """COPY: FROM writes, TO reads."""
    if not statement.HasField("relation"):
        read(statement.query, footprint)
        return
    table = footprint.relation(statement.relation)
    if table is None:
        return
    if statement.is_from:
        footprint.lock(table.name, _ROWS)
        _look_up_parents(table.name, footprint, None)
        footprint.world.tell("fill", table.name)
    else:
        footprint.lock(table.name, LockMode.ACCESS_SHARE)
        footprint.scan(table.name, Why.QUERY)


def lock(statement: Any, footprint: Footprint) -> None:
    """LOCK TABLE: the mode that it names, also for the tables below a view."""
    mode = LockMode(statement.mode) if statement.mode else _AE
    for node in statement.relations:
        table = footprint.relation(node.range_var)
        if table is None:
            continue
        waiting = [table.name]
        while waiting:
            name = waiting.pop()
            footprint.lock(name, mode)
            known = footprint.world.table(name)
            if known is not None and known.kind is TableKind.VIEW:
                waiting += known.reads_from
            elif node.range_var.inh:
                waiting += footprint.world.children_of(name)


def truncate(statement: Any, footprint: Footprint) -> None:
    """TRUNCATE: tables, partitions, indexes, with CASCADE every table that points at them."""
    world = footprint.world
    named = [table.name for node in statement.relations if (table := footprint.relation(node.range_var))]
    doomed = dict.fromkeys(member for name in named for member in world.family(name))
    cascades = statement.behavior and "CASCADE" in _behavior(statement)
    waiting = list(doomed) if cascades else []
    while waiting:
        for key in world.referencing(waiting.pop()):
            for member in world.family(key.table):
                if member not in doomed:
                    doomed[member] = None
                    waiting.append(member)
    for name in doomed:
        footprint.lock(name, _AE)
        footprint.destroy(name, "rows")
        footprint.lock_indexes(name, _AE)
        if statement.restart_seqs:
            for sequence in world.sequences_of(name):
                footprint.lock(sequence.name, _AE)


def _behavior(statement: Any) -> str:
    from watari.sql.grammar import choice

    return choice(statement, "behavior")


def explain(statement: Any, footprint: Footprint) -> None:
    """EXPLAIN plans with the statement's locks and reads nothing; with ANALYZE it runs it."""
    from watari.risk.effects.foresight import foresee_node
    from watari.sql.grammar import option_words

    runs = option_words(statement.options).get("analyze", "false") in ("true", "on", "1")
    if runs:
        foresee_node(statement.query, footprint)
    else:
        inner = Footprint(footprint.world, footprint.held)
        foresee_node(statement.query, inner)
        for name, mode in inner.locks.items():
            footprint.lock(name, mode)


FORESEES = {
    "select_stmt": select,
    "insert_stmt": insert,
    "update_stmt": update,
    "delete_stmt": delete,
    "merge_stmt": merge,
    "copy_stmt": copy,
    "lock_stmt": lock,
    "truncate_stmt": truncate,
    "explain_stmt": explain,
}
