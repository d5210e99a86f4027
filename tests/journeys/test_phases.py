"""A change in phases, days apart: stops for a deployment, goes on, goes back, and lets go of what it kept, in both languages."""

from __future__ import annotations

import psycopg
import pytest
from fixtures.program import Folder

POLICY = """
[environments.default]
url = "env:DATABASE_URL"
[environments.default.policy]
pause_for_deployments = true
"""


@pytest.fixture
def shop(folder: Folder) -> Folder:
    folder.write("watari.toml", POLICY)
    folder.write(
        "migrations/001_shop.sql", "CREATE TABLE orders (id int PRIMARY KEY, note text, total int NOT NULL);\n"
    )
    assert folder.watari("apply", "--yes").status == 0
    asked(folder, "insert into orders select n, 'note ' || n, n from generate_series(1, 200) n")
    asked(folder, "analyze")
    folder.write("migrations/002_wider.sql", "ALTER TABLE orders ADD COLUMN extra text;\n")
    folder.write("migrations/003_narrower.sql", "ALTER TABLE orders DROP COLUMN note;\n")
    return folder


def asked(folder: Folder, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(folder.environ["DATABASE_URL"], autocommit=True) as own:
        cursor = own.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def test_a_run_stops_for_a_deployment_and_goes_on_when_it_is_out(shop: Folder) -> None:
    planned = shop.watari("plan")
    assert "Deploy the application" in planned.out and "public.orders.note" in planned.out
    for _ in range(2):
        stopped = shop.watari("apply", "--yes")
        assert stopped.status == 5
        assert "waits" in stopped.err and "--deployed" in stopped.err
    assert asked(shop, "select count(note), count(extra) from orders") == [(200, 0)]
    japanese = shop.watari("apply", "--yes", "--lang", "ja")
    assert japanese.status == 5 and "デプロイ" in japanese.err
    done = shop.watari("apply", "--yes", "--deployed", "--json")
    assert done.status == 0 and done.document["state"] == "done"
    assert shop.watari("status").out.count("watari_dropped_note") == 1
    assert shop.watari("verify").status == 0


def test_back_from_the_pause_and_back_from_the_end_lose_nothing(shop: Folder) -> None:
    before = asked(shop, "select * from orders order by id")
    assert shop.watari("apply", "--yes").status == 5
    run = shop.watari("runs", "--json").document["runs"][0]["run"]
    assert shop.watari("rollback", "--run", run, "--yes").status == 0
    assert asked(shop, "select * from orders order by id") == before
    assert shop.watari("apply", "--yes", "--deployed").status == 0
    asked(shop, "insert into orders (id, total) values (201, 7)")
    back = shop.watari("rollback", "-n", "2", "--yes")
    assert back.status == 0, back.err
    assert asked(shop, "select * from orders where id <= 200 order by id") == before
    assert asked(shop, "select note, total from orders where id = 201") == [(None, 7)]


def test_what_is_kept_is_shown_with_rows_and_bytes_before_it_goes(shop: Folder) -> None:
    assert shop.watari("apply", "--yes", "--deployed").status == 0
    asked(shop, "analyze")
    refused = shop.watari("release")
    assert refused.status == 2 and "about 200 rows" in refused.err
    assert shop.watari("release", "--due", "--yes", "--json").document == {"released": []}
    released = shop.watari("release", "--yes", "--json").document["released"]
    assert [(each["name"], each["kind"], each["rows"]) for each in released] == [("public.orders.note", "column", 200)]
    assert asked(shop, "select count(*) from information_schema.columns where column_name like 'watari%'") == [(0,)]
    assert shop.watari("rollback", "--yes").status == 4
    assert "kept" not in shop.watari("status").out
