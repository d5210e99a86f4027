"""A second column with the same values, so that a column goes by two names for a while: the steps, in order.

Expand: the twin, and a trigger that fills it with every write. Migrate: the rows that are there, in batches; a proof by the
server that none is missing; the indexes that queries by the old name need; and, in one transaction, the column takes its new
name and the twin the old one. From then on a trigger carries what is written under either name to the other. Contract: the
twin goes. The column itself is never copied, so that everything that hangs on it ends as RENAME COLUMN leaves it.

Values are compared as they are stored (`record_image_eq`): what is merely equal (`1.0` and `1.00`, texts that differ in case
alone) is another value, and types without an equality operator have twins, too. Measured on 15 and 18, beside the alternative,
a view with both names in the table's place: docs/decisions/0009-keeping.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.catalog import Column, Index, Kept, KeptKind, Name, Table
from watari.planning import definitions
from watari.planning.dependants import after, indexes_with
from watari.planning.deployment import with_new_column
from watari.planning.keeping import closed_for_a_moment
from watari.planning.naming import below
from watari.planning.plan import Back, Backfill, Note, Phase, StepKind
from watari.planning.rewrite import Piece, own_name
from watari.planning.rewrites.index import concurrently
from watari.planning.scene import Scene
from watari.planning.trees import copied, parsed, rename_columns
from watari.planning.validation import DROP, validate
from watari.sql.compose import Raw, Value, composed
from watari.values import dataclass, replace

__all__ = ["Twin", "twin_dropped", "twin_name", "twinned"]

_BOTH = Note(
    en="The column goes by both names until {end}: {old} is a column of its own, kept equal to {new} by a trigger in both "
    "directions. SELECT *, and COPY without a list of columns, show one column more until then.",
    ja="{end}までは両方の名前が使えます。{old} は独立したカラムで、トリガーにより {new} と双方向に同期されます。"
    "その間、SELECT * とカラム指定のない COPY ではカラムが 1 つ増えて見えます。",
)
_UNTIL_RELEASE = Note(en="watari release", ja=" watari release ")
_UNTIL_DEPLOYED = Note(en="the new application is deployed", ja="新しいアプリケーションのデプロイ")
_KEY = Note(
    en=" By its old name it is no primary key (GROUP BY it alone) and owns no sequence (pg_get_serial_sequence).",
    ja="旧名のカラムは主キーではなく (これだけの GROUP BY は不可)、シーケンスも所有しません (pg_get_serial_sequence)。",
)
#: The server inserts into the index that ON CONFLICT names and into the other one as into two rules: measured on 18, six sessions
#: at three keys, 38 of 22,000 by the old name and 3 of 17,000 by the new one.
_CONFLICT = Note(
    en=" Meanwhile, of two INSERT … ON CONFLICT that meet on the same new key at the same instant, one can fail as a duplicate.",
    ja="この間、INSERT … ON CONFLICT が同じ新規キーで同時に実行されると、まれに片方が重複エラーになります。",
)


@dataclass(frozen=True, kw_only=True)
class Twin:
    """One column on its way to another name. `default`: what both columns hold where nothing is given; None: not the same."""

    table: Table
    column: Column
    new: str
    default: str | None
    scene: Scene
    keeps: bool  # the old name stays until watari release; else until the application of after is deployed

    @property
    def name(self) -> str:
        """The twin's name until the exchange."""
        return twin_name(self.column.name)

    @property
    def function(self) -> Name:
        """What fills the twin until the exchange."""
        return Name("watari", own_name("fill", self.table.name.schema, self.table.name.name, self.column.name))

    @property
    def trigger(self) -> str:
        """What calls it; the last of the triggers that see a row before it is written."""
        return after(own_name("fill", self.column.name), self.table, self.scene)

    @property
    def both(self) -> Name:
        """What keeps the two equal after the exchange."""
        return Name("watari", own_name("both", self.table.name.schema, self.table.name.name, self.column.name))

    @property
    def trigger_of_both(self) -> str:
        """What calls that."""
        return after(own_name("both", self.column.name), self.table, self.scene)

    @property
    def proof(self) -> str:
        """The check that proves that every row has been brought over."""
        return own_name("same", self.column.name)

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The indexes with which rows are found by the column."""
        return indexes_with(self.table, self.column.name, self.scene)

    def sql(self, template: LiteralString, **parts: Name | Raw | str | int) -> str:
        """A statement in which `{table}`, `{old}`, `{new}` and `{twin}` stand for this twin's own."""
        own: dict[str, Name | Raw | str | int] = {
            "table": self.table.name,
            "old": self.column.name,
            "new": self.new,
            "twin": self.name,
        }
        return composed(template, **{**own, **parts})


