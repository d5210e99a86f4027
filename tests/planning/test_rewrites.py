"""Each safe form ends as the statement as written ends, and its undo brings back what was there."""

from __future__ import annotations

import psycopg
import pytest

from planning.conftest import MakePair, by_kind, forms, migration, plan_of, run, texts

SHOP = """
    create table customers (id bigint primary key, email text not null, region text);
    create table orders (
        id bigint generated always as identity primary key, customer_id bigint, code text, note text, total int,
        placed_at timestamptz default now()
    );
    insert into customers select n, 'c' || n || '@example.com', 'r' || n % 3 from generate_series(1, 50) n;
    insert into orders (customer_id, code, note, total)
    select 1 + n % 50, 'code' || n, 'note', n from generate_series(1, 200) n;
"""


@pytest.mark.parametrize(
    "statement",
    [
        "create index on orders (customer_id)",
        "create index orders_by_time on public.orders using brin (placed_at) with (pages_per_range = 16)",
        "create unique index on orders (lower(code), total desc nulls last) include (note) where total > 0",
        "create index if not exists orders_total on orders (total)",
        'create index "Großer Index" on orders (code collate "C" text_pattern_ops)',
    ],
)
def test_an_index_is_built_while_writes_go_on(pair: MakePair, statement: str) -> None:
    shop = pair(SHOP)
    plan = shop.cross(statement)
    assert by_kind(plan) == {"concurrent": 1, "transaction": 1}
    assert plan.steps[0].settle is not None and plan.steps[0].settle.kind == "index_valid"
    assert plan.steps[-1].completes and plan.steps[-1].sql == ()
    assert shop.differences() == ()
    assert shop.back() == ()


def test_an_index_that_is_there_and_valid_is_not_built_again(pair: MakePair) -> None:
    shop = pair(SHOP + "create index orders_code on orders (code);")
    plan = shop.cross("create index if not exists orders_code on orders (code)")
    assert texts(plan) == []
    assert shop.differences() == ()


def test_dropped_indexes_go_one_by_one_without_stopping_anyone(pair: MakePair) -> None:
    shop = pair(SHOP + "create index one on orders (code); create unique index two on orders (id) where total > 0;")
    plan = shop.cross("drop index if exists one, two, three")
    assert [step.rewritten for step in plan.steps[:-1]] == ["concurrent-drop", "concurrent-drop"]
    assert shop.differences() == ()
    assert shop.back() == ()


@pytest.mark.parametrize(
    ("form", "statement"),
    [
        (
            "validated-foreign-key",
            "alter table orders add foreign key (customer_id) references customers on delete cascade",
        ),
        (
            "validated-foreign-key",
            "alter table orders add constraint fk_customer foreign key (customer_id) references customers (id) "
            "deferrable initially deferred",
        ),
        ("validated-check", "alter table orders add check (total > 0)"),
        ("validated-check", "alter table orders add check (total > 0 and code <> note) no inherit"),
        ("validated-check", "alter table orders add constraint positive check (total > 0)"),
        ("proved-not-null", "alter table orders alter column code set not null"),
        ("unique-through-index", "alter table orders add unique (code)"),
        (
            "unique-through-index",
            "alter table orders add constraint u unique nulls not distinct (code, total) include (note)",
        ),
        ("unique-through-index", "alter table orders add constraint u unique (code) with (fillfactor = 70) deferrable"),
        ("filled-column", "alter table orders add column token uuid default gen_random_uuid()"),
        ("filled-column", "alter table orders add column if not exists token uuid not null default gen_random_uuid()"),
        ("filled-column", "alter table orders add column token uuid not null default gen_random_uuid() unique"),
        ("filled-column", "alter table orders add column state text default 'new' check (state <> '')"),
        ("filled-column", "alter table orders add column boss bigint default 1 references customers deferrable"),
        ("new-column", "alter table orders alter column total type bigint"),
        ("new-column", "alter table orders alter total type text using total::text"),
        ("new-column", 'alter table orders alter code type varchar(20) collate "C"'),
    ],
)
def test_a_safe_form_ends_as_the_statement_ends(pair: MakePair, form: str, statement: str) -> None:
    shop = pair(SHOP)
    plan = shop.cross(statement)
    assert form in forms(plan)
    assert not any(effect.rewrite for step in plan.steps for effect in step.effects)
    assert shop.differences() == ()
    assert shop.back() == ()


