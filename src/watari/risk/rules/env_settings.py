"""A setting that reaches every session of a server, database or role."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="env-settings",
    title=Text(en="A setting reaches sessions beyond this one", ja="他のセッションにも及ぶ設定変更"),
    condition=Text(
        en="ALTER SYSTEM, ALTER DATABASE … SET or ALTER ROLE … SET",
        ja="ALTER SYSTEM、ALTER DATABASE … SET、ALTER ROLE … SET を実行する場合",
    ),
    harm=Text(
        en=(
            "All new sessions of the server, database or role have it, and no rollback of the migration takes it back."
        ),
        ja=("サーバー・データベース・ロールの新しいセッションすべてに効き、マイグレーションを戻しても残ります。"),
    ),
    fact="manual, ALTER SYSTEM, ALTER DATABASE, ALTER ROLE",
    safer=Text(
        en=("SET LOCAL for the statement that needs it; what holds for all belongs to the operation of the server."),
        ja="必要な文だけ SET LOCAL を使います。全体の設定はサーバー運用側で管理します。",
    ),
)
KINDS = (
    "alter_system_stmt",
    "alter_database_set_stmt",
    "alter_role_set_stmt",
)

_MESSAGE = Text(
    en="{form} sets {name} for every session that comes, not for this migration alone.",
    ja=("{form} による {name} の設定は、このマイグレーションだけでなく以後の全セッションに効きます。"),
)


_WORDS = {
    "alter_system_stmt": "ALTER SYSTEM",
    "alter_database_set_stmt": "ALTER DATABASE",
    "alter_role_set_stmt": "ALTER ROLE",
}


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    name = situation.node.setstmt.name or "ALL"
    yield situation.hazard(CARD, Level.WARN, name, _MESSAGE(name=name, form=_WORDS[situation.kind]))
