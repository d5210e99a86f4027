"""A plan's statements say what it touches, whose rows it changes and what it validates."""

from __future__ import annotations

import psycopg
import pytest

from verification.scenes import SHOP, plan
from watari.catalog import Catalog
from watari.planning.plan import StepKind
from watari.postgres.reader import read_catalog
from watari.verification.expecting import expect


@pytest.fixture
def before(connection: psycopg.Connection) -> Catalog:
    connection.execute(SHOP)
    return read_catalog(connection)


@pytest.mark.parametrize(
    ("statement", "changing"),
    [
        ("alter table tasks add column x int", set()),
        ("update users set email = 'x'", set()),
        ("select 1", set()),
        ("select setval('users_id_seq', 5)", set()),
        ("insert into roles (name) values ('x')", {"public.roles"}),
        ("delete from users", {"public.users", "public.tasks"}),  # tasks go with their user
        ("truncate tasks, roles", {"public.tasks", "public.roles"}),
        ("with d as (delete from tasks returning *) insert into roles select 1, 'x'", {"public.roles", "public.tasks"}),
        ("copy roles from stdin", {"public.roles"}),
        ("do $$ begin end $$", None),
        ("call tidy()", None),
        ("select tidy()", None),
        ("this is no SQL", None),
    ],
)
def test_rows_may_change_where_a_statement_writes(before: Catalog, statement: str, changing: set[str] | None) -> None:
    found = expect(plan(statement), before=before).rows_may_change
    assert found == changing


def test_effects_and_promises_say_what_is_touched(before: Catalog) -> None:
    made = [("table", "public.notes", "present"), ("column", "public.users.age", "present")]
    found = expect(plan("alter table users add age int", expected=made, relations=["public.roles"]), before=before)
    assert found.touched == {"public.users", "public.roles", "public.notes"}
    assert expect(plan(kind=StepKind.COMMAND), before=before).touched is None


def test_constraints_that_are_validated(before: Catalog) -> None:
    sql = ("alter table users validate constraint a", 'alter table public.tasks validate constraint "B"')
    assert expect(plan(*sql), before=before).validated == {"public.users.a", 'public.tasks."B"'}


def test_without_a_plan_nothing_is_promised() -> None:
    found = expect(None)
    assert (found.promises, found.touched, found.rows_may_change) == ((), frozenset(), frozenset())
