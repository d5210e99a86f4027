"""Expected against actual: the plan and the moment before it on one side, the database now on the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from watari.evidence.run import Direction
from watari.values import replace

if TYPE_CHECKING:
    import psycopg

    from watari.catalog import Catalog, Constraint, Name
    from watari.crossing.before import Before
    from watari.crossing.line import Crossing
    from watari.evidence import Run
    from watari.evidence.observation import Observation, ProbeAnswer
    from watari.migrations import Standing
    from watari.planning.plan import Plan
    from watari.verification.verdict import Verdict


def verify(crossing: Crossing, run: str | None) -> tuple[Verdict, ...]:
    """What every check says for the last run (or the one named); without any run, what holds for every database."""
    from watari.crossing.before import Before, kept_before
    from watari.crossing.story import remember_verdicts
    from watari.verification.expecting import expect
    from watari.verification.history import history_promises
    from watari.verification.verify import verify as compare

    with crossing.connection("verify") as connection:
        done, plan, unfinished = _subject(connection, run) or (None, None, False)
        observation = _observe(crossing, connection, plan)
    before: Before = kept_before(crossing, done.id) if done else Before()
    applied = {row.id for row in observation.standing.applied} if observation.standing else set()
    expectation = expect(
        plan,
        rows_before=before.rows,
        statistics_before=before.statistics,
        probe_wanted=crossing.target.policy.probe_url is not None,
        history=history_promises(
            crossing.migrations,
            applied,
            database=crossing.target.database,
            search_path=observation.catalog.search_path,
        ),
        may_be_pending=_may_be_pending(crossing, plan, applied),
        unfinished=unfinished,
    )
    verdicts = compare(expectation, observation)
    if done:
        remember_verdicts(crossing, done.id, verdicts)
    return verdicts


def _subject(connection: psycopg.Connection, wanted: str | None) -> tuple[Run, Plan, bool] | None:
    """The run that is verified, its plan, and whether it stands half-way."""
    from watari.execution import history
    from watari.planning.canonical import loads

    half_way = history.unfinished(connection)
    for run in reversed(history.runs(connection)):
        if run.id.startswith(wanted) if wanted else run.direction is not Direction.RELEASE:
            plan = history.plan_of(connection, run.id)
            return (run, loads(plan), bool(half_way and half_way.run.id == run.id)) if plan else None
    return None


def _observe(crossing: Crossing, connection: psycopg.Connection, plan: Plan | None) -> Observation:
    from watari.postgres.observation import observe
    from watari.postgres.reader import read_catalog
    from watari.postgres.statistics import read_statistics

    catalog = read_catalog(connection, leave_out=crossing.framework.history_tables())
    promised = [object for kind, object, state in plan.expected if kind == "index"] if plan else []
    standing = crossing.status()
    observation = observe(
        connection,
        catalog,
        standing=standing,
        probe=_probe(crossing),
        indexes=promised,
        pending_keys=_pending_keys(crossing, standing, catalog),
    )
    # the counters lag behind what was just asked
    return replace(observation, statistics=read_statistics(connection))


def _pending_keys(crossing: Crossing, standing: Standing, catalog: Catalog) -> list[tuple[str, Constraint]]:
    """The foreign keys that pending migrations without SQL will add to tables that are there."""

    def there(name: Name | None, columns: Sequence[str]) -> bool:
        table = catalog.tables.get(name) if name else None
        return table is not None and all(table.column(column) for column in columns)

    return [
        (migration.id, key)
        for migration in standing.pending
        if migration.up is None
        for key in crossing.framework.foreign_keys(migration)
        if there(key.table, key.columns) and there(key.references, key.referenced_columns)
    ]


def _probe(crossing: Crossing) -> ProbeAnswer | None:
    policy = crossing.target.policy
    if policy.probe_url is None:
        return None
    from watari.monitoring.probe import probe

    return probe(policy.probe_url, timeout=policy.probe_timeout)


def _may_be_pending(crossing: Crossing, plan: Plan | None, applied: set[str]) -> tuple[str, ...] | None:
    """What a run did not mean to apply: everything after its last migration; without a run, everything."""
    if plan is None:
        return None
    return tuple(m.id for m in crossing.migrations if m.id not in applied and m.id not in plan.migrations)
