"""What was remembered comes out again, whatever happened in between."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watari.catalog.locks import LockMode
from watari.errors.ledger import LedgerUnusable, NotInLedger, SeveralInLedger
from watari.evidence import (
    Backup,
    BackupContent,
    BackupFile,
    BackupFormat,
    Direction,
    Effect,
    Event,
    EventKind,
    Evidence,
    Proof,
    Run,
    RunState,
    StepOutcome,
    StepState,
    VerificationLevel,
)
from watari.ledger.ledger import Ledger
from watari.ledger.outbox import remember
from watari.locale import Language
from watari.planning import canonical
from watari.planning.plan import Phase, Plan, Step, StepKind
from watari.project.url import DatabaseUrl
from watari.reporting.report import Report
from watari.reporting.writers import render

NOW = datetime(2026, 11, 21, 8, 30, 15, 123456, tzinfo=UTC)
EFFECT = Effect(relation="public.orders", lock=LockMode.ACCESS_EXCLUSIVE, seconds=0.012)
STEP = StepOutcome(
    id="0001.1",
    migration="001",
    kind="transaction",
    state=StepState.DONE,
    attempts=2,
    started_at=NOW,
    effects=(EFFECT,),
)
RUN = Run(
    id="20261121-083015-4f2a",
    plan_sha256="ab" * 32,
    database="shop",
    environment="production",
    direction=Direction.FORWARD,
    state=RunState.RUNNING,
    started_at=NOW,
    steps=(STEP,),
    error='syntax error at "ü"\0',
)
EVIDENCE = Evidence(
    id="e1",
    plan_sha256="ab" * 32,
    database="shop",
    clone="template",
    clone_seconds=1.5,
    clone_bytes=10,
    started_at=NOW,
    seconds=2.0,
    steps=(STEP,),
    proofs=(Proof(name="down", holds=False, differences=("column a",)), Proof(name="up", holds=True)),
)
BACKUP = Backup(
    id="20261121-083015-shop-full",
    database="shop",
    environment="production",
    content=BackupContent.FULL,
    format=BackupFormat.CUSTOM,
    compression="zstd",
    started_at=NOW,
    seconds=3.0,
    server_version=180006,
    client_version="18.6",
    files=(BackupFile(path="dump", bytes=10, sha256="00"),),
    rows={"public.orders": 7},
    verified=VerificationLevel.HASHED,
)
PLAN = canonical.sealed(
    Plan(
        sha256="",
        version=1,
        database="shop",
        environment="production",
        framework="sql",
        direction=Direction.FORWARD,
        fingerprint="f",
        server_version=180006,
        migrations=("001",),
        steps=(
            Step(
                id="0001.1",
                phase=Phase.EXPAND,
                kind=StepKind.TRANSACTION,
                migration="001",
                sql=("alter table orders add n int",),
                effects=(EFFECT,),
                undo=("alter table orders drop n",),
            ),
        ),
    )
)


def outbox(root: Path) -> list[str]:
    return sorted(path.name for path in (root / ".watari/outbox").glob("*") if path.is_file())


def test_every_kind_of_value_comes_out_as_it_went_in(tmp_path: Path) -> None:
    for kind, value in (("plan", PLAN), ("evidence", EVIDENCE), ("backup", BACKUP), ("run", RUN)):
        assert remember(tmp_path, kind, value)
    with Ledger.open(tmp_path) as ledger:
        assert ledger.plans() == (PLAN,)
        assert ledger.plan(PLAN.sha256[:7]) == PLAN
        assert ledger.evidence_for("ab" * 32) == (EVIDENCE,)
        assert ledger.evidence_for("cd" * 32) == ()
        assert ledger.backups("shop") == ledger.backups() == (BACKUP,)
        assert ledger.backups("other") == ()
        assert ledger.runs() == (RUN,)
        assert ledger.complaints == ()
    assert outbox(tmp_path) == []


def test_canonical_json_of_a_plan_may_be_given_as_it_is(tmp_path: Path) -> None:
    remember(tmp_path, "plan", canonical.dumps(PLAN))
    with Ledger.open(tmp_path) as ledger:
        assert ledger.plan(PLAN.sha256) == PLAN


def test_the_younger_entry_of_a_name_wins_in_whatever_order_they_are_folded(tmp_path: Path) -> None:
    done = replace(RUN, state=RunState.DONE)
    remember(tmp_path, "run", done, now=NOW + timedelta(seconds=1))
    with Ledger.open(tmp_path) as ledger:
        assert ledger.runs() == (done,)
    remember(tmp_path, "run", RUN, now=NOW)
    with Ledger.open(tmp_path) as ledger:
        assert ledger.runs() == (done,)


def test_folding_the_same_entry_twice_changes_nothing(tmp_path: Path) -> None:
    path = remember(tmp_path, "run", RUN)
    assert path
    data = path.read_bytes()
    Ledger.open(tmp_path).close()
    path.write_bytes(data)  # as after a crash between commit and tidying up
    with Ledger.open(tmp_path) as ledger:
        assert ledger.runs() == (RUN,)


def test_a_run_is_found_by_the_beginning_of_its_id_or_by_its_number(tmp_path: Path) -> None:
    ids = ["20261121-083015-4f2a", "20261122-083015-4f2a", "20261122-093015-77aa"]
    for run in ids:
        remember(tmp_path, "run", replace(RUN, id=run))
    with Ledger.open(tmp_path) as ledger:
        assert [run.id for run in ledger.runs()] == ids[::-1]
        assert [run.id for run in ledger.runs(2)] == ids[:0:-1]
        assert ledger.run("1").id == ids[2]
        assert ledger.run("20261122-09").id == ids[2]
        with pytest.raises(SeveralInLedger, match=ids[1]):
            ledger.run("20261122")
        for unknown in ("4", "0", "1999", "20%", "x"):
            with pytest.raises(NotInLedger):
                ledger.run(unknown)


def test_an_id_that_begins_another_one_is_still_found(tmp_path: Path) -> None:
    for run in ("2026-a", "2026-ab"):
        remember(tmp_path, "run", replace(RUN, id=run))
    with Ledger.open(tmp_path) as ledger:
        assert ledger.run("2026-a").id == "2026-a"


def test_reading_where_nothing_was_remembered_makes_nothing(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        assert ledger.runs() == ()
    assert list(tmp_path.iterdir()) == []


def test_files_are_readable_by_their_owner_only_and_hidden_from_git(tmp_path: Path) -> None:
    path = remember(tmp_path, "run", RUN)
    assert path and path.stat().st_mode & 0o777 == 0o600
    Ledger.open(tmp_path).close()
    assert (tmp_path / ".watari/ledger.sqlite").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / ".watari").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / ".watari/.gitignore").read_text() == "*\n"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b'{"format":1}',
        b'{"format":1,"kind":"run","at":"2026-01-01T00:00:00Z","value":null}',
        b'{"format":1,"kind":"run","at":"2026-01-01T00:00:00Z","value":{"id":"x"}}',
        b'{"format":1,"kind":"run","at":"2026-01-01T00:00:00","value":{"id":"x","database":"d","environment":"e","plan_sha256":""}}',
        b'{"format":1,"kind":"nothing","at":"2026-01-01T00:00:00Z","value":{}}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_entry_is_set_aside_and_told_and_the_others_are_kept(tmp_path: Path, damage: bytes) -> None:
    remember(tmp_path, "run", RUN)
    (tmp_path / ".watari/outbox/0-damaged.json").write_bytes(damage)
    with Ledger.open(tmp_path) as ledger:
        assert ledger.runs() == (RUN,)
        assert len(ledger.complaints) == 1
        assert "0-damaged.json" in ledger.complaints[0].render(Language.JA)
    assert [path.name for path in (tmp_path / ".watari/outbox/damaged").iterdir()] == ["0-damaged.json"]
    with Ledger.open(tmp_path) as ledger:
        assert ledger.complaints == ()


def test_an_entry_of_a_younger_watari_is_left_for_it(tmp_path: Path) -> None:
    remember(tmp_path, "run", RUN)
    (tmp_path / ".watari/outbox/9.json").write_text('{"format": 2, "shape": "unknown"}')
    with Ledger.open(tmp_path) as ledger:
        assert ledger.runs() == (RUN,)
        assert len(ledger.complaints) == 1
    assert outbox(tmp_path) == ["9.json"]


def test_a_row_that_is_no_value_any_more_is_told_and_passed_over(tmp_path: Path) -> None:
    remember(tmp_path, "run", RUN)
    remember(tmp_path, "run", replace(RUN, id="2"))
    Ledger.open(tmp_path).close()
    with sqlite3.connect(tmp_path / ".watari/ledger.sqlite") as file:
        file.execute("update run set document = '{\"id\": 3}' where id = '2'")
    file.close()
    with Ledger.open(tmp_path) as ledger:
        assert ledger.runs() == (RUN,)
        assert '"2"' in str(ledger.complaints[0])


def fold_many(root: str, times: int) -> None:
    for number in range(times):
        remember(Path(root), "run", replace(RUN, id=f"{multiprocessing.current_process().name}-{number}"))
        Ledger.open(Path(root)).close()


def test_many_processes_fold_the_same_outbox_and_nothing_is_lost(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=fold_many, args=(str(tmp_path), 6), name=f"w{n}") for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    with Ledger.open(tmp_path) as ledger:
        assert len(ledger.runs()) == 18
        assert ledger.complaints == ()
    assert outbox(tmp_path) == []


def test_a_folder_that_cannot_be_written_gives_a_warning_and_never_fails(tmp_path: Path) -> None:
    (tmp_path / ".watari").write_text("a file where the folder should be")
    told: list[Event] = []
    assert remember(tmp_path, "run", RUN, events=told.append) is None
    assert told[0].kind is EventKind.WARNING
    assert "watari runs" in str(told[0].data["message"]) and "記録できませんでした" in str(told[0].data["message_ja"])


def test_a_full_disk_gives_a_warning_and_leaves_no_half_file(tmp_path: Path) -> None:
    script = f"""
