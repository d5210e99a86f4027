"""Starting, finishing, stopping and starting again."""

from __future__ import annotations

import psycopg
import pytest
from fixtures.runs import exclusive, plan_of, transaction

from watari.errors.refused import PrecheckFailed, RunUnfinished
from watari.errors.running import JournalTooNew
from watari.errors.stopped import StatementFailed
from watari.evidence.event import EventKind
from watari.evidence.run import Direction, RunState, StepState
from watari.execution import history
from watari.planning.plan import CopyRows, Precheck


def test_a_plan_is_run_and_its_journal_and_history_say_so(runs, ask):
    run = runs(plan_of(transaction("create table a (id int)"), transaction("create table b (id int)", migration="002")))
    assert run.state is RunState.DONE
    assert [(step.id, step.state, step.attempts) for step in run.steps] == [
        ("0001.1", StepState.DONE, 1),
        ("0002.1", StepState.DONE, 1),
    ]
    assert ask("select id from listed order by id") == [("001",), ("002",)]
    assert ask("select state, migrations from watari.run") == [("done", ["001", "002"])]


def test_the_journal_holds_the_plan_byte_for_byte(runs, connection):
    from watari.planning import canonical

    plan = plan_of(transaction("create table a (id int)"))
    run = runs(plan)
    assert history.plan_of(connection, run.id) == canonical.dumps(plan)


def test_a_plan_that_is_done_is_not_done_again(runs, ask):
    plan = plan_of(transaction("create table a (id int)"))
    first = runs(plan)
    again = runs(plan)
    assert again.id == first.id and again.state is RunState.DONE
    assert ask("select count(*) from watari.run") == [(1,)]


def test_a_plan_that_was_taken_back_by_hand_is_done_again(runs, ask, connection):
    plan = plan_of(transaction("create table a (id int)"))
    first = runs(plan)
    connection.execute("drop table a; delete from listed")
    assert runs(plan).id != first.id
    assert ask("select to_regclass('a') is not null") == [(True,)]


def test_a_refused_statement_names_file_line_and_reason_and_leaves_nothing(runs, ask):
    failing = transaction("create table b (\n  id int,\n  x nonsense)", migration="002", as_written="db/002.sql:10")
    plan = plan_of(transaction("create table a (id int)", as_written="db/001.sql:1"), failing)
    with pytest.raises(StatementFailed) as stopped:
        runs(plan)
    text = str(stopped.value)
    assert "db/002.sql:12" in text and 'type "nonsense" does not exist' in text and "42704" in text
    assert ask("select id from listed") == [("001",)]
    assert ask("select state from watari.run") == [("stopped",)]
    assert ask("select id, state from watari.step order by id") == [("0001.1", "done"), ("0002.1", "failed")]


def test_starting_again_goes_on_where_it_stopped(runs, ask, connection):
    plan = plan_of(
        transaction("create table a (id int)"),
        transaction("insert into missing values (1)", migration="002", waits_for_locks=True),
    )
    with pytest.raises(StatementFailed):
        runs(plan)
    connection.execute("create table missing (id int)")
    run = runs(plan)
    assert run.state is RunState.DONE and len(history.runs(connection)) == 1
    assert [(step.id, step.attempts) for step in run.steps] == [("0001.1", 1), ("0002.1", 2)]
    assert ask("select id from missing") == [(1,)]
    assert runs.told(EventKind.RUN_RESUMED)


def test_another_plan_is_refused_while_one_is_unfinished(runs):
    unfinished = plan_of(transaction("select 1 / 0"))
    with pytest.raises(StatementFailed):
        runs(unfinished)
    with pytest.raises(RunUnfinished) as refused:
        runs(plan_of(transaction("create table a (id int)")))
    assert unfinished.sha256[:12] in str(refused.value) and int(refused.value.status) == 4


def test_the_way_back_may_begin_from_half_way_and_closes_the_run(runs, ask, connection):
    forward = plan_of(transaction("create table a (id int)"), transaction("select 1 / 0", migration="002"))
    with pytest.raises(StatementFailed):
        runs(forward)
    begun = history.unfinished(connection).run
    back = plan_of(transaction("drop table a"), direction=Direction.BACK, of_run=begun.id)
    assert runs(back).state is RunState.DONE
    assert ask("select state from watari.run order by started_at") == [("rolled_back",), ("done",)]
    assert ask("select count(*) from listed") == [(0,)]
    assert history.unfinished(connection) is None


def test_the_way_back_takes_the_history_row_and_marks_the_run(runs, ask):
    forward = runs(plan_of(transaction("create table a (id int)")))
    runs(plan_of(transaction("drop table a"), direction=Direction.BACK, of_run=forward.id))
    assert ask("select id from listed") == []
    assert ask("select state from watari.run where id = %s", forward.id) == [("rolled_back",)]


