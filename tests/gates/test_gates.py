"""What opens and what closes each gate; every refusal says what to do, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watari.errors.refused import GateRefused
from watari.evidence import (
    Backup,
    BackupContent,
    BackupFormat,
    Direction,
    Evidence,
    Proof,
    VerificationLevel,
)
from watari.gates import Facts, Permission, Refusal, demand, gates, permit
from watari.locale import Language, Text
from watari.migrations import Problem, ProblemKind, Standing
from watari.planning.plan import Plan
from watari.project.policy import Policy
from watari.risk.hazard import Hazard, Judgement, Level

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PLAN = Plan(
    sha256="p" * 64,
    version=1,
    database="shop",
    environment="production",
    framework="sql",
    direction=Direction.FORWARD,
    fingerprint="f" * 64,
    server_version=180_006,
    migrations=("001", "002"),
    steps=(),
)
BACK = replace(PLAN, direction=Direction.BACK)
STRICT = Policy(require_backup=True, require_rehearsal=True, backup_max_age=3600)
BACKUP = Backup(
    id="20261121-113000-shop-full",
    database="shop",
    environment="production",
    content=BackupContent.FULL,
    format=BackupFormat.CUSTOM,
    compression="zstd",
    started_at=NOW - timedelta(minutes=30),
    seconds=3,
    server_version=180_006,
    client_version="18.6",
    system_identifier="7",
    verified=VerificationLevel.RESTORED,
)
EVIDENCE = Evidence(
    id="r1",
    plan_sha256=PLAN.sha256,
    database="shop",
    clone="template",
    clone_seconds=1,
    clone_bytes=1,
    started_at=NOW - timedelta(minutes=40),
    seconds=2,
    proofs=(Proof(name="up", holds=True), Proof(name="down", holds=False, skipped="no down script")),
)
FACTS = Facts(
    at=NOW,
    policy=STRICT,
    plan=PLAN,
    fingerprint=PLAN.fingerprint,
    standing=Standing(),
    judgement=Judgement(statements=(), hazards=()),
    evidence=EVIDENCE,
    backups=(BACKUP,),
    database="shop",
    system_identifier="7",
    needed_bytes=10,
    free_bytes=1000,
)
LENIENT = replace(FACTS, policy=Policy(), evidence=None, backups=(), needed_bytes=None)


def problem(kind: ProblemKind, migration: str = "001") -> Standing:
    message = Text(en="{m} is off", ja="{m} に問題があります")(m=migration)
    return Standing(problems=(Problem(kind=kind, migration=migration, message=message),))


def hazard(rule: str, level: Level) -> Judgement:
    message = Text(en="rows are lost", ja="行が失われます")()
    found = Hazard(rule=rule, level=level, file="002.sql", line=3, column=1, object="public.orders", message=message)
    return Judgement(statements=(), hazards=(found,))


def ask(gate: str, facts: Facts) -> Permission | Refusal:
    return next(verdict for verdict in permit(facts) if verdict.gate == gate)


def test_the_folder_is_the_registry_in_the_order_of_the_line() -> None:
    assert [gate.name for gate in gates()] == [
        "history",
        "files",
        "hazards",
        "fingerprint",
        "rehearsal",
        "backup",
        "disk",
    ]
    assert len({gate.place for gate in gates()}) == len(gates())
    assert all(gate.title.en and gate.title.ja and type(gate).__doc__ for gate in gates())


@pytest.mark.parametrize("facts", [FACTS, LENIENT, replace(LENIENT, plan=BACK)], ids=["strict", "lenient", "back"])
def test_all_gates_open(facts: Facts) -> None:
    verdicts = permit(facts)
    assert [type(verdict) for verdict in verdicts] == [Permission] * len(gates())
    assert all(verdict.at == NOW for verdict in verdicts)
    assert demand(verdicts) == verdicts
    for verdict in verdicts:
        for language in Language:
            assert verdict.reason.render(language)


CLOSED: dict[str, tuple[str, Facts, str, str]] = {
    # name: gate, facts, a word of the reason, a word of what to do
    "failed migration": ("history", replace(FACTS, standing=problem(ProblemKind.FAILED)), "001 is off", "status"),
    "edited migration": ("history", replace(LENIENT, standing=problem(ProblemKind.EDITED)), "001 is off", "status"),
    "nobody compared": ("history", replace(FACTS, standing=None), "nobody", "status"),
    "history of another shape, going back": (
        "history",
        replace(FACTS, plan=BACK, standing=problem(ProblemKind.HISTORY_SHAPE)),
        "off",
        "status",
    ),
    "edited migration on the way back": (
        "history",
        replace(FACTS, plan=BACK, standing=problem(ProblemKind.EDITED, "002")),
        "002",
        "status",
    ),
    "blocking hazard": (
        "hazards",
        replace(LENIENT, judgement=hazard("destructive", Level.BLOCK)),
        "002.sql:3",
        'rules.destructive = "allow"',
    ),
    "nobody judged": ("hazards", replace(FACTS, judgement=None), "nobody", "check"),
    "changed schema": ("fingerprint", replace(FACTS, fingerprint="e" * 64), "eeeeeeeeeeee", "watari plan"),
    "changed schema, going back": (
        "fingerprint",
        replace(FACTS, plan=BACK, fingerprint="e" * 64),
        "eee",
        "watari plan",
    ),
    "unread schema": ("fingerprint", replace(FACTS, fingerprint=None), "nobody", "watari plan"),
    "another database": ("fingerprint", replace(LENIENT, database="auth"), "auth", "watari plan"),
    "never rehearsed": ("rehearsal", replace(FACTS, evidence=None), "not been rehearsed", "watari rehearse"),
    "rehearsal of another plan": (
        "rehearsal",
        replace(FACTS, evidence=replace(EVIDENCE, plan_sha256="q" * 64)),
        "qqqqqqqqqqqq",
        "watari rehearse",
    ),
    "failed proof, even where nobody asks": (
        "rehearsal",
        replace(LENIENT, evidence=replace(EVIDENCE, proofs=(Proof(name="down", holds=False),))),
        "down",
        "Correct",
    ),
    "stopped rehearsal": ("rehearsal", replace(FACTS, evidence=replace(EVIDENCE, error="boom")), "boom", "Correct"),
    "no backup": ("backup", replace(FACTS, backups=()), "no backup", "backup create"),
    "unproved backup": (
        "backup",
        replace(FACTS, backups=(replace(BACKUP, verified=VerificationLevel.READ),)),
        "not been restored",
        f"backup verify {BACKUP.id}",
    ),
    "old backup": (
        "backup",
        replace(FACTS, backups=(replace(BACKUP, started_at=NOW - timedelta(hours=5)),)),
        "5.0 h",
        "backup create",
    ),
    "backup from the future": (
        "backup",
        replace(FACTS, backups=(replace(BACKUP, started_at=NOW + timedelta(hours=5)),)),
        "future",
        "backup create",
    ),
    "backup of another server": ("backup", replace(FACTS, system_identifier="8"), "another server", "backup create"),
    "backup of another database": (
        "backup",
        replace(FACTS, backups=(replace(BACKUP, database="auth"),)),
        "auth",
        "backup create",
    ),
    "backup of the schema only": (
        "backup",
        replace(FACTS, backups=(replace(BACKUP, content=BackupContent.SCHEMA),)),
        "schema",
        "backup create",
    ),
    "full disk": ("disk", replace(FACTS, needed_bytes=900), "free", "Free space"),
}


@pytest.mark.parametrize("case", CLOSED)
def test_a_closed_gate_says_why_and_what_to_do(case: str) -> None:
    gate, facts, why, todo = CLOSED[case]
    verdicts = permit(facts)
    assert [verdict.gate for verdict in verdicts if isinstance(verdict, Refusal)] == [gate]
    refusal = ask(gate, facts)
    assert isinstance(refusal, Refusal)
    assert why in str(refusal.reason)
    assert todo in str(refusal.todo)
    for message in (refusal.reason, refusal.todo):
        assert message.render(Language.JA) != message.render(Language.EN)
    with pytest.raises(GateRefused) as refused:
        demand(verdicts)
    assert refused.value.fields["gate"] == gate
    assert todo in str(refused.value.advice)


OPEN: dict[str, tuple[str, Facts]] = {
    "an out-of-order migration is told elsewhere": (
        "history",
        replace(FACTS, standing=problem(ProblemKind.OUT_OF_ORDER)),
    ),
    "a failed migration is what is taken back": (
        "history",
        replace(FACTS, plan=BACK, standing=problem(ProblemKind.FAILED)),
    ),
    "an edited migration that stays": (
        "history",
        replace(FACTS, plan=BACK, standing=problem(ProblemKind.EDITED, "000")),
    ),
    "a warning": ("hazards", replace(FACTS, judgement=hazard("wide-lock", Level.WARN))),
    "an allowed rule": (
        "hazards",
        replace(FACTS, judgement=hazard("x", Level.INFO)),
    ),
    "a hazard on the way back": ("hazards", replace(FACTS, plan=BACK, judgement=hazard("x", Level.BLOCK))),
    "a server that does not tell who it is": ("backup", replace(FACTS, system_identifier=None)),
    "an older one that is sound beside a newer one that is not": (
        "backup",
        replace(FACTS, backups=(replace(BACKUP, id="new", started_at=NOW, verified=VerificationLevel.READ), BACKUP)),
    ),
    "a full disk on the way back": ("disk", replace(FACTS, plan=BACK, needed_bytes=900)),
}


@pytest.mark.parametrize("case", OPEN)
def test_what_does_not_close_a_gate(case: str) -> None:
    gate, facts = OPEN[case]
    assert isinstance(ask(gate, facts), Permission)


def test_a_run_that_is_continued_is_not_held_to_what_has_changed_through_itself() -> None:
    facts = replace(
        FACTS,
        resumes="20261121-1",
        fingerprint="e" * 64,
        standing=problem(ProblemKind.FAILED),
        judgement=None,
        evidence=None,
        backups=(),
    )
    assert [verdict.gate for verdict in permit(facts) if isinstance(verdict, Refusal)] == []
    assert "20261121-1" in str(ask("history", facts).reason)
    other = replace(facts, database="auth")
    assert [verdict.gate for verdict in permit(other) if isinstance(verdict, Refusal)] == ["fingerprint"]


def test_the_newest_sound_backup_is_the_one_relied_on() -> None:
    older = replace(BACKUP, id="older", started_at=NOW - timedelta(minutes=50))
    verdict = ask("backup", replace(FACTS, backups=(older, BACKUP)))
    assert isinstance(verdict, Permission) and verdict.subject == BACKUP.id
    rehearsed = ask("rehearsal", FACTS)
    assert isinstance(rehearsed, Permission) and rehearsed.subject == EVIDENCE.id


def test_every_refusal_is_told_not_only_the_first() -> None:
    facts = replace(FACTS, standing=None, backups=(), fingerprint="e")
    with pytest.raises(GateRefused) as refused:
        demand(permit(facts))
    assert refused.value.fields["gate"] == "history"
    assert int(refused.value.status) == 4
    assert '"fingerprint"' in str(refused.value.advice) and '"backup"' in str(refused.value.advice)
    assert refused.value.advice and "ゲート" in refused.value.advice.render(Language.JA)
