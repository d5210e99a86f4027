"""The run that was begun on a database and has not come to its end, as a sentence for whoever looks; cheap to ask."""

from __future__ import annotations

import psycopg

from watari.execution.queries import load
from watari.locale import Message, Text

__all__ = ["unended"]

_FORWARD = Text(
    en="Run {run}, begun {at} by {by} on {host}, has not come to its end. If nobody is running it, watari apply continues "
    "it, and watari rollback --run {run} takes it back.",
    ja="実行 {run}（{at}、{by}、{host}）は完了していません。実行中でなければ、watari apply で続きから再開するか、"
    "watari rollback --run {run} で戻せます。",
)
_BACK = Text(
    en="Rollback {run}, begun {at} by {by} on {host}, has not come to its end. If nobody is running it, watari rollback "
    "continues it.",
    ja="ロールバック {run}（{at}、{by}、{host}）は完了していません。実行中でなければ、watari rollback で続きから再開できます。",
)


def unended(connection: psycopg.Connection) -> Message | None:
    """The sentence; None where every run has ended, where none ever began, and where this login may not know."""
    try:
        there = connection.execute(load("journal_there")).fetchone()
        row = connection.execute(load("run_last")).fetchone() if there and there[0] else None
    except psycopg.errors.InsufficientPrivilege:
        return None
    if row is None or row[2] not in ("running", "stopped"):
        return None
    words = _BACK if row[1] == "back" else _FORWARD
    return words(run=row[0], at=f"{row[3]:%Y-%m-%d %H:%M}", by=row[4] or "-", host=row[5] or "-")
