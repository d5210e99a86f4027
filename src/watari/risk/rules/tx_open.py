"""A transaction that nobody commits."""

from __future__ import annotations

from collections.abc import Iterator

from watari.errors.usage import ScriptSyntax
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.names import transaction_word

CARD = Card(
    id="tx-open",
    title=Text(en="BEGIN without COMMIT", ja="COMMIT のない BEGIN"),
    condition=Text(
        en="BEGIN in a script that has neither COMMIT nor ROLLBACK after it",
        ja="スクリプトに BEGIN があり、その後に COMMIT も ROLLBACK もない場合",
    ),
    harm=Text(
        en="The script ends, everything is taken back, and it looks as if it had worked.",
        ja="スクリプトの終了時にすべて取り消されますが、成功したように見えます。",
    ),
    fact="manual, BEGIN; psql and drivers roll back when the connection ends",
    safer=Text(
        en="COMMIT at the end, or leave BEGIN out: watari runs the script in one transaction.",
        ja=("最後に COMMIT を書くか、BEGIN を外します（watari は 1 つのトランザクションで実行します）。"),
    ),
    level=Level.BLOCK,
)
KINDS = ("transaction_stmt",)

_MESSAGE = Text(
    en=("This transaction is never committed: everything after it is taken back when the script ends."),
    ja=("このトランザクションはコミットされません。以降の変更はスクリプトの終了時にすべて取り消されます。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    if transaction_word(situation.statement.node) not in ("begin", "start") or situation.unit.migration is not None:
        return
    for statement in situation.unit.statements[situation.place + 1 :]:
        try:
            if transaction_word(statement.node) in ("commit", "rollback"):
                return
        except ScriptSyntax:
            continue
    yield situation.hazard(CARD, Level.BLOCK, "BEGIN", _MESSAGE())
