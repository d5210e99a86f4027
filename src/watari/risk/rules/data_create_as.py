"""A table is copied with CREATE TABLE AS: rows and types only."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import amount
from watari.risk.situation import Situation
from watari.sql.grammar import choice

CARD = Card(
    id="data-create-as",
    title=Text(en="CREATE TABLE AS copies rows and types only", ja="CREATE TABLE AS は行と型しか複製しない"),
    condition=Text(
        en="CREATE TABLE AS or SELECT INTO that reads a large table",
        ja="大きなテーブルを読む CREATE TABLE AS・SELECT INTO の場合",
    ),
    harm=Text(
        en=(
            "Keys, defaults, NOT NULL and grants are missing; for its whole time it keeps a snapshot, "
            "and DDL on the source waits."
        ),
        ja=(
            "キー・デフォルト・NOT NULL・権限は複製されません。実行中はスナップショットを保持し、元テ"
            "ーブルの DDL を待たせます。"
        ),
    ),
    fact="manual, CREATE TABLE AS; ACCESS SHARE on the source, measured on 15 and 18",
    safer=Text(
        en="CREATE TABLE (LIKE … INCLUDING ALL), then INSERT in batches.",
        ja="CREATE TABLE (LIKE … INCLUDING ALL) の後、分割して INSERT します。",
    ),
)
KINDS = (
    "create_table_as_stmt",
    "select_stmt",
)

_MESSAGE = Text(
    en="{table} ({amount}) is copied without keys, defaults and grants, under one snapshot.",
    ja=("{table}（{amount}）が、キー・デフォルト・権限なしで 1 つのスナップショットの下に複製されます。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    if situation.kind == "select_stmt" and not situation.node.HasField("into_clause"):
        return
    if situation.kind == "create_table_as_stmt" and choice(situation.node, "objtype") != "OBJECT_TABLE":
        return
    for cause in situation.causes:
        for table in situation.tables(cause) if cause.why is Why.QUERY and situation.world.known else ():
            if situation.is_large(table) and situation.old(table.name):
                facts = situation.work_facts(cause)
                message = _MESSAGE(table=table.name, amount=amount(facts))
                yield situation.hazard(CARD, Level.WARN, table.name, message, facts=facts)
                return
