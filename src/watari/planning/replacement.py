"""A column exchanged for a new one of another type while the application reads and writes: the steps, in order.

Expand: the new column, and a trigger that fills it with every write. Migrate: the rows that are there, in batches; a proof by
the server that none is missing; indexes and constraints on the new column; the exchange of the names, in one transaction.
Contract: the old column goes; or it is kept, and written backwards (`watari.planning.reversal`). Source: reference recipe R16.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.catalog import Column, Constraint, ConstraintKind, Index, Name, Table
from watari.planning import definitions
from watari.planning.conversion import Conversion, Reverse
from watari.planning.dependants import after, constraints_with, indexes_with
from watari.planning.keeping import free_name
from watari.planning.kind import Undo
from watari.planning.naming import below
from watari.planning.plan import Backfill, Note, Phase, StepKind
from watari.planning.reversal import RENAME_CONSTRAINT, kept_switch, key_of_old, renamed_index, stays, stays_index
from watari.planning.rewrite import Piece, own_name
from watari.planning.rewrites.index import concurrently
from watari.planning.scene import Scene
from watari.planning.ties import identity_moves, keys_again, keys_beforehand, keys_gone
from watari.planning.trees import copied, parsed, rename_columns
from watari.planning.validation import DROP, DROP_IF_THERE, not_valid, required, validate
from watari.sql.compose import Raw, Value, composed
from watari.values import dataclass, replace

_ORDER = Note(
    en="The column ends as the last one of the table: PostgreSQL cannot move columns.",
    ja="PostgreSQL はカラムの位置を変えられないため、このカラムはテーブルの末尾に移ります。",
)
_PLANS = Note(
    en="Prepared statements that return the column fail once after this step; the application's pool must reconnect.",
    ja="このステップの後、該当カラムを返すプリペアド文は一度エラーになります。コネクションプールの再接続が必要です。",
)
_KEYS = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """One column on its way to a new type, with the names of everything that is made for it."""

    table: Table
    column: Column
    conversion: Conversion
    collation: str  # with the word COLLATE; empty: that of the type
    back: Undo  # what takes the type change back
    scene: Scene
    keeps: bool = False  # the old column stays after the exchange
    reverse: Reverse | None = None  # how it is written then; None: it is not

    @property
    def new(self) -> str:
        """The new column's name until the exchange."""
        return own_name("new", self.column.name)

    @property
    def old(self) -> str:
        """The old column's name after the exchange."""
        if self.keeps:
            return free_name("old", (self.column.name,), self.table.name, self.scene)
        return own_name("old", self.column.name)

    def aside(self, name: str) -> str:
        """The name that something of the old column has after the exchange."""
        return own_name("old", name, *([self.old.removeprefix("watari_old_")] if self.keeps else []))

    def sql(self, template: LiteralString, **parts: Name | Raw | str | int) -> str:
        """A statement in which `{table}`, `{column}`, `{new}` and `{old}` stand for this replacement's own."""
        own: dict[str, Name | Raw | str | int] = {
            "table": self.table.name,
            "column": self.column.name,
            "new": self.new,
            "old": self.old,
        }
        return composed(template, **{**own, **parts})

    @property
    def pinned(self) -> str:
        """The settings on which a trigger's conversion depends, as they were when it was made."""
        if self.conversion.steady:
            return ""
        return (
            " SET TimeZone FROM CURRENT SET DateStyle FROM CURRENT SET IntervalStyle FROM CURRENT"
            " SET extra_float_digits FROM CURRENT SET bytea_output FROM CURRENT"
        )

    @property
    def function(self) -> Name:
        """What fills the new column."""
        return Name("watari", own_name("sync", self.table.name.schema, self.table.name.name, self.column.name))

    @property
    def trigger(self) -> str:
        """What calls it; the last of the triggers that see a row before it is written."""
        return after(own_name("sync", self.column.name), self.table, self.scene)

    @property
    def proof(self) -> str:
        """The check that proves that every row has been brought over."""
        return own_name("same", self.column.name)

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The indexes to be made again, those of constraints aside."""
        found = indexes_with(self.table, self.column.name, self.scene)
        return tuple(index for index in found if not index.constraint)

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """The constraints to be made again, keys first."""
        return constraints_with(self.table, self.column.name, self.scene)


def replacement(work: Replacement) -> tuple[Piece, ...]:
    """All steps, in order."""
    return (
        _expand(work),
        _backfill(work),
        *_proof(work),
        *_indexes(work),
        *_constraints(work),
        *keys_beforehand(work),
        *key_of_old(work),
        Piece(sql=(_sql(work, "ANALYZE {table} ({new})"),), phase=Phase.MIGRATE),
        *_ending(work),
    )


def _ending(work: Replacement) -> tuple[Piece, ...]:
    """The exchange, and what becomes of the old column."""
    if work.keeps:
        return kept_switch(work, tuple(_exchange(work)), _PLANS)
    return (_switch(work), Piece(sql=(_sql(work, "ALTER TABLE {table} DROP COLUMN {old}"),), phase=Phase.CONTRACT))


def _sql(work: Replacement, template: LiteralString, **parts: Name | Raw | str | int) -> str:
    return work.sql(template, **parts)


def _expand(work: Replacement) -> Piece:
    column = replace(work.column, name=work.new, statistics_target=work.column.statistics_target)
    template: LiteralString = "ALTER TABLE {table} ADD COLUMN {new} {type}{collation}"
    body = _sql(work, "BEGIN new.{new} := {value}; RETURN new; END", value=Raw(work.conversion.in_trigger))
    function: LiteralString = (
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
        "SET search_path FROM CURRENT{pinned} AS {body}"
    )
    trigger: LiteralString = (
        "CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW {when}EXECUTE FUNCTION {function}()"
    )
    return Piece(
        sql=(
            _sql(work, template, type=Raw(work.conversion.type), collation=Raw(work.collation)),
            composed(function, function=work.function, pinned=Raw(work.pinned), body=Value(body)),
            _sql(work, trigger, trigger=work.trigger, function=work.function, when=Raw(_when(work))),
            *definitions.column_extras(work.table.name, replace(column, storage="", compression="", options=())),
        ),
        phase=Phase.EXPAND,
        undo=(
            _sql(work, "DROP TRIGGER IF EXISTS {trigger} ON {table}", trigger=work.trigger),
            composed("DROP FUNCTION IF EXISTS {function}()", function=work.function),
            _sql(work, "ALTER TABLE {table} DROP COLUMN IF EXISTS {new}"),
        ),
        note=_ORDER,
    )


def _when(work: Replacement) -> str:
    """Spares the rows that have their value already, the backfill's own among them, the call of the function.

    Calling it takes a third of the time that the server needs for a row. Only where what compares equal is the same, and where
    assigning the old value can do nothing but what casting it does.
    """
    collations = work.collation or work.column.collation
    if not work.conversion.plain or collations or work.column.generated:
        return ""
    cast = composed("new.{column}::{type}", column=work.column.name, type=Raw(work.conversion.type))
    return composed("WHEN (new.{new} IS DISTINCT FROM {cast}) ", new=work.new, cast=Raw(cast))


def _backfill(work: Replacement) -> Piece:
    value = work.conversion
    lacking: LiteralString = "{new} IS DISTINCT FROM {cast}" if value.steady else "{new} IS NULL AND {cast} IS NOT NULL"
    return Piece(
        kind=StepKind.BACKFILL,
        phase=Phase.MIGRATE,
        backfill=Backfill(
            table=str(work.table.name),
            assignments=((work.new, value.value),),
            where=_sql(work, lacking, cast=Raw(value.cast)),
        ),
        effects=(work.scene.all_rows_written(work.table.name),),
    )


def _proof(work: Replacement) -> Iterator[Piece]:
    """A check that the server validates: after it, no row is missing and none can come to be."""
    same: LiteralString = "{new} IS NOT DISTINCT FROM {cast}"
    if not work.conversion.steady:
        same = "{new} IS NOT NULL OR {cast} IS NULL"
    holds = _sql(work, same, cast=Raw(work.conversion.cast))
    template: LiteralString = "ALTER TABLE {table} ADD CONSTRAINT {proof} CHECK ({holds}) NOT VALID"
    add = _sql(work, template, proof=work.proof, holds=Raw(holds))
    undo = composed(DROP_IF_THERE, table=work.table.name, name=work.proof)
    yield Piece(sql=(add,), phase=Phase.MIGRATE, undo=(undo,))
    yield validate(work.table.name, work.proof)
    if work.column.not_null:
        name = own_name("not_null", work.column.name)
        for piece in required(work.table.name, work.new, work.scene, name):
            yield replace(piece, phase=Phase.MIGRATE, undo=())


# -- indexes and constraints of the new column --------------------------------------------------------------------------------


def _indexes(work: Replacement) -> Iterator[Piece]:
    carried = [index for index in work.scene.indexes_of(work.table.name) if _carries(index, work)]
    for index in (*work.indexes, *carried):
        name = Name(index.name.schema, own_name("new", index.name.name))
        built = concurrently(
            _of_new_column(parsed(definitions.index(index)[0]).index_stmt, work), name, work.table.name
        )
        yield replace(built, phase=Phase.MIGRATE, undo=(composed("DROP INDEX IF EXISTS {name}", name=name),))


def _carries(index: Index, work: Replacement) -> bool:
    return any(c.kind in _KEYS and c.index == index.name for c in work.constraints)


def _of_new_column(tree: Any, work: Replacement) -> Any:
    """A copy of an index's tree with the new column in place of the old one."""
    own = copied(tree)
    for element in (*own.index_params, *own.index_including_params):
        if element.index_elem.name == work.column.name:
            element.index_elem.name = work.new
    rename_columns(own, lambda words: (work.new,) if words[-1] == work.column.name else None)
    return own


