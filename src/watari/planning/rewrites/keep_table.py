"""DROP TABLE where rows would be lost: the table is moved into watari's schema for a while; taking it back is moving it back.

Source: reference recipe R20; documentation, "ALTER TABLE", SET SCHEMA: indexes, constraints and owned sequences move along.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from watari.catalog import Constraint, ConstraintKind, Kept, KeptKind, Name, Table, TableKind
from watari.planning import definitions
from watari.planning.deployment import without_table
from watari.planning.keeping import (
    closed_for_a_moment,
    constraint_again,
    free_name,
    gone_with_cascade,
    holds_rows,
    keeps,
    made_of_going,
    not_kept,
    valid_again,
)
from watari.planning.plan import Back, Note, Phase
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten, own_name
from watari.planning.scene import Scene
from watari.planning.statements.drop import gone
from watari.planning.trees import words
from watari.planning.validation import DROP
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice
from watari.values import dataclass

_STAYS = Note(
    en="The rows stay in table {table} until watari release; until then watari rollback brings the table back at once.",
    ja="行はテーブル {table} に残り、watari release で削除されます。それまでは watari rollback ですぐに元へ戻せます。",
)
_PARTITIONED = Note(
    en="table {table} is partitioned, inherits, or is inherited from.",
    ja="テーブル {table} にはパーティション・継承関係があります。",
)
_CASCADED = Note(
    en="CASCADE takes views or functions that depend on table {table} with it.",
    ja="CASCADE により、テーブル {table} に依存するビューや関数も削除されます。",
)

_RENAME: LiteralString = "ALTER TABLE {old} RENAME TO {new}"
_MOVE: LiteralString = "ALTER TABLE {table} SET SCHEMA {schema}"


@dataclass(frozen=True, kw_only=True)
class _Drop:
    """One table on its way out; `name` is what it is called meanwhile, in watari's schema."""

    table: Table
    name: str
    scene: Scene
    earlier: frozenset[Name]  # tables that the same statement drops before

    @property
    def keys(self) -> tuple[Constraint, ...]:
        """The foreign keys of the table, and those of other tables that refer to it: they would go on being checked."""
        own = self.scene.constraints(self.table.name).values()
        found = (c for c in (*own, *self.scene.referencing(self.table.name)) if c.kind is ConstraintKind.FOREIGN_KEY)
        outside = (c for c in dict.fromkeys(found) if c.references != c.table)
        return tuple(c for c in outside if not {c.references, c.table} & self.earlier)

    @property
    def moving(self) -> Iterator[tuple[LiteralString, Name, str]]:
        """What moves along and would meet a namesake there: indexes and sequences, with the names that they have then."""
        for index in self.scene.indexes_of(self.table.name):
            yield "INDEX", index.name, own_name("dropped", index.name.name, self.name)
        prefix = f"{self.table.name}."
        for sequence in self.scene.catalog.sequences.values():
            if sequence.owned_by and sequence.owned_by.startswith(prefix):
                yield "SEQUENCE", sequence.name, own_name("dropped", sequence.name.name, self.name)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    node = part.node
    if choice(node, "remove_type") != "OBJECT_TABLE" or not keeps(scene):
        return None
    names = [scene.dotted(words(object)) for object in node.objects if not gone(node, object, scene)]
    if not any(holds_rows(name, scene) for name in names):
        return None
    tables = [scene.table(name) for name in names]
    if note := next((note for table in tables if (note := _obstacle(table, scene))), None):
        return Left(note=not_kept(note))
    if not gone_with_cascade(node) and any(_refused(name, names, scene) for name in names):
        return None  # the server has an error for this
    there = [table for table in tables if table]
    return tuple(
        _piece(table, frozenset(other.name for other in there[:place]), scene) for place, table in enumerate(there)
    )


