"""Pending migrations that only their own tool knows: recorded on clones, so that what it sends can be planned.

What was recorded is kept: as long as nothing that it rests on has changed, it is not recorded again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from watari.errors.reach import ReachError
from watari.evidence.event import Event, EventKind, said
from watari.locale import Language, Text
from watari.values import replace

if TYPE_CHECKING:
    from watari.catalog import Catalog
    from watari.crossing.line import Crossing
    from watari.evidence.transcript import Transcript, Transcripts
    from watari.migrations import Migration
    from watari.planning.plan import Note

#: Raised when a recording of before would be read otherwise.
_FORMAT = 1
_BY_ITS_TOOL = Text(
    en='"{migration}" goes by its own tool, bounded and watched: {why}',
    ja='"{migration}" は独自のツールで、watari のロック制御の下で実行します: {why}',
)
_KEPT = Text(
    en="what {count} migration(s) send was recorded before, and nothing it rests on has changed since",
    ja="{count} 件のマイグレーションは記録済みで、その後の変更がないため、記録を再利用します",
)


def with_recorded(
    crossing: Crossing, pending: Sequence[Migration], catalog: Catalog
) -> tuple[tuple[Migration, ...], dict[str, Note]]:
    """`pending` with the scripts that were recorded, and for each migration that stays without one, why.

    `catalog` is that of the database now. Where no clone can be made, none is recorded. Raises `RecordingFailed`,
    `RecordingUnusable`.
    """
    last = max((place for place, migration in enumerate(pending) if migration.up is None), default=-1)
    if last < 0 or not crossing.framework.records:
        return tuple(pending), {}
    from watari.planning.plan import Note

    found = {each.migration: each for each in _transcripts(crossing, pending[: last + 1], catalog)}
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


def _transcripts(crossing: Crossing, pending: Sequence[Migration], catalog: Catalog) -> tuple[Transcript, ...]:
    """What was recorded, now or before."""
    from watari.errors.running import NoClone
    from watari.evidence.transcript import Transcript, Transcripts

    id = _rests_on(crossing, pending, catalog)
    if before := _kept(crossing, id):
        count = sum(migration.up is None for migration in pending)
        crossing.events(Event(kind=EventKind.NOTICE, data=said(_KEPT(count=count))))
        return before.transcripts
    try:
        found = _recorded(crossing, pending)
    except NoClone as none:
        return tuple(Transcript(migration=each.id, file=each.file, why=none.message) for each in pending)
    target = crossing.target
    crossing.remember(
        "recording", Transcripts(id=id, database=target.database, environment=target.environment, transcripts=found)
    )
    return found


def _kept(crossing: Crossing, id: str) -> Transcripts | None:
    from watari.ledger.ledger import Ledger

    try:
        with Ledger.open(crossing.project.root, crossing.project.ledger) as ledger:
            return ledger.recording(id)
    except ReachError:
        return None


def _rests_on(crossing: Crossing, pending: Sequence[Migration], catalog: Catalog) -> str:
    """SHA-256 of everything that decides what the tool sends, as far as it can be known."""
    policy = crossing.target.policy
    facts = [
        *(_FORMAT, crossing.framework.name, crossing.framework.recorded_from(), crossing.fingerprint(catalog)),
        *(catalog.server_version, policy.clone_rows, list(policy.mask)),
        [(each.id, each.checksum, each.up is None) for each in pending],
        sorted(row.id for row in crossing.status().applied),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _recorded(crossing: Crossing, pending: Sequence[Migration]) -> tuple[Transcript, ...]:
    from watari.crossing.rehearsing import elsewhere_of
    from watari.rehearsal.content import content
    from watari.rehearsal.recorded import Bench, record_migrations

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
    return record_migrations(pending, bench)