def _constraints(work: Replacement) -> Iterator[Piece]:
    for constraint in work.constraints:
        if constraint.kind in _KEYS:
            continue
        name = own_name("new", constraint.name)
        add = _constraint_on_new_column(constraint, name, work)
        undo = composed(DROP_IF_THERE, table=work.table.name, name=name)
        yield Piece(sql=(add,), phase=Phase.MIGRATE, undo=(undo,))
        if constraint.validated:
            yield validate(work.table.name, name)


def _constraint_on_new_column(constraint: Constraint, name: str, work: Replacement) -> str:
    tree = copied(parsed(composed("ALTER TABLE t ADD {definition}", definition=Raw(constraint.definition))))
    own = getattr(tree.alter_table_stmt.cmds[0].alter_table_cmd, "def").constraint
    for word in own.fk_attrs:
        if word.string.sval == work.column.name:
            word.string.sval = work.new
    rename_columns(own, lambda words: (work.new,) if words[-1] == work.column.name else None)
    return not_valid(own, name, work.table.name)


# -- the exchange ---------------------------------------------------------------------------------------------------------------


def _switch(work: Replacement) -> Piece:
    drop = _sql(work, "ALTER TABLE {table} DROP COLUMN IF EXISTS {old}")
    return Piece(
        sql=tuple(_exchange(work)),
        phase=Phase.MIGRATE,
        undo=(drop, *work.back) if work.back is not None else None,
        note=_PLANS,
    )


