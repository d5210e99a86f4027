"""Rows and values that a statement takes away are copied aside with it, and come back but for what was written since."""

from __future__ import annotations

import re
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from planning.conftest import ALL_LARGE, in_no_order, migration, plan_of, run
from planning.equality import pair_on, unequal
from planning.test_way_back import back, of
from watari.catalog import COPIED, KeptKind
from watari.catalog.difference import difference
from watari.planning.letting_go import letting_go
from watari.planning.plan import Plan, StepKind
from watari.planning.way_back import questions
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy

SHOP = """
    create table customers (id int primary key, name text not null, level numeric default 1, data json);
    create table orders (
        id bigint generated always as identity primary key, customer_id int references customers, "Code" varchar(20) unique,
        total int, twice int generated always as (total * 2) stored, placed timestamptz default '2026-01-01'
    );
    create table notes (order_id bigint, body text);
    create table parts (id int, day date, n int, primary key (id, day)) partition by range (day);
    create table parts_1 partition of parts for values from ('2026-01-01') to ('2026-07-01');
    create table parts_2 partition of parts for values from ('2026-07-01') to ('2027-01-01');
    create table lines (id int primary key, body text);
    create table serials (id serial primary key, body text);
    insert into customers select n, 'c' || n, n / 3.0, json_build_object('n', n) from generate_series(1, 40) n;
    insert into orders (customer_id, "Code", total) select 1 + n % 40, 'code' || n, n from generate_series(1, 300) n;
    insert into notes select n, 'note ' || n from generate_series(1, 300) n;
    insert into parts select n, date '2026-01-01' + n, n from generate_series(0, 300) n;
    insert into lines select n, 'line ' || n from generate_series(1, 300) n;
    insert into serials (body) select 'b' || n from generate_series(1, 50) n;
"""

STATEMENTS = [
    "delete from orders",
    "delete from orders where total % 3 = 0",
    "delete from orders as o using customers c where o.customer_id = c.id and c.id < 10",
    "with few as (select id from customers where id < 5) delete from orders where customer_id in (select id from few)",
    "delete from notes where body like '%1%'",
    "delete from parts where n > 100",
    "update orders set total = total + 1",
    """update orders as o set total = -total, "Code" = upper("Code") || '!' where total > 10 and total < random() + 200""",
    "update orders set total = c.id from customers c where c.id = orders.customer_id and c.name like '%1'",
    "update customers set data = '{}', level = level * 2 where id in (1, 2, 3)",
    "update parts set n = n * 2",
    "update orders set (total, placed) = (select 1, timestamptz '2020-01-01') where id = 7",
    "truncate lines",
    "truncate parts, lines",
    "truncate orders cascade",
    "truncate serials restart identity",
    "delete from notes where order_id < 5; update orders set total = 0; delete from notes where order_id < 9; "
    "alter table notes add column more text; update orders set total = 1 where id < 10",
]
TABLES = ("customers", "orders", "notes", "lines", "parts", "serials")
SMALL = Policy()
_COPY = re.compile(r"left behind: watari_(deleted|overwritten)_")


def rows_of(connection: psycopg.Connection) -> dict[str, list[object]]:
    found = {}
    for table in TABLES:
        query = sql.SQL("select t::text from {} t order by 1").format(sql.Identifier(table))
        found[table] = connection.execute(query).fetchall()
    return found


def there_and_back(server: EmbeddedServer, statement: str, policy: Policy) -> None:
    with pair_on(server, SHOP) as pair:
        change = migration("001", statement)
        before = rows_of(pair.planned)
        pair.written.execute("select setseed(0.5)")
        pair.planned.execute("select setseed(0.5)")
        plan = pair.cross(statement, policy=policy)
        if "random" not in statement:
            assert [line for line in unequal(pair) if not _COPY.search(line)] == []
        kept = read_catalog(pair.planned).kept
        assert kept and {each.kind for each in kept} <= {KeptKind.ROWS, KeptKind.VALUES}
        assert plan.losses == ()
        assert rows_of(pair.planned) != before
        way = back(read_catalog(pair.planned), *of(plan, change), policy=policy)
        assert way.ways == (("001", "undo"),)
        run(pair.planned, way.steps)
        assert rows_of(pair.planned) == before
        assert read_catalog(pair.planned).kept == ()
        assert difference(in_no_order(pair.before), in_no_order(pair.catalog())) == ()
        left = pair.planned.execute("select relname from pg_class where relname ~ '^watari_'").fetchall()
        assert left == []


@pytest.mark.parametrize("policy", [SMALL, ALL_LARGE], ids=["small", "large"])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_a_statement_takes_away_comes_back(server: EmbeddedServer, statement: str, policy: Policy) -> None:
    there_and_back(server, statement, policy)


@pytest.mark.parametrize("policy", [SMALL, ALL_LARGE], ids=["small", "large"])
@pytest.mark.parametrize("statement", [each for each in STATEMENTS if "update" in each])
def test_what_a_statement_takes_away_comes_back_on_15(server_15, statement: str, policy: Policy) -> None:
    there_and_back(server_15, statement, policy)


def asked(connection: psycopg.Connection, plan: Plan) -> dict[str, int]:
    change = migration("001", "")
    found = questions(of(plan, change), read_catalog(connection))
    answers = {query: connection.execute(query.encode()).fetchone()[0] for query in found}
    return {query: count for query, count in answers.items() if count}


