"""Every kind of damage is found by its check and named; a database as it should be passes."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from fixtures.counters import flush_counters

from verification.scenes import SHOP, look, of, plan, told
from watari.catalog import Catalog
from watari.evidence.observation import Observation, ProbeAnswer, RowCount
from watari.evidence.run import Direction
from watari.locale import Language, Text
from watari.migrations.migration import HistoryRow, Migration, Problem, ProblemKind, Standing
from watari.planning.plan import StepKind
from watari.postgres.observation import count_rows
from watari.postgres.reader import read_catalog
from watari.postgres.statistics import read_statistics
from watari.verification.expectation import Expectation
from watari.verification.expecting import expect
from watari.verification.verdict import VerdictState
from watari.verification.verify import checks, verify


@pytest.fixture
def shop(connection: psycopg.Connection) -> psycopg.Connection:
    connection.execute(SHOP)
    return connection


@pytest.fixture
def before(shop: psycopg.Connection) -> Catalog:
    return read_catalog(shop)


def test_checks_have_names_and_titles_in_both_languages() -> None:
    found = checks()
    assert [check.name for check in found][:5] == ["status", "history", "tables", "columns", "indexes"]
    assert len({check.name for check in found}) == len(found) == 19
    for check in found:
        assert check.title.en and check.title.ja and check.title.en != check.title.ja


def test_a_sound_database_passes_everything_that_was_asked(shop: psycopg.Connection) -> None:
    verdicts = verify(Expectation(), look(shop))
    assert {v.state for v in verdicts} <= {VerdictState.PASS, VerdictState.SKIPPED}
    skipped = {v.name for v in verdicts if v.state is VerdictState.SKIPPED}
    assert skipped == {"status", "history", "rows", "http probe", "statistics"}
    for verdict in verdicts:
        assert verdict.message.render(Language.EN) and verdict.message.render(Language.JA)


# -- what the plan promises -------------------------------------------------------------------------------------------


def test_what_the_plan_makes_and_drops_is_looked_for(shop: psycopg.Connection, before: Catalog) -> None:
    shop.execute("create table notes (id int); alter table users add column age int; create view v as select 1 as one")
    shop.execute("create type mood as enum ('a'); create function f(int) returns int language sql as 'select 1'")
    shop.execute("drop index idx_tasks_title")
    made = [
        ("table", "public.notes", "present"),
        ("view", "public.v", "present"),
        ("column", "public.users.age", "present"),
        ("type", "public.mood", "present"),
        ("function", "public.f", "present"),
        ("index", "public.idx_tasks_title", "absent"),
        ("constraint", "public.tasks.tasks_user_id_fkey", "present"),
        ("sequence", "public.tasks_id_seq", "present"),
        ("schema", "public", "present"),
        ("extension", "plpgsql", "present"),
    ]
    verdicts = verify(expect(plan(expected=made), before=before, may_be_pending=None), look(shop))
    assert not [v for v in verdicts if v.state is VerdictState.FAIL]
    passed = {v.object for v in verdicts if v.state is VerdictState.PASS}
    assert {object for _, object, _ in made} <= passed

    opposite = {"present": "absent", "absent": "present"}
    turned = [(kind, object, opposite[state]) for kind, object, state in made]
    failed = {v.object for v in verify(expect(plan(expected=turned)), look(shop)) if v.state is VerdictState.FAIL}
    assert {object for _, object, _ in made} <= failed


def test_a_verdict_says_what_was_expected_and_how_to_look(shop: psycopg.Connection) -> None:
    promise = [("column", "public.users.age", "present")]
    (verdict,) = [v for v in verify(expect(plan(expected=promise)), look(shop)) if v.name == "columns"]
    assert (verdict.state, verdict.expected, verdict.actual) == (VerdictState.FAIL, "present", "absent")
    assert verdict.query and shop.execute(verdict.query).fetchall()  # type: ignore[arg-type]
    assert str(verdict.message) == "public.users.age is missing although the plan makes it"


# -- what nobody promised ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "check", "state", "object"),
    [
        ("drop table tasks", "tables", "fail", "public.tasks"),
        ("alter table users drop column email", "columns", "fail", "public.users.email"),
        ("alter table users alter email type varchar(99)", "columns", "warn", "public.users.email"),
        ("alter table users alter email drop not null", "columns", "warn", "public.users.email"),
        ("drop index idx_tasks_title", "indexes", "fail", "public.idx_tasks_title"),
        (
            "alter table tasks drop constraint tasks_user_id_fkey",
            "foreign keys",
            "fail",
            "public.tasks.tasks_user_id_fkey",
        ),
        (
            "alter table users drop constraint users_email_key",
            "unique constraints",
            "fail",
            "public.users.users_email_key",
        ),
        ("create table surprise (id int)", "tables", "warn", "public.surprise"),
        ("comment on table users is 'x'", "tables", "warn", "public.users"),
        ("grant select on users to pg_monitor", "tables", "warn", "public.users"),
        ("drop sequence users_id_seq cascade", "other objects", "fail", "public.users_id_seq"),
    ],
)
def test_a_change_that_the_plan_does_not_make_is_found(
    shop: psycopg.Connection, before: Catalog, damage: str, check: str, state: str, object: str
) -> None:
    shop.execute(damage)  # type: ignore[arg-type]
    other = plan("alter table roles add column x int", relations=["public.elsewhere"])
    assert (state, object) in told(expect(other, before=before), look(shop))[check]


def test_changes_of_what_the_plan_touches_are_its_own_business(shop: psycopg.Connection, before: Catalog) -> None:
    shop.execute("alter table users alter email type varchar(99); create index more on users (role_id)")
    mine = plan("alter table users alter email type varchar(99)", relations=["public.users"])
    assert told(expect(mine, before=before), look(shop)) == {}


def test_a_frameworks_own_command_may_change_anything(shop: psycopg.Connection, before: Catalog) -> None:
    shop.execute("drop table tasks")
    command = plan(kind=StepKind.COMMAND)
    assert told(expect(command, before=before), look(shop)) == {}


def test_the_rehearsal_says_how_it_must_come_out(shop: psycopg.Connection, before: Catalog) -> None:
    shop.execute(
        "alter table users add column age int, alter email type varchar(99); comment on column users.email is 'c'"
    )
    rehearsed = read_catalog(shop)
    mine = plan("select 1", relations=["public.users"])
    assert told(expect(mine, before=before, expected=rehearsed), look(shop)) == {}
    shop.execute("alter table users drop column age; comment on column users.email is 'd'; create table extra (id int)")
    found = told(expect(mine, before=before, expected=rehearsed), look(shop))
    assert ("fail", "public.users.age") in found["columns"]
    assert ("fail", "public.users.email") in found["columns"]
    assert ("fail", "public.extra") in found["tables"]
    shop.execute("alter table users owner to pg_monitor")
    assert ("fail", "public.users") in told(expect(mine, expected=rehearsed), look(shop))["tables"]
    assert "public.users" not in {
        object for _, object in told(expect(mine, expected=rehearsed, ignore={"owner"}), look(shop))["tables"]
    }


# -- validity ---------------------------------------------------------------------------------------------------------


def test_every_invalid_index_of_the_database_is_found_with_its_cure(shop: psycopg.Connection) -> None:
    shop.execute("insert into roles (name) values ('admin')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        shop.execute('create unique index concurrently "Broken" on roles (name)')
    verdicts = of(verify(Expectation(), look(shop)), "indexes")
    (one,) = [v for v in verdicts if v.state is VerdictState.FAIL]
    assert one.object == 'public."Broken"' and (one.expected, one.actual) == ("valid", "invalid")
    assert 'REINDEX INDEX CONCURRENTLY "public"."Broken"' in one.message.render(Language.JA)
    before = read_catalog(shop)
    assert told(Expectation(before=before), look(shop))["indexes"] == [("warn", 'public."Broken"')]


def test_an_index_of_a_partitioned_table_that_lacks_a_partition_is_told_so(connection: psycopg.Connection) -> None:
    connection.execute("create table e (at int) partition by range (at)")
    connection.execute("create table e1 partition of e for values from (0) to (10)")
    connection.execute("create index e_at on only e (at)")
    (one,) = [v for v in of(verify(Expectation(), look(connection)), "indexes") if v.state is VerdictState.FAIL]
    assert one.object == "public.e_at" and "partition" in str(one.message)


def test_constraints_that_are_not_validated_warn_and_fail_where_the_plan_validates_them(
    shop: psycopg.Connection,
) -> None:
    shop.execute("alter table users add constraint role foreign key (role_id) references roles (id) not valid")
    shop.execute("alter table users add constraint positive check (role_id > 0) not valid")
    found = told(Expectation(), look(shop))
    assert found["foreign keys"] == [("warn", "public.users.role")]
    assert found["check constraints"] == [("warn", "public.users.positive")]
    validating = plan(
        "alter table users validate constraint role", "alter table public.users validate constraint positive"
    )
    found = told(expect(validating, before=read_catalog(shop)), look(shop))
    assert ("fail", "public.users.role") in found["foreign keys"]
    assert ("fail", "public.users.positive") in found["check constraints"]
    (verdict,) = [v for v in of(verify(Expectation(), look(shop)), "foreign keys") if v.state is VerdictState.WARN]
    assert 'ALTER TABLE "public"."users" VALIDATE CONSTRAINT "role"' in str(verdict.message)


def test_not_null_constraints_of_18_can_be_unvalidated_too(shop: psycopg.Connection) -> None:
    if shop.info.server_version < 180000:
        pytest.skip("NOT NULL constraints are catalogued since 18")
    shop.execute("alter table users add constraint filled not null role_id not valid")
    assert told(Expectation(), look(shop))["not-null constraints"] == [("warn", "public.users.filled")]


# -- rows -------------------------------------------------------------------------------------------------------------


def test_rows_that_nobody_deleted_are_missed(shop: psycopg.Connection, before: Catalog) -> None:
    rows, counters = count_rows(shop, before), read_statistics(shop)
    other = plan("alter table roles add column x int", relations=["public.roles"])
    expectation = expect(other, before=before, rows_before=rows, statistics_before=counters)
    assert not told(expectation, look(shop, statistics=read_statistics(shop)))
    shop.execute("truncate tasks")  # no session counts this as deleting
    found = verify(expectation, look(shop, statistics=read_statistics(shop)))
    (lost,) = [v for v in of(found, "rows") if v.state is VerdictState.FAIL]
    assert lost.object == "public.tasks" and (lost.expected, lost.actual) == (">= 50", "0")
    assert lost.query == 'SELECT count(*) FROM "public"."tasks"'


def test_rows_that_the_application_deletes_meanwhile_are_no_loss(shop: psycopg.Connection, before: Catalog) -> None:
    rows, counters = count_rows(shop, before), read_statistics(shop)
    shop.execute("delete from tasks where id <= 4; insert into users (email) values ('new')")
    flush_counters(shop)
    expectation = expect(plan(), before=before, rows_before=rows, statistics_before=counters)
    verdicts = of(verify(expectation, look(shop, statistics=read_statistics(shop))), "rows")
    assert {v.state for v in verdicts} == {VerdictState.PASS}
    assert "sessions deleted 4" in str(next(v.message for v in verdicts if v.object == "public.tasks"))
    shop.execute("delete from tasks where id <= 30")
    flush_counters(shop)
    seen = look(shop, statistics=read_statistics(shop))
    assert told(expectation, seen)["rows"] == [("warn", "public.tasks")], "a large share is worth a look"
    blind = expect(plan(), before=before, rows_before=rows)
    assert told(blind, look(shop))["rows"] == [("fail", "public.tasks")]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from users where id < 5",
        "truncate tasks",
        "with gone as (delete from tasks returning 1) select count(*) from gone",
        "do $$ begin delete from tasks; end $$",
        "select cleanup()",
    ],
)
def test_rows_that_the_plan_changes_may_change(shop: psycopg.Connection, before: Catalog, statement: str) -> None:
    rows = count_rows(shop, before)
    shop.execute("create function cleanup() returns void language sql as 'delete from tasks'")
    shop.execute(statement)  # type: ignore[arg-type]
    expectation = expect(
        plan(statement, expected=[("function", "public.cleanup", "present")]), before=before, rows_before=rows
    )
    assert "rows" not in told(expectation, look(shop))


def test_estimates_only_warn_and_what_was_not_counted_is_skipped(shop: psycopg.Connection) -> None:
    observed = look(shop)

    def verdict(before: RowCount, now: RowCount) -> VerdictState:
        seen = Observation(catalog=observed.catalog, rows={"public.users": now})
        (one,) = of(verify(Expectation(rows_before={"public.users": before}), seen), "rows")
        return one.state

    assert verdict(RowCount(rows=1000, exact=False), RowCount(rows=950, exact=False)) is VerdictState.PASS
    assert verdict(RowCount(rows=1000, exact=False), RowCount(rows=500)) is VerdictState.WARN
    why = Text(en="no", ja="否")()
    assert verdict(RowCount(rows=1000), RowCount(rows=None, why=why)) is VerdictState.SKIPPED


def test_exact_expectations_hold_exactly(shop: psycopg.Connection) -> None:
    found = told(Expectation(rows={"public.users": 100, "public.tasks": 51}), look(shop))
    assert found == {"rows": [("fail", "public.tasks")]}


# -- orphans, sequences, leftovers ------------------------------------------------------------------------------------


def test_orphan_rows_are_listed_by_the_query_of_the_verdict(shop: psycopg.Connection) -> None:
    shop.execute("update users set role_id = 99 where id <= 3")
    shop.execute("alter table users add constraint fk_role foreign key (role_id) references roles (id) not valid")
    (one,) = [v for v in of(verify(Expectation(), look(shop)), "orphan rows") if v.state is VerdictState.FAIL]
    assert one.object == "public.users.fk_role" and (one.expected, one.actual) == ("0", "3")
    assert "99" in str(one.message)
    assert one.query and "LEFT JOIN" in one.query
    assert len(shop.execute(one.query).fetchall()) == 3  # type: ignore[arg-type]


def test_a_sequence_behind_its_column_is_found_with_its_cure(shop: psycopg.Connection) -> None:
    shop.execute("insert into roles (id, name) values (40, 'x')")
    (one,) = [v for v in of(verify(Expectation(), look(shop)), "sequences") if v.state is VerdictState.FAIL]
    assert one.object == "public.roles_id_seq" and (one.expected, one.actual) == ("> 40", "3")
    cure = str(one.message).rpartition("; ")[2]
    shop.execute(cure)  # type: ignore[arg-type]
    assert "sequences" not in told(Expectation(), look(shop))
    shop.execute("select setval('roles_id_seq', 2000000000)")
    assert told(Expectation(), look(shop))["sequences"] == [("warn", "public.roles_id_seq")]


def test_what_watari_left_behind_is_found(shop: psycopg.Connection) -> None:
    shop.execute("""
        create schema watari;
        create function watari.watari_sync_users() returns trigger language plpgsql as 'begin return new; end';
        alter table users add column watari_new_role_id bigint;
        create trigger watari_sync_role_id before insert on users for each row execute function watari.watari_sync_users();
        create index watari_new_i on users (watari_new_role_id);
        alter table users add constraint watari_not_null_x check (role_id is not null) not valid;
    """)
    left = [
        "public.users.watari_new_role_id",
        "public.watari_new_i",
        "public.users.watari_sync_role_id",
        "public.users.watari_not_null_x",
        "watari.watari_sync_users",
    ]
    assert told(Expectation(), look(shop))["leftovers"] == [("fail", object) for object in left]
    assert told(Expectation(unfinished=True), look(shop))["leftovers"] == [("warn", object) for object in left]
    query = look(shop).queries["verify_leftovers"]
    assert {row[1] for row in shop.execute(query).fetchall()} == set(left)  # type: ignore[arg-type]


# -- history and application ------------------------------------------------------------------------------------------


def standing(*pending: str, problems: tuple[Problem, ...] = ()) -> Standing:
    migrations = tuple(Migration(id=id, name=id, file=id, up=None) for id in pending)
    return Standing(applied=(HistoryRow(id="001", name="001"),), pending=migrations, problems=problems)


def test_the_history_must_be_up_to_date(shop: psycopg.Connection) -> None:
    def seen(stand: Standing, **more: object) -> list[tuple[str, str]]:
        return told(expect(more.pop("plan", None), **more), look(shop, standing=stand)).get("status", [])  # type: ignore[arg-type]

    assert seen(standing()) == []
    assert seen(standing("002")) == [("fail", "002")]
    assert seen(standing("002"), may_be_pending=["002"]) == []
    assert seen(standing("002"), may_be_pending=None) == []
    back = plan(direction=Direction.BACK, migrations=("002",))
    assert seen(standing("002"), plan=back) == []
    assert seen(standing(), plan=plan(migrations=("001", "003"))) == [("fail", "003")]
    words = Text(en="x", ja="x")()
    edited = Problem(kind=ProblemKind.EDITED, migration="001", message=words)
    order = Problem(kind=ProblemKind.OUT_OF_ORDER, migration="002", message=words)
    assert seen(standing(problems=(edited, order))) == [("fail", "001"), ("warn", "002")]


@pytest.mark.parametrize(
    ("answer", "before", "state"),
    [
        (ProbeAnswer(url="http://x/", status=200, seconds=0.05), None, "pass"),
        (ProbeAnswer(url="http://x/", status=204, seconds=0.05), None, "pass"),
        (ProbeAnswer(url="http://x/", status=503, seconds=0.05), None, "fail"),
        (ProbeAnswer(url="http://x/", status=404, seconds=0.05), None, "fail"),
        (ProbeAnswer(url="http://x/", error=Text(en="no", ja="否")()), None, "fail"),
        (ProbeAnswer(url="http://x/", status=200, seconds=1.5), None, "warn"),
        (ProbeAnswer(url="http://x/", status=200, seconds=0.5), ProbeAnswer(url="", status=200, seconds=0.1), "warn"),
        (
            ProbeAnswer(url="http://x/", status=200, seconds=0.02),
            ProbeAnswer(url="", status=200, seconds=0.005),
            "pass",
        ),
        (None, None, "skipped"),
    ],
)
def test_the_application_must_answer_and_in_time(
    shop: psycopg.Connection, answer: ProbeAnswer | None, before: ProbeAnswer | None, state: str
) -> None:
    (one,) = of(verify(expect(None, probe_before=before), look(shop, probe=answer)), "http probe")
    assert one.state.value == state
    assert one.message.render(Language.JA)


def test_an_address_that_was_wanted_and_not_asked_fails(shop: psycopg.Connection) -> None:
    (one,) = of(verify(expect(None, probe_wanted=True), look(shop)), "http probe")
    assert one.state is VerdictState.FAIL


# -- the planner ------------------------------------------------------------------------------------------------------


@pytest.fixture
def large(connection: psycopg.Connection) -> psycopg.Connection:
    connection.execute("create table documents (id int primary key, status text, body text)")
    connection.execute(
        "insert into documents select g, 's' || g % 1000, 'x' from generate_series(1, 20000) g; analyze documents"
    )
    connection.execute(
        "create index idx_status on documents (status); create index idx_some on documents (id) where body = 'x'"
    )
    connection.execute("create index idx_false on documents (body) where id < 0")
    return connection


def test_the_planner_is_asked_whether_it_uses_a_new_index(large: psycopg.Connection) -> None:
    """Runbook 004: EXPLAIN after a new index."""
    promised = [("index", f"public.{name}", "valid") for name in ("idx_status", "idx_some", "idx_false")]
    verdicts = {v.object: v for v in of(verify(expect(plan(expected=promised)), look(large)), "index use")}
    assert {name: v.actual for name, v in verdicts.items()} == {
        "public.idx_status": "used",
        "public.idx_some": verdicts["public.idx_some"].actual,  # the primary key does as well: either
        "public.idx_false": "used",
    }
    query = verdicts["public.idx_status"].query
    assert query and "'s" not in query, "no row's content gets into a verdict"
    assert "idx_status" in "".join(row[0] for row in large.execute(query).fetchall())  # type: ignore[arg-type]
    assert verdicts["public.idx_some"].actual in ("used", "usable")
    assert of(verify(Expectation(), look(large)), "index use") == []
    large.execute("create index idx_pattern on documents (body text_pattern_ops) where id > 5")
    observed = look(large)
    unusable = {"public.idx_pattern": replace(observed.index_plans["public.idx_pattern"], chosen=False, usable=False)}
    promise = expect(plan(expected=[("index", "public.idx_pattern", "valid")]))
    (one,) = of(verify(promise, replace(observed, index_plans=unusable)), "index use")
    assert one.state is VerdictState.WARN


def test_a_column_that_lost_its_statistics_is_told(large: psycopg.Connection) -> None:
    """Runbook 000, step 2-3: ANALYZE."""
    assert "analysed" not in told(Expectation(), look(large))
    large.execute("alter table documents alter status type varchar(50)")
    (one,) = [v for v in of(verify(Expectation(), look(large)), "analysed") if v.state is VerdictState.WARN]
    assert (one.object, one.actual) == ("public.documents", "status")
    large.execute(str(one.message).rpartition("; ")[2])  # type: ignore[arg-type]
    assert "analysed" not in told(Expectation(), look(large))
    large.execute("create table fresh (id int); insert into fresh select generate_series(1, 20000)")
    flush_counters(large)
    assert told(Expectation(), look(large))["analysed"] == [("warn", "public.fresh")]
