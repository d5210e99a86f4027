"""A type change that loses digits without a word."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.facts.types import lossy
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import amount
from watari.risk.shapes import column_type
from watari.risk.situation import Situation
from watari.sql.grammar import kept, type_ref

CARD = Card(
    id="destroy-lossy-type",
    title=Text(en="A type change can lose part of the values", ja="型変更で値の一部が失われる"),
    condition=Text(
        en="ALTER COLUMN TYPE to fewer digits, a smaller scale, fewer fractions of a second, from floating "
        "point to whole numbers",
        ja="桁数・小数点以下・秒の小数を減らす型、または浮動小数点から整数への ALTER COLUMN TYPE の場合",
    ),
    harm=Text(
        en="The server rounds or cuts without a word; nothing brings the old values back.",
        ja="サーバーは警告なく丸めるか切り捨て、元の値には戻せません。",
    ),
    fact="numeric(10,2) to (10,1) and timestamp to timestamp(0) succeed silently, measured on 15 and 18",
    safer=Text(
        en="A second column, and the old one kept until nobody has missed it.",
        ja="新しいカラムを追加し、問題がないことを確認するまで元のカラムを残します。",
    ),
)
KINDS = ("alter_table_stmt AT_AlterColumnType",)

_MESSAGE = Text(
    en="Changing {column} of {table} from {old} to {new} can lose part of the values, without an error ({amount}).",
    ja="{table} の {column} を {old} から {new} "
    "に変更すると、エラーなしに値の一部が失われる可能性があります（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    for command in situation.commands("AT_AlterColumnType"):
        name = situation.target
        table = situation.world.table(name)
        old = column_type(table.column(command.name) if table else None)
        new = type_ref(kept(command).type_name)
        if old is None or not lossy(old, new) or not situation.old(name) or situation.world.is_empty(name):
            continue
        facts = situation.size_facts(name)
        message = _MESSAGE(column=command.name, table=name, old=old, new=new, amount=amount(facts))
        yield situation.hazard(CARD, Level.BLOCK, f"{name}.{command.name}", message, facts=facts)
