"""What statements will do to this database: the judge gets the statements and, where the server answers, its facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from watari.crossing.absent import absent_catalog
from watari.crossing.planning import statements_of
from watari.errors.reach import ReachError
from watari.errors.settings import UnknownRule
from watari.errors.usage import NoFramework
from watari.evidence.event import Event, EventKind, said
from watari.values import replace

if TYPE_CHECKING:
    from watari.catalog import Catalog
    from watari.crossing.line import Crossing
    from watari.planning.plan import Plan, Step
    from watari.project.policy import Policy
    from watari.risk.hazard import Judgement
    from watari.sql.statement import Script


def judge_pending(crossing: Crossing) -> Judgement:
    """Every pending migration as the team wrote it; those that have no SQL are named."""
    from watari.crossing.judged_before import judge_what_changed

    _require_known(crossing.target.policy)
    standing = crossing.status()
    catalog = absent_catalog(crossing) if standing.absent else _living(crossing, crossing.catalog())
    units = [
        (migration.id, statements_of(migration), migration.transactional)
        for migration in standing.pending
        if migration.up is not None
    ]
    unseen = tuple(migration.id for migration in standing.pending if migration.up is None)
    judgement = judge_what_changed(
        crossing.memory,
        units,
        catalog,
        crossing.target.policy,
        databases=_databases(crossing),
        own_runner=crossing.framework.own_runner,
    )
    return replace(judgement, unseen=unseen)


def judge_scripts(crossing: Crossing, scripts: Sequence[Script]) -> Judgement:
    """The scripts that a caller names, with facts where the server answers."""
    from watari.risk.judge import judge

    _require_known(crossing.target.policy)
    units = [(None, script.statements, True) for script in scripts]
    return judge(
        units,
        _catalog_if_there(crossing),
        crossing.target.policy,
        databases=_databases(crossing),
        database=crossing.target.url.database,
    )


def judge_texts(scripts: Sequence[Script], policy: Policy) -> Judgement:
    """The scripts by their text alone, where nobody says which database they are for."""
    from watari.risk.judge import judge

    _require_known(policy)
    return judge([(None, script.statements, True) for script in scripts], None, policy)


def judge_plan(crossing: Crossing, plan: Plan, catalog: Catalog) -> Judgement:
    """What the plan will really run: a statement in its safe form is no hazard any more."""
    from watari.planning.plan import StepKind
    from watari.risk.judge import judge
    from watari.sql.statement import Statement

    allowed = _Allowed(crossing, plan)
    units = [
        (
            step.migration,
            tuple(
                Statement(text=text, file=step.as_written or step.id, remarks=allowed.remarks(step, text))
                for text in step.sql
            ),
            step.kind is StepKind.TRANSACTION,
        )
        for step in plan.steps
        if step.sql and step.kind is not StepKind.BACKFILL
    ]
    _require_known(crossing.target.policy)
    judgement = judge(units, catalog, crossing.target.policy, databases=_databases(crossing), own_runner=False)
    # where the plan takes a safe form, nothing is left to allow; and what is copied aside is not lost
    return judgement.without("allow-unused").without(*_OF_ROWS, about=_kept_whole(plan))


#: Rules about rows that are gone for good.
_OF_ROWS = ("destroy-truncate", "destroy-no-where")


def _kept_whole(plan: Plan) -> frozenset[str]:
    """The tables of which the plan copies aside every row that it deletes, and every value that it writes over."""
    from watari.catalog import COPIED

    copied = {kept.object for step in plan.steps for kept in step.keeps if kept.kind in COPIED}
    lost = [loss.object for loss in plan.losses]
    return frozenset(name for name in copied if not any(f"{each}.".startswith(f"{name}.") for each in lost))


class _Allowed:
    """What the files allow before their statements, for the statements that a plan made of them."""

    def __init__(self, crossing: Crossing, plan: Plan) -> None:
        wanted = set(plan.migrations)
        self.by_text: dict[str, tuple[str, ...]] = {}
        self.by_place: dict[str, tuple[str, ...]] = {}
        for migration in crossing.migrations if wanted else ():
            if migration.id not in wanted or migration.up is None:
                continue
            for statement in statements_of(migration):
                if statement.remarks:
                    self.by_text[statement.text] = statement.remarks
                    self.by_place[f"{statement.file}:{statement.line}"] = statement.remarks

    def remarks(self, step: Step, text: str) -> tuple[str, ...]:
        """The remarks of the statement as written, or of the one that a safe form replaces."""
        if text in self.by_text or not step.rewritten:
            return self.by_text.get(text, ())
        return self.by_place.get(step.as_written or "", ())


def _require_known(policy: Policy) -> None:
    """Raises `UnknownRule` where the policy names a rule that there is not."""
    from difflib import get_close_matches

    from watari.risk.registry import rules, unknown

    for name in unknown(rule for rule, _ in policy.rules):
        near = get_close_matches(name, [rule.card.id for rule in rules()], n=3, cutoff=0.3)
        raise UnknownRule(rule=name, near=", ".join(near) or "-")


def _databases(crossing: Crossing) -> tuple[str, ...]:
    """The databases that share these files: what stands before a table's name may be one of them."""
    try:
        return crossing.framework.settings.databases
    except NoFramework:  # single files can be judged without a project around them
        return ()


def _living(crossing: Crossing, catalog: Catalog) -> Catalog:
    """The catalog with what the running server tells besides: how fast it reads, what the application asks."""
    from watari.postgres.live_facts import with_live_facts

    with crossing.connection("check") as connection:
        return with_live_facts(connection, catalog)


def _catalog_if_there(crossing: Crossing) -> Catalog | None:
    from watari.postgres.live_facts import with_live_facts
    from watari.postgres.reader import read_catalog

    try:
        with crossing.connection("check") as connection:
            try:
                hidden = crossing.framework.history_tables()
            except NoFramework:  # single files can be judged without a project around them
                hidden = ()
            return with_live_facts(connection, read_catalog(connection, leave_out=hidden))
    except ReachError as condition:
        crossing.events(Event(kind=EventKind.WARNING, data=said(condition.message)))
        return None