import resource, signal, sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from tests.ledger import test_ledger as t
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
told = []
print(t.remember(Path({str(tmp_path)!r}), "run", t.RUN, events=told.append), told[0].data["message"])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.startswith("None this run could not be kept")
    assert list((tmp_path / ".watari/outbox").iterdir()) == []


def test_where_nothing_can_be_written_the_ledger_is_still_read(
    tmp_path: Path, read_only: Callable[[Path], str]
) -> None:
    remember(tmp_path, "run", RUN)
    Ledger.open(tmp_path).close()
    remember(tmp_path, "run", replace(RUN, id="3"))
    assert read_only(tmp_path) == "['3', '20261121-083015-4f2a'] 1"
    assert len(outbox(tmp_path)) == 1


@pytest.fixture
def read_only() -> Callable[[Path], str]:
    """Opens a ledger as a user who may read it and write nothing, and says what it saw."""

    def look(root: Path) -> str:
        script = f"""
import os, sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from watari.ledger.ledger import Ledger
if os.geteuid() == 0:
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    # a file system of its own, mounted again without the right to write
    if libc.unshare(0x00020000) != 0:
        sys.exit(77)
    assert libc.mount(None, b"/", None, 0x4000 | 0x40000, None) == 0
    root = {str(root)!r}.encode()
    assert libc.mount(root, root, None, 0x1000, None) == 0
    assert libc.mount(None, root, None, 0x1000 | 0x20 | 1, None) == 0
with Ledger.open(Path({str(root)!r})) as ledger:
    print([run.id for run in ledger.runs()], len(ledger.complaints))
"""
        if os.geteuid() != 0:
            for folder in (root / ".watari", root / ".watari/outbox"):
                folder.chmod(0o500)
            (root / ".watari/ledger.sqlite").chmod(0o400)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        for folder in (root / ".watari", root / ".watari/outbox"):
            folder.chmod(0o700)
        if done.returncode == 77:
            pytest.skip("root, and not allowed to mount a file system read-only")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return look


