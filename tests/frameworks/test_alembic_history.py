"""Alembic's heads, and its own command for one revision, beside Alembic itself."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from fixtures.real_histories import History, begin_mlflow, run
from fixtures.real_histories import alembic as team_alembic

from frameworks.alembic_projects import ENV, INI, alembic_project, creating, up
from watari.catalog.difference import difference
from watari.errors.usage import HistoryShape
from watari.frameworks.alembic import Alembic
from watari.frameworks.framework import FrameworkSettings
from watari.migrations import Migration, ProblemKind, Standing, State
from watari.migrations.compare import compare
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def alembic(project: History, **more: object) -> Alembic:
    settings = {"root": project.root, "folder": project.folder, "database": "app", "python": project.python} | more
    return Alembic(FrameworkSettings(**settings))  # type: ignore[arg-type]


def standing(framework: Alembic, connection: psycopg.Connection) -> Standing:
    rows, migrations = framework.history(connection), framework.migrations()
    return compare(migrations, rows, same_checksum=framework.same_checksum, more=framework.problems(migrations, rows))


def run_all(connection: psycopg.Connection, statements: Iterable[psycopg.sql.Composable]) -> None:
    for statement in statements:
        connection.execute(statement)


def commanded(
    framework: Alembic, migration: Migration, url: DatabaseUrl, *, options: str = "", down: bool = False
) -> subprocess.CompletedProcess[str]:
    """The framework's own command, run as the execution runs it."""
    text = url.reveal().reveal() + (("&" if "?" in url.reveal().reveal() else "?") + options if options else "")
    command = framework.command(migration, text, down=down)
    assert not any(url.database in argument for argument in command.argv)
    return subprocess.run(
        command.argv,
        cwd=command.folder,
        env={**os.environ, **command.environment},
        capture_output=True,
        text=True,
        check=False,
    )


# -- the history ----------------------------------------------------------------------------------------------------------

#: Two bases, a branch, a merge, and a revision that depends on one of another branch.
GRAPH = {
    "a1": "down_revision = None\n",
    "b2": "down_revision = 'a1'\n",
    "c3": "down_revision = 'a1'\n",
    "d4": "down_revision = ('b2', 'c3')\n",
    "e5": "down_revision = 'd4'\n",
    "x1": "down_revision = None\n",
    "x2": "down_revision = 'x1'\ndepends_on = 'c3'\n",
    "x3": "down_revision = 'x2'\ndepends_on = 'd4'\n",
}

WALK = """
import json, os, sys
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
config = Config("alembic.ini")
config.set_main_option("sqlalchemy.url", os.environ["TEAM_URL"])
engine = create_engine(os.environ["TEAM_URL"])
found = []
for way, target in json.loads(sys.argv[1]):
    getattr(command, way)(config, target)
    with engine.connect() as c:
        found.append(sorted(c.execute(text("select version_num from alembic_version")).scalars()))
sys.stderr.write("HEADS " + json.dumps(found))
"""


