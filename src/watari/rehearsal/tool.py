"""A tool's own command on a clone, through the recorder: for whatever cannot print its SQL beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from watari.evidence.event import Event, EventKind, EventSink, said
from watari.evidence.recording import RecordedCommand
from watari.evidence.run import Direction
from watari.execution.through import run_through
from watari.locale import Text
from watari.planning.plan import Plan
from watari.project.url import DatabaseUrl
from watari.recorder.recorder import Recorder
from watari.rehearsal.clones import make_clone
from watari.rehearsal.content import EVERYTHING, Content
from watari.rehearsal.source import NOWHERE, Elsewhere, look_at
from watari.rehearsal.telling import tell_clone

_PAST_THE_DOOR = Text(
    en="no session of the command came through the recorder: it takes its address from somewhere else than DATABASE_URL, "
    "and what it did, it did there",
    ja="コマンドは記録用の接続先を使いませんでした。DATABASE_URL 以外から接続先を得ており、その先のデータベースに対して"
    "実行された可能性があります",
)
_VOID = Text(
    en="the rehearsal is void: a look of the recorder failed in the command's session ({reason})",
    ja="リハーサルは無効です。コマンドのセッション内で記録に失敗しました（{reason}）",
)


def rehearse_tool(
    argv: Sequence[str],
    *,
    url: DatabaseUrl,
    folder: Path,
    environment: str,
    framework: str,
    events: EventSink,
    clone: str | None = None,
    content: Content = EVERYTHING,
    elsewhere: Elsewhere = NOWHERE,
) -> RecordedCommand:
    """Runs `argv` in `folder` on a clone of the database at `url`, which is gone afterwards.

    A command that fails is recorded too. Raises `NoClone`, and a `ReachError` where source or clone are out of reach.
    """
    source = look_at(url, nothing_planned(url, environment, framework), content, elsewhere)

    def tell(line: str) -> None:
        events(Event(kind=EventKind.NOTICE, data={"output": line}))

    with make_clone(source, way=clone, events=events) as copy:
        tell_clone(copy, url, events)
        with Recorder(copy.url) as recorder:
            status, lines = run_through(argv, door=recorder.url, folder=folder, tell=tell)
            recording = recorder.recording()
        if not recording.connections:
            events(Event(kind=EventKind.WARNING, data=said(_PAST_THE_DOOR())))
        for reason in recording.void:
            events(Event(kind=EventKind.WARNING, data=said(_VOID(reason=reason))))
        return RecordedCommand(
            command=tuple(argv),
            status=status,
            output=tuple(lines),
            database=url.database,
            clone=copy.way,
            clone_seconds=round(copy.seconds, 3),
            clone_bytes=copy.bytes,
            recording=recording,
        )


def nothing_planned(url: DatabaseUrl, environment: str, framework: str) -> Plan:
    """What a clone is made for: nothing is known of the command beforehand."""
    return Plan(
        sha256="",
        version=0,
        database=url.database,
        environment=environment,
        framework=framework,
        direction=Direction.FORWARD,
        fingerprint="",
        server_version=0,
        migrations=(),
        steps=(),
    )
