"""A table is written anew under a transaction that keeps an old snapshot: it then reads nothing."""

from __future__ import annotations

from collections.abc import Iterator

from watari.evidence import Effect
from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="rewrite-old-snapshots",
    title=Text(
        en="A transaction with an old snapshot reads an empty table",
        ja="古いスナップショットのトランザクションから空に見える",
    ),
    condition=Text(
        en=("a rewriting ALTER TABLE or a TRUNCATE while a transaction keeps its snapshot open between statements"),
        ja=(
            "スナップショットを保持したままのトランザクションがある間に、書き直しを伴う ALTER TABLE や"
            " TRUNCATE を実行する場合"
        ),
    ),
    harm=Text(
        en=(
            "A REPEATABLE READ or SERIALIZABLE transaction, a pg_dump for one, reads 0 rows from the "
            "table afterwards, without an error."
        ),
        ja=(
            "REPEATABLE READ・SERIALIZABLE のトランザクション（pg_dump など）は、以後このテーブルをエ"
            "ラーなしで 0 行と読みます。"
        ),
    ),
    fact="0 rows, without an error, measured on 15 and 18; manual, Caveats of concurrency control",
    safer=Text(en="Wait until those transactions have ended.", ja="それらのトランザクションが終わるのを待ちます。"),
)
KINDS = (
    "alter_table_stmt rewrites",
    "truncate_stmt",
)

_MESSAGE = Text(
    en=("{who} (pid {pid}) keeps an old snapshot and reads 0 rows from {table} afterwards, without an error."),
    ja=("{who}（pid {pid}）は古いスナップショットを保持しており、以後 {table} をエラーなしで 0 行と読みます。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a session."""
    catalog = situation.world.catalog
    tables = [
        name_of(effect.relation) for effect in situation.effects.effects if _empties(effect) and not effect.created
    ]
    gone = sorted(name for name in tables if name is not None and situation.world.table(name) is not None)
    if catalog is None or not gone or situation.kind in ("vacuum_stmt", "cluster_stmt"):
        return
    for session in catalog.sessions:
        if session.snapshot_age is not None and session.state == "idle in transaction":
            facts = {"pid": session.pid, "user": session.user, "application": session.application}
            who_is_it = " ".join(filter(None, (session.user, session.application))) or session.kind
            message = _MESSAGE(who=who_is_it, pid=session.pid, table=gone[0])
            yield situation.hazard(CARD, Level.WARN, gone[0], message, facts=facts)


def _empties(effect: Effect) -> bool:
    return effect.rewrite or bool(effect.destroys and "rows" in effect.destroys)
