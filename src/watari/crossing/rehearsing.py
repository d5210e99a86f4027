"""The plan on a clone, with the way back that the planner would take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watari.evidence import StepState
from watari.values import replace

if TYPE_CHECKING:
    from watari.catalog import Catalog
    from watari.crossing.line import Crossing
    from watari.evidence import Evidence, Run
    from watari.evidence.application import ApplicationQuery, Survival
    from watari.evidence.recording import RecordedCommand
    from watari.planning.plan import Plan
    from watari.project.url import DatabaseUrl
    from watari.rehearsal.source import Elsewhere

_LEARNT_FROM = 20
_LEAST_RATE, _MOST_RATE = 50.0, 1000.0


def rehearse(
    crossing: Crossing, plan: Plan, clone: str | None, rows: str | None = None, traffic: float | None = None
) -> Evidence:
    """Up, the same again, down and up again on a clone that is gone afterwards; raises `NoClone`."""
    from watari.crossing.running import circumstances_of
    from watari.planning.canonical import dumps
    from watari.rehearsal.content import content
    from watari.rehearsal.rehearse import rehearse as rehearse_on_clone

    def way_back(plan: Plan, run: Run, catalog: Catalog) -> tuple[Plan, bytes]:
        back = _way_back(crossing, plan, run, catalog)
        return back, dumps(back)

    policy = crossing.target.policy
    evidence = rehearse_on_clone(
        plan,
        dumps(plan),
        url=crossing.url,
        framework=crossing.framework,
        migrations=crossing.migrations,
        policy=crossing.target.policy,
        events=crossing.events,
        way_back=way_back,
        clone=clone,
        circumstances=circumstances_of(crossing),
        language=crossing.project.language,
        queries=_application_queries(crossing),
        content=content(rows or policy.clone_rows, policy.mask),
        elsewhere=elsewhere_of(crossing),
        sizes=_sizes(crossing),
        corrected=_correction(crossing),
        traffic=_rate(crossing, traffic),
    )
    return replace(evidence, application=_with_hazards(crossing, plan, evidence.application))


def _rate(crossing: Crossing, wanted: float | None) -> float | None:
    """Statements a second for the load: what was asked for, or (0) what the server counts, within what four sessions send."""
    from watari.rehearsal.application_statements import counted_rate

    if wanted is None or wanted > 0:
        return wanted
    return min(max(counted_rate(crossing.url), _LEAST_RATE), _MOST_RATE)


def _sizes(crossing: Crossing) -> dict[str, int]:
    from watari.errors.reach import DatabaseMissing
    from watari.rehearsal.rehearse import sizes_of

    try:
        return sizes_of(crossing.catalog())
    except DatabaseMissing:
        return {}


def _correction(crossing: Crossing) -> float:
    """What earlier runs on this database took against what their rehearsals expected; 1 where nothing is known."""
    from watari.errors import ReachError
    from watari.ledger.ledger import Ledger
    from watari.rehearsal.expecting import correction

    try:
        with Ledger.open(crossing.project.root, crossing.project.ledger) as ledger:
            runs = ledger.runs(_LEARNT_FROM, database=crossing.target.database)
            past = [(found[-1], run) for run in runs if (found := ledger.evidence_for(run.plan_sha256))]
    except ReachError:
        return 1.0
    return correction(sorted(past, key=lambda pair: pair[1].started_at))


def elsewhere_of(crossing: Crossing) -> Elsewhere:
    """Where clones of this database may be had besides: a staging server, a Docker image, a provider's branch."""
    from watari.rehearsal.source import Elsewhere

    policy = crossing.target.policy
    return Elsewhere(
        staging=_staging_of(crossing),
        image=policy.clone_image,
        command=policy.clone_command,
        folder=crossing.project.root,
    )


def _staging_of(crossing: Crossing) -> DatabaseUrl | None:
    """The same database's address in the environment `staging`, where there is another such."""
    from watari.errors import UsageError
    from watari.project.settings import STAGING

    if crossing.target.environment == STAGING:
        return None
    try:
        (target,) = crossing.project.targets(STAGING, crossing.target.database if crossing.project.databases else None)
    except (UsageError, ValueError):
        return None
    return target.url


def rehearse_command(
    crossing: Crossing, argv: tuple[str, ...], clone: str | None, rows: str | None = None
) -> RecordedCommand:
    """A tool's own command on a clone that is gone afterwards; raises `NoClone`."""
    from watari.backup.clean import require_no_clean
    from watari.rehearsal.content import content
    from watari.rehearsal.tool import rehearse_tool

    require_no_clean(argv, crossing.target.url.database)
    policy = crossing.target.policy
    return rehearse_tool(
        argv,
        url=crossing.address,
        folder=crossing.project.root,
        environment=crossing.target.environment,
        framework=crossing.recognised.name if crossing.recognised else "",
        events=crossing.events,
        clone=clone,
        content=content(rows or policy.clone_rows, policy.mask),
        elsewhere=elsewhere_of(crossing),
    )


def _application_queries(crossing: Crossing) -> tuple[ApplicationQuery, ...]:
    """The statements of the application, from where the policy says; raises `QueriesUnreadable`."""
    from watari.errors.reach import DatabaseMissing
    from watari.rehearsal.application_queries import queries_in
    from watari.rehearsal.application_statements import counted_statements

    place = crossing.target.policy.application_queries
    if place:
        return queries_in(crossing.project.root / place)
    try:
        return counted_statements(crossing.url)
    except DatabaseMissing:
        return ()


def _with_hazards(crossing: Crossing, plan: Plan, survival: Survival | None) -> Survival | None:
    """Each change with the rules that warned of the statement that its step comes from."""
    if survival is None or not survival.changes:
        return survival
    warned: dict[str, list[str]] = {}
    for hazard in crossing.check().hazards:
        warned.setdefault(f"{hazard.file}:{hazard.line}", []).append(hazard.rule)
    rules = {step.id: tuple(dict.fromkeys(warned.get(step.as_written or "", ()))) for step in plan.steps}
    return replace(
        survival, changes=tuple(replace(each, hazards=rules.get(each.step or "", ())) for each in survival.changes)
    )


def _way_back(crossing: Crossing, plan: Plan, run: Run, catalog: Catalog) -> Plan:
    """The plan that takes the rehearsed run back, newest migration first; raises `NoWayBack`."""
    from watari.catalog.fingerprint import fingerprint
    from watari.crossing.way_back import goes_back_by_tool
    from watari.planning.way_back import Crossed, make_way_back
    from watari.risk.effects import predict

    taken = [migration for migration in crossing.migrations if migration.id in plan.migrations]
    files = {migration.id: migration for migration in crossing.framework.with_way_back(taken)}
    done = {step.id for step in run.steps if step.state is StepState.DONE}
    crossed = [
        Crossed(
            migration=files[id],
            steps=tuple(step for step in plan.steps if step.migration == id and step.id in done),
            command=goes_back_by_tool(crossing.framework, files[id]),
        )
        for id in reversed(plan.migrations)
    ]
    return make_way_back(
        crossed,
        statements_of=lambda script: script.statements,
        catalog=catalog,
        policy=crossing.target.policy,
        predict=predict,
        database=plan.database,
        environment=plan.environment,
        framework=plan.framework,
        fingerprint=fingerprint(catalog),
        of_run=run.id,
    )
