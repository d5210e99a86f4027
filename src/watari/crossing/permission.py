"""Before a run: every gate is asked, with everything that it may know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from watari.crossing.absent import absent_catalog
from watari.errors import ReachError
from watari.values import replace

if TYPE_CHECKING:
    from watari.catalog import Catalog
    from watari.crossing.line import Crossing
    from watari.evidence import Backup, Evidence
    from watari.gates.facts import Facts
    from watari.planning.plan import Plan
    from watari.risk.hazard import Judgement


def permit(crossing: Crossing, plan: Plan) -> str | None:
    """Asks every gate; the id of the backup that the run leans on, if one does. Raises `GateRefused`."""
    from watari.gates import demand
    from watari.gates import permit as ask

    verdicts = demand(ask(facts_for(crossing, plan)))
    return next((verdict.subject for verdict in verdicts if verdict.gate == "backup"), None)


def permit_early(crossing: Crossing, plan: Plan) -> None:
    """Asks the gates that nothing on the way to the run will open; raises `GateRefused`."""
    from watari.gates import demand
    from watari.gates import permit as ask

    demand(ask(facts_for(crossing, plan), early=True))


def facts_for(crossing: Crossing, plan: Plan) -> Facts:
    """The facts of this moment; what nobody asks for by policy is not read."""
    from watari.crossing.running import edited, is_as_planned
    from watari.gates.facts import Facts
    from watari.gates.needs import needed_bytes

    policy = crossing.target.policy
    standing = crossing.status()
    catalog = absent_catalog(crossing) if standing.absent else crossing.catalog()
    needed = needed_bytes(plan, catalog)
    return Facts(
        at=datetime.now(UTC),
        policy=policy,
        plan=plan,
        fingerprint=plan.fingerprint if is_as_planned(crossing, plan, catalog) else crossing.fingerprint(catalog),
        standing=standing,
        judgement=_judgement(crossing, plan, catalog),
        evidence=_evidence(crossing, plan) if policy.require_rehearsal else None,
        backups=_backups(crossing),
        database=crossing.target.url.database,
        named=crossing.target.database,
        edited=edited(crossing, plan),
        system_identifier=_system(crossing) if policy.require_backup else None,
        needed_bytes=needed,
        free_bytes=_free(crossing) if needed else None,
    )


def _judgement(crossing: Crossing, plan: Plan, catalog: Catalog) -> Judgement:
    """Steps that touch nothing that was there before cannot be in anybody's way, and need no judge."""
    from watari.crossing.judging import judge_plan
    from watari.postgres.live_facts import read_cluster
    from watari.risk.hazard import Judgement

    if not any(step.waits_for_locks for step in plan.steps):
        return Judgement(statements=(), hazards=())
    if plan.makes(crossing.target.url.database):
        return judge_plan(crossing, plan, catalog)
    with crossing.connection("gates") as connection:
        return judge_plan(crossing, plan, replace(catalog, cluster=read_cluster(connection)))


def _evidence(crossing: Crossing, plan: Plan) -> Evidence | None:
    from watari.ledger.ledger import Ledger

    with Ledger.open(crossing.project.root, crossing.project.ledger) as ledger:
        return next(iter(ledger.evidence_for(plan.sha256)), None)


def _backups(crossing: Crossing) -> tuple[Backup, ...]:
    if not crossing.project.backup_folder.exists():
        return ()
    from watari.backup.shelf import list_backups

    return list_backups(crossing.project.backup_folder, database=crossing.target.url.database)


def _system(crossing: Crossing) -> str | None:
    from watari.backup.snapshot import system_identifier

    try:
        with crossing.connection("gates") as connection:
            return system_identifier(connection)
    except ReachError:
        return None


def _free(crossing: Crossing) -> int | None:
    import psycopg

    from watari.errors.settings import SettingFails
    from watari.postgres.free_space import free_bytes

    with crossing.connection("gates") as connection:
        try:
            return free_bytes(connection, crossing.target.policy)
        except psycopg.Error as failure:
            reason = str(failure).strip().partition("\n")[0]
            raise SettingFails(setting="free_space_sql", reason=reason) from failure
