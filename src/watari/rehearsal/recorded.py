"""Migrations that only their own tool knows, run by it on clones, so that what it sends there can be planned.

Each is run alone, through the recorder, on a clone with rows and on one without. Where both send the same, the statements do
not depend on the rows, and are the migration's script; elsewhere the tool itself must run it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import zip_longest

import psycopg
from psycopg import sql

from watari.errors.refused import RecordingFailed, RecordingUnusable
from watari.evidence.event import Event, EventKind, EventSink, said
from watari.evidence.recording import Recording
from watari.evidence.transcript import Transcript
from watari.execution import child
from watari.frameworks.framework import Framework
from watari.locale import Message, Text
from watari.migrations import Migration
from watari.planning.sections import Section, sections
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.recorder.recorder import Recorder
from watari.rehearsal.clone import Clone
from watari.rehearsal.clones import make_clone
from watari.rehearsal.content import Content
from watari.rehearsal.queries import load
from watari.rehearsal.source import NOWHERE, Elsewhere, look_at
from watari.rehearsal.tool import nothing_planned
from watari.rehearsal.transcript import NoScript, script_of, short
from watari.sql.statement import Statement
from watari.values import dataclass, replace

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
    en="what it sends depends on the data or on the moment (with rows: {full}; without: {empty})",
    ja="送る文がデータまたは実行時刻に依存しています（データあり: {full}、データなし: {empty}）",
)
_NOTHING = Text(en="nothing", ja="なし")
_FAILS_EMPTY = Text(
    en='"{migration}" fails where there are no rows, so that it depends on the data ({reason})',
    ja='"{migration}" はデータがないと失敗するため、データに依存しています（{reason}）',
)
_HISTORY = Text(en="it writes to the history table itself", ja="履歴テーブルを自ら書き換えています")
_LAST_LINES = 3
_END = ";\n"  # between the statements of a script


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


def record_migrations(pending: Sequence[Migration], bench: Bench) -> tuple[Transcript, ...]:
    """What each of `pending` that has no script turned out to be, in their order; the live database is only read.

    Raises `NoClone`, `RecordingFailed` where a migration fails on the clone with rows, `RecordingUnusable` where what was
    recorded cannot be relied upon, and a `ReachError`.
    """
    full = _on_a_clone(pending, bench, bench.content, _FULL())
    last = max((n for n, each in enumerate(pending) if each.id in full and full[each.id].text is not None), default=-1)
    if last < 0:
        return tuple(full.values())
    empty = _on_a_clone(pending[: last + 1], bench, Content(percent=0, masks=bench.content.masks), _EMPTY())
    return tuple(_together(transcript, empty.get(id)) for id, transcript in full.items())


def _together(full: Transcript, empty: Transcript | None) -> Transcript:
    if full.text is None or empty is None or empty.text == full.text:
        return full
    if empty.text is None:
        return empty
    return replace(full, text=None, why=_apart(full.text, empty.text))


def _apart(full: str, empty: str) -> Message:
    """The first statements that differ, side by side."""
    pairs = zip_longest(full.split(_END), empty.split(_END), fillvalue="")
    one, other = next((one, other) for one, other in pairs if one != other)
    return _DIFFERS(full=short(one) or _NOTHING(), empty=short(other) or _NOTHING())


def _on_a_clone(pending: Sequence[Migration], bench: Bench, content: Content, which: Message) -> dict[str, Transcript]:
    """The recordings on one clone; from a migration on that fails for want of rows, none is known."""
    nothing = nothing_planned(bench.url, bench.environment, bench.framework.name)
    source = look_at(bench.url, nothing, content, bench.elsewhere)
    found: dict[str, Transcript] = {}
    with (
        make_clone(source, way=bench.clone, events=bench.events) as copy,
        connect(copy.url, purpose="rehearsal") as own,
    ):
        _complete_history(bench, own)
        if content.percent == 0:
            own.execute(load("sequences_apart"))
        _begin_around(pending, bench, copy)
        for migration in pending:
            try:
                if migration.up is not None:
                    _take_across(migration, bench, own)
                    continue
                words = said(_NOW(migration=migration.name, which=which))
                bench.events(Event(kind=EventKind.NOTICE, data=words, migration=migration.id))
                found[migration.id] = _record(migration, bench, copy, own)
            except _FailedHere as failed:
                if content.percent > 0:
                    raise RecordingFailed(migration=migration.name, reason=failed.reason) from None
                why = _FAILS_EMPTY(migration=migration.name, reason=failed.reason)
                left = [each for each in pending if each.up is None and each.id not in found]
                return found | {each.id: Transcript(migration=each.id, file=each.file, why=why) for each in left}
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


def _begin_around(pending: Sequence[Migration], bench: Bench, copy: Clone) -> None:
    """What the tool does before all migrations; they may count on it."""
    if "before" not in bench.framework.around():
        return
    ids = [migration.id for migration in pending]
    command = bench.framework.around_command("before", ids, copy.url.reveal().reveal())
    status, lines = child.run(command, copy.url, lambda _: None) if command else (0, [])
    if status:
        raise RecordingFailed(migration=pending[0].name, reason=" / ".join(lines[-_LAST_LINES:]))


def _take_across(migration: Migration, bench: Bench, connection: psycopg.Connection) -> None:
    """One whose SQL is known: what comes after it must find its objects there. Its tool is not started for it."""
    began = datetime.now(UTC)
    try:
        for section in sections(migration.up.statements if migration.up else (), transactional=migration.transactional):
            _send(section, connection)
        for statement in bench.framework.record(migration, began, datetime.now(UTC)):
            connection.execute(sql.SQL("{}").format(statement))
    except psycopg.Error as failed:
        raise _FailedHere(str(failed).strip()) from None


def _send(section: Section, connection: psycopg.Connection) -> None:
    """One transaction of a migration; a lone statement may refuse one."""
    texts = [statement.text.encode() for statement in section.statements]
    if len(texts) == 1:
        connection.execute(texts[0], prepare=False)
        return
    with connection.transaction():
        for text in texts:
            connection.execute(text, prepare=False)


def _record(migration: Migration, bench: Bench, copy: Clone, connection: psycopg.Connection) -> Transcript:
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
        return Transcript(migration=migration.id, file=migration.file, text=script.data.decode())
    except NoScript as none:
        return Transcript(migration=migration.id, file=migration.file, why=none.why)


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
