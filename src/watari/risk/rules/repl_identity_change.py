"""REPLICA IDENTITY FULL or NOTHING."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import kept

CARD = Card(
    id="repl-identity-change",
    title=Text(en="Another replica identity", ja="レプリカアイデンティティの変更"),
    condition=Text(
        en="ALTER TABLE … REPLICA IDENTITY FULL or NOTHING",
        ja="ALTER TABLE … REPLICA IDENTITY FULL・NOTHING を実行する場合",
    ),
    harm=Text(
        en=(
            "FULL writes whole old rows to the WAL and makes subscribers read their table for each; "
            "NOTHING makes UPDATEs of a published table fail."
        ),
        ja=(
            "FULL は旧行全体を WAL に書き、サブスクライバーは 1 行ごとにテーブルを走査します。NOTHING"
            " では公開テーブルの UPDATE が失敗します。"
        ),
    ),
    fact=("ACCESS EXCLUSIVE for a moment, measured on 15 and 18; manual, ALTER TABLE, REPLICA IDENTITY"),
    safer=Text(
        en="USING INDEX a unique index over NOT NULL columns.",
        ja="NOT NULL 列の一意インデックスを USING INDEX で指定します。",
    ),
)
KINDS = ("alter_table_stmt AT_ReplicaIdentity",)

_MESSAGE = Text(
    en=("{table} gets REPLICA IDENTITY {word}: more WAL and slow subscribers, or UPDATEs that fail."),
    ja=(
        "{table} が REPLICA IDENTITY {word} になります。WAL の増加やサブスクライバーの遅延、UPDAT"
        "E の失敗につながります。"
    ),
)


_WORDS = {"f": "FULL", "n": "NOTHING"}


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    table = situation.target
    for command in situation.commands("AT_ReplicaIdentity"):
        word = _WORDS.get(kept(command).identity_type)
        if word is not None and situation.old(table):
            yield situation.hazard(CARD, Level.WARN, table, _MESSAGE(table=table, word=word))