def test_a_file_that_is_no_ledger_is_told_and_left_alone(tmp_path: Path) -> None:
    remember(tmp_path, "run", RUN)
    file = tmp_path / ".watari/ledger.sqlite"
    file.write_text("this is no database, but somebody's notes")
    with pytest.raises(LedgerUnusable, match="not a database"):
        Ledger.open(tmp_path)
    assert file.read_text().startswith("this is no database")
    assert len(outbox(tmp_path)) == 1


def test_a_ledger_of_a_younger_watari_is_refused(tmp_path: Path) -> None:
    remember(tmp_path, "run", RUN)
    Ledger.open(tmp_path).close()
    with sqlite3.connect(tmp_path / ".watari/ledger.sqlite") as file:
        file.execute("update ledger_version set version = 99")
    file.close()
    with pytest.raises(LedgerUnusable, match="younger"):
        Ledger.open(tmp_path)


def test_a_team_keeps_its_ledger_in_postgresql(tmp_path: Path, database: DatabaseUrl) -> None:
    address = database.reveal().reveal()
    for project in ("one", "two"):
        remember(tmp_path / project, "run", replace(RUN, id=project, error=None))
        remember(tmp_path / project, "plan", PLAN)
        Ledger.open(tmp_path / project, address).close()
    with Ledger.open(tmp_path / "one", address) as ledger:
        assert [run.id for run in ledger.runs()] == ["two", "one"]
        assert ledger.plan(PLAN.sha256[:4]) == PLAN


def test_an_address_that_cannot_be_read_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnusable) as caught:
        Ledger.open(tmp_path, "mysql://u:hunter2@h/d")
    assert "hunter2" not in str(caught.value) + str(caught.value.advice)


def test_writing_imports_neither_sqlalchemy_nor_psycopg(tmp_path: Path) -> None:
    script = (
        "import sys; from watari.ledger.outbox import remember; print({'sqlalchemy', 'psycopg'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_entry_is_plain_json_for_whoever_looks_into_the_outbox(tmp_path: Path) -> None:
    path = remember(tmp_path, "backup", BACKUP, now=NOW)
    assert path and json.loads(path.read_text())["value"]["rows"] == {"public.orders": 7}


def test_a_report_is_kept_with_its_sentences_in_both_languages(tmp_path: Path, night: Report) -> None:
    remember(tmp_path, "report", replace(night, id="older"), now=NOW)
    remember(tmp_path, "report", night)
    with Ledger.open(tmp_path) as ledger:
        kept = ledger.report_of(night.id)
        assert kept and kept.id == night.id
        assert [report.id for report in ledger.reports()] == [night.id, "older"]
        assert ledger.report_of("unknown") is None
    for form in ("html", "md", "json"):
        for language in Language:
            assert render(kept, form, language) == render(night, form, language)
