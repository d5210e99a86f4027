"""One subcommand of ALTER TABLE on its way through the world, and what dropping parts of a table takes along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import Constraint, ConstraintKind, Index, LockMode, Name, Table, TableKind
from watari.risk.footprint import Footprint
from watari.risk.world import World
from watari.sql.grammar import choice, column_references, expression
from watari.sql.statement import Statement
from watari.values import dataclass, replace

__all__ = ["Alteration", "drop_constraint", "drop_users", "drop_view", "index_mentions", "uses_column", "views_with"]


@dataclass(frozen=True, kw_only=True)
class Alteration:
    """One subcommand, the table it is said of, and all tables that it reaches (partitions, children, unless ONLY)."""

    command: Any
    footprint: Footprint
    name: Name
    family: tuple[Name, ...]

    @property
    def world(self) -> World:
        """What is known."""
        return self.footprint.world

    @property
    def cascades(self) -> bool:
        """Whether the subcommand says CASCADE."""
        return choice(self.command, "behavior") == "DROP_CASCADE"

    @property
    def leaves(self) -> tuple[Name, ...]:
        """The tables of them that hold rows themselves."""
        return tuple(member for member in self.family if self.world.is_leaf(member))

    def lock_family(self, mode: LockMode) -> None:
        """The same lock on every table that is reached."""
        for member in self.family:
            self.footprint.lock(member, mode)

    def table(self, member: Name) -> Table:
        """One of the tables, as it is now; assumed where nothing is known."""
        return self.world.table(member) or Table(name=member, kind=TableKind.TABLE, owner="", pages=1)

    def change_column(self, column: str, **changes: Any) -> None:
        """The column is now different, in every table that is reached."""
        for member in self.family:
            table = self.table(member)
            columns = tuple(replace(c, **changes) if c.name == column else c for c in table.columns)
            self.world.tell("put_table", table.having(columns))


# -- what uses a column -------------------------------------------------------------------------------------------------------


def index_mentions(index: Index) -> tuple[str, ...]:
    """The columns in an index's expressions and predicate: not its plain keys."""
    if index.predicate is None and None not in index.columns:
        return ()
    statement = _parsed(index.definition)
    if statement is None:
        return column_references(expression(index.predicate)) if index.predicate else ()
    found = [name for node in statement.index_params for name in column_references(node.index_elem.expr)]
    if statement.HasField("where_clause"):
        found += column_references(statement.where_clause)
    return tuple(dict.fromkeys(found))


def _parsed(definition: str) -> Any | None:
    from watari.errors.usage import ScriptSyntax

    try:
        node = Statement(text=definition, file="").node
    except ScriptSyntax:
        return None
    return node.index_stmt if node.WhichOneof("node") == "index_stmt" else None


def uses_column(index: Index, column: str) -> bool:
    """Whether an index has the column anywhere."""
    return column in index.columns or column in index.included or column in index_mentions(index)


def views_with(world: World, relation: Name, column: str) -> Iterator[Name]:
    """The views that show or read a column of a relation."""
    for name in world.views_of(relation):
        view = world.table(name)
        if view is None:
            continue
        query = _query(view.definition)
        if query is None or world.written_name(relation, column) in column_references(query):
            yield name


def _query(definition: str | None) -> Any | None:
    from watari.errors.usage import ScriptSyntax

    if not definition:
        return None
    try:
        return Statement(text=definition.rstrip().rstrip(";"), file="").node
    except ScriptSyntax:
        return None


# -- what goes with something -------------------------------------------------------------------------------------------------


def drop_view(footprint: Footprint, view: Name) -> None:
    """A view or materialised view goes, with every view that reads it."""
    footprint.lock(view, LockMode.ACCESS_EXCLUSIVE)
    footprint.destroy(view, "view")
    footprint.lock_indexes(view, LockMode.ACCESS_EXCLUSIVE)
    for other in footprint.world.views_of(view):
        drop_view(footprint, other)
    footprint.world.tell("drop_table", view)


def drop_constraint(footprint: Footprint, constraint: Constraint, *, cascades: bool = True) -> None:
    """A constraint goes: with its index, with the foreign keys that need it, closing the table that it references."""
    world = footprint.world
    if constraint.references is not None:
        for referenced in world.family(constraint.references):
            footprint.lock(referenced, LockMode.ACCESS_EXCLUSIVE)
    if constraint.kind in (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE) and cascades:
        for foreign in world.referencing(constraint.table):
            if needs(foreign, constraint):
                footprint.lock(foreign.table, LockMode.ACCESS_EXCLUSIVE)
                footprint.destroy(foreign.table, f"constraint {foreign.name}")
                world.tell("drop_constraint", foreign.table, foreign.name)
    if constraint.index and constraint.references is None:
        footprint.lock(constraint.index, LockMode.ACCESS_EXCLUSIVE)
        world.tell("drop_index", constraint.index)
    world.tell("drop_constraint", constraint.table, constraint.name)


def needs(foreign: Constraint, key: Constraint) -> bool:
    """Whether a foreign key points at this key."""
    if foreign.index is not None and key.index is not None:
        return foreign.index == key.index
    if foreign.referenced_columns:
        return set(foreign.referenced_columns) == set(key.columns)
    return key.kind is ConstraintKind.PRIMARY_KEY


def drop_users(footprint: Footprint, table: Name, column: str, *, cascades: bool) -> None:
    """What has a column that is dropped goes with it: constraints, indexes, sequences; views only if it cascades."""
    world = footprint.world
    for constraint in world.constraints_of(table):
        if column in constraint.columns:
            drop_constraint(footprint, constraint, cascades=cascades)
    for index in world.indexes_of(table):
        if uses_column(index, column):
            footprint.lock(index.name, LockMode.ACCESS_EXCLUSIVE)
            footprint.destroy(index.name, "index")
            world.tell("drop_index", index.name)
    for sequence in world.sequences_of(table, column):
        footprint.lock(sequence.name, LockMode.ACCESS_EXCLUSIVE)
        world.tell("drop_sequence", sequence.name)
    if cascades:
        for view in tuple(views_with(world, table, column)):
            drop_view(footprint, view)
