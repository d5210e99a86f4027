"""DROP TABLE where rows would be lost: the table, with what is below it, is moved into watari's schema for a while; taking it
back is moving it back.

Source: reference recipe R20; documentation, "ALTER TABLE", SET SCHEMA: indexes, constraints and owned sequences move along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import LiteralString

from watari.catalog import Constraint, ConstraintKind, Kept, KeptKind, Name, Table, TableKind
from watari.evidence.effect import Effect
from watari.planning import definitions
from watari.planning.deployment import without_table
from watari.planning.family import Dependant, dependants_of, family_of, obstacle_to_moving
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
from watari.planning.parting import attached_again, held_by, joins_parent, leaves_parent, whole_key
from watari.planning.plan import Back, Note, Phase
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten, own_name
from watari.planning.scene import Scene
from watari.planning.statements.drop import gone
from watari.planning.trees import words
from watari.planning.validation import DROP
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice
from watari.values import dataclass, replace

_STAYS = Note(
    en="The rows stay in table {table} until watari release; until then watari rollback brings the table back at once.",
    ja="行はテーブル {table} に残り、watari release で削除されます。それまでは watari rollback ですぐに元へ戻せます。",
)
_ALONG = Note(
    en="CASCADE takes along, and watari rollback makes again: {listed}.",
    ja="CASCADE により次も削除されます（watari rollback で作り直します）: {listed}。",
)
_REFERENCED = Note(
    en="foreign keys refer to the table that it is a partition of.", ja="親テーブルが外部キーから参照されています。"
)
_HEIR = Note(en="it has several parents.", ja="複数の親テーブルを継承しています。")
_OWN_COLUMNS = Note(
    en="Back again, its columns count as its own, no longer as its parent's alone.",
    ja="元に戻した後、カラムは親から継承しただけのものではなく、自身のカラムとしても扱われます。",
)

_RENAME: LiteralString = "ALTER TABLE {old} RENAME TO {new}"
_MOVE: LiteralString = "ALTER TABLE {table} SET SCHEMA {schema}"


@dataclass(frozen=True, kw_only=True)
class _Drop:
    """One table on its way out, with what is below it; `names` are what its members are called meanwhile, in watari's schema."""

    members: tuple[Table, ...]
    names: Mapping[Name, str]
    dependants: tuple[Dependant, ...]
    scene: Scene
    earlier: frozenset[Name]  # tables that the same statement drops before

    @property
    def table(self) -> Table:
        return self.members[0]

    def place(self, member: Name) -> Name:
        """Where a member is meanwhile; any other table where it always is."""
        return Name("watari", self.names[member]) if member in self.names else member

    def parent(self, key: Constraint) -> Name | None:
        """Where the table is meanwhile that a foreign key leads to."""
        return self.place(key.references) if key.references else None

    @property
    def keys(self) -> tuple[Constraint, ...]:
        """The foreign keys of the tables, and those of other tables that refer to them: they would go on being checked."""
        found: dict[tuple[Name, str], Constraint] = {}
        for member in self.members:
            own = self.scene.constraints(member.name).values()
            for key in (*own, *self.scene.referencing(member.name)):
                # what a partition has of the key of a table above goes and comes with that key
                above = key.inherited and (key.table != self.table.name or not self.table.parents)
                if key.kind is ConstraintKind.FOREIGN_KEY and not above and not self._stays_inside(key):
                    found[key.table, key.name] = key
        return tuple(found.values())

    def _stays_inside(self, key: Constraint) -> bool:
        inside = key.references == key.table or {key.references, key.table} <= set(self.names)
        return inside or bool({key.references, key.table} & self.earlier)

    def moving(self, member: Table) -> Iterator[tuple[LiteralString, Name, str]]:
        """What moves along and would meet a namesake there: indexes and sequences, with the names that they have then."""
        for index in self.scene.indexes_of(member.name):
            yield "INDEX", index.name, own_name("dropped", index.name.name, self.names[member.name])
        prefix = f"{member.name}."
        for sequence in self.scene.catalog.sequences.values():
            if sequence.owned_by and sequence.owned_by.startswith(prefix):
                yield "SEQUENCE", sequence.name, own_name("dropped", sequence.name.name, self.names[member.name])


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    node = part.node
    if choice(node, "remove_type") != "OBJECT_TABLE" or not keeps(scene):
        return None
    names = [scene.dotted(words(object)) for object in node.objects if not gone(node, object, scene)]
    if not any(holds_rows(name, scene) for name in names):
        return None
    cascade = gone_with_cascade(node)
    tables = [table for name in names if (table := scene.table(name))]
    if note := next((note for table in tables if (note := _obstacle(table, scene, cascade=cascade))), None):
        return Left(note=not_kept(note))
    if not cascade and any(_refused(table, names, scene) for table in tables):
        return None  # the server has an error for this
    families = {table.name: family_of(table, scene) for table in tables}
    inner = {member.name for name, family in families.items() for member in family if member.name != name}
    there = [table for table in tables if table.name not in inner]  # a partition goes with the table that is named, too
    return tuple(
        _piece(families[table.name], frozenset(other.name for other in there[:place]), scene)
        for place, table in enumerate(there)
    )


