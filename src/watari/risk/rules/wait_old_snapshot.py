"""A concurrent build waits for every older snapshot in the database."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import duration
from watari.risk.situation import Situation
from watari.sql.grammar import option_words

CARD = Card(
    id="wait-old-snapshot",
    title=Text(
        en="An old snapshot holds a concurrent build up", ja="古いスナップショットが CONCURRENTLY の処理を止める"
    ),
    condition=Text(
        en=("CREATE or REINDEX INDEX … CONCURRENTLY while a transaction older than blocker_age has a snapshot open"),
        ja=(
            "blocker_age より古いトランザクションがスナップショットを保持している間の CREATE・REINDEX"
            " INDEX … CONCURRENTLY の場合"
        ),
    ),
    harm=Text(
        en="The build does not end before that transaction does, on whatever table it works.",
        ja="どのテーブルを扱っていても、そのトランザクションが終わるまで処理が完了しません。",
    ),
    fact="an idle REPEATABLE READ reader of another table blocks it, measured on 15 and 18",
    safer=Text(
        en="End the transaction first, or wait for it.", ja="先にそのトランザクションを終わらせるか、終了を待ちます。"
    ),
)
KINDS = (
    "index_stmt",
    "reindex_stmt",
)

_MESSAGE = Text(
    en=("{who} (pid {pid}) has had a snapshot open for {age}: the build does not end before it does."),
    ja=("{who}（pid {pid}）が {age}前からスナップショットを保持しており、それが終わるまで処理は完了しません。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a session."""
    node = situation.node
    concurrently = "concurrently" in option_words(node.params) if situation.kind == "reindex_stmt" else node.concurrent
    catalog = situation.world.catalog
    if not concurrently or catalog is None:
        return
    for session in catalog.sessions:
        age = session.transaction_age
        if session.snapshot_age is not None and age is not None and age >= situation.policy.blocker_age:
            facts = {
                "pid": session.pid,
                "user": session.user,
                "application": session.application,
                "transaction_seconds": round(age),
            }
            who_is_it = " ".join(filter(None, (session.user, session.application))) or session.kind
            message = _MESSAGE(who=who_is_it, pid=session.pid, age=duration(age))
            yield situation.hazard(CARD, Level.WARN, f"pid {session.pid}", message, facts=facts)
