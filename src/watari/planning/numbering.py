"""A new serial or identity column: its numbers for new rows first, then those of the rows that are there, then what it is.

Source: reference recipe R02. The sequence ends under the name, and at the number, that the statement as written leaves it at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.catalog import Name, Table
from watari.planning.plan import Backfill, Phase, StepKind
from watari.planning.rewrite import Piece, own_name
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, parsed
from watari.planning.validation import for_a_moment, required
from watari.sql.automatic_names import clipped, sequence_name
from watari.sql.compose import Raw, Value, composed
from watari.sql.grammar import choice, strings, type_ref

__all__ = ["is_numbered", "numbered"]

#: The types of serial columns. Source: documentation, "Serial Types".
_SERIAL: dict[str, LiteralString] = {"int2": "smallint", "int4": "integer", "int8": "bigint"}


def is_numbered(node: Any) -> bool:
    """Whether a column's definition (ColumnDef) makes it a serial or identity column."""
    return type_ref(node.type_name).serial or _identity(node) is not None


def numbered(node: Any, table: Table, scene: Scene) -> Iterator[Piece]:
    """The steps after which the column is there with its numbers, its other constraints aside."""
    column, identity = node.colname, _identity(node)
    final = _sequence(node, table, scene)
    sequence = Name(final.schema, own_name("numbers", table.name.name, column)) if identity is not None else final
    place: dict[str, Name | str] = {"table": table.name, "column": column}
    gone: list[str] = [composed("ALTER TABLE {table} DROP COLUMN IF EXISTS {column}", **place)]
    if identity is not None:
        gone.append(composed("DROP SEQUENCE IF EXISTS {sequence}", sequence=sequence))
    yield Piece(sql=tuple(_begun(node, table, sequence, identity)), phase=Phase.EXPAND, undo=tuple(gone))
    yield Piece(
        kind=StepKind.BACKFILL,
        phase=Phase.MIGRATE,
        backfill=Backfill(
            table=str(table.name),
            assignments=((column, _next(sequence)),),
            where=composed("{column} IS NULL", column=column),
        ),
        effects=(scene.all_rows_written(table.name),),
    )
    yield Piece(sql=(composed("ANALYZE {table} ({column})", **place),), phase=Phase.MIGRATE)
    named = (c.constraint.conname for c in node.constraints if choice(c.constraint, "contype") == "CONSTR_NOTNULL")
    yield from required(table.name, column, scene, next(named, "") or None)
    if identity is not None:
        yield Piece(
            sql=tuple(_made_identity(identity, table.name, column, sequence, final)),
            phase=Phase.MIGRATE,
            effects=(for_a_moment(table.name),),
            undo=(composed("ALTER TABLE {table} ALTER COLUMN {column} DROP IDENTITY IF EXISTS", **place),),
        )


def _identity(node: Any) -> Any | None:
    found = (each.constraint for each in node.constraints)
    return next((c for c in found if choice(c, "contype") == "CONSTR_IDENTITY"), None)


def _sequence(node: Any, table: Table, scene: Scene) -> Name:
    """The name of the sequence that the server makes for the column."""
    identity = _identity(node)
    for option in identity.options if identity is not None else ():
        if option.def_elem.defname == "sequence_name":
            return scene.new(strings(option.def_elem.arg.list.items))
    name = sequence_name(table.name.name, node.colname, scene.taken(table.name.schema))
    return Name(table.name.schema, clipped(name))


def _next(sequence: Name) -> str:
    return composed("nextval({sequence}::regclass)", sequence=Value(str(sequence)))


def _begun(node: Any, table: Table, sequence: Name, identity: Any | None) -> Iterator[str]:
    """The sequence, and the column with numbers for new rows."""
    ref = type_ref(node.type_name)
    type = _SERIAL.get(ref.name, "bigint")
    make = copied(parsed("CREATE SEQUENCE s"))
    own = make.create_seq_stmt
    own.sequence.schemaname, own.sequence.relname = sequence.schema, sequence.name
    typed = parsed(composed("CREATE SEQUENCE s AS {type}", type=Raw(type))).create_seq_stmt.options
    given = identity.options if identity is not None else ()
    own.options.extend([*typed, *(each for each in given if each.def_elem.defname not in ("sequence_name", "as"))])
    yield deparsed(make)
    place: dict[str, Name | str] = {"table": table.name, "column": node.colname}
    template: LiteralString = "ALTER TABLE {table} ADD COLUMN {column} {type}, ALTER COLUMN {column} SET DEFAULT {next}"
    yield composed(template, **place, type=Raw(type), next=Raw(_next(sequence)))
    if identity is None:
        yield composed("ALTER SEQUENCE {sequence} OWNED BY {table}.{column}", sequence=sequence, **place)


def _made_identity(identity: Any, table: Name, column: str, sequence: Name, final: Name) -> Iterator[str]:
    """The identity, which goes on where the numbers are."""
    whole = copied(parsed("ALTER TABLE t ALTER c DROP DEFAULT, ALTER c ADD GENERATED ALWAYS AS IDENTITY"))
    alter = whole.alter_table_stmt
    alter.relation.schemaname, alter.relation.relname = table.schema, table.name
    drop, add = (each.alter_table_cmd for each in alter.cmds)
    drop.name = add.name = column
    own = getattr(add, "def").constraint
    own.generated_when = identity.generated_when
    own.options.extend(identity.options)
    yield deparsed(whole)
    template: LiteralString = "SELECT setval({final}::regclass, last_value, is_called) FROM {sequence}"
    yield composed(template, final=Value(str(final)), sequence=sequence)
    yield composed("DROP SEQUENCE {sequence}", sequence=sequence)
