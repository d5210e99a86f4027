"""A new foreign key closes the table that it points at to writers, if only for a moment."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode
from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import table_of

CARD = Card(
    id="proof-fk-hot-parent",
    title=Text(
        en="A new foreign key stops writers of the referenced table",
        ja="外部キー追加で参照先テーブルの書き込みが止まる",
    ),
    condition=Text(
        en="a foreign key, in whatever form, to a large table that was there before",
        ja="規模の大きい既存テーブルへの外部キー追加（形式を問わず）の場合",
    ),
    harm=Text(
        en=(
            "Writers of the referenced table wait for a moment, and behind a long transaction for as "
            "long as that runs; readers pass."
        ),
        ja=(
            "参照先テーブルの書き込みが一瞬止まります。長いトランザクションの後ろではその終了まで待た"
            "されます（参照は可）。"
        ),
    ),
    fact="SHARE ROW EXCLUSIVE on the referenced table, measured on 15 and 18",
    safer=Text(
        en="One foreign key a transaction, with a short lock_timeout and retries (watari has both).",
        ja=("1 トランザクションに外部キー 1 つとし、短い lock_timeout と再試行で実行します（watari が行います）。"),
    ),
    level=Level.INFO,
)
KINDS = ("alter_table_stmt AT_AddConstraint stops", "alter_table_stmt AT_AddColumn stops", "create_stmt stops")

_MESSAGE = Text(
    en=(
        "Writers of {table} wait for a moment while the foreign key is made; behind a long "
        "transaction they wait for its end."
    ),
    ja=(
        "外部キーの作成中、{table} への書き込みが一瞬止まります。長いトランザクションがあるとその終了まで待たされます。"
    ),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a referenced table; a key that is checked row by row is told by `proof-foreign-key`."""
    if not situation.world.known or not situation.constraints or any(situation.because(Why.FOREIGN_KEY)):
        return
    own = situation.target
    seen = set()
    for kind, part in situation.constraints:
        if kind != "CONSTR_FOREIGN":
            continue
        name = situation.name(part.pktable)
        table = table_of(situation, name)
        if table is None or name in seen or name == own or not situation.is_large(table):
            continue
        seen.add(name)
        facts = situation.size_facts(name) | {"lock": str(LockMode.SHARE_ROW_EXCLUSIVE)}
        yield situation.hazard(CARD, Level.INFO, name, _MESSAGE(table=name), facts=facts)
