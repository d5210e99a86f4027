"""`watari cross` on plain SQL and on Prisma: the whole line, and how it stops at each gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from fixtures.program import Folder
from fixtures.projects import ProjectCopy

from journeys.comparing import asked, told
from watari.project.url import DatabaseUrl

STAGES = ["1. status", "2. check", "3. plan", "4. rehearsal", "5. backup", "6. run", "7. verification", "8. report"]


@pytest.fixture
def shop(folder: Folder, database: DatabaseUrl) -> Folder:
    """A plain SQL project with orders in its database and three migrations to go."""
    told(
        database,
        "create table customers (id int primary key, name text);"
        "create table orders (id int primary key, customer int, amount int);"
        "insert into customers select g, 'c' || g from generate_series(1, 200) g;"
        "insert into orders select g, 1 + g % 200, g from generate_series(1, 5000) g; analyze",
    )
    folder.write("migrations/001_index.up.sql", "CREATE INDEX orders_customer ON orders (customer);\n")
    folder.write("migrations/001_index.down.sql", "DROP INDEX orders_customer;\n")
    folder.write(
        "migrations/002_key.sql",
        "ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES customers (id);\n",
    )
    folder.write("migrations/003_amount.sql", "ALTER TABLE orders ALTER COLUMN amount SET NOT NULL;\n")
    return folder


#: What is lost is lost: with copies of the rows aside neither statement would block.
UNKEPT = '[environments.default]\nurl = "${DATABASE_URL}"\n[environments.default.policy]\nkeep = 0\n'


def stages(said: str) -> list[str]:
    """The stages that the line came to."""
    return [stage for stage in STAGES if f"\n{stage}" in f"\n{said}"]


def untouched(folder: Folder, database: DatabaseUrl, applied: int = 0) -> None:
    """Fails where something was changed beyond the migrations that were applied before."""
    (entry,) = folder.watari("status", "--json").document["databases"]
    assert len(entry["applied"]) == applied
    assert asked(database, "select count(*) from pg_indexes where indexname = 'orders_customer'") == [(0,)]


def backups(folder: Folder) -> list[dict[str, Any]]:
    """What `backup list` shows."""
    return list(folder.watari("backup", "list", "--json").document["backups"])


def test_the_whole_line_and_nothing_to_do_afterwards(shop: Folder, database: DatabaseUrl) -> None:
    crossed = shop.watari("cross", "--yes")
    assert crossed.status == 0, crossed.err
    assert stages(crossed.err) == STAGES
    assert asked(database, "select count(*) from pg_constraint where conname = 'orders_customer_fkey'") == [(1,)]
    report = Path(crossed.out.strip().splitlines()[-1].strip())
    assert report.suffix == ".html" and "orders_customer_fkey" in report.read_text()
    assert len(backups(shop)) == 1

    again = shop.watari("cross", "--yes", "--json")
    assert again.status == 0
    assert again.document["status"]["state"] == "up_to_date"
    assert set(again.document) == {"status"}
    back = shop.watari("rollback", "-n", "3", "--yes")
    assert back.status == 0, back.err
    untouched(shop, database)


def test_its_document_holds_each_stage(shop: Folder) -> None:
    document = shop.watari("cross", "--yes", "--json", language="ja").document
    assert set(document) == {"status", "check", "plan", "rehearsal", "backup", "run", "verdicts", "report"}
    assert document["rehearsal"]["sound"] is True and document["run"]["state"] == "done"


def test_without_a_terminal_it_stops_before_the_run_and_says_how_to_go_on(shop: Folder, database: DatabaseUrl) -> None:
    stopped = shop.watari("cross")
    assert stopped.status == 2
    assert "--yes" in stopped.err
    untouched(shop, database)


def test_a_hazard_that_blocks_stops_it_before_rehearsal_and_backup(shop: Folder, database: DatabaseUrl) -> None:
    shop.write("migrations/004_drop.sql", "DELETE FROM orders;\nDROP TABLE customers CASCADE;\n")
    shop.write("watari.toml", UNKEPT)
    for language, word in (("en", "rules.destroy-no-where"), ("ja", "許可")):
        stopped = shop.watari("cross", "--yes", language=language)
        assert stopped.status == 4, stopped.err
        assert "004_drop.sql" in stopped.err and word in stopped.err
        if language == "en":
            assert stages(stopped.err) == STAGES[:3]
    assert backups(shop) == []
    untouched(shop, database)


def test_a_proof_that_fails_stops_it_before_the_backup(shop: Folder, database: DatabaseUrl) -> None:
    shop.write("migrations/003_amount.down.sql", "ALTER TABLE orders DROP COLUMN amount;\n")
    shop.write("migrations/003_amount.up.sql", (shop.path / "migrations/003_amount.sql").read_bytes())
    (shop.path / "migrations/003_amount.sql").unlink()
    stopped = shop.watari("cross", "--yes")
    assert stopped.status == 1, stopped.err
    assert stages(stopped.err) == STAGES[:4]
    assert "nothing was run" in stopped.out
    assert backups(shop) == []
    untouched(shop, database)


def test_rows_that_a_step_will_fail_on_stop_it_with_the_query_that_finds_them(
    shop: Folder, database: DatabaseUrl
) -> None:
    told(database, "update orders set customer = 999 where id <= 3")
    stopped = shop.watari("cross", "--yes")
    assert stopped.status in (1, 4), stopped.err
    assert "orders" in stopped.err + stopped.out
    untouched(shop, database)


def test_an_edited_migration_stops_it_though_nothing_is_pending(shop: Folder, database: DatabaseUrl) -> None:
    assert shop.watari("apply", "--yes").status == 0
    shop.write("migrations/001_index.up.sql", "CREATE INDEX orders_customer ON orders (customer, id);\n")
    stopped = shop.watari("cross", "--yes")
    assert stopped.status == 4
    assert "001_index" in stopped.err
    assert stages(stopped.err) == STAGES[:1]


def test_a_run_that_stopped_is_named_until_it_ends_or_its_file_is_withdrawn(
    shop: Folder, database: DatabaseUrl
) -> None:
    shop.write("migrations/004_fails.sql", "SELECT 1 / 0;\n")
    assert shop.watari("apply", "--yes").status == 5
    (entry,) = shop.watari("status", "--json").document["databases"]
    assert [problem["kind"] for problem in entry["problems"]] == ["unended"]
    (shop.path / "migrations/004_fails.sql").unlink()
    assert shop.watari("status").status == 0
    assert "nothing to do" in shop.watari("cross", "--yes").out


def test_a_check_that_fails_after_the_run_is_told_with_one(shop: Folder, database: DatabaseUrl) -> None:
    shop.write(
        "watari.toml",
        '[environments.default]\nurl = "env:DATABASE_URL"\n'
        '[environments.default.policy]\nprobe_url = "http://127.0.0.1:9/health"\n',
    )
    crossed = shop.watari("cross", "--yes")
    assert crossed.status == 1, crossed.err
    assert stages(crossed.err) == STAGES
    assert shop.watari("status").status == 0


def test_the_policy_of_an_environment_asks_for_what_the_line_makes(shop: Folder) -> None:
    shop.write(
        "watari.toml",
        '[environments.production]\nurl = "env:DATABASE_URL"\n'
        "[environments.production.policy]\nrequire_backup = true\nrequire_rehearsal = true\n",
    )
    refused = shop.watari("apply", "-e", "production", "--yes")
    assert refused.status == 4
    assert "watari rehearse" in refused.err and "backup" in refused.err
    crossed = shop.watari("cross", "-e", "production", "--yes")
    assert crossed.status == 0, crossed.err


def test_a_database_that_changed_while_somebody_thought_is_not_run_on(shop: Folder, database: DatabaseUrl) -> None:
    assert shop.watari("plan", "-o", "plan.json").status == 0
    told(database, "alter table orders add column later int")
    stopped = shop.watari("apply", "plan.json", "--yes")
    assert stopped.status == 4
    assert "watari plan" in stopped.err
    untouched(shop, database)


def test_prisma_across_the_whole_line(project_copy: ProjectCopy, database: DatabaseUrl) -> None:
    folder = Folder(project_copy("paypay"), database)
    crossed = folder.watari("cross", "--yes", "--json")
    assert crossed.status == 0, crossed.err
    assert crossed.document["rehearsal"]["sound"] is True
    with psycopg.connect(**database.conninfo()) as own:
        rows = own.execute("select count(*), count(finished_at) from _prisma_migrations").fetchone()
    assert rows is not None and rows[0] == rows[1] == len(list((folder.path / "prisma/migrations").glob("*/")))
