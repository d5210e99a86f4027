"""DROP TABLE (also by DROP SCHEMA, OWNED, CASCADE): the rows are gone."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard
from watari.risk.loss import loss_level, table_facts, weight
from watari.risk.situation import Situation, effect_names
from watari.sql.compose import composed

CARD = Card(
    id="destroy-table",
    title=Text(en="A table is dropped with its rows", ja="テーブルが行データごと削除される"),
    condition=Text(
        en="DROP TABLE, DROP SCHEMA or DROP OWNED of a table that was there before and holds rows",
        ja="既存でデータのあるテーブルを DROP TABLE・DROP SCHEMA・DROP OWNED で削除する場合",
    ),
    harm=Text(
        en="The rows cannot be brought back except from a backup; views, foreign keys and grants go with them.",
        ja="行データはバックアップ以外から戻せません。ビュー・外部キー・権限も一緒に失われます。",
    ),
    fact="rows and bytes of the live catalog; pg_depend",
    safer=Text(
        en="Rename it into a schema of its own first and drop it days later, when nobody has missed it.",
        ja="まず別スキーマに移して名前を変え、数日間問題がないことを確認してから削除します。",
    ),
)
KINDS = ("drop_stmt", "drop_owned_stmt", "do_stmt")

_MESSAGE = Text(
    en="{table} is dropped with everything in it ({weight}); only a backup brings it back.{needed}",
    ja="{table} が中身ごと削除されます（{weight}）。戻すにはバックアップが必要です。{needed}",
)
_NEEDED = Text(en=" These depend on it: {names}.", ja="依存しているもの: {names}。")


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table."""
    for name in effect_names(situation, "table"):
        level = loss_level(situation, name)
        if level is None:
            continue
        facts = table_facts(situation, name)
        needed = facts.get("dependants")
        message = _MESSAGE(
            table=name,
            weight=weight(situation, name, facts),
            needed=_NEEDED(names=", ".join(needed)) if isinstance(needed, list) else "",
        )
        yield situation.hazard(CARD, level, name, message, facts=facts, safer=_safer(situation, name))


def _safer(situation: Situation, name: Name) -> str | None:
    if situation.kind != "drop_stmt":
        return None
    kept = Name("to_drop", name.name)
    return "\n".join(
        [
            "CREATE SCHEMA IF NOT EXISTS to_drop;",
            composed("ALTER TABLE {table} SET SCHEMA to_drop;", table=name),
            "-- days later:",
            composed("DROP TABLE {table};", table=kept),
        ]
    )