def test_a_part_taken_back_leaves_the_run_done(runs, ask):
    forward = runs(
        plan_of(transaction("create table a (id int)"), transaction("create table b (id int)", migration="002"))
    )
    runs(plan_of(transaction("drop table b", migration="002"), direction=Direction.BACK, of_run=forward.id))
    assert ask("select state from watari.run where id = %s", forward.id) == [("done",)]


def test_rows_that_would_make_a_later_step_fail_refuse_the_run_before_anything_is_changed(runs, ask, connection):
    connection.execute("create table t (id int); insert into t values (null), (null)")
    check = Precheck(name="nulls", step="0001.1", object="public.t.id", query="select count(*) from t where id is null")
    plan = plan_of(transaction("alter table t alter id set not null"), prechecks=(check,))
    with pytest.raises(PrecheckFailed) as refused:
        runs(plan)
    assert "2 nulls in public.t.id" in str(refused.value)
    assert ask("select to_regclass('watari.run')") == [(None,)]


def test_a_precheck_that_finds_its_table_locked_says_so_and_changes_nothing(
    runs, ask, connection, database, monkeypatch
):
    from watari.errors.reach import RelationBusy

    monkeypatch.setattr("watari.execution.prechecks._UNHURRIED", "set lock_timeout = '100ms'")
    connection.execute("create table t (id int)")
    check = Precheck(name="nulls", step="0001.1", object="public.t.id", query="select count(*) from t where id is null")
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("lock table t")
        with pytest.raises(RelationBusy):
            runs(plan_of(transaction("alter table t alter id set not null"), prechecks=(check,)))
    assert ask("select to_regclass('watari.run')") == [(None,)]


def test_a_precheck_of_a_table_that_the_plan_makes_is_passed_over(runs):
    check = Precheck(name="nulls", step="0001.2", object="public.t.id", query="select count(*) from t where id is null")
    plan = plan_of(transaction("create table t (id int)"), prechecks=(check,))
    assert runs(plan).state is RunState.DONE


def test_permission_is_asked_before_a_new_run_only(runs, connection):
    asked = []
    plan = plan_of(transaction("insert into missing values (1)"))
    with pytest.raises(StatementFailed):
        runs(plan, permission=asked.append)
    connection.execute("create table missing (id int)")
    runs(plan, permission=asked.append)
    assert len(asked) == 1


def test_settings_of_one_migration_do_not_reach_the_next(runs, ask):
    runs(
        plan_of(
            transaction("set search_path to ''", "create table public.a (id int)", waits_for_locks=False),
            transaction("create table b (id int)", migration="002", waits_for_locks=False),
            transaction("set role pg_monitor", migration="003"),
            transaction("create table c (id int)", migration="004"),
        )
    )
    assert ask("select count(*) from pg_class where relname in ('a', 'b', 'c') and relkind = 'r'") == [(3,)]


def test_rows_that_follow_a_copy_are_streamed(runs, ask):
    step = transaction(
        "create table t (id int, name text)",
        "copy t from stdin",
        "insert into t values (3, 'c')",
        copies=(CopyRows(statement=1, rows="1\ta\n2\tb%\n"),),
    )
    runs(plan_of(step))
    assert ask("select * from t order by id") == [(1, "a"), (2, "b%"), (3, "c")]


def test_a_copy_that_fails_says_which_row(runs):
    step = transaction("create table t (id int)", "copy t from stdin", copies=(CopyRows(statement=1, rows="1\nx\n"),))
    with pytest.raises(StatementFailed, match="line 2"):
        runs(plan_of(step))


def test_a_statement_that_ends_in_a_comment_does_not_swallow_the_next(runs, ask):
    runs(plan_of(transaction("create table a (id int) -- the first", "create table b (id int) /* last */")))
    assert ask("select count(*) from pg_class where relname in ('a', 'b')") == [(2,)]


def test_percent_signs_and_braces_are_sent_as_they_are(runs, ask):
    runs(plan_of(transaction("create table a (t text default '100 %s {x}')", "insert into a default values")))
    assert ask("select t from a") == [("100 %s {x}",)]


def test_what_a_query_answers_is_passed_over(runs):
    assert (
        runs(plan_of(transaction("select generate_series(1, 1000)", "copy (select 1) to stdout"))).state
        is RunState.DONE
    )


def test_a_constraint_checked_at_commit_stops_the_step(runs, ask, connection):
    connection.execute(
        "create table p (id int primary key); create table c (p int references p deferrable initially deferred)"
    )
    with pytest.raises(StatementFailed, match="foreign key"):
        runs(plan_of(transaction("insert into c values (7)")))
    assert ask("select count(*) from c") == [(0,)]


