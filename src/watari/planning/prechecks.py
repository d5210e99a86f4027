"""Queries that must answer 0 before the first step: rows that are there now and would make a later step fail.

Only for tables and columns that are live, and whose rows no earlier statement of the plan changes: a migration that repairs
its rows itself is not to be stopped by rows that it repairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString

from watari.catalog import ConstraintKind, Name, Table, quoted
from watari.planning.constraints import constraint_columns
from watari.planning.naming import below
from watari.planning.plan import Precheck
from watari.planning.scene import Scene
from watari.planning.statements.create_index import there
from watari.planning.subcommand import key_of
from watari.planning.trees import expression
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice, column_references, function_calls, strings, type_of, type_ref

__all__ = ["prechecks_of", "prechecks_of_subcommand"]


def prechecks_of(kind: str, node: Any, scene: Scene, step: str) -> tuple[Precheck, ...]:
    """The queries of one statement, for the step of this id."""
    if kind == "index_stmt" and node.unique and not there(node, scene):
        return tuple(_unique_index(node, scene, step))
    if kind == "alter_table_stmt":
        table = scene.name_of(node.relation)
        commands = (each.alter_table_cmd for each in node.cmds)
        return tuple(check for command in commands for check in prechecks_of_subcommand(command, table, scene, step))
    return ()


def prechecks_of_subcommand(command: Any, table: Name, scene: Scene, step: str = "") -> tuple[Precheck, ...]:
    """The queries of one subcommand of ALTER TABLE."""
    key = key_of(command)
    if key == "AT_SetNotNull":
        return tuple(_nulls(table, [command.name], scene, step))
    if key == "AT_AddColumn":
        return tuple(_required_column(table, command, scene, step))
    if key == "AT_AlterColumnType":
        return tuple(_too_large(table, command, scene, step))
    if not key.startswith("AT_AddConstraint."):
        return ()
    constraint = getattr(command, "def").constraint
    if constraint.skip_validation or constraint.indexname:
        return ()
    columns = constraint_columns(constraint)
    match key.removeprefix("AT_AddConstraint."):
        case "CONSTR_FOREIGN":
            return tuple(_orphans(table, constraint, scene, step)) if constraint.is_enforced else ()
        case "CONSTR_CHECK":
            return tuple(_violations(table, constraint, scene, step)) if constraint.is_enforced else ()
        case "CONSTR_NOTNULL":
            return tuple(_nulls(table, columns, scene, step))
        case "CONSTR_UNIQUE":
            return tuple(_duplicates(table, columns, scene, step, nulls_equal=constraint.nulls_not_distinct))
        case "CONSTR_PRIMARY":
            return (*_nulls(table, columns, scene, step), *_duplicates(table, columns, scene, step))
        case _:
            return ()


def _untouched(table: Name, columns: Iterable[str], scene: Scene) -> Table | None:
    """The live table, if it is there now with these columns, and no statement of the plan changes its rows before."""
    live = scene.live(table)
    if live is None or scene.foggy or table in scene.written:
        return None
    return live if all(live.column(column) for column in columns) else None


def _nulls(table: Name, columns: Iterable[str], scene: Scene, step: str) -> Iterator[Precheck]:
    for column in columns:
        live = _untouched(table, [column], scene)
        known = live.column(column) if live else None
        if live and known and not known.not_null:
            query = composed("SELECT count(*) FROM {table} WHERE {column} IS NULL", table=live.name, column=column)
            yield Precheck(name="nulls", step=step, object=below(table, column), query=query)


#: Constraints with which a new column gets a value in rows that are there already.
_FILLING = frozenset({"CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"})


def _required_column(table: Name, command: Any, scene: Scene, step: str) -> Iterator[Precheck]:
    """A new column that allows no NULL and has no value for the rows that are there."""
    node = getattr(command, "def").column_def
    kinds = {choice(each.constraint, "contype") for each in node.constraints}
    type = type_ref(node.type_name)
    domain = scene.catalog.types.get(scene.dotted_type(strings(node.type_name.names)))
    if not kinds & {"CONSTR_NOTNULL", "CONSTR_PRIMARY"} or kinds & _FILLING or type.serial or domain:
        return
    live = _untouched(table, [], scene)
    if live and not (command.missing_ok and live.column(node.colname)):
        query = composed("SELECT count(*) FROM (SELECT FROM {table} LIMIT 1000) AS there", table=live.name)
        yield Precheck(name="nulls", step=step, object=below(table, node.colname), query=query)


#: What integer types hold. Source: documentation, "Numeric Types".
_BOUNDS = {"int2": (-(2**15), 2**15 - 1), "int4": (-(2**31), 2**31 - 1), "int8": (-(2**63), 2**63 - 1)}
_WIDTH = {"int2": 2, "int4": 4, "int8": 8, "numeric": 9, "float4": 9, "float8": 9}
_STRINGS = frozenset({"text", "varchar", "bpchar"})


def _too_large(table: Name, command: Any, scene: Scene, step: str) -> Iterator[Precheck]:
    """Values that the new type of a column does not hold."""
    node = getattr(command, "def").column_def
    live = _untouched(table, [command.name], scene)
    column = live.column(command.name) if live else None
    old, new = type_of(column.type) if column else None, type_ref(node.type_name)
    if live is None or old is None or node.HasField("raw_default") or old.array or new.array:
        return
    if new.name in _BOUNDS and _WIDTH.get(old.name, 0) > _WIDTH[new.name]:
        template: LiteralString = "SELECT count(*) FROM {table} WHERE round({column}) NOT BETWEEN {low} AND {high}"
        if old.name in _BOUNDS:
            template = "SELECT count(*) FROM {table} WHERE {column} NOT BETWEEN {low} AND {high}"
        low, high = _BOUNDS[new.name]
        query = composed(template, table=live.name, column=command.name, low=low, high=high)
    elif {old.name, new.name} <= _STRINGS and new.modifiers and (not old.modifiers or old.modifiers > new.modifiers):
        template = "SELECT count(*) FROM {table} WHERE char_length(rtrim({column}, ' ')) > {most}"
        query = composed(template, table=live.name, column=command.name, most=new.modifiers[0])
    else:
        return
    yield Precheck(name="violations", step=step, object=below(table, command.name), query=query)


def _violations(table: Name, constraint: Any, scene: Scene, step: str) -> Iterator[Precheck]:
    live = _untouched(table, column_references(constraint.raw_expr), scene)
    made = {object for kind, object in scene.expected if kind == "function"}
    called = function_calls(constraint.raw_expr)
    if live is None or any(str(scene.new([w for w in call if w])) in made for call in called):
        return
    holds = Raw(expression(constraint.raw_expr))
    query = composed("SELECT count(*) FROM {table} WHERE NOT ({holds})", table=live.name, holds=holds)
    columns = [quoted(column) for column in column_references(constraint.raw_expr)]
    object = below(table, constraint.conname) if constraint.conname else _place(table, columns)
    yield Precheck(name="violations", step=step, object=object, query=query)


def _orphans(table: Name, constraint: Any, scene: Scene, step: str) -> Iterator[Precheck]:
    parent = scene.name_of(constraint.pktable)
    columns, referenced = strings(constraint.fk_attrs), strings(constraint.pk_attrs) or _key_of(parent, scene)
    live, live_parent = _untouched(table, columns, scene), _untouched(parent, referenced, scene)
    if live is None or live_parent is None or len(columns) != len(referenced):
        return
    filled = [composed("c.{column} IS NOT NULL", column=column) for column in columns]
    equal = [composed("p.{to} = c.{of}", to=to, of=of) for of, to in zip(columns, referenced, strict=True)]
    template: LiteralString = (
        "SELECT count(*) FROM {table} AS c WHERE {filled} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {equal})"
    )
    query = composed(
        template,
        table=live.name,
        parent=live_parent.name,
        filled=Raw(" AND ".join(filled)),
        equal=Raw(" AND ".join(equal)),
    )
    yield Precheck(name="orphans", step=step, object=_place(table, list(map(quoted, columns))), query=query)


def _key_of(table: Name, scene: Scene) -> Sequence[str]:
    keys = (c for c in scene.constraints(table).values() if c.kind is ConstraintKind.PRIMARY_KEY)
    return next((key.columns for key in keys), ())


def _unique_index(node: Any, scene: Scene, step: str) -> Iterator[Precheck]:
    table = scene.name_of(node.relation)
    elements = [element.index_elem for element in node.index_params]
    read = {name for e in elements for name in ([e.name] if e.name else column_references(e.expr))}
    where = expression(node.where_clause) if node.HasField("where_clause") else None
    if where:
        read |= set(column_references(node.where_clause))
    live = _untouched(table, read, scene)
    if live is None:
        return
    keys = [composed("{c}", c=e.name) if e.name else composed("({e})", e=Raw(expression(e.expr))) for e in elements]
    shown = [quoted(e.name) if e.name else expression(e.expr) for e in elements]
    yield _repeated(live.name, _place(table, shown), keys, step, nulls_equal=node.nulls_not_distinct, where=where)


def _duplicates(
    table: Name, columns: Sequence[str], scene: Scene, step: str, *, nulls_equal: bool = False
) -> Iterator[Precheck]:
    live = _untouched(table, columns, scene)
    if live:
        keys = [composed("{column}", column=column) for column in columns]
        object = _place(table, list(map(quoted, columns)))
        yield _repeated(live.name, object, keys, step, nulls_equal=nulls_equal)


def _repeated(
    live: Name, object: str, keys: Sequence[str], step: str, *, nulls_equal: bool, where: str | None = None
) -> Precheck:
    conditions = [composed("({where})", where=Raw(where))] if where else []
    conditions += [] if nulls_equal else [composed("{key} IS NOT NULL", key=Raw(key)) for key in keys]
    template: LiteralString = (
        "SELECT count(*) FROM (SELECT FROM {table}{where} GROUP BY {keys} HAVING count(*) > 1) AS repeated"
    )
    condition = Raw(" WHERE " + " AND ".join(conditions) if conditions else "")
    query = composed(template, table=live, where=condition, keys=Raw(", ".join(keys)))
    return Precheck(name="duplicates", step=step, object=object, query=query)


def _place(table: Name, columns: Sequence[str]) -> str:
    """The columns as people read them: `public.orders.code`, `public.orders (code, total)`."""
    return ".".join((str(table), *columns)) if len(columns) == 1 else f"{table} ({', '.join(columns)})"
