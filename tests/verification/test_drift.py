"""A database is held against a catalog that it should equal."""

from __future__ import annotations

import psycopg

from verification.scenes import SHOP
from watari.postgres.queries import text
from watari.postgres.reader import read_catalog
from watari.verification.drift import drift
from watari.verification.verdict import VerdictState


def test_drift_names_what_differs(connection: psycopg.Connection) -> None:
    connection.execute(SHOP)
    expected = read_catalog(connection)
    (same,) = drift(expected, read_catalog(connection))
    assert same.state is VerdictState.PASS
    connection.execute(
        "drop index idx_tasks_title; alter table users alter role_id type bigint; create table extra (id int)"
    )
    queries = {"verify_indexes": text("verify_indexes"), "verify_columns": text("verify_columns")}
    found = {v.object: v for v in drift(expected, read_catalog(connection), queries=queries)}
    assert {name: v.state.value for name, v in found.items()} == {
        "public.idx_tasks_title": "fail",
        "public.users.role_id": "fail",
        "public.extra": "warn",
    }
    column = found["public.users.role_id"]
    assert (column.expected, column.actual) == ("integer", "bigint")
    assert column.query == text("verify_columns")


def test_owners_can_be_left_out(connection: psycopg.Connection) -> None:
    connection.execute("create table t (id int)")
    expected = read_catalog(connection)
    connection.execute("alter table t owner to pg_monitor")
    assert drift(expected, read_catalog(connection))[0].state is VerdictState.FAIL
    assert drift(expected, read_catalog(connection), ignore={"owner"})[0].state is VerdictState.PASS
