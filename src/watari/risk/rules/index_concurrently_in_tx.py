"""CONCURRENTLY where there is a transaction around it: the server refuses."""

from __future__ import annotations

from collections.abc import Iterator

from watari.errors.usage import ScriptSyntax
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.names import refuses_transaction
from watari.sql.plpgsql import block_statements
from watari.sql.statement import Statement

CARD = Card(
    id="index-concurrently-in-tx",
    title=Text(
        en="A statement that refuses transactions stands in one",
        ja="トランザクション内で実行できない文が含まれている",
    ),
    condition=Text(
        en="CREATE or DROP INDEX CONCURRENTLY, VACUUM and the like between BEGIN and COMMIT, in a DO block, "
        "or in a migration that its framework runs in one transaction",
        ja="CREATE / DROP INDEX CONCURRENTLY や VACUUM などが、BEGIN〜COMMIT の間、DO "
        "ブロック内、またはフレームワークが 1 つのトランザクションで実行するマイグレーション内にある場合",
    ),
    harm=Text(
        en="The server refuses the statement (SQLSTATE 25001) and the transaction is lost.",
        ja="サーバーがエラー（SQLSTATE 25001）を返し、トランザクション全体が失敗します。",
    ),
    fact="25001 in a transaction, in a DO block and in a message of several statements, measured on 15 and 18",
    safer=Text(
        en="A migration of its own that is not run in a transaction; watari gives the statement a step of its own.",
        ja="トランザクションを使わない別のマイグレーションに分けます。watari では独立したステップとして実行します。",
    ),
)
KINDS = ("* apart", "do_stmt")

_INSIDE = Text(
    en="The server refuses this statement inside BEGIN … COMMIT (25001); take it out, or end the transaction "
    "before it.",
    ja="この文は BEGIN〜COMMIT の中では実行できません（25001）。外に出すか、手前でトランザクションを終了してください。",
)
_IN_CODE = Text(
    en="The server refuses {statement} inside a DO block (25001); write it as a statement of its own.",
    ja="DO ブロックの中では {statement} を実行できません（25001）。独立した文として記述してください。",
)
_BY_FRAMEWORK = Text(
    en="The framework's own tool runs this migration in one transaction and would be refused (25001). Watari "
    "runs the statement as a step of its own; if it is interrupted, what came before it stays.",
    ja="フレームワークのツールはこのマイグレーションを 1 "
    "つのトランザクションで実行するため失敗します（25001）。watari "
    "では独立したステップとして実行しますが、途中で止まった場合、それより前の変更は残ります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard a statement."""
    if situation.kind == "do_stmt":
        inside, _ = block_statements(situation.node)
        for inner in inside:
            if refused(inner):
                message = _IN_CODE(statement=inner.text.partition("\n")[0][:60])
                yield situation.hazard(CARD, Level.BLOCK, inner.text.split()[-1], message)
        return
    if not situation.apart:
        return
    if situation.inside:
        yield situation.hazard(CARD, Level.BLOCK, _object(situation), _INSIDE())
    elif _runs_in_one(situation) and len(situation.unit.statements) > 1:
        yield situation.hazard(CARD, Level.WARN, _object(situation), _BY_FRAMEWORK())


def _runs_in_one(situation: Situation) -> bool:
    """Whether the framework's own tool would put the migration into one transaction."""
    return situation.unit.transactional and situation.unit.migration is not None and situation.unit.own_runner


def refused(inner: Statement) -> bool:
    """Whether a statement inside code refuses transactions; one that the grammar refuses is another matter."""
    try:
        return refuses_transaction(inner.node)
    except ScriptSyntax:
        return False


def _object(situation: Situation) -> str:
    node = situation.node
    if situation.kind == "index_stmt":
        return str(node.idxname or situation.target)
    first = next(iter(situation.effects.effects), None)
    return first.relation if first else situation.statement.text.partition("\n")[0][:60]
