"""Alembic: revisions rendered one by one in the team's interpreter, beside Alembic itself and mlflow's history."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.real_histories import History

from frameworks.alembic_projects import ENV, INI, alembic_project, creating, up
from watari.errors.usage import FrameworkFailed, FrameworkMissing
from watari.frameworks.alembic import Alembic
from watari.frameworks.framework import FrameworkSettings
from watari.locale import Language
from watari.migrations import Migration, ProblemKind


def alembic(project: History, **more: object) -> Alembic:
    settings = {"root": project.root, "folder": project.folder, "database": "app", "python": project.python} | more
    return Alembic(FrameworkSettings(**settings))  # type: ignore[arg-type]


def texts(migration: Migration) -> list[str]:
    assert migration.up is not None, migration.unrendered
    return [statement.text for statement in migration.up.statements]


def only(root: Path, python: Path, body: str, **more: str) -> Migration:
    (migration,) = alembic(alembic_project(root, python, {"a1": body}, **more)).migrations()
    return migration


# -- mlflow ---------------------------------------------------------------------------------------------------------------


def test_every_revision_of_mlflow_is_rendered_or_named_with_its_reason(mlflow_project: History) -> None:
    framework = alembic(mlflow_project)
    migrations = framework.migrations()
    files = list((mlflow_project.folder / "versions").glob("*.py"))
    assert len(migrations) == len([file for file in files if file.name != "__init__.py"]) >= 67
    seen: set[str] = set()
    for migration in migrations:
        assert set(migration.parents) <= seen
        seen.add(migration.id)
        assert (migration.up is None) == (migration.unrendered is not None)
    unrendered = {m.id: m.unrendered for m in migrations if m.up is None}
    assert 7 <= len(unrendered) <= 10
    assert "inspects the database" in (unrendered["3500859a5d39"] or "")
    assert "connection itself (close)" in (unrendered["90e64c465722"] or "")
    told = framework.problems(migrations, ())
    assert {problem.migration for problem in told} == set(unrendered)
    assert {problem.kind for problem in told} == {ProblemKind.UNRENDERED} and not any(p.stops for p in told)


def test_the_sql_of_a_revision_is_its_own_and_holds_none_of_alembics_bookkeeping(mlflow_project: History) -> None:
    for migration in alembic(mlflow_project).migrations():
        if migration.up is not None:
            assert b"alembic_version" not in migration.up.data
            assert not {"BEGIN", "COMMIT"} & set(texts(migration))


def test_a_statement_stands_on_the_line_of_the_revision_that_makes_it(mlflow_project: History) -> None:
    for migration in alembic(mlflow_project).migrations():
        lines = (mlflow_project.root / migration.file).read_text().splitlines()
        for statement in migration.up.statements if migration.up else ():
            assert statement.file == migration.file
            if statement.text.startswith("DROP TABLE"):
                assert "drop_table" in lines[statement.line - 1]


# -- what is rendered -----------------------------------------------------------------------------------------------------


def test_text_reaches_the_database_as_it_was_written(tmp_path: Path, team_python: Path) -> None:
    body = up(
        r"""op.execute("UPDATE t SET a = 'tab\there' WHERE b LIKE '%x%' AND c = d % 2")""",
        'op.execute("SELECT 1; SELECT 2 -- no semicolon here")',
        """op.bulk_insert(sa.table("t", sa.column("a", sa.String)), [{"a": "50% off"}])""",
    )
    assert texts(only(tmp_path, team_python, body)) == [
        "UPDATE t SET a = 'tab\there' WHERE b LIKE '%x%' AND c = d % 2",
        "SELECT 1",
        "SELECT 2 -- no semicolon here",
        "INSERT INTO t (a) VALUES ('50% off')",
    ]


def test_an_autocommit_block_takes_the_transaction_away_and_leaves_no_commit(tmp_path: Path, team_python: Path) -> None:
    migration = only(
        tmp_path,
        team_python,
        up(
            "op.add_column('t', sa.Column('a', sa.Integer))",
            "with op.get_context().autocommit_block():",
            "    op.create_index('i', 't', ['a'], postgresql_concurrently=True)",
            "op.execute('SELECT 1')",
        ),
    )
    assert not migration.transactional
    assert texts(migration) == [
        "ALTER TABLE t ADD COLUMN a INTEGER",
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "SELECT 1",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("for row in op.get_bind().execute(sa.text('SELECT id FROM t')): op.execute('SELECT 1')", "SELECT id FROM t"),
        ("if op.get_bind().execute(sa.text('SELECT 1')).scalar(): op.drop_table('t')", "answer to: SELECT 1"),
        ("if sa.inspect(op.get_bind()).has_table('t'): op.drop_table('t')", "inspects the database"),
        (
            "sa.Table('t', sa.MetaData(), sa.Column('id', sa.Integer)).create(op.get_bind(), checkfirst=True)",
            "there already",
        ),
        ("op.get_bind().exec_driver_sql('SELECT 1')", "exec_driver_sql"),
        ("raise RuntimeError('not today')", "RuntimeError: not today"),
    ],
)
def test_a_revision_that_asks_the_database_is_not_guessed(
    tmp_path: Path, team_python: Path, line: str, reason: str
) -> None:
    migration = only(tmp_path, team_python, up(line))
    assert migration.up is None and reason in (migration.unrendered or "")


def test_a_question_stays_a_question_when_its_exception_is_swallowed(tmp_path: Path, team_python: Path) -> None:
    lines = ("try:", "    sa.inspect(op.get_bind())", "except Exception:", "    op.execute('SELECT 1')")
    assert only(tmp_path, team_python, up(*lines)).up is None


def test_one_revision_that_cannot_be_rendered_does_not_spoil_the_next(tmp_path: Path, team_python: Path) -> None:
    project = alembic_project(
        tmp_path,
        team_python,
        {"a1": up("sa.inspect(op.get_bind())"), "b2": creating("t"), "c3": up("raise SystemExit(3)")},
    )
    first, second, third = alembic(project).migrations()
    assert (first.up, third.up) == (None, None)
    assert len(texts(second)) == 1 and second.down is not None
    assert [s.text for s in second.down.statements] == ["DROP TABLE t"]


def test_a_downgrade_that_does_nothing_is_no_way_down(tmp_path: Path, team_python: Path) -> None:
    assert only(tmp_path, team_python, up("op.execute('SELECT 1')")).down is None


def test_a_merge_has_nothing_to_run_either_way(tmp_path: Path, team_python: Path) -> None:
    nothing = "def upgrade():\n    pass\n\ndef downgrade():\n    pass\n"
    project = alembic_project(
        tmp_path,
        team_python,
        {
            "a1": creating("a"),
            "b2": "down_revision = 'a1'\n" + creating("b"),
            "c3": "down_revision = 'a1'\n" + creating("c"),
            "d4": "down_revision = ('b2', 'c3')\n" + nothing,
        },
    )
    merge = alembic(project).migrations()[-1]
    assert merge.id == "d4" and set(merge.parents) == {"b2", "c3"}
    assert texts(merge) == [] and merge.down is not None and merge.down.statements == ()


def test_an_env_without_an_offline_mode_leaves_every_revision_to_alembic(tmp_path: Path, team_python: Path) -> None:
    env = "from alembic import context\nif context.is_offline_mode():\n    raise NotImplementedError('online only')\n"
    assert "online only" in (only(tmp_path, team_python, creating("t"), env=env).unrendered or "")


def test_an_env_that_runs_revisions_for_several_databases_is_not_taken_for_one(
    tmp_path: Path, team_python: Path
) -> None:
    env = ENV.replace(
        "        context.run_migrations()\n", "        context.run_migrations()\n        context.run_migrations()\n", 1
    )
    assert "more than once" in (only(tmp_path, team_python, creating("t"), env=env).unrendered or "")


def test_rendering_reaches_no_database(tmp_path: Path, team_python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An env.py that connects whatever the mode gets an address that leads nowhere, with the team's own driver in it."""
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://real@db.example.com/real")
    env = (
        "import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\n"
        "url = os.environ['DATABASE_URL']\nassert url == 'postgresql+psycopg://watari@127.0.0.1:9/offline', url\n"
        "with create_engine(url).connect() as c:\n    context.configure(connection=c)\n    context.run_migrations()\n"
    )
    with pytest.raises(FrameworkFailed, match=r"OperationalError.*127\.0\.0\.1"):
        only(tmp_path, team_python, creating("t"), env=env)


