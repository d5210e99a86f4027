"""Rows that would make a later step fail are found before the first step, and only where nobody repairs them."""

from __future__ import annotations

import psycopg
import pytest

from planning.conftest import migration, plan_of
from watari.planning.plan import Precheck
from watari.postgres.reader import read_catalog

SHOP = """
    create table customers (id int primary key, "Code" text);
    create table orders (id int, customer int, code text, total int);
    insert into customers values (1, 'a'), (2, 'b');
    insert into orders values
        (1, 1, 'x', 5), (2, 2, 'y', -1), (3, 9, 'x', null), (4, null, null, 7), (5, 8, null, -3), (6, 1, 'X', 0); update orders set code = 'Xyz  ' where id = 6;
"""


def prechecks(connection: psycopg.Connection, *sql: str) -> tuple[Precheck, ...]:
    return plan_of(read_catalog(connection), *(migration(f"{n}", text) for n, text in enumerate(sql))).prechecks


@pytest.fixture
def shop(connection: psycopg.Connection) -> psycopg.Connection:
    connection.execute(SHOP)
    connection.execute("analyze")
    return connection


@pytest.mark.parametrize(
    ("statement", "answers"),
    [
        ("alter table orders add foreign key (customer) references customers", [("orphans", "public.orders.customer", 2)]),
        ("alter table orders add foreign key (customer) references customers (id) not valid", []),
        ("alter table orders alter total set not null", [("nulls", "public.orders.total", 1)]),
        ("alter table orders alter id set not null", [("nulls", "public.orders.id", 0)]),
        ("alter table customers alter id set not null", []),
        ("alter table orders add constraint plus check (total > 0)", [("violations", "public.orders.plus", 3)]),
        ("alter table orders add unique (code)", [("duplicates", 'public.orders.code', 1)]),
        ("alter table orders add unique nulls not distinct (code)", [("duplicates", "public.orders.code", 2)]),
        (
            "alter table orders add primary key (code)",
            [("nulls", "public.orders.code", 2), ("duplicates", "public.orders.code", 1)],
        ),
        ("create unique index on orders (lower(code))", [("duplicates", "public.orders.lower(code)", 1)]),
        ("create unique index on orders (code) where total > 0", [("duplicates", "public.orders.code", 0)]),
        ("create index on orders (code)", []),
        ("alter table orders add column must text not null", [("nulls", "public.orders.must", 6)]),
        ("alter table orders add column must text not null default '', add n serial not null", []),
        ("alter table orders alter code type varchar(2)", [("violations", "public.orders.code", 1)]),
        ("alter table orders alter code type varchar(5)", [("violations", "public.orders.code", 0)]),
        ("alter table orders alter total type smallint", [("violations", "public.orders.total", 0)]),
        ("alter table orders alter total type bigint", []),
        ("alter table orders alter total type varchar(1) using total::text", []),
        ('alter table customers add check ("Code" <> \'b\')', [("violations", 'public.customers."Code"', 1)]),
        ("alter table orders rename to bestellungen; alter table bestellungen alter code set not null",
         [("nulls", "public.bestellungen.code", 2)]),
    ],
)  # fmt: skip
def test_what_would_fail_is_counted(
    shop: psycopg.Connection, statement: str, answers: list[tuple[str, str, int]]
) -> None:
    found = prechecks(shop, statement)
    counted = [(check.name, check.object, shop.execute(check.query.encode()).fetchone()[0]) for check in found]  # type: ignore[index]
    assert counted == answers


@pytest.mark.parametrize(
    "statements",
    [
        ["update orders set total = 1 where total is null or total < 1; alter table orders add check (total > 0)"],
        ["delete from orders where customer > 2", "alter table orders add foreign key (customer) references customers"],
        ["insert into customers values (8), (9); alter table orders add foreign key (customer) references customers"],
        ["alter table orders add note text", "alter table orders alter note set not null"],
        ["create table t (id int)", "alter table t alter id set not null"],
        [
            "create function f(x int) returns bool language sql as 'select x > 0'; alter table orders add check (f(total))"
        ],
        ["alter table orders rename column code to kind; alter table orders alter kind set not null"],
    ],
)
def test_what_the_plan_repairs_or_makes_itself_is_not_asked_for(
    shop: psycopg.Connection, statements: list[str]
) -> None:
    assert prechecks(shop, *statements) == ()


def test_a_precheck_belongs_to_the_step_that_would_fail(shop: psycopg.Connection) -> None:
    sql = "create table t (id int); alter table orders alter total set not null; alter table orders add unique (code)"
    plan = plan_of(read_catalog(shop), migration("001", sql))
    steps = {step.id: step for step in plan.steps}
    assert [(check.name, steps[check.step].rewritten) for check in plan.prechecks] == [
        ("nulls", "proved-not-null"),
        ("duplicates", "unique-through-index"),
    ]
