"""From a project's settings to its framework: what is named is taken, what is left open is detected."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.projects import ProjectCopy

from watari.errors.usage import FrameworkFolder, NoFramework, UnknownFramework
from watari.frameworks.framework import Framework
from watari.frameworks.opening import open_framework
from watari.project.settings import load

URL = "postgresql://app@localhost/apidb"


def opened(
    root: Path, *, database: str | None = None, url: str = URL, folder: str | None = None, framework: str | None = None
) -> Framework:
    project = load(root, environ={"DATABASE_URL": url})
    (target,) = project.targets(database=database, folder=root / folder if folder else None, framework=framework)
    return open_framework(project, target)


def test_a_project_without_settings_is_detected(project_copy: ProjectCopy) -> None:
    framework = opened(project_copy("paypay"))
    assert framework.name == "prisma" and len(framework.migrations()) == 12
    assert framework.settings.databases == ()


@pytest.mark.parametrize("folder", ["prisma", "prisma/migrations"])
@pytest.mark.parametrize("framework", ["prisma", None])
def test_a_folder_around_the_migrations_is_good_enough(
    project_copy: ProjectCopy, folder: str, framework: str | None
) -> None:
    found = opened(project_copy("paypay"), folder=folder, framework=framework)
    assert found.settings.folder.name == "migrations" and len(found.migrations()) == 12


def test_the_schema_of_the_address_reaches_the_framework(project_copy: ProjectCopy) -> None:
    framework = opened(project_copy("paypay"), url=URL + "?schema=shop")
    assert framework.history_tables() == ("shop._prisma_migrations",)
    assert framework.search_path() == ("shop",)


def test_databases_that_share_a_folder_know_of_each_other(project_copy: ProjectCopy) -> None:
    root = project_copy("three_databases")
    (root / "watari.toml").write_text('dir = "db"\n[databases.authdb]\n[databases.apidb]\n[databases.admindb]\n')
    framework = opened(root, database="apidb")
    assert framework.settings.databases == ("authdb", "apidb", "admindb")
    assert [m.id for m in framework.migrations()] == ["init", "001"]


def test_databases_with_folders_of_their_own_need_no_names_in_their_files(tmp_path: Path) -> None:
    for name in ("authdb", "apidb"):
        (tmp_path / "db" / name).mkdir(parents=True)
        (tmp_path / "db" / name / "001_a.sql").write_text("select 1;")
    (tmp_path / "watari.toml").write_text(
        '[databases.authdb]\ndir = "db/authdb"\n[databases.apidb]\ndir = "db/apidb"\n'
    )
    framework = opened(tmp_path, database="apidb")
    assert framework.problems(framework.migrations(), ()) == () and len(framework.migrations()) == 1
    assert framework.settings.databases == ("apidb",)


def test_a_database_is_known_by_its_name_in_the_project_and_not_by_its_address(project_copy: ProjectCopy) -> None:
    root = project_copy("three_databases")
    (root / "watari.toml").write_text(
        'dir = "db"\n[databases.authdb]\n[databases.apidb]\ndbname = "apidb_staging"\n[databases.admindb]\n'
    )
    assert [m.id for m in opened(root, database="apidb").migrations()] == ["init", "001"]


def test_one_database_of_a_script_for_several_can_be_taken_by_its_address_alone(project_copy: ProjectCopy) -> None:
    framework = opened(project_copy("three_databases"))
    assert [m.id for m in framework.migrations()] == ["init", "001"]


def test_an_empty_project_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(NoFramework, match=str(tmp_path)):
        opened(tmp_path)
    with pytest.raises(NoFramework):
        opened(tmp_path, framework="alembic")
    with pytest.raises(UnknownFramework):
        opened(tmp_path, framework="flyway")


def test_a_named_folder_that_is_wrong_is_answered_by_its_framework(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FrameworkFolder, match="sea-orm-migration"):
        opened(tmp_path, framework="seaorm", folder="empty").migrations()
    for framework, lacks in (("sql", "no SQL file"), ("prisma", "no folder of a migration")):
        with pytest.raises(FrameworkFolder, match=lacks):
            opened(tmp_path, framework=framework, folder="empty").migrations()
