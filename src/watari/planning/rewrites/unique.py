"""ADD UNIQUE and ADD PRIMARY KEY without stopping writes while the index is built: through a concurrent index.

Source: reference recipes R07 and R08; measured on 15 and 18.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from watari.catalog import Name, TableKind
from watari.planning.constraints import constraint_columns, constraint_name
from watari.planning.partitions import Member, Naming, members, obstacle_to_members
from watari.planning.plan import Note, Phase
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten, own_name
from watari.planning.rewrites.index import attached, concurrently
from watari.planning.scene import Scene
from watari.planning.statements.create_index import index_of
from watari.planning.trees import copied, deparsed, only_subcommand, parsed
from watari.planning.validation import DROP, DROP_IF_THERE, for_a_moment, required
from watari.sql.automatic_names import primary_key_name, unique_name
from watari.sql.compose import composed
from watari.sql.grammar import choice, strings
from watari.values import replace

_TEMPORAL = Note(
    en="A constraint WITHOUT OVERLAPS cannot be made from an index that was built before.",
    ja="WITHOUT OVERLAPS の制約は、事前に構築したインデックスからは作成できません。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    constraint, table = getattr(part.node, "def").constraint, scene.table(part.table)
    if table is None or not scene.is_large(part.table):
        return None
    if constraint.without_overlaps:
        return Left(note=_TEMPORAL)
    if table.kind is TableKind.PARTITIONED:
        return (
            None if constraint.indexname or not part.statement.relation.inh else _on_partitions(constraint, part, scene)
        )
    if not constraint.indexname:
        return through_index(constraint, part, scene)
    if choice(constraint, "contype") == "CONSTR_PRIMARY":
        return _from_index_of_the_team(part, scene)
    return None


def through_index(constraint: Any, part: Part, scene: Scene, column: str | None = None) -> tuple[Piece, ...]:
    """Columns made NOT NULL where it is a key, the index built concurrently, and the constraint made from it."""
    name, columns = constraint_name(part.table, constraint, scene, column), constraint_columns(constraint, column)
    key = choice(constraint, "contype") == "CONSTR_PRIMARY"
    final = Name(part.table.schema, name)
    # a key that goes by the same name is there until this one takes its place
    built = Name(part.table.schema, own_name("new", name)) if final in scene.dropping else final
    rename = () if built == final else (composed("ALTER INDEX {built} RENAME TO {name}", built=built, name=name),)
    index = concurrently(_index(constraint, columns), built, part.table)
    drop = (composed("DROP INDEX IF EXISTS {name}", name=built),)
    return (
        *(_required(part.table, columns, scene) if key else ()),
        Piece(sql=index.sql, kind=index.kind, phase=Phase.EXPAND, undo=drop, settle=index.settle),
        Piece(
            sql=(*rename, _from_index(constraint, name, part)),
            phase=Phase.MIGRATE,
            effects=(for_a_moment(part.table),),
            undo=(composed(DROP, table=part.table, name=name),),
            takes_key_drops=True,
        ),
    )


def _on_partitions(constraint: Any, part: Part, scene: Scene) -> Rewritten:
    """The key of the partitioned table first, without any index below it; then one a partition, which becomes a part of it."""
    name, columns = constraint_name(part.table, constraint, scene), constraint_columns(constraint)
    index = _index(constraint, columns)
    index.idxname, index.relation.schemaname, index.relation.relname = name, part.table.schema, part.table.name
    whole, key = index_of(index, scene), choice(constraint, "contype") == "CONSTR_PRIMARY"
    if note := obstacle_to_members(whole, scene):
        return Left(note=note)
    named = [*columns, *strings(constraint.including)]
    naming: Naming = lambda table, taken: primary_key_name(table, taken) if key else unique_name(table, named, taken)  # noqa: E731
    found = members(whole, naming, scene, key=True)
    return (
        *(_required(part.table, columns, scene) if key else ()),
        _only(constraint, name, part, part.table, (composed(DROP_IF_THERE, table=part.table, name=name),)),
        *(piece for member in found for piece in _member(constraint, index, member, name, part)),
    )


def _member(constraint: Any, index: Any, member: Member, whole: str, part: Part) -> Iterator[Piece]:
    table, name = member.table.name, member.name.name
    gone = (
        composed(DROP_IF_THERE, table=part.table, name=whole),
        composed(DROP_IF_THERE, table=table, name=name),
    )
    if not member.there and member.is_leaf:
        built = concurrently(index, member.name, table)
        yield replace(built, undo=(composed("DROP INDEX IF EXISTS {name}", name=member.name),))
        own = replace(part, table=table)
        yield Piece(
            sql=(_from_index(constraint, name, own),), phase=Phase.EXPAND, effects=(for_a_moment(table),), undo=gone
        )
    elif not member.there:
        yield _only(constraint, name, part, table, gone)
    yield attached(member)


def _only(constraint: Any, name: str, part: Part, table: Name, undo: tuple[str, ...]) -> Piece:
    """The key of a partitioned table alone, to which those of its partitions are attached."""
    command = copied(part.node)
    getattr(command, "def").constraint.CopyFrom(constraint)
    getattr(command, "def").constraint.conname = name
    statement = copied(part.statement)
    statement.relation.inh = False
    text = deparsed(only_subcommand(statement, command, table))
    return Piece(sql=(text,), phase=Phase.EXPAND, effects=(for_a_moment(table),), undo=undo)


def _required(table: Name, columns: Sequence[str], scene: Scene) -> list[Piece]:
    found = scene.table(table)
    nullable = [c for c in columns if not (found and (known := found.column(c)) and known.not_null)]
    return [piece for column in nullable for piece in required(table, column, scene)]


def _index(constraint: Any, columns: Sequence[str]) -> Any:
    node = copied(parsed("CREATE UNIQUE INDEX i ON t (c)").index_stmt)
    element = copied(node.index_params[0])
    del node.index_params[:]
    for column in columns:
        element.index_elem.name = column
        node.index_params.add().CopyFrom(element)
    for column in strings(constraint.including):
        element.index_elem.name = column
        node.index_including_params.add().CopyFrom(element)
    node.options.extend(constraint.options)
    node.table_space = constraint.indexspace
    node.nulls_not_distinct = constraint.nulls_not_distinct
    return node


def _from_index(constraint: Any, name: str, part: Part) -> str:
    command = copied(
        parsed("ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i").alter_table_stmt.cmds[0].alter_table_cmd
    )
    own = getattr(command, "def").constraint
    own.contype, own.conname, own.indexname = constraint.contype, name, name
    own.deferrable, own.initdeferred = constraint.deferrable, constraint.initdeferred
    return deparsed(only_subcommand(part.statement, command, part.table))


def _from_index_of_the_team(part: Part, scene: Scene) -> Rewritten:
    """PRIMARY KEY USING INDEX: the index is there; columns that may be NULL would be scanned under the lock."""
    constraint = getattr(part.node, "def").constraint
    index = scene.index(Name(part.table.schema, constraint.indexname))
    if index is None or None in index.columns:
        return None
    before = _required(part.table, [column or "" for column in index.columns], scene)
    if not before:
        return None
    back = (composed(DROP, table=part.table, name=constraint_name(part.table, constraint, scene)),)
    written = deparsed(only_subcommand(part.statement, part.node, part.table))
    return (*before, Piece(sql=(written,), phase=Phase.MIGRATE, undo=back, effects=(for_a_moment(part.table),)))


FORM = Form(
    name="unique-through-index",
    policy="unique",
    keys=("AT_AddConstraint.CONSTR_UNIQUE", "AT_AddConstraint.CONSTR_PRIMARY"),
    rewrite=_rewrite,
)
