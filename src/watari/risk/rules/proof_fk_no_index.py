"""A foreign key whose own columns have no index."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.surroundings import added_constraints, covers, later
from watari.sql.compose import composed
from watari.sql.grammar import strings

CARD = Card(
    id="proof-fk-no-index",
    title=Text(en="A foreign key without an index on its own columns", ja="外部キーの参照元カラムにインデックスがない"),
    condition=Text(
        en="a new foreign key of a table that was there before, whose columns no index begins with",
        ja="既存テーブルへの外部キー追加で、参照元カラムで始まるインデックスがない場合",
    ),
    harm=Text(
        en="Every DELETE and key UPDATE of the referenced table reads this table whole.",
        ja="参照先テーブルの DELETE やキーの UPDATE のたびに、このテーブル全体が走査されます。",
    ),
    fact="one parent DELETE scanned the child, measured on 15 and 18",
    safer=Text(
        en="CREATE INDEX CONCURRENTLY on the referencing columns, before the key.",
        ja="外部キーの前に、参照元カラムへ CREATE INDEX CONCURRENTLY します。",
    ),
)
KINDS = ("alter_table_stmt AT_AddConstraint",)

_MESSAGE = Text(
    en="No index of {table} begins with {columns}: every DELETE in {referenced} reads it whole.",
    ja=("{table} に {columns} で始まるインデックスがないため、{referenced} の DELETE のたびに全体が走査されます。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a key; without a database nobody knows which indexes there are."""
    if not situation.world.known or situation.kind != "alter_table_stmt":
        return
    table = situation.target
    known = situation.world.table(table)
    if known is None or not situation.old(table) or situation.unseen_name(table):
        return
    for constraint in added_constraints(situation, "CONSTR_FOREIGN"):
        columns = strings(constraint.fk_attrs)
        indexed = any(covers(index, columns) for index in situation.world.indexes_of(table))
        if columns and not indexed and not _comes(situation, table, columns):
            safer = composed("CREATE INDEX CONCURRENTLY ON {table} ({columns});", table=table, columns=list(columns))
            message = _MESSAGE(table=table, columns=", ".join(columns), referenced=situation.name(constraint.pktable))
            level, facts = situation.level_of(table), situation.size_facts(table)
            yield situation.hazard(CARD, level, table, message, facts=facts, safer=safer)


def _comes(situation: Situation, table: Name, columns: tuple[str, ...]) -> bool:
    """Whether a later statement of the migration makes the index."""
    for node in later(situation, "index_stmt"):
        names = {part.index_elem.name for part in node.index_params[: len(columns)]}
        if names == set(columns) and situation.name(node.relation) == table:
            return True
    return False
