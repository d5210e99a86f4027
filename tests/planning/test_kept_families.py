"""Partitioned and inherited tables, single partitions, and what CASCADE takes along: kept whole, and back with everything."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from planning.conftest import ALL_LARGE, in_no_order, migration, plan_of, run
from planning.equality import pair_on, unequal
from planning.test_keeping import let_everything_go
from planning.test_way_back import back, of
from watari.catalog import KeptKind
from watari.catalog.difference import difference
from watari.errors.refused import NoWayBack
from watari.planning.way_back import questions
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog

SHOP = """
    create schema other;
    create table customers (id int primary key, name text);
    create table events (
        id int, day date not null, kind text not null, customer int references customers, amount int, primary key (id, day, kind)
    ) partition by range (day);
    create table events_1 partition of events for values from ('2026-01-01') to ('2026-04-01');
    create table other."Events 2" partition of events for values from ('2026-04-01') to ('2026-07-01') partition by list (kind);
    create table events_2a partition of other."Events 2" for values in ('a');
    create table events_2b partition of other."Events 2" default;
    create table events_rest partition of events default;
    create index on events (amount desc);
    create index events_1_own on events_1 (kind);
    create table hashed (id int primary key, n int) partition by hash (id);
    create table hashed_0 partition of hashed for values with (modulus 2, remainder 0);
    create table hashed_1 partition of hashed for values with (modulus 2, remainder 1);
    create table parents (id int primary key, body text);
    create table children (extra int) inherits (parents);
    create index on children (extra);
    insert into customers select n, 'c' || n from generate_series(1, 20) n;
    insert into events select n, date '2026-01-01' + n, chr(97 + n % 3), 1 + n % 20, n from generate_series(0, 300) n;
    insert into hashed select n, n from generate_series(1, 100) n;
    insert into parents select n, 'p' from generate_series(1, 10) n;
    insert into children select n, 'c', n from generate_series(11, 20) n;
"""
DEPENDANTS = """
    create view totals as select kind, sum(amount) as total from events group by 1;
    create view more as select * from totals where total > 0;
    create materialized view counted as select count(*) from events;
    create unique index on counted (count);
    create function all_events() returns setof events language sql as 'select * from events';
    create function named(orders events) returns int language sql as 'select 1';
    create function only_named() returns bigint language plpgsql as 'begin return (select count(*) from events); end';
    create table lines (event int, day date, kind text, foreign key (event, day, kind) references events);
    insert into lines values (1, '2026-01-02', 'b');
    alter table customers enable row level security;
    create policy few on customers using (id in (select customer from events));
    grant select on totals to public; comment on view totals is 'all of them';
"""

DROPS = [
    ("", "drop table events"),
    ("", "drop table events_1"),
    ("", 'drop table other."Events 2"'),
    ("", "drop table events_2a"),
    ("", "drop table events_rest"),
    ("", "drop table hashed_0"),
    ("", "drop table hashed, events"),
    ("", "drop table events_1, events"),
    ("", "drop table parents, children"),
    ("", "drop table parents cascade"),
    (DEPENDANTS, "drop table events cascade"),
    (DEPENDANTS, "drop table lines; drop table customers cascade"),
]


_ROWS = sql.SQL("select tableoid::regclass::text, t::text from {} t order by 2")


def everything(connection: psycopg.Connection) -> list[object]:
    found = []
    for table in ("customers", "events", "events_1", "hashed", "parents", "children"):
        if connection.execute("select to_regclass(%s)", [table]).fetchone() != (None,):
            found += connection.execute(_ROWS.format(sql.Identifier(table))).fetchall()
    return found


def there_and_back(server: EmbeddedServer, setup: str, statement: str, but: str = "local") -> None:
    with pair_on(server, SHOP + setup) as pair:
        known = everything(pair.planned)
        change = migration("001", statement)
        plan = pair.cross(statement)
        assert {step.rewritten for step in plan.steps} == {"kept-table"}, [n.en for s in plan.steps for n in s.notes]
        assert [line for line in unequal(pair) if "left behind" not in line] == []
        way = back(read_catalog(pair.planned), *of(plan, change))
        run(pair.planned, way.steps)
        assert everything(pair.planned) == known
        found = difference(in_no_order(pair.before), in_no_order(pair.catalog()))
        assert [str(each) for each in found if "local" not in str(each) and but not in str(each)] == []
        assert read_catalog(pair.planned).kept == ()
        run(pair.planned, plan_of(pair.catalog(), change, policy=ALL_LARGE).steps)
        let_everything_go(pair)
        assert unequal(pair) == []


@pytest.mark.parametrize(("setup", "statement"), DROPS)
def test_it_is_kept_whole_and_comes_back_with_everything(server, setup: str, statement: str) -> None:
    there_and_back(server, setup, statement)


@pytest.mark.parametrize(("setup", "statement"), DROPS[::3] + DROPS[-2:])
def test_it_is_kept_whole_and_comes_back_with_everything_on_15(server_15, setup: str, statement: str) -> None:
    # before 18, VALIDATE leaves the parts of a foreign key unmarked that lead to single partitions
    there_and_back(server_15, setup, statement, but="lines_event_day_kind_fkey")


def test_what_cascade_takes_along_is_named_beforehand(server: EmbeddedServer) -> None:
    with pair_on(server, SHOP + DEPENDANTS) as pair:
        plan = plan_of(pair.before, migration("001", "drop table events cascade"))
        said = " ".join(note.en for step in plan.steps for note in step.notes)
        for name in (
            "view public.totals",
            "view public.more",
            "materialized view public.counted",
            "all_events",
            "policy few",
        ):
            assert name in said
        assert "only_named" not in said


def test_rows_that_came_since_into_the_default_partition_keep_the_dropped_one_out(server: EmbeddedServer) -> None:
    with pair_on(server, SHOP) as pair:
        change = migration("001", "drop table events_1")
        plan = pair.cross("drop table events_1")
        shop = pair.planned
        shop.execute("insert into events values (1000, '2026-02-02', 'a', 1, 1)")
        found = questions(of(plan, change), read_catalog(shop))
        answers = {query: shop.execute(query.encode()).fetchone()[0] for query in found}
        assert sorted(answers.values())[-1] == 1
        with pytest.raises(NoWayBack, match="1 rows that belong into"):
            back(read_catalog(shop), *of(plan, change), answers={q: n for q, n in answers.items() if n})


@pytest.mark.parametrize(
    ("setup", "statement", "why"),
    [
        ("create table lines (event int, day date, kind text, foreign key (event, day, kind) references events)", "drop table events_1 cascade",
         "refer"),
        ("create publication p for table events_1", "drop table events_1", "publication"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_whole_is_not_kept_and_the_plan_says_why(
    server, setup: str, statement: str, why: str
) -> None:
    with pair_on(server, SHOP + setup) as pair:
        plan = plan_of(pair.before, migration("001", statement))
        assert any(why in note.en for step in plan.steps for note in step.notes)
        assert not [kept for step in plan.steps for kept in step.keeps if kept.kind is KeptKind.TABLE]


LAGER = """
    create schema lager; create type lager.mood as enum ('a', 'b'); create sequence lager.numbers;
    create function lager.one() returns int language sql as 'select 1';
    create table lager.goods (id int primary key default nextval('lager.numbers'), mood lager.mood, customer int references customers);
    create table lager."Bins" (id serial primary key, good int references lager.goods);
    create view lager.inner_view as select count(*) from lager.goods;
    create view outer_view as select * from lager.inner_view; comment on view outer_view is 'out there';
    create table outer_refs (good int references lager.goods);
    insert into lager.goods (mood, customer) select 'a', n from generate_series(1, 20) n;
    insert into lager."Bins" (good) select n from generate_series(1, 20) n;
    insert into outer_refs values (1);
    insert into customers values (21, 'of a good'); update lager.goods set customer = 21 where id = 20;
