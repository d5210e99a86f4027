"""The way back is another plan: by down script, by the noted undo, safely; or a refusal that says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import psycopg
import pytest

from planning.conftest import ALL_LARGE, forms, in_no_order, migration, plan_of, run, texts
from watari.catalog import Catalog
from watari.catalog.difference import difference
from watari.errors import ExitStatus
from watari.errors.refused import NoWayBack
from watari.evidence import Direction
from watari.migrations import Migration
from watari.planning.plan import Plan, StepKind
from watari.planning.way_back import Crossed, make_way_back
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.risk.effects import predict

SHOP = """
    create table customers (id int primary key);
    create table orders (id int primary key, customer int, code text, total int);
    insert into customers select generate_series(1, 20);
    insert into orders select n, n, 'c' || n, n from generate_series(1, 20) n;
"""


def back(
    catalog: Catalog, *crossed: Crossed, policy: Policy = ALL_LARGE, answers: Mapping[str, int] | None = None
) -> Plan:
    return make_way_back(
        crossed,
        statements_of=lambda script: script.statements,
        catalog=catalog,
        policy=policy,
        predict=predict,
        database=catalog.database,
        environment="default",
        framework="plain",
        fingerprint="",
        of_run="run",
        answers=answers,
    )


def of(plan: Plan, *migrations: Migration) -> list[Crossed]:
    """Everything that a plan took across, newest first."""
    return [
        Crossed(migration=each, steps=tuple(step for step in plan.steps if step.migration == each.id))
        for each in reversed(migrations)
    ]


@pytest.fixture
def shop(connection: psycopg.Connection) -> psycopg.Connection:
    connection.execute(SHOP)
    connection.execute("analyze")
    return connection


def changes(before: Catalog, after: Catalog) -> Sequence[object]:
    return difference(in_no_order(before), in_no_order(after))


CHANGES = [
    "create index on orders (code); create table notes (id serial primary key, body text)",
    "alter table orders add foreign key (customer) references customers, add check (total > 0), alter code set not null",
    "alter table orders add unique (code); alter table orders add token uuid not null default gen_random_uuid()",
    "alter table orders alter total type bigint, alter customer type bigint",
    "alter table orders rename code to kind; comment on table orders is 'all of them'; create view v as select kind from orders",
]


def test_everything_goes_back_by_the_noted_undo_and_safely(shop: psycopg.Connection) -> None:
    before = read_catalog(shop)
    migrations = [migration(f"{n:03d}", sql) for n, sql in enumerate(CHANGES)]
    plan = plan_of(before, *migrations)
    run(shop, plan.steps)
    way = back(read_catalog(shop), *of(plan, *migrations))
    assert (way.direction, way.way_back, way.of_run) == (Direction.BACK, "undo", "run")
    assert way.migrations == ("004", "003", "002", "001", "000")
    assert [step.migration for step in way.steps if step.completes] == list(way.migrations)
    assert {"new-column", "concurrent-drop"} <= set(forms(way))
    # the twin of a renamed column may have been let go meanwhile; of the others, what is not there any more is left out
    certain = [text for step in way.steps if step.migration != "004" for text in step.sql]
    assert [text for text in certain if "IF EXISTS" in text] == []
    run(shop, way.steps)
    assert changes(before, read_catalog(shop)) == ()
    assert shop.execute("select count(*), sum(total) from orders").fetchone() == (20, 210)


def test_only_the_last_migrations_go_back(shop: psycopg.Connection) -> None:
    migrations = [migration(f"{n:03d}", sql) for n, sql in enumerate(CHANGES)]
    run(shop, plan_of(read_catalog(shop), *migrations[:3]).steps)
    between = read_catalog(shop)
    plan = plan_of(between, *migrations[3:])
    run(shop, plan.steps)
    way = back(read_catalog(shop), *of(plan, *migrations[3:]))
    assert way.migrations == ("004", "003")
    run(shop, way.steps)
    assert changes(between, read_catalog(shop)) == ()


def test_the_down_script_comes_first_and_is_planned_safely_too(shop: psycopg.Connection) -> None:
    up = migration("001", "create index orders_code on orders (code)", "drop index orders_code")
    plan = plan_of(read_catalog(shop), up)
    run(shop, plan.steps)
    way = back(read_catalog(shop), *of(plan, up))
    assert (way.way_back, way.ways) == ("down", (("001", "down"),))
    assert texts(way) == ['DROP INDEX CONCURRENTLY "public"."orders_code"']
    assert (
        back(read_catalog(shop), *of(plan, up), policy=replace(ALL_LARGE, ways_back=("undo", "down"))).way_back
        == "undo"
    )


def test_ways_may_differ_from_migration_to_migration(shop: psycopg.Connection) -> None:
    first, second = (
        migration("001", "create table a (id int)"),
        migration("002", "create table b (id int)", "drop table b"),
    )
    plan = plan_of(read_catalog(shop), first, second)
    run(shop, plan.steps)
    way = back(read_catalog(shop), *of(plan, first, second))
    assert (way.way_back, way.ways) == ("mixed", (("002", "down"), ("001", "undo")))


def test_what_the_way_back_loses_is_named_with_its_rows(shop: psycopg.Connection) -> None:
    up = migration("001", "alter table orders add note text; create table extra (id int)")
    plan = plan_of(read_catalog(shop), up)
    run(shop, plan.steps)
    shop.execute("update orders set note = 'x' where id <= 5; insert into extra select generate_series(1, 7); analyze")
    way = back(read_catalog(shop), *of(plan, up))
    assert {(loss.kind, loss.object, loss.rows) for loss in way.losses} == {
        ("table", "public.extra", 7),
        ("column", "public.orders.note", 5),
    }
    assert all(loss.migration == "001" for loss in way.losses)


def test_an_empty_table_is_no_loss(shop: psycopg.Connection) -> None:
    up = migration("001", "create table extra (id int); alter table orders add note text")
    plan = plan_of(read_catalog(shop), up)
    run(shop, plan.steps)
    shop.execute("analyze")
    assert back(read_catalog(shop), *of(plan, up)).losses == ()


@pytest.mark.parametrize(
    ("up", "word"),
    [("drop table orders", "drop table orders"), ("update orders set total = 0", "update orders"), (None, "command")],
)
def test_without_down_script_what_is_lost_has_no_way_back(shop: psycopg.Connection, up: str | None, word: str) -> None:
    lost = migration("001", up)
    plan = plan_of(read_catalog(shop), lost)
    with pytest.raises(NoWayBack) as refused:
        back(read_catalog(shop), *of(plan, lost))
    assert "001" in str(refused.value) and word in str(refused.value)
    assert "restore" in str(refused.value.advice) and refused.value.status is ExitStatus.GATE


def test_what_another_tool_applied_needs_a_down_script(shop: psycopg.Connection) -> None:
    with pytest.raises(NoWayBack, match="no plan of watari"):
        back(read_catalog(shop), Crossed(migration=migration("001", "create table a (id int)")))


def test_a_way_that_the_policy_does_not_allow_is_not_taken(shop: psycopg.Connection) -> None:
    up = migration("001", "create table a (id int)", "drop table a")
    plan = plan_of(read_catalog(shop), up)
    with pytest.raises(NoWayBack, match="policy allows only restore"):
        back(read_catalog(shop), *of(plan, up), policy=replace(ALL_LARGE, ways_back=("restore",)))


def test_the_frameworks_own_tool_can_be_the_way_back(shop: psycopg.Connection) -> None:
    way = back(read_catalog(shop), Crossed(migration=migration("001", None), command=True))
    (step,) = way.steps
    assert step.kind is StepKind.COMMAND and step.completes and way.way_back == "down"


@pytest.mark.parametrize("change", CHANGES)
def test_a_migration_left_half_way_goes_back_from_wherever_it_stands(shop: psycopg.Connection, change: str) -> None:
    before = read_catalog(shop)
    if "rename" in change:
        change += "; create index on orders (kind)"
    up = migration("001", change, "a down script that must not be used")
    plan = plan_of(before, up)
    for done in range(len(plan.steps)):
        run(shop, plan.steps[:done])
        half = Crossed(migration=up, steps=plan.steps[:done], begun=plan.steps[done : done + 1], complete=False)
        run(shop, back(read_catalog(shop), half).steps)
        assert changes(before, read_catalog(shop)) == (), done


def test_what_is_on_a_table_goes_with_it(shop: psycopg.Connection) -> None:
    up = migration(
        "001",
        "create table extra (id int); create index on extra (id); alter table extra add note text; comment on table extra is 'x';"
        "alter table orders add extra int; alter table extra rename to more; create index on more (note)",
    )
    before = read_catalog(shop)
    plan = plan_of(before, up)
    run(shop, plan.steps)
    shop.execute("insert into more select generate_series(1, 7); analyze")
    way = back(read_catalog(shop), *of(plan, up))
    assert [text.split(" ")[1:3] for text in texts(way)] == [
        ["TABLE", "public.more"], ["TABLE", '"public"."orders"'], ["TABLE", '"public"."extra"'],
    ]  # fmt: skip
    run(shop, way.steps)
    assert changes(before, read_catalog(shop)) == ()
