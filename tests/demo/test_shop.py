"""The shop and the people in it, on a real server."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time

import psycopg
import pytest

from demo.conftest import ORDERS
from watari.demo.application import Application
from watari.demo.loading import copy_database, drop_database, size_of
from watari.demo.naive import apply_as_written
from watari.demo.project_folder import SHOP, pending_files
from watari.demo.shopping import Shopper
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl


def ask(url: DatabaseUrl, query: str) -> object:
    with psycopg.connect(**url.conninfo()) as session:
        row = session.execute(query.encode()).fetchone()
        return row[0] if row else None


SCHEMA = """
    select string_agg(line, E'\\n' order by line) from (
        select format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) as line
        from information_schema.columns where table_schema = 'public'
        union all select indexdef from pg_indexes where schemaname = 'public'
        union all select conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace
    ) as everything
"""


def test_a_loaded_shop_keeps_every_promise_of_its_schema(shop: DatabaseUrl) -> None:
    assert ask(shop, "select count(*) from orders") == ORDERS
    assert ask(shop, "select count(*) from customers") == ORDERS // 10
    stray = "select count(*) from orders o where not exists (select from customers c where c.id = o.customer_id)"
    assert ask(shop, stray) == 0
    stray = "select count(*) from order_items i where not exists (select from orders o where o.id = i.order_id)"
    assert ask(shop, stray) == 0
    assert ask(shop, "select count(*) from orders where status is null") == 0
    assert size_of(shop) > 1_000_000


def test_the_pending_files_go_up_and_their_way_down_leads_back(shop: DatabaseUrl) -> None:
    before = ask(shop, SCHEMA)
    apply_as_written(shop, pending_files())
    assert ask(shop, SCHEMA) != before
    assert ask(shop, "select pg_typeof(total_yen)::text from orders limit 1") == "bigint"
    apply_as_written(shop, sorted((SHOP / "pending").glob("*.down.sql"), reverse=True))
    assert ask(shop, SCHEMA) == before


def test_every_file_has_its_way_back() -> None:
    for folder in ("migrations", "pending"):
        ups, downs = (
            {path.name.split(".")[0] for path in (SHOP / folder).glob(f"*.{way}.sql")} for way in ("up", "down")
        )
        assert ups == downs != set()
    numbers = [int(re.match(r"\d+", path.name)[0]) for path in sorted(SHOP.glob("*/*.up.sql"))]  # type: ignore[index]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("crossed", [False, True])
def test_the_application_works_before_and_after_the_pending_migrations(shop: DatabaseUrl, crossed: bool) -> None:
    if crossed:
        apply_as_written(shop, pending_files())
    with psycopg.connect(**shop.conninfo(), autocommit=True) as session:
        shopper = Shopper(connection=session, orders=ORDERS, chance=random.Random(1))
        for operation in (shopper.look_at_order, shopper.look_at_customer, shopper.move_order_on, shopper.place_order):
            operation()
    assert ask(shop, "select count(*) from orders") == ORDERS + 1
    assert ask(shop, "select count(*) from order_items") == ORDERS + 1


def test_the_application_times_what_it_does(shop: DatabaseUrl) -> None:
    began = time.monotonic()
    application = Application.start(shop, orders=ORDERS)
    recording = application.stop()
    found = recording.between(began, time.monotonic())
    assert found.operations > 4 and found.failed == 0
    assert 0 < found.p50 <= found.p99 <= found.longest
    assert application.stop() is recording, "stopping twice is fine"


def test_a_lock_shows_as_a_stall_of_the_application(shop: DatabaseUrl) -> None:
    application = Application.start(shop, orders=ORDERS)
    try:
        with psycopg.connect(**shop.conninfo()) as session:
            session.execute("lock table orders, customers")
            began = time.monotonic()
            held = 1.0
            time.sleep(held)
            session.rollback()
        ended = time.monotonic()
        assert application.waiting > 0
    finally:
        recording = application.stop()
    found = recording.between(began, ended)
    assert found.longest >= held * 0.9
    assert found.gap >= held * 0.9


def test_failures_are_counted_and_a_lost_connection_is_made_anew(shop: DatabaseUrl) -> None:
    application = Application.start(shop, orders=ORDERS)
    began = time.monotonic()
    with psycopg.connect(**shop.conninfo(), autocommit=True) as session:
        session.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'shop'")
        lost = time.monotonic()
        while not ask(shop, "select count(*) from pg_stat_activity where application_name = 'shop'"):
            assert time.monotonic() < lost + 20
    found = application.stop().between(began, time.monotonic())
    assert found.failed >= 1
    assert any("AdminShutdown" in said or "OperationalError" in said for said in found.errors)


def test_the_application_ends_with_whoever_started_it(shop: DatabaseUrl) -> None:
    script = (
        "import os, sys, json\n"
        "from watari.demo.application import Application\n"
        "from watari.project.url import parse_url\n"
        "application = Application.start(parse_url(os.environ['SHOP']), orders=1000)\n"
        "print(application._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    environment = {"SHOP": shop.reveal().reveal(), "PATH": "/usr/bin:/bin"}
    starter = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert starter.returncode == -9, starter.stderr
    end = time.monotonic() + 20
    while ask(shop, "select count(*) from pg_stat_activity where application_name = 'shop'"):
        assert time.monotonic() < end, "its connections are still there"
        time.sleep(0.05)


def test_a_second_copy_has_the_same_rows(server: EmbeddedServer, shop: DatabaseUrl) -> None:
    copy = copy_database(server.url(), shop.database, f"{shop.database}_copy")
    assert ask(copy, "select count(*) from orders") == ORDERS
    drop_database(server.url(), copy.database)
