"""What the files promise is held against what exists: the runbooks' history that lacks rows for objects that are there."""

from __future__ import annotations

import psycopg

from verification.scenes import look, told
from watari.locale import Language
from watari.migrations.migration import Migration, ProblemKind
from watari.postgres.reader import read_catalog
from watari.sql.statement import Script
from watari.verification.expectation import Expectation
from watari.verification.history import half_applied, history_promises


def migration(id: str, sql: str | None) -> Migration:
    up = Script(file=f"{id}.sql", data=sql.encode()) if sql is not None else None
    return Migration(id=id, name=id, file=f"{id}.sql", up=up)


def promised(*files: tuple[str, str | None], applied: int = 99) -> dict[tuple[str, str], tuple[str, bool, bool]]:
    migrations = [migration(id, sql) for id, sql in files]
    ids = [id for id, _ in files][:applied]
    found = history_promises(migrations, ids, database="d")
    return {(one.kind, one.object): (one.migration, one.applied, one.certain) for one in found}


def test_what_is_made_is_promised_with_its_columns() -> None:
    found = promised(
        ("1", 'create table t (a int, "B" int, primary key (a)); create index i on t (a); create index on t ("B")'),
        (
            "2",
            "alter table t add column c int; create view v as select 1; create sequence s; create table x as select 1 as y",
        ),
        ("3", "create materialized view app.m as select 1; create temporary table gone (id int)"),
    )
    assert {key: value[0] for key, value in found.items()} == {
        ("relation", "public.t"): "1",
        ("column", "public.t.a"): "1",
        ("column", 'public.t."B"'): "1",
        ("relation", "public.i"): "1",
        ("column", "public.t.c"): "2",
        ("relation", "public.v"): "2",
        ("relation", "public.s"): "2",
        ("relation", "public.x"): "2",
        ("relation", "app.m"): "3",
    }
    assert all(applied and certain for _, applied, certain in found.values())


def test_what_goes_again_is_not_promised() -> None:
    found = promised(
        (
            "1",
            "create table t (a int, b int); create index i on t (a); create table u (a int); create schema z; create table z.t (a int)",
        ),
        ("2", "alter table t drop column b; alter table t rename column a to x"),
        ("3", "drop table u; alter table t rename to w; alter index i rename to j; drop schema z"),
        ("4", "alter table w set schema app"),
    )
    assert {object for _, object in found} == {"app.w", "app.w.x", "public.j"}


def test_dropping_a_table_takes_its_indexes_along() -> None:
    assert promised(("1", "create table t (a int); create index i on t (a)"), ("2", "drop table if exists t")) == {}


def test_where_the_text_does_not_tell_nothing_is_certain() -> None:
    for dark in ("do $$ begin execute format('drop table %I', x); end $$", "call tidy()", "drop type other cascade"):
        found = promised(("1", "create table t (a int)"), ("2", dark), ("3", "create table u (a int)"))
        assert found["relation", "public.t"] == ("1", True, False)
        assert found["relation", "public.u"] == ("3", True, True)
    assert promised(("1", "create table t (a int)"), ("2", None))["relation", "public.t"][2] is False
    assert promised(("1", "create table t (a int)"), ("2", "this is no SQL"))["relation", "public.t"][2] is False


def test_what_a_block_mentions_is_nobodys_promise_and_the_rest_stays_certain() -> None:
    made = (
        "1",
        "create table t (a int, b int); create table u (c int); create index i on t (a); create view v as select 1",
    )
    found = promised(made, ("2", "do $$ begin if exists (select) then alter table t drop column b; end if; end $$"))
    assert ("column", "public.t.b") not in found and ("relation", "public.t") not in found
    assert found["column", "public.t.a"][2] and found["column", "public.u.c"][2]
    found = promised(made, ("2", "do $$ begin drop table if exists t; end $$"))
    assert {object for _, object in found} == {"public.u", "public.u.c", "public.v"}
    found = promised(made, ("2", "drop table u cascade"))
    assert found["relation", "public.t"][2] and not found["relation", "public.v"][2]


def test_the_search_path_of_a_script_holds_for_that_script() -> None:
    found = promised(("1", "set search_path to app, public; create table t (a int)"), ("2", "create table u (a int)"))
    assert {object for kind, object in found if kind == "relation"} == {"app.t", "public.u"}


def test_pending_objects_must_not_exist_unless_an_applied_migration_made_them() -> None:
    found = promised(
        ("1", "create table t (a int)"),
        (
            "2",
            "create table if not exists t (a int); create table fresh (a int); drop table if exists again; create table again (a int)",
        ),
        applied=1,
    )
    assert found["relation", "public.t"] == ("1", True, True)
    assert found["relation", "public.fresh"] == ("2", False, True)
    assert ("relation", "public.again") not in found


def test_a_history_that_lacks_rows_for_objects_that_exist(connection: psycopg.Connection) -> None:
    """Runbook 001, case 1."""
    connection.execute("create table tasks (id int); create table users (id int, email text)")
    files = [
        migration("m20250511_create_task_table", "create table tasks (id int)"),
        migration("m20250612_create_users_table", "create table users (id int, email text)"),
        migration("m20250613_create_roles_table", "create table roles (id int)"),
    ]
    promises = history_promises(files, [], database=connection.info.dbname)
    found = told(Expectation(history=promises), look(connection))["history"]
    assert {object for state, object in found if state == "warn"} == {
        "public.tasks", "public.tasks.id", "public.users", "public.users.id", "public.users.email",
    }  # fmt: skip
    problems = half_applied(promises, read_catalog(connection))
    assert [(p.kind, p.migration) for p in problems] == [
        (ProblemKind.HALF_APPLIED, "m20250511_create_task_table"),
        (ProblemKind.HALF_APPLIED, "m20250612_create_users_table"),
    ]
    assert "public.tasks" in problems[0].message.render(Language.EN)
    assert "履歴に登録" in problems[0].message.render(Language.JA)


def test_a_history_that_claims_what_does_not_exist(connection: psycopg.Connection) -> None:
    connection.execute("create table t (a int)")
    files = [migration("1", "create table t (a int, b int)"), migration("2", "create index i on t (a)")]
    promises = history_promises(files, ["1", "2"], database=connection.info.dbname)
    found = told(Expectation(history=promises), look(connection))["history"]
    assert found == [("fail", "public.t.b"), ("fail", "public.i")]
    connection.execute("alter table t add column b int; create index i on t (a)")
    assert "history" not in told(Expectation(history=promises), look(connection))
    doubtful = history_promises([*files, migration("3", "call tidy()")], ["1", "2", "3"], database="d")
    connection.execute("drop index i")
    assert told(Expectation(history=doubtful), look(connection))["history"] == [("warn", "public.i")]


def test_statements_of_another_database_promise_nothing_here() -> None:
    files = [
        migration("init", "\\c authdb\ncreate table users (id int);\n\\c apidb\ncreate table profiles (id int);\n")
    ]
    found = history_promises(files, ["init"], database="apidb")
    assert {one.object for one in found} == {"public.profiles", "public.profiles.id"}
