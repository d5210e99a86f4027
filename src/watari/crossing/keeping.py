"""What runs kept in the database of a crossing, and letting it go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from watari.evidence.run import Direction

if TYPE_CHECKING:
    from watari.catalog import KeptThing
    from watari.crossing.line import Crossing
    from watari.evidence import Run


def kept_things(crossing: Crossing) -> tuple[KeptThing, ...]:
    """Everything that is kept, oldest first; reads only."""
    from watari.postgres.kept import read_kept

    with crossing.connection("status") as connection:
        return read_kept(connection)


def release(crossing: Crossing, things: Sequence[KeptThing]) -> Run:
    """Lets them go, the newest first, or goes on with a release that stands half-way."""
    from watari.crossing.running import carry_out, unfinished_run
    from watari.planning.release import plan_release

    half_way = unfinished_run(crossing)
    if half_way and half_way.plan.direction is Direction.RELEASE:
        return carry_out(crossing, half_way.plan)
    catalog = crossing.catalog()
    plan = plan_release(
        [thing.kept for thing in reversed(things)],
        database=crossing.target.database,
        environment=crossing.target.environment,
        framework=crossing.framework.name,
        fingerprint=crossing.fingerprint(catalog),
        server_version=catalog.server_version,
    )
    with crossing.stage("release"):
        return carry_out(crossing, crossing.remember("plan", plan))
