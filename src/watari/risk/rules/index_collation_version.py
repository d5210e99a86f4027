"""An index on text, while the order of the operating system is not the one of the indexes that are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watari.catalog import Catalog, Column, Name, quoted
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.compose import composed
from watari.sql.grammar import column_references, strings

CARD = Card(
    id="index-collation-version",
    title=Text(
        en="The order of text has changed under the indexes",
        ja="インデックス作成後に文字列の照合順序が変わっている",
    ),
    condition=Text(
        en="an index, a unique or primary key on a column whose collation has another version now than the database wrote down",
        ja="照合順序のバージョンがデータベースの記録と異なるカラムに、インデックス・一意制約・主キーを作成する場合",
    ),
    harm=Text(
        en="Indexes built before are in the old order: rows are not found through them, and duplicates pass a unique key. The new index disagrees with them, and with a standby on the old system.",
        ja="以前のインデックスは古い順序のままで、行が見つからない、重複が一意制約をすり抜けるといった事態になります。新しいインデックスとは順序が食い違います。",
    ),
    fact="manual, ALTER COLLATION and ALTER DATABASE … REFRESH COLLATION VERSION; version read back on 14 to 18",
    safer=Text(
        en="Build the indexes of that collation anew first, then let the database write down the version.",
        ja="先にその照合順序のインデックスを再構築し、その後バージョンを更新します。",
    ),
)
KINDS = ("index_stmt", "alter_table_stmt")

_MESSAGE = Text(
    en="{column} is ordered by {collation}, whose order has changed since the indexes on it were built ({count} on this table).",
    ja="{column} の照合順序 {collation} は、既存インデックス（このテーブルに {count} 件）の作成後に変わっています。",
)


#: Types that have an order of the operating system or ICU.
_ORDERED = ("text", "character varying", "character", "citext")


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    catalog = situation.world.catalog
    stale = catalog.cluster.stale_collations if catalog and catalog.cluster else ()
    table = situation.world.table(situation.target) if stale else None
    if table is None or not situation.old(table.name):
        return
    for name in _indexed(situation):
        column = table.column(name)
        collation = _collation(column) if column else None
        if column is None or collation is None or collation not in stale:
            continue
        there = [index.name for index in situation.world.indexes_of(table.name) if name in index.columns]
        message = _MESSAGE(column=f"{table.name}.{quoted(name)}", collation=collation, count=len(there))
        facts = {"collation": collation, "indexes": [str(index) for index in there]}
        yield situation.hazard(
            CARD, Level.WARN, table.name, message, facts=facts, safer=_safer(catalog, collation, there)
        )
        return


def _indexed(situation: Situation) -> Iterator[str]:
    """The columns that an index is built on."""
    if situation.kind == "index_stmt":
        for part in situation.node.index_params:
            yield from [part.index_elem.name] if part.index_elem.name else column_references(part.index_elem.expr)
    for kind, constraint in situation.constraints if situation.kind == "alter_table_stmt" else ():
        if kind in ("CONSTR_UNIQUE", "CONSTR_PRIMARY"):
            yield from strings(constraint.keys)
        elif kind == "CONSTR_EXCLUSION":
            yield from column_references(constraint)


def _collation(column: Column) -> str | None:
    if column.collation:
        return column.collation
    return "default" if column.type.partition("(")[0] in _ORDERED else None


def _safer(catalog: Catalog | None, collation: str, there: Sequence[Name]) -> str:
    lines = [composed("REINDEX INDEX CONCURRENTLY {index};", index=index) for index in there]
    if collation == "default":
        last = composed("ALTER DATABASE {name} REFRESH COLLATION VERSION;", name=catalog.database if catalog else "")
    else:
        last = f"ALTER COLLATION {collation} REFRESH VERSION;"
    return "\n".join([*lines, "-- … and every other index of that order, in all tables; then:", last])
