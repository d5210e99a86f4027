"""From what is pending to a plan: the catalog is read, the planner decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from watari.crossing.absent import absent_catalog
from watari.errors.refused import HalfApplied, OnlyItsOwnTool, StandingInTheWay
from watari.errors.usage import UnknownMigration
from watari.evidence.event import Event, EventKind, said
from watari.locale import Text
from watari.migrations import Migration, ProblemKind, Standing

if TYPE_CHECKING:
    from watari.catalog import Catalog
    from watari.crossing.line import Crossing
    from watari.planning.plan import Plan
    from watari.sql.statement import Statement


def plan_forward(crossing: Crossing, to: str | None = None) -> Plan:
    """The plan for what is pending; raises `StandingInTheWay` where files and history disagree, `UnknownMigration`,
    `OnlyItsOwnTool`, `HalfApplied`, and what `recording.with_recorded` does.
    """
    standing = crossing.status()
    pending = pending_of(crossing, to)
    require_runnable(crossing, pending, standing)
    catalog = _catalog(crossing, standing)
    from watari.crossing.recording import with_recorded
    from watari.planning.planner import make_plan
    from watari.risk.effects import predict

    pending, by_command = with_recorded(crossing, pending, catalog)
    _look_for_half_applied(crossing, pending, catalog)
    return make_plan(
        pending,
        statements_of=statements_of,
        catalog=catalog,
        policy=crossing.target.policy,
        predict=predict,
        database=crossing.target.database,
        environment=crossing.target.environment,
        framework=crossing.framework.name,
        fingerprint=crossing.fingerprint(catalog),
        database_exists=not standing.absent,
        by_command=by_command,
        around=crossing.framework.around(),
    )


def pending_of(crossing: Crossing, to: str | None) -> tuple[Migration, ...]:
    """What is pending, up to and including `to`; raises `StandingInTheWay`, `UnknownMigration`."""
    standing = crossing.status()
    require_clear(crossing, standing)
    return up_to(standing.pending, to)


def _catalog(crossing: Crossing, standing: Standing) -> Catalog:
    """The facts to plan for; while the server collects them, what the plan needs is imported."""
    if standing.absent:
        return absent_catalog(crossing)
    from watari.crossing.meanwhile import imported_meanwhile
    from watari.postgres import moment, reader

    assert moment
    assert reader
    with imported_meanwhile("watari.planning.planner", "watari.risk.effects", "watari.planning.canonical"):
        return crossing.catalog()


def _look_for_half_applied(crossing: Crossing, pending: Sequence[Migration], catalog: Catalog) -> None:
    """Warns of pending migrations whose objects are there already: left half-way, or applied by hand.

    Raises `HalfApplied` where a statement is certain to fail for it.
    """
    if not catalog.tables or not pending:
        return
    from watari.verification.history import first_refused, half_applied, history_promises

    untouched = history_promises(pending, (), database=crossing.target.database, search_path=catalog.search_path)
    if refused := first_refused(untouched, catalog):
        migration = next(m for m in pending if m.id == refused.migration)
        raise HalfApplied(
            place=refused.place,
            object=refused.object,
            migration=migration.name,
            database=crossing.target.database,
            record=_record(crossing, migration),
        )

    applied = {row.id for row in crossing.status().applied}
    promises = history_promises(
        crossing.migrations, applied, database=crossing.target.database, search_path=catalog.search_path
    )
    ids = {migration.id for migration in pending}
    for problem in half_applied(promises, catalog):
        if problem.migration in ids:
            crossing.events(Event(kind=EventKind.WARNING, data=said(problem.message), migration=problem.migration))


def _record(crossing: Crossing, migration: Migration) -> str:
    """The SQL by which a person records a migration as applied."""
    from datetime import UTC, datetime

    now = datetime.now(UTC).replace(microsecond=0)
    framework = crossing.framework
    statements = (*framework.create_history(), *framework.record(migration, now, now))
    return " ".join(f"{statement.as_string(None)};" for statement in statements)


def require_clear(crossing: Crossing, standing: Standing) -> None:
    """Returns if nothing between files and history stops a run; raises `StandingInTheWay` with the first problem."""
    stopping = [problem for problem in standing.problems if problem.stops]
    if stopping:
        first = stopping[0]
        raise StandingInTheWay(database=crossing.target.url.database, count=len(stopping), first=first.message)


_NO_SQL = Text(en="it cannot be shown as SQL", ja="SQL として表示できません")


def require_runnable(crossing: Crossing, pending: Sequence[Migration], standing: Standing) -> None:
    """Returns if each migration has SQL or a command of its framework's; raises `OnlyItsOwnTool` for the first without."""
    for migration in pending:
        if migration.up is None and crossing.framework.command(migration, "") is None:
            told = (
                p.message for p in standing.problems if (p.kind, p.migration) == (ProblemKind.UNRENDERED, migration.id)
            )
            raise OnlyItsOwnTool(
                framework=crossing.framework.name, migration=migration.name, reason=next(told, None) or _NO_SQL()
            )


def up_to(pending: Sequence[Migration], to: str | None) -> tuple[Migration, ...]:
    """The pending migrations up to and including `to`, named by id, name or the beginning of either."""
    if to is None:
        return tuple(pending)
    place = place_of(to, [migration.id for migration in pending], [migration.name for migration in pending])
    return tuple(pending[: place + 1])


def place_of(wanted: str, ids: Sequence[str], names: Sequence[str]) -> int:
    """Where the wanted migration stands; raises `UnknownMigration` where none or several answer."""
    exact = [place for place, pair in enumerate(zip(ids, names, strict=True)) if wanted in pair]
    near = [
        place
        for place, pair in enumerate(zip(ids, names, strict=True))
        if any(word.startswith(wanted) for word in pair)
    ]
    found = exact[:1] or near
    if len(found) != 1:
        import difflib

        known = [names[place] for place in found] or difflib.get_close_matches(wanted, names, n=3, cutoff=0.2)
        raise UnknownMigration(name=wanted, known=", ".join(known or names[-3:]) or "-")
    return found[0]


def statements_of(migration: Migration) -> tuple[Statement, ...]:
    """The statements of a migration that belong to the database at hand (the framework has chosen them)."""
    return migration.up.statements if migration.up else ()