# -- the project ----------------------------------------------------------------------------------------------------------


def test_a_broken_env_is_one_sentence_with_the_interpreter(tmp_path: Path, team_python: Path) -> None:
    project = alembic_project(tmp_path, team_python, {"a1": creating("t")}, env="import nowhere_to_be_found\n")
    with pytest.raises(FrameworkFailed, match="No module named 'nowhere_to_be_found'") as failed:
        alembic(project).migrations()
    assert str(team_python) in str(failed.value)


def test_an_address_in_an_exception_of_the_team_loses_its_password(tmp_path: Path, team_python: Path) -> None:
    env = "raise ValueError('cannot parse postgresql://app:hunt@er2@db.example.com/shop')\n"
    with pytest.raises(FrameworkFailed, match=r"postgresql://app:\*\*\*\*@db\.example\.com/shop") as failed:
        alembic(alembic_project(tmp_path, team_python, {"a1": creating("t")}, env=env)).migrations()
    assert "er2" not in str(failed.value)


def test_a_broken_revision_names_its_file(tmp_path: Path, team_python: Path) -> None:
    project = alembic_project(tmp_path, team_python, {"a1": "def upgrade(:\n    pass\n"})
    with pytest.raises(FrameworkFailed, match="SyntaxError"):
        alembic(project).migrations()