"""


@pytest.mark.parametrize("major", ["server", "server_15"])
def test_a_schema_goes_by_another_name_and_comes_back(request: pytest.FixtureRequest, major: str) -> None:
    with pair_on(request.getfixturevalue(major), SHOP + LAGER) as pair:
        change = migration("001", "drop schema lager cascade")
        plan = pair.cross("drop schema lager cascade")
        assert [step.rewritten for step in plan.steps] == ["kept-schema"], [n.en for s in plan.steps for n in s.notes]
        assert "view public.outer_view" in plan.steps[0].notes[0].en and plan.losses == ()
        assert unequal(pair) == []
        for each in (pair.planned, pair.written):
            each.execute("delete from customers where id = 21")
        answers = asked_of(pair.planned, plan, change)
        assert list(answers.values()) == [1]
        run(pair.planned, back(read_catalog(pair.planned), *of(plan, change), answers=answers).steps)
        found = [str(each) for each in difference(in_no_order(pair.before), in_no_order(pair.catalog()))]
        # a row that it refers to is gone: it is not valid any more
        assert found and all("goods_customer_fkey" in each for each in found), found
        query = 'select count(*) from lager.goods, lager."Bins" b where good = goods.id'
        assert pair.planned.execute(query).fetchone() == (20,)
        run(pair.planned, plan_of(pair.catalog(), change, policy=ALL_LARGE).steps)
        let_everything_go(pair)
        assert unequal(pair) == []


def asked_of(connection: psycopg.Connection, plan: object, change: object) -> dict[str, int]:
    found = questions(of(plan, change), read_catalog(connection))  # type: ignore[arg-type]
    answers = {query: connection.execute(query.encode()).fetchone()[0] for query in found}
    return {query: count for query, count in answers.items() if count}


@pytest.mark.parametrize(
    "outside",
    [
        "alter table customers add column mood lager.mood",
        "alter table customers alter id set default nextval('lager.numbers')",
        "create table heirs () inherits (lager.goods)",
        "create view v as select 1; create rule r as on insert to v do instead insert into lager.goods values (1)",
    ],
)
def test_a_schema_that_others_are_made_of_is_not_kept_and_the_plan_says_what(server, outside: str) -> None:
    with pair_on(server, SHOP + LAGER + outside) as pair:
        plan = plan_of(pair.before, migration("001", "drop schema lager cascade"))
        assert not any(step.keeps for step in plan.steps) and plan.losses
        assert any(
            "outside the schema" in note.en or "belongs" in note.en for step in plan.steps for note in step.notes
        )


def test_columns_that_go_with_their_type_are_named_as_lost(server: EmbeddedServer) -> None:
    more = (
        "create type mood as enum ('a', 'b'); alter table customers add column mood mood default 'a', add moods mood[];"
    )
    with pair_on(server, SHOP + more) as pair:
        plan = plan_of(pair.before, migration("001", "drop type mood cascade"))
        assert {loss.object for loss in plan.losses} == {"public.customers.mood", "public.customers.moods"}
        assert any("public.customers.mood" in note.en for step in plan.steps for note in step.notes)
