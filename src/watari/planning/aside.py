"""Rows and values that a statement takes away, copied aside in its own transaction: whether, where to, and at what price.

A copy costs room and the time of writing it, so that the policy bounds it (`keep_bytes`); beyond that, and where not every row
would be had again, nothing is kept and the plan says why. The copy is nobody's but watari's: row level security without a
policy closes it to everyone but its owner, whatever default privileges grant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString

from watari.catalog import Column, ConstraintKind, Kept, KeptKind, Name, Table, TableKind
from watari.planning.keeping import free_name, holds_rows, keeps, made_of_going, not_kept
from watari.planning.plan import Note
from watari.planning.row_by_row import key_of_rows
from watari.planning.scene import Scene
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice, strings
from watari.values import dataclass

__all__ = ["Aside", "aside_of", "copies", "makes", "parents_of", "taken_along", "writable"]

_RULES = Note(en="rules of the table act on it.", ja="テーブルにルールが定義されています。")
_CHILDREN = Note(en="the table is inherited from.", ja="継承されているテーブルです。")
_PUBLISHED = Note(
    en="a publication FOR ALL TABLES would send the copy on.",
    ja="FOR ALL TABLES のパブリケーションにより、コピーが外部へ配信されてしまいます。",
)
_TOO_MUCH = Note(
    en="it could be about {bytes} MB, more than the policy's keep_bytes; the backup is the way back.",
    ja="最大で約 {bytes} MB となり、ポリシーの keep_bytes を超えます。元に戻すにはバックアップを使います。",
)
_ALONG = Note(
    en="foreign key {name} of {table} takes rows or values there along.",
    ja="{table} の外部キー {name} により、そのテーブルの行や値も変わります。",
)
_NO_KEY = Note(
    en="the table has no key over columns that the statement leaves alone, by which a row would be found again.",
    ja="文が変更しないカラムだけの一意キーがなく、行を特定し直せません。",
)
#: What a row takes besides its values, and what a value of unknown width is taken for.
_ROW, _VALUE = 36, 32
_MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Aside:
    """Where rows or values of a table are copied to.

    `columns` are what is copied: of rows every column that can be written, of values those that are written over; `key` finds
    the row again. `bytes` is what the copy may come to, `large` whether working through it is noticed.
    """

    table: Table
    kind: KeptKind
    place: Name
    columns: tuple[str, ...]
    key: tuple[str, ...]
    bytes: int
    large: bool

    @property
    def kept(self) -> Kept:
        """What the list of kept things says of it."""
        return Kept(
            kind=self.kind,
            object=str(self.table.name),
            migration="",
            relation=str(self.place),
            parts=(
                ("place", self.place.name),
                *(("key", column) for column in self.key),
                *(("column", column) for column in self._overwritten),
            ),
        )

    @property
    def _overwritten(self) -> tuple[str, ...]:
        return self.columns if self.kind is KeptKind.VALUES else ()

    def written(self, column: str) -> str:
        """The name that a value has in the copy as it was written; the value before has the column's own."""
        from watari.planning.rewrite import own_name

        return own_name("new", column)


def aside_of(kind: KeptKind, node: Any, table: Table, columns: Sequence[str], scene: Scene) -> Aside | Note | None:
    """Where what a statement takes goes; why it is not kept; None where nothing would be lost, or nothing is to be kept.

    `node` is the tree of an UPDATE, DELETE or TRUNCATE of `table`.
    """
    live = holds_rows(table.name, scene)
    if live is None or not columns or not keeps(scene):
        return None
    key = key_of_rows(node, table, scene)
    if note := _obstacle(table, (*columns, *key), scene):
        return not_kept(note)
    if not key and kind is KeptKind.VALUES:
        return not_kept(_NO_KEY)
    most = _most_rows(node, table, live, scene)
    width = sum(_width(table, column) for column in columns) * (2 if kind is KeptKind.VALUES else 1)
    size = _bytes(live, scene)
    if most is not None:
        by_rows = most * (_ROW + width + sum(_width(table, column) for column in key))
        size = by_rows if kind is KeptKind.VALUES else min(size, by_rows)
    if size > scene.policy.keep_bytes:
        words = {"bytes": f"{size / _MEGABYTE:,.0f}"}
        return not_kept(Note(en=_TOO_MUCH.en.format(**words), ja=_TOO_MUCH.ja.format(**words)))
    what = "deleted" if kind is KeptKind.ROWS else "overwritten"
    few = most is not None and most <= scene.policy.small_table_rows
    return Aside(
        table=table,
        kind=kind,
        place=Name("watari", free_name(what, (table.name.schema, table.name.name), None, scene)),
        columns=tuple(columns),
        key=key,
        bytes=size,
        large=scene.is_large(table.name) and not few,
    )


