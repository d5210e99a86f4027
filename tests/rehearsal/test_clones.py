"""Copies are what the source is, for whom it is, and gone afterwards, even after a kill."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from fixtures.runs import plan_of, transaction

from watari.errors.programs import NoServerPrograms
from watari.errors.rehearsals import BadMask, BadRows, MaskUnfit
from watari.errors.running import NoClone
from watari.evidence.event import ignore
from watari.execution.steps.create_database import maintenance
from watari.postgres.embedded import EmbeddedServer, binaries
from watari.project.secret import Secret
from watari.rehearsal.clone_databases import remove_leftovers
from watari.rehearsal.clones import make_clone, ways
from watari.rehearsal.content import content
from watari.rehearsal.source import Elsewhere, look_at
from watari.rehearsal.standins import lay_out

PLAN = plan_of(transaction("select 1"))


@pytest.fixture
def source(connection):
    connection.execute("create table t (id int); insert into t select generate_series(1, 100)")
    connection.close()


def clone(url, way, *, rows="all", masks=(), staging=None):
    return make_clone(look_at(url, PLAN, content(rows, masks), Elsewhere(staging=staging)), way=way, events=ignore)


def clones(server) -> list[str]:
    with psycopg.connect(**server.url().conninfo()) as admin:
        return [name for (name,) in admin.execute("select datname from pg_database where datname like 'watari_clone%'")]


@contextmanager
def session(url) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**url.conninfo(), autocommit=True) as opened:
        yield opened


def test_the_cheapest_way_is_tried_first():
    assert [way.name for way in ways()] == ["branch", "template", "docker", "dump", "base_backup", "staging"]


@pytest.mark.parametrize("way", ["template", "dump"])
def test_a_copy_holds_the_rows_and_takes_no_changes_home(way, database, source):
    with clone(database, way) as copy, session(copy.url) as there:
        assert there.execute("delete from t returning id").rowcount == 100
    with session(database) as own:
        assert own.execute("select count(*) from t").fetchone() == (100,)


@pytest.mark.parametrize("way", ["template", "dump"])
def test_settings_of_the_database_go_with_it(way, database, source):
    with session(database) as own:
        own.execute(f"alter database {database.database} set search_path = app, public")
        own.execute(f"alter role postgres in database {database.database} set work_mem = '7MB'")
        own.execute(f"alter database {database.database} set application_name = 'it''s quoted'")
    with clone(database, way) as copy, session(copy.url) as there:
        assert there.execute("show search_path").fetchone() == ("app, public",)
        assert there.execute("show work_mem").fetchone() == ("7MB",)
        assert there.execute("show application_name").fetchone() == ("it's quoted",)


def test_in_the_throw_away_server_the_user_may_do_what_it_may_at_home(database, source):
    with session(database) as own:
        own.execute("drop role if exists watari_reader; drop role if exists watari_group")
        own.execute("create role watari_group; create role watari_reader login password 'r3ader' in role watari_group")
        own.execute("grant select on t to watari_group")
    url = replace(database, user="watari_reader", password=Secret("r3ader"))
    try:
        with clone(url, "dump") as copy, session(copy.url) as there:
            assert there.execute("select current_user, count(*) from t group by 1").fetchone() == ("watari_reader", 100)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                there.execute("alter table t add column n int")
    finally:
        with session(database) as own:
            own.execute("drop owned by watari_group; drop role watari_reader; drop role watari_group")


def test_a_throw_away_server_asks_for_a_password_and_is_gone_afterwards(database, source):
    with clone(database, "dump") as copy, pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(**{**copy.url.conninfo(), "password": "guess"})
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**copy.url.conninfo(), connect_timeout=2)


def test_clones_of_killed_rehearsals_go_and_those_in_use_stay(server, database, source):
    child = os.fork()
    if child == 0:
        try:
            clone(database, "template")
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    (left,) = clones(server)
    with clone(database, "template") as copy:
        assert clones(server) == [copy.url.database]
        with maintenance(database) as connection:
            assert remove_leftovers(connection) == ()
    assert clones(server) == [] and left != copy.url.database


def test_a_long_name_is_cut(new_database):
    url = new_database(name="ka" * 30)
    with clone(url, "template") as copy:
        assert copy.url.database.startswith("watari_clone_kaka") and len(copy.url.database) <= 63


def test_a_source_of_another_major_version_is_copied_into_its_own_kind(tmp_path):
    try:
        programs = binaries(major=15)
    except NoServerPrograms:
        pytest.skip("PostgreSQL 15 is not installed")
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.name.startswith("pytest"):
            parent.chmod(0o755)
    with EmbeddedServer.start(tmp_path / "server", bin_folder=programs) as old:
        with session(old.url()) as own:
            own.execute("create database shop")
        with session(old.url("shop")) as own:
            own.execute("create table t (id int); insert into t values (1)")
            with clone(old.url("shop"), "dump") as copy, session(copy.url) as there:
                assert there.info.server_version // 10000 == 15
                assert there.execute("select * from t").fetchall() == [(1,)]


def test_a_copy_that_is_broken_off_leaves_nothing(server, database, source):
    with session(database) as own:
        own.execute("create table p (id int)")
        # somebody comes in between the look and the copy
        (way,) = (each for each in ways() if each.name == "template")
        with pytest.raises(Exception, match="accessed by other users"):
            way.make(look_at(database, PLAN))
    assert clones(server) == []


# -- parts of the rows, masks, other servers --------------------------------------------------------------------------

SHOP = r"""
create schema sales;
create table customers (id int primary key, email text unique, name text, born date, referrer int references customers);
create table sales.orders (id int, year int, customer_id int not null references customers, primary key (year, id))
    partition by list (year);