def twin_name(column: str) -> str:
    """What a twin is called before it takes its column's name."""
    return own_name("twin", column)


def twin_dropped(table: Name | Raw, column: str) -> Iterator[str]:
    """The twin that goes by the old name `column` goes, under a name that says that it is no column of the team's."""
    own = twin_name(column)
    yield composed("ALTER TABLE {table} RENAME COLUMN {column} TO {own}", table=table, column=column, own=own)
    yield composed("ALTER TABLE {table} DROP COLUMN {own}", table=table, own=own)


def twinned(work: Twin) -> tuple[Piece, ...]:
    """All steps, in order."""
    made = (_expand(work), _backfill(work), *_proof(work), *_indexes(work))
    if work.keeps:
        return (*made, _exchange(work))
    gone = Piece(
        sql=(*_no_trigger(work), *twin_dropped(work.table.name, work.column.name)),
        phase=Phase.CONTRACT,
        effects=closed_for_a_moment(work.table.name, ()),
        awaits=with_new_column(below(work.table.name, work.column.name), work.new),
    )
    return (*made, _exchange(work), gone)


# -- the twin, and its values -------------------------------------------------------------------------------------------


def _expand(work: Twin) -> Piece:
    add: LiteralString = "ALTER TABLE {table} ADD COLUMN {twin} {type}{collation}{default}"
    clauses = {
        "type": Raw(work.column.type),
        "collation": Raw(composed(" COLLATE {name}", name=Raw(work.column.collation)) if work.column.collation else ""),
        "default": Raw(composed(" DEFAULT {value}", value=Raw(work.default)) if work.default else ""),
    }
    function: LiteralString = "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {body}"
    body = work.sql("BEGIN new.{twin} := new.{old}; RETURN new; END")
    trigger: LiteralString = (
        # spares the rows that have their value already, the backfill's own among them, the call of the function
        "CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW "
        "WHEN (pg_catalog.record_image_ne(ROW(new.{twin}), ROW(new.{old}))) EXECUTE FUNCTION {function}()"
    )
    extras = replace(work.column, name=work.name, comment=None)
    return Piece(
        sql=(
            work.sql(add, **clauses),
            *definitions.column_extras(work.table.name, extras),
            composed(function, function=work.function, body=Value(body)),
            work.sql(trigger, trigger=work.trigger, function=work.function),
        ),
        phase=Phase.EXPAND,
        undo=(
            work.sql("DROP TRIGGER IF EXISTS {trigger} ON {table}", trigger=work.trigger),
            composed("DROP FUNCTION IF EXISTS {function}()", function=work.function),
            work.sql("ALTER TABLE {table} DROP COLUMN IF EXISTS {twin}"),
        ),
    )


def _backfill(work: Twin) -> Piece:
    return Piece(
        kind=StepKind.BACKFILL,
        phase=Phase.MIGRATE,
        backfill=Backfill(
            table=str(work.table.name),
            assignments=((work.name, composed("{old}", old=work.column.name)),),
            where=work.sql("pg_catalog.record_image_ne(ROW({twin}), ROW({old}))"),
        ),
        effects=(work.scene.all_rows_written(work.table.name),),
    )


def _proof(work: Twin) -> Iterator[Piece]:
    """A check that the server validates: after it, no row is missing and none can come to be."""
    add: LiteralString = "ALTER TABLE {table} ADD CONSTRAINT {proof} CHECK (pg_catalog.record_image_eq(ROW({twin}), ROW({old}))) NOT VALID"
    yield Piece(sql=(work.sql(add, proof=work.proof),), phase=Phase.MIGRATE)  # its undo is that of the twin
    yield validate(work.table.name, work.proof)


def _indexes(work: Twin) -> Iterator[Piece]:
    for index in work.indexes:
        built = concurrently(_of_twin(index, work), _index_name(index), work.table.name)
        yield replace(built, phase=Phase.MIGRATE, undo=())  # goes with the twin
    yield Piece(sql=(work.sql("ANALYZE {table} ({twin})"),), phase=Phase.MIGRATE)


def _index_name(index: Index) -> Name:
    return Name(index.name.schema, own_name("twin", index.name.name))


def _of_twin(index: Index, work: Twin) -> Any:
    """A copy of an index's tree with the twin in the column's place, without what need not hold of it at every moment."""
    own = copied(parsed(definitions.index(index)[0]).index_stmt)
    for element in (*own.index_params, *own.index_including_params):
        if element.index_elem.name == work.column.name:
            element.index_elem.name = work.name
    rename_columns(own, lambda words: (work.name,) if words[-1] == work.column.name else None)
    own.unique = own.unique and not _checked_late(index, work)
    return own


