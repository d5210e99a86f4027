"""The index that tells subscribers which row is meant is dropped."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import commands_in, dropped, earlier, publications_of

CARD = Card(
    id="index-is-replica-identity",
    title=Text(
        en="The replica identity of a published table is dropped",
        ja="パブリケーション対象テーブルのレプリカアイデンティティを削除する",
    ),
    condition=Text(
        en="DROP INDEX of the index that is the REPLICA IDENTITY of a table",
        ja="テーブルの REPLICA IDENTITY に指定されたインデックスを DROP INDEX する場合",
    ),
    harm=Text(
        en=("The next UPDATE or DELETE of a published table fails with 55000: the application cannot write any more."),
        ja=(
            "パブリケーション対象の場合、次の UPDATE・DELETE から 55000 エラーになり、アプリケーション"
            "が書き込めなくなります。"
        ),
    ),
    fact="accepted without a word, 55000 at the next UPDATE, measured on 15 and 18",
    safer=Text(
        en=(
            "A new unique index on NOT NULL columns, ALTER TABLE … REPLICA IDENTITY USING INDEX, then drop the old one."
        ),
        ja=(
            "NOT NULL 列に新しい一意インデックスを作り、ALTER TABLE … REPLICA IDENTITY USING INDEX で"
            "切り替えてから旧インデックスを削除します。"
        ),
    ),
    level=Level.BLOCK,
)
KINDS = ("drop_stmt OBJECT_INDEX",)

_MESSAGE = Text(
    en=(
        "{index} is the replica identity of {table}, which {names} publishes: UPDATE and DELETE "
        "fail with 55000 afterwards."
    ),
    ja=(
        "{index} は {names} が公開する {table} のレプリカアイデンティティです。削除後の UPDATE・D"
        "ELETE は 55000 エラーになります。"
    ),
)
_QUIET = Text(
    en=("{index} is the replica identity of {table}: once it is published, UPDATE and DELETE fail with 55000."),
    ja=("{index} は {table} のレプリカアイデンティティです。公開されると UPDATE・DELETE は 55000 エラーになります。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an index."""
    for name in dropped(situation, "OBJECT_INDEX"):
        index = situation.world.index(name)
        if index is None or not index.replica_identity or _switched(situation, index.table):
            continue
        published = publications_of(situation.world, index.table)
        names = ", ".join(published)
        message = (
            _MESSAGE(index=name, table=index.table, names=names) if published else _QUIET(index=name, table=index.table)
        )
        level = Level.BLOCK if published else Level.WARN
        yield situation.hazard(CARD, level, name, message, facts={"publications": list(published)})


def _switched(situation: Situation, table: Name) -> bool:
    """Whether a statement before chose another identity."""
    return any(
        any(True for _ in commands_in(node, "AT_ReplicaIdentity")) and situation.name(node.relation) == table
        for node in earlier(situation, "alter_table_stmt")
    )