def _obstacle(table: Table | None, scene: Scene) -> Note | None:
    if table is None:
        return None
    live = scene.live_name(table.name)
    found: Note | None = None
    if table.kind is not TableKind.TABLE or table.parents or scene.catalog.partitions_of(live):
        found = _PARTITIONED
    elif any(live in view.reads_from for view in scene.catalog.tables.values()):
        found = _CASCADED
    elif note := made_of_going(_texts(table, scene), scene):
        return note
    words = {"table": str(table.name)}
    return Note(en=found.en.format(**words), ja=found.ja.format(**words)) if found else None


def _texts(table: Table, scene: Scene) -> Iterator[str | None]:
    """What the table is made of, in the server's words."""
    for column in table.columns:
        yield column.type
        yield column.default
    yield from (trigger.definition for trigger in scene.triggers_of(table.name))
    yield from (found.definition for found in scene.constraints(table.name).values())
    yield from (index.definition for index in scene.indexes_of(table.name))


def _refused(name: Name, going: list[Name], scene: Scene) -> bool:
    """Whether another table's foreign key stands in the way of DROP TABLE without CASCADE."""
    return any(key.table not in going for key in scene.referencing(name))


def _piece(table: Table, earlier: frozenset[Name], scene: Scene) -> Piece:
    if holds_rows(table.name, scene) is None:
        drop: LiteralString = "DROP TABLE {table}{cascade}"
        cascade = Raw(" CASCADE" if scene.referencing(table.name) else "")
        return Piece(
            sql=(composed(drop, table=table.name, cascade=cascade),),
            phase=Phase.CONTRACT,
            undo=definitions.table(table, scene),
            awaits=without_table(str(table.name)),
        )
    name = free_name("dropped", (table.name.schema, table.name.name), None, scene)
    work = _Drop(table=table, name=name, scene=scene, earlier=earlier)
    place = Name("watari", work.name)
    stays = {"table": str(place)}
    kept = Kept(kind=KeptKind.TABLE, object=str(table.name), migration="", relation=str(place))
    return Piece(
        sql=tuple(_aside(work)),
        phase=Phase.CONTRACT,
        undo=None,
        note=Note(en=_STAYS.en.format(**stays), ja=_STAYS.ja.format(**stays)),
        effects=closed_for_a_moment(table.name, work.keys),
        keeps=(kept,),
        back=tuple(_back(work)),
        awaits=without_table(str(table.name)),
    )


def _renamed(kind: LiteralString, now: Name, then: str) -> str:
    template: LiteralString = "ALTER INDEX {now} RENAME TO {then}"
    if kind == "SEQUENCE":
        template = "ALTER SEQUENCE {now} RENAME TO {then}"
    return composed(template, now=now, then=then)


def _aside(work: _Drop) -> Iterator[str]:
    for key in work.keys:
        yield composed(DROP, table=key.table, name=key.name)
    for kind, name, then in work.moving:
        yield _renamed(kind, name, then)
    yield composed(_RENAME, old=work.table.name, new=work.name)
    yield composed(_MOVE, table=Name(work.table.name.schema, work.name), schema="watari")


def _back(work: _Drop) -> Iterator[Back]:
    table = work.table.name
    back = [composed(_MOVE, table=Name("watari", work.name), schema=table.schema)]
    back.append(composed(_RENAME, old=Name(table.schema, work.name), new=table.name))
    back += [_renamed(kind, Name(name.schema, then), name.name) for kind, name, then in work.moving]
    indexes = work.scene.indexes_of(table)
    again = [text for key in work.keys if (text := constraint_again(key, indexes))]
    yield Back(sql=(*back, *again), releases=True)
    for key in work.keys:
        yield from valid_again(key, Name("watari", work.name) if key.table == table else key.table, {})
        if comment := definitions.constraint(key, indexes)[1:]:
            yield Back(sql=comment)


FORM = Form(name="kept-table", policy="drop", keys=("drop_stmt",), rewrite=_rewrite)
