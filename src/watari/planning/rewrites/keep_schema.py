"""DROP SCHEMA … CASCADE where rows would be lost: the schema goes by another name for a while, with everything in it.

Only names change, whatever the size; what depends on it from outside is dropped, as CASCADE would, and made again on the way
back. Where that cannot be had from the catalog (columns of a type of the schema, triggers with its functions), nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from watari.catalog import Constraint, ConstraintKind, Kept, KeptKind, Name, Table, quoted
from watari.planning import definitions
from watari.planning.family import Dependant, dependants_of, obstacle_to_moving
from watari.planning.keeping import (
    closed_for_a_moment,
    constraint_again,
    gone_with_cascade,
    holds_rows,
    keeps,
    not_kept,
    valid_again,
)
from watari.planning.plan import Back, Note, Phase
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten, own_name
from watari.planning.scene import Scene
from watari.planning.trees import words
from watari.planning.validation import DROP
from watari.sql.compose import composed
from watari.sql.grammar import choice
from watari.values import dataclass

_STAYS = Note(
    en="The schema stays as {place} with its rows until watari release; until then watari rollback brings it back at once.",
    ja="スキーマは行を含めて {place} として残り、watari release で削除されます。それまでは watari rollback ですぐに元へ戻せます。",
)
_ALONG = Note(
    en=" CASCADE takes along from outside, and watari rollback makes again: {listed}.",
    ja="スキーマ外では次も削除されます（watari rollback で作り直します）: {listed}。",
)
_WOVEN = Note(
    en="{what} outside the schema is made of something in it.",
    ja="スキーマ外の {what} がスキーマ内のオブジェクトに依存しています。",
)
_EXTENSION = Note(en="extension {what} is in it.", ja="拡張機能 {what} が含まれています。")
_TWICE = Note(
    en="an earlier one of that name is still kept: let it go first.",
    ja="同名のスキーマがまだ保持されています。先に解放してください。",
)
_RENAME: LiteralString = "ALTER SCHEMA {old} RENAME TO {new}"


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    node = part.node
    if choice(node, "remove_type") != "OBJECT_SCHEMA" or not gone_with_cascade(node) or not keeps(scene):
        return None
    schemas = [words(object)[-1] for object in node.objects]
    inside = {schema: _tables(schema, scene) for schema in schemas}
    if not any(holds_rows(table.name, scene) for tables in inside.values() for table in tables):
        return None
    if len(schemas) > 1 or any(scene.is_created(table.name) for table in inside[schemas[0]]):
        return Left(note=not_kept(_filled(_WOVEN, what=", ".join(schemas))))
    work = _Drop(schema=schemas[0], tables=inside[schemas[0]], scene=scene)
    note = _obstacle(work)
    return Left(note=not_kept(note)) if note else (_piece(work),)


def _tables(schema: str, scene: Scene) -> tuple[Table, ...]:
    return tuple(table for name, table in sorted(scene.catalog.tables.items()) if name.schema == schema)


def _filled(note: Note, what: str) -> Note:
    return Note(en=note.en.format(what=what), ja=note.ja.format(what=what))


@dataclass(frozen=True, kw_only=True)
class _Drop:
    """One schema on its way out, with the tables in it."""

    schema: str
    tables: tuple[Table, ...]
    scene: Scene

    @property
    def name(self) -> str:
        return own_name("dropped", self.schema)

    @property
    def holding(self) -> tuple[Table, ...]:
        """The tables that can hold rows, the largest first."""
        held = [table for table in self.tables if holds_rows(table.name, self.scene)]
        return tuple(sorted(held, key=lambda table: -table.bytes))

    @property
    def keys(self) -> tuple[Constraint, ...]:
        """The foreign keys that lead into the schema, and out of it."""
        found = (c for c in self.scene.catalog.constraints if c.kind is ConstraintKind.FOREIGN_KEY and c.references)
        return tuple(
            c for c in found if c.references and not c.inherited and self._is_in(c.table) != self._is_in(c.references)
        )

    def _is_in(self, name: Name) -> bool:
        return name.schema == self.schema

    @property
    def dependants(self) -> tuple[Dependant, ...]:
        """What reads from its tables and is not in it."""
        prefix = f"{quoted(self.schema)}."
        return tuple(each for each in dependants_of(self.tables, self.scene) if not each.name.startswith(prefix))

    def place(self, name: Name) -> Name:
        return Name(self.name, name.name) if self._is_in(name) else name


def _obstacle(work: _Drop) -> Note | None:
    scene, catalog = work.scene, work.scene.catalog
    if any(kept.kind is KeptKind.SCHEMA and kept.object == quoted(work.schema) for kept in catalog.kept):
        return _TWICE
    if extension := next((e.name for e in catalog.extensions.values() if e.schema == work.schema), None):
        return _filled(_EXTENSION, extension)
    tables = tuple(table for table in work.tables if table.partition_key or holds_rows(table.name, scene))
    if note := obstacle_to_moving(tables, scene, cascade=False):
        return note
    if lost := next((each for each in work.dependants if not each.again), None):
        return _filled(_WOVEN, f"{lost.kind} {lost.name}")
    woven = next(_woven(work), None)
    return _filled(_WOVEN, woven) if woven else None


def _woven(work: _Drop) -> Iterator[str]:
    """What outside of the schema names something in it, and cannot be made again by itself."""
    prefix, catalog = f"{quoted(work.schema)}.", work.scene.catalog
    for table in catalog.tables.values():
        if table.name.schema == work.schema:
            if any(parent.schema != work.schema for parent in table.parents):
                yield f"{table.parents[0]}"
            continue
        texts = (text or "" for column in table.columns for text in (column.type, column.default))
        if any(parent.schema == work.schema for parent in table.parents) or any(prefix in text for text in texts):
            yield f"{table.name}"
    yield from (
        t.name for t in catalog.triggers if t.table.schema != work.schema and prefix in f"{t.function} {t.definition}"
    )
    outside = (
        c for c in catalog.constraints if c.table.schema != work.schema and c.kind is not ConstraintKind.FOREIGN_KEY
    )
    yield from (c.name for c in outside if prefix in c.definition)
    yield from (
        str(i.name) for i in catalog.indexes.values() if i.name.schema != work.schema and prefix in i.definition
    )
    yield from (
        str(t.name)
        for t in catalog.types.values()
        if t.name.schema != work.schema and prefix in f"{t.base} {t.attributes}"
    )
    for other in catalog.others:
        if not other.identity.startswith(prefix) and (
            prefix in other.definition or work.schema in other.identity.split()
        ):
            yield f"{other.kind} {other.identity}"


def _piece(work: _Drop) -> Piece:
    (largest, *_) = work.holding
    kept = Kept(
        kind=KeptKind.SCHEMA,
        object=quoted(work.schema),
        migration="",
        relation=str(work.place(largest.name)),
        parts=(("schema", work.name), *(("table", str(table.name)) for table in work.holding)),
    )
    closed = [effect for table in work.tables for effect in closed_for_a_moment(table.name, ())]
    listed = ", ".join(f"{each.kind} {each.name}" for each in work.dependants)
    en, ja = _STAYS.en.format(place=work.name), _STAYS.ja.format(place=work.name)
    if listed:
        en, ja = en + _ALONG.en.format(listed=listed), ja + _ALONG.ja.format(listed=listed)
    gone = (composed(DROP, table=key.table, name=key.name) for key in work.keys)
    return Piece(
        sql=(
            *(each.drop for each in reversed(work.dependants)),
            *gone,
            composed(_RENAME, old=work.schema, new=work.name),
        ),
        phase=Phase.CONTRACT,
        undo=None,
        note=Note(en=en, ja=ja),
        effects=tuple(dict.fromkeys((*closed, *closed_for_a_moment(largest.name, work.keys)))),
        keeps=(kept,),
        back=tuple(_back(work)),
    )


def _back(work: _Drop) -> Iterator[Back]:
    again = [text for key in work.keys if (text := constraint_again(key, ()))]
    made = [text for each in work.dependants for text in each.again]
    yield Back(sql=(composed(_RENAME, old=work.name, new=work.schema), *again, *made), releases=True)
    for key in work.keys:
        yield from valid_again(key, work.place(key.table), {}, work.place(key.references or key.table))
        if comment := definitions.constraint(key, ())[1:]:
            yield Back(sql=comment)


FORM = Form(name="kept-schema", policy="drop", keys=("drop_stmt",), rewrite=_rewrite)
