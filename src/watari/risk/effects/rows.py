"""Statements over rows: SELECT, INSERT, UPDATE, DELETE, MERGE, COPY, EXPLAIN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import LockMode, Name, TableKind
from watari.risk.calls import follow_settings
from watari.risk.causes import Why
from watari.risk.conditions import called_in
from watari.risk.footprint import Footprint
from watari.risk.queries import is_looked_up, read
from watari.risk.routines import DELETE, INSERT, UPDATE
from watari.risk.row_changes import change_rows, fire_all, follow_keys, look_up_parents, move_rows, put_rows, write
from watari.sql.grammar import body, choice, column_references, messages, strings, written

_ROWS = LockMode.ROW_EXCLUSIVE
_ROW_SHARE = LockMode.ROW_SHARE


def select(statement: Any, footprint: Footprint) -> None:
    """SELECT: reads; FOR UPDATE and the like lock rows; INTO makes a table; a writing WITH writes."""
    follow_settings(statement, footprint)
    read(statement, footprint)
    if statement.locking_clause:
        _lock_rows(statement, footprint)
    if statement.HasField("into_clause"):
        from watari.risk.effects.create_as import put_result

        put_result(statement.into_clause.rel, TableKind.TABLE, (), footprint)
    if statement.HasField("with_clause"):
        _write_inside(statement.with_clause, footprint)


def _lock_rows(statement: Any, footprint: Footprint) -> None:
    """FOR UPDATE and the like: of every table of the query, or of those that OF names."""
    clauses = [node.locking_clause for node in statement.locking_clause]
    chosen = {node.range_var.relname for clause in clauses for node in clause.locked_rels}
    everything = any(not clause.locked_rels for clause in clauses)
    for var in (m for node in statement.from_clause for m in messages(node) if m.DESCRIPTOR.name == "RangeVar"):
        name = footprint.world.resolve(written(var))
        if footprint.world.table(name) and (everything or (var.alias.aliasname or var.relname) in chosen):
            for member in footprint.world.family(name):
                footprint.lock(member, _ROW_SHARE)
                footprint.lock_indexes(member, _ROW_SHARE)


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
    name = write(statement.relation, footprint, finds=False)
    if name is None:
        return
    source = statement.select_stmt if statement.HasField("select_stmt") else None
    put_rows(source, [node.res_target.name for node in statement.cols], name, footprint)
    _take_numbers(statement, name, footprint)
    events = [INSERT]
    if statement.HasField("on_conflict_clause"):
        conflict = statement.on_conflict_clause
        if conflict.HasField("infer"):
            footprint.lock_indexes(name, _ROWS)
        if conflict.target_list:
            events.append(UPDATE)
    _look_at_result(statement, footprint, apart)
    look_up_parents(name, footprint, None)
    fire_all(name, footprint, *events)
    footprint.world.tell("fill", name)


def _look_at_result(statement: Any, footprint: Footprint, apart: frozenset[str]) -> None:
    """What RETURNING asks for."""
    if statement.HasField("returning_clause"):
        read(statement.returning_clause, footprint, apart=apart)


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
    name = write(statement.relation, footprint)
    if name is None:
        return
    change_rows(statement, name, footprint)
    _look_at_conditions(statement, footprint, apart)
    named = frozenset(node.res_target.name for node in statement.target_list)
    changed = named - {node.res_target.name for node in statement.target_list if _stays(node.res_target)}
    move_rows({node.res_target.name: node.res_target.val for node in statement.target_list}, name, footprint)
    for member in footprint.world.family(name):
        look_up_parents(member, footprint, changed)
    follow_keys(name, footprint, changed)
    for node in statement.from_clause:
        read(node, footprint, apart=apart)
    for node in statement.target_list:
        for query in _queries_in(node):  # with a condition of its own it is looked up row by row
            read(query, footprint, scans=not query.HasField("where_clause"), apart=apart)
        read(node, footprint, scans=False, apart=apart)
    fire_all(name, footprint, UPDATE, changed=named)


def _stays(target: Any) -> bool:
    """Whether a column is set to itself."""
    kind, value = body(target.val)
    return kind == "column_ref" and strings(value.fields)[-1:] == (target.name,)


def _queries_in(node: Any) -> Iterator[Any]:
    for message in messages(node):
        if message.DESCRIPTOR.name == "SubLink":
            yield message.subselect.select_stmt


def _look_at_conditions(statement: Any, footprint: Footprint, apart: frozenset[str]) -> None:
    if statement.HasField("where_clause"):
        read(statement.where_clause, footprint, apart=apart, around=called_in(statement))
    _look_at_result(statement, footprint, apart)


def delete(statement: Any, footprint: Footprint) -> None:
    """DELETE: the tables that point at this one are looked into as well."""
    apart = _with(statement, footprint)
    name = write(statement.relation, footprint)
    if name is None:
        return
    change_rows(statement, name, footprint)
    _look_at_conditions(statement, footprint, apart)
    footprint.destroy(name, "rows")
    for node in statement.using_clause:
        read(node, footprint, apart=apart)
    follow_keys(name, footprint)
    fire_all(name, footprint, DELETE)


def merge(statement: Any, footprint: Footprint) -> None:
    """MERGE joins its target with the source, and writes what the branches say."""
    apart = _with(statement, footprint)
    if statement.HasField("source_relation"):
        read(statement.source_relation, footprint, apart=apart)
    name = write(statement.relation, footprint)
    if name is None:
        return
    world = footprint.world
    for member in world.family(name) if statement.relation.inh else (name,):
        footprint.lock(member, _ROWS)
        footprint.lock_indexes(member, _ROWS)
        if world.is_leaf(member) and not (_is_few(statement) and is_looked_up(footprint, member, _joined(statement))):
            footprint.scan(member, Why.ROWS)
    kinds = {choice(node.merge_when_clause, "command_type") for node in statement.merge_when_clauses}
    if "CMD_DELETE" in kinds:
        follow_keys(name, footprint)
    if kinds & {"CMD_INSERT", "CMD_UPDATE"}:
        look_up_parents(name, footprint, None)
    changed = frozenset(
        target.res_target.name
        for node in statement.merge_when_clauses
        if choice(node.merge_when_clause, "command_type") == "CMD_UPDATE"
        for target in node.merge_when_clause.target_list
    )
    fire_all(name, footprint, *(event for word, event in _EVENTS.items() if word in kinds), changed=changed)
    footprint.world.tell("fill", name)


_EVENTS = {"CMD_INSERT": INSERT, "CMD_UPDATE": UPDATE, "CMD_DELETE": DELETE}


def _is_few(merge: Any) -> bool:
    """Whether the source is a list of values."""
    kind, source = body(merge.source_relation)
    return kind == "range_subselect" and bool(source.subquery.select_stmt.values_lists)


def _joined(merge: Any) -> frozenset[str]:
    return frozenset(column_references(merge.join_condition)) if merge.HasField("join_condition") else frozenset()


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
        look_up_parents(table.name, footprint, None)
        put_rows(None, (), table.name, footprint)
        fire_all(table.name, footprint, INSERT)
        footprint.world.tell("fill", table.name)
    else:
        footprint.lock(table.name, LockMode.ACCESS_SHARE)
        footprint.scan(table.name, Why.QUERY)


def explain(statement: Any, footprint: Footprint) -> None:
    """EXPLAIN plans with the statement's locks and reads nothing; with ANALYZE it runs it."""
    from watari.risk.effects.foresight import foresee_node
    from watari.risk.effects.opaque import lock_alone
    from watari.sql.grammar import option_words

    runs = option_words(statement.options).get("analyze", "false") in ("true", "on", "1")
    if runs:
        foresee_node(statement.query, footprint)
    else:
        lock_alone(statement.query, footprint)


def returns(statement: Any, footprint: Footprint) -> None:
    """RETURN in the body of an SQL function."""
    read(statement, footprint)


FORESEES = {
    "select_stmt": select,
    "insert_stmt": insert,
    "update_stmt": update,
    "delete_stmt": delete,
    "merge_stmt": merge,
    "copy_stmt": copy,
    "explain_stmt": explain,
    "return_stmt": returns,
}
