"""The part of the journal that holds other tools' commands: one row a command, with what it sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from watari.errors.reach import ReachError
from watari.evidence.recording import Ending, RecordedStatement, Recording, Told
from watari.evidence.run import Direction, Run, RunState, StepOutcome, StepState
from watari.execution.circumstances import Circumstances
from watari.execution.queries import load
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The row of a command that is under way; `mask` takes passwords out of its words and of what it sent."""

    connection: psycopg.Connection
    id: str
    mask: Callable[[str], str]

    @classmethod
    def begin(
        cls,
        connection: psycopg.Connection,
        argv: Sequence[str],
        circumstances: Circumstances,
        mask: Callable[[str], str],
    ) -> Entry:
        """Writes down that the command begins; `connection` holds watari's lock, so that what is still open is over."""
        connection.execute(load("guarded_schema"))
        connection.execute(load("guarded_broken_off"))
        first, place = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-guard", 1
        while True:
            id = first if place == 1 else f"{first}-{place}"
            values = {
                "id": id,
                "command": [mask(word) for word in argv],
                "by": circumstances.by,
                "host": circumstances.host,
                "version": circumstances.version,
                "git_commit": circumstances.git_commit,
                "log_file": circumstances.log_file,
            }
            if connection.execute(load("guarded_begin"), values).fetchone():
                return cls(connection=connection, id=id, mask=mask)
            place += 1

    def end(
        self,
        attempts: int,
        *,
        recording: Recording | None,
        status: int | None = None,
        blockers: Sequence[str] = (),
        error: str | None = None,
    ) -> None:
        """Writes down how it ended; a connection that is lost meanwhile leaves the row as it was."""
        statements = [_plain(each, self.mask) for each in (recording.statements if recording else ())]
        values = {"id": self.id, "attempts": attempts, "status": status, "blockers": list(blockers), "error": error}
        values["statements"] = json.dumps(statements, ensure_ascii=False)
        with suppress(psycopg.OperationalError, ReachError):
            self.connection.execute(load("guarded_end"), values)


def guarded_runs(connection: psycopg.Connection, run: str | None = None) -> tuple[Run, ...]:
    """The commands that ran behind the door of this database, oldest first, or the one of that id. Reads only."""
    there = connection.execute(load("guarded_there")).fetchone()
    if not there or not there[0]:
        return ()
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(load("guarded_runs"), {"id": run})
        return tuple(_run(row) for row in cursor)


def guarded_recording(connection: psycopg.Connection, run: str) -> Recording | None:
    """What the last try of a command sent, without the values; None where nothing was written down. Reads only."""
    row = connection.execute(load("guarded_statements"), {"id": run}).fetchone()
    if row is None or row[1] is None:
        return None
    statements = tuple(_statement(number, each) for number, each in enumerate(row[1], start=1))
    return Recording(
        started_at=row[0],
        seconds=max((each.began + each.seconds for each in statements), default=0.0),
        statements=statements,
        connections=len({each.connection for each in statements}),
    )


def _run(row: Mapping[str, Any]) -> Run:
    over = row["ended_at"] is not None or row["error"] is not None
    well = row["exit_status"] == 0
    seconds = (row["ended_at"] - row["started_at"]).total_seconds() if row["ended_at"] else None
    error = row["error"] or (f"exit status {row['exit_status']}" if over and not well else None)
    step = StepOutcome(
        id="command",
        migration=None,
        kind="command",
        state=StepState.DONE if well else StepState.FAILED if over else StepState.INTENDED,
        attempts=row["attempts"] or 1,
        started_at=row["started_at"],
        seconds=seconds,
        error=error,
        blockers=tuple(row["blockers"] or ()),
    )
    return Run(
        id=row["id"],
        plan_sha256="",
        database="",
        environment="",
        direction=Direction.GUARDED,
        state=RunState.DONE if well else RunState.STOPPED if over else RunState.RUNNING,
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        seconds=seconds,
        by=row["started_by"],
        host=row["host"],
        version=row["version"],
        git_commit=row["git_commit"],
        steps=(step,),
        error=error,
        log_file=row["log_file"],
        command=tuple(row["command"]),
    )


def _plain(statement: RecordedStatement, mask: Callable[[str], str]) -> dict[str, object]:
    """A statement for the journal, without its values: they are the team's data."""
    facts: dict[str, object] = {
        "connection": statement.connection,
        "transaction": statement.transaction,
        "sql": mask(statement.sql),
        "began": statement.began,
        "seconds": statement.seconds,
        "tag": statement.tag,
        "ending": statement.ending.value,
    }
    if statement.error:
        facts["error"] = {name: getattr(statement.error, name) for name in ("severity", "code", "message")}
    return facts


def _statement(number: int, plain: Mapping[str, Any]) -> RecordedStatement:
    return RecordedStatement(
        number=number,
        connection=plain["connection"],
        transaction=plain["transaction"],
        sql=plain["sql"],
        began=plain["began"],
        seconds=plain["seconds"],
        tag=plain["tag"],
        ending=Ending(plain["ending"]),
        error=Told(**plain["error"]) if "error" in plain else None,
    )
