"""Real histories rehearsed whole: what each migration locks, writes anew and reads is a golden file.

`WATARI_GOLDEN=write pytest …` writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fixtures.real_histories import (
    begin_mlflow,
    copy_litellm,
    copy_mlflow,
    graphile_worker_scripts,
    procrastinate_scripts,
    wagtail_site,
)

from watari.crossing import Crossing
from watari.evidence import Evidence
from watari.evidence.recording import RecordedCommand, by_relation
from watari.project.settings import load
from watari.project.url import DatabaseUrl

GOLDEN = Path(__file__).parent / "golden"


def crossing_of(root: Path, url: DatabaseUrl, **environ: str) -> Crossing:
    project = load(root, environ={"DATABASE_URL": url.reveal().reveal(), "PATH": os.environ["PATH"], **environ})
    (target,) = project.targets()
    return Crossing(project, target)


def plain(root: Path, scripts: list[Path]) -> Path:
    (root / "migrations").mkdir(parents=True)
    for script in scripts:
        text = script.read_text().replace(":GRAPHILE_WORKER_SCHEMA", "graphile_worker")
        (root / "migrations" / script.name).write_text(text)
    return root


def lines(evidence: Evidence) -> Iterator[str]:
    """What a migration did to relations that were there before it, in an order that does not depend on time."""
    for step in evidence.steps:
        yield f"{step.id} {step.migration}"
        for effect in sorted(step.effects, key=lambda each: each.relation):
            if not effect.created and effect.lock and "." in effect.relation:
                what = [word for word in ("rewrite", "scan") if getattr(effect, word)]
                yield " ".join(["   ", effect.relation, str(effect.lock), *what])


def hold(name: str, evidence: Evidence, *, skipped: set[str]) -> None:
    assert evidence.error is None
    proofs = {proof.name: proof for proof in evidence.proofs}
    for proof in evidence.proofs:
        assert proof.holds or proof.name in skipped, (proof.name, proof.differences, proof.skipped)
    assert proofs["up"].holds and proofs["once"].holds
    same(name, lines(evidence))


def same(name: str, found_lines: Iterator[str]) -> None:
    found = "\n".join(found_lines) + "\n"
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("WATARI_GOLDEN") == "write":
        file.write_text(found)
    assert found == file.read_text()


@pytest.fixture
def on_18(server):
    with psycopg.connect(**server.url().conninfo()) as connection:
        if connection.info.server_version // 10000 != 18:
            pytest.skip("the golden files were made on PostgreSQL 18")


def test_procrastinate(on_18, database, tmp_path):
    crossing = crossing_of(plain(tmp_path / "p", procrastinate_scripts()), database)
    hold("procrastinate", crossing.rehearse(crossing.plan()), skipped={"down", "up_again"})


def test_graphile_worker(on_18, database, tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("graphile-worker comes from npm, which is not installed")
    with psycopg.connect(**database.conninfo(), autocommit=True) as connection:
        connection.execute("create schema graphile_worker")
    crossing = crossing_of(plain(tmp_path / "g", graphile_worker_scripts()), database)
    hold("graphile-worker", crossing.rehearse(crossing.plan()), skipped={"down", "up_again"})


def test_litellm(on_18, team_python, database, tmp_path):
    project = copy_litellm(team_python, tmp_path / "litellm")
    crossing = crossing_of(project.root, database)
    hold("litellm", crossing.rehearse(crossing.plan()), skipped={"down", "up_again"})


@pytest.mark.full  # Alembic itself is started for each of its seven revisions, by every proof anew: minutes
def test_mlflow(on_18, team_python, database, tmp_path):
    project = copy_mlflow(team_python, tmp_path / "tracking")
    begin_mlflow(project, database)
    crossing = crossing_of(project.root, database, VIRTUAL_ENV=str(project.python.parents[1]))
    hold("mlflow", crossing.rehearse(crossing.plan()), skipped={"down", "up_again"})


def recorded(command: RecordedCommand) -> Iterator[str]:
    """What a tool did to each relation, over all of its statements; those that two transactions make are seen by the second."""
    for record in sorted(by_relation(command.recording), key=lambda each: each.effect.relation):
        what = [word for word in ("rewrite", "scan") if getattr(record.effect, word)]
        if record.effect.lock:
            yield " ".join([record.effect.relation, str(record.effect.lock), *what])


@pytest.mark.full  # a Django environment of its own
def test_wagtail_by_its_own_command(on_18, database, tmp_path):
    """Nobody names the interpreter that Django is in, and none is needed for a command."""
    root, python = wagtail_site(tmp_path / "site")
    crossing = crossing_of(root, database)
    command = crossing.rehearse_command((str(python), "manage.py", "migrate"))
    assert command.status == 0 and command.recording.sound
    applied = [each for each in command.recording.statements if each.sql.startswith('INSERT INTO "django_migrations"')]
    assert len(applied) >= 196
    same("wagtail", recorded(command))
    with psycopg.connect(**database.conninfo()) as connection:
        assert connection.execute("select to_regclass('django_migrations')").fetchone() == (None,)
