"""One of everything goes in; every field of the catalog comes out, on each server at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest
from fixtures.catalogs import EVERYTHING

from watari.catalog import Catalog, ConstraintKind, Name, TableKind
from watari.errors.reach import RelationBusy
from watari.postgres.assembly import estimated_rows
from watari.postgres.connection import connect
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl

ORDER = Name("public", "Order")
USERS = Name("app", "users")


@pytest.fixture(params=["server", "server_15"])
def each_server(request: pytest.FixtureRequest) -> EmbeddedServer:
    """The embedded server, and 15."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def url(each_server: EmbeddedServer) -> DatabaseUrl:
    return each_server.url("everything")


@pytest.fixture
def everything(each_server: EmbeddedServer, url: DatabaseUrl) -> Iterator[psycopg.Connection]:
    """A database with one of everything."""
    server = each_server
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute("drop database if exists everything with (force)")
        admin.execute("create database everything template template0")
        with connect(url, purpose="test") as opened:
            opened.execute(EVERYTHING)
            yield opened
        admin.execute("drop database everything with (force)")


@pytest.fixture
def catalog(everything: psycopg.Connection) -> Catalog:
    return read_catalog(everything, leave_out=["public._prisma_migrations"])


def test_schemas_and_path(catalog: Catalog) -> None:
    assert catalog.database == "everything"
    assert catalog.schemas == ("app", "public")
    assert catalog.search_path == ("public",)
    assert catalog.namespaces["app"].comment == "the application"
    assert not catalog.standby
    assert catalog.settings["max_connections"] == "100"


def test_what_is_left_out(catalog: Catalog) -> None:
    names = {str(name) for name in catalog.tables}
    assert "public._prisma_migrations" not in names
    assert not any("watari" in name or "gone" in name for name in names)
    assert all(index.table in catalog.tables for index in catalog.indexes.values())
    assert all(constraint.table in catalog.tables for constraint in catalog.constraints)
    assert "_prisma_migrations_pkey" not in {index.name.name for index in catalog.indexes.values()}


def test_kinds_of_tables(catalog: Catalog) -> None:
    kinds = {name.name: table.kind for name, table in catalog.tables.items()}
    assert kinds == {
        "users": TableKind.TABLE,
        "Order": TableKind.TABLE,
        "events": TableKind.PARTITIONED,
        "events_2025": TableKind.TABLE,
        "events_2026": TableKind.TABLE,
        "cache": TableKind.TABLE,
        "paid": TableKind.VIEW,
        "totals": TableKind.MATERIALIZED_VIEW,
    }


def test_facts_of_a_table(catalog: Catalog) -> None:
    order = catalog.tables[ORDER]
    assert order.owner == "postgres"
    assert order.options == ("fillfactor=80",)
    assert order.access_method == "heap"
    assert catalog.tables[Name("public", "cache")].persistence == "u"
    users = catalog.tables[USERS]
    assert users.comment == "people"
    assert users.row_security and not users.force_row_security


def test_partitions(catalog: Catalog, everything: psycopg.Connection) -> None:
    events, part = catalog.tables[Name("public", "events")], catalog.tables[Name("public", "events_2025")]
    assert events.partition_key == "RANGE (at)"
    assert part.parents == (events.name,)
    assert part.partition_bound is not None and part.partition_bound.startswith("FOR VALUES FROM ('2025-01-01")
    assert catalog.partitions_of(events.name) == (part, catalog.tables[Name("public", "events_2026")])
    children = [i for i in catalog.indexes.values() if i.parent == Name("public", "events_at")]
    assert [i.table.name for i in children] == ["events_2025", "events_2026"]
    everything.execute(
        "insert into events select '2025-05-05', 'x' from generate_series(1, 1000); analyze events_2025, events_2026"
    )
    grown = read_catalog(everything).tables
    assert grown[events.name].rows == 1000
    assert grown[events.name].bytes >= grown[part.name].bytes > 0


def test_columns_in_their_order(catalog: Catalog) -> None:
    users = catalog.tables[USERS]
    assert [(c.name, c.position) for c in users.columns] == [
        ("id", 1), ("email", 2), ("name", 3), ("born", 4), ("score", 5),
    ]  # fmt: skip
    by_name = {c.name: c for c in users.columns}
    assert by_name["id"].identity == "a" and by_name["id"].not_null
    assert by_name["email"].type == "app.email" and by_name["email"].comment == "where they are reached"
    assert by_name["name"].type == "character varying(40)" and by_name["name"].collation == 'pg_catalog."C"'
    assert by_name["name"].default == "'anonymous'::character varying"
    assert by_name["born"].statistics_target == 500 and by_name["name"].statistics_target is None
    order = catalog.tables[ORDER]
    assert order.column("doubled").generated == "s"  # type: ignore[union-attr]
    assert order.column("id").default == """nextval('public."Order_id_seq"'::regclass)"""  # type: ignore[union-attr]
    assert order.column("status").type == "app.status"  # type: ignore[union-attr]


