"""What ties a column to more than its table: foreign keys of other columns that refer to it, and the sequence of an identity.

A column that is exchanged for another takes them along. A key that refers to it is made for the new column beforehand, on the
index that is built for that one, and takes the old one's name in the exchange; an identity goes on at the number where it is.
Source: reference recipes R05, R16 and R30; measured on 15 and 18.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, LiteralString

from watari.catalog import Column, Constraint, ConstraintKind, Name, Sequence, Table, TableKind
from watari.planning import definitions
from watari.planning.naming import below
from watari.planning.plan import Phase
from watari.planning.rewrite import Piece, own_name
from watari.planning.scene import Scene
from watari.planning.trees import copied, parsed
from watari.planning.validation import DROP, DROP_IF_THERE, not_valid, validate
from watari.sql.compose import Raw, Value, composed
from watari.sql.grammar import type_of

if TYPE_CHECKING:
    from watari.planning.replacement import Replacement

__all__ = ["identity_moves", "is_tied", "keys_again", "keys_beforehand", "keys_gone", "ties_can_move"]

#: The greatest numbers of a sequence without a limit of its own. Source: documentation, "CREATE SEQUENCE", MAXVALUE.
_LIMITS = {"int2": 2**15 - 1, "int4": 2**31 - 1, "int8": 2**63 - 1}
_RENAME: LiteralString = "ALTER TABLE {table} RENAME CONSTRAINT {now} TO {name}"


def referring(table: Name, column: str, scene: Scene) -> tuple[Constraint, ...]:
    """The foreign keys of any table that refer to the column."""
    keys = scene.referencing(table)
    return tuple(key for key in keys if column in (key.referenced_columns or (column,)))


def is_tied(table: Table, column: Column, scene: Scene) -> bool:
    """Whether anything ties the column to more than its table."""
    return bool(column.identity or referring(table.name, column.name, scene))


def ties_can_move(table: Table, column: Column, scene: Scene) -> bool:
    """Whether all that refers to the column can refer to another one: keys of plain tables over this column alone."""
    return all(_can_move(key, column, scene) for key in referring(table.name, column.name, scene))


def _can_move(key: Constraint, column: Column, scene: Scene) -> bool:
    of = scene.table(key.table)
    if of is None or of.kind is not TableKind.TABLE or of.parents or scene.partitions_of(of.name):
        return False
    named = key.referenced_columns or _primary(key.references, scene)
    return named == (column.name,) and key.validated and key.enforced and bool(key.definition)


def _primary(table: Name | None, scene: Scene) -> tuple[str, ...]:
    """The columns that a key refers to which names none."""
    found = scene.constraints(table).values() if table else ()
    return next((c.columns for c in found if c.kind is ConstraintKind.PRIMARY_KEY), ())


# -- foreign keys -----------------------------------------------------------------------------------------------------------


def keys_beforehand(work: Replacement) -> Iterator[Piece]:
    """Every key once more, for the new column."""
    for key in referring(work.table.name, work.column.name, work.scene):
        name = own_name("new", key.name)
        tree = copied(parsed(composed("ALTER TABLE t ADD {definition}", definition=Raw(key.definition))))
        own = getattr(tree.alter_table_stmt.cmds[0].alter_table_cmd, "def").constraint
        own.pktable.schemaname, own.pktable.relname = work.table.name.schema, work.table.name.name
        del own.pk_attrs[:]
        own.pk_attrs.add().string.sval = work.new
        undo = (composed(DROP_IF_THERE, table=key.table, name=name),)
        yield Piece(sql=(not_valid(own, name, key.table),), phase=Phase.MIGRATE, undo=undo)
        yield validate(key.table, name)


def keys_gone(work: Replacement) -> Iterator[str]:
    """The keys that refer to the old column go, in the exchange."""
    for key in referring(work.table.name, work.column.name, work.scene):
        yield composed(DROP, table=key.table, name=key.name)


def keys_again(work: Replacement) -> Iterator[str]:
    """The new ones take their names and comments."""
    for key in referring(work.table.name, work.column.name, work.scene):
        yield composed(_RENAME, table=key.table, now=own_name("new", key.name), name=key.name)
        if key.comment is not None:
            template: LiteralString = "COMMENT ON CONSTRAINT {name} ON {table} IS {text}"
            yield composed(template, name=key.name, table=key.table, text=Value(key.comment))


# -- identity -----------------------------------------------------------------------------------------------------------------


def identity_moves(work: Replacement) -> Iterator[str]:
    """The new column becomes the identity, in the exchange, while it still goes by its own name."""
    sequence = _sequence(work)
    if sequence is None:
        return
    made = Name(sequence.name.schema, own_name("new", sequence.name.name))
    kind: LiteralString = "ALWAYS" if work.column.identity == "a" else "BY DEFAULT"
    template: LiteralString = (
        "ALTER TABLE {table} ALTER COLUMN {new} ADD GENERATED {kind} AS IDENTITY (SEQUENCE NAME {made} {options})"
    )
    yield work.sql(template, kind=Raw(kind), made=made, options=Raw(_options(sequence, work)))
    numbered: LiteralString = "SELECT setval({made}::regclass, last_value, is_called) FROM {sequence}"
    yield composed(numbered, made=Value(str(made)), sequence=sequence.name)
    yield work.sql("ALTER TABLE {table} ALTER COLUMN {column} DROP IDENTITY")
    yield composed("ALTER SEQUENCE {made} RENAME TO {name}", made=made, name=sequence.name.name)
    if sequence.comment is not None:
        yield composed("COMMENT ON SEQUENCE {name} IS {text}", name=sequence.name, text=Value(sequence.comment))
    yield from definitions.grants("SEQUENCE", sequence.name, sequence.acl)


def _sequence(work: Replacement) -> Sequence | None:
    if not work.column.identity:
        return None
    place = below(work.scene.live_name(work.table.name), work.column.name)
    return next((s for s in work.scene.catalog.sequences.values() if s.owned_by == place), None)


def _options(sequence: Sequence, work: Replacement) -> str:
    """What the sequence is like after the change of type: a limit that came from the old type is that of the new one."""
    old, new = type_of(work.column.type), type_of(work.conversion.type)
    highest, lowest = sequence.maximum, sequence.minimum
    if old is not None and new is not None and old.name in _LIMITS and new.name in _LIMITS:
        highest = _LIMITS[new.name] if highest == _LIMITS[old.name] else highest
        lowest = -_LIMITS[new.name] - 1 if lowest == -_LIMITS[old.name] - 1 else lowest
    template: LiteralString = (
        "START {start} INCREMENT {step} MINVALUE {lowest} MAXVALUE {highest} CACHE {cache} {cycle}"
    )
    numbers = {"start": sequence.start, "step": sequence.increment, "lowest": lowest, "highest": highest}
    cycle = Raw("CYCLE" if sequence.cycle else "NO CYCLE")
    return composed(template, cache=sequence.cache, cycle=cycle, **numbers)
