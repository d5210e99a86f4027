"""A step whose statements, history row and journal row commit together, or not at all."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import psycopg

from watari.errors.stopped import OutOfTime, OvertakenByOthers
from watari.evidence.event import EventKind
from watari.evidence.run import Direction
from watari.execution import script
from watari.execution.execution import Execution
from watari.execution.failure import place, reason, shown, stopped
from watari.execution.journal import Entry
from watari.execution.looking import Look
from watari.execution.observation import Observer
from watari.execution.patience import GIVES_WAY, Patience
from watari.execution.wire import encoded, roll_back, send
from watari.planning.plan import Step

# in the words of the server's own errors, beside which it stands in the journal
_FORESEEN = "the lock was not asked for, because its holder will not let go in time"


def execute(step: Step, execution: Execution) -> None:
    """Tries the transaction until it has committed, giving way to whoever is in the way.

    Raises `PatienceSpent`, `StatementFailed` or `RunCutOff`; in each case nothing of the step is left.
    """
    patience = Patience(execution, step)
    _not_overtaken(step, execution)
    while not _Try(step, execution, patience).committed():
        _not_overtaken(step, execution)


def _not_overtaken(step: Step, execution: Execution) -> None:
    """Returns if nobody else has applied the step's migration; asked where the framework's own runner takes no lock."""
    framework, forward = execution.framework, execution.plan.direction is Direction.FORWARD
    migration = execution.migrations.get(step.migration or "")
    if migration is None or not forward or framework.lock_keys():
        return
    if framework.overtaken(migration, execution.session.guard):
        raise OvertakenByOthers(run=execution.run, step=step.id, migration=migration.name, framework=framework.name)


class _Try:
    """One try of the transaction."""

    def __init__(self, step: Step, execution: Execution, patience: Patience) -> None:
        self._step = step
        self._execution = execution
        self._patience = patience
        self._entry = execution.entry(step)
        self._locks = script.foreseen(step, execution)
        vacuumed = any(blocker.autovacuum and not blocker.wraparound for blocker in patience.blockers)
        self._opening = script.opening(step, execution, self._locks, after_autovacuum=vacuumed)
        self._watch = Look(step, execution).watch() if script.unhurried(step) else patience.watch()
        self._began = time.monotonic()

    def committed(self) -> bool:
        """Whether it went through; False: it gave way, and the pause is over."""
        if self._patience.stands_back(self._locks):
            self._give_way(None)
            return False
        by_itself = self._execution.observe or self._step.copies
        failure, place = self._one_by_one() if by_itself else self._at_once()
        if failure is None:
            return True
        roll_back(self._execution.session.work)
        if isinstance(failure, GIVES_WAY):
            self._give_way(failure)
            return False
        raise self._failed(failure, place)

    def _at_once(self) -> tuple[psycopg.Error | None, int]:
        """Everything in one message: nothing is held for the time of a round trip."""
        work = self._execution.session.work
        row = self._entry.done()
        parts = [*self._opening, *self._step.sql, *script.closing(self._step, self._execution, row)]
        answer = send(work, encoded(parts, work), self._watch)
        if answer.failure is None:
            self._note_locked(answer.values[parts.index(row)])
        return answer.failure, answer.ended

    def _one_by_one(self) -> tuple[psycopg.Error | None, int]:
        """Statement by statement, for rows that have to be streamed and for what is to be observed."""
        ended = 0
        try:
            for _ in self._statements():
                ended += 1
        except psycopg.Error as failure:
            return failure, ended
        return None, ended

    def _statements(self) -> Iterator[None]:
        work = self._execution.session.work
        observer = Observer(self._execution.session, len(self._step.sql)) if self._execution.observe else None
        rows = {copy.statement: copy.rows for copy in self._step.copies}
        yield from self._send_each(self._opening)
        if observer:
            observer.transaction_began()
        for number, statement in enumerate(self._step.sql):
            began = time.monotonic()
            if number in rows:
                _copy(work, statement, rows[number])
                yield
            else:
                yield from self._send_each([statement])
            self._tell(statement, time.monotonic() - began)
            if observer:
                observer.after_statement(began, last=number == len(self._step.sql) - 1)
        row = self._entry.done(effects=observer.effects() if observer else ())
        yield from self._send_each(script.closing(self._step, self._execution, row), row)

    def _send_each(self, parts: Sequence[script.Part], row: script.Part | None = None) -> Iterator[None]:
        work = self._execution.session.work
        for part in parts:
            answer = send(work, encoded([part], work), self._watch)
            if answer.failure:
                raise answer.failure
            if part is row:
                self._note_locked(answer.values[0])
            yield

    def _note_locked(self, seconds: bytes | None) -> None:
        """The journal's row answers for how long the locks were held."""
        if seconds is not None:
            self._execution.locked[self._step.id] = float(seconds)

    def _tell(self, statement: str, seconds: float) -> None:
        self._execution.tell(EventKind.STATEMENT, self._step, sql=shown(statement), seconds=round(seconds, 6))

    def _give_way(self, conflict: psycopg.Error | None) -> None:
        """Pauses after a conflict; None: after one that was foreseen, so that nothing was asked for."""
        entry, seconds = self._entry, time.monotonic() - self._began
        waited = 0.0
        try:
            if conflict:
                waited = self._patience.give_way(conflict, attempt=entry.attempt)
            else:
                waited = self._patience.pause_after(_FORESEEN, attempt=entry.attempt, asked=False)
        finally:
            self._write(entry, "gave_way", seconds, reason(conflict) if conflict else _FORESEEN, waited)

    def _failed(self, failure: psycopg.Error, ended: int) -> Exception:
        at = ended - len(self._opening)
        statement = self._step.sql[at] if 0 <= at < len(self._step.sql) else None
        condition = self._out_of_time(failure) or stopped(
            failure, run=self._execution.run, step=self._step, statement=statement
        )
        if not self._execution.session.work.closed:
            self._write(self._entry, "failed", time.monotonic() - self._began, str(condition))
        return condition

    def _out_of_time(self, failure: psycopg.Error) -> OutOfTime | None:
        """The condition, where the policy's limit cut the statement short and nobody else did."""
        setting, seconds = script.time_limit(self._step, self._execution.policy)
        took = time.monotonic() - self._began
        if not isinstance(failure, psycopg.errors.QueryCanceled) or not seconds or took < seconds:
            return None
        where, why = place(self._step, failure), reason(failure)
        run, step = self._execution.run, self._step.id
        return OutOfTime(run=run, step=step, place=where, seconds=f"{seconds:g}", setting=setting, reason=why)

    def _write(self, entry: Entry, state: str, seconds: float, error: str, waited: float = 0.0) -> None:
        row = entry.tried(state, seconds=seconds, waited=waited, error=error, blockers=self._patience.blockers)
        self._execution.session.work.execute(row)


def _copy(work: psycopg.Connection, statement: str, rows: str) -> None:
    with work.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        copy.write(rows)
