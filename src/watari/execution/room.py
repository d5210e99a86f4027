"""Whether the server's disks have room for a step, looked at right before it: plans are older than disks are full."""

from __future__ import annotations

from pathlib import Path

from watari.errors.stopped import RoomMissing
from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.gates.needs import Need, Size, need_of, relations_of, takes_room
from watari.planning.plan import Step
from watari.postgres.free_space import Space, folder_here, space_of, spaces
from watari.values import replace

# so far above what could be needed at most that nothing has to be estimated
_PLENTY = 10.0
# a server that cannot write its log goes down: four segments of it, and some
_LEAST = 100_000_000


def require_room(step: Step, execution: Execution) -> None:
    """Returns where the step has room, or nobody can tell; raises `RoomMissing` before it has begun."""
    margin = execution.policy.disk_margin
    if margin <= 0 or not takes_room(step):
        return
    guard = execution.session.guard
    rows = guard.execute(load("step_sizes"), {"names": list(relations_of(step))}).fetchall()
    places = sorted({place for row in rows for place in row[6] or ()})
    known = spaces(guard, execution.policy, places)
    if known is None or not rows:
        return
    log, files = known
    if sum(row[1] + row[2] for row in rows) * _PLENTY < min(space.free for space in (log, *files)):
        return
    sizes = {row[0]: Size(bytes=row[1], index_bytes=row[2], rows=row[3], lives=row[4], indexes=row[5]) for row in rows}
    if step.settle and step.settle.table in sizes:
        widths: dict[str, int] = dict(guard.execute(load("step_widths"), {"name": step.settle.table}).fetchall())
        sizes[step.settle.table] = replace(sizes[step.settle.table], widths=widths)
    need = need_of(step, sizes)
    for space, needed in _by_disk(need, log, files):
        if needed * margin > space.free:
            raise RoomMissing(
                run=execution.run,
                step=step.id,
                place=space.place,
                needed=f"{needed / 1e6:,.0f}",
                free=f"{space.free / 1e6:,.0f}",
            )


def _by_disk(need: Need, log: Space, files: tuple[Space, ...]) -> list[tuple[Space, float]]:
    """What each file system has to hold; files in several tablespaces are thought to be spread over all of them."""
    wanted = {log.device: (log, need.sorts + min(need.log, need.files))}
    for space in files:
        _, before = wanted.get(space.device, (space, 0.0))
        wanted[space.device] = (space, before + need.files / len(files))
    return list(wanted.values())


class Reserve:
    """The least that a backfill leaves free; beyond that it rests, since a server without room for its log goes down."""

    def __init__(self, execution: Execution) -> None:
        self._folder: Path | None = None
        if execution.policy.disk_margin > 0 and not execution.policy.free_space_sql:
            self._folder = folder_here(execution.session.guard)

    def missing(self) -> int | None:
        """Bytes that are free, where they are too few; None: enough, or nobody can tell."""
        if self._folder is None:
            return None
        try:
            free = min(space_of(self._folder).free, space_of(self._folder / "pg_wal").free)
        except OSError:
            return None
        return free if free < _LEAST else None
