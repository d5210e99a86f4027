"""The framework's own runner, started at the same time, is kept out: by its lock where it has one, by its history where not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from fixtures.program import Folder
from fixtures.real_histories import PrismaCli, alembic
from fixtures.runs import Listed, plan_of, transaction, wait_until

from frameworks.alembic_projects import alembic_project
from watari.errors.stopped import OvertakenByOthers
from watari.evidence.event import EventKind
from watari.project.url import DatabaseUrl

_LOCK = 72707369  # of `prisma migrate`
_WAITS = "select pid from pg_locks where locktype = 'advisory' and not granted and objid = 72707369"
_SCHEMA = (
    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
    'generator client {\n  provider = "prisma-client-js"\n}\n'
)
_BIG = "create table big (id int primary key, n int);\ninsert into big select g, g from generate_series(1, 20000) g;\n"


@pytest.fixture
def prisma_folder(make_folder: Callable[..., Folder], database: DatabaseUrl) -> Folder:
    """Two migrations, the second of them a concurrent build, as in the two-deploys deadlock of LiteLLM's history."""
    folder = make_folder("team", database)
    folder.write("prisma/schema.prisma", _SCHEMA)
    folder.write("prisma/migrations/migration_lock.toml", 'provider = "postgresql"\n')
    folder.write("prisma/migrations/20250101000000_big/migration.sql", _BIG)
    folder.write(
        "prisma/migrations/20250102000000_index/migration.sql", 'CREATE INDEX CONCURRENTLY "big_n" ON "big" ("n");\n'
    )
    return folder


def test_a_prisma_deploy_beside_a_run_neither_deadlocks_nor_applies_anything(
    prisma_folder: Folder, database: DatabaseUrl, connection: psycopg.Connection, prisma_cli: PrismaCli, ask
) -> None:
    """Two deploys of Prisma deadlock here: the waiter's snapshot is what the index build of the other waits for."""
    assert prisma_folder.watari("apply", "--yes", "--to", "20250101000000_big").status == 0
    with psycopg.connect(**database.conninfo()) as application, ThreadPoolExecutor(2) as pool:
        application.execute("update big set n = 0 where id = 1")
        ours = pool.submit(prisma_folder.watari, "apply", "--yes")
        wait_until(lambda: ours.done() or ask("select 1 from pg_stat_progress_create_index"), seconds=60)
        theirs = pool.submit(prisma_cli, prisma_folder.path, database, "migrate", "deploy")
        wait_until(lambda: theirs.done() or ask(_WAITS), seconds=120)
        application.rollback()
        answer, deploy = ours.result(), theirs.result()
    assert answer.status == 0, answer.err
    assert deploy.returncode != 0, deploy.stdout
    assert "deadlock" not in answer.err + deploy.stdout + deploy.stderr
    assert ask("select indisvalid from pg_index where indexrelid = 'big_n'::regclass") == [(True,)]
    assert ask("select count(*) from _prisma_migrations where finished_at is not null") == [(2,)]
    assert prisma_cli(prisma_folder.path, database, "migrate", "status").returncode == 0


def test_a_run_beside_a_prisma_deploy_says_who_holds_the_database(
    prisma_folder: Folder, database: DatabaseUrl, prisma_cli: PrismaCli, ask
) -> None:
    prisma_folder.write(
        "prisma/migrations/20250102000000_index/migration.sql", "select pg_sleep(600) from big limit 1;\n"
    )
    busy = "select pid from pg_stat_activity where query like '%pg_sleep(600)%' and state = 'active' and pid <> pg_backend_pid()"
    with ThreadPoolExecutor(1) as pool:
        deploy = pool.submit(prisma_cli, prisma_folder.path, database, "migrate", "deploy")
        wait_until(lambda: deploy.done() or ask(busy), seconds=120)
        answer = prisma_folder.watari("apply", "--yes")
        holder = ask(f"select pid from pg_locks where locktype = 'advisory' and granted and objid = {_LOCK}")  # noqa: S608
        ask(busy.replace("select pid", "select pg_terminate_backend(pid)"))
        deploy.result()
    assert answer.status in (3, 4), answer.err
    assert answer.status == 4 or f"pid {holder[0][0]}" in answer.err


def test_alembic_beside_a_run_does_nothing_twice(
    make_folder: Callable[..., Folder], database: DatabaseUrl, connection: psycopg.Connection, team_python: Path, ask
) -> None:
    """Alembic takes no lock at all: both wait for the same table, and whoever comes second finds the history changed."""
    connection.execute("create table ledger (entry text)")
    folder = make_folder("team", database)
    body = "def upgrade():\n    op.execute(\"insert into ledger values ('{id}')\")\n\ndef downgrade():\n    pass\n"
    project = alembic_project(folder.path, team_python, {id: body.format(id=id) for id in ("a1", "b2", "c3")})
    folder.write(".env", f"PYTHON={team_python}\n")
    folder.environ["WATARI_PYTHON"] = str(team_python)
    answers: list[object] = []

    def upgrade() -> None:
        try:
            answers.append(alembic(project, database, "upgrade", "head"))
        except RuntimeError as refused:
            answers.append(refused)

    waits = "select count(*) from pg_locks where not granted and relation = 'ledger'::regclass"
    with psycopg.connect(**database.conninfo()) as other, ThreadPoolExecutor(1) as pool:
        other.execute("lock table ledger in share mode")
        ours = pool.submit(folder.watari, "apply", "--yes")
        started = "select to_regclass('watari.step') is not null and exists (select from pg_stat_activity where application_name like 'watari apply 2%')"
        wait_until(lambda: ours.done() or ask(started) == [(True,)], seconds=60)
        theirs = threading.Thread(target=upgrade)
        theirs.start()
        wait_until(lambda: ours.done() or answers or ask(waits)[0][0] >= 1, seconds=60)
        other.rollback()
        answer = ours.result()
        theirs.join()
    assert ask("select entry, count(*) from ledger group by 1 order by 1") == [("a1", 1), ("b2", 1), ("c3", 1)], (
        answer.err
    )
    assert ask("select version_num from alembic_version") == [("c3",)]
    if answer.status:
        assert answer.status == 5 and "alembic" in answer.err, answer.err


def test_a_migration_that_a_runner_without_a_lock_applied_meanwhile_is_not_applied_again(
    runs, database, ask, connection
):
    class Lockless(Listed):
        def lock_keys(self) -> tuple[int, ...]:
            return ()

    runs.framework = Lockless()
    connection.execute("create table ledger (entry text); create table listed (id text)")  # no key keeps a row out
    with psycopg.connect(**database.conninfo()) as theirs:
        theirs.execute("lock table ledger in share row exclusive mode; insert into ledger values ('theirs')")
        theirs.execute("insert into listed values ('001')")
        thread = threading.Thread(target=lambda: (wait_until(lambda: runs.told(EventKind.LOCK_WAIT)), theirs.commit()))
        thread.start()
        with pytest.raises(OvertakenByOthers, match="listed itself"):
            runs(plan_of(transaction("insert into ledger values ('ours')")))
        thread.join()
    assert ask("select entry from ledger") == [("theirs",)] and ask("select state from watari.run") == [("stopped",)]
