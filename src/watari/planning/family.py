"""A table that is dropped with what goes along: partitions and children below it, and with CASCADE what depends on them.

Each member is moved by itself and stays the partition or child of the one above, so that coming back reads no row. What depends
on them is listed by name beforehand, with the statements that make it again. Source: documentation, "DROP TABLE" (CASCADE),
"Dependency Tracking".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import LiteralString

from watari.catalog import Name, Routine, Table, TableKind
from watari.planning import definitions
from watari.planning.dependants import mentions
from watari.planning.plan import Note
from watari.planning.scene import Scene
from watari.sql.compose import Raw, composed
from watari.values import dataclass

__all__ = ["Dependant", "dependants_of", "family_of", "obstacle_to_moving"]

_DEPENDS = Note(
    en="CASCADE takes {what} along, which cannot be made again from the catalog.",
    ja="CASCADE により {what} も削除されますが、カタログの情報からは作り直せません。",
)
_FOREIGN = Note(
    en="{table} is a foreign table or holds one.", ja="{table} は外部テーブルであるか、外部テーブルを含みます。"
)
_PUBLISHED = Note(
    en="{table} belongs to a publication, which it would not leave.",
    ja="{table} はパブリケーションに含まれており、移動しても外れません。",
)


@dataclass(frozen=True, kw_only=True)
class Dependant:
    """Something that CASCADE takes along: its kind and name for people, the statement that drops it, those that make it."""

    kind: str
    name: str
    drop: str
    again: tuple[str, ...]


def family_of(table: Table, scene: Scene) -> tuple[Table, ...]:
    """The table and everything below it, each before what is below itself."""
    found = [table]
    for part in scene.partitions_of(table.name):
        found += [each for each in family_of(part, scene) if each not in found]
    return tuple(found)


def obstacle_to_moving(members: tuple[Table, ...], scene: Scene, *, cascade: bool) -> Note | None:
    """Why the family cannot be moved out of the way as one; `cascade`: what depends on it may be dropped before."""
    for member in members:
        if member.kind not in (TableKind.TABLE, TableKind.PARTITIONED):
            return _filled(_FOREIGN, table=str(member.name))
        if _published(member, scene):
            return _filled(_PUBLISHED, table=str(member.name))
    if not cascade:
        return None
    lost = next((each for each in dependants_of(members, scene) if not each.again), None)
    return _filled(_DEPENDS, what=f"{lost.kind} {lost.name}") if lost else None


def _filled(note: Note, **words: str) -> Note:
    return Note(en=note.en.format(**words), ja=note.ja.format(**words))


def _published(member: Table, scene: Scene) -> bool:
    texts = (other.definition for other in scene.catalog.others if other.kind == "publication")
    name = scene.live_name(member.name).name
    return any("all tables t" not in text and mentions(text, name) for text in texts)


def dependants_of(members: tuple[Table, ...], scene: Scene) -> tuple[Dependant, ...]:
    """What reads from the family or is made of its row types, those that others are made of first."""
    reached = {scene.live_name(member.name) for member in members}
    return (*_views(reached, scene), *_routines(reached, scene), *_policies(reached, scene))


def _views(reached: set[Name], scene: Scene) -> Iterator[Dependant]:
    """Views, and views on views: `reached` grows with them."""
    left = [t for t in scene.catalog.tables.values() if t.kind in (TableKind.VIEW, TableKind.MATERIALIZED_VIEW)]
    while found := [view for view in left if reached & set(view.reads_from)]:
        for view in sorted(found, key=lambda each: each.name):
            reached.add(view.name)
            yield _view(view, scene)
        left = [view for view in left if view not in found]


def _view(view: Table, scene: Scene) -> Dependant:
    stored = view.kind is TableKind.MATERIALIZED_VIEW
    kind = Raw("MATERIALIZED VIEW" if stored else "VIEW")
    again = [
        *definitions.view(view),
        composed("ALTER {kind} {name} OWNER TO {owner}", kind=kind, name=view.name, owner=view.owner),
    ]
    again += [text for index in scene.indexes_of(view.name) for text in definitions.index(index)]
    known = view.definition and not _has_rules(view, scene) and not scene.triggers_of(view.name)
    drop = composed("DROP {kind} {name}", kind=kind, name=view.name)
    return Dependant(kind=kind.lower(), name=str(view.name), drop=drop, again=tuple(again) if known else ())


def _has_rules(view: Table, scene: Scene) -> bool:
    return any(other.kind == "rule" and mentions(other.definition, view.name.name) for other in scene.catalog.others)


def _routines(reached: set[Name], scene: Scene) -> Iterator[Dependant]:
    """Functions whose arguments, results or bodies (BEGIN ATOMIC) are made of the tables: what only names one stays."""
    for routine in scene.catalog.routines:
        head = routine.definition.partition("\nAS ")[0]
        if any(_names(head, name) for name in reached):  # a body that is text is behind AS; BEGIN ATOMIC is not
            yield _routine(routine)


def _routine(routine: Routine) -> Dependant:
    kind: LiteralString = "PROCEDURE" if routine.kind == "p" else "FUNCTION"
    place: dict[str, Name | Raw] = {"kind": Raw(kind), "name": routine.name, "arguments": Raw(routine.arguments)}
    owner = composed("ALTER {kind} {name}({arguments}) OWNER TO {owner}", owner=routine.owner, **place)
    again = (*definitions.routine(routine), owner) if routine.kind in ("f", "p") else ()
    drop = composed("DROP {kind} {name}({arguments})", **place)
    return Dependant(kind=kind.lower(), name=f"{routine.name}({routine.arguments})", drop=drop, again=again)


def _names(text: str, name: Name) -> bool:
    """Whether a definition that the server wrote, in which everything is qualified, holds the relation's name."""
    return re.search(rf'(?<![\w".]){re.escape(str(name))}(?![\w"])', text) is not None


def _policies(reached: set[Name], scene: Scene) -> Iterator[Dependant]:
    """Policies of other tables that ask these ones."""
    for policy in scene.catalog.policies:
        asks = any(_names(f"{policy.using} {policy.check}", name) for name in reached)
        if policy.table not in reached and asks:
            drop = composed("DROP POLICY {name} ON {table}", name=policy.name, table=policy.table)
            name = f"{policy.name} on {policy.table}"
            yield Dependant(kind="policy", name=name, drop=drop, again=definitions.policy(policy))
