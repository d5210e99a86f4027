"""What statements make, drop and rename, and how they stand to transactions; each table is held against a real server."""

from __future__ import annotations

import psycopg
import pytest

from watari.catalog import Name
from watari.sql import Statement
from watari.sql.names import (
    commits_inside,
    created_relations,
    dropped_relations,
    is_transaction_control,
    refuses_transaction,
    renamed_relation,
    transaction_word,
)


def node(text: str) -> object:
    return Statement(text=text, file="a.sql").node


REFUSING = [
    "CREATE INDEX CONCURRENTLY i ON t (a)",
    "DROP INDEX CONCURRENTLY i0",
    "REINDEX TABLE CONCURRENTLY t",
    "REINDEX (CONCURRENTLY) INDEX i0",
    "REINDEX SCHEMA public",
    "VACUUM t",
    "VACUUM (FULL, ANALYZE) t",
    "CLUSTER",
    "CREATE DATABASE x_new",
    "DROP DATABASE x_new",
    "ALTER DATABASE postgres SET TABLESPACE pg_default",
    "ALTER SYSTEM SET work_mem = '4MB'",
    "CREATE TABLESPACE x_ts LOCATION '/tmp'",
    "DROP TABLESPACE x_ts",
    "ALTER TABLE pt DETACH PARTITION pt1 CONCURRENTLY",
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p",
    "DISCARD ALL",
    "COMMIT PREPARED 'x'",
    "DO $$ BEGIN FOR i IN 1..2 LOOP INSERT INTO t VALUES (i); COMMIT; END LOOP; END $$",
]
WILLING = [
    "CREATE INDEX i ON t (a)",
    "DROP INDEX i0",
    "REINDEX TABLE t",
    "ANALYZE t",
    "CLUSTER t USING i0",
    "ALTER TABLE pt DETACH PARTITION pt1",
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE)",
    "ALTER TYPE mood ADD VALUE 'c'",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY mv",
    "DISCARD TEMP",
    "TRUNCATE t",
    "DO $$ BEGIN RAISE NOTICE 'no; COMMIT;'; -- COMMIT;\n END $$",
    "LOCK TABLE t",
]


@pytest.fixture
def furnished(connection: psycopg.Connection) -> psycopg.Connection:
    connection.execute("create table t (a int); create index i0 on t (a); create type mood as enum ('a', 'b')")
    connection.execute("create table pt (a int) partition by range (a)")
    connection.execute("create table pt1 partition of pt for values from (0) to (9)")
    connection.execute("create materialized view mv as select 1 as a; create unique index on mv (a)")
    return connection


@pytest.mark.parametrize("text", REFUSING)
def test_what_refuses_a_transaction(text: str, furnished: psycopg.Connection) -> None:
    assert refuses_transaction(node(text))
    with pytest.raises(psycopg.Error) as caught, furnished.transaction():
        furnished.execute(text.encode())
    assert caught.value.sqlstate in ("25001", "2D000"), caught.value  # no active transaction block; invalid termination


@pytest.mark.parametrize("text", WILLING)
def test_what_is_willing_to_run_in_a_transaction(text: str, furnished: psycopg.Connection) -> None:
    assert not refuses_transaction(node(text))
    with furnished.transaction(force_rollback=True):
        furnished.execute(text.encode())


def test_transaction_control() -> None:
    words = [
        "BEGIN",
        "START TRANSACTION",
        "COMMIT",
        "END",
        "ROLLBACK",
        "ABORT",
        "SAVEPOINT a",
        "ROLLBACK TO a",
        "RELEASE a",
    ]
    assert all(is_transaction_control(node(word)) for word in words)
    assert not is_transaction_control(node("SELECT 1"))
    assert [transaction_word(node(word)) for word in words[:6]] == [
        "begin", "start", "commit", "commit", "rollback", "rollback",
    ]  # fmt: skip
    assert transaction_word(node("SELECT 1")) is None


def test_a_procedure_that_commits_is_seen() -> None:
    assert commits_inside(node("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN NULL; COMMIT; END $$"))
    assert not commits_inside(node("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$"))


CREATING = [
    "CREATE TABLE other.a (id serial PRIMARY KEY, code text UNIQUE, n int, UNIQUE (code, n), CHECK (n > 0))",
    'CREATE TABLE "A" (id bigint GENERATED ALWAYS AS IDENTITY, CONSTRAINT "Key" PRIMARY KEY (id))',
    "CREATE TABLE b AS SELECT 1 AS x",
    "SELECT 1 AS x INTO c",
    "CREATE VIEW d AS SELECT 1 AS x",
    "CREATE MATERIALIZED VIEW e AS SELECT 1 AS x",
    "CREATE SEQUENCE f",
    "CREATE INDEX ON base (lower(t), n) INCLUDE (id)",
    "CREATE INDEX g ON other.base2 (id)",
    "CREATE SCHEMA s CREATE TABLE h (id int UNIQUE) CREATE VIEW i AS SELECT 1 AS x",
    "CREATE TABLE j (a int, b int, EXCLUDE USING btree (a WITH =, lower(b::text) WITH =))",
    "CREATE TABLE k (LIKE base)",
]


@pytest.mark.parametrize("text", CREATING)
def test_relations_that_a_statement_makes(text: str, connection: psycopg.Connection) -> None:
    connection.execute(
        "create schema other; create table base (id int, t text, n int); create table other.base2 (id int)"
    )
    query = """select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where c.oid >= 16384 and n.nspname !~ '^pg_' and c.relkind <> 'c'"""
    before = set(connection.execute(query).fetchall())
    connection.execute(text.encode())
    made = set(connection.execute(query).fetchall()) - before
    assert created_relations(node(text), ("public",)) == {Name(*pair) for pair in made}


def test_relations_that_go_or_change_their_name() -> None:
    assert dropped_relations(node('DROP TABLE IF EXISTS a, other."B" CASCADE')) == ((None, "a"), ("other", "B"))
    assert dropped_relations(node("DROP FUNCTION f()")) == ()
    assert renamed_relation(node("ALTER TABLE x.a RENAME TO b")) == (("x", "a"), "b", None)
    assert renamed_relation(node("ALTER VIEW a SET SCHEMA y")) == ((None, "a"), "a", "y")
    assert renamed_relation(node("ALTER TABLE a RENAME COLUMN x TO y")) is None
