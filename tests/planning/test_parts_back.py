"""Going back where a migration holds more than what was kept: inserted rows, what nothing takes back, and the down script."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from planning.conftest import in_no_order, migration, plan_of, run, texts
from planning.test_way_back import SHOP, back, of
from watari.catalog.difference import difference
from watari.errors.refused import NoWayBack
from watari.migrations import Migration
from watari.planning.plan import Plan
from watari.planning.way_back import make_way_back
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.risk.effects import predict

MORE = """
    create table roles (id int primary key, name text not null, data json);
    insert into roles values (1, 'reader', '{}');
    create table grants (role int references roles);
    alter table orders add constraint orders_code check (code <> ''), alter code set not null;
    create index orders_by_code on orders (code);
"""
SMALL = Policy()


@pytest.fixture
def shop(connection: psycopg.Connection) -> psycopg.Connection:
    connection.execute((SHOP + MORE).encode())
    connection.execute("analyze")
    return connection


def crossed(shop: psycopg.Connection, up: str, down: str | None = None) -> tuple[Plan, Migration]:
    change = migration("001", up, down)
    plan = plan_of(read_catalog(shop), change, policy=SMALL)
    run(shop, plan.steps)
    return plan, change


def rows(shop: psycopg.Connection, table: str) -> list[tuple[str, ...]]:
    return shop.execute(sql.SQL("select t::text from {} t order by 1").format(sql.Identifier(table))).fetchall()


def test_an_instant_way_back_goes_past_inserted_rows(shop: psycopg.Connection) -> None:
    before, known = read_catalog(shop), rows(shop, "roles")
    up = (
        "insert into roles values (2, 'writer', '{\"a\": 1}'), (3, 'owner', null), (-4, 'none', '[]'::json);"
        "insert into roles (name, id) values ('used', 5), ('changed', 6); drop table customers; alter table orders drop column code"
    )
    plan, change = crossed(shop, up)
    shop.execute("insert into grants values (5); update roles set name = 'ours' where id = 6")
    way = back(read_catalog(shop), *of(plan, change), policy=SMALL)
    assert way.ways == (("001", "undo"),)
    run(shop, way.steps)
    assert difference(in_no_order(before), in_no_order(read_catalog(shop))) == ()
    assert rows(shop, "roles") == sorted([*known, ("(5,used,)",), ("(6,ours,)",)])
    assert len(rows(shop, "customers")) == 20


@pytest.mark.parametrize(
    "insert",
    [
        "insert into roles select 9, 'x', null",
        "insert into roles values (9, 'x', null) on conflict do nothing",
        "insert into roles (id, name) values (9, upper('x'))",
        "insert into grants values (1)",
    ],
)
def test_rows_that_cannot_be_told_apart_are_not_undone_and_the_rest_can_be_asked_for(
    shop: psycopg.Connection, insert: str
) -> None:
    before = read_catalog(shop)
    plan, change = crossed(shop, f"alter table roles add column more int; {insert}; drop table customers")
    catalog = read_catalog(shop)
    with pytest.raises(NoWayBack, match=r"insert into.*--leave takes back everything else"):
        back(catalog, *of(plan, change), policy=SMALL)
    way = make_way_back(
        of(plan, change),
        statements_of=lambda script: script.statements,
        catalog=catalog,
        policy=SMALL,
        predict=predict,
        database="",
        environment="",
        framework="plain",
        fingerprint="",
        leaving=True,
    )
    run(shop, way.steps)
    assert difference(in_no_order(before), in_no_order(read_catalog(shop))) == ()
    assert any("Left as it is" in note.en and "insert into" in note.en for step in way.steps for note in step.notes)
    assert len(rows(shop, "customers")) == 20 and read_catalog(shop).kept == ()


def test_nothing_is_left_behind_of_which_nobody_knows_what_it_did(shop: psycopg.Connection) -> None:
    plan, change = crossed(shop, "drop table customers; do $$ begin create table made (id int); end $$")
    with pytest.raises(NoWayBack) as refused:
        back(read_catalog(shop), *of(plan, change), policy=SMALL)
    assert "--leave" not in str(refused.value)


DOWNS = [
    (
        "alter table orders drop column code; do $$ begin null; end $$",
        "alter table orders add column code text, add column spare int; alter table orders drop column spare;"
        "update orders set code = ''; alter table orders alter code set not null;"
        "alter table orders add constraint orders_code check (code <> ''); create index orders_by_code on orders (code)",
    ),
    (
        "drop table orders; do $$ begin null; end $$",
        "create table orders (id int primary key, customer int, code text, total int); create index orders_by_code on orders (code);"
        "alter table orders add constraint orders_code check (code <> ''); alter table orders alter code set not null;"
        "comment on table orders is null; insert into orders values (1, 1, 'x', 1)",
    ),
]


@pytest.mark.parametrize(("up", "down"), DOWNS)
def test_a_down_script_brings_back_what_is_kept_instead_of_making_it_again(
    shop: psycopg.Connection, up: str, down: str
) -> None:
    before, known = read_catalog(shop), sorted(rows(shop, "orders"))
    plan, change = crossed(shop, up, down)
    way = back(read_catalog(shop), *of(plan, change), policy=SMALL)
    assert way.ways == (("001", "down"),)
    run(shop, way.steps)
    assert difference(in_no_order(before), in_no_order(read_catalog(shop))) == ()
    found = "select row(id, customer, code, total)::text from orders order by 1"
    assert shop.execute(found).fetchall() == known
    assert read_catalog(shop).kept == ()
    assert any("comes back from" in note.en for step in way.steps for note in step.notes)


def test_a_down_script_does_all_itself_where_nothing_is_kept_any_more(shop: psycopg.Connection) -> None:
    plan, change = crossed(shop, *DOWNS[0])
    (kept,) = read_catalog(shop).kept
    shop.execute(sql.SQL("alter table orders drop column {}").format(sql.Identifier(kept.column or "")))
    shop.execute("delete from watari.kept")
    way = back(read_catalog(shop), *of(plan, change), policy=SMALL)
    assert any("ADD COLUMN" in text.upper() for text in texts(way))
    assert not any("comes back from" in note.en for step in way.steps for note in step.notes)
