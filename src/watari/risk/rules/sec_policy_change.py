"""A policy comes, goes or changes: other rows for somebody."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import table_of
from watari.sql.grammar import Written, choice, strings

CARD = Card(
    id="sec-policy-change",
    title=Text(en="A policy changes who sees which rows", ja="ポリシーの変更で見える行が変わる"),
    condition=Text(
        en="CREATE, ALTER or DROP POLICY on a table that was there before and has row level security",
        ja="行レベルセキュリティが有効な既存テーブルの CREATE・ALTER・DROP POLICY の場合",
    ),
    harm=Text(
        en=("Somebody sees more rows or fewer from then on; the statement closes the table for a moment."),
        ja="以後、見える行が増えるか減るロールがあります。実行中は一瞬テーブルが止まります。",
    ),
    fact="ACCESS EXCLUSIVE, measured on 15 and 18",
    safer=Text(
        en=("In one transaction with a look as the role: SET LOCAL ROLE, count, and compare before COMMIT."),
        ja="1 つのトランザクションで SET LOCAL ROLE し、件数を比べてから COMMIT します。",
    ),
)
KINDS = ("create_policy_stmt", "alter_policy_stmt", "drop_stmt OBJECT_POLICY")

_MESSAGE = Text(
    en="Somebody sees other rows of {table} from here on.", ja="以後、{table} の見える行が変わるロールがあります。"
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table."""
    for name in _tables(situation):
        table = table_of(situation, name)
        if (table is not None and table.row_security) or (
            table is None and not situation.world.known and situation.old(name)
        ):
            yield situation.hazard(CARD, Level.WARN, name, _MESSAGE(table=name))


def _tables(situation: Situation) -> Iterator[Name]:
    if situation.kind != "drop_stmt":
        yield situation.name(situation.node.table)
    elif choice(situation.node, "remove_type") == "OBJECT_POLICY":
        for item in situation.node.objects:
            names = strings(item.list.items)
            yield situation.world.resolve(Written(names[-3] if len(names) > 2 else None, names[-2]))