create table sales.orders_2025 partition of sales.orders for values in (2025);
create table sales.orders_2026 partition of sales.orders for values in (2026);
create table items (order_year int, order_id int, n int, price int, twice int generated always as (price * 2) stored,
    foreign key (order_year, order_id) references sales.orders (year, id));
create table notes (id serial, "本文" text);
insert into customers select g, 'c' || g || '@shop.jp', 'Name ' || g, '2000-02-03', nullif(g / 2, 0) from generate_series(1, 2000) g;
insert into sales.orders select g, 2025 + g % 2, g % 2000 + 1 from generate_series(1, 6000) g;
insert into items (order_year, order_id, n, price) select 2025 + g % 2, g, 1, g from generate_series(1, 6000) g;
insert into notes ("本文") select 'メモ' from generate_series(1, 10);
create view big as select * from items where price > 100;
create materialized view totals as select order_id, sum(price) from items group by 1;
create type mood as enum ('sad', 'happy');
create type pair as (a int, b text);
create domain yen as int check (value >= 0);
create table by_text (m mood[], p pair, r regclass, rs regtype[], ys yen[]);
insert into by_text values ('{sad,NULL}', '(1,"a b")', 'customers', '{mood,int4}', '{1,2}'), (null, null, null, null, null);
create table by_binary (n numeric, f float8, b bytea, j jsonb, u uuid, i interval, e mood, d yen, at timestamptz[], a int[][],
    r tsrange, mr nummultirange, c "char", nm name, f5 char(5), bits varbit, ip inet, net cidr, m money, o oid, w tsvector, "日" text);
insert into by_binary values ('NaN', 'infinity', '\x00ff5c6e', '{"a": [1, "\u65e5"]}', '5df41881-3aed-3515-88a7-2f4a814cf09e',
    '1 mon -2 days 03:00', 'happy', 5, '{2026-01-01 00:00:00+09,infinity}', '{{1,2},{3,NULL}}', '[2026-01-01,)', '{[1,2),(5,6]}', 'x',
    'name', 'ab', B'10101', '::1/64', '10.0.0.0/8', '12.34', 4294967295, 'a:1A b:2', E'日本\t\\.\n');
