"""Pending migrations and facts in, a plan out.

For each migration in order: its transactions by the framework's rule, what refuses a transaction on its own, what would stop
the application in its safe form. The last step of a migration completes it: its history row is written with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from watari.catalog import Catalog
from watari.evidence.run import Direction
from watari.migrations import Migration
from watari.planning.canonical import VERSION, sealed
from watari.planning.plan import Plan, Precheck, Step
from watari.planning.scene import Predict, Scene
from watari.planning.sections import sections
from watari.planning.writing import StepWriter
from watari.project.policy import Policy
from watari.sql.statement import Statement

__all__ = ["expected", "make_plan", "write_statements"]


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
) -> Plan:
    """The plan that takes `database` forward over `migrations`, in their order.

    `statements_of` gives a migration's statements for this database (`watari.sql.databases.of_database`); it is not asked
    for one without a script, which becomes a step of the framework's own tool. `predict` is `risk.effects.predict`.
    Without `database_exists`, its CREATE DATABASE is a step too; with it, that statement is left out. Raises `ScriptSyntax`.
    """
    scene = Scene(catalog, policy, predict)
    steps: list[Step] = []
    prechecks: list[Precheck] = []
    for ordinal, migration in enumerate(migrations, 1):
        scene.begin_migration()
        writer = StepWriter(ordinal, migration.id, scene, database=None if database_exists else database)
        if migration.up is None:
            writer.command()
        else:
            write_statements(writer, statements_of(migration), transactional=migration.transactional)
        steps += writer.finished()
        prechecks += writer.prechecks
    return sealed(
        Plan(
            sha256="",
            version=VERSION,
            database=database,
            environment=environment,
            framework=framework,
            direction=Direction.FORWARD,
            fingerprint=fingerprint,
            server_version=catalog.server_version,
            migrations=tuple(migration.id for migration in migrations),
            steps=tuple(steps),
            prechecks=tuple(prechecks),
            expected=expected(scene),
        )
    )


def write_statements(writer: StepWriter, statements: Sequence[Statement], *, transactional: bool) -> None:
    """Writes the steps of one migration's statements."""
    for section in sections(statements, transactional=transactional):
        for statement in section.statements:
            writer.statement(statement, whole=section.whole)
        writer.end_transaction()


def expected(scene: Scene) -> tuple[tuple[str, str, str], ...]:
    """What verification is to find when the plan is done: (kind, object, state)."""
    return tuple((kind, object, state) for (kind, object), state in scene.expected.items())
