"""Pending migrations and facts in, a plan out.

For each migration in order: its transactions by the framework's rule, what refuses a transaction on its own, what would stop
the application in its safe form. The last step of a migration completes it: its history row is written with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from watari.catalog import Catalog
from watari.evidence.run import Direction
from watari.migrations import Migration
from watari.planning.canonical import VERSION, sealed
from watari.planning.names_made import columns_made, names_going, names_made
from watari.planning.plan import Allowed, Note, Phase, Plan, Settle, Step, StepKind
from watari.planning.scene import Predict, Scene
from watari.planning.sections import sections
from watari.planning.writing import StepWriter
from watari.project.policy import Policy
from watari.sql.remarks import remarks_of
from watari.sql.statement import Statement

__all__ = ["make_plan", "plan_of", "write_statements"]


def make_plan(
    migrations: Sequence[Migration],
    *,
    statements_of: Callable[[Migration], Sequence[Statement]],
    catalog: Catalog,
    policy: Policy,
    predict: Predict,
    database: str,
    environment: str,
    framework: str,
    fingerprint: str,
    database_exists: bool = True,
    by_command: Mapping[str, Note] | None = None,
    around: Sequence[str] = (),
) -> Plan:
    """The plan that takes `database` forward over `migrations`, in their order.

    `statements_of` gives a migration's statements for this database (`watari.sql.databases.of_database`); it is not asked
    for one without a script, which becomes a step of the framework's own tool. `predict` is `risk.effects.predict`.
    `by_command` says of migrations without a script why that is so; `around` is the framework's own. Without `database_exists`, its CREATE DATABASE is a step too; with it, that statement is left out. Raises `ScriptSyntax`.
    """
    scene = Scene(catalog, policy, predict)
    scene.kept.names_made = cache(lambda: names_made(s for m in migrations if m.up for s in statements_of(m)))
    scene.kept.columns_made = cache(lambda: columns_made(s for m in migrations if m.up for s in statements_of(m)))
    scene.kept.names_going = cache(lambda: names_going(s for m in migrations if m.up for s in statements_of(m)))
    writers = []
    for ordinal, migration in enumerate(migrations, 1):
        scene.begin_migration()
        writer = StepWriter(ordinal, migration.id, scene, database=None if database_exists else database)
        if migration.up is None:
            scene.doubt(None)
            writer.command((by_command or {}).get(migration.id))
        else:
            write_statements(writer, statements_of(migration), transactional=migration.transactional)
        writer.end()
        writers.append(writer)
    return plan_of(
        writers,
        scene,
        database=database,
        environment=environment,
        framework=framework,
        fingerprint=fingerprint,
        direction=Direction.FORWARD,
        migrations=tuple(migration.id for migration in migrations),
        checksums=tuple((migration.id, migration.checksum) for migration in migrations if migration.checksum),
        allowances=tuple(_allowed(statement for m in migrations if m.up for statement in statements_of(m))),
        around=around,
    )


def _allowed(statements: Iterable[Statement]) -> Iterator[Allowed]:
    for statement in statements:
        for remark in remarks_of(statement) if statement.remarks else ():
            if remark.holds:
                yield Allowed(rules=remark.rules, reason=remark.reason, file=statement.file, line=statement.line)


def plan_of(writers: Sequence[StepWriter], scene: Scene, *, around: Sequence[str] = (), **rest: Any) -> Plan:
    """The sealed plan of everything that was written, migration by migration, with what goes `around` it."""
    steps = [step for writer in writers for step in writer.steps]
    if steps and "before" in around:
        steps.insert(0, _around("before", 0))
    if steps and "after" in around:
        steps.append(_around("after", len(writers) + 1))
    plan = Plan(
        sha256="",
        version=VERSION,
        server_version=scene.catalog.server_version,
        steps=tuple(steps),
        prechecks=tuple(check for writer in writers for check in writer.prechecks),
        expected=tuple((kind, object, state) for (kind, object), state in scene.expected.items()),
        losses=tuple(loss for writer in writers for loss in writer.losses),
        **rest,
    )
    return sealed(plan)


def _around(when: str, ordinal: int) -> Step:
    """A step that changes nothing of which a later one or the way back could know."""
    settle = Settle(kind="again", relation=when)
    return Step(id=f"{ordinal:04}.1", phase=Phase.MIGRATE, kind=StepKind.AROUND, migration=None, settle=settle, undo=())


def write_statements(writer: StepWriter, statements: Sequence[Statement], *, transactional: bool) -> None:
    """Writes the steps of one migration's statements."""
    for section in sections(statements, transactional=transactional):
        for statement in section.statements:
            writer.statement(statement, whole=section.whole)
        writer.end_transaction()
