"""Another collation sorts otherwise and finds other things equal."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of
from watari.sql.grammar import kept, strings

CARD = Card(
    id="compat-collation",
    title=Text(en="The collation of a column changes", ja="カラムの照合順序が変わる"),
    condition=Text(
        en="ALTER COLUMN … TYPE … COLLATE of a column that was there before",
        ja="既存カラムに ALTER COLUMN … TYPE … COLLATE を実行する場合",
    ),
    harm=Text(
        en=(
            "ORDER BY, comparisons and unique rules give other results at once; pages that are read "
            "by key skip or repeat rows."
        ),
        ja=("ORDER BY・比較・一意性の結果が直ちに変わります。キー順のページングでは行の抜けや重複が起きます。"),
    ),
    fact=("manual, Collation Support; an indexed column has its index built anew, measured on 15 and 18"),
    safer=Text(
        en="COLLATE in the queries that need it, or a second column.",
        ja="必要なクエリで COLLATE を指定するか、別カラムを用意します。",
    ),
)
KINDS = ("alter_table_stmt AT_AlterColumnType",)

_MESSAGE = Text(
    en=("{column} of {table} is sorted and compared as {collation} from here on: other orders, other equalities."),
    ja=("以後 {table} の {column} は {collation} で並べ替え・比較され、順序や一致の結果が変わります。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column; an index that is built anew is told by `rewrite-index-rebuild`."""
    table = situation.target
    for command in situation.commands("AT_AlterColumnType"):
        definition = kept(command)
        if not definition.HasField("coll_clause") or not situation.old(table) or situation.world.is_empty(table):
            continue
        name = strings(definition.coll_clause.collname)[-1]
        column = column_of(situation.world, table, command.name)
        if column is None or (column.collation or "default") != name:
            message = _MESSAGE(column=command.name, table=table, collation=name)
            yield situation.hazard(CARD, Level.WARN, f"{table}.{command.name}", message)