def test_passwords_in_a_statement_are_not_told(runs, ask):
    with pytest.raises(StatementFailed) as stopped:
        runs(plan_of(transaction("alter role nobody_there password 'hunter2'")))
    assert "hunter2" not in str(stopped.value)
    assert ask("select count(*) from watari.step where error like '%hunter2%'") == [(0,)]
    assert not any("hunter2" in str(event.data) for event in runs.events)


def test_a_journal_of_a_newer_watari_is_refused(runs, connection):
    runs(plan_of(transaction("create table a (id int)")))
    connection.execute("update watari.journal set version = 99")
    with pytest.raises(JournalTooNew):
        runs(plan_of(transaction("create table b (id int)")))


def test_a_user_who_may_not_make_the_journal_is_told(runs, connection, database):
    from dataclasses import replace

    from watari.errors.reach import PrivilegeMissing

    connection.execute("drop role if exists watari_small; create role watari_small login")
    runs.url = replace(database, user="watari_small")
    with pytest.raises(PrivilegeMissing, match="permission denied"):
        runs(plan_of(transaction("select 1")))
    connection.execute("drop role watari_small")


def test_many_tables_in_the_fast_way_are_all_there(runs, ask):
    steps = [
        transaction(f"create table t{n} (id int)", migration=f"{n:04d}", waits_for_locks=False) for n in range(1, 101)
    ]
    run = runs(plan_of(*steps))
    assert run.state is RunState.DONE and len(run.steps) == 100
    assert all(step.state is StepState.DONE and step.seconds is not None for step in run.steps)
    assert ask("select count(*) from listed") == [(100,)]
    assert len(runs.told(EventKind.STEP_ENDED)) == 100


def test_a_failure_in_the_fast_way_names_its_step_and_keeps_those_before(runs, ask, connection):
    steps = [
        transaction(
            f"create table t{n} (id int)", migration=f"{n:04d}", as_written=f"{n:04d}.sql:1", waits_for_locks=False
        )
        for n in range(1, 61)
    ]
    connection.execute("create table t41 (other int)")
    plan = plan_of(*steps)
    with pytest.raises(StatementFailed) as stopped:
        runs(plan)
    assert "0041.sql:1" in str(stopped.value) and 'step "0041.1"' in str(stopped.value)
    assert ask("select count(*), max(id) from listed") == [(40, "0040")]
    connection.execute("drop table t41")
    run = runs(plan)
    assert [step.attempts for step in run.steps if step.attempts != 1] == [2]
    assert ask("select count(*) from listed") == [(60,)]


def test_the_longest_lock_is_measured_where_others_could_wait(runs, connection):
    connection.execute("create table t (id int)")
    step = transaction("alter table t add column n int", "select pg_sleep(0.1)", effects=(exclusive("public.t"),))
    run = runs(plan_of(step, transaction("create table u (id int)", migration="002")))
    assert 0.1 <= run.steps[0].longest_lock_seconds < 5
    assert run.steps[1].longest_lock_seconds is None
    assert runs.told(EventKind.STEP_ENDED)[0].data["longest_lock_seconds"] >= 0.1


def test_a_server_error_after_the_connection_is_gone_is_a_run_that_continues(runs, ask, connection):
    from watari.errors.stopped import RunCutOff

    connection.execute("create table t (id int)")
    step = transaction("insert into t values (1)", "select pg_terminate_backend(pg_backend_pid()) from t where once()")
    connection.execute(
        "create sequence s; create function once() returns bool language sql as $$ select nextval('s') = 1 $$"
    )
    plan = plan_of(step)
    with pytest.raises(RunCutOff):
        runs(plan)
    assert ask("select state from watari.run") == [("stopped",)]
    assert runs(plan).state is RunState.DONE
    assert ask("select count(*) from t") == [(1,)]


def test_every_attempt_is_kept(runs, connection):
    plan = plan_of(transaction("insert into missing values (1)"))
    for _ in range(2):
        with pytest.raises(StatementFailed):
            runs(plan)
    attempts = history.attempts(connection)
    assert [(attempt.number, attempt.state) for attempt in attempts] == [(1, "failed"), (2, "failed")]
    assert all("missing" in attempt.error for attempt in attempts)


def test_reading_runs_where_watari_never_ran_gives_none(connection):
    assert history.runs(connection) == ()
    assert history.unfinished(connection) is None


def test_two_who_make_the_journal_at_once_both_succeed(database):
    from concurrent.futures import ThreadPoolExecutor

    from watari.execution import journal

    def make(_: int) -> int | None:
        with psycopg.connect(**database.conninfo(), autocommit=True) as own:
            journal.ensure(own)
            return journal.version_of(own)

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(make, range(16))) == {journal.VERSION}
