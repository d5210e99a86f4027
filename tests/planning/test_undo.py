"""What a plan notes as undo brings the schema back, kind of statement by kind of statement, on a real server."""

from __future__ import annotations

import psycopg
import pytest

from planning.conftest import in_no_order, migration, plan_of, run, undo
from watari.catalog.difference import difference
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy

SETUP = """
    create role reader; create role writer;
    create type mood as enum ('sad', 'ok');
    create type pair as (a int, b text);
    create domain positive as int default 1 check (value > 0);
    create sequence counter as int increment 5 start 7 cache 3;
    create table people (
        id serial primary key, name text not null default 'nobody', age int check (age > 0), mood mood, note varchar(20),
        unique (name, age)
    );
    create table pets (id bigint primary key, owner int references people on delete set null, legs int default 4);
    create table empty (id serial primary key, person int references people, legs int not null default 4 check (legs >= 0));
    create index on empty (legs desc) where legs > 2; comment on table empty is 'still empty';
    grant select on empty to reader; alter table empty enable row level security;
    create policy p on empty for select to reader using (id > 1);
    create index by_owner on pets (owner); create unique index one_name on people (lower(name)) where age is not null;
    create view adults with (security_invoker = true) as select id, name from people where age > 17;
    grant select on adults to reader; comment on view adults is 'grown up';
    create materialized view counts as select count(*) as n from people; create unique index on counts (n);
    create function twice(x int) returns int language sql immutable as 'select x * 2';
    create function twice(x text) returns text language sql as 'select x || x'; comment on function twice(int) is 'two times';
    create function touch() returns trigger language plpgsql as 'begin return new; end';
    create trigger t before update on people for each row execute function touch(); alter table people disable trigger t;
    create policy own on people using (name = current_user); alter table people enable row level security;
    create table measurements (day date not null, v int) partition by range (day);
    create table m2024 partition of measurements for values from ('2024-01-01') to ('2025-01-01');
    create table m2025 (like measurements);
    comment on column people.age is 'in years'; grant select (name) on people to reader;
    alter table people alter age set statistics 50; alter table pets set (fillfactor = 90);
    insert into people (name, age, note) select 'p' || n, n, 'n' from generate_series(1, 40) n;
    insert into pets select n, n, 4 from generate_series(1, 40) n;
    insert into measurements values ('2024-05-05', 1);
"""

