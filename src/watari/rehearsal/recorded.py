"""Migrations that only their own tool knows, run by it on clones, so that what it sends there can be planned.

Each is run alone, through the recorder, on a clone with rows and on one without. Where both send the same, the statements do
not depend on the rows, and are the migration's script; elsewhere the tool itself must run it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from watari.errors.refused import RecordingFailed, RecordingUnusable
from watari.evidence.event import Event, EventKind, EventSink, said
from watari.evidence.recording import Recording
from watari.execution import child
from watari.frameworks.framework import Framework
from watari.locale import Message, Text
from watari.migrations import Migration
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.recorder.recorder import Recorder
from watari.rehearsal.clone import Clone
from watari.rehearsal.clones import make_clone
from watari.rehearsal.content import Content
from watari.rehearsal.source import NOWHERE, Elsewhere, look_at
from watari.rehearsal.tool import nothing_planned
from watari.rehearsal.transcript import NoScript, script_of
from watari.sql.statement import Script, Statement
from watari.values import dataclass

_NOW = Text(
    en='recording migration "{migration}" on a clone {which}',
    ja='マイグレーション "{migration}" をクローン（{which}）で記録します',
)
_FULL = Text(en="with rows", ja="データあり")
_EMPTY = Text(en="without rows", ja="データなし")
_PAST_THE_DOOR = Text(
    en="no session of the command came through the recorder", ja="コマンドが記録用の接続先を使いませんでした"
)
_CUT = Text(en="a text or value of it is too large to be kept", ja="大きすぎて保持できない文または値があります")
_DIFFERS = Text(
    en="it sends other statements where there are no rows, so that it depends on the data",
    ja="データの有無によって送る文が変わるため、データに依存しています",
)
_FAILS_EMPTY = Text(
    en="it fails where there are no rows, so that it depends on the data ({reason})",
    ja="データがないと失敗するため、データに依存しています（{reason}）",
)
_HISTORY = Text(en="it writes to the history table itself", ja="履歴テーブルを自ら書き換えています")
_LAST_LINES = 3


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One migration: its script, or why only its own tool can run it."""

    script: Script | None = None
    why: Message | None = None


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a recording is made with."""

    url: DatabaseUrl
    environment: str
    framework: Framework
    applied: Sequence[Migration]
    events: EventSink
    clone: str | None = None
    content: Content
    elsewhere: Elsewhere = NOWHERE


class _FailedHere(Exception):
    """The tool ended in error on a clone."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def record_migrations(pending: Sequence[Migration], bench: Bench) -> dict[str, Recorded]:
    """What each of `pending` turned out to be, by its id; the live database is only read.

    Raises `NoClone`, `RecordingFailed` where a migration fails on the clone with rows, `RecordingUnusable` where what was
    recorded cannot be relied upon, and a `ReachError`.
    """
    full = _on_a_clone(pending, bench, bench.content, _FULL())
    if all(recorded.script is None for recorded in full.values()):
        return full
    empty = _on_a_clone(pending, bench, Content(percent=0, masks=bench.content.masks), _EMPTY())
    return {migration.id: _together(full[migration.id], empty.get(migration.id)) for migration in pending}


def _together(full: Recorded, empty: Recorded | None) -> Recorded:
    if full.script is None or empty is None:
        return Recorded(why=full.why or _DIFFERS())
    if empty.script is None:
        return Recorded(why=empty.why)
    return full if full.script.data == empty.script.data else Recorded(why=_DIFFERS())


def _on_a_clone(pending: Sequence[Migration], bench: Bench, content: Content, which: Message) -> dict[str, Recorded]:
    """The recordings on one clone; from a migration on that fails for want of rows, none is known."""
    nothing = nothing_planned(bench.url, bench.environment, bench.framework.name)
    source = look_at(bench.url, nothing, content, bench.elsewhere)
    found: dict[str, Recorded] = {}
    with (
        make_clone(source, way=bench.clone, events=bench.events) as copy,
        connect(copy.url, purpose="rehearsal") as own,
    ):
        _complete_history(bench, own)
        for migration in pending:
            bench.events(
                Event(
                    kind=EventKind.NOTICE,
                    data=said(_NOW(migration=migration.name, which=which)),
                    migration=migration.id,
                )
            )
            try:
                found[migration.id] = _record(migration, bench, copy, own)
            except _FailedHere as failed:
                if content.percent > 0:
                    raise RecordingFailed(migration=migration.name, reason=failed.reason) from None
                why = Recorded(why=_FAILS_EMPTY(reason=failed.reason))
                return found | {left.id: why for left in pending if left.id not in found}
    return found


def _complete_history(bench: Bench, connection: psycopg.Connection) -> None:
    """Writes the history that a clone without rows lacks, so that the tool goes on where it would."""
    statements = list(bench.framework.create_history())
    there = {row.id for row in bench.framework.history(connection)}
    now = datetime.now(UTC)
    for migration in bench.applied:
        if migration.id not in there:
            statements += bench.framework.record(migration, now, now)
    for statement in statements:
        connection.execute(sql.SQL("{}").format(statement))


def _record(migration: Migration, bench: Bench, copy: Clone, connection: psycopg.Connection) -> Recorded:
    lines: list[str] = []
    framework = bench.framework
    taken = framework.next_of_tool(framework.history(connection))
    if taken is not None and taken != migration.id:
        raise RecordingUnusable(migration=migration.name, reason=taken)
    with Recorder(copy.url) as recorder:
        command = framework.command(migration, recorder.url.reveal().reveal())
        if command is None:
            raise LookupError(migration.id)  # asked for before
        status, lines = child.run(command, recorder.url, lambda _: None)
        recording = recorder.recording()
    if status or migration.id not in {row.id for row in framework.history(connection)}:
        raise _FailedHere(" / ".join(lines[-_LAST_LINES:]) or f"exit status {status}")
    _require_usable(migration, recording)
    try:
        script = script_of(recording, file=migration.file, bookkeeping=_own_of(framework), connection=connection)
        return Recorded(script=script)
    except NoScript as none:
        return Recorded(why=none.why)


def _own_of(framework: Framework) -> Callable[[Statement], bool]:
    """Which statements are the tool's own; a migration that writes to the history itself is none for a script."""

    def own(statement: Statement) -> bool:
        if framework.is_bookkeeping(statement):
            return True
        if framework.concerns_history(statement):
            raise NoScript(_HISTORY())
        return False

    return own


def _require_usable(migration: Migration, recording: Recording) -> None:
    reasons: list[object] = [*recording.void]
    if recording.cut:
        reasons.append(_CUT())
    if not recording.connections:
        reasons.append(_PAST_THE_DOOR())
    if reasons:
        raise RecordingUnusable(migration=migration.name, reason=reasons[0])
