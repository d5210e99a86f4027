"""ON DELETE CASCADE: one DELETE reaches far."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import amount
from watari.risk.situation import Situation
from watari.risk.surroundings import added_constraints

CARD = Card(
    id="destroy-delete-cascade",
    title=Text(en="ON DELETE CASCADE on a table that holds rows", ja="行のあるテーブルへの ON DELETE CASCADE"),
    condition=Text(
        en="a foreign key ON DELETE CASCADE that is added to a table that was there before",
        ja="既存テーブルに ON DELETE CASCADE の外部キーを追加する場合",
    ),
    harm=Text(
        en=(
            "A DELETE of one row of the referenced table takes all rows that point at it, under locks "
            "until the end of the transaction."
        ),
        ja=("参照先の 1 行を DELETE すると参照元の行もすべて消え、トランザクション終了までロックされます。"),
    ),
    fact="manual, CREATE TABLE, REFERENCES",
    safer=Text(
        en="ON DELETE RESTRICT, and the rows deleted by name where that is meant.",
        ja="ON DELETE RESTRICT とし、必要な箇所で明示的に削除します。",
    ),
    level=Level.INFO,
)
KINDS = ("alter_table_stmt AT_AddConstraint",)

_MESSAGE = Text(
    en="A DELETE in {referenced} deletes in {table} too from here on ({amount}).",
    ja="以後、{referenced} の DELETE は {table} の行（{amount}）も削除します。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a key."""
    table = situation.target
    for constraint in added_constraints(situation, "CONSTR_FOREIGN"):
        if constraint.fk_del_action == "c" and situation.old(table) and not situation.world.is_empty(table):
            referenced = situation.name(constraint.pktable)
            facts = situation.size_facts(table)
            message = _MESSAGE(referenced=referenced, table=table, amount=amount(facts))
            yield situation.hazard(CARD, Level.INFO, table, message, facts=facts)