def test_a_parent_that_is_nowhere_is_told(tmp_path: Path, team_python: Path) -> None:
    project = alembic_project(tmp_path, team_python, {"a1": "down_revision = 'lost'\n" + creating("t")})
    with pytest.raises(FrameworkFailed, match="lost"):
        alembic(project).migrations()


def test_two_files_with_one_revision_are_a_problem(tmp_path: Path, team_python: Path) -> None:
    project = alembic_project(tmp_path, team_python, {"a1": creating("t")})
    (project.folder / "versions" / "copy.py").write_bytes((project.folder / "versions" / "a1_step.py").read_bytes())
    framework = alembic(project)
    (problem,) = framework.problems(framework.migrations(), ())
    assert (problem.kind, problem.migration, problem.stops) == (ProblemKind.DUPLICATE, "a1", True)


@pytest.mark.parametrize(
    "ini",
    [
        INI,
        "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\n",
        "[alembic]\nscript_location = nowhere/at/all\n",
        "[alembic]\n",
    ],
)
def test_the_folder_is_found_however_the_settings_name_it(tmp_path: Path, team_python: Path, ini: str) -> None:
    assert texts(only(tmp_path, team_python, creating("t"), ini=ini))


def test_a_project_without_any_settings_file_is_read_too(tmp_path: Path, team_python: Path) -> None:
    project = alembic_project(tmp_path, team_python, {"a1": creating("t")})
    (tmp_path / "alembic.ini").unlink()
    assert len(alembic(project).migrations()) == 1


def test_settings_in_pyproject_are_understood(tmp_path: Path, team_python: Path) -> None:
    project = alembic_project(tmp_path, team_python, {"a1": creating("t")})
    (tmp_path / "alembic.ini").unlink()
    (tmp_path / "pyproject.toml").write_text('[tool.alembic]\nscript_location = "%(here)s/migrations"\n')
    assert len(alembic(project).migrations()) == 1


def test_env_may_import_the_teams_own_code(tmp_path: Path, team_python: Path) -> None:
    project = alembic_project(tmp_path, team_python, {"a1": creating("t")}, env="import models\n" + ENV)
    (tmp_path / "models.py").write_text("")
    assert len(alembic(project).migrations()) == 1


@pytest.mark.parametrize(
    ("configured", "told"),
    [
        ("version_table='history', version_table_schema='app'", "app.history"),
        ("version_table='history'", "public.history"),
        ("**{'version_table': 'computed'}", "public.computed"),
        ("version_table=os.sep.join(['joined'])", "public.joined"),
    ],
)
def test_the_table_of_the_history_is_the_one_that_env_names(
    tmp_path: Path, team_python: Path, configured: str, told: str
) -> None:
    env = "import os\n" + ENV.replace("literal_binds=True", configured)
    framework = alembic(alembic_project(tmp_path, team_python, {"a1": creating("t")}, env=env))
    assert framework.history_tables() == (told,)


