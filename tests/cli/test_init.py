"""`watari init` and the first `status` in real projects: framework, folder, addresses, and several databases."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from fixtures.program import Folder
from fixtures.projects import PROJECTS, ProjectCopy

from watari.project.url import DatabaseUrl

#: What the runbooks put behind an address for Prisma, and libpq does not know.
PARAMETERS = (
    "?schema=public&connection_limit=10&pool_timeout=10&connect_timeout=10&statement_timeout=30000&pgbouncer=false"
)


def plain(root: Path) -> None:
    (root / "db" / "migrations").mkdir(parents=True)
    (root / "db" / "migrations" / "001_a.sql").write_text("CREATE TABLE a (id int);\n")


def prisma(root: Path) -> None:
    shutil.copytree(PROJECTS / "paypay", root, dirs_exist_ok=True)


def alembic(root: Path) -> None:
    (root / "alembic" / "versions").mkdir(parents=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = alembic\n")
    (root / "alembic" / "env.py").write_text("")
    (root / "alembic" / "script.py.mako").write_text("")
    (root / "alembic" / "versions" / "1_a.py").write_text(
        "revision = '1'\ndown_revision = None\ndef upgrade(): pass\ndef downgrade(): pass\n"
    )


def seaorm(root: Path) -> None:
    shutil.copytree(PROJECTS / "seaorm_tasks", root, dirs_exist_ok=True)


@pytest.mark.parametrize(
    ("framework", "make", "folder"),
    [
        ("sql", plain, "db/migrations"),
        ("prisma", prisma, "prisma/migrations"),
        ("alembic", alembic, "alembic"),
        ("seaorm", seaorm, "migration"),
    ],
)
def test_the_framework_and_its_folder_are_found(
    tmp_path: Path, framework: str, make: Callable[[Path], None], folder: str
) -> None:
    make(tmp_path)
    found = Folder(tmp_path).watari("init")
    assert found.status == 0, found.err
    text = (tmp_path / "watari.toml").read_text()
    assert f'framework = "{framework}"' in text and f'dir = "{folder}"' in text
    again = Folder(tmp_path).watari("init")
    assert again.status == 2 and "--force" in again.err


def test_addresses_in_dotenv_are_found_with_the_frameworks_own_parameters(
    project_copy: ProjectCopy, new_database: Callable[..., DatabaseUrl]
) -> None:
    production, staging = new_database(), new_database()
    folder = Folder(project_copy("paypay"))
    lines = (
        f'DATABASE_URL="{production.reveal().reveal()}{PARAMETERS}"',
        f"export STAGING_DATABASE_URL='{staging.reveal().reveal()}{PARAMETERS}'",
    )
    folder.write(".env", "\n".join(lines) + "\n")
    made = folder.watari("init", "--json")
    assert made.status == 0, made.err
    assert set(made.document["variables"]) == {"DATABASE_URL", "STAGING_DATABASE_URL"}
    text = (folder.path / "watari.toml").read_text()
    assert "postgresql://" not in text.replace("postgresql://USER", "")
    for words, database in (((), production), (("-e", "staging"), staging)):
        standing = folder.watari("status", "--json", *words)
        assert standing.status == 1, standing.err
        (entry,) = standing.document["databases"]
        assert len(entry["pending"]) == len(list((folder.path / "prisma/migrations").glob("*/")))
        with psycopg.connect(**database.conninfo()) as own:
            assert own.execute("select to_regclass('_prisma_migrations')").fetchone() == (None,)
    assert folder.watari("apply", "-e", "staging", "--yes").status == 0
    assert folder.watari("status", "-e", "staging").status == 0
    assert folder.watari("status").status == 1


def test_the_environment_wins_over_dotenv(tmp_path: Path, new_database: Callable[..., DatabaseUrl]) -> None:
    named, in_file = new_database(), new_database()
    plain(tmp_path)
    folder = Folder(tmp_path, named)
    folder.write(".env", f"DATABASE_URL={in_file.reveal().reveal()}\n")
    (entry,) = folder.watari("status", "--json").document["databases"]
    assert entry["database"] == named.database


def test_several_databases_have_a_history_each(tmp_path: Path, new_database: Callable[..., DatabaseUrl]) -> None:
    urls = {name: new_database() for name in ("authdb", "apidb", "admindb")}
    folder = Folder(tmp_path)
    settings = ""
    for name, url in urls.items():
        folder.environ[f"{name.upper()}_URL"] = url.reveal().reveal()
        settings += f'[databases.{name}]\nurl = "env:{name.upper()}_URL"\ndir = "{name}"\n'
        folder.write(f"{name}/001_first.sql", f"CREATE TABLE of_{name} (id int);\n")
    folder.write("watari.toml", settings)
    assert folder.watari("apply", "--yes", "--database", "apidb").status == 0
    states = {e["database"]: e["state"] for e in folder.watari("status", "--json").document["databases"]}
    assert states == {"authdb": "pending", "apidb": "up_to_date", "admindb": "pending"}
    refused = folder.watari("restore")
    assert refused.status == 2 and "--database" in refused.err
    unknown = folder.watari("status", "--database", "nodb")
    assert unknown.status == 2 and "authdb, apidb, admindb" in unknown.err
    assert folder.watari("apply", "--yes").status == 0
    assert folder.watari("status").status == 0
    for name, url in urls.items():
        with psycopg.connect(**url.conninfo()) as own:
            tables = own.execute("select relname::text from pg_stat_user_tables where relname like 'of_%'").fetchall()
            assert tables == [(f"of_{name}",)]
