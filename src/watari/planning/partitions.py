"""Partitions below a table, and what an index or key of a partitioned table is made of, partition by partition.

The server makes one index a partition, names it as if it had been made there alone, and takes one that is there already and
fits. Source: `DefineIndex` (indexcmds.c), `generateClonedIndexStmt` (parse_utilcmd.c).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Any

from watari.catalog import Index, Name, Table, TableKind
from watari.planning.plan import Note
from watari.planning.scene import Scene
from watari.planning.trees import parsed
from watari.sql.grammar import choice, strings
from watari.values import dataclass, field

__all__ = ["Member", "Naming", "below_table", "leaves", "members", "obstacle_to_members"]

#: How a member is named: the partition's name and the names that are taken.
Naming = Callable[[str, Container[str]], str]

_FOREIGN = Note(
    en="A partition is a foreign table, which has no index; the index is built as written, and writes wait meanwhile.",
    ja="外部テーブルのパーティションがあるため記述どおりに構築します。構築中は書き込みが待たされます。",
)
_PERHAPS = Note(
    en="A partition has an index of its own on an expression or part of its rows that may be meant; it is built as written.",
    ja="パーティション側に式インデックスまたは部分インデックスがあり、同一と判断できないため記述どおりに構築します。",
)


@dataclass(frozen=True, kw_only=True)
class Member:
    """The part of an index that belongs to one partition; `of` is the index above, `there`: it needs not be built."""

    table: Table
    name: Name
    of: Name
    there: bool = False

    @property
    def is_leaf(self) -> bool:
        """Whether it holds rows itself."""
        return self.table.kind is not TableKind.PARTITIONED


def below_table(table: Name, scene: Scene) -> Iterator[Table]:
    """The partitions of a table and their partitions, each before its own."""
    for part in scene.partitions_of(table):
        yield part
        yield from below_table(part.name, scene)


def leaves(table: Name, scene: Scene) -> tuple[Table, ...]:
    """The partitions that hold rows."""
    return tuple(part for part in below_table(table, scene) if part.kind is not TableKind.PARTITIONED)


def members(
    wanted: Index, naming: Naming, scene: Scene, *, key: bool = False, only: Table | None = None
) -> tuple[Member, ...]:
    """What an index of a partitioned table is made of, each before those below it.

    `key`: a constraint stands on it. `only`: a table that is to become a partition, in place of those that are.
    """
    taken = _Names(scene=scene, made={wanted.name})
    if only:
        return (_member(only, wanted.name, wanted, naming, taken, key),)
    return tuple(_members(wanted.table, wanted.name, wanted, naming, taken, key))


def _members(table: Name, of: Name, wanted: Index, naming: Naming, taken: _Names, key: bool) -> Iterator[Member]:
    for part in taken.scene.partitions_of(table):
        found = _member(part, of, wanted, naming, taken, key)
        yield found
        if not found.there:
            yield from _members(part.name, found.name, wanted, naming, taken, key)


def _member(part: Table, of: Name, wanted: Index, naming: Naming, taken: _Names, key: bool) -> Member:
    there = next((i for i in taken.scene.indexes_of(part.name) if _fits(i, wanted, key)), None)
    name = there.name if there else Name(part.name.schema, naming(part.name.name, taken.of(part.name.schema)))
    taken.made.add(name)
    return Member(table=part, name=name, of=of, there=there is not None)


def obstacle_to_members(wanted: Index, scene: Scene) -> Note | None:
    """Why the index cannot be made partition by partition; None where it can."""
    parts = tuple(below_table(wanted.table, scene))
    if any(part.kind is TableKind.FOREIGN for part in parts):
        return _FOREIGN
    if wanted.predicate is None and None not in wanted.columns:
        return None
    own = (index for part in parts for index in scene.indexes_of(part.name) if index.parent is None)
    return _PERHAPS if any(index.predicate is not None or None in index.columns for index in own) else None


def _fits(index: Index, wanted: Index, key: bool) -> bool:
    if index.parent is not None or not index.valid or (key and not index.constraint):
        return False
    if wanted.predicate is not None or None in wanted.columns:
        return index.unique == wanted.unique and _behind_table(index) == _behind_table(wanted)
    same = (index.columns, index.included, index.method, index.unique, index.predicate)
    if same != (wanted.columns, wanted.included, wanted.method, wanted.unique, wanted.predicate):
        return False
    return _elements(index) == _elements(wanted)


def _behind_table(index: Index) -> str:
    """What stands behind the table's name in the server's own text."""
    return index.definition.partition(" USING ")[2]


def _elements(index: Index) -> list[tuple[object, ...]]:
    """How an index orders and compares each of its columns."""
    return [_element(each.index_elem) for each in parsed(index.definition).index_stmt.index_params]


def _element(element: Any) -> tuple[object, ...]:
    down = choice(element, "ordering") == "SORTBY_DESC"
    nulls = choice(element, "nulls_ordering")
    first = down if nulls.endswith("DEFAULT") else nulls.endswith("FIRST")
    return element.name, down, first, strings(element.opclass), strings(element.collation)


@dataclass(frozen=True, kw_only=True)
class _Names:
    """The names that a member cannot have: those of the scene, and those of the members before it."""

    scene: Scene
    made: set[Name] = field(default_factory=set)

    def of(self, schema: str) -> Container[str]:
        return _Taken(
            self.scene.taken_by_constraints(schema), {name.name for name in self.made if name.schema == schema}
        )


@dataclass(frozen=True)
class _Taken:
    before: Container[str]
    made: Container[str]

    def __contains__(self, name: object) -> bool:
        return name in self.made or name in self.before