def _obstacle(table: Table, columns: Iterable[str], scene: Scene) -> Note | None:
    """Why what a statement takes from the table cannot be copied aside, or would not be all of it."""
    name = scene.live_name(table.name).name
    if any(other.kind == "rule" and name in (other.definition or "") for other in scene.catalog.others):
        return _RULES
    if table.kind is TableKind.TABLE and scene.partitions_of(table.name):
        return _CHILDREN
    if any(other.kind == "publication" and "all tables t" in other.definition for other in scene.catalog.others):
        return _PUBLISHED
    return made_of_going((found.type for each in columns if (found := table.column(each))), scene)


def taken_along(table: Table, columns: frozenset[str] | None, scene: Scene) -> Note | None:
    """Which foreign key changes rows elsewhere where rows are deleted (`columns` None), or these columns written over."""
    word = "ON DELETE" if columns is None else "ON UPDATE"
    for found in scene.referencing(table.name):
        acts = any(f"{word} {action}" in found.definition for action in ("CASCADE", "SET NULL", "SET DEFAULT"))
        reached = columns is None or columns & set(found.referenced_columns)
        if acts and reached and holds_rows(found.table, scene):
            words = {"name": found.name, "table": str(found.table)}
            return Note(en=_ALONG.en.format(**words), ja=_ALONG.ja.format(**words))
    return None


def _most_rows(node: Any, table: Table, live: Table, scene: Scene) -> int | None:
    """How many rows the statement can touch at most; None where nobody knows."""
    rows = _rows(live, scene)
    if not hasattr(node, "where_clause") or not node.HasField("where_clause"):
        return rows
    found = _named(node.where_clause, table, scene)
    return rows if found is None else found if rows is None else min(rows, found)


def _named(where: Any, table: Table, scene: Scene) -> int | None:
    """How many rows a condition names by their key: `id = 7`, `id IN (1, 2)`, also as one part of an AND."""
    kind = where.WhichOneof("node")
    if kind == "bool_expr" and choice(where.bool_expr, "boolop") == "AND_EXPR":
        found = [few for part in where.bool_expr.args if (few := _named(part, table, scene)) is not None]
        return min(found, default=None)
    if kind != "a_expr" or where.a_expr.lexpr.WhichOneof("node") != "column_ref":
        return None
    column = strings(where.a_expr.lexpr.column_ref.fields)[-1:]
    if strings(where.a_expr.name) != ("=",) or not _unique(column, table, scene):
        return None
    right = where.a_expr.rexpr
    match choice(where.a_expr, "kind"), right.WhichOneof("node"):
        case "AEXPR_OP", ("a_const" | "type_cast"):
            return 1
        case "AEXPR_IN", "list":
            return len(right.list.items)
    return None


def _unique(column: tuple[str, ...], table: Table, scene: Scene) -> bool:
    return any(
        i.unique and i.valid and i.predicate is None and i.columns == column for i in scene.indexes_of(table.name)
    )


def _rows(live: Table, scene: Scene) -> int | None:
    if live.kind is not TableKind.PARTITIONED:
        return live.rows
    parts = [_rows(part, scene) for part in scene.catalog.partitions_of(live.name)]
    return None if None in parts else sum(rows or 0 for rows in parts)


def _bytes(live: Table, scene: Scene) -> int:
    return live.bytes + sum(_bytes(part, scene) for part in scene.catalog.partitions_of(live.name))


def _width(table: Table, column: str) -> int:
    found = table.column(column)
    return found.average_width if found and found.average_width is not None else _VALUE


def makes(aside: Aside) -> Iterator[str]:
    """The statements that make the copy's table, empty; no lock on the table itself is needed for longer than a moment."""
    columns = Raw(", ".join(_columns(aside)))
    template: LiteralString = "CREATE TABLE {place} AS SELECT {columns} FROM {table} WITH NO DATA"
    yield composed(template, place=aside.place, columns=columns, table=aside.table.name)
    yield composed("ALTER TABLE {place} ENABLE ROW LEVEL SECURITY", place=aside.place)


def _columns(aside: Aside) -> Iterator[str]:
    if aside.kind is KeptKind.ROWS:
        yield from (composed("{column}", column=column) for column in aside.columns)
        return
    yield from (composed("{column}", column=column) for column in (*aside.key, *aside.columns))
    for column in aside.columns:
        yield composed("{column} AS {name}", column=column, name=aside.written(column))


def copies(aside: Aside) -> str:
    """The statement that copies every row of the table."""
    template: LiteralString = "INSERT INTO {place} ({names}) SELECT {names} FROM {table}"
    return composed(template, place=aside.place, names=list(aside.columns), table=aside.table.name)


def writable(table: Table) -> tuple[str, ...]:
    """The columns of a row that can be written back: not those that the server computes."""
    return tuple(c.name for c in sorted(table.columns, key=_position) if not c.generated)


def _position(column: Column) -> int:
    return column.position


def parents_of(table: Table, scene: Scene) -> Iterator[tuple[tuple[str, ...], Name, tuple[str, ...]]]:
    """The foreign keys of the table to others that are checked: columns, the table that they lead to, its columns."""
    for found in scene.constraints(table.name).values():
        checked = found.kind is ConstraintKind.FOREIGN_KEY and found.enforced and found.references
        if checked and found.references and found.references != table.name:
            yield found.columns, found.references, found.referenced_columns