def test_a_conversion_that_forgets_has_no_undo(pair: MakePair) -> None:
    shop = pair(SHOP)
    plan = shop.cross("alter table orders alter total type text using 'n' || total::text")
    assert shop.differences() == ()
    assert [step.undo for step in plan.steps if step.undo is None and step.rewritten]
    written, planned = shop.rows("select id, total from orders order by id")
    assert written == planned


RICH = """
    create table customers (id int primary key);
    insert into customers select generate_series(1, 50);
    create table orders (
        id serial primary key, "Customer" int not null default 7 references customers on delete cascade, code text, qty int,
        constraint one_code unique (code, "Customer") deferrable, constraint positive check ("Customer" > 0 and qty > 0),
        constraint nobody check ("Customer" <> 0) no inherit
    );
    create index by_customer on orders ("Customer" desc) include (qty);
    create index by_half on orders ((("Customer" + 1) / 2)) where "Customer" > 3;
    create unique index by_both on orders (id, "Customer") where qty is not null;
    comment on column orders."Customer" is 'who''s it';
    comment on index by_half is 'half';
    comment on constraint positive on orders is 'positive';
    comment on constraint one_code on orders is 'once';
    grant select ("Customer"), update (id) on orders to public;
    alter table orders alter "Customer" set statistics 300;
    insert into orders ("Customer", code, qty) select 1 + n % 50, 'c' || n, n from generate_series(1, 200) n;
"""


@pytest.mark.parametrize(
    "statements",
    [
        ['alter table orders alter "Customer" type bigint'],
        ["alter table orders alter id type bigint"],
        ['alter table orders alter id type bigint, alter "Customer" type bigint, alter qty type numeric(12, 2)'],
    ],
)
def test_everything_that_hangs_on_a_column_moves_with_it(pair: MakePair, statements: list[str]) -> None:
    shop = pair(RICH)
    plan = shop.cross(*statements)
    assert "new-column" in forms(plan)
    assert shop.differences() == ()
    written, planned = shop.rows('select id, "Customer", code, qty from orders order by id')
    assert written == planned and len(planned) == 200
    for connection in (shop.written, shop.planned):
        connection.execute("insert into orders (code, qty) values ('new', 1)")
    written, planned = shop.rows("select id, \"Customer\" from orders where code = 'new'")
    assert written == planned == [(201, 7)]
    assert shop.back() == ()


def test_both_writes_reach_the_new_column_before_the_exchange(pair: MakePair) -> None:
    shop = pair(SHOP)
    plan = plan_of(shop.before, migration("001", "alter table orders alter total type bigint"))
    first_switch = next(n for n, step in enumerate(plan.steps) if any("RENAME COLUMN" in text for text in step.sql))
    run(shop.planned, plan.steps[:1])
    shop.planned.execute("insert into orders (code, total) values ('early', 1)")
    shop.planned.execute("update orders set total = 1000 where id = 3")
    run(shop.planned, plan.steps[1:first_switch])
    shop.planned.execute("insert into orders (code, total) values ('late', 2), ('none', null)")
    shop.planned.execute("update orders set total = 2000 where id = 4")
    run(shop.planned, plan.steps[first_switch:])
    found = shop.planned.execute(
        "select total from orders where id in (3, 4) or code in ('early', 'late', 'none') order by 1"
    )
    assert found.fetchall() == [(1,), (2,), (1000,), (2000,), (None,)]


def test_the_exchange_is_refused_while_a_row_is_missing(pair: MakePair) -> None:
    shop = pair(SHOP)
    plan = plan_of(shop.before, migration("001", "alter table orders alter total type bigint"))
    without_backfill = [step for step in plan.steps if step.backfill is None]
    with pytest.raises(psycopg.errors.CheckViolation):
        run(shop.planned, without_backfill)
    column = shop.catalog().table("public", "orders").column("total")  # type: ignore[union-attr]
    assert column is not None and column.type == "integer"


