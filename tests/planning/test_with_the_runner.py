"""Plans as the real runner carries them out, there and back, with an application that goes on writing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from fixtures.runs import Listed

from planning.conftest import ALL_LARGE, in_no_order, migration, plan_of
from planning.test_rewrites import RICH
from planning.test_way_back import back, of
from watari.catalog.difference import difference
from watari.evidence.run import RunState
from watari.execution import runner
from watari.migrations import Migration
from watari.planning.canonical import dumps
from watari.planning.plan import Plan
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

CHANGES = (
    "create index on orders (code); alter table orders add token uuid not null default gen_random_uuid()",
    'alter table orders alter "Customer" type bigint, alter id type bigint, alter code set not null',
    "alter table orders add foreign key (qty) references customers, add check (qty > 0), add unique (token); drop index by_both",
)


def carry_out(plan: Plan, url: DatabaseUrl, migrations: list[Migration]) -> None:
    found = runner.run(plan, dumps(plan), url=url, framework=Listed(), migrations=migrations, policy=ALL_LARGE)
    assert found.state is RunState.DONE, found.error


@contextmanager
def writing(url: DatabaseUrl, prefix: str) -> Iterator[list[str]]:
    """An application that inserts, updates and deletes all the time; its failures come out."""
    stop, failures, done = threading.Event(), [], [0]

    def work() -> None:
        with psycopg.connect(**url.conninfo(), autocommit=True, prepare_threshold=None) as application:
            while not stop.is_set():
                done[0] += 1
                key = f"{prefix}{done[0]}"
                try:
                    insert = 'insert into orders ("Customer", code, qty) values (%s, %s, %s)'
                    application.execute(insert, [1 + done[0] % 50, key, 1 + done[0] % 50])
                    application.execute('update orders set "Customer" = 3 + qty %% 40 where code = %s', [key])
                    if done[0] % 3 == 0:
                        application.execute("delete from orders where code = %s", [key])
                except psycopg.Error as failure:
                    failures.append(repr(failure))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield failures
    finally:
        stop.set()
        thread.join()
        assert done[0] > 10


def test_plans_run_there_and_back_under_an_application(database: DatabaseUrl) -> None:
    migrations = [migration(f"{n:03d}", text) for n, text in enumerate(CHANGES)]
    with psycopg.connect(**database.conninfo(), autocommit=True) as connection:
        connection.execute(RICH.encode())
        connection.execute("update orders set qty = 1 + qty % 50")
        connection.execute("analyze")
        hidden = ("public.listed",)
        before = read_catalog(connection, leave_out=hidden)
        plan = plan_of(before, *migrations)
        with writing(database, "there") as failures:
            carry_out(plan, database, migrations)
        assert failures == []
        after = read_catalog(connection, leave_out=hidden)
        assert {c.type for c in after.tables[next(iter(t for t in after.tables if t.name == "orders"))].columns} >= {
            "bigint"
        }
        assert connection.execute("select id from listed order by 1").fetchall() == [("000",), ("001",), ("002",)]
        for kind, object, state in plan.expected:
            there = (kind, object) in {("index", str(name)) for name in after.indexes}
            assert kind != "index" or there is (state == "valid"), object
        way = back(after, *of(plan, *migrations))
        with writing(database, "back") as failures:
            carry_out(way, database, migrations)
        assert failures == []
        assert connection.execute("select count(*) from listed").fetchone() == (0,)
        assert difference(in_no_order(before), in_no_order(read_catalog(connection, leave_out=hidden))) == ()
        assert connection.execute('select count(*) from orders where "Customer" is null').fetchone() == (0,)
