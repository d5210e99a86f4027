"""A server's refusal in the words of the person who wrote the migration."""

from __future__ import annotations

import re

import psycopg

from watari.errors.reach import ReachError, RelationBusy, Unexpected
from watari.errors.stopped import RunCutOff, RunStopped, ServerSpent, StatementFailed
from watari.late import pattern
from watari.planning.plan import Step
from watari.postgres.connection import reach_error

_SHOWN = 160
_SECRET = pattern(r"pass(word|wd|phrase)|secret|token|api_?key", re.IGNORECASE)
# class 53, "insufficient resources": disk full, out of memory, too many connections
_RESOURCES = "53"
_SHUT_DOWN = (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown, psycopg.errors.CannotConnectNow)


def stopped(failure: psycopg.Error, *, run: str, step: Step, statement: str | None = None) -> RunStopped:
    """The condition behind `failure`; `statement` is the text that the server refused, where one can be named."""
    if isinstance(failure, _SHUT_DOWN) or (isinstance(failure, psycopg.OperationalError) and not failure.sqlstate):
        return RunCutOff(run=run, step=step.id, reason=_first_line(failure))
    short = (failure.sqlstate or "").startswith(_RESOURCES)
    return (ServerSpent if short else StatementFailed)(
        run=run, step=step.id, place=place(step, failure, statement), reason=reason(failure, statement)
    )


def not_begun(failure: psycopg.Error, connection: psycopg.Connection) -> ReachError:
    """The condition behind a failure before the first step, when nothing had been changed yet."""
    if known := reach_error(failure, connection):
        return known
    if isinstance(failure, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected):
        return RelationBusy(database=connection.info.dbname, reason=reason(failure))
    return Unexpected(kind=type(failure).__name__, reason=reason(failure))


def place(step: Step, failure: psycopg.Error | None = None, statement: str | None = None) -> str:
    """Where the team wrote it: `db/003_orders.sql:12`, counted on by the server's position in the statement."""
    written = step.as_written or step.migration or step.id
    file, colon, line = written.rpartition(":")
    position = failure.diag.statement_position if failure else None
    # in a script of several statements, or in watari's own form, the position is not the team's
    if not colon or not line.isdigit() or not position or not statement or len(step.sql) != 1 or step.rewritten:
        return written
    return f"{file}:{int(line) + statement[: int(position) - 1].count(chr(10))}"


def reason(failure: psycopg.Error, statement: str | None = None) -> str:
    """The server's message with its state, detail and hint, and the statement, in one line."""
    said = failure.diag
    parts = [said.message_primary or _first_line(failure)]
    if failure.sqlstate:
        parts[0] += f" (SQLSTATE {failure.sqlstate})"
    parts += [part.rstrip(".") for part in (said.message_detail, said.message_hint, said.context) if part]
    if statement:
        parts.append(f"in: {shown(statement)}")
    return "; ".join(" ".join(part.split()) for part in parts)


def shown(statement: str) -> str:
    """A statement on one line, cut where it becomes long, and early where a password may stand in it."""
    words = statement.split()
    if _SECRET.search(statement):
        return " ".join(words[:3]) + " …"
    line = " ".join(words)
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _first_line(failure: BaseException) -> str:
    return str(failure).strip().partition("\n")[0]
