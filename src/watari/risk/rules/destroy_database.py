"""DROP DATABASE in a migration."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="destroy-database",
    title=Text(en="DROP DATABASE in a migration", ja="マイグレーション内の DROP DATABASE"),
    condition=Text(en="DROP DATABASE", ja="DROP DATABASE を実行する場合"),
    harm=Text(
        en="Everything in it is gone, and no plan can take that back.",
        ja="データベース全体が失われ、計画で元に戻すことはできません。",
    ),
    fact="manual, DROP DATABASE",
    safer=Text(
        en="Take it out; drop a database by hand, after a backup that was restored somewhere.",
        ja="マイグレーションから削除し、復元確認済みのバックアップを取ったうえで手作業で行います。",
    ),
)
KINDS = ("dropdb_stmt",)

_MESSAGE = Text(
    en="Database {name} is dropped with everything in it; a migration is no place for that.",
    ja="データベース {name} が全体ごと削除されます。マイグレーションで行うべきではありません。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """Always a hazard."""
    name = situation.node.dbname
    yield situation.hazard(CARD, Level.BLOCK, name, _MESSAGE(name=name))