def _obstacle(table: Table, scene: Scene, *, cascade: bool) -> Note | None:
    members = family_of(table, scene)
    if note := obstacle_to_moving(members, scene, cascade=cascade):
        return note
    if table.parents and scene.referencing(table.name):
        return _REFERENCED
    if len(table.parents) > 1:
        return _HEIR
    return made_of_going((text for member in members for text in _texts(member, scene)), scene)


def _texts(table: Table, scene: Scene) -> Iterator[str | None]:
    """What the table is made of, in the server's words."""
    for column in table.columns:
        yield column.type
        yield column.default
    yield from (trigger.definition for trigger in scene.triggers_of(table.name))
    yield from (found.definition for found in scene.constraints(table.name).values())
    yield from (index.definition for index in scene.indexes_of(table.name))


def _refused(table: Table, going: list[Name], scene: Scene) -> bool:
    """Whether something stands in the way of DROP TABLE without CASCADE: a foreign key, a child, a view, a function."""
    members = family_of(table, scene)
    inside = {*going, *(member.name for member in members)}
    keys = (key for member in members for key in scene.referencing(member.name))
    heirs = table.kind is TableKind.TABLE and not {member.name for member in members} <= set(going)
    return heirs or any(key.table not in inside for key in keys) or bool(dependants_of(members, scene))


def _piece(members: tuple[Table, ...], earlier: frozenset[Name], scene: Scene) -> Piece:
    table = members[0]
    if holds_rows(table.name, scene) is None and not any(holds_rows(each.name, scene) for each in members):
        drop: LiteralString = "DROP TABLE {table}{cascade}"
        cascade = Raw(" CASCADE" if scene.referencing(table.name) or dependants_of(members, scene) else "")
        return Piece(
            sql=(composed(drop, table=table.name, cascade=cascade),),
            phase=Phase.CONTRACT,
            undo=definitions.table(table, scene) if not cascade or scene.referencing(table.name) else None,
            awaits=without_table(str(table.name)),
        )
    names: dict[Name, str] = {}
    for member in members:
        names[member.name] = free_name("dropped", (member.name.schema, member.name.name), None, scene)
    work = _Drop(members=members, names=names, dependants=dependants_of(members, scene), scene=scene, earlier=earlier)
    kept = Kept(
        kind=KeptKind.TABLE,
        object=str(table.name),
        migration="",
        relation=str(work.place(table.name)),
        parts=tuple(("member", str(work.place(member.name))) for member in members[1:]),
    )
    closed = [*(member.name for member in members[1:]), *table.parents, *_views(work)]
    return Piece(
        sql=tuple(_aside(work)),
        phase=Phase.CONTRACT,
        undo=None,
        note=_note(work),
        effects=tuple(dict.fromkeys((*closed_for_a_moment(table.name, work.keys), *_closed(closed)))),
        keeps=(kept,),
        back=tuple(_back(work)),
        awaits=without_table(str(table.name)),
    )


