"""A published table changes its shape; subscribers do not hear of it."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import publications_of
from watari.sql.grammar import choice

CARD = Card(
    id="repl-ddl-not-carried",
    title=Text(en="Subscribers do not follow a change of shape", ja="サブスクライバーにはスキーマ変更が伝わらない"),
    condition=Text(
        en="ADD, DROP, RENAME or TYPE of a column, or a rename, of a table that a publication has",
        ja="パブリケーション対象テーブルのカラム追加・削除・改名・型変更、またはテーブル改名の場合",
    ),
    harm=Text(
        en=(
            "DDL is not replicated: a column that only the publisher has, or another name or type, "
            "stops the subscription."
        ),
        ja=("DDL は複製されません。パブリッシャー側だけのカラムや名前・型の違いで、サブスクリプションが停止します。"),
    ),
    fact="apply stops, measured on 15 and 18; manual, Logical Replication, Restrictions",
    safer=Text(
        en=(
            "What is added: subscriber first, nullable or with a default. What goes: publisher first. "
            "Other changes through a second column."
        ),
        ja=(
            "追加はサブスクライバーから（NULL 可または既定値付きで）、削除はパブリッシャーから行い、そ"
            "の他は別カラム経由で変更します。"
        ),
    ),
)
KINDS = (
    "alter_table_stmt AT_AddColumn existing",
    "alter_table_stmt AT_DropColumn existing",
    "alter_table_stmt AT_AlterColumnType existing",
    "rename_stmt existing",
)

_MESSAGE = Text(
    en=("{names} publishes {table}: its subscribers have to be changed too, in the right order, or they stop."),
    ja=("{table} は {names} で公開されています。サブスクライバー側も正しい順序で変更しないと複製が停止します。"),
)


_SUBTYPES = ("AT_AddColumn", "AT_DropColumn", "AT_AlterColumnType")


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    if situation.kind == "rename_stmt":
        if choice(situation.node, "rename_type") not in (
            "OBJECT_TABLE",
            "OBJECT_COLUMN",
        ) or not situation.node.HasField("relation"):
            return
    elif not any(situation.commands(*_SUBTYPES)):
        return
    table = situation.target
    names = publications_of(situation.world, table) if situation.old(table) else ()
    if names:
        message = _MESSAGE(table=table, names=", ".join(names))
        yield situation.hazard(CARD, Level.WARN, table, message, facts={"publications": list(names)})
