"""One statement makes foreign keys to two tables: the second is waited for while the first is closed."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import table_of

CARD = Card(
    id="proof-two-foreign-keys",
    title=Text(en="Foreign keys to two tables in one statement", ja="1 つの文で 2 つのテーブルへの外部キーを作る"),
    condition=Text(
        en=("a CREATE TABLE or ALTER TABLE with foreign keys to two or more large tables that were there before"),
        ja=("規模の大きい既存テーブル 2 つ以上への外部キーを、1 つの CREATE TABLE・ALTER TABLE で作る場合"),
    ),
    harm=Text(
        en=(
            "Writers of the first table wait until the lock on the second is there, which may stand "
            "behind a long transaction."
        ),
        ja=(
            "2 つ目のロックを取得するまで 1 つ目の書き込みも止まります。長いトランザクションの後ろで待"
            "つことがあります。"
        ),
    ),
    fact=(
        "lock_timeout starts again for each lock of a statement: with 1 s a table stayed closed "
        "for 1.8 s, measured on 15 and 18"
    ),
    safer=Text(en="One foreign key a transaction.", ja="外部キーは 1 トランザクションに 1 つとします。"),
)
KINDS = ("alter_table_stmt AT_AddConstraint stops", "alter_table_stmt AT_AddColumn stops", "create_stmt stops")

_MESSAGE = Text(
    en=(
        "The foreign keys close {names} to writers, one after the other, and each is kept closed "
        "until all locks are there."
    ),
    ja="外部キーにより {names} の書き込みが順に止まり、すべてのロックが揃うまで解放されません。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    found: dict[Name, None] = {}
    for kind, part in situation.constraints:
        if kind == "CONSTR_FOREIGN":
            name = situation.name(part.pktable)
            table = table_of(situation, name)
            if table is not None and name != situation.target and situation.is_large(table) and situation.world.known:
                found[name] = None
    if len(found) > 1:
        names = ", ".join(sorted(map(str, found)))
        yield situation.hazard(CARD, Level.WARN, situation.target, _MESSAGE(names=names), facts={"tables": names})
