"""Row level security without a policy: the application sees nothing."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import earlier, later

CARD = Card(
    id="sec-rls-no-policy",
    title=Text(
        en="Row level security without a policy hides every row",
        ja="ポリシーのない行レベルセキュリティで全行が見えなくなる",
    ),
    condition=Text(
        en="ENABLE ROW LEVEL SECURITY on a table that has no policy",
        ja="ポリシーのないテーブルで ENABLE ROW LEVEL SECURITY を実行する場合",
    ),
    harm=Text(
        en=(
            "For every role but the owner SELECT gives nothing and UPDATE changes nothing, without an "
            "error; INSERT fails with 42501."
        ),
        ja=("所有者以外のロールでは SELECT も UPDATE もエラーなしで 0 件になり、INSERT は 42501 で失敗します。"),
    ),
    fact="0 of 20 000 rows, without an error, measured on 15 and 18",
    safer=Text(
        en=("CREATE POLICY for every role that uses the table, in the same transaction, before ENABLE."),
        ja="同じトランザクションで、ENABLE の前に利用ロールごとの CREATE POLICY を実行します。",
    ),
    level=Level.BLOCK,
)
KINDS = ("alter_table_stmt AT_EnableRowSecurity",)

_MESSAGE = Text(
    en="No policy lets anybody but the owner see a row of {table} from here on.",
    ja="以後 {table} の行は、所有者以外の誰にも見えません（ポリシーがありません）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard; a policy that comes in a later statement of the migration counts."""
    table = situation.target
    if not any(situation.commands("AT_EnableRowSecurity")) or not situation.old(table):
        return
    made = [
        situation.name(node.table)
        for node in (*earlier(situation, "create_policy_stmt"), *later(situation, "create_policy_stmt"))
    ]
    if not situation.world.policies_of(table) and table not in made:
        level = Level.WARN if situation.world.is_empty(table) else Level.BLOCK
        yield situation.hazard(CARD, level, table, _MESSAGE(table=table), facts=situation.size_facts(table))