def _views(work: _Drop) -> Iterator[Name]:
    reached = {each.name for each in work.dependants}
    yield from (name for name in work.scene.catalog.tables if str(name) in reached)


def _closed(names: list[Name]) -> Iterator[Effect]:
    for name in names:
        yield from closed_for_a_moment(name, ())


def _note(work: _Drop) -> Note:
    stays = {"table": str(work.place(work.table.name))}
    en, ja = _STAYS.en.format(**stays), _STAYS.ja.format(**stays)
    if work.dependants:
        listed = ", ".join(f"{each.kind} {each.name}" for each in work.dependants)
        en, ja = f"{en} {_ALONG.en.format(listed=listed)}", ja + _ALONG.ja.format(listed=listed)
    if work.table.parents and work.table.partition_bound is None:
        en, ja = f"{en} {_OWN_COLUMNS.en}", ja + _OWN_COLUMNS.ja
    return Note(en=en, ja=ja)


def _renamed(kind: LiteralString, now: Name, then: str) -> str:
    template: LiteralString = "ALTER INDEX {now} RENAME TO {then}"
    if kind == "SEQUENCE":
        template = "ALTER SEQUENCE {now} RENAME TO {then}"
    return composed(template, now=now, then=then)


def _aside(work: _Drop) -> Iterator[str]:
    for each in reversed(work.dependants):
        yield each.drop
    yield from (text for parent in work.table.parents for text in leaves_parent(work.table, parent))
    for key in work.keys:
        yield composed(DROP, table=key.table, name=key.name)
    for member in work.members:
        for kind, name, then in work.moving(member):
            yield _renamed(kind, name, then)
        yield composed(_RENAME, old=member.name, new=work.names[member.name])
        yield composed(_MOVE, table=Name(member.name.schema, work.names[member.name]), schema="watari")


def _back(work: _Drop) -> Iterator[Back]:
    table, scene = work.table, work.scene
    back: list[str] = []
    for member in work.members:
        name = member.name
        back.append(composed(_MOVE, table=work.place(name), schema=name.schema))
        back.append(composed(_RENAME, old=Name(name.schema, work.names[name]), new=name.name))
        back += [_renamed(kind, Name(n.schema, then), n.name) for kind, n, then in work.moving(member)]
    keys = [key for held in work.keys for key in held_by(held, scene)]
    again = [text for key in keys if (text := constraint_again(key, scene.indexes_of(key.table)))]
    heir = [] if table.partition_bound else [text for p in table.parents for text in joins_parent(table, p)]
    dependants = [text for each in work.dependants for text in each.again]
    if table.partition_bound:  # ATTACH would go on to prove what cannot be proved
        yield from (replace(each, sql=(), scans=False, refuses=True) for key in keys for each in _unprovable(key, work))
    # what others wait for comes first; a view reads nothing until somebody asks it
    yield Back(sql=(*back, *heir, *again, *dependants), releases=True)
    for key in keys:
        yield from valid_again(key, work.place(key.table), {}, work.parent(key))
        if comment := definitions.constraint(key, ())[1:]:
            yield Back(sql=comment)
    for held in work.keys:
        if held not in keys:
            yield from whole_key(held, work.place(held.table), scene, work.parent(held))
    if table.partition_bound:
        yield from attached_again(table, scene)


def _unprovable(key: Constraint, work: _Drop) -> Iterator[Back]:
    yield from (each for each in valid_again(key, work.place(key.table), {}, work.parent(key)) if each.unless)


FORM = Form(name="kept-table", policy="drop", keys=("drop_stmt",), rewrite=_rewrite)
