"""A clone without rows plans as the full database does, on a server that takes statistics and on one that does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from fixtures.runs import plan_of, transaction

from watari.errors.programs import NoServerPrograms
from watari.evidence.event import ignore
from watari.postgres.embedded import EmbeddedServer, binaries
from watari.rehearsal.clones import make_clone
from watari.rehearsal.content import content
from watari.rehearsal.rowless import Pretence, _waterline
from watari.rehearsal.source import look_at

PLAN = plan_of(transaction("select 1"))

SHOP = """
create type kind as enum ('a', 'b', 'c');
create domain yen as int check (value >= 0);
create table customers (id int primary key, email varchar(80) unique, kind kind, tags text[], words tsvector, during daterange,
    address inet, born date, note text);
create table orders (id bigint primary key, customer_id int not null references customers, status text, total yen, at timestamptz);
create table "日記" (id int primary key, body text) with (fillfactor = 50);
create table measures (at date, value numeric) partition by range (at);
create table measures_2025 partition of measures for values from ('2025-01-01') to ('2026-01-01');
create table measures_2026 partition of measures for values from ('2026-01-01') to ('2027-01-01');
insert into customers select g, 'c' || g || '@shop.jp', (array['a', 'b', 'b', 'c'])[g % 4 + 1]::kind,
    array['t' || g % 7, 't' || g % 3], to_tsvector('simple', 'word' || g % 20 || ' also'),
    daterange('2020-01-01'::date + g % 100, '2020-03-01'::date + g % 300), ('10.0.' || g % 200 || '.1')::inet,
    date '1990-01-01' + g % 9000, case when g % 3 = 0 then 'x' end from generate_series(1, 5000) g;
insert into orders select g, (g::bigint * g % 5000) + 1, (array['paid', 'paid', 'paid', 'open'])[g % 4 + 1], g % 1000,
    '2026-01-01'::timestamptz + g * interval '1 minute' from generate_series(1, 60000) g;
