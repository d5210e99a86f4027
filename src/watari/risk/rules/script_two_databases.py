"""One file changes two databases in what looks like one transaction."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import relation_references
from watari.sql.names import transaction_word
from watari.sql.statement import Statement

CARD = Card(
    id="script-two-databases",
    title=Text(
        en="One transaction over two databases",
        ja="1 つのトランザクションで 2 つのデータベースを変更しようとしている",
    ),
    condition=Text(
        en="Between BEGIN and COMMIT a file changes the database, or names tables of several databases",
        ja="BEGIN〜COMMIT の間で接続先を切り替える、または複数のデータベースのテーブルを指定している場合",
    ),
    harm=Text(
        en="There is no such transaction: a new connection begins without one, the first part is lost or stays alone.",
        ja="そのようなトランザクションはありません。接続の切り替えで前半は失われるか、片方だけが反映されます。",
    ),
    fact="a connection belongs to one database; two-phase commit aside",
    safer=Text(
        en="A migration for each database; watari runs them in order and says which of them is done.",
        ja="データベースごとにマイグレーションを分けます。watari が順に実行し、どこまで完了したかを示します。",
    ),
)
KINDS = ("transaction_stmt",)

_MESSAGE = Text(
    en="This transaction names {databases}: there is no transaction over several databases. Split the file; "
    "each database has its own migrations and its own history.",
    ja="このトランザクションは {databases} "
    "を対象にしていますが、複数のデータベースにまたがるトランザクションはありません。"
    "データベースごとにファイルと履歴を分けてください。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard at the BEGIN of such a transaction."""
    if transaction_word(situation.statement.node) not in ("begin", "start"):
        return
    named: dict[str, None] = {}
    for statement in situation.unit.statements[situation.place :]:
        if transaction_word(statement.node) in ("commit", "rollback"):
            break
        named.update(dict.fromkeys(_databases(statement, situation)))
    if len(named) > 1:
        yield situation.hazard(CARD, Level.BLOCK, ", ".join(named), _MESSAGE(databases=", ".join(named)))


def _databases(statement: Statement, situation: Situation) -> Iterator[str]:
    """The database that a statement runs in, and those that it names as if they were schemas."""
    if statement.database:
        yield statement.database
    catalog = situation.world.catalog
    for name in relation_references(statement.node):
        if name.schema is None:
            continue
        there = catalog is not None and situation.world.has_schema(name.schema)
        if not there and (catalog is not None or name.schema in situation.unit.databases):
            yield name.schema