insert into by_binary (n, f) values (-1234567890.000001, 'nan');
analyze;
"""


@pytest.fixture
def shop(connection):
    connection.execute(SHOP)
    connection.close()


def digests(url) -> dict[str, str]:
    with session(url) as there:
        tables = there.execute(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = relnamespace "
            "where relkind in ('r', 'm', 'p') and nspname in ('public', 'sales') order by 1"
        ).fetchall()
        return {
            table: there.execute(f"select md5(string_agg(t::text, '|' order by t::text)) from {table} t").fetchone()[0]  # noqa: S608
            for (table,) in tables
        }


@pytest.mark.parametrize("way", ["template", "dump", "base_backup", "staging"])
def test_every_way_brings_everything(way, database, shop, server):
    with clone(database, way, staging=server.url()) as copy:
        assert digests(copy.url) == digests(database)
        with session(copy.url) as there:
            # a regclass is the number of an object, and that is another one there
            assert there.execute(
                "select count(*) from pg_class where oid = (select r from by_text limit 1)"
            ).fetchone() == (1,)
            assert there.execute("select nextval('notes_id_seq')").fetchone() == (11,)
            assert there.execute(
                "select count(*) from pg_constraint where contype = 'f' and conparentid = 0"
            ).fetchone() == (3,)
            assert there.execute(
                "select indisvalid from pg_index where indexrelid = 'customers_email_key'::regclass"
            ).fetchone() == (True,)


def test_a_sample_keeps_every_reference_whole(database, shop):
    with clone(database, "dump", rows="5%") as copy, session(copy.url) as there:
        ((items,), (orders,), (customers,)) = (
            there.execute(query).fetchone()
            for query in (
                "select count(*) from items",
                "select count(*) from sales.orders",
                "select count(*) from customers",
            )
        )
        # about 300 of 6,000, and what they need: the foreign keys are there, so nothing is missing
        assert 150 < items < 600 and items <= orders < 1500 and 300 < customers < 2000
        assert there.execute(
            "select count(*) from pg_constraint where contype = 'f' and not convalidated"
        ).fetchone() == (0,)
        assert there.execute("select bool_and(twice = price * 2) from items").fetchone() == (True,)


def test_a_sample_is_whole_for_the_foreign_keys_of_the_plan_too(database, shop):
    with session(database) as own:
        own.execute("alter table sales.orders drop constraint orders_customer_id_fkey")
    plan = plan_of(
        transaction(
            "alter table sales.orders add constraint f foreign key (customer_id) references customers not valid"
        )
    )
    with (
        make_clone(look_at(database, plan, content("5%", ())), way="dump", events=ignore) as copy,
        session(copy.url) as there,
    ):
        there.execute(plan.steps[0].sql[0].replace(" not valid", ""))
        assert there.execute("select count(*) > 150 from sales.orders").fetchone() == (True,)


def test_no_rows_at_all(database, shop):
    with clone(database, "dump", rows="none") as copy, session(copy.url) as there:
        assert there.execute("select (select count(*) from items), (select count(*) from big)").fetchone() == (0, 0)


@pytest.mark.parametrize("way", ["template", "dump", "base_backup", "staging"])
def test_what_is_masked_cannot_be_read_in_any_clone(way, database, shop, server):
    masks = (
        "customers.email = email",
        "customers.name = digits",
        "public.customers.born = year",
        'notes."本文" = text:伏字',
    )
    with clone(database, way, masks=masks, staging=server.url()) as copy, session(copy.url) as there:
        email, name, born = there.execute("select email, name, born::text from customers where id = 12").fetchone()
        assert email.endswith("@example.com") and "shop" not in email
        assert (name, born) == ("xxxx 99", "2000-01-01")
        assert there.execute('select distinct "本文" from notes').fetchall() == [("伏字",)]
        assert there.execute("select count(distinct email) from customers").fetchone() == (2000,)


@pytest.mark.parametrize(
    ("mask", "why"),
    [
        ("customers.nothing = hash", "no such column"),
        ("customers.email = null", "unique"),
        ("customers.id = hash", "foreign keys"),
        ("sales.orders.customer_id = null", "foreign keys"),
    ],
)
def test_a_mask_that_does_not_fit_is_refused(mask, why, database, shop, server):
    with pytest.raises(MaskUnfit, match=why):
        clone(database, "template", masks=(mask,))
    assert clones(server) == []


@pytest.mark.parametrize("line", ["customers.email", "email = hash", "customers.email = secret"])
def test_a_line_that_is_no_mask_says_what_one_is(line):
    with pytest.raises(BadMask, match="no mask"):
        content("all", (line,))


@pytest.mark.parametrize("rows", ["half", "120%", "5"])
def test_a_part_that_is_none(rows):
    with pytest.raises(BadRows):
        content(rows, ())


def test_a_clone_on_the_same_server_is_nobody_elses(server, database, shop):
    with session(database) as own:
        own.execute("drop role if exists watari_stranger; create role watari_stranger login password 'x'")
    try:
        with clone(database, "template") as copy:
            stranger = replace(copy.url, user="watari_stranger", password=Secret("x"))
            with pytest.raises(psycopg.OperationalError, match="CONNECT privilege"):
                psycopg.connect(**stranger.conninfo())
    finally:
        with session(database) as own:
            own.execute("drop role watari_stranger")


def test_large_objects_come_along(database, connection):
    connection.execute("create table files (id int, data oid); insert into files select 1, lo_from_bytea(0, 'abc')")
    connection.close()
    with clone(database, "dump") as copy, session(copy.url) as there:
        assert there.execute("select lo_get(data) from files").fetchone() == (b"abc",)


def test_without_a_staging_server_that_way_says_so(database, shop):
    with pytest.raises(NoClone, match="no staging server"):
        clone(database, "staging")


def test_stand_ins_have_the_form_of_what_they_stand_for(tmp_path):
    """uuid-ossp itself is not in the embedded server; a server that has it would be asked nothing else."""
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.name.startswith("pytest"):
            parent.chmod(0o755)
    settings = lay_out(tmp_path / "standins", major=18)
    with (
        EmbeddedServer.start(tmp_path / "server", settings=settings, bin_folder=binaries(major=18)) as own,
        session(own.url()) as there,
    ):
        there.execute('create extension if not exists "uuid-ossp"')
        for name in (
            "uuid_generate_v1()",
            "uuid_generate_v4()",
            "uuid_generate_v3(uuid_ns_dns(), 'a')",
            "uuid_generate_v5(uuid_ns_url(), 'a')",
        ):
            (made,) = there.execute(f"select {name}").fetchone()
            assert made.version == int(name[15]) and made.variant == "specified in RFC 4122"
        # v3 is the real thing: MD5 of namespace and name (RFC 9562, appendix)
        (third,) = there.execute("select uuid_generate_v3(uuid_ns_dns(), 'www.example.com')").fetchone()
        assert str(third) == "5df41881-3aed-3515-88a7-2f4a814cf09e"
