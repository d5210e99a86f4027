"""A change in phases, days apart: stops for a deployment, goes on, goes back, and lets go of what it kept, in both languages."""

from __future__ import annotations

import os
import pty
import subprocess

import psycopg
import pytest
from fixtures.program import PROGRAM, Folder

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


def answering(folder: Folder, answers: str, *words: str) -> tuple[int, str]:
    """Calls the program at a terminal, where each of its questions is answered with one of these letters."""
    ours, theirs = pty.openpty()
    said = ""
    with subprocess.Popen(
        [str(PROGRAM), *words],
        cwd=folder.path,
        env={"PATH": "/usr/bin:/bin", "TERM": "dumb", "WATARI_LANG": "en", **folder.environ},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        left = list(answers)
        try:
            while data := os.read(ours, 65536):
                said += data.decode(errors="replace")
                if left and said.count("[y/N]") > len(answers) - len(left):
                    os.write(ours, f"{left.pop(0)}\n".encode())
        except OSError:  # the other end is closed
            pass
        finally:
            os.close(ours)
        return process.wait(60), said


def test_at_a_terminal_it_asks_whether_the_application_is_out(shop: Folder) -> None:
    status, said = answering(shop, "yn", "apply")
    assert status == 5, said
    assert "Is it out? [y/N]" in said and "Deploy the application" in said and "--deployed" in said
    assert asked(shop, "select state from watari.run order by started_at desc limit 1") == [("stopped",)]
    status, said = answering(shop, "yy", "apply")
    assert status == 0, said
    assert asked(shop, "select count(*) from watari.run where state = 'done'") == [(2,)]
    assert shop.watari("verify").status == 0


def test_cross_stops_for_a_deployment_and_goes_on_when_it_is_out(shop: Folder) -> None:
    stopped = shop.watari("cross", "--yes")
    assert stopped.status == 5 and "--deployed" in stopped.err, stopped.err
    status, said = answering(shop, "yy", "cross")
    assert status == 0, said
    assert said.count("Is it out? [y/N]") == 1


def test_cross_goes_past_a_deployment_that_is_said_to_be_out(shop: Folder) -> None:
    done = shop.watari("cross", "--yes", "--deployed")
    assert done.status == 0, done.err
