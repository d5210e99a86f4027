"""Which frameworks there are, and which one a project uses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fixtures.projects import ProjectCopy

from watari.errors.usage import UnknownFramework
from watari.frameworks.framework import Framework
from watari.frameworks.registry import detect, named, names


def test_every_framework_is_found_by_its_file() -> None:
    assert names() == ("alembic", "django", "knex", "prisma", "seaorm", "sql")
    for name in names():
        adapter = named(name)
        assert issubclass(adapter, Framework) and adapter.name == name and adapter.__doc__


@pytest.mark.parametrize("name", ["flyway", "registry", "framework", "../sql", "", "history_table"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownFramework) as refused:
        named(name)
    assert "alembic, django, knex, prisma, seaorm, sql" in str(refused.value.advice)


@pytest.mark.parametrize(
    ("project", "framework", "folder"),
    [
        ("paypay", "prisma", "prisma/migrations"),
        ("seaorm_tasks", "seaorm", "migration"),
        ("django_shop", "django", "."),
        ("knex_shop", "knex", "."),
        ("three_databases", "sql", "db"),
    ],
)
def test_the_runbooks_projects_are_recognised(
    project_copy: ProjectCopy, project: str, framework: str, folder: str
) -> None:
    root = project_copy(project)
    best = detect(root)[0]
    assert (best.framework, best.folder) == (framework, root / folder)
    assert best.why and not Path(best.why).is_absolute()


def test_an_empty_folder_is_nothing(tmp_path: Path) -> None:
    assert detect(tmp_path) == ()


def test_naming_one_framework_imports_no_other_and_nothing_slow() -> None:
    question = (
        "import sys; from watari.frameworks.registry import named; named('prisma');"
        "print([m for m in sys.modules if m in ('sqlalchemy', 'postgast', 'rich', 'msgspec') or m.startswith('watari.frameworks.')])"
    )
    loaded = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True).stdout
    assert "watari.frameworks.prisma" in loaded
    for other in ("alembic", "django", "knex", "seaorm", "sql", "sqlalchemy", "postgast", "rich"):
        assert f"{other}'" not in loaded.replace("watari.frameworks.prisma", "")