def heads_of_alembic(project: History, url: DatabaseUrl, walk: list[tuple[str, str]]) -> list[list[str]]:
    """The rows of `alembic_version` after each of Alembic's own commands."""
    address = url.reveal(scheme="postgresql+psycopg").reveal()
    done = subprocess.run(
        [str(project.python), "-c", WALK, json.dumps(walk)],
        cwd=project.root,
        env={**os.environ, "TEAM_URL": address},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[list[str]] = json.loads(done.stderr.rpartition("HEADS ")[2])
    return found


def test_each_step_through_branches_merges_and_dependencies_leaves_alembics_own_rows(
    tmp_path: Path, team_python: Path, new_database: Callable[..., DatabaseUrl]
) -> None:
    nothing = "def upgrade():\n    pass\n\ndef downgrade():\n    pass\n"
    project = alembic_project(tmp_path, team_python, {id: head + nothing for id, head in GRAPH.items()})
    framework = alembic(project)
    migrations = {m.id: m for m in framework.migrations()}
    order = list(migrations)
    ups = [("upgrade", id) for id in order]
    theirs = heads_of_alembic(project, new_database(), ups)
    with psycopg.connect(**new_database().conninfo(), autocommit=True) as connection:
        run_all(connection, framework.create_history())

        def heads() -> list[str]:
            return sorted(head for (head,) in connection.execute("select version_num from alembic_version"))

        ours = []
        for id in order:
            run_all(connection, framework.record(migrations[id], NOW, NOW))
            ours.append(heads())
            assert {row.id for row in framework.history(connection)} == set(order[: order.index(id) + 1])
        assert ours == theirs
        for id in reversed(order):
            run_all(connection, framework.forget(migrations[id]))
            assert heads() == (theirs[order.index(id) - 1] if order.index(id) else [])


def test_a_merge_taken_back_leaves_both_branches_and_alembic_goes_on_from_there(
    tmp_path: Path, team_python: Path, database: DatabaseUrl, connection: psycopg.Connection
) -> None:
    nothing = "def upgrade():\n    pass\n\ndef downgrade():\n    pass\n"
    branched = {id: head + nothing for id, head in list(GRAPH.items())[:5]}
    project = alembic_project(tmp_path, team_python, branched)
    framework = alembic(project)
    migrations = {m.id: m for m in framework.migrations()}
    after_up, after_one = heads_of_alembic(project, database, [("upgrade", "heads"), ("downgrade", "d4")])
    assert (after_up, after_one) == (["e5"], ["d4"])
    run_all(connection, framework.forget(migrations["d4"]))
    rows = connection.execute("select version_num from alembic_version order by 1").fetchall()
    assert rows == [("b2",), ("c3",)]
    assert heads_of_alembic(project, database, [("upgrade", "heads")]) == [["e5"]]


def test_alembic_agrees_with_the_table_that_watari_makes(
    tmp_path: Path, team_python: Path, new_database: Callable[..., DatabaseUrl]
) -> None:
    project = alembic_project(tmp_path, team_python, {"a1": creating("t"), "b2": creating("u")})
    framework, theirs, ours = alembic(project), new_database(), new_database()
    heads_of_alembic(project, theirs, [("upgrade", "head")])
    with psycopg.connect(**theirs.conninfo()) as made, psycopg.connect(**ours.conninfo(), autocommit=True) as own:
        run_all(own, framework.create_history())
        for migration in framework.migrations():
            assert migration.up is not None
            own.execute(migration.up.data)
            run_all(own, framework.record(migration, NOW, NOW))
        run_all(own, framework.create_history())
        assert difference(read_catalog(made), read_catalog(own)) == ()
    assert "b2 (head)" in team_alembic(project, ours, "current", config="../alembic.ini")


def test_a_head_that_no_file_has_halts_everything(
    tmp_path: Path, team_python: Path, connection: psycopg.Connection
) -> None:
    framework = alembic(alembic_project(tmp_path, team_python, {"a1": creating("t")}))
    run_all(connection, framework.create_history())
    connection.execute("insert into alembic_version values ('of_a_branch')")
    found = standing(framework, connection)
    (problem,) = found.problems
    assert (problem.kind, problem.migration, problem.stops) == (ProblemKind.VANISHED, "of_a_branch", True)
    assert found.state is State.PROBLEM and "no file has it" in str(problem.message)


def test_a_table_of_that_name_with_another_shape_is_refused(
    tmp_path: Path, team_python: Path, connection: psycopg.Connection
) -> None:
    framework = alembic(alembic_project(tmp_path, team_python, {"a1": creating("t")}))
    connection.execute("create table alembic_version (version_num int)")
    with pytest.raises(HistoryShape, match=r"version_num.*integer"):
        framework.history(connection)


# -- one revision by Alembic itself ---------------------------------------------------------------------------------------


def test_a_command_runs_its_revision_and_no_other(
    tmp_path: Path, team_python: Path, database: DatabaseUrl, connection: psycopg.Connection
) -> None:
    framework = alembic(alembic_project(tmp_path, team_python, {id: creating(f"t_{id}") for id in ("a1", "b2", "c3")}))
    a1, b2, _ = framework.migrations()
    refused = commanded(framework, b2, database)
    assert refused.returncode == 1 and "b2 comes after a1, which is not applied" in refused.stderr
    assert framework.history(connection) == ()
    for migration in (a1, b2):
        done = commanded(framework, migration, database)
        assert done.returncode == 0, done.stderr
    assert [row.id for row in framework.history(connection)] == ["a1", "b2"]
    assert connection.execute("select to_regclass('t_b2'), to_regclass('t_c3')").fetchone() == ("t_b2", None)
    assert commanded(framework, b2, database).returncode == 0, "again changes nothing"
    not_last = commanded(framework, a1, database, down=True)
    assert not_last.returncode == 1 and "not the last one applied" in not_last.stderr
    assert commanded(framework, b2, database, down=True).returncode == 0
    assert [row.id for row in framework.history(connection)] == ["a1"]


def test_a_command_waits_for_a_lock_no_longer_than_its_options_allow(
    tmp_path: Path, team_python: Path, database: DatabaseUrl, connection: psycopg.Connection
) -> None:
    framework = alembic(
        alembic_project(tmp_path, team_python, {"a1": up("op.create_table('made')", "op.execute('LOCK TABLE t')")})
    )
    connection.execute("create table t (id int)")
    with connection.transaction():
        connection.execute("lock table t")
        done = commanded(framework, framework.migrations()[0], database, options="options=-c%20lock_timeout%3D20")
    assert done.returncode == 1 and done.stderr.strip().splitlines()[-1].startswith("alembic: 55P03 ")
    assert framework.history(connection) == ()
    assert connection.execute("select to_regclass('made')").fetchone() == (None,)


@pytest.mark.parametrize(
    "engine",
    [
        "os.environ['DATABASE_URL']",
        "os.environ['APP_DB']",
        "config.get_main_option('sqlalchemy.url')",
    ],
)
def test_the_address_is_found_wherever_env_looks_for_it(
    tmp_path: Path, team_python: Path, database: DatabaseUrl, connection: psycopg.Connection, engine: str
) -> None:
    env = ENV.replace(
        "from sqlalchemy import engine_from_config, pool", "import os\nfrom sqlalchemy import create_engine"
    )
    env = env.replace(
        'engine_from_config(config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool)',
        f"create_engine({engine})",
    )
    project = alembic_project(tmp_path, team_python, {"a1": creating("t")}, env=env)
    framework = alembic(project, options={"url_variables": "APP_DB"})
    done = commanded(framework, framework.migrations()[0], database)
    assert done.returncode == 0, done.stderr
    assert [row.id for row in framework.history(connection)] == ["a1"]


def test_an_env_with_an_address_of_its_own_changes_nothing(
    tmp_path: Path, team_python: Path, new_database: Callable[..., DatabaseUrl]
) -> None:
    wanted, other = new_database(), new_database()
    address = other.reveal(scheme="postgresql+psycopg").reveal()
    env = ENV.replace(
        "config = context.config", f"config = context.config\nconfig.set_main_option('sqlalchemy.url', {address!r})"
    )
    framework = alembic(alembic_project(tmp_path, team_python, {"a1": creating("t")}, env=env))
    done = commanded(framework, framework.migrations()[0], wanted)
    assert done.returncode == 1 and f"/{other.database} instead of" in done.stderr
    for url in (wanted, other):
        with psycopg.connect(**url.conninfo()) as connection:
            assert connection.execute("select to_regclass('t')").fetchone() == (None,)


def test_an_asynchronous_env_is_run_too(
    tmp_path: Path, team_python: Path, database: DatabaseUrl, connection: psycopg.Connection
) -> None:
    run([str(team_python), "-m", "alembic", "init", "-t", "async", "migrations"], tmp_path)
    versions = tmp_path / "migrations" / "versions"
    (versions / "a1.py").write_text(
        "from alembic import op\nrevision = 'a1'\ndown_revision = None\n" + up("op.execute('create table t ()')")
    )
    framework = alembic(History(root=tmp_path, folder=tmp_path / "migrations", python=team_python))
    (migration,) = framework.migrations()
    assert migration.up is not None
    done = commanded(framework, migration, database)
    assert done.returncode == 0, done.stderr
    assert [row.id for row in framework.history(connection)] == ["a1"]


def test_a_password_with_percent_signs_survives_the_settings_file(
    tmp_path: Path, team_python: Path, new_database: Callable[..., DatabaseUrl]
) -> None:
    from dataclasses import replace

    from watari.project.secret import Secret

    framework = alembic(alembic_project(tmp_path, team_python, {"a1": creating("t")}, ini=INI))
    url = replace(new_database(), password=Secret("100%/p@ss:%(here)s"))
    done = commanded(framework, framework.migrations()[0], url)
    assert done.returncode == 0, done.stderr
    assert "100%" not in done.stdout + done.stderr


# -- mlflow from empty to head --------------------------------------------------------------------------------------------


def test_rendered_and_commanded_revisions_make_the_schema_that_alembic_makes(
    mlflow_project: History, new_database: Callable[..., DatabaseUrl]
) -> None:
    framework, theirs, ours = alembic(mlflow_project), new_database(), new_database()
    for url in (theirs, ours):
        begin_mlflow(mlflow_project, url)
    team_alembic(mlflow_project, theirs, "upgrade", "head")
    with psycopg.connect(**ours.conninfo(), autocommit=True) as connection:
        run_all(connection, framework.create_history())
        for migration in framework.migrations():
            if migration.up is None:
                done = commanded(framework, migration, ours)
                assert done.returncode == 0, done.stderr
                continue
            with connection.transaction():
                for statement in migration.up.statements:
                    connection.execute(statement.text)  # type: ignore[call-overload]
                run_all(connection, framework.record(migration, NOW, NOW))
        assert standing(framework, connection).state is State.UP_TO_DATE
        with psycopg.connect(**theirs.conninfo()) as made:
            expected = read_catalog(made)
            assert len(expected.tables) > 60
            assert difference(expected, read_catalog(connection)) == ()
    assert "(head)" in team_alembic(mlflow_project, ours, "current")
