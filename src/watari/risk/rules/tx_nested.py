"""BEGIN and COMMIT inside a migration."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.names import transaction_word

CARD = Card(
    id="tx-nested",
    title=Text(en="A migration brings its own BEGIN … COMMIT", ja="マイグレーションに BEGIN〜COMMIT が含まれている"),
    condition=Text(
        en="BEGIN, COMMIT or ROLLBACK in a migration that is run in one transaction",
        ja="1 つのトランザクションで実行されるマイグレーションに BEGIN・COMMIT・ROLLBACK がある場合",
    ),
    harm=Text(
        en="COMMIT ends the transaction of whoever runs the migration early: what follows runs without one, "
        "and the history row is written apart from the change.",
        ja="COMMIT により外側のトランザクションが先に終了し、後続はトランザクションなしで実行され、"
        "履歴の記録も変更と別々になります。",
    ),
    fact="manual, BEGIN: in a transaction block it is a warning, COMMIT ends the outer one",
    safer=Text(
        en="Take BEGIN and COMMIT out; watari runs the migration in one transaction with its history row.",
        ja="BEGIN と COMMIT を削除します。watari は履歴の記録と合わせて 1 つのトランザクションで実行します。",
    ),
)
KINDS = ("transaction_stmt",)

_BEGIN = Text(
    en="The file opens a transaction of its own. Whoever runs the migration has one already; watari leaves "
    "BEGIN and COMMIT out and commits the change together with its history row. Take both out.",
    ja="ファイルが独自にトランザクションを開始しています。実行側で既にトランザクションがあるため、watari は "
    "BEGIN と COMMIT を除き、変更と履歴を一緒にコミットします。両方とも削除してください。",
)
_ROLLBACK = Text(
    en="ROLLBACK takes back everything before it; nothing of that is kept.",
    ja="ROLLBACK により、それより前の変更はすべて取り消されます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard for BEGIN, or for a COMMIT that nothing began; one for ROLLBACK."""
    if not situation.unit.transactional or situation.unit.migration is None:
        return
    word = transaction_word(situation.statement.node)
    before = [
        transaction_word(s.node) for s in situation.unit.statements[: situation.place] if s.kind == "transaction_stmt"
    ]
    opened = any(other in ("begin", "start") for other in before)
    if word in ("begin", "start") or (word == "commit" and not opened):
        yield situation.hazard(CARD, Level.WARN, situation.unit.migration, _BEGIN())
    elif word == "rollback":
        yield situation.hazard(CARD, Level.WARN, situation.unit.migration, _ROLLBACK())
