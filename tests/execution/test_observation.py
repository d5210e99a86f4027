"""What a step really does, seen from inside: locks, rewrites, scans, rows."""

from __future__ import annotations

from fixtures.runs import backfill, index, plan_of, transaction

from watari.catalog import LockMode
from watari.evidence.effect import Effect


def observed(runs, *steps) -> dict[str, Effect]:
    run = runs(plan_of(*steps), observe=True)
    return {effect.relation: effect for step in run.steps for effect in step.effects}


def test_a_rewrite_is_seen_with_its_lock_and_scan(runs, connection):
    connection.execute(
        "create table t (id int primary key, n int); insert into t select g, g from generate_series(1, 1000) g"
    )
    effect = observed(runs, transaction("alter table t alter n type bigint"))["public.t"]
    assert effect.lock is LockMode.ACCESS_EXCLUSIVE and effect.rewrite and not effect.created
    assert effect.seconds > 0
    assert effect.wal_bytes is None, "somebody else is there, who could have written it"


def test_the_log_that_a_step_writes_is_counted_where_nobody_else_writes(runs, connection):
    connection.execute("create table t (id int, n int); insert into t select g, g from generate_series(1, 10000) g")
    connection.close()
    effect = observed(runs, transaction("alter table t alter n type bigint"))["public.t"]
    assert effect.wal_bytes > 100_000


def test_a_column_without_a_value_needs_neither_rewrite_nor_scan(runs, connection):
    connection.execute("create table t (id int); insert into t select generate_series(1, 1000)")
    effect = observed(runs, transaction("alter table t add column n int"))["public.t"]
    assert effect.lock is LockMode.ACCESS_EXCLUSIVE and not effect.rewrite and not effect.scan


def test_a_foreign_key_locks_and_reads_both_tables(runs, connection):
    connection.execute("create table p (id int primary key); create table c (p int)")
    connection.execute("insert into p select generate_series(1, 100); insert into c select generate_series(1, 100)")
    effects = observed(runs, transaction("alter table c add foreign key (p) references p"))
    assert {name: effect.lock for name, effect in effects.items()} == {
        "public.c": LockMode.SHARE_ROW_EXCLUSIVE,
        "public.p": LockMode.SHARE_ROW_EXCLUSIVE,
    }
    assert effects["public.c"].scan


def test_a_table_that_the_step_makes_is_told_apart(runs, connection):
    connection.execute("create table p (id int primary key)")
    effects = observed(runs, transaction("create table c (p int references p)", "insert into c values (null)"))
    assert effects["public.c"].created and effects["public.c"].rows == 1 and not effects["public.p"].created


def test_a_dropped_and_a_renamed_table_go_by_their_old_names(runs, connection):
    connection.execute('create table a (id int); create table "B b" (id int)')
    effects = observed(runs, transaction("drop table a", 'alter table "B b" rename to c'))
    assert effects["public.a"].destroys == "table"
    assert effects['public."B b"'].lock is LockMode.ACCESS_EXCLUSIVE


def test_rows_that_are_written_are_counted(runs, connection):
    connection.execute("create table t (id int); insert into t select generate_series(1, 50)")
    effect = observed(runs, transaction("update t set id = id + 1 where id <= 20"))["public.t"]
    assert effect.rows == 20 and effect.lock is LockMode.ROW_EXCLUSIVE


def test_a_concurrent_build_is_sampled_from_outside(runs, connection):
    connection.execute(
        "create table t (id int, n text); insert into t select g, md5(g::text) from generate_series(1, 100000) g"
    )
    effect = observed(runs, index("t_n", "create index concurrently t_n on t (n)"))["public.t"]
    assert effect.lock is LockMode.SHARE_UPDATE_EXCLUSIVE and effect.released


def test_a_backfill_says_how_many_rows(runs, connection):
    connection.execute("create table t (id int, n int); insert into t select generate_series(1, 500)")
    effect = observed(runs, backfill("public.t", "n", "id", "n is null"))["public.t"]
    assert effect.rows == 500 and effect.lock is LockMode.ROW_EXCLUSIVE


def test_many_statements_in_one_step_are_observed_at_the_end(runs, connection):
    statements = [f"create table t{n} (id int)" for n in range(60)]
    connection.execute("create table old (id int)")
    effects = observed(runs, transaction(*statements, "alter table old add n int"))
    assert len(effects) == 61 and effects["public.old"].lock is LockMode.ACCESS_EXCLUSIVE
