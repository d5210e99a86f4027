"""DROP COLUMN where values would be lost: the column stays in its table for a while, out of the application's way.

It goes by a name that says so, requires nothing of new rows, and takes part in no constraint; taking it back is a rename.
Source: reference recipe R19.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from watari.catalog import Column, Constraint, ConstraintKind, Index, Kept, KeptKind, Name, Table, TableKind
from watari.planning import definitions
from watari.planning.dependants import constraints_with, indexes_with, named
from watari.planning.deployment import without_column
from watari.planning.keeping import (
    closed_for_a_moment,
    constraint_again,
    filled,
    free_name,
    gone_with_cascade,
    holds_rows,
    keeps,
    made_of_going,
    not_kept,
    valid_again,
)
from watari.planning.naming import below
from watari.planning.plan import Back, Note, Phase
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten, own_name
from watari.planning.scene import Scene
from watari.planning.validation import DROP, required
from watari.sql.compose import composed
from watari.values import dataclass

_STAYS = Note(
    en="The values stay in column {column} until watari release; until then watari rollback brings them back at once.",
    ja="値はカラム {column} として残り、watari release で削除されます。それまでは watari rollback ですぐに元へ戻せます。",
)
_INHERITED = Note(
    en="the table is partitioned, inherits, or is inherited from.", ja="パーティション・継承関係のあるテーブルです。"
)
_CASCADED = Note(
    en="CASCADE takes what depends on the column with it.", ja="CASCADE により依存オブジェクトも削除されます。"
)
_EMPTY_NOW = Note(
    en="{{count}} rows that were written since have no value in {column}; it is not NOT NULL again.",
    ja="その後に書き込まれた {{count}} 行は {column} が空のため、NOT NULL 制約は元に戻しません。",
)

_RENAME: LiteralString = "ALTER TABLE {table} RENAME COLUMN {old} TO {new}"


@dataclass(frozen=True, kw_only=True)
class _Drop:
    """One column on its way out, with the name that it has meanwhile."""

    table: Table
    column: Column
    name: str
    scene: Scene

    @property
    def place(self) -> str:
        return below(self.table.name, self.column.name)

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        return constraints_with(self.table, self.column.name, self.scene)

    @property
    def indexes(self) -> tuple[Index, ...]:
        found = indexes_with(self.table, self.column.name, self.scene)
        return tuple(index for index in found if not index.constraint)

    @property
    def must_be_filled(self) -> bool:
        """Whether new rows would have to give a value: none comes by itself."""
        return self.column.not_null and self.column.default is None and not self.column.identity


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    table, live = scene.table(part.table), holds_rows(part.table, scene)
    column = table.column(part.node.name) if table else None
    if not keeps(scene) or table is None or live is None or column is None or not filled(live, column.name, scene):
        return None
    if table.kind is not TableKind.TABLE or table.parents or scene.catalog.partitions_of(live.name):
        return Left(note=not_kept(_INHERITED))
    if named(table, column, scene) or _computed_from(table, column):
        return Left(note=not_kept(_CASCADED)) if gone_with_cascade(part.node) else None
    if not all(constraint.definition for constraint in constraints_with(table, column.name, scene)):
        return None
    if note := made_of_going((column.type, column.default), scene):
        return Left(note=not_kept(note))
    name = free_name("dropped", (column.name,), table.name, scene)
    return (_kept(_Drop(table=table, column=column, name=name, scene=scene)),)


def _computed_from(table: Table, column: Column) -> bool:
    from watari.planning.dependants import mentions

    return any(mentions(other.default, column.name) for other in table.columns if other.generated)


def _kept(work: _Drop) -> Piece:
    stays = {"column": below(work.table.name, work.name)}
    parts = tuple(("index", str(_renamed(index, work))) for index in work.indexes if not _drops(index))
    kept = Kept(
        kind=KeptKind.COLUMN,
        object=work.place,
        migration="",
        relation=str(work.table.name),
        column=work.name,
        parts=parts,
    )
    return Piece(
        sql=tuple(_aside(work)),
        phase=Phase.CONTRACT,
        undo=None,
        note=Note(en=_STAYS.en.format(**stays), ja=_STAYS.ja.format(**stays)),
        effects=closed_for_a_moment(work.table.name, work.constraints),
        keeps=(kept,),
        back=tuple(_back(work)),
        awaits=without_column(work.place),
    )


def _drops(index: Index) -> bool:
    """Whether the index would go on forbidding rows: a unique one that is about other columns, too."""
    return index.unique and (len(index.columns) > 1 or "NULLS NOT DISTINCT" in index.definition)


def _renamed(index: Index, work: _Drop) -> Name:
    return Name(index.name.schema, own_name("dropped", index.name.name, work.name.removeprefix("watari_dropped_")))


def _aside(work: _Drop) -> Iterator[str]:
    for constraint in work.constraints:
        yield composed(DROP, table=work.table.name, name=constraint.name)
    for index in work.indexes:
        if _drops(index):
            yield composed("DROP INDEX {index}", index=index.name)
        else:
            yield composed("ALTER INDEX {old} RENAME TO {new}", old=index.name, new=_renamed(index, work).name)
    if work.must_be_filled:
        drop: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL"
        yield composed(drop, table=work.table.name, column=work.column.name)
    yield composed(_RENAME, table=work.table.name, old=work.column.name, new=work.name)


def _back(work: _Drop) -> Iterator[Back]:
    indexes = work.scene.indexes_of(work.table.name)
    again = [text for c in work.constraints if (text := constraint_again(c, indexes))]
    names = [
        composed("ALTER INDEX {old} RENAME TO {new}", old=_renamed(index, work), new=index.name.name)
        for index in work.indexes
        if not _drops(index)
    ]
    back = composed(_RENAME, table=work.table.name, old=work.name, new=work.column.name)
    yield Back(sql=(back, *names, *again), releases=True)
    if work.must_be_filled:
        yield from _filled_again(work)
    for constraint in work.constraints:
        yield from valid_again(constraint, work.table.name, {work.column.name: work.name})
        comment = definitions.constraint(constraint, indexes)[1:]
        if constraint_again(constraint, indexes) is None:
            yield Back(sql=definitions.constraint(constraint, indexes), planned=True)
        elif comment:
            yield Back(sql=comment)
    for index in work.indexes:
        if _drops(index):
            yield Back(sql=definitions.index(index), planned=True)


def _filled_again(work: _Drop) -> Iterator[Back]:
    template: LiteralString = "SELECT count(*) FROM {table} WHERE {column} IS NULL"
    query = composed(template, table=work.table.name, column=work.name)
    words = {"column": work.place}
    lacking: Note | None = Note(en=_EMPTY_NOW.en.format(**words), ja=_EMPTY_NOW.ja.format(**words))
    found = work.scene.constraints(work.table.name).values()
    names = (c.name for c in found if c.kind is ConstraintKind.NOT_NULL and c.columns == (work.column.name,))
    for piece in required(work.table.name, work.column.name, work.scene, next(names, None)):
        scans = any("VALIDATE" in text for text in piece.sql)
        yield Back(sql=piece.sql, scans=scans, unless=query, lacking=lacking)
        lacking = None


FORM = Form(name="kept-column", policy="drop", keys=("AT_DropColumn",), rewrite=_rewrite)
