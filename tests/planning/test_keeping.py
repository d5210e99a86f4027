"""What is dropped, replaced or renamed is kept out of the way, comes back at once, and is let go without a trace."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from planning.conftest import ALL_LARGE, MakePair, Pair, forms, in_no_order, migration, plan_of, run
from planning.test_rewrites import RICH, SHOP
from planning.test_way_back import back, of
from watari.catalog import KeptKind
from watari.catalog.difference import difference
from watari.catalog.fingerprint import fingerprint
from watari.planning.letting_go import letting_go
from watari.planning.plan import StepKind
from watari.postgres.reader import read_catalog

MORE = """
    create table lines (order_id int references orders on delete cascade, "Total" numeric(10, 2) not null, note text);
    insert into lines select n, n, 'n' || n from generate_series(1, 200) n;
    create index lines_note on lines (note, order_id);
    grant select, insert on lines to public;
"""

DROPS = [
    ("alter table lines drop column note", "kept-column"),
    ('alter table lines drop column "Total"', "kept-column"),
    ("alter table lines drop column order_id", "kept-column"),
    ("alter table orders drop column code", "kept-column"),
    ("alter table orders drop column qty, drop column code", "kept-column"),
    ('alter table orders drop column "Customer"', "kept-column"),
    ("alter table lines drop column if exists note, drop column if exists nothing", "kept-column"),
    ("drop table lines", "kept-table"),
    ("drop table orders, lines", "kept-table"),
    ("drop table orders cascade", "kept-table"),
    ("alter table lines rename to items", "kept-name"),
    ('alter table orders rename "Customer" to client', "kept-column-name"),
    ("alter table orders rename column id to number", "kept-column-name"),
    ("alter table orders rename column code to sku; alter table orders rename qty to amount", "kept-column-name"),
    ('alter table lines rename column "Total" to total', "kept-column-name"),
    ("alter table lines drop constraint lines_order_id_fkey; alter table orders alter id type bigint", "new-column"),
    ("alter table orders alter qty type numeric(12, 2)", "new-column"),
    ("alter table orders alter code type varchar(40)", "new-column"),
    ('alter table lines alter "Total" type int', "new-column"),
    ("alter table orders alter qty type bigint; alter table orders drop column qty", "kept-column"),
    ('alter table lines alter "Total" type int; alter table lines drop column "Total"', "kept-column"),
]


def let_everything_go(pair: Pair) -> None:
    for kept in read_catalog(pair.planned).kept:
        for statement in letting_go(kept).sql:
            pair.planned.execute(statement.encode())
        pair.planned.execute("delete from watari.kept where number = %s", [kept.number])


@pytest.mark.parametrize(("statement", "form"), DROPS)
def test_while_it_is_kept_and_afterwards_the_schema_is_that_of_the_statement(
    pair: MakePair, statement: str, form: str
) -> None:
    shop = pair(RICH + MORE)
    plan = shop.cross(statement)
    assert form in forms(plan)
    assert shop.differences() == ()
    kept = fingerprint(shop.catalog())
    let_everything_go(shop)
    assert shop.differences() == ()
    assert fingerprint(shop.catalog()) == kept
    left = "select count(*) from information_schema.columns where column_name like 'watari%'"
    assert shop.planned.execute(left).fetchone() == (0,)


@pytest.mark.parametrize(("statement", "form"), DROPS)
def test_what_is_kept_comes_back_with_everything_that_hung_on_it(pair: MakePair, statement: str, form: str) -> None:
    shop = pair(RICH + MORE)
    change = migration("001", statement)
    queries = ("select * from orders order by id", "select * from lines order by order_id")
    before = [shop.planned.execute(query.encode()).fetchall() for query in queries]
    plan = plan_of(shop.before, change)
    run(shop.planned, plan.steps)
    way = back(read_catalog(shop.planned), *of(plan, change))
    assert way.ways == (("001", "undo"),)
    run(shop.planned, way.steps)
    assert difference(in_no_order(shop.before), in_no_order(shop.catalog())) == ()
    assert [shop.planned.execute(query.encode()).fetchall() for query in queries] == before
    assert read_catalog(shop.planned).kept == ()
    moment = [step for step in way.steps if step.kind is StepKind.TRANSACTION and step.sql]
    assert not any(effect.rewrite for step in moment for effect in step.effects)


def test_the_new_application_writes_while_a_column_is_kept(pair: MakePair) -> None:
    shop = pair(RICH + MORE)
    change = migration("001", 'alter table lines drop column "Total"')
    plan = plan_of(shop.before, change)
    run(shop.planned, plan.steps)
    shop.planned.execute("insert into lines (order_id, note) values (1, 'since')")
    shop.planned.execute("delete from lines where note = 'n7'")
    query = next(each.unless for step in plan.steps for each in step.back if each.unless)
    assert shop.planned.execute(query.encode()).fetchone() == (1,)
    way = back(read_catalog(shop.planned), *of(plan, change), answers={query: 1})
    run(shop.planned, way.steps)
    assert any("1 rows" in note.en for step in way.steps for note in step.notes) or len(way.steps) == 1
    rows = shop.planned.execute(
        """select count(*), count("Total"), count(*) filter (where note = 'since') from lines"""
    )
    assert rows.fetchone() == (200, 199, 1)


def test_the_application_of_before_goes_on_under_the_old_name(pair: MakePair) -> None:
    shop = pair(RICH + MORE)
    shop.cross("alter table lines rename to items")
    old = shop.planned
    old.execute("""insert into lines (order_id, "Total", note) values (1, 5, 'old') returning note""")
    old.execute("update lines set note = 'older' where note = 'old'")
    old.execute("delete from lines where note = 'n7'")
    found = old.execute("select count(*), count(*) filter (where note = 'older') from items").fetchone()
    assert found == old.execute("select count(*), count(*) filter (where note = 'older') from lines").fetchone()
    assert found == (200, 1)


def test_an_old_name_ends_before_what_it_would_hinder(pair: MakePair) -> None:
    shop = pair(RICH + MORE)
    plan = shop.cross(
        "alter table lines rename to items", "alter table items alter note type varchar(50)", "drop table items"
    )
    assert [step.releases[0].object for step in plan.steps if step.releases] == ["public.lines"]
    assert shop.differences() == ()


def test_a_name_that_is_used_again_is_not_kept(pair: MakePair) -> None:
    shop = pair(RICH + MORE)
    plan = shop.cross("alter table lines rename to items; create table lines (id int)")
    assert "kept-name" not in forms(plan)
    assert any("used again" in note.en for step in plan.steps for note in step.notes)
    assert shop.differences() == ()


def test_what_is_written_after_the_exchange_is_there_after_going_back(pair: MakePair) -> None:
    shop = pair(RICH)
    change = migration("001", "alter table orders alter qty type bigint")
    plan = plan_of(shop.before, change)
    run(shop.planned, plan.steps)
    application = shop.planned
    application.execute("""insert into orders ("Customer", code, qty) values (1, 'since', 12345)""")
    application.execute("update orders set qty = 7 where code = 'c1'")
    application.execute("update orders set qty = 5000000000 where code = 'c2'")
    queries = [each.unless for step in plan.steps for each in step.back if each.unless]
    answers = {query: application.execute(query.encode()).fetchone()[0] for query in queries}
    assert set(answers.values()) == {1}
    way = back(read_catalog(shop.planned), *of(plan, change), answers=answers)
    run(shop.planned, way.steps)
    assert difference(in_no_order(shop.before), in_no_order(shop.catalog())) == ()
    rows = application.execute("select code, qty from orders where code in ('since', 'c1', 'c2') order by code")
    assert rows.fetchall() == [("c1", 7), ("c2", None), ("since", 12345)]


def test_a_rounded_value_comes_back_whole_where_nobody_wrote_it(pair: MakePair) -> None:
    shop = pair(
        "create table t (id int primary key, n numeric(10, 2)); insert into t select n, n + 0.25 from generate_series(1, 50) n"
    )
    change = migration("001", "alter table t alter n type int")
    plan = plan_of(shop.before, change)
    run(shop.planned, plan.steps)
    shop.planned.execute("update t set n = 3 where id = 2")
    run(shop.planned, back(read_catalog(shop.planned), *of(plan, change)).steps)
    rows = shop.planned.execute("select n::text from t where id < 4 order by id").fetchall()
    assert rows == [("1.25",), ("3.00",), ("3.25",)]


def test_a_key_with_values_that_do_not_fit_has_no_way_back_by_exchange(connection: psycopg.Connection) -> None:
    from watari.errors.refused import NoWayBack

    shop = connection
    shop.execute(RICH.encode())
    shop.execute("analyze")
    change = migration("001", "alter table orders alter id type bigint")
    plan = plan_of(read_catalog(shop), change)
    queries = [each.unless for step in plan.steps for each in step.back if each.refuses]
    assert queries
    run(shop, plan.steps)
    with pytest.raises(NoWayBack, match="3 values of the primary key"):
        back(read_catalog(shop), *of(plan, change), answers={str(queries[0]): 3})


def test_twice_kept_things_have_names_of_their_own(pair: MakePair) -> None:
    shop = pair(RICH + MORE)
    for number, statement in enumerate(
        [
            "alter table lines drop column note",
            "alter table lines add column note text default 'again'",
            "alter table lines drop column note",
            "drop table lines",
            'create table lines (order_id int primary key, "Total" int)',
            "insert into lines values (1, 1)",
            "drop table lines",
        ]
    ):
        plan = plan_of(shop.catalog(), migration(f"{number}", statement))
        run(shop.planned, plan.steps)
        shop.planned.execute("analyze")
    kinds = [kept.kind for kept in read_catalog(shop.planned).kept]
    assert kinds == [KeptKind.COLUMN, KeptKind.COLUMN, KeptKind.TABLE, KeptKind.TABLE]


@pytest.mark.parametrize(
    "statement",
    ["drop table lines", "alter table lines drop column note", "alter table lines rename to items"],
)
def test_nothing_is_kept_where_no_row_would_be_lost(pair: MakePair, statement: str) -> None:
    shop = pair("create table lines (id int, note text)")
    shop.cross(statement)
    assert shop.catalog().kept == ()
    assert shop.differences() == ()


def test_a_column_without_values_is_not_kept(pair: MakePair) -> None:
    shop = pair(SHOP + "alter table orders add column spare text; analyze;")
    shop.cross("alter table orders drop column spare")
    assert shop.catalog().kept == ()
    assert shop.differences() == ()


def test_nothing_is_kept_where_the_policy_says_so(pair: MakePair) -> None:
    shop = pair(RICH + MORE)
    policy = replace(ALL_LARGE, keep=0)
    shop.cross(
        "alter table lines drop column note; alter table orders alter qty type bigint; drop table lines", policy=policy
    )
    assert shop.catalog().kept == ()
    assert shop.differences() == ()


def test_a_pause_stands_before_what_another_application_is_needed_for(pair: MakePair) -> None:
    shop = pair(RICH + MORE)
    policy = replace(ALL_LARGE, pause_for_deployments=True)
    plan = plan_of(
        shop.before,
        migration("001", "alter table orders add column extra text; create index on orders (qty)"),
        migration("002", "alter table orders drop column code; alter table lines drop column note"),
        migration("003", "alter table orders add column more text; drop table lines"),
        policy=policy,
    )
    pauses = [step for step in plan.steps if step.kind is StepKind.PAUSE]
    assert [[note.en for note in step.notes] for step in pauses] == [
        [
            "Deploy the application that neither reads nor writes column public.orders.code.",
            "Deploy the application that neither reads nor writes column public.lines.note.",
        ],
        ["Deploy the application that no longer uses table public.lines."],
    ]
    quiet = plan_of(shop.before, migration("001", "alter table orders alter qty type bigint"), policy=policy)
    assert not any(step.kind is StepKind.PAUSE for step in quiet.steps)


def test_without_keeping_the_pause_stands_there_too_and_a_rename_has_both_names_until_it_is_over(
    pair: MakePair,
) -> None:
    shop = pair(RICH + MORE)
    policy = replace(ALL_LARGE, pause_for_deployments=True, keep=0)
    plan = shop.cross(
        "alter table orders add column extra text",
        "alter table orders drop column code",
        "alter table lines rename to items",
        policy=policy,
    )
    kinds = [step.kind for step in plan.steps]
    assert kinds.count(StepKind.PAUSE) == 2
    words = [step.sql[0].split()[0].upper() for step in plan.steps if step.sql]
    assert words == ["ALTER", "ALTER", "ALTER", "DROP"]
    assert shop.differences() == ()


MADE_OF = """
    create type mood as enum ('sad', 'ok'); create function one() returns int language sql as 'select 1'; create sequence numbers;
    create function touch() returns trigger language plpgsql as 'begin return new; end';
    create table notes (id int primary key default nextval('numbers'), mood mood default 'ok', n int default one(), body text);
    insert into notes (body) select 'x' from generate_series(1, 100);
    create trigger touched before update on notes for each row execute function touch();
