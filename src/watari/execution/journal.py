"""Writes what happens into the target itself, in the transaction that it happens in where there is one.

`history` beside it reads. What is composed here stands in a step's own transaction; what is executed here commits alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from watari.catalog import Kept
from watari.errors.running import JournalTooNew
from watari.evidence.blocker import Blocker
from watari.evidence.effect import Effect
from watari.evidence.run import Direction, RunState
from watari.execution.circumstances import Circumstances
from watari.execution.effects import packed
from watari.execution.queries import load
from watari.planning.plan import Plan, Step
from watari.postgres.connection import reach_error
from watari.values import dataclass

#: Of the tables in `sql/schema.sql`.
VERSION = 4

_TRIES = 8


def version_of(connection: psycopg.Connection) -> int | None:
    """The version of the journal in this database, None where there is none; raises `JournalTooNew`."""
    there = connection.execute(load("journal_there")).fetchone()
    if not there or not there[0]:
        return None
    row = connection.execute(load("journal_version")).fetchone()
    if row and row[0] > VERSION:
        raise JournalTooNew(database=connection.info.dbname, found=row[0], known=VERSION)
    return int(row[0]) if row else None


def ensure(connection: psycopg.Connection) -> None:
    """Makes the journal's tables where they are missing, whoever else does so at the same moment.

    Raises `PrivilegeMissing` and `JournalTooNew`.
    """
    for _ in range(_TRIES):
        found = version_of(connection)
        if found is not None and found >= VERSION:
            return
        try:
            connection.execute(load("schema"))
        except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateObject, psycopg.errors.DuplicateTable):
            continue  # IF NOT EXISTS looks before the other one commits
        except psycopg.errors.DuplicateSchema:
            continue
        except psycopg.errors.InsufficientPrivilege as refused:
            raise reach_error(refused, connection) or refused from None


def begin(connection: psycopg.Connection, plan: Plan, plan_bytes: bytes, circumstances: Circumstances) -> str:
    """Writes down that a run of `plan` begins; its id comes out ("20261121-083015-4f2a")."""
    first = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{plan.sha256[:4]}"
    place = 1
    while True:
        run = first if place == 1 else f"{first}-{place}"
        values = {
            "id": run,
            "plan": plan_bytes,
            "plan_sha256": plan.sha256,
            "database": plan.database,
            "environment": plan.environment,
            "framework": plan.framework,
            "direction": plan.direction.value,
            "of_run": plan.of_run,
            "migrations": list(plan.migrations),
            **_facts(circumstances),
        }
        if connection.execute(load("run_begin"), values).fetchone():
            return run
        place += 1  # the same plan began twice within a second: up, down and up again on a clone


def resume(connection: psycopg.Connection, run: str, circumstances: Circumstances) -> None:
    """Writes down that an unfinished run goes on."""
    connection.execute(load("run_resume"), {"id": run, **_facts(circumstances)})


def end(connection: psycopg.Connection, run: str, plan: Plan) -> None:
    """Writes down that a run is done, and that the run it takes back is taken back, at once."""
    with connection.transaction():
        connection.execute(load("run_end"), {"id": run, "state": RunState.DONE, "error": None})
        if plan.direction is Direction.BACK and plan.of_run:
            connection.execute(load("run_taken_back"), {"id": plan.of_run, "migrations": list(plan.migrations)})


def stop(connection: psycopg.Connection, run: str, error: str) -> None:
    """Writes down that a run stopped before its end."""
    connection.execute(load("run_end"), {"id": run, "state": RunState.STOPPED, "error": error})


def _facts(circumstances: Circumstances) -> dict[str, object]:
    return {
        "by": circumstances.by,
        "host": circumstances.host,
        "version": circumstances.version,
        "git_commit": circumstances.git_commit,
        "backup": circumstances.backup,
        "log_file": circumstances.log_file,
    }


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One try of one step, as the row of the journal that it writes."""

    run: str
    step: Step
    attempt: int

    def intend(self, checkpoint: object = None) -> sql.Composed:
        """About to happen outside a transaction."""
        return load("step_intend").format(**self._row(), checkpoint=_json(checkpoint))

    def done(self, *, effects: Sequence[Effect] = ()) -> sql.Composed:
        """Done, in the transaction that does it."""
        return load("step_done").format(**self._row(), effects=_json(packed(effects)))

    def done_quickly(self) -> sql.Composed:
        """Done, where nobody could be in the way."""
        return load("step_done_quickly").format(**self._row())

    def settled(
        self,
        state: str,
        *,
        waited: float = 0.0,
        effects: Sequence[Effect] = (),
        error: str | None = None,
        blockers: Sequence[Blocker] = (),
    ) -> sql.Composed:
        """How what was intended ended."""
        return load("step_settled").format(
            **self._key(),
            state=sql.Literal(state),
            waited=sql.Literal(waited),
            effects=_json(packed(effects)),
            error=sql.Literal(error),
            in_the_way=_json([blocker.as_json() for blocker in blockers]),
        )

    def tried(
        self, state: str, *, seconds: float, waited: float, error: str | None, blockers: Sequence[Blocker] = ()
    ) -> sql.Composed:
        """A try that left nothing but this row."""
        return load("step_tried").format(
            **self._row(),
            state=sql.Literal(state),
            seconds=sql.Literal(seconds),
            waited=sql.Literal(waited),
            error=sql.Literal(error),
            in_the_way=_json([blocker.as_json() for blocker in blockers]),
        )

    def keeps(self, kept: Kept) -> sql.Composed:
        """Kept, in the transaction that takes it out of the application's way."""
        return load("keep").format(
            run=sql.Literal(self.run),
            step=sql.Literal(self.step.id),
            migration=sql.Literal(kept.migration),
            kind=sql.Literal(kept.kind.value),
            object=sql.Literal(kept.object),
            relation=sql.Literal(kept.relation),
            place=sql.Literal(kept.column),
            parts=sql.Literal(json.dumps(kept.parts, ensure_ascii=False)),
        )

    def releases(self, kept: Kept) -> sql.Composed:
        """Kept no longer, in the transaction that lets it go or takes it back."""
        return load("unkeep").format(
            number=sql.Literal(kept.number),
            migration=sql.Literal(kept.migration),
            kind=sql.Literal(kept.kind.value),
            object=sql.Literal(kept.object),
            place=sql.Literal(kept.column),
            parts=sql.Literal(json.dumps(kept.parts, ensure_ascii=False)),
        )

    def checkpoint(self, value: object) -> sql.Composed:
        """How far a backfill is."""
        return load("step_checkpoint").format(**self._key(), checkpoint=_json(value))

    def _key(self) -> dict[str, sql.Literal]:
        return {
            "run": sql.Literal(self.run),
            "id": sql.Literal(self.step.id),
            "attempt": sql.Literal(self.attempt),
        }

    def _row(self) -> dict[str, sql.Literal]:
        return {
            **self._key(),
            "kind": sql.Literal(self.step.kind.value),
            "migration": sql.Literal(self.step.migration),
        }


def _json(value: object) -> sql.Literal:
    return sql.Literal(json.dumps(value, ensure_ascii=False) if value else None)