def test_the_table_is_found_where_env_only_runs_online(tmp_path: Path, team_python: Path) -> None:
    env = ENV.replace(
        "context.configure(url=", "raise NotImplementedError('no offline mode')\n    context.configure(url="
    )
    env = env.replace("context.configure(connection=connection)", "context.configure(connection, version_table='past')")
    framework = alembic(alembic_project(tmp_path, team_python, {"a1": creating("t")}, env=env))
    assert framework.history_tables() == ("public.past",)


@pytest.mark.parametrize("start", [".", "migrations"])
def test_an_alembic_project_is_recognised_from_any_of_its_folders(tmp_path: Path, start: str) -> None:
    project = alembic_project(tmp_path, Path("python"), {})
    found = Alembic.detect(tmp_path / start)
    assert found is not None and found.folder == project.folder
    (project.folder / "env.py").unlink()
    (tmp_path / "alembic.ini").unlink()
    assert Alembic.detect(tmp_path / start) is None


# -- the interpreter ------------------------------------------------------------------------------------------------------


def bare_python(folder: Path) -> Path:
    """An interpreter without Alembic: an environment of links, as `venv` makes it."""
    import sys

    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    (folder / "pyvenv.cfg").write_text(f"home = {sys.base_prefix}/bin\n")
    return folder / "bin" / "python"


def test_the_interpreter_that_was_set_is_used_or_nothing(tmp_path: Path, team_python: Path) -> None:
    project = alembic_project(tmp_path, team_python, {"a1": creating("t")})
    with pytest.raises(FrameworkMissing, match="elsewhere/bin/python"):
        alembic(project, python=bare_python(tmp_path / "elsewhere")).migrations()


def test_the_active_environment_comes_before_the_projects_own(
    tmp_path: Path, team_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = alembic_project(tmp_path / "project", team_python, {"a1": creating("t")})
    (project.root / ".venv").symlink_to(team_python.parents[1])
    found = alembic(project, python=None).interpreter
    assert (found.path, found.why) == (project.root / ".venv" / "bin" / "python", ".venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(team_python.parents[1]))
    found = alembic(project, python=None).interpreter
    assert (found.path, found.why) == (team_python, "VIRTUAL_ENV")


def test_an_active_environment_without_alembic_gives_way_to_the_projects_own(
    tmp_path: Path, team_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = alembic_project(tmp_path / "project", team_python, {"a1": creating("t")})
    (project.root / "venv").symlink_to(team_python.parents[1])
    active = bare_python(tmp_path / "active")
    monkeypatch.setenv("VIRTUAL_ENV", str(active.parents[1]))
    assert alembic(project, python=active).interpreter.path == project.root / "venv" / "bin" / "python"


def test_the_interpreter_and_how_it_was_found_are_told(
    tmp_path: Path, team_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = alembic_project(tmp_path / "project", team_python, {"a1": creating("t")})
    monkeypatch.setenv("VIRTUAL_ENV", str(team_python.parents[1]))
    (note,) = alembic(project, python=None).notes()
    assert str(team_python) in str(note) and "VIRTUAL_ENV" in str(note) and "Alembic 1.20.1" in str(note)


def test_watari_s_own_interpreter_is_the_last_resort_and_says_so(
    tmp_path: Path, team_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = alembic_project(tmp_path / "project", team_python, {"a1": creating("t")})
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setenv("PATH", str(bare_python(tmp_path / "path").parent))
    monkeypatch.setattr("sys.executable", str(team_python))
    (note,) = alembic(project, python=None).notes()
    assert "where watari itself is installed" in str(note)


def test_a_message_about_an_unrendered_revision_is_in_both_languages(tmp_path: Path, team_python: Path) -> None:
    framework = alembic(alembic_project(tmp_path, team_python, {"a1": up("sa.inspect(op.get_bind())")}))
    (problem,) = framework.problems(framework.migrations(), ())
    assert "rehearsal" in str(problem.message) and "リハーサル" in problem.message.render(Language.JA)