def _exchange(work: Replacement) -> Iterator[str]:
    yield _sql(work, "DROP TRIGGER {trigger} ON {table}", trigger=work.trigger)
    yield composed("DROP FUNCTION {function}()", function=work.function)
    yield composed(DROP, table=work.table.name, name=work.proof)
    yield from keys_gone(work)
    for constraint in work.constraints:
        if stays(constraint, work):
            yield _sql(work, RENAME_CONSTRAINT, now=constraint.name, name=work.aside(constraint.name))
        else:
            yield composed(DROP, table=work.table.name, name=constraint.name)
    for index in work.indexes:
        # one that says what may be in the old column would go on saying so when nobody fills it any more
        if stays_index(index, work):
            yield renamed_index(index.name, work.aside(index.name.name))
        else:
            yield composed("DROP INDEX {index}", index=index.name)
    yield from identity_moves(work)
    if work.column.default is not None:
        yield _sql(work, "ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")
    if work.column.not_null:
        yield _sql(work, "ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")
    yield _sql(work, "ALTER TABLE {table} RENAME COLUMN {column} TO {old}")
    yield _sql(work, "ALTER TABLE {table} RENAME COLUMN {new} TO {column}")
    yield from _column_again(work)
    yield from _indexes_again(work)
    yield from _constraints_again(work)
    yield from keys_again(work)


def _column_again(work: Replacement) -> Iterator[str]:
    if work.column.default is not None:
        default = Raw(work.column.default)
        yield _sql(work, "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}", default=default)
    place = below(work.scene.live_name(work.table.name), work.column.name)
    for sequence in work.scene.catalog.sequences.values():
        if sequence.owned_by == place and not work.column.identity:
            yield _sql(work, "ALTER SEQUENCE {sequence} OWNED BY {table}.{column}", sequence=sequence.name)
    found = work.scene.constraints(work.table.name).values()
    for constraint in found:
        if constraint.kind is ConstraintKind.NOT_NULL and constraint.columns == (work.column.name,):
            yield _sql(work, RENAME_CONSTRAINT, now=own_name("not_null", work.column.name), name=constraint.name)


def _indexes_again(work: Replacement) -> Iterator[str]:
    for index in work.indexes:
        yield renamed_index(Name(index.name.schema, own_name("new", index.name.name)), index.name.name)
        if index.comment is not None:
            yield composed("COMMENT ON INDEX {index} IS {text}", index=index.name, text=Value(index.comment))


def _constraints_again(work: Replacement) -> Iterator[str]:
    for constraint in work.constraints:
        now = own_name("new", constraint.name)
        if constraint.kind in _KEYS and constraint.index:
            yield renamed_index(Name(constraint.index.schema, own_name("new", constraint.index.name)), constraint.name)
            yield _key_from_index(constraint, work)
        else:
            yield _sql(work, RENAME_CONSTRAINT, now=now, name=constraint.name)
        if constraint.comment is not None:
            template: LiteralString = "COMMENT ON CONSTRAINT {name} ON {table} IS {text}"
            yield _sql(work, template, name=constraint.name, text=Raw(composed("{t}", t=Value(constraint.comment))))


def _key_from_index(constraint: Constraint, work: Replacement) -> str:
    kind: LiteralString = "PRIMARY KEY" if constraint.kind is ConstraintKind.PRIMARY_KEY else "UNIQUE"
    later = " DEFERRABLE" if constraint.deferrable else ""
    later += " INITIALLY DEFERRED" if constraint.deferred else ""
    template: LiteralString = "ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {name}{later}"
    return _sql(work, template, name=constraint.name, kind=Raw(kind), later=Raw(later))


__all__ = ["Replacement", "replacement"]
