"""A new table, where publications name their tables one by one."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import later, listing_publications
from watari.sql.compose import composed

CARD = Card(
    id="repl-new-table-unpublished",
    title=Text(en="A new table is not replicated", ja="新しいテーブルは複製されない"),
    condition=Text(
        en="CREATE TABLE, without ALTER PUBLICATION, where publications list their tables",
        ja=("テーブルを列挙したパブリケーションがある環境で、ALTER PUBLICATION なしに CREATE TABLE する場合"),
    ),
    harm=Text(
        en="Subscribers, change capture and reports fed by them do not get its rows.",
        ja="サブスクライバーや変更データキャプチャに、その行が届きません。",
    ),
    fact="pg_publication_rel of the live publications",
    safer=Text(
        en=("ALTER PUBLICATION … ADD TABLE in the same migration, then REFRESH PUBLICATION at the subscriber."),
        ja=(
            "同じマイグレーションで ALTER PUBLICATION … ADD TABLE を実行し、サブスクライバーで REFRES"
            "H PUBLICATION します。"
        ),
    ),
    level=Level.INFO,
)
KINDS = ("create_stmt",)

_MESSAGE = Text(
    en="{names} lists its tables, and {table} is not among them.",
    ja="{names} は対象テーブルを列挙しており、{table} は含まれていません。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    names = listing_publications(situation.world)
    table = situation.target
    added = any(True for _ in later(situation, "alter_publication_stmt"))
    if (
        names
        and not added
        and situation.node.relation.relpersistence != "t"
        and not situation.node.HasField("partbound")
    ):
        safer = "\n".join(
            composed("ALTER PUBLICATION {name} ADD TABLE {table};", name=name.strip('"'), table=table) for name in names
        )
        message = _MESSAGE(table=table, names=", ".join(names))
        yield situation.hazard(CARD, Level.INFO, table, message, safer=safer)
