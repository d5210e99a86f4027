"""The way back: which migrations, by which way, and what it costs. Going it is `running.roll_back`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from watari.crossing.planning import place_of
from watari.crossing.reasons import why
from watari.errors.refused import NoWayBack
from watari.evidence import Direction, RunState, StepState, VerificationLevel
from watari.locale import Message, Text
from watari.migrations import HistoryRow, Migration
from watari.values import dataclass, replace

if TYPE_CHECKING:
    import psycopg

    from watari.catalog import Catalog
    from watari.crossing.line import Crossing
    from watari.evidence import Backup, Run
    from watari.frameworks import Framework
    from watari.planning.plan import Loss, Plan, Step
    from watari.planning.way_back import Crossed
    from watari.project.policy import Policy

_LOSS = {
    "table": Text(en="table {object} with about {rows} rows", ja="テーブル {object}（約 {rows} 行）"),
    "column": Text(en="column {object}, filled in about {rows} rows", ja="カラム {object}（約 {rows} 行の値）"),
    "rows": Text(en="about {rows} rows of {object}", ja="{object} の約 {rows} 行"),
    "values": Text(
        en="what column {object} held in about {rows} rows before", ja="カラム {object} の変更前の値（約 {rows} 行）"
    ),
}
_LOSS_UNCOUNTED = {
    "table": Text(en="table {object} with all its rows", ja="テーブル {object}（全行）"),
    "column": Text(en="column {object} with all its values", ja="カラム {object}（全ての値）"),
    "rows": Text(en="rows of {object}", ja="{object} の行"),
    "values": Text(en="what column {object} held before", ja="カラム {object} の変更前の値"),
}
_BY_RESTORE = Text(
    en="By restoring backup {backup} beside and swapping the names; the database of now is kept under another name.",
    ja="バックアップ {backup} を別名で復元し、名前を入れ替えます。現在のデータベースは別名で残ります。",
)
_ONLY = Text(en="No nearer way: {reason}.", ja="より簡単な方法はありません: {reason}。")
_SINCE = Text(en="everything written since {since}", ja="{since} 以降の書き込みすべて")
_ROWS_SINCE = Text(en="{table}: {then} rows then, {now} now", ja="{table}: 当時 {then} 行、現在 {now} 行")


@dataclass(frozen=True, kw_only=True)
class WayBack:
    """One way back: a plan, or a backup where no plan leads there; `losses` and `notes` are for the person who decides."""

    migrations: tuple[str, ...]  # ids, newest first
    plan: Plan | None = None
    backup: Backup | None = None
    losses: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Past:
    """What the journal knows: the forward runs with their plans, newest first, and the one that stands half-way."""

    runs: tuple[tuple[Run, Plan], ...]
    unfinished: tuple[Run, Plan] | None


def find_way_back(
    crossing: Crossing, *, count: int | None, to: str | None, run: str | None, way: str | None, leaving: bool = False
) -> WayBack | None:
    """The best way that the policy (or the caller's `way`) allows; None where nothing is to be taken back.

    `leaving`: changes of rows that cannot be undone may stay.

    Raises `NoWayBack`, `UnknownMigration`, `NotInLedger`.
    """
    with crossing.connection("rollback") as connection:
        past = _past(connection)
    if past.unfinished and past.unfinished[1].direction is Direction.BACK:
        plan = past.unfinished[1]
        return WayBack(migrations=plan.migrations, plan=plan, losses=tuple(describe_loss(x) for x in plan.losses))
    policy = crossing.target.policy
    ways = (way,) if way and way in policy.ways_back else policy.ways_back if way is None else ()
    crossed = _crossed(crossing, past, count=count, to=to, run=run)
    if not crossed:
        return None
    refused: NoWayBack | None = None
    if ways[:1] != ("restore",):
        try:
            return _by_plan(crossing, crossed, replace(policy, ways_back=ways), past, leaving=leaving)
        except NoWayBack as condition:
            if "restore" not in ways:
                raise
            refused = condition
    try:
        back = _by_restore(crossing, crossed, past)
        return replace(back, notes=(_ONLY(reason=refused.fields["reason"]), *back.notes)) if refused else back
    except NoWayBack as condition:
        if refused is None:
            raise
        reason = _NEITHER(first=refused.fields["reason"], second=condition.fields["reason"])
        raise NoWayBack(migration=refused.fields["migration"], reason=reason) from None


def describe_loss(loss: Loss) -> Message:
    """One loss of a plan as words for people."""
    if loss.rows is None:
        return _LOSS_UNCOUNTED[loss.kind](object=loss.object)
    return _LOSS[loss.kind](object=loss.object, rows=f"{loss.rows:,}")


# -- which migrations ---------------------------------------------------------------------------------------------------


def _past(connection: psycopg.Connection) -> _Past:
    from watari.execution import history
    from watari.planning.canonical import loads

    found = [
        (run, loads(plan))
        for run in reversed(history.runs(connection))
        if run.state is not RunState.ROLLED_BACK and (plan := history.plan_of(connection, run.id))
    ]
    open_run = history.unfinished(connection)
    unfinished = next(((run, plan) for run, plan in found if open_run and run.id == open_run.run.id), None)
    forward = tuple((run, plan) for run, plan in found if plan.direction is Direction.FORWARD)
    return _Past(runs=forward, unfinished=unfinished)


def _crossed(
    crossing: Crossing, past: _Past, *, count: int | None, to: str | None, run: str | None
) -> tuple[Crossed, ...]:
    """The migrations that are wanted back, newest first, each with how it came."""
    standing = crossing.status()
    files = {migration.id: migration for migration in crossing.migrations}
    half = _half_done(past, standing.applied)
    wanted = [*half, *(row.id for row in reversed(standing.applied))]
    if run is not None:
        ids = _ids_of_run(crossing, past, run)
        wanted = [id for id in wanted if id in ids]
    elif to is not None:
        names = [files[id].name if id in files else id for id in wanted]
        wanted = wanted[: place_of(to, wanted, names)]
    else:
        wanted = wanted[: count or 1]
    back = crossing.framework.with_way_back([files[id] for id in wanted if id in files])
    files = {migration.id: migration for migration in back}
    return tuple(_how_it_came(crossing, past, id, files.get(id), complete=id not in half) for id in wanted)


def _half_done(past: _Past, applied: Sequence[HistoryRow]) -> list[str]:
    """The migration that an unfinished run stopped in, if it has begun."""
    if past.unfinished is None:
        return []
    run, plan = past.unfinished
    known = {row.id for row in applied}
    touched = {step.id for step in run.steps if step.state in (StepState.DONE, StepState.INTENDED)}
    begun = dict.fromkeys(step.migration for step in plan.steps if step.id in touched)
    return [id for id in begun if id is not None and id not in known]


def _ids_of_run(crossing: Crossing, past: _Past, run: str) -> set[str]:
    from watari.ledger.ledger import Ledger

    named = [plan for found, plan in past.runs if found.id.startswith(run)]
    if len(named) == 1:
        return set(named[0].migrations)
    with Ledger.open(crossing.project.root, crossing.project.ledger) as ledger:
        return set(ledger.run(run).migrations)


def _how_it_came(crossing: Crossing, past: _Past, id: str, file: Migration | None, *, complete: bool) -> Crossed:
    from watari.planning.way_back import Crossed

    migration = file or Migration(id=id, name=id, file="-", up=None)
    steps, begun = _steps(past, id)
    command = file is not None and goes_back_by_tool(crossing.framework, file)
    return Crossed(migration=migration, steps=steps, begun=begun, complete=complete, command=command)


def goes_back_by_tool(framework: Framework, migration: Migration) -> bool:
    """Whether only the framework's own tool knows the way back, and has one."""
    known = migration.up is not None and not migration.down_by_tool
    return not known and framework.command(migration, "", down=True) is not None


def _steps(past: _Past, id: str) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The steps of the newest plan that took the migration across: done, and begun with nobody knowing how it ended."""
    for run, plan in past.runs:
        mine = [step for step in plan.steps if step.migration == id]
        states = {step.id: step.state for step in run.steps}
        done = tuple(step for step in mine if states.get(step.id) is StepState.DONE)
        begun = tuple(step for step in mine if states.get(step.id) in (StepState.INTENDED, StepState.FAILED))
        if done or begun:
            return done, begun
    return (), ()


# -- by which way -------------------------------------------------------------------------------------------------------


def _by_plan(crossing: Crossing, crossed: Sequence[Crossed], policy: Policy, past: _Past, *, leaving: bool) -> WayBack:
    from watari.catalog.fingerprint import fingerprint
    from watari.planning.way_back import make_way_back
    from watari.risk.effects import predict

    catalog = crossing.catalog()
    answers = _answers(crossing, crossed, catalog)
    plan = make_way_back(
        crossed,
        statements_of=lambda script: script.statements,
        catalog=catalog,
        policy=policy,
        predict=predict,
        database=crossing.target.database,
        environment=crossing.target.environment,
        framework=crossing.framework.name,
        fingerprint=fingerprint(catalog),
        of_run=_of_run(crossed, past),
        answers=answers,
        leaving=leaving,
    )
    crossing.remember("plan", plan)
    undone = {migration for migration, way in plan.ways if way == "undo"}
    lacking = _lacking([each for each in crossed if each.migration.id in undone], answers)
    losses = tuple(describe_loss(loss) for loss in plan.losses)
    notes = tuple(why(each, dict(plan.ways)[each.migration.id], catalog, policy) for each in crossed)
    return WayBack(migrations=plan.migrations, plan=plan, losses=(*lacking, *losses), notes=notes)


def _answers(crossing: Crossing, crossed: Sequence[Crossed], catalog: Catalog) -> dict[str, int]:
    """What the queries say on which the way back of kept things depends, other than 0."""
    from contextlib import suppress

    from psycopg import sql
    from psycopg.errors import UndefinedColumn, UndefinedTable

    from watari.planning.way_back import questions

    asked = questions(crossed, catalog)
    if not asked:
        return {}
    answers: dict[str, int] = {}
    with crossing.connection("rollback") as connection:
        for query in asked:
            # what a later migration of the same way back has renamed has its name again only on the way
            with suppress(UndefinedColumn, UndefinedTable), connection.transaction():
                row = connection.execute(sql.SQL(query)).fetchone()
                answers |= {query: int(row[0])} if row and row[0] else {}
    return answers


def _lacking(crossed: Sequence[Crossed], answers: Mapping[str, int]) -> tuple[Message, ...]:
    """What cannot be as it was, because of rows that were written since."""
    backs = [back for each in crossed for step in each.steps for back in step.back if back.lacking and back.unless]
    found = {(back.lacking, answers[back.unless or ""]) for back in backs if back.unless in answers}
    return tuple(Text(en=note.en, ja=note.ja)(count=f"{count:,}") for note, count in found if note)


def _of_run(crossed: Sequence[Crossed], past: _Past) -> str | None:
    """The run that is taken back: the one half-way, else the one whose migrations these all are."""
    if past.unfinished and past.unfinished[1].direction is Direction.FORWARD:
        return past.unfinished[0].id
    ids = {each.migration.id for each in crossed}
    return next((run.id for run, plan in past.runs if set(plan.migrations) == ids), None)


def _by_restore(crossing: Crossing, crossed: Sequence[Crossed], past: _Past) -> WayBack:
    from watari.backup.loss import loss

    ids = tuple(each.migration.id for each in crossed)
    backup = _backup_before(crossing, ids, past)
    cost = loss(backup, url=crossing.target.url)
    since = f"{backup.started_at.astimezone():%Y-%m-%d %H:%M:%S}"
    changed = [
        _ROWS_SINCE(table=table, then="-" if then is None else f"{then:,}", now="-" if now is None else f"{now:,}")
        for table, (then, now) in cost.changed.items()
    ]
    return WayBack(
        migrations=ids, backup=backup, losses=(_SINCE(since=since), *changed), notes=(_BY_RESTORE(backup=backup.id),)
    )


_NO_BACKUP = Text(
    en="there is no backup from before it that was restored and compared",
    ja="適用前に取得し、復元検証まで済んだバックアップがありません",
)
_NEITHER = Text(en="{first}; and {second}", ja="{first}。また、{second}")


def _backup_before(crossing: Crossing, ids: Sequence[str], past: _Past) -> Backup:
    """The newest proved backup from before the first of the migrations came."""
    came = [run.started_at for run, plan in past.runs if set(plan.migrations) & set(ids)]
    rows = [row.applied_at for row in crossing.status().applied if row.id in ids and row.applied_at]
    before: datetime | None = min([*came, *rows], default=None)
    proved = [
        backup
        for backup in crossing.backups()
        if backup.verified is VerificationLevel.RESTORED and (before is None or backup.started_at <= before)
    ]
    if not proved:
        raise NoWayBack(migration=ids[-1], reason=_NO_BACKUP())
    return proved[-1]