insert into "日記" select g, repeat('ほげ', 50) from generate_series(1, 2000) g;
insert into measures select date '2025-01-01' + g % 700, g from generate_series(1, 4000) g;
create index on customers (lower(email));
create index on customers (kind);
create index on customers using gin (tags);
create index on orders (customer_id);
create index on orders (at) where status = 'open';
create index on orders using brin (at);
vacuum analyze;
"""

QUESTIONS = (
    "select * from orders where id = 7",
    "select * from orders where customer_id = 5",
    "select * from orders where status = 'open'",
    "select * from orders where status = 'open' and at > '2026-02-09'",
    "select * from orders where at between '2026-01-10' and '2026-01-11'",
    "select count(*) from orders where total < 10",
    "select * from customers c join orders o on o.customer_id = c.id where c.kind = 'a'",
    "select * from customers c join orders o on o.customer_id = c.id where c.id < 20",
    "select * from customers where email = 'c17@shop.jp'",
    "select * from customers where lower(email) = 'c17@shop.jp'",
    "select * from customers where tags @> array['t3']",
    "select * from customers where words @@ 'word5'",
    "select * from customers where address = '10.0.7.1' or note is null",
    "select kind, count(*) from customers group by kind",
    "select born, count(*) from customers group by born order by born limit 10",
    "select * from \"日記\" where id between 10 and 20 or body like 'ほ%'",
    "select * from measures where at = '2025-06-01'",
    "select at, sum(value) from measures group by at",
)
# before 17 `pg_stats` does not show what is known of ranges
RANGES = "select * from customers where during && daterange('2020-02-01', '2020-02-02')"


@contextmanager
def session(url) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**url.conninfo(), autocommit=True) as opened:
        yield opened


@pytest.fixture(params=[15, 18], scope="module")
def shop(request, tmp_path_factory):
    try:
        programs = binaries(major=request.param)
    except NoServerPrograms:
        pytest.skip(f"PostgreSQL {request.param} is not installed")
    folder = tmp_path_factory.mktemp("shop")
    for place in (folder, *folder.parents[:2]):
        place.chmod(0o755)
    with EmbeddedServer.start(folder / "server", settings={"autovacuum": "off"}, bin_folder=programs) as server:
        with session(server.url()) as admin:
            admin.execute("create database shop")
        with session(server.url("shop")) as own:
            for statement in SHOP.split(";\n"):
                if statement.strip():
                    own.execute(statement)
        yield server.url("shop")


def clone(url, rows, masks=(), plan=PLAN):
    return make_clone(look_at(url, plan, content(rows, masks)), way="dump", events=ignore)


def nodes(plan) -> Iterator[tuple]:
    yield plan["Node Type"], plan.get("Relation Name"), plan.get("Index Name"), plan["Plan Rows"], plan["Plan Width"]
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def plans(url) -> dict[str, list]:
    with session(url) as there:
        there.execute("set max_parallel_workers_per_gather = 0")
        found = {}
        for question in (*QUESTIONS, *([RANGES] if there.info.server_version >= 170000 else [])):
            (answer,) = there.execute("explain (format json) " + question).fetchone()
            found[question] = list(nodes((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]))
        return found


def differences(one, other) -> list[str]:
    return [
        f"{question}: {one[question]} / {other[question]}" for question in QUESTIONS if one[question] != other[question]
    ]


def known(url, tables="%") -> list:
    with session(url) as there:
        return there.execute(
            "select schemaname, tablename, attname, inherited, null_frac, avg_width, n_distinct, most_common_vals::text, "
            "most_common_freqs, histogram_bounds::text, correlation, most_common_elems::text, most_common_elem_freqs, "
            "elem_count_histogram from pg_stats "
            "where schemaname = 'public' and tablename like %s order by 1, 2, 3, 4",
            [tables],
        ).fetchall()


def test_a_full_clone_knows_what_the_source_knows(shop):
    with clone(shop, "all") as copy:
        assert known(copy.url) == known(shop)
        assert differences(plans(copy.url), plans(shop)) == []


def test_a_clone_without_rows_plans_as_the_full_database(shop):
    with clone(shop, "none") as copy, session(copy.url) as there:
        assert copy.rowless is not None
        copy.rowless.begin()
        assert there.execute("select count(*) from orders").fetchone() == (0,)
        assert known(copy.url) == known(shop)
        assert differences(plans(copy.url), plans(shop)) == []
        # an index build and a rewrite take the sizes away; rows can be written all the same
        there.execute("create index on orders (total); alter table customers alter column note type varchar(10)")
        there.execute("insert into customers (id, email) values (1, 'a'), (2, 'b')")
        there.execute("vacuum customers")
        copy.rowless.renew()
        wanted = plans(shop)
        now = plans(copy.url)
        assert now["select * from orders where customer_id = 5"] == wanted["select * from orders where customer_id = 5"]
        assert (
            now["select kind, count(*) from customers group by kind"]
            == (wanted["select kind, count(*) from customers group by kind"])
        )
        assert there.execute("select count(*) from customers").fetchone() == (2,)


def test_what_is_masked_is_in_no_statistics(shop):
    with clone(shop, "none", masks=("customers.email = email",)) as copy:
        assert copy.rowless is not None
        copy.rowless.begin()
        assert "shop.jp" not in str(known(copy.url)) and "shop.jp" in str(known(shop))
        assert known(copy.url, "orders") == known(shop, "orders")


def test_what_is_too_large_to_be_read_is_cut_to_one_size():
    assert _waterline([10, 20, 30], 100) == 30
    assert _waterline([10, 200, 300], 110) == 50
    assert _waterline([], 5) == 0


def test_a_cut_relation_has_rows_in_proportion(shop):
    with clone(shop, "none") as copy, session(copy.url) as there:
        assert copy.rowless is not None
        copy.rowless.begin()
        before = there.execute("select pg_relation_size('orders')").fetchone()[0]
        there.execute("vacuum full")
        small = Pretence(url=copy.rowless.url, statistics=copy.rowless.statistics, most_bytes=1 << 20)
        assert small.cut and not copy.rowless.cut
        small.renew()
        size, rows = there.execute(
            "select pg_relation_size('orders'), reltuples from pg_class where relname = 'orders'"
        ).fetchone()
        assert size < before / 4
        assert abs(rows - 60000 * size / before) < 1000
