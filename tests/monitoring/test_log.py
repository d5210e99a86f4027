"""The log of a run: what the runbooks wrote by hand, for people and as JSON lines, and nothing secret in it."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watari.catalog.locks import LockMode
from watari.evidence import Direction, Effect, Event, EventKind, Run, RunState, StepOutcome, StepState
from watari.locale import Language, Text
from watari.migrations import Migration, Problem, ProblemKind, Standing
from watari.monitoring.log import Heading, RunLog, log_path
from watari.monitoring.metrics import metrics
from watari.project.secret import Secret

NOW = datetime(2026, 11, 21, 8, 30, 15, 123456, tzinfo=UTC)
HEADING = Heading(
    database="shop",
    environment="production",
    address="postgresql://deploy@prod:5432/shop",
    plan_sha256="ab12",
    git_commit="4f2a",
    by="ichiro",
    host="bastion",
    version="0.1.0",
)
STANDING = Standing(
    pending=(Migration(id="002_b", name="b", file="002_b.sql", up=None),),
    problems=(Problem(kind=ProblemKind.EDITED, migration="001", message=Text(en="edited {a}", ja="変更 {a}")(a=1)),),
)
RUN = Run(
    id="r1",
    plan_sha256="ab12",
    database="shop",
    environment="production",
    direction=Direction.FORWARD,
    state=RunState.DONE,
    started_at=NOW,
    seconds=2.5,
    migrations=("001", "002"),
    steps=(
        StepOutcome(
            id="1",
            migration="001",
            kind="transaction",
            state=StepState.DONE,
            attempts=3,
            longest_lock_seconds=0.02,
            effects=(
                Effect(relation="public.a", lock=LockMode.ACCESS_EXCLUSIVE),
                Effect(relation="public.b", lock=LockMode.ACCESS_SHARE),
            ),
        ),
        StepOutcome(id="2", migration="002", kind="transaction", state=StepState.FAILED, attempts=1),
        StepOutcome(id="3", migration="003", kind="transaction", state=StepState.PENDING),
    ),
)


def event(kind: EventKind, **data: object) -> Event:
    return Event(kind=kind, data=data, run="r1", step="0001.1", migration="001_a", database="shop", at=NOW)


def test_the_log_has_commit_address_and_the_status_before_and_after(tmp_path: Path) -> None:
    path = log_path(tmp_path, "r1")
    with RunLog(path, HEADING) as log:
        log.before(STANDING)
        log(event(EventKind.STEP_BEGAN))
        log(event(EventKind.LOCK_WAIT, attempt=2, blockers=["pid 7", "pid 8"], next_try_seconds=0.5))
        log(event(EventKind.STEP_ENDED, seconds=0.01234, state="done", nothing=None))
        log(event(EventKind.PROGRESS, done=1, total=2))
        log.after(Standing())
        log.ended(RUN)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("=== Migration started at 20")
    assert lines[1:7] == [
        "Database: shop [production]",
        "Database URL: postgresql://deploy@prod:5432/shop",
        "Git commit: 4f2a",
        "Plan: ab12",
        "By: ichiro @ bastion",
        "Watari: 0.1.0",
    ]
    assert lines[7:12] == [
        "--- Before migration ---",
        "problem: 0 applied, 1 pending",
        "  pending: 002_b",
        "  problem: edited 1",
        "--- Executing migration ---",
    ]
    assert lines[12:17] == [
        "2026-11-21 08:30:15.123Z INFO  001_a step 0001.1 begins",
        "2026-11-21 08:30:15.123Z WARN  001_a step 0001.1 gave way to others  "
        "attempt=2 blockers=[pid 7; pid 8] next_try_seconds=0.500",
        "2026-11-21 08:30:15.123Z INFO  001_a step 0001.1 ended  seconds=0.012 state=done",
        "--- After migration ---",
        "up_to_date: 0 applied, 0 pending",
    ]
    assert lines[17].startswith("MigrationStarted=2 MigrationCompleted=2 MigrationFailed=1 MigrationDuration=2.5")
    assert lines[18].startswith("=== Migration completed at 20")


def test_the_structured_log_has_the_shape_that_the_runbook_gives(tmp_path: Path) -> None:
    path = log_path(tmp_path, "r1")
    with RunLog(path, HEADING, language=Language.JA) as log:
        log(event(EventKind.RUN_BEGAN))
        log(replace(event(EventKind.RUN_ENDED, state="stopped", error="no"), migration=None))
        log.ended(RUN)
    began, ended, numbers = map(json.loads, path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines())
    assert began == {
        "timestamp": "2026-11-21T08:30:15.123Z",
        "level": "INFO",
        "message": "実行 0001.1 を開始",
        "migrationName": "001_a",
        "metadata": {
            "environment": "production",
            "action": "migration_start",
            "run": "r1",
            "step": "0001.1",
            "database": "shop",
        },
    }
    assert (ended["level"], ended["metadata"]["action"], ended["migrationName"]) == ("ERROR", "migration_failed", None)
    assert numbers["metadata"]["TablesAffected"] == 1
    assert path.read_text(encoding="utf-8").startswith("=== マイグレーション開始")


def test_both_files_are_for_their_owner_only_and_a_resumed_run_continues_them(tmp_path: Path) -> None:
    path = log_path(tmp_path, "r1")
    for _ in range(2):
        with RunLog(path, HEADING) as log:
            log(event(EventKind.STEP_BEGAN))
    assert path.read_text().count("=== Migration started") == 2
    for file in (path, path.with_suffix(".jsonl")):
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "sql",
    [
        "create role r login password 'hun''ter2'",
        "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u', password 'hunter2')",
        "alter role r password E'a\\'hunter2'",
        "alter role r password $x$hunter2$x$",
        "create subscription s connection 'host=h password=hunter2 user=u' publication p",
        "select dblink('postgresql://u:hunter2@h/d', 'select 1')",
        "insert into settings (api_key) values ('x'); -- token = 'hunter2'",
        "connection to hunter2 failed",
    ],
)
def test_no_secret_is_written_down(tmp_path: Path, sql: str) -> None:
    path = log_path(tmp_path, "r1")
    with RunLog(path, HEADING, secrets=[Secret("hunter2")]) as log:
        log(event(EventKind.STATEMENT, sql=sql, nested=[{"sql": sql}], seconds=0.1))
        log(event(EventKind.NOTICE, message=sql))
    for file in (path, path.with_suffix(".jsonl")):
        written = file.read_text(encoding="utf-8")
        assert "****" in written
        assert "hunter2" not in written and "ter2" not in written
    for line in path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines():
        json.loads(line)


def test_a_password_that_is_an_everyday_word_does_not_garble_other_words(tmp_path: Path) -> None:
    path = log_path(tmp_path, "r1")
    with RunLog(path, HEADING, secrets=[Secret("post"), Secret("")]) as log:
        log(event(EventKind.NOTICE, message="post to postgresql"))
    assert "**** to postgresql" in path.read_text()


def test_one_event_is_one_line_whatever_it_holds(tmp_path: Path) -> None:
    path = log_path(tmp_path, "r1")
    with RunLog(path, HEADING) as log:
        log(event(EventKind.NOTICE, message="a\nb\r=== Migration completed\ud800", list=["x\ny"]))
    lines = path.read_text(encoding="utf-8").split("\n")
    assert len([line for line in lines if line.startswith("===")]) == 2


def test_a_databases_name_cannot_lead_the_log_elsewhere(tmp_path: Path) -> None:
    assert log_path(tmp_path, "20261121-../../etc/x y-店").relative_to(tmp_path / ".watari/logs").name == (
        "20261121-.._.._etc_x_y-店.log"
    )


def test_a_run_that_breaks_off_says_why_at_the_end(tmp_path: Path) -> None:
    path = log_path(tmp_path, "r1")
    with pytest.raises(RuntimeError), RunLog(path, HEADING):
        raise RuntimeError("the disk is gone\nsecond line")
    assert path.read_text().splitlines()[-1].endswith(": the disk is gone ===")
    with pytest.raises(KeyboardInterrupt), RunLog(path, HEADING):
        raise KeyboardInterrupt
    assert path.read_text().splitlines()[-1].endswith(": KeyboardInterrupt ===")


def test_a_log_that_cannot_be_opened_is_a_warning_and_no_failure(tmp_path: Path) -> None:
    (tmp_path / ".watari").write_text("in the way")
    told: list[Event] = []
    with RunLog(log_path(tmp_path, "r1"), HEADING, events=told.append) as log:
        assert log.file is None
        log.before(STANDING)
        log(event(EventKind.STEP_BEGAN))
    assert [e.kind for e in told] == [EventKind.WARNING]
    assert "r1.log" in str(told[0].data["message"])


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file of this process may grow beyond 2000 bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("small_files")
def test_a_disk_that_fills_up_is_a_warning_at_the_end(tmp_path: Path) -> None:
    told: list[Event] = []
    with RunLog(log_path(tmp_path, "r1"), HEADING, events=told.append) as log:
        for _ in range(100):
            log(event(EventKind.STEP_BEGAN))
    assert {e.kind for e in told} == {EventKind.WARNING} and len(told) == 2


def test_numbers_of_a_run_carry_the_runbooks_names() -> None:
    assert metrics(RUN) == {
        "MigrationStarted": 2,
        "MigrationCompleted": 2,
        "MigrationFailed": 1,
        "MigrationDuration": 2.5,
        "DatabaseConnection": 1,
        "TablesAffected": 1,
        "LockWaits": 2,
        "LongestLock": 0.02,
    }
    assert metrics(replace(RUN, state=RunState.STOPPED))["MigrationCompleted"] == 1
