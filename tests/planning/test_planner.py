"""Where transactions begin and end, what is left out, and what a plan says of its steps."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from planning.conftest import ALL_LARGE, by_kind, forms, migration, plan_of, run, texts
from watari.catalog import Catalog, Column, ConstraintKind, Name, Table, TableKind
from watari.evidence.effect import StatementEffects
from watari.planning.canonical import dumps, loads
from watari.planning.plan import Phase, Plan, StepKind
from watari.planning.statements.create_table import KINDS as TABLES
from watari.postgres.reader import read_catalog
from watari.project.policy import Action, Policy
from watari.risk.effects import predict
from watari.sql.statement import Statement

EMPTY = Catalog(database="shop", server_version=180000, schemas=("public",))
ORDERS = Name("public", "orders")


def with_orders(rows: int | None = 1_000_000, bytes: int = 10**9) -> Catalog:
    columns = (Column(name="id", position=1, type="bigint"), Column(name="total", position=2, type="integer"))
    table = Table(name=ORDERS, kind=TableKind.TABLE, owner="o", columns=columns, rows=rows, bytes=bytes, pages=1)
    return replace(EMPTY, tables={ORDERS: table})


def steps(
    sql: str, catalog: Catalog = EMPTY, *, transactional: bool = True, policy: Policy = ALL_LARGE
) -> list[list[str]]:
    plan = plan_of(catalog, migration("001", sql, transactional=transactional), policy=policy)
    return [list(step.sql) for step in plan.steps]


def test_a_migration_is_one_transaction_that_completes_it() -> None:
    plan = plan_of(
        EMPTY, migration("a", "create table t (id int); insert into t values (1)"), migration("b", "select 1")
    )
    assert [(step.id, step.migration, step.completes) for step in plan.steps] == [
        ("0001.1", "a", True),
        ("0002.1", "b", True),
    ]
    assert plan.migrations == ("a", "b")
    assert plan.steps[0].as_written == "a.sql:1"


def test_an_empty_migration_still_gets_its_history_row() -> None:
    (step,) = plan_of(EMPTY, migration("001", "-- nothing\n")).steps
    assert step.completes and step.sql == () and step.kind is StepKind.TRANSACTION and not step.waits_for_locks


def test_begin_and_commit_of_the_file_are_boundaries_and_are_not_sent() -> None:
    sql = "create table a (id int); begin; create table b (id int); create table c (id int); commit; create table d (id int)"
    assert steps(sql) == [
        ["create table a (id int)"],
        ["create table b (id int)", "create table c (id int)"],
        ["create table d (id int)"],
    ]
    plan = plan_of(EMPTY, migration("001", sql))
    assert [step.completes for step in plan.steps] == [False, False, True]


def test_what_the_file_rolls_back_is_not_run() -> None:
    assert steps("begin; create table a (id int); rollback; create table b (id int)") == [["create table b (id int)"]]


def test_a_savepoint_stays_inside_its_transaction() -> None:
    sql = "create table a (id int); savepoint s; create table b (id int); rollback to s; release s"
    assert len(steps(sql)) == 1


def test_without_a_transaction_every_statement_commits_by_itself() -> None:
    assert steps("create table a (id int); create table b (id int)", transactional=False) == [
        ["create table a (id int)"],
        ["create table b (id int)"],
    ]
    assert steps("begin; select 1; select 2; commit; select 3", transactional=False) == [
        ["select 1", "select 2"],
        ["select 3"],
    ]


def test_what_refuses_a_transaction_is_a_step_of_its_own() -> None:
    plan = plan_of(
        with_orders(),
        migration(
            "001", "create table a (id int); create index concurrently i on orders (id); vacuum orders; select 1"
        ),
    )
    assert [step.kind for step in plan.steps] == [
        StepKind.TRANSACTION, StepKind.CONCURRENT, StepKind.CONCURRENT, StepKind.TRANSACTION,
    ]  # fmt: skip
    assert [step.settle.kind if step.settle else None for step in plan.steps] == [None, "index_valid", "again", None]
    assert plan.steps[1].settle is not None and plan.steps[1].settle.relation == "public.i"
    assert plan.steps[1].rewritten is None


def test_a_concurrent_index_without_a_name_gets_the_name_it_will_have() -> None:
    plan = plan_of(with_orders(), migration("001", "create index concurrently on orders (id, total)"))
    assert texts(plan) == ["CREATE INDEX CONCURRENTLY orders_id_total_idx ON public.orders USING btree (id, total)"]
    assert plan.steps[0].settle is not None and plan.steps[0].settle.relation == "public.orders_id_total_idx"


def test_after_a_last_concurrent_step_an_empty_transaction_completes_the_migration() -> None:
    plan = plan_of(with_orders(), migration("001", "drop index concurrently if exists i"))
    assert texts(plan) == []
    plan = plan_of(with_orders(), migration("001", "reindex (concurrently) table orders"))
    assert [(step.kind, step.completes) for step in plan.steps] == [
        (StepKind.CONCURRENT, False),
        (StepKind.TRANSACTION, True),
    ]


def test_a_migration_without_sql_is_a_command_of_the_framework() -> None:
    (step,) = plan_of(EMPTY, migration("001", None)).steps
    assert step.kind is StepKind.COMMAND and step.completes and step.undo is None and step.waits_for_locks
    assert step.settle is not None and (step.settle.kind, step.settle.relation) == ("history_applied", "001")


def test_the_database_at_hand_is_created_first_where_it_is_not_there() -> None:
    sql = "create database shop; create table t (id int)"
    plan = plan_of(EMPTY, migration("001", sql), database_exists=False)
    assert [step.kind for step in plan.steps] == [StepKind.CREATE_DATABASE, StepKind.TRANSACTION]
    assert plan.steps[0].settle is not None and plan.steps[0].settle.kind == "database_exists"
    assert texts(plan_of(EMPTY, migration("001", sql))) == ["create table t (id int)"]


def test_rows_that_follow_copy_stay_with_their_statement() -> None:
    plan = plan_of(
        EMPTY,
        migration("001", "create table t (a int, b text);\ncopy t from stdin;\n1\tx\\n\n2\t\\N\n\\.\nselect 1;\n"),
    )
    (copy,) = plan.steps[0].copies
    assert plan.steps[0].sql[copy.statement].startswith("copy t")
    assert copy.rows == "1\tx\\n\n2\t\\N\n"


def test_timeouts_of_the_file_are_the_policys_to_decide() -> None:
    plan = plan_of(
        EMPTY, migration("001", "set lock_timeout = '10s'; set local statement_timeout = 0; create table t (id int)")
    )
    assert texts(plan) == ["create table t (id int)"]
    assert len(plan.steps[0].notes) == 1


def test_settings_of_the_file_are_given_again_to_every_step_that_follows() -> None:
    sql = "set search_path to app; create table t (id int); vacuum pg_class; create table u (id int)"
    plan = plan_of(EMPTY, migration("001", sql))
    assert [list(step.sql) for step in plan.steps] == [
        ["set search_path to app", "create table t (id int)"],
        ["vacuum pg_class"],
        ["set search_path to app", "create table u (id int)"],
    ]
    assert plan.steps[1].session == ("set search_path to app",)
    assert ("table", "app.t", "present") in plan.expected


def test_a_transaction_that_shares_what_ends_with_it_is_not_cut() -> None:
    for shared in (
        "create temporary table x (id int)",
        "set local work_mem = '1GB'",
        "lock table orders",
        "savepoint s",
    ):
        plan = plan_of(
            with_orders(),
            migration("001", f"{shared}; create index on orders (id); alter table orders add check (id > 0)"),
        )
        assert len(plan.steps) == 1 and forms(plan) == [None], shared


def test_a_new_enum_value_is_committed_before_it_is_used() -> None:
    assert len(steps("alter type mood add value 'great'; insert into t values ('great')")) == 2


@pytest.mark.parametrize(
    ("rows", "bytes", "large"),
    [
        (1_000_000, 10**9, True),
        (None, 10**9, True),
        (None, 8192, False),
        (0, 0, False),
        (None, 0, False),
        (500, 65_536, False),
        (500, 10**9, True),
        (200_000, 10**7, True),
    ],
)
def test_only_what_is_large_is_rewritten_and_the_unknown_counts_as_large(
    rows: int | None, bytes: int, large: bool
) -> None:
    plan = plan_of(with_orders(rows, bytes), migration("001", "create index on orders (id)"), policy=Policy())
    assert forms(plan)[0] == ("concurrent-index" if large else None)


def test_what_the_plan_itself_makes_stays_as_written() -> None:
    first = migration("001", "create table t (id int, n int); alter table orders rename to old_orders")
    second = migration(
        "002", "create index on t (id); alter table t add check (n > 0), alter n set not null, add unique (id)"
    )
    third = migration("003", "create index on old_orders (id)")
    plan = plan_of(with_orders(), first, second, third, policy=replace(ALL_LARGE, keep=0))
    assert forms(plan) == [None, None, "concurrent-index", None]
    assert [step.waits_for_locks for step in plan.steps] == [True, False, True, False]


def test_the_policy_says_which_forms_are_made() -> None:
    change = migration("001", "create index on orders (id); alter table orders add check (id > 0)")
    plan = plan_of(with_orders(), change, policy=replace(ALL_LARGE, rewrite=("check",)))
    assert set(forms(plan)) == {None, "validated-check"}


def test_an_alter_table_is_cut_where_a_part_has_a_safe_form_and_runs_in_the_servers_order() -> None:
    sql = "alter table orders add check (id > 0), drop column total, add column note text, add column more text not null default ''"
    plan = plan_of(with_orders(), migration("001", sql), policy=replace(ALL_LARGE, keep=0))
    assert [list(step.sql) for step in plan.steps] == [
        ["ALTER TABLE public.orders DROP total, ADD COLUMN note text, ADD COLUMN more text NOT NULL DEFAULT ''"],
        ["ALTER TABLE public.orders ADD CONSTRAINT orders_id_check CHECK (id > 0) NOT VALID"],
        ['ALTER TABLE "public"."orders" VALIDATE CONSTRAINT "orders_id_check"'],
    ]
    assert [step.rewritten for step in plan.steps] == [None, "validated-check", "validated-check"]
    assert {step.as_written for step in plan.steps} == {"001.sql:1"}


def test_phases_say_when_a_step_belongs() -> None:
    def phase(sql: str) -> Phase:
        return plan_of(with_orders(), migration("001", sql)).steps[0].phase

    assert phase("alter table orders add column note text") is Phase.EXPAND
    assert phase("update orders set total = 1") is Phase.MIGRATE
    assert phase("alter table orders add column note text, drop column total") is Phase.CONTRACT
    assert phase("drop table orders") is Phase.CONTRACT
    assert phase("alter table orders rename total to sum") is Phase.EXPAND  # the old name goes on


def test_nobody_waits_for_what_is_new() -> None:
    catalog = with_orders()
    waits = {
        "create table t (id int primary key)": False,
        "create table t (id int); create index on t (id); comment on table t is 'x'": False,
        "create table t (o bigint references orders)": True,
        "create type mood as enum ('a')": False,
        "alter table orders add column note text": True,
        "insert into orders values (1)": True,
        "do $$ begin execute 'drop table orders'; end $$": True,
    }
    for sql, expected in waits.items():
        assert plan_of(catalog, migration("001", sql)).steps[0].waits_for_locks is expected, sql


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (id bigint primary key, name text not null unique, at timestamptz default now(), check (id > 0))",
        "create unlogged table s.t (id serial, n int generated always as identity, x int generated always as (n) stored)",
        "create table t (a int, b int, unique (a, b), exclude using gist (a with =)) partition by list (a)",
        "create table if not exists orders (id int)",
        "create temp table t (id int)",
    ],
)
def test_what_is_not_predicted_is_what_the_prediction_would_say(statement: str) -> None:
    (kind,) = (kind for kind in TABLES if "create_stmt" in kind.nodes)
    node = Statement(text=statement, file="")
    if kind.concerns_nobody(node.node.create_stmt):
        assert predict((node,), with_orders(), created=frozenset()) == (StatementEffects(),)


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (o bigint references orders)",
        "create table t (like orders)",
        "create table t () inherits (orders)",
    ],
)
def test_a_new_table_that_concerns_others_is_predicted(statement: str) -> None:
    (step,) = plan_of(with_orders(), migration("001", statement)).steps
    assert [effect.relation for effect in step.effects] == ["public.orders"]


def test_a_plan_is_the_same_whenever_it_is_made_and_survives_its_file() -> None:
    def plan() -> Plan:
        return plan_of(
            with_orders(), migration("001", "alter table orders alter total type bigint"), migration("002", None)
        )

    assert plan() == plan()
    assert loads(dumps(plan())) == plan()
    assert len(plan().sha256) == 64


def test_what_will_be_gone_is_named_with_its_rows() -> None:
    change = migration("001", "alter table orders drop column total; truncate orders; drop table orders")
    plan = plan_of(with_orders(), change, policy=replace(ALL_LARGE, keep=0))
    assert [(loss.kind, loss.object, loss.rows) for loss in plan.losses] == [
        ("column", "public.orders.total", 1_000_000),
        ("rows", "public.orders", 1_000_000),
        ("table", "public.orders", 1_000_000),
    ]
    assert plan_of(EMPTY, migration("001", "create table t (id int); drop table t")).losses == ()


def test_what_verification_looks_for_is_what_is_there_afterwards(connection: psycopg.Connection) -> None:
    connection.execute("create table old (id int primary key, a int, b int unique); create index old_a on old (a)")
    sql = """
        create table t (id bigint primary key, name text not null unique, boss bigint references t, check (id > 0));
        create index on t (boss); create unique index one on t (lower(name)); create view v as select id from t;
        alter table old drop column a, add column c text not null default 'x', add unique (c);
        alter table old drop constraint old_b_key; create sequence s; create type mood as enum ('x');
        alter table old rename column b to bb; create table gone (id int); drop table gone;
        create table first (id int primary key, n int); alter table first rename to second; create schema other;
        create extension if not exists plpgsql
    """
    plan = plan_of(read_catalog(connection), migration("001", sql))
    run(connection, plan.steps)
    catalog = read_catalog(connection)
    there = {("table", str(name)) for name, t in catalog.tables.items() if t.kind is TableKind.TABLE}
    there |= {("view", str(name)) for name, t in catalog.tables.items() if t.kind is TableKind.VIEW}
    there |= {("column", f"{name}.{c.name}") for name, t in catalog.tables.items() for c in t.columns}
    there |= {("index", str(name)) for name in catalog.indexes}
    there |= {("constraint", f"{c.table}.{c.name}") for c in catalog.constraints}
    there |= {("sequence", str(name)) for name in catalog.sequences} | {("type", str(name)) for name in catalog.types}
    there |= {("schema", name) for name in catalog.schemas} | {("extension", "plpgsql")}
    for kind, object, state in plan.expected:
        assert ((kind, object) in there) is (state != "absent"), (kind, object, state)
    named = {(kind, object) for kind, object, _ in plan.expected}
    for expected in ("t_pkey", "t_name_key", "t_boss_fkey", "t_id_check"):
        assert ("constraint", f"public.t.{expected}") in named
    assert {("index", "public.old_a"), ("index", "public.t_boss_idx"), ("table", "public.gone")} <= named
    keys = [c for c in catalog.constraints if c.kind is not ConstraintKind.NOT_NULL and c.table.name == "t"]
    assert {("constraint", f"public.t.{key.name}") for key in keys} <= named


def test_an_empty_database_ends_exactly_as_written(connection: psycopg.Connection) -> None:
    first = "create table orders (id int, total int); create table customers (id int primary key)"
    second = """
        create index on orders (total); alter table orders add foreign key (id) references customers, alter total set not null,
        add token uuid default gen_random_uuid(), alter total type bigint
    """
    connection.execute(first)
    connection.execute("analyze")
    plan = plan_of(read_catalog(connection), migration("001", second))
    assert forms(plan) == [None] and by_kind(plan) == {"transaction": 1}
    run(connection, plan.steps)
    written = read_catalog(connection)
    assert [(column.name, column.type) for column in written.tables[ORDERS].columns] == [
        ("id", "integer"),
        ("total", "bigint"),
        ("token", "uuid"),
    ]


@pytest.mark.parametrize(
    ("action", "form"), [(None, "concurrent-index"), ("rewrite", "concurrent-index"), ("warn", None), ("allow", None)]
)
def test_the_policy_of_a_rule_says_whether_its_safe_form_is_taken(
    connection: psycopg.Connection, action: str | None, form: str | None
) -> None:
    connection.execute("create table t (id int, a int); insert into t values (1, 1); create index t_a on t (a)")
    connection.execute("analyze t")
    rules = (("index-blocking", Action(action)),) if action else ()
    listed = () if action == "rewrite" else ALL_LARGE.rewrite
    policy = replace(ALL_LARGE, rules=rules, rewrite=listed)
    plan = plan_of(read_catalog(connection), migration("1", "create index t_id on t (id)"), policy=policy)
    assert [step.rewritten for step in plan.steps if step.rewritten] == ([form] if form else [])
    other = plan_of(
        read_catalog(connection), migration("1", "drop index t_a"), policy=replace(policy, rewrite=ALL_LARGE.rewrite)
    )
    assert [step.rewritten for step in other.steps if step.rewritten] == ["concurrent-drop"]  # another rule's form


def test_every_form_that_rules_are_settled_for_is_one_and_every_rule_too() -> None:
    from watari.planning.rewrite import _walked
    from watari.project.policy import ANSWERED
    from watari.risk.registry import unknown

    assert set(ANSWERED) <= {form.name for form in _walked()}
    assert not unknown([rule for rules in ANSWERED.values() for rule in rules])