"""


@pytest.mark.parametrize(
    "statements",
    [
        "alter table notes drop column mood; drop type mood",
        "alter table notes drop column mood; alter type mood rename to mood_old; drop type mood_old",
        "alter table notes drop column n; drop function one()",
        "drop table notes; drop function touch()",
        "drop table notes; drop sequence numbers; drop type mood",
    ],
)
def test_nothing_is_kept_that_is_made_of_what_the_plan_drops_later(pair: MakePair, statements: str) -> None:
    shop = pair(MADE_OF)
    plan = shop.cross(statements)
    assert any("dropped later in this plan" in note.en for step in plan.steps for note in step.notes)
    assert shop.differences() == ()


@pytest.mark.parametrize(
    "later", ["alter table orders drop column qty cascade", "alter table orders rename column qty to quantity"]
)
def test_a_column_that_is_written_back_is_let_go_before_its_successor_changes(pair: MakePair, later: str) -> None:
    view = "create view wide as select qty from orders" if "cascade" in later else "select 1"
    shop = pair(RICH)
    first, second = f"alter table orders alter qty type bigint; {view}", later
    shop.written.execute(f"{first}; {second}".encode())
    for number, statement in enumerate((first, second)):
        run(shop.planned, plan_of(shop.catalog(), migration(f"{number}", statement)).steps)
    shop.planned.execute("""insert into orders ("Customer", code) values (1, 'since')""")
    assert shop.differences() == ()
    assert KeptKind.REPLACED not in {kept.kind for kept in shop.catalog().kept}


def test_what_comes_back_has_everything_that_hung_on_it_after_the_undo_of_what_was_done_before(pair: MakePair) -> None:
    shop = pair(RICH)
    changes = [
        migration("001", "alter table orders alter qty type bigint"),
        migration("002", "alter table orders drop column qty"),
    ]
    plans = []
    for change in changes:
        plans.append(plan_of(shop.catalog(), change))
        run(shop.planned, plans[-1].steps)
    crossed = [
        each for plan, change in zip(reversed(plans), reversed(changes), strict=True) for each in of(plan, change)
    ]
    way = back(read_catalog(shop.planned), *crossed)
    run(shop.planned, way.steps)
    assert difference(in_no_order(shop.before), in_no_order(shop.catalog())) == ()


def test_another_tool_may_change_the_successor_of_a_kept_column(pair: MakePair) -> None:
    shop = pair(RICH)
    shop.cross("alter table orders alter qty type bigint")
    shop.planned.execute("alter table orders drop column qty")
    shop.planned.execute("""insert into orders ("Customer", code) values (1, 'since')""")
    shop.planned.execute("update orders set code = code || '!' where code = 'c1'")


def test_an_old_column_that_others_referred_to_is_not_kept_and_the_plan_says_so(pair: MakePair) -> None:
    referring = "alter table orders add foreign key (customer_id) references customers;"
    shop = pair(SHOP.replace("customers (id bigint", "customers (id int") + referring)
    plan = shop.cross("alter table customers alter id type bigint")
    assert any("is not kept: foreign keys" in note.en for step in plan.steps for note in step.notes)
    assert shop.differences() == ()


def test_a_column_of_another_type_that_is_dropped_later_comes_back_at_once_as_it_was(pair: MakePair) -> None:
    shop = pair(RICH)
    changes = [
        migration("001", "alter table orders alter qty type bigint"),
        migration("002", "alter table orders drop column qty"),
    ]
    plan = plan_of(shop.before, *changes)
    run(shop.planned, plan.steps)
    shop.planned.execute("""insert into orders ("Customer", code) values (1, 'since')""")
    shop.planned.execute("update orders set code = 'c1 again' where code = 'c1'")
    way = back(read_catalog(shop.planned), *of(plan, *changes))
    assert not any(step.backfill for step in way.steps)
    run(shop.planned, way.steps)
    assert difference(in_no_order(shop.before), in_no_order(shop.catalog())) == ()
    rows = shop.planned.execute("select code, qty from orders where code in ('since', 'c1 again', 'c2') order by code")
    assert rows.fetchall() == [("c1 again", 1), ("c2", 2), ("since", None)]
    assert read_catalog(shop.planned).kept == ()