def test_indexes(catalog: Catalog) -> None:
    index = catalog.indexes[Name("public", "order_user")]
    assert index.columns == ("user_id", "placed_at") and index.included == ("total",)
    assert index.predicate == "(status <> 'new'::app.status)"
    assert index.method == "btree" and index.valid and index.ready and not index.unique
    assert index.definition.startswith('CREATE INDEX order_user ON public."Order" USING btree')
    expression = catalog.indexes[Name("public", "order_expression")]
    assert expression.columns == (None, "id") and expression.unique
    primary = catalog.indexes[Name("app", "users_pkey")]
    assert primary.primary and primary.constraint == "users_pkey"


def test_an_interrupted_concurrent_index_is_invalid(everything: psycopg.Connection) -> None:
    everything.execute('insert into "Order" (user_id, total) values (null, 1), (null, 1)')
    with pytest.raises(psycopg.errors.UniqueViolation):
        everything.execute('create unique index concurrently broken on "Order" (total)')
    assert not read_catalog(everything).indexes[Name("public", "broken")].valid


def test_constraints(catalog: Catalog) -> None:
    kinds = {(c.name, c.kind) for c in catalog.constraints_of(ORDER) if c.kind is not ConstraintKind.NOT_NULL}
    assert kinds == {
        ("Order_pkey", ConstraintKind.PRIMARY_KEY),
        ("Order_user_id_fkey", ConstraintKind.FOREIGN_KEY),
        ("later", ConstraintKind.FOREIGN_KEY),
        ("Order_total_check", ConstraintKind.CHECK),
    }
    by_name = {c.name: c for c in catalog.constraints_of(ORDER)}
    key = by_name["Order_user_id_fkey"]
    assert key.references == USERS and key.columns == ("user_id",) and key.referenced_columns == ("id",)
    assert key.deferrable and key.deferred and key.validated and key.enforced
    assert not by_name["later"].validated
    assert by_name["Order_pkey"].index == Name("public", "Order_pkey")
    assert {c.name for c in catalog.referencing(USERS)} == {"Order_user_id_fkey", "later"}
    catalogued = catalog.constraints_of(USERS, ConstraintKind.NOT_NULL)
    assert bool(catalogued) == (catalog.major >= 18)


def test_code_and_sequences(catalog: Catalog) -> None:
    (trigger,) = catalog.triggers
    assert trigger.table == USERS and trigger.function == "public.touch" and trigger.enabled == "O"
    (policy,) = catalog.policies
    assert policy.roles == ("public",) and policy.command == "r" and policy.using == "(id = 1)"
    assert {(r.name.name, r.kind) for r in catalog.routines} == {("touch", "f"), ("tidy", "p"), ("add_up", "a")}
    numbers = catalog.sequences[Name("public", "numbers")]
    assert (numbers.start, numbers.increment, numbers.cache, numbers.owned_by) == (10, 5, 3, None)
    assert catalog.sequences[Name("public", "Order_id_seq")].owned_by == 'public."Order".id'
    assert catalog.sequences[Name("app", "users_id_seq")].owned_by == "app.users.id"


def test_types(catalog: Catalog) -> None:
    types = {name.name: type_ for name, type_ in catalog.types.items()}
    assert types["status"].labels == ("new", "paid", "shipped")
    assert types["email"].base == "text" and types["email"].not_null
    assert types["email"].constraints == ("has_at CHECK ((VALUE ~~ '%@%'::text))",)
    assert types["address"].attributes == ("street text", "zip character varying(8)")
    assert types["span"].base == "integer"
    assert set(types) == {"status", "email", "address", "span"}


def test_views_and_what_they_read(catalog: Catalog) -> None:
    paid = catalog.tables[Name("public", "paid")]
    assert paid.reads_from == (USERS, ORDER)
    assert paid.definition is not None and 'public."Order" o' in paid.definition
    assert paid.rows is None


def test_the_rarer_objects(catalog: Catalog) -> None:
    assert {(other.kind, other.identity) for other in catalog.others} == {
        ("rule", "quiet on public.cache"),
        ("statistics", "public.correlated"),
    }
    assert set(catalog.extensions) == {"plpgsql"}


def test_numbers_of_the_moment(everything: psycopg.Connection) -> None:
    everything.execute(
        "insert into app.users (email, name) select 'u' || g || '@x', case when g % 4 = 0 then 'n' end from generate_series(1, 2000) g"
    )
    everything.execute("analyze app.users")
    users = read_catalog(everything).tables[USERS]
    assert users.rows == 2000 and users.bytes > 8192 and users.pages >= 1 and users.index_bytes > 0
    name = users.column("name")
    assert name is not None and name.null_fraction == 0.75 and name.average_width is not None
    everything.execute("insert into app.users (email) select 'v' || g || '@x' from generate_series(1, 2000) g")
    grown = read_catalog(everything).tables[USERS].rows
    assert grown is not None and 3000 < grown < 5000, "the estimate follows the table's size"
    bare = read_catalog(everything, live=False)
    assert bare.tables[USERS].column("name").null_fraction is None  # type: ignore[union-attr]
    assert bare.sessions == ()


