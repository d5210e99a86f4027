"""A DO block that commits: it cannot run in a transaction, and what it did halfway stays."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.names import commits_inside

CARD = Card(
    id="tx-commits-inside",
    title=Text(en="A DO block commits while it runs", ja="DO ブロックが実行中にコミットする"),
    condition=Text(
        en="COMMIT or ROLLBACK inside the code of a DO block",
        ja="DO ブロックのコード内に COMMIT または ROLLBACK がある場合",
    ),
    harm=Text(
        en="In a transaction it fails with 2D000; outside of one, an interruption leaves it half done, and "
        "nobody knows how far it came.",
        ja="トランザクション内では 2D000 エラーになり、外では中断時にどこまで進んだか分からない状態で残ります。",
    ),
    fact="manual, PL/pgSQL, Transaction Management",
    safer=Text(
        en="The plain UPDATE or DELETE: watari cuts it into batches, each with its checkpoint, and continues "
        "where it stopped.",
        ja="通常の UPDATE・DELETE として記述します。watari が分割して実行し、中断しても続きから再開します。",
    ),
)
KINDS = ("do_stmt",)

_MESSAGE = Text(
    en="The block commits while it runs: in a transaction that is an error (2D000), and an interruption "
    "leaves it half done. Write the plain UPDATE or DELETE; watari runs it in batches and continues where it "
    "stopped.",
    ja="このブロックは実行中にコミットします。トランザクション内ではエラー（2D000）になり、"
    "中断すると途中の状態が残ります。通常の UPDATE・DELETE として記述すれば、watari "
    "が分割して実行し、続きから再開できます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    if commits_inside(situation.statement.node):
        yield situation.hazard(CARD, Level.WARN, "DO", _MESSAGE())
