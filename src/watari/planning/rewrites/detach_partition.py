"""DETACH PARTITION while readers and writers of the table go on: CONCURRENTLY, and what that leaves behind is taken away.

Source: reference recipe R14; documentation, "ALTER TABLE", DETACH PARTITION: the check that CONCURRENTLY leaves on the detached
table is not there after the statement as written.
"""

from __future__ import annotations

from watari.catalog import Table
from watari.planning.bounds import key_of_table
from watari.planning.plan import Note, Phase, Settle, StepKind
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten
from watari.planning.scene import Scene
from watari.planning.subcommand import subcommand_of
from watari.planning.trees import copied, deparsed, only_subcommand
from watari.planning.validation import DROP_IF_THERE
from watari.sql.automatic_names import check_name
from watari.sql.compose import composed

_DEFAULT = Note(
    en="The table has a default partition, with which PostgreSQL detaches nothing concurrently: readers and writers of the table "
    "wait for a moment.",
    ja="デフォルトパーティションがあるため CONCURRENTLY でデタッチできません。短時間テーブル全体がロックされます。",
)
_REFERENCED = Note(
    en="Foreign keys refer to the table: the referencing rows are checked while the partition is detached.",
    ja="外部キーから参照されているため、デタッチ中に参照元の行が検査されます。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    command = getattr(part.node, "def").partition_cmd
    table, leaving = scene.table(part.table), scene.table(scene.name_of(command.name))
    if table is None or leaving is None or command.concurrent or not scene.is_large(part.table):
        return None
    partitions = scene.partitions_of(part.table)
    if any(each.partition_bound == "DEFAULT" for each in partitions):
        return Left(note=_DEFAULT)
    if scene.referencing(part.table):
        return Left(note=_REFERENCED)
    own = copied(part.node)
    getattr(own, "def").partition_cmd.concurrent = True
    check = check_name(leaving.name.name, _bound_columns(table, scene), scene.constraint_names(leaving.name.schema))
    return (
        Piece(
            sql=(deparsed(only_subcommand(part.statement, own, part.table)),),
            kind=StepKind.CONCURRENT,
            phase=Phase.CONTRACT,
            undo=subcommand_of(part.node).undo(part.node, part.table, scene),
            settle=Settle(kind="partition_detached", relation=str(leaving.name), table=str(part.table)),
        ),
        Piece(sql=(composed(DROP_IF_THERE, table=leaving.name, name=check),), phase=Phase.CONTRACT),
    )


def _bound_columns(table: Table, scene: Scene) -> list[str]:
    """The columns by which the table, and every table above it, is partitioned."""
    key = key_of_table(table)
    found = list(key.columns) if key else []
    for name in table.parents:
        above = scene.table(name)
        found += _bound_columns(above, scene) if above else []
    return list(dict.fromkeys(found))


FORM = Form(name="concurrent-detach", policy="partition", keys=("AT_DetachPartition",), rewrite=_rewrite)
