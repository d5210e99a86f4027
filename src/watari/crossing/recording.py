"""Pending migrations that only their own tool knows: recorded on clones, so that what it sends can be planned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from watari.evidence.event import Event, EventKind, said
from watari.locale import Language, Text
from watari.values import replace

if TYPE_CHECKING:
    from watari.crossing.line import Crossing
    from watari.migrations import Migration
    from watari.planning.plan import Note
    from watari.rehearsal.recorded import Recorded

_BY_ITS_TOOL = Text(
    en='"{migration}" goes by its own tool, bounded and watched: {why}',
    ja='"{migration}" は独自のツールで、watari のロック制御の下で実行します: {why}',
)


def with_recorded(crossing: Crossing, pending: Sequence[Migration]) -> tuple[tuple[Migration, ...], dict[str, Note]]:
    """`pending` with the scripts that were recorded, and for each migration that stays without one, why.

    Where no clone can be made, none is recorded. Raises `RecordingFailed`, `RecordingUnusable`.
    """
    last = max((place for place, migration in enumerate(pending) if migration.up is None), default=-1)
    if last < 0 or not crossing.framework.records:
        return tuple(pending), {}
    from watari.planning.plan import Note

    found = _recordings(crossing, pending[: last + 1])
    planned: list[Migration] = []
    notes: dict[str, Note] = {}
    for migration in pending:
        recorded = found.get(migration.id)
        if migration.up is None and recorded and recorded.script is not None:
            # where its transactions begin and end stands in the script
            migration = replace(migration, up=recorded.script, transactional=False)
        elif migration.up is None and recorded and recorded.why is not None:
            why = _BY_ITS_TOOL(migration=migration.name, why=recorded.why)
            notes[migration.id] = Note(en=why.render(Language.EN), ja=why.render(Language.JA))
            crossing.events(Event(kind=EventKind.WARNING, data=said(why), migration=migration.id))
        planned.append(migration)
    return tuple(planned), notes


def _recordings(crossing: Crossing, pending: Sequence[Migration]) -> dict[str, Recorded]:
    from watari.crossing.rehearsing import elsewhere_of
    from watari.errors.running import NoClone
    from watari.rehearsal.content import content
    from watari.rehearsal.recorded import Bench, Recorded, record_migrations

    policy = crossing.target.policy
    applied = {row.id for row in crossing.status().applied}
    crossing.sessions.end()  # a clone by template bears no other session on its source
    bench = Bench(
        url=crossing.url,
        environment=crossing.target.environment,
        framework=crossing.framework,
        applied=[migration for migration in crossing.migrations if migration.id in applied],
        events=crossing.events,
        content=content(policy.clone_rows, policy.mask),
        elsewhere=elsewhere_of(crossing),
    )
    try:
        return record_migrations(pending, bench)
    except NoClone as none:
        return {migration.id: Recorded(why=none.message) for migration in pending}