STATEMENTS = [
    "create table t (id int primary key)",
    "create table if not exists people (id int)",
    "create table t (like people including all, other positive); create index on t (age); insert into t (name) values ('x')",
    "create unlogged table app_t as select * from people",
    "create temporary table scratch (id int); insert into scratch values (1); drop table scratch",
    "select * into copy_of_people from people",
    "create materialized view mv as select 1 as one; create index on mv (one)",
    "create view v as select 1 as one",
    "create or replace view adults as select id, name, age from people where age > 19",
    "create sequence s start 5; alter sequence s owned by people.id",
    "alter sequence counter increment 7 minvalue 2",
    "create index on people (age)",
    "create index if not exists by_owner on pets (owner)",
    "create type t as enum ('a')",
    "create type t as (a int)",
    "create domain d as text",
    "alter type mood rename value 'ok' to 'fine'",
    "alter type pair add attribute c int",
    "alter domain positive add constraint small check (value < 1000)",
    "create function f(a int, out b int) language sql as 'select a'",
    "create or replace function twice(x int) returns int language sql stable as 'select x + x'",
    "create or replace procedure p() language sql as ''",
    "alter function twice(int) volatile",
    "create trigger t2 after insert on people for each row execute function touch()",
    "create or replace trigger t before update on people for each row when (old.age > 3) execute function touch()",
    "create policy q on pets for select to reader using (legs > 2)",
    "alter policy own on people using (false)",
    "create schema s; create table s.t (id int)",
    "create statistics st (dependencies) on name, age from people",
    "create publication pub for table pets",
    "create rule r as on insert to pets do also nothing",
    "comment on table people is 'somebody'",
    "comment on column people.age is null",
    "comment on column people.name is 'called'",
    "grant insert, update (name) on people to writer with grant option",
    "revoke select on adults from reader",
    "alter default privileges grant select on tables to reader",
    "alter table people add column a int, add b text default 'x' not null",
    "alter table people add column a int references pets; update people set a = id",
    "alter table people add constraint c check (age < 1000), add unique (note, id)",
    "alter table people drop constraint people_name_age_key",
    "alter table pets drop constraint pets_owner_fkey",
    "alter table people alter name drop not null, alter name drop default, alter age set default 3",
    "alter table people alter mood set default 'sad'::mood",
    "alter table pets alter legs set not null",
    "alter table people alter note type text",
    "alter table people alter age set statistics 200",
    "alter table pets alter id add generated by default as identity",
    "alter table pets set (fillfactor = 70, autovacuum_enabled = false)",
    "alter table pets enable row level security; alter table pets force row level security",
    "alter table people disable row level security",
    "alter table people enable trigger t",
    "alter table pets owner to writer",
    "alter table pets set unlogged",
    "alter table measurements attach partition m2025 for values from ('2025-01-01') to ('2026-01-01')",
    "alter table measurements detach partition m2024",
    "alter table people rename column name to title; alter table people rename to persons",
    "alter table people rename constraint people_name_age_key to somebody",
    "alter index by_owner rename to by_master; alter view adults rename to grown",
    "alter table pets set schema pg_catalog; alter table pg_catalog.pets set schema public",
    "alter type mood rename to temper; alter sequence counter rename to count_up",
    "alter trigger t on people rename to u; alter function twice(text) rename to double",
    "drop index by_owner, one_name",
    "drop view adults",
    "drop materialized view counts",
    "drop function twice(text)",
    "drop function twice(int)",
    "drop trigger t on people",
    "drop policy own on people",
    "drop table empty",
    "alter table empty drop column legs",
    "drop type pair; drop domain positive",
    "drop table if exists nothing; drop index if exists nothing_at_all",
    "create table t (id int); create index on t (id); alter table t add column b int; drop table t",
    "create view v as select 1 as one; drop view v",
    "set search_path to public; analyze people; select set_config('a.b', 'c', false); lock table pets in share mode",
]


@pytest.mark.parametrize("policy", [Policy(), Policy(small_table_rows=0)], ids=["as written", "safely"])
def test_the_undo_of_every_kind_of_statement_brings_back_what_was_there(
    connection: psycopg.Connection, policy: Policy
) -> None:
    connection.execute("drop role if exists reader, writer")
    connection.execute(SETUP.encode())
    connection.execute("analyze")
    before = read_catalog(connection)
    failures: list[str] = []
    for number, statement in enumerate(STATEMENTS):
        plan = plan_of(before, migration(f"{number:03d}", statement), policy=policy)
        try:
            run(connection, plan.steps)
            undo(connection, plan.steps)
        except (psycopg.Error, AssertionError) as failure:
            failures.append(f"{statement}: {failure!r}")
            break
        after = read_catalog(connection)
        failures += [f"{statement}: {change}" for change in difference(in_no_order(before), in_no_order(after))]
    connection.execute("drop owned by reader, writer")
    connection.execute("drop role reader, writer")
    assert failures == []


LOST = [
    "drop table people cascade",
    "drop table pets",
    "alter table people drop column name",
    "update people set age = 3",
    "delete from pets",
    "insert into pets values (100, 1, 4) on conflict do nothing",
    "truncate pets",
    "alter type mood add value 'great'",
    "alter table people alter age type smallint using age / 2",
    "do $$ begin perform 1; end $$",
    "drop schema public cascade",
]


def test_what_cannot_be_taken_back_says_so(connection: psycopg.Connection) -> None:
    connection.execute("drop role if exists reader, writer")
    connection.execute(SETUP.encode())
    connection.execute("analyze")
    catalog = read_catalog(connection)
    connection.execute("drop owned by reader, writer")
    connection.execute("drop role reader, writer")
    for statement in LOST:
        plan = plan_of(catalog, migration("001", statement))
        assert [step for step in plan.steps if step.undo is None], statement
