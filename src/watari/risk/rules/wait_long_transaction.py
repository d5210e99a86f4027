"""Somebody holds the table already, and has for a while."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode
from watari.evidence import Effect
from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import duration
from watari.risk.situation import Situation
from watari.risk.surroundings import sessions_holding

CARD = Card(
    id="wait-long-transaction",
    title=Text(en="A long transaction is in the way", ja="長いトランザクションが行く手をふさいでいる"),
    condition=Text(
        en=(
            "a statement that needs a strong lock on a table that a transaction older than blocker_age holds right now"
        ),
        ja=("blocker_age より古いトランザクションが現在ロックしているテーブルに、強いロックが必要な文の場合"),
    ),
    harm=Text(
        en="The statement queues behind it, and everybody else queues behind the statement.",
        ja="この文がその後ろに並び、他の処理もすべてこの文の後ろに並びます。",
    ),
    fact=(
        "pg_locks and pg_stat_activity at the moment of the check; pg_dump and autovacuum against "
        "wraparound are such transactions"
    ),
    safer=Text(
        en=("Wait for its end, or end it; watari gives way after 50 ms, says who it is, and tries again."),
        ja="終了を待つか終了させます。watari は 50 ミリ秒で退き、相手を表示して再試行します。",
    ),
)
KINDS = (
    "alter_table_stmt stops",
    "create_stmt stops",
    "index_stmt stops",
    "drop_stmt stops",
    "rename_stmt stops",
    "truncate_stmt stops",
    "create_trig_stmt stops",
    "lock_stmt stops",
    "reindex_stmt stops",
    "vacuum_stmt stops",
    "refresh_mat_view_stmt stops",
)

_MESSAGE = Text(
    en=("{who} (pid {pid}) has held {table} for {age}: this queues behind it, and the application behind this."),
    ja=(
        "{who}（pid {pid}）が {age}前から {table} を保持しています。この文はその後ろに、アプリケー"
        "ションはこの文の後ろに並びます。"
    ),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a session that is in the way."""
    catalog = situation.world.catalog
    if catalog is None or not catalog.sessions:
        return
    wanted = {name for effect in situation.effects.effects if _strong(effect) and (name := name_of(effect.relation))}
    if not wanted:
        return
    for session in sessions_holding(situation.world, wanted, situation.policy.blocker_age):
        held = sorted({str(name) for name, _ in session.locks if name in wanted})
        age = session.transaction_age or 0.0
        facts = {
            "pid": session.pid,
            "user": session.user,
            "application": session.application,
            "state": session.state,
            "transaction_seconds": round(age),
        }
        who_is_it = " ".join(filter(None, (session.user, session.application))) or session.kind
        message = _MESSAGE(who=who_is_it, pid=session.pid, table=", ".join(held), age=duration(age))
        yield situation.hazard(CARD, Level.WARN, held[0], message, facts=facts)


def _strong(effect: Effect) -> bool:
    return not effect.created and effect.lock is not None and effect.lock >= LockMode.SHARE
