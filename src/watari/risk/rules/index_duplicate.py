"""An index that another one makes superfluous."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import Index
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import later
from watari.sql.grammar import choice, written_list

CARD = Card(
    id="index-duplicate",
    title=Text(en="An index that another one already covers", ja="既存インデックスと重複する"),
    condition=Text(
        en="CREATE INDEX over columns with which another valid index of the table begins",
        ja="テーブルの有効な別インデックスの先頭と同じカラムに CREATE INDEX する場合",
    ),
    harm=Text(
        en="Every write keeps both up to date, and queries could have used the one that is there.",
        ja="書き込みのたびに両方が更新されます。検索は既存のインデックスで足ります。",
    ),
    fact="accepted without a word, measured on 15 and 18",
    safer=Text(
        en="Leave it out, or drop the other one in the same migration.",
        ja="作成しないか、同じマイグレーションで重複する方を削除します。",
    ),
)
KINDS = ("index_stmt existing",)

_MESSAGE = Text(
    en="{index} of {table} begins with {columns} already: this index only makes writes slower.",
    ja="{table} の {index} が既に {columns} で始まっています。書き込みが遅くなるだけです。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    columns = _plain_columns(node)
    if not columns or node.HasField("where_clause") or not situation.old(situation.target):
        return
    for index in situation.world.indexes_of(situation.target):
        begins = index.columns[: len(columns)] == columns and index.predicate is None and index.valid
        enough = not node.unique or (index.unique and index.columns == columns)
        if (
            begins
            and enough
            and index.method == node.access_method
            and not _goes(situation, index)
            and index.name.name != node.idxname
        ):
            message = _MESSAGE(index=index.name, columns=", ".join(columns), table=index.table)
            facts = {"bytes": index.bytes}
            yield situation.hazard(CARD, Level.WARN, index.name, message, facts=facts)
            return


def _plain_columns(node: Any) -> tuple[str, ...]:
    """The key columns; empty where one is an expression or is sorted, collated or compared in its own way."""
    parts = [part.index_elem for part in node.index_params]
    plain = all(
        part.name
        and not part.opclass
        and not part.collation
        and choice(part, "ordering") in ("SORTBY_DEFAULT", "SORTBY_ASC")
        for part in parts
    )
    return tuple(part.name for part in parts) if plain else ()


def _goes(situation: Situation, index: Index) -> bool:
    """Whether a later statement of the migration drops the other one."""
    return any(
        situation.world.resolve(written_list(item)) == index.name
        for node in later(situation, "drop_stmt")
        for item in node.objects
    )
