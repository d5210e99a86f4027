"""The transaction of a step, statement by statement: its limits, its locks, its own SQL, history and journal rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from psycopg import sql

from watari.catalog import LockMode, Name, blocks_writes
from watari.evidence.effect import Effect
from watari.evidence.run import Direction
from watari.execution.execution import Execution
from watari.execution.journal import Entry
from watari.execution.queries import load
from watari.execution.session import milliseconds
from watari.planning.plan import Step
from watari.project.policy import Policy

Part = sql.Composable | str
Lock = tuple[Name, LockMode]

BEGIN, COMMIT = sql.SQL("begin"), sql.SQL("commit")

# the shortest wait that still lets a running point query end
_LEAST_WAIT = 0.005

_LOCK = {mode: sql.SQL("lock table only {} in " + str(mode) + " mode") for mode in LockMode}
# long enough that the server asks a vacuum in the way to stop, in a mode behind which nobody queues
_PATIENT_WAIT = sql.SQL(
    "select set_config('lock_timeout', "
    "(1000 + extract(epoch from current_setting('deadlock_timeout')::interval) * 1000)::int::text, true)"
)
_CLOCK = sql.SQL("select set_config('watari.locked_at', extract(epoch from clock_timestamp())::text, true)")


def opening(step: Step, execution: Execution, locks: Sequence[Lock], *, after_autovacuum: bool) -> list[Part]:
    """From BEGIN to the moment when every lock that can be foreseen is held; `locks` are those of `foreseen`.

    The locks are taken before the work and in one order, so that what is held while waiting is as little as can be.
    `after_autovacuum`: a vacuum was in the way; it is first asked to leave, behind a lock that hinders no application.
    """
    policy = execution.policy
    parts: list[Part] = [BEGIN, _local("statement_timeout", time_limit(step, policy)[1])]
    first = [(sql.Identifier(name.schema, name.name), mode) for name, mode in locks] if _locks_first(step) else []
    wait = policy.lock_timeout / max(1, len(first))
    if after_autovacuum and first:
        parts += [_PATIENT_WAIT, *(_LOCK[LockMode.SHARE_UPDATE_EXCLUSIVE].format(table) for table, _ in first)]
    if unhurried(step):
        parts.append(_local("lock_timeout", policy.concurrent_budget))
    else:
        parts.append(_local("lock_timeout", max(wait, min(_LEAST_WAIT, policy.lock_timeout))))
    parts += [_LOCK[mode].format(table) for table, mode in first]
    return [*parts, _CLOCK] if any(map(_makes_wait, step.effects)) else parts


def foreseen(step: Step, execution: Execution) -> list[Lock]:
    """The locks of the step that others could wait for, on what is there now, in the one order in which they are taken."""
    modes: dict[str, LockMode] = {}
    for effect in filter(_makes_wait, step.effects):
        if effect.lock:
            modes[effect.relation] = max(effect.lock, modes.get(effect.relation, effect.lock))
    if not modes:
        return []
    names = list(modes)
    rows = execution.session.guard.execute(load("lockable"), [names]).fetchall()
    return [(Name(schema, table), modes[names[place - 1]]) for place, schema, table in rows]


def unhurried(step: Step) -> bool:
    """Whether nobody queues behind the step's locks: a validation may wait for its lock as long as it may take."""
    return any(effect.scan for effect in step.effects) and not any(
        _makes_wait(effect) or effect.rewrite or effect.rows or effect.lock is LockMode.ROW_EXCLUSIVE
        for effect in step.effects
    )


def closing(step: Step, execution: Execution, row: sql.Composable) -> list[Part]:
    """From the step's last statement to COMMIT; `row` is that of the journal."""
    parts: list[Part] = []
    if any("role" in text.lower() or "authorization" in text.lower() for text in step.sql):
        parts += [sql.SQL("set local session authorization default"), sql.SQL("set local role none")]
    parts.append(row)
    parts += kept_rows(step, execution)
    if step.completes:
        if step.migration in execution.changes_settings:
            parts += [sql.SQL("reset session authorization"), sql.SQL("reset all")]
        parts += history_rows(step, execution)
    return [*parts, COMMIT]


def kept_rows(step: Step, execution: Execution) -> Sequence[sql.Composable]:
    """What the list of kept things gains and loses with the step."""
    entry = Entry(run=execution.run, step=step, attempt=execution.attempts.get(step.id, 1))
    return [*(entry.keeps(kept) for kept in step.keeps), *(entry.releases(kept) for kept in step.releases)]


def history_rows(step: Step, execution: Execution) -> Sequence[sql.Composable]:
    """What the framework writes into its history when the step's migration is done, or taken back."""
    migration = execution.migrations[step.migration or ""]
    if execution.plan.direction is Direction.BACK:
        return execution.framework.forget(migration)
    now = datetime.now(UTC)
    return execution.framework.record(migration, execution.began.get(migration.id, now), now)


def time_limit(step: Step, policy: Policy) -> tuple[str, float]:
    """The setting that says how long one statement of the step may take, and its seconds; 0: as long as it needs."""
    limit = "statement_timeout"
    if step.effects and not any(
        effect.rows or effect.rewrite or effect.lock is LockMode.ROW_EXCLUSIVE for effect in step.effects
    ):
        if unhurried(step):
            limit = "concurrent_budget"
        elif not any(effect.scan for effect in step.effects):
            limit = "moment_timeout"
    return limit, float(getattr(policy, limit))


def _makes_wait(effect: Effect) -> bool:
    """Whether somebody else could wait for this effect's lock."""
    return effect.lock is not None and blocks_writes(effect.lock) and not effect.created


def _locks_first(step: Step) -> bool:
    """Whether the locks may be taken before the first statement: not where they would then be held through other work."""
    moves_data = any(effect.scan or effect.rewrite or effect.lock is LockMode.ROW_EXCLUSIVE for effect in step.effects)
    return len(step.sql) == 1 or not moves_data


def _local(setting: str, seconds: float) -> sql.Composed:
    return sql.SQL("set local {} = {}").format(sql.Identifier(setting), sql.Literal(milliseconds(seconds)))
