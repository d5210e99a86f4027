"""The key that tells subscribers which row is meant is dropped."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Index, Name, Table
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import added_constraints, commands_in, earlier, publications_of, table_of

CARD = Card(
    id="repl-identity-lost",
    title=Text(en="A published table loses its key", ja="パブリケーション対象テーブルがキーを失う"),
    condition=Text(
        en=("DROP CONSTRAINT of the primary key, or DROP COLUMN of one of its columns, of a published table"),
        ja=("パブリケーション対象テーブルの主キーの DROP CONSTRAINT、またはそのカラムの DROP COLUMN の場合"),
    ),
    harm=Text(
        en="UPDATE and DELETE of the application fail with 55000 from then on.",
        ja="以後、アプリケーションの UPDATE・DELETE が 55000 で失敗します。",
    ),
    fact="55000, measured on 15 and 18",
    safer=Text(
        en="REPLICA IDENTITY USING INDEX another unique index first, or FULL for the time between.",
        ja=("先に別の一意インデックスを REPLICA IDENTITY USING INDEX に指定するか、一時的に FULL にします。"),
    ),
    level=Level.BLOCK,
)
KINDS = ("alter_table_stmt AT_DropColumn", "alter_table_stmt AT_DropConstraint")

_MESSAGE = Text(
    en=("{names} publishes {table}, and {index} tells which row is meant: without it UPDATE and DELETE fail (55000)."),
    ja=(
        "{table} は {names} で公開されており、{index} が行を識別しています。なくなると UPDATE・DE"
        "LETE が失敗します（55000）。"
    ),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    table = situation.target
    known = table_of(situation, table)
    if known is None or known.replica_identity not in ("d", "i"):
        return
    columns = {command.name for command in situation.commands("AT_DropColumn")}
    constraints = {command.name for command in situation.commands("AT_DropConstraint")}
    lost = [
        index
        for index in situation.world.indexes_of(table)
        if _identifies(index, known) and (index.constraint in constraints or columns & set(index.columns))
    ]
    added = any(added_constraints(situation, "CONSTR_PRIMARY"))
    names = publications_of(situation.world, table)
    if lost and names and not added and not _chosen(situation, table):
        message = _MESSAGE(table=table, names=", ".join(names), index=lost[0].name.name)
        yield situation.hazard(CARD, Level.BLOCK, table, message, facts={"publications": list(names)})


def _identifies(index: Index, table: Table) -> bool:
    return index.replica_identity if table.replica_identity == "i" else index.primary


def _chosen(situation: Situation, table: Name) -> bool:
    """Whether this statement, or one before, chooses another identity."""
    nodes = (*earlier(situation, "alter_table_stmt"), situation.node)
    return any(
        any(True for _ in commands_in(node, "AT_ReplicaIdentity")) and situation.name(node.relation) == table
        for node in nodes
    )