@pytest.mark.parametrize("policy", [SMALL, ALL_LARGE], ids=["small", "large"])
def test_what_was_written_since_stands_and_is_counted(server: EmbeddedServer, policy: Policy) -> None:
    statement = (
        "update orders set total = total + 1; update orders set total = total * 2 where id < 100; "
        "delete from orders where id > 250; delete from lines where id < 50"
    )
    with pair_on(server, SHOP) as pair:
        before = rows_of(pair.planned)
        plan = pair.cross(statement, policy=policy)
        shop = pair.planned
        assert asked(shop, plan) == {}
        shop.execute("update orders set total = -1 where id = 5")  # of the second UPDATE
        shop.execute("update orders set total = -2 where id in (200, 201)")  # of the first one alone
        shop.execute("delete from orders where id = 6")
        shop.execute("insert into orders (id, customer_id, \"Code\") overriding system value values (300, 1, 'since')")
        shop.execute(
            "insert into orders (id, customer_id, \"Code\") overriding system value values (999, 1, 'code299')"
        )
        shop.execute("update orders set customer_id = 2 where customer_id = 40; delete from customers where id = 40")
        shop.execute("insert into lines values (7, 'since'); update lines set body = 'since' where id = 60")
        written = rows_of(shop)
        answers = asked(shop, plan)
        assert sorted(answers.values()) == [1, 1, 1, 1, 1, 2]
        change = migration("001", statement)
        way = back(read_catalog(shop), *of(plan, change), policy=policy, answers=answers)
        told = " ".join(note.en for step in way.steps for note in step.notes)
        assert "2 rows of public.orders keep" in told and "1 of the deleted rows of public.lines" in told
        run(shop, way.steps)
        assert shop.execute("select id, total from orders where id in (4, 5, 6, 200, 210, 300) order by id").fetchall() == [
            (4, 4), (5, -1), (200, -2), (210, 210), (300, None),
        ]  # fmt: skip
        assert shop.execute("select count(*) from orders where id in (251, 279, 298, 299, 999)").fetchone() == (3,)
        assert shop.execute("select body from lines where id in (6, 7, 60) order by id").fetchall() == [
            ("line 6",), ("since",), ("since",),
        ]  # fmt: skip
        assert set(written["lines"]) <= set(rows_of(shop)["lines"])
        assert len(before["lines"]) == len(rows_of(shop)["lines"])


@pytest.mark.parametrize("statement", ["delete from notes", "update orders set total = 0", "truncate lines"])
def test_nothing_is_copied_where_no_row_would_be_lost_or_the_policy_forbids_it(server, statement: str) -> None:
    with pair_on(server, SHOP.split("insert into customers")[0]) as pair:
        pair.cross(statement)
        assert read_catalog(pair.planned).kept == () and unequal(pair) == []
    with pair_on(server, SHOP) as pair:
        plan = plan_of(pair.before, migration("001", statement), policy=replace(SMALL, keep=0))
        assert not any(step.keeps or "watari" in text for step in plan.steps for text in step.sql)
        plan = plan_of(pair.before, migration("001", statement), policy=replace(SMALL, keep_bytes=1000))
        assert any("keep_bytes" in note.en for step in plan.steps for note in step.notes)
        assert plan.losses and not any(step.keeps for step in plan.steps)


@pytest.mark.parametrize(
    ("setup", "statement", "why"),
    [
        ("create rule r as on delete to notes do also notify x", "delete from notes", "rules"),
        ("create table heirs () inherits (notes)", "delete from notes", "inherited from"),
        ("create publication p for all tables", "delete from lines", "FOR ALL TABLES"),
        ("", "update notes set body = ''", "no key"),
        ("", "update lines set id = id + 1000", "no key"),
        ("alter table orders drop constraint orders_customer_id_fkey, add foreign key (customer_id) references customers "
         "on delete cascade", "delete from customers", "takes rows or values"),
        ("", "delete from notes returning order_id", "returns rows"),
        ("create type mood as enum ('a'); alter table notes add m mood default 'a'",
         "delete from notes; alter table notes drop m; drop type mood", "dropped later"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_again_is_not_kept_and_the_plan_says_why(
    server, setup: str, statement: str, why: str
) -> None:
    with pair_on(server, SHOP + setup) as pair:
        plan = pair.cross(statement, policy=SMALL)
        assert any(why in note.en for step in plan.steps for note in step.notes)
        assert not [kept for kept in read_catalog(pair.planned).kept if kept.kind in COPIED]


def test_nobody_else_may_read_a_copy_and_it_is_let_go_without_a_trace(server: EmbeddedServer) -> None:
    with pair_on(server, SHOP) as pair:
        shop = pair.planned
        shop.execute("alter default privileges grant select on tables to public")
        shop.execute("create schema watari; grant usage on schema watari to public")
        pair.cross("delete from orders where id < 10", policy=SMALL)
        (kept,) = read_catalog(shop).kept
        counted = sql.SQL("select count(*) from {}").format(sql.SQL(kept.relation))
        reader = f"reader_{shop.info.backend_pid}"
        shop.execute(f"create role {reader}")
        try:
            shop.execute(f"set role {reader}")
            assert shop.execute(counted).fetchone() == (0,)
        finally:
            shop.execute("reset role")
            shop.execute(f"drop role {reader}")
        assert shop.execute(counted).fetchone() == (9,)
        for text in letting_go(kept).sql:
            shop.execute(text.encode())
        assert [each for each in unequal(pair) if "left behind" in each] == []


def test_a_table_without_a_key_is_not_copied_under_the_lock_of_truncate(server: EmbeddedServer) -> None:
    with pair_on(server, SHOP) as pair:
        plan = plan_of(pair.before, migration("001", "truncate notes"), policy=ALL_LARGE)
        assert any("under the lock of TRUNCATE" in note.en for step in plan.steps for note in step.notes)
        assert [step.kind for step in plan.steps] == [StepKind.TRANSACTION]
