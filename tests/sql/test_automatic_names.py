"""Automatic names, held against those that a real server chooses."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from watari.sql import Statement, automatic_names
from watari.sql.grammar import column_references

LONG = "a_table_with_a_very_long_name_that_needs_to_be_shortened_somewhere"[:60]
JAPANESE = "顧客注文明細履歴テーブル二〇二六年度版"
TABLES = ["t", LONG, JAPANESE, 'T "x"']
COLUMNS = ["c", "a_column_with_quite_a_long_name_of_its_own_as_well", "非常に長い日本語の列名その一番目"]


def quoted(*names: str) -> list[psycopg.sql.Identifier]:
    return [psycopg.sql.Identifier(name) for name in names]


def names(connection: psycopg.Connection, query: bytes) -> list[str]:
    return [row[0] for row in connection.execute(query).fetchall()]


RELATIONS = b"select relname from pg_class where oid >= 16384 and relnamespace = 'public'::regnamespace"
CONSTRAINTS = b"select conname from pg_constraint where connamespace = 'public'::regnamespace"


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("table", TABLES)
def test_indexes_and_constraints_get_the_name_that_the_server_chooses(
    table: str, column: str, connection: psycopg.Connection
) -> None:
    other = column[:10] + "2"
    t, c, o = quoted(table, column, other)
    connection.execute(psycopg.sql.SQL("create table {} ({} int, {} int)").format(t, c, o))
    for _ in range(2):  # the second time everything clashes
        relations, constraints = set(names(connection, RELATIONS)), set(names(connection, CONSTRAINTS))
        both = relations | constraints
        expected = {
            "create index on {t} ({c}, {o})": automatic_names.index_name(table, [column, other], relations),
            "alter table {t} add unique ({c}, {o})": automatic_names.unique_name(table, [column, other], both),
            "alter table {t} add check ({c} > 0)": automatic_names.check_name(table, [column], constraints),
            "alter table {t} add check ({c} > {o})": automatic_names.check_name(table, [column, other], constraints),
        }
        for statement, name in expected.items():
            before = set(names(connection, RELATIONS)) | set(names(connection, CONSTRAINTS))
            connection.execute(psycopg.sql.SQL(statement).format(t=t, c=c, o=o))  # type: ignore[arg-type]
            after = set(names(connection, RELATIONS)) | set(names(connection, CONSTRAINTS))
            assert after - before == {name}, statement


@pytest.mark.parametrize("table", TABLES)
def test_keys_get_the_name_that_the_server_chooses(table: str, connection: psycopg.Connection) -> None:
    (t,) = quoted(table)
    connection.execute(psycopg.sql.SQL("create table {} (id int, up int)").format(t))
    before = set(names(connection, RELATIONS))
    connection.execute(psycopg.sql.SQL("alter table {} add primary key (id)").format(t))
    assert set(names(connection, RELATIONS)) - before == {automatic_names.primary_key_name(table, before)}
    for _ in range(2):
        taken = set(names(connection, CONSTRAINTS))
        connection.execute(psycopg.sql.SQL("alter table {} add foreign key (up) references {} (id)").format(t, t))
        assert set(names(connection, CONSTRAINTS)) - taken == {automatic_names.foreign_key_name(table, ["up"], taken)}


def test_sequences_and_not_null_constraints_get_the_name_that_the_server_chooses(
    connection: psycopg.Connection,
) -> None:
    connection.execute("create table t (c serial)")
    assert automatic_names.sequence_name("t", "c", set()) in names(connection, RELATIONS)
    assert automatic_names.not_null_name("t", "c", set()) in names(connection, CONSTRAINTS)


EXPRESSIONS = [
    "lower(b)", "(a + 1)", "((a + 1)::bigint)", "(b::varchar)", "coalesce(b, '')", "greatest(a, 1)", "nullif(a, 1)",
    "(case when a > 1 then a end)", "(case when a > 1 then 1 else a end)", "(array[a])", "(b collate \"C\")", "(j -> 'x')",
    "((j -> 'x')::text)", "(p).x", "a", "a, a, b, a", "upper(b), upper(b)", "pg_catalog.lower(b)",
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_index_on_expressions_gets_the_name_that_the_server_chooses(
    expression: str, connection: psycopg.Connection
) -> None:
    connection.execute("create type pair as (x int, y int); create table t (a int, b text, j json, p pair)")
    # functions that make every expression indexable whatever its type
    index = "create index on t (" + (expression if "->" not in expression else f"({expression}::text)") + ")"
    if expression == "(p).x":
        index = "create index on t (((p).x))"
    before = set(names(connection, RELATIONS))
    connection.execute(index.encode())
    made = set(names(connection, RELATIONS)) - before
    statement: Any = Statement(text=index, file="a.sql").node.index_stmt
    columns = automatic_names.index_column_names([*statement.index_params, *statement.index_including_params])
    assert made == {automatic_names.index_name("t", columns, before)}


def test_a_name_is_never_cut_inside_a_character() -> None:
    assert automatic_names.clipped("あ" * 22) == "あ" * 21
    assert automatic_names.object_name("a" * 70, None, "pkey") == "a" * 58 + "_pkey"


def test_columns_of_an_expression_are_found_in_order() -> None:
    tree: Any = Statement(text="select b > 0 and t.a + b > lower(c)::int", file="a.sql").node
    assert column_references(tree) == ("b", "a", "c")
