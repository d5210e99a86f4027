"""Row level security is switched off: rows become visible."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="sec-rls-off",
    title=Text(en="Row level security is switched off", ja="行レベルセキュリティを無効にする"),
    condition=Text(
        en="DISABLE or NO FORCE ROW LEVEL SECURITY", ja="DISABLE・NO FORCE ROW LEVEL SECURITY を実行する場合"
    ),
    harm=Text(
        en="Everybody who may SELECT sees every row, other tenants' too.",
        ja="SELECT 権限があれば、他テナントの分も含めて全行が見えるようになります。",
    ),
    fact="manual, Row Security Policies",
    safer=Text(
        en="A policy that says who may see what; a person decides.",
        ja="誰に何を見せるかをポリシーで定め、人が判断します。",
    ),
    level=Level.BLOCK,
)
KINDS = ("alter_table_stmt AT_DisableRowSecurity", "alter_table_stmt AT_NoForceRowSecurity")

_MESSAGE = Text(
    en="The policies of {table} hold nobody back any more: rows become visible that were not.",
    ja="{table} のポリシーが効かなくなり、これまで見えなかった行が見えるようになります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard; silent where the live table has no row level security."""
    table = situation.target
    known = situation.world.table(table)
    off = known is not None and bool(known.owner) and not known.row_security
    if any(situation.commands("AT_DisableRowSecurity", "AT_NoForceRowSecurity")) and situation.old(table) and not off:
        yield situation.hazard(CARD, Level.BLOCK, table, _MESSAGE(table=table), facts=situation.size_facts(table))
