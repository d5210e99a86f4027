"""The runbook of a Prisma team: ten concurrent indexes and ANALYZE on a database in use, verified, reported, taken back."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from fixtures.program import Folder
from fixtures.projects import copy_project
from fixtures.real_histories import PrismaCli

from journeys.comparing import asked, row_counts, told
from watari.postgres.client_tools import tool
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl, parse_url

pytestmark = pytest.mark.xdist_group("paypay")

FIRST = "20250101000000_initial_migration"
ROWS = """
insert into "Stock" (symbol, name, market) select 's' || g, 'n' || g, 'TSE' from generate_series(1, 500) g;
insert into "AnalysisResult" (stock_id, signal, score, analysis_date)
     select 1 + g % 500, 'buy', g, timestamp '2025-11-01' + g * interval '1 minute' from generate_series(1, 20000) g;
insert into "Portfolio" (name) values ('mine');
insert into "PortfolioEntry" (portfolio_id, stock_id, quantity, purchase_date)
     select 1, 1 + g % 500, g, timestamp '2025-10-30' from generate_series(1, 2000) g;
"""
INDEXES = "select count(*) from pg_index where indisvalid and indexrelid::regclass::text like 'idx%'"
#: What the runbook's own checks ask for, by the name of the check that answers.
ASKED_FOR = {
    "status",
    "tables",
    "columns",
    "indexes",
    "foreign keys",
    "unique constraints",
    "check constraints",
    "rows",
    "orphan rows",
    "http probe",
    "statistics",
}


@pytest.fixture(scope="module")
def evening(server: EmbeddedServer, lasting_database: Callable[..., DatabaseUrl], tmp_path_factory) -> Folder:
    """The database as it stands before the night: the first migration, and rows."""
    root = copy_project(server, tmp_path_factory.mktemp("evening") / "paypay", "paypay")
    url = lasting_database()
    folder = Folder(root, url)
    begun = folder.watari("apply", "--yes", "--to", FIRST)
    assert begun.status == 0, begun.err
    told(url, ROWS)
    return folder


@pytest.fixture
def database(evening: Folder, new_database: Callable[..., DatabaseUrl]) -> DatabaseUrl:
    """A copy of it."""
    return new_database(parse_url(evening.environ["DATABASE_URL"]).database)


@pytest.fixture
def paypay(evening: Folder, database: DatabaseUrl, tmp_path: Path) -> Folder:
    """The project on that copy, with what watari remembers."""
    shutil.copytree(evening.path, tmp_path / "paypay")
    return Folder(tmp_path / "paypay", database)


def test_the_night_of_the_runbook(
    paypay: Folder, database: DatabaseUrl, application: str, prisma_cli: PrismaCli
) -> None:
    paypay.write(
        "watari.toml",
        'framework = "prisma"\ndir = "prisma/migrations"\n[environments.production]\nurl = "env:DATABASE_URL"\n'
        "[environments.production.policy]\nrequire_backup = true\nrequire_rehearsal = true\n"
        f'probe_url = "{application}/api/stocks"\n',
    )
    before = row_counts(database)
    crossed = paypay.watari("cross", "--yes", "--json")
    assert crossed.status == 0, crossed.err + crossed.out[-2000:]
    document = crossed.document
    assert document["rehearsal"]["sound"] is True
    assert document["run"]["state"] == "done"
    assert {verdict["name"] for verdict in document["verdicts"]} >= ASKED_FOR
    assert [verdict for verdict in document["verdicts"] if verdict["state"] in ("fail", "skipped")] == []

    assert asked(database, INDEXES) == [(10,)]
    assert asked(database, "select count(*) from pg_class where relname = 'Stock' and reltuples = 500") == [(1,)]
    assert row_counts(database) == before
    done = prisma_cli(paypay.path, database, "migrate", "status")
    assert (done.returncode, "up to date" in done.stdout) == (0, True), done.stdout + done.stderr

    page = Path(document["report"]).read_text()
    assert "idx_portfolio_entry_purchase_date" in page and "answer of the application" in page.lower()
    assert not re.search(r"(src|href)=.https?:", page), "the report loads nothing from elsewhere"
    told_in_japanese = paypay.watari("report", "-o", "-", language="ja").out
    assert "検証" in told_in_japanese and "idx_stock_symbol" in told_in_japanese
    assert [run["state"] for run in paypay.watari("runs", "--json").document["runs"]] == ["done", "done"]

    back = paypay.watari("rollback", "-n", "11", "--yes", "--json")
    assert back.status == 0, back.err
    assert asked(database, INDEXES) == [(0,)]
    assert row_counts(database) == before
    done = prisma_cli(paypay.path, database, "migrate", "status")
    assert (done.returncode, done.stdout.count("\n2025110100")) == (1, 11), done.stdout
    assert paypay.watari("verify").status == 0


def test_an_index_that_is_there_already_is_named_before_anything_is_built(
    paypay: Folder, database: DatabaseUrl
) -> None:
    told(database, 'create index idx_analysis_result_signal on "AnalysisResult" (score)')
    answer = paypay.watari("apply", "--yes")
    assert answer.status == 4
    assert "20251101000004_idx_analysis_result_signal/migration.sql:1" in answer.err
    assert "public.idx_analysis_result_signal exists already" in answer.err and "hint:" in answer.err
    assert asked(database, INDEXES) == [(1,)]
    assert "すでに存在します" in paypay.watari("apply", "--yes", language="ja").err


def test_a_foreign_key_that_rows_contradict_is_refused_with_the_query_that_finds_them(
    paypay: Folder, database: DatabaseUrl
) -> None:
    told(database, 'alter table "AnalysisResult" drop constraint "AnalysisResult_stock_id_fkey"')
    told(database, 'update "AnalysisResult" set stock_id = 9999 where id <= 7')
    paypay.write(
        "prisma/migrations/20251102000000_stock_key/migration.sql",
        'ALTER TABLE "AnalysisResult" ADD CONSTRAINT again FOREIGN KEY (stock_id) REFERENCES "Stock" (id);\n',
    )
    answer = paypay.watari("apply", "--yes")
    assert answer.status == 4, answer.err
    assert "7" in answer.err and "NOT EXISTS" in answer.err and '"stock_id"' in answer.err
    assert asked(database, INDEXES) == [(0,)]


@pytest.mark.parametrize(("language", "said"), [("en", "takes nothing back"), ("ja", "何も元に戻りません")])
def test_resolve_is_not_taken_for_a_rollback(paypay: Folder, language: str, said: str) -> None:
    command = ("npx", "prisma", "migrate", "resolve", "--rolled-back", FIRST)
    answer = paypay.watari("guard", "--yes", "--", *command, language=language)
    assert answer.status == 2
    assert said in answer.err and FIRST in answer.err and "watari rollback" in answer.err


def test_a_failed_migration_says_what_resolve_does_and_does_not(
    paypay: Folder, database: DatabaseUrl, prisma_cli: PrismaCli
) -> None:
    name = "20251031000000_fails"
    paypay.write(f"prisma/migrations/{name}/migration.sql", 'CREATE TABLE "Alert" (id int);\nSELECT 1 / 0;\n')
    assert prisma_cli(paypay.path, database, "migrate", "deploy").returncode == 1
    standing = paypay.watari("status")
    assert standing.status == 1
    assert f'"{name}" failed on' in standing.out and "neither takes anything back" in standing.out
    assert "元に戻すものではありません" in paypay.watari("status", language="ja").out
    refused = paypay.watari("apply", "--yes")
    assert refused.status == 4 and "division by zero" in refused.err
    resolved = paypay.watari("guard", "--yes", "--", "/bin/echo", "prisma", "migrate", "resolve", "--rolled-back", name)
    assert resolved.status == 0, resolved.err


@pytest.mark.parametrize(("language", "said"), [("en", "drops what it finds"), ("ja", "1 つずつ削除し")])
def test_pg_restore_over_the_live_database_is_refused(
    paypay: Folder, database: DatabaseUrl, language: str, said: str
) -> None:
    command = ("pg_restore", "-h", "prod-db.example.com", "-U", "user", "-d", database.database, "-c", "backup_1.dump")
    answer = paypay.watari("guard", "--yes", "--", *command, language=language)
    assert answer.status == 2
    assert said in answer.err and "watari restore backup_1.dump" in answer.err
    assert "--clean" in paypay.watari("explain", "pg_restore", language=language).out


def test_the_runbooks_own_dump_is_restored_beside_and_never_over(paypay: Folder, database: DatabaseUrl) -> None:
    program = tool("pg_dump", at_least=18).path
    subprocess.run([program, "-F", "c", "-f", paypay.path / "b.dump", database.reveal().reveal()], check=True)
    over = paypay.watari("restore", "b.dump", "--as", database.database)
    assert over.status == 2 and "never writes into an existing database" in over.err
    beside = f"{database.database}_beside"
    restored = paypay.watari("restore", "b.dump", "--as", beside)
    try:
        assert restored.status == 0, restored.err
        assert row_counts(database.of_database(beside)) == row_counts(database)
    finally:
        told(database, f'drop database if exists "{beside}" with (force)')
