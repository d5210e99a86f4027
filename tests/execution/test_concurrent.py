"""What refuses a transaction: intent first, then the catalog says what came of it."""

from __future__ import annotations

import threading

import psycopg
import pytest
from fixtures.runs import Listed, index, plan_of, transaction, wait_until

from watari.errors.stopped import BuildStopped, StatementFailed
from watari.evidence.event import EventKind
from watari.evidence.run import RunState, StepState
from watari.execution import history
from watari.planning.plan import Phase, Settle, Step, StepKind
from watari.project.policy import Policy

VALID = "select indisvalid from pg_index where indexrelid = to_regclass(%s)"


@pytest.fixture(autouse=True)
def table(connection) -> None:
    connection.execute("create table t (id int, n int); insert into t select g, g % 7 from generate_series(1, 1000) g")


def corpse(database, name="t_n", unique="") -> None:
    """An invalid index, as a build that was cancelled leaves it."""
    with (
        psycopg.connect(**database.conninfo(), autocommit=True) as own,
        psycopg.connect(**database.conninfo()) as other,
    ):
        other.execute("lock table t in row exclusive mode")
        own.execute("set statement_timeout = '200ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            own.execute(f"create {unique} index concurrently {name} on t (n)")


def test_an_index_is_built_beside_the_application_and_recorded(runs, ask):
    run = runs(plan_of(index("t_n", "create index concurrently t_n on t (n)")))
    assert run.steps[0].state is StepState.DONE and run.steps[0].attempts == 1
    assert ask(VALID, "t_n") == [(True,)] and ask("select id from listed") == [("001",)]


def test_an_invalid_index_is_dropped_and_built_again_even_if_the_statement_would_skip_it(runs, ask, database):
    corpse(database)
    assert ask(VALID, "t_n") == [(False,)]
    runs(plan_of(index("t_n", "create index concurrently if not exists t_n on t (n)")))
    assert ask(VALID, "t_n") == [(True,)]
    assert any("t_n" in str(event.data.get("message")) for event in runs.told(EventKind.NOTICE))


def test_a_build_that_runs_out_of_time_leaves_nothing_and_names_who_was_in_the_way(runs, ask, database):
    runs.policy = Policy(concurrent_budget=1.5)
    plan = plan_of(index("t_n", "create index concurrently t_n on t (n)"))
    with psycopg.connect(**database.conninfo(), application_name="nightly") as other:
        other.execute("update t set n = 1 where id = 1")
        with pytest.raises(BuildStopped) as stopped:
            runs(plan)
    assert "nightly" in str(stopped.value) and "57014" in str(stopped.value)
    assert any("nightly" in line for event in runs.told(EventKind.LOCK_WAIT) for line in event.data["blockers"])
    assert runs(plan).state is RunState.DONE
    assert ask(VALID, "t_n") == [(True,)]


def test_duplicates_stop_a_unique_build_and_its_corpse_is_taken_away(runs, ask):
    with pytest.raises(StatementFailed, match="duplicate"):
        runs(plan_of(index("t_n", "create unique index concurrently t_n on t (n)")))
    assert ask("select to_regclass('t_n')") == [(None,)]


def test_a_build_that_was_finished_while_nobody_watched_is_seen(runs, ask, connection):
    plan = plan_of(
        index("t_n", "create index concurrently t_n on t (n)"),
        transaction("select 1 / (select count(*) from go)", migration="002"),
    )
    with pytest.raises(StatementFailed):
        runs(plan)
    # as if the process had been killed between the statement and its row
    connection.execute(
        "update watari.step set state = 'intended', ended_at = null where id = '0001.1'; delete from listed"
    )
    connection.execute("create table go (id int); insert into go values (1)")
    oid = ask("select 't_n'::regclass::oid")
    run = runs(plan)
    assert run.steps[0].attempts == 1 and ask("select 't_n'::regclass::oid") == oid
    assert ask("select id from listed order by id") == [("001",), ("002",)]


def test_an_index_of_that_name_that_was_there_before_is_not_taken_for_ours(runs, connection):
    connection.execute("create index t_n on t (id)")
    with pytest.raises(StatementFailed, match="already exists"):
        runs(plan_of(index("t_n", "create index concurrently t_n on t (n)")))


def test_a_dropped_index_stays_dropped_when_the_start_is_repeated(runs, ask, connection):
    connection.execute("create index t_n on t (n)")
    settle = Settle(kind="index_absent", relation="public.t_n")
    drop = Step(
        id="",
        phase=Phase.CONTRACT,
        kind=StepKind.CONCURRENT,
        migration="001",
        sql=("drop index concurrently t_n",),
        settle=settle,
    )
    plan = plan_of(drop)
    runs(plan)
    connection.execute(
        "update watari.step set state = 'intended'; update watari.run set state = 'running'; delete from listed"
    )
    assert runs(plan).state is RunState.DONE
    assert ask("select to_regclass('t_n')") == [(None,)]


def test_settings_of_the_migration_hold_for_what_refuses_a_transaction(runs, ask, connection):
    connection.execute("create schema other; create table other.t (n int)")
    step = index("t_n2", "create index concurrently t_n2 on t (n)", session=("set search_path to other",))
    runs(plan_of(step, transaction("create table plain (id int)", migration="002")))
    assert ask("select to_regclass('other.t_n2') is not null, to_regclass('public.plain') is not null") == [
        (True, True)
    ]


def test_a_vacuum_may_simply_be_repeated(runs):
    step = Step(
        id="",
        phase=Phase.MIGRATE,
        kind=StepKind.CONCURRENT,
        migration="001",
        sql=("vacuum analyze t",),
        settle=Settle(kind="again", relation="public.t"),
    )
    assert runs(plan_of(step)).state is RunState.DONE


def test_a_long_build_tells_how_far_it_is(runs, connection, database):
    blocked = threading.Event()
    runs.policy = Policy(concurrent_budget=20)

    def told(event) -> None:
        runs.events.append(event)
        if event.kind is EventKind.PROGRESS:
            blocked.set()

    with psycopg.connect(**database.conninfo()) as other:
        other.execute("update t set n = 1 where id = 1")
        thread = threading.Thread(target=lambda: (blocked.wait(20), other.rollback()))
        thread.start()
        runs(plan_of(index("t_n", "create index concurrently t_n on t (n)")), events=told)
        thread.join()
    assert runs.told(EventKind.PROGRESS)[0].data["phase"].startswith("waiting")


def test_the_journal_says_intended_before_the_statement_is_sent(runs, connection, database):
    seen = []
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("update t set n = 1 where id = 1")

        def look() -> None:
            seen.extend(history.attempts(connection))
            other.rollback()

        timer = threading.Timer(0.6, look)
        timer.start()
        runs(plan_of(index("t_n", "create index concurrently t_n on t (n)")))
        timer.join()
    assert [(attempt.step, attempt.state) for attempt in seen] == [("0001.1", "intended")]


def detach(table: str = "public.e", partition: str = "public.e1") -> Step:
    settle = Settle(kind="partition_detached", relation=partition, table=table)
    statement = f"alter table {table} detach partition {partition} concurrently"
    fields = {"phase": Phase.CONTRACT, "kind": StepKind.CONCURRENT, "migration": "001"}
    return Step(id="", sql=(statement,), settle=settle, **fields)


@pytest.fixture
def partitions(connection) -> None:
    connection.execute("create table e (id int) partition by range (id)")
    connection.execute("create table e1 partition of e for values from (0) to (10); insert into e values (1)")


def test_a_detach_that_was_left_half_done_is_finished(runs, ask, database, connection, partitions):
    """As a cancelled one leaves it: marked, and refusing to be repeated."""
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("select * from e")
        connection.execute("set statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("alter table e detach partition e1 concurrently")
        connection.execute("reset statement_timeout")
    assert ask("select inhdetachpending from pg_inherits where inhrelid = 'e1'::regclass") == [(True,)]
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        connection.execute("alter table e detach partition e1 concurrently")
    run = runs(plan_of(detach()))
    assert run.state is RunState.DONE and run.steps[0].attempts == 1
    assert ask("select count(*) from pg_inherits where inhrelid = 'e1'::regclass") == [(0,)]
    assert ask("select count(*) from e1") == [(1,)]


def test_a_detach_that_ended_while_nobody_watched_is_seen(runs, ask, connection, partitions):
    plan = plan_of(detach(), transaction("select 1 / (select count(*) from go)", migration="002"))
    with pytest.raises(StatementFailed):
        runs(plan)
    connection.execute("update watari.step set state = 'intended' where id = '0001.1'; delete from listed")
    connection.execute("create table go (id int); insert into go values (1)")
    run = runs(plan)
    assert run.state is RunState.DONE and run.steps[0].attempts == 1


def test_copies_that_a_reindex_left_are_dropped_and_it_is_done_again(runs, ask, database, connection):
    connection.execute("create index t_n on t (n)")
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("update t set n = 1 where id = 1")
        connection.execute("set statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("reindex index concurrently t_n")
        connection.execute("reset statement_timeout")
    assert ask("select relname from pg_class where relname like '%ccnew%'") == [("t_n_ccnew",)]
    before = ask("select relfilenode from pg_class where relname = 't_n'")
    settle = Settle(kind="reindexed", relation="public.t_n")
    step = Step(
        id="",
        phase=Phase.MIGRATE,
        kind=StepKind.CONCURRENT,
        migration="001",
        sql=("reindex index concurrently t_n",),
        settle=settle,
    )
    assert runs(plan_of(step)).state is RunState.DONE
    assert ask("select count(*) from pg_class where relname like '%ccnew%'") == [(0,)]
    assert ask("select relfilenode from pg_class where relname = 't_n'") != before


def test_a_constraint_that_was_validated_by_hand_meanwhile_is_seen(runs, ask, connection):
    connection.execute("alter table t add constraint few check (n < 5) not valid")
    plan = plan_of(transaction("alter table t validate constraint few"))
    with pytest.raises(StatementFailed, match="few"):
        runs(plan)
    connection.execute("update t set n = 0; alter table t validate constraint few")
    assert runs(plan).state is RunState.DONE
    assert ask("select convalidated from pg_constraint where conname = 'few'") == [(True,)]


def test_the_frameworks_own_runner_that_waits_for_its_lock_does_not_hold_up_a_build_for_ever(runs, ask, database):
    """Its waiting request is an old snapshot that the build waits for, and what it waits for is the run."""
    refused = []

    def own_runner() -> None:
        with psycopg.connect(**database.conninfo(), autocommit=True, application_name="deploy") as own:
            try:
                own.execute("select pg_advisory_lock(%s)", [Listed.key])
            except psycopg.errors.QueryCanceled as cancelled:
                refused.append(cancelled)

    with psycopg.connect(**database.conninfo()) as other:
        other.execute("update t set n = 1 where id = 1")
        thread = threading.Thread(target=own_runner)

        def begin() -> None:
            wait_until(lambda: ask("select 1 from pg_stat_progress_create_index"))
            thread.start()
            wait_until(lambda: ask("select 1 from pg_locks where locktype = 'advisory' and not granted"))
            other.rollback()

        threading.Thread(target=begin).start()
        run = runs(plan_of(index("t_n", "create index concurrently t_n on t (n)")))
        thread.join()
    assert run.state is RunState.DONE and ask(VALID, "t_n") == [(True,)]
    assert refused and any("deploy" in event.data["message"] for event in runs.told(EventKind.WARNING))
