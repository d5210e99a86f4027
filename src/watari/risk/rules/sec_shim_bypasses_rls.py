"""A view over a table with row level security shows every row."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import option_words, relation_references

CARD = Card(
    id="sec-shim-bypasses-rls",
    title=Text(en="A view goes past row level security", ja="ビューが行レベルセキュリティを素通りする"),
    condition=Text(
        en="CREATE VIEW without security_invoker over a table with row level security",
        ja="行レベルセキュリティのあるテーブルに対し、security_invoker なしで CREATE VIEW する場合",
    ),
    harm=Text(
        en="The view reads with its owner's rights: everybody who may read the view sees all rows.",
        ja="ビューは所有者の権限で読むため、ビューを参照できる全員に全行が見えます。",
    ),
    fact="20 000 rows instead of 10; with security_invoker 10, measured on 15 and 18",
    safer=Text(
        en="WITH (security_invoker = true), since 15.", ja="WITH (security_invoker = true) を付けます（15 以降）。"
    ),
)
KINDS = ("view_stmt",)

_MESSAGE = Text(
    en=("{view} shows every row of {table} to everybody who may read it, whatever the policies say."),
    ja="{view} を参照できる全員に、ポリシーに関係なく {table} の全行が見えます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table."""
    node = situation.node
    if option_words(node.options).get("security_invoker") in ("true", "1", "on"):
        return
    view = situation.name(node.view)
    for name in relation_references(node.query):
        table = situation.world.table(situation.world.resolve(name))
        if table is not None and table.row_security:
            yield situation.hazard(CARD, Level.WARN, view, _MESSAGE(view=view, table=table.name))