@pytest.mark.parametrize(
    ("setup", "word"),
    [
        ("create view v as select id, total from orders", "view"),
        (
            "alter table orders add unique (id, total); create table refs (a bigint, b int, foreign key (a, b) references orders (id, total))",
            "foreign keys",
        ),
        (
            "create function f() returns trigger language plpgsql as 'begin return new; end';"
            "create trigger t before update on orders for each row execute function f()",
            "Triggers",
        ),
        ("alter table orders add half int generated always as (total / 2) stored", "generated"),
        ("alter table orders force row level security", "Row level security"),
        ("create statistics s on total, code from orders", "statistics"),
        ("create publication p for all tables", "published"),
        ("create table part () inherits (orders)", "inherits"),
        ("alter table orders cluster on orders_total_key", "clustering"),
    ],
)
def test_a_column_that_cannot_be_exchanged_stays_as_written_and_says_why(pair: MakePair, setup: str, word: str) -> None:
    shop = pair(SHOP + "alter table orders add unique (total);" + setup)
    plan = plan_of(shop.before, migration("001", "alter table orders alter total type bigint"))
    assert texts(plan) == ["alter table orders alter total type bigint"]
    assert [word in note.en for step in plan.steps for note in step.notes] == [True]
    assert plan.steps[0].rewritten is None


KEYED = """
    create table runs (id int not null, key text not null, n int, constraint runs_pk primary key (id, key), unique (key, n));
    create table parents (id int primary key); insert into parents select generate_series(1, 30);
    alter table runs add constraint fk foreign key (n) references parents;
    insert into runs select n, 'k' || n, n from generate_series(1, 30) n;
"""


@pytest.mark.parametrize(
    "statements",
    [
        [
            "alter table runs add column step int not null default 0",
            "alter table runs drop constraint runs_pk",
            "alter table runs add constraint runs_pk primary key (id, key, step)",
        ],
        ["alter table runs drop constraint runs_pk, add constraint runs_pk primary key (key, id)"],
        [
            "alter table runs drop constraint runs_pk, add primary key (key, id), drop constraint runs_key_n_key, add unique (n, key)"
        ],
    ],
)
def test_a_key_is_exchanged_in_one_moment_and_never_missing(pair: MakePair, statements: list[str]) -> None:
    shop = pair(KEYED)
    plan = shop.cross(*statements)
    dropping = [step for step in plan.steps if any("drop constraint" in text.lower() for text in step.sql)]
    assert all(any("USING INDEX" in text for text in step.sql) for step in dropping) and dropping
    assert shop.differences() == ()
    assert shop.back() == ()


def test_a_foreign_key_is_exchanged_without_a_gap(pair: MakePair) -> None:
    shop = pair(KEYED)
    plan = shop.cross(
        "alter table runs drop constraint fk",
        "alter table runs add constraint fk foreign key (n) references parents on delete cascade",
    )
    assert [len(step.sql) for step in plan.steps] == [2, 1]
    assert forms(plan) == ["validated-foreign-key", "validated-foreign-key"]
    assert shop.differences() == ()
    assert shop.back() == ()


def test_an_index_goes_after_its_successor_is_built(pair: MakePair) -> None:
    shop = pair(SHOP + "create index one on orders (code); create index two on orders (total);")
    plan = shop.cross(
        "drop index one, two",
        "create index three on orders (code, total)",
        "create index two on orders (total desc)",
        "alter table orders add column extra text",
    )
    assert [text.split(" ON ")[0] for text in texts(plan)] == [
        "CREATE INDEX CONCURRENTLY three",
        'DROP INDEX CONCURRENTLY "public"."one"',
        'DROP INDEX CONCURRENTLY "public"."two"',
        "CREATE INDEX CONCURRENTLY two",
        "alter table orders add column extra text",
    ]
    assert shop.differences() == ()
    assert shop.back() == ()


def test_rows_are_not_worked_through_under_the_lock_of_a_new_column(pair: MakePair) -> None:
    shop = pair(SHOP)
    plan = shop.cross(
        "alter table orders add column extra text",
        "update orders set extra = case when random() < 2 then code end where total > 5",
        "alter table orders drop column note",
    )
    assert [len(step.sql) for step in plan.steps] == [1, 1, 1]
    assert shop.differences() == ()


def test_a_teams_own_careful_steps_are_not_run_under_one_lock(pair: MakePair) -> None:
    shop = pair(SHOP)
    plan = shop.cross(
        "alter table orders add constraint has_code check (code is not null) not valid",
        "alter table orders validate constraint has_code",
        "alter table orders alter code set not null",
        "alter table orders drop constraint has_code",
        "alter table orders add constraint buyer foreign key (customer_id) references customers not valid",
        "alter table orders validate constraint buyer",
    )
    assert [len(step.sql) for step in plan.steps] == [1, 1, 3, 1]
    assert forms(plan) == [None, "validated-alone", None, "validated-alone"]
    assert shop.differences() == ()
    assert shop.back() == ()