@pytest.mark.parametrize(
    ("tuples", "pages", "now", "live", "rows"),
    [
        (-1, 0, 0, 0, None),
        (-1, 0, 5, 0, None),
        (-1, 0, 5, 40, 40),
        (0, 0, 0, 0, 0),
        (100, 2, 2, 7, 100),
        (100, 2, 20, 0, 1000),
    ],
)
def test_rows_are_estimated_as_the_planner_does(
    tuples: float, pages: int, now: int, live: int, rows: int | None
) -> None:
    assert estimated_rows(tuples, pages, now, live) == rows


def test_other_sessions_and_their_locks(everything: psycopg.Connection, url: DatabaseUrl) -> None:
    with psycopg.connect(**url.conninfo(), application_name="shop") as other:
        other.execute('lock table "Order" in share mode')
        (session,) = (s for s in read_catalog(everything).sessions if s.application == "shop")
        assert session.pid == other.info.backend_pid and session.user == "postgres"
        assert session.state == "idle in transaction" and session.kind == "client backend"
        assert session.transaction_age is not None and session.transaction_age >= 0
        assert session.locks == ((ORDER, "ShareLock"),)


def test_an_exclusive_lock_is_given_up_and_its_holder_told(everything: psycopg.Connection, url: DatabaseUrl) -> None:
    with psycopg.connect(**url.conninfo(), application_name="shop") as other:
        other.execute("lock table app.users in access exclusive mode")
        with pytest.raises(RelationBusy, match="shop"):
            read_catalog(everything)
    assert USERS in read_catalog(everything).tables


def test_a_reading_leaves_nothing_behind(everything: psycopg.Connection) -> None:
    everything.execute("set search_path = app, public; set lock_timeout = '77ms'")
    assert read_catalog(everything).search_path == ("app", "public")
    row = everything.execute("select current_setting('search_path'), current_setting('lock_timeout')").fetchone()
    assert row == ("app, public", "77ms")
    assert everything.info.transaction_status is psycopg.pq.TransactionStatus.IDLE


def test_a_reading_in_a_transaction_sees_its_changes_and_leaves_it_open(everything: psycopg.Connection) -> None:
    with everything.transaction(force_rollback=True):
        everything.execute("create table fresh (id int)")
        assert Name("public", "fresh") in read_catalog(everything).tables
        assert everything.execute("show search_path").fetchone() == ('"$user", public',)
        everything.execute("insert into fresh values (1)")
    assert Name("public", "fresh") not in read_catalog(everything).tables


def test_a_user_who_may_read_little_reads_the_schema(everything: psycopg.Connection, url: DatabaseUrl) -> None:
    # a role belongs to the whole server, which other tests use too: it has a name of its own
    everything.execute(
        "do $$ begin create role poor_reader login password 'x'; exception when duplicate_object then null; end $$"
    )
    poor_url = replace(url, user="poor_reader", password=Secret("x"))
    everything.execute("insert into app.users (email) values ('a@b'); analyze app.users")
    with connect(poor_url, purpose="test") as poor:
        catalog = read_catalog(poor)
    whole = read_catalog(everything)
    assert catalog.tables.keys() == whole.tables.keys()
    assert catalog.tables[USERS].columns[1].null_fraction is None
    assert catalog.sequences[Name("public", "numbers")].last_value is None
    assert replace(catalog, sessions=(), settings={}).constraints == whole.constraints


def test_what_belongs_to_an_extension_is_the_extension(everything: psycopg.Connection) -> None:
    before = read_catalog(everything)
    everything.execute("create extension pg_stat_statements")
    after = read_catalog(everything)
    assert set(after.extensions) == {"plpgsql", "pg_stat_statements"}
    assert after.tables.keys() == before.tables.keys() and after.routines == before.routines


def test_a_standby_is_read(standby: EmbeddedServer) -> None:
    with connect(standby.url(), purpose="test") as session:
        catalog = read_catalog(session)
    assert catalog.standby and Name("public", "t") in catalog.tables


def test_reading_while_others_change_the_schema(
    database: DatabaseUrl, new_database: Callable[..., DatabaseUrl]
) -> None:
    import threading

    stop = threading.Event()

    def churn() -> None:
        with psycopg.connect(**database.conninfo(), autocommit=True) as session:
            while not stop.is_set():
                session.execute(
                    "create table churn (id serial primary key, x text check (x <> '')); create view v as select * from churn; create index on churn (x)"
                )
                session.execute("drop table churn cascade")
                stop.wait(0.01)

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        with connect(database, purpose="test") as session:
            for _ in range(40):
                read_catalog(session)
    finally:
        stop.set()
        thread.join()