def _checked_late(index: Index, work: Twin) -> bool:
    behind = work.scene.constraints(work.table.name).get(index.constraint or "")
    return behind is not None and behind.deferrable


# -- the exchange -------------------------------------------------------------------------------------------------------


def _exchange(work: Twin) -> Piece:
    kept = Kept(
        kind=KeptKind.COLUMN_NAME,
        object=below(work.table.name, work.column.name),
        migration="",
        relation=str(work.table.name),
        column=work.column.name,
        parts=(
            ("column", work.new),
            *(("index", str(_index_name(index))) for index in work.indexes),
            ("trigger", work.trigger_of_both),
            ("function", work.both.name),
        ),
    )
    return Piece(
        sql=tuple(_names_exchanged(work)),
        phase=Phase.MIGRATE,
        undo=(work.sql("ALTER TABLE {table} RENAME COLUMN {new} TO {old}"),),
        note=_note(work),
        effects=closed_for_a_moment(work.table.name, ()),
        keeps=(kept,) if work.keeps else (),
        back=(Back(sql=tuple(_back(work)), releases=work.keeps),),
    )


def _names_exchanged(work: Twin) -> Iterator[str]:
    yield work.sql("DROP TRIGGER {trigger} ON {table}", trigger=work.trigger)
    yield composed("DROP FUNCTION {function}()", function=work.function)
    yield composed(DROP, table=work.table.name, name=work.proof)
    # by way of a name of watari's own: in none of the three does a name of the team's go, to be told as a hazard
    aside = own_name("renamed", work.column.name)
    yield work.sql("ALTER TABLE {table} RENAME COLUMN {old} TO {aside}", aside=aside)
    yield work.sql("ALTER TABLE {table} RENAME COLUMN {twin} TO {old}")
    yield work.sql("ALTER TABLE {table} RENAME COLUMN {aside} TO {new}", aside=aside)
    settings = Raw(" SET search_path FROM CURRENT" if work.default else "")
    function: LiteralString = (
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql{settings} AS {body}"
    )
    yield composed(function, function=work.both, settings=settings, body=Value(_body(work)))
    trigger: LiteralString = (
        "CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    yield work.sql(trigger, trigger=work.trigger_of_both, function=work.both)


def _body(work: Twin) -> str:
    """What is written under one name goes to the other. Where the two differ, one of them was given, and the other was not:

    a row that is changed had equal ones before; in a new row, what was not given holds the default.
    """
    nothing = composed("CAST({value} AS {type})", value=Raw(work.default or "NULL"), type=Raw(work.column.type))
    body: LiteralString = (
        "BEGIN IF pg_catalog.record_image_eq(ROW(new.{old}), ROW(new.{new})) THEN RETURN new; END IF; "
        "IF TG_OP = 'INSERT' THEN "
        "IF pg_catalog.record_image_eq(ROW(new.{old}), ROW({nothing})) THEN new.{old} := new.{new}; "
        "ELSE new.{new} := new.{old}; END IF; "
        "ELSIF pg_catalog.record_image_eq(ROW(new.{new}), ROW(old.{new})) THEN new.{new} := new.{old}; "
        "ELSE new.{old} := new.{new}; END IF; RETURN new; "
        # somebody has dropped or renamed one of the two with another tool: that is no reason to refuse a write
        "EXCEPTION WHEN undefined_column THEN RETURN new; END"
    )
    return work.sql(body, nothing=Raw(nothing))


def _no_trigger(work: Twin) -> Iterator[str]:
    yield work.sql("DROP TRIGGER IF EXISTS {trigger} ON {table}", trigger=work.trigger_of_both)
    yield composed("DROP FUNCTION IF EXISTS {function}()", function=work.both)


def _back(work: Twin) -> Iterator[str]:
    """The twin goes, and the column has its old name again; where the twin is gone already, likewise."""
    yield from _no_trigger(work)
    yield work.sql("ALTER TABLE {table} DROP COLUMN IF EXISTS {old}")
    yield work.sql("ALTER TABLE {table} RENAME COLUMN {new} TO {old}")


def _note(work: Twin) -> Note:
    end = _UNTIL_RELEASE if work.keeps else _UNTIL_DEPLOYED
    words = {"old": work.column.name, "new": work.new}
    said = [Note(en=_BOTH.en.format(end=end.en, **words), ja=_BOTH.ja.format(end=end.ja, **words))]
    if work.column.identity or "nextval(" in (work.column.default or "") or _in_primary_key(work):
        said.append(_KEY)
    if any(index.unique for index in work.indexes):
        said.append(_CONFLICT)
    return Note(en="".join(note.en for note in said), ja="".join(note.ja for note in said))


def _in_primary_key(work: Twin) -> bool:
    return any(index.primary for index in work.indexes)
