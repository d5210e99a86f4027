"""ADD UNIQUE and ADD PRIMARY KEY without stopping writes while the index is built: through a concurrent index.

Source: reference recipes R07 and R08; measured on 15 and 18.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watari.catalog import Name, TableKind
from watari.planning.constraints import constraint_columns, constraint_name
from watari.planning.plan import Note, Phase
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten, own_name
from watari.planning.rewrites.index import concurrently
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, only_subcommand, parsed
from watari.planning.validation import DROP, for_a_moment, required
from watari.sql.compose import composed
from watari.sql.grammar import choice, strings

_PARTITIONED = Note(
    en="The table is partitioned, where PostgreSQL makes no constraint from an index built concurrently.",
    ja="パーティションテーブルでは、CONCURRENTLY で構築したインデックスを制約にできません。",
)
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
        return Left(note=_PARTITIONED)
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
