"""Statements that have no safe form: refused with what to do instead, or left as written with the reason."""

from __future__ import annotations

import psycopg
import pytest

from planning.conftest import ALL_LARGE, migration, plan_of
from planning.form_cases import PARTED, SHOP
from watari.errors.refused import StatementRefused
from watari.planning.plan import Plan, StepKind
from watari.postgres.reader import read_catalog
from watari.project.policy import Action, Policy
from watari.values import replace

MORE = """
    create table empty (id int); create table tree (id int primary key, parent int references tree);
    insert into tree values (1, null), (2, 1);
    create function touch() returns trigger language plpgsql as 'begin return new; end';
    create table fired (id int primary key, n int); insert into fired select n, n from generate_series(1, 9) n;
    create trigger t before update on fired for each row execute function touch();
    create table keyless (n int); insert into keyless select generate_series(1, 9);
    create table unlogged_once (id int); insert into unlogged_once values (1);
    create materialized view sums as select count(*) as n from orders; create index on orders (total);
"""


@pytest.fixture
def shop(connection: psycopg.Connection) -> psycopg.Connection:
    connection.execute((SHOP + MORE).encode())
    connection.execute("analyze")
    return connection


def planned(shop: psycopg.Connection, statement: str, policy: Policy = ALL_LARGE) -> Plan:
    return plan_of(read_catalog(shop), migration("001", statement), policy=policy)


@pytest.mark.parametrize("statement", ["vacuum full orders", "vacuum (full, analyze) empty, orders", "cluster orders using orders_pkey", "vacuum full"])  # fmt: skip
def test_writing_a_large_table_anew_is_refused_with_what_to_do_instead(
    shop: psycopg.Connection, statement: str
) -> None:
    with pytest.raises(StatementRefused) as refused:
        planned(shop, statement)
    assert "orders" in str(refused.value) and "001.sql:1" in str(refused.value) and refused.value.status == 4
    assert 'VACUUM (ANALYZE) "public"."' in str(refused.value.advice) and "pg_repack" in str(refused.value.advice)
    warned = Policy(small_table_rows=0, rules=(("rewrite-vacuum-full", Action.WARN),))
    assert planned(shop, statement, warned).steps[0].sql == (statement,)
    settled = Policy(small_table_rows=0, rules=(("rewrite-vacuum-full", Action.ALLOW),))
    assert planned(shop, statement, settled).steps[0].sql == (statement,)
    with_reason = f"-- watari: allow rewrite-vacuum-full because the shop is closed\n{statement}"
    assert planned(shop, with_reason).steps[0].kind is StepKind.CONCURRENT or "cluster" in statement
    with pytest.raises(StatementRefused):
        planned(shop, f"-- watari: allow rewrite-vacuum-full\n{statement}")


@pytest.mark.parametrize("statement", ["vacuum full empty", "vacuum orders", "vacuum (full false) orders", "cluster"])
def test_what_stops_nobody_is_not_refused(shop: psycopg.Connection, statement: str) -> None:
    assert planned(shop, statement).steps[0].sql == (statement,)


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("update orders set total = (select 1)", "subquery"),
        ("update orders set placed_at = now()", "clock"),
        ("update orders set placed_at = current_timestamp", "clock"),
        ("update orders set placed_at = 'today'", "clock"),
        ("update orders set total = random()", "not known"),
        ("update orders set total = default", "depend on more"),
        ("update orders set note = ctid::text", "depend on more"),
        ("update orders set note = orders::text", "depend on more"),
        ("update orders o set note = c.email from customers c where c.id = o.customer_id", "joins"),
        ("delete from orders using customers c where c.id = customer_id", "joins"),
        ("delete from orders where exists (select from customers)", "subquery"),
        ("with a as (select 1) update orders set total = 1", "joins"),
        ("update orders set total = 1 returning id", "returns rows"),
        ("update orders set id = id + 1", "key"),
        ("update fired set n = 1", "triggers"),
        ("delete from tree", "foreign key"),
        ("update keyless set n = n + 1", "no key"),
        ("alter table unlogged_once set unlogged", "maintenance window"),
        ("alter table orders add column twice int generated always as (total * 2) stored", "VIRTUAL"),
        ("alter table orders add exclude using btree (id with =)", "exclusion"),
        ("refresh materialized view sums", "CREATE UNIQUE INDEX CONCURRENTLY"),
    ],
)
def test_what_cannot_be_made_safe_stays_as_written_and_the_plan_says_why(
    shop: psycopg.Connection, statement: str, word: str
) -> None:
    plan = planned(shop, statement, replace(ALL_LARGE, keep_bytes=0))  # the copy aside is another test's
    assert plan.steps[0].sql == (statement,) and plan.steps[0].rewritten is None
    notes = [note for step in plan.steps for note in step.notes]
    assert any(word in note.en for note in notes) and all(note.ja for note in notes)


def test_a_partition_is_not_detached_concurrently_beside_a_default_one(connection: psycopg.Connection) -> None:
    connection.execute(PARTED.encode())
    connection.execute("analyze")
    statement = "alter table events detach partition events_2024"
    plan = planned(connection, statement)
    assert plan.steps[0].sql == (statement,) and "default partition" in plan.steps[0].notes[0].en
