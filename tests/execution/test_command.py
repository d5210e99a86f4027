"""A step that runs the framework's own tool."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace

import psycopg
import pytest
from fixtures.runs import Listed, plan_of, started, transaction, wait_until

from watari.errors.stopped import CommandFailed, CommandMissing
from watari.evidence.event import EventKind
from watari.evidence.run import Direction, RunState
from watari.planning.plan import Phase, Settle, Step, StepKind
from watari.project.secret import Secret


def tool(body: str, tmp_path) -> Listed:
    """A framework whose tool is this Python text, with `own` a connection to the database."""
    file = tmp_path / "tool.py"
    file.write_text(
        "import os, sys, time, psycopg\n"
        "migration = os.environ['MIGRATION']\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as own:\n"
        + "".join(f"    {line}\n" for line in body.splitlines())
    )
    return Listed(argv=(sys.executable, str(file)), folder=tmp_path)


def command(migration: str = "m1") -> Step:
    settle = Settle(kind="history_applied", relation=migration)
    return Step(id="", phase=Phase.MIGRATE, kind=StepKind.COMMAND, migration=migration, settle=settle)


RECORD = "own.execute('insert into listed values (%s)', [migration])"


def test_the_tool_does_it_and_its_history_says_so(runs, ask, tmp_path):
    runs.framework = tool(
        f"own.execute('create table made (id int)')\n{RECORD}\nprint('hello from the tool')", tmp_path
    )
    run = runs(plan_of(command()))
    assert run.state is RunState.DONE and ask("select id from listed") == [("m1",)]
    assert any(event.data.get("output") == "hello from the tool" for event in runs.told(EventKind.NOTICE))


def test_the_tool_is_given_timeouts_and_the_frameworks_lock(runs, ask, tmp_path):
    body = (
        "for name in ('lock_timeout', 'application_name'):\n"
        "    print(name, own.execute('select current_setting(%s)', [name]).fetchone()[0])\n"
        f"print('lock', own.execute('select pg_try_advisory_lock({Listed.key})').fetchone()[0])\n{RECORD}"
    )
    runs.framework = tool(body, tmp_path)
    run = runs(plan_of(command(), transaction("select 1", migration="m2")))
    said = [event.data["output"] for event in runs.told(EventKind.NOTICE) if "output" in event.data]
    assert said == ["lock_timeout 50ms", f"application_name watari:{run.id}:0001.1", "lock True"]


def test_a_tool_that_gives_way_to_a_lock_is_run_again_as_a_whole(runs, ask, connection, database, tmp_path):
    connection.execute("create table t (id int)")
    runs.framework = tool(f"own.execute('alter table t add column n int')\n{RECORD}", tmp_path)
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("select * from t")

        def let_go_once_it_gave_way() -> None:
            for _ in range(600):
                if runs.told(EventKind.LOCK_WAIT):
                    break
                time.sleep(0.05)
            other.rollback()

        reader = threading.Thread(target=let_go_once_it_gave_way)
        reader.start()
        run = runs(plan_of(command()))
        reader.join()
    assert run.state is RunState.DONE and run.steps[0].attempts > 1
    assert runs.told(EventKind.LOCK_WAIT) and ask("select id from listed") == [("m1",)]


def test_a_tool_that_fails_stops_the_run_with_its_last_words(runs, ask, tmp_path):
    runs.framework = tool("own.execute('select 1 / 0')", tmp_path)
    with pytest.raises(CommandFailed, match="division by zero") as stopped:
        runs(plan_of(command()))
    assert stopped.value.fields["code"] == 1
    assert ask("select state from watari.step") == [("failed",)]
    runs.framework = tool(RECORD, tmp_path)
    assert runs(plan_of(command())).state is RunState.DONE


def test_a_tool_that_says_success_without_doing_it_is_not_believed(runs, tmp_path):
    runs.framework = tool("print('all migrations applied')", tmp_path)
    with pytest.raises(CommandFailed, match="all migrations applied"):
        runs(plan_of(command()))


def test_a_tool_that_fails_after_it_is_done_is_told_of(runs, tmp_path):
    runs.framework = tool(f"{RECORD}\nown.commit()\nsys.exit(3)", tmp_path)
    assert runs(plan_of(command())).state is RunState.DONE
    assert runs.told(EventKind.WARNING)


def test_the_way_back_asks_the_history_for_the_opposite(runs, ask, tmp_path):
    runs.framework = tool(RECORD, tmp_path)
    forward = runs(plan_of(command()))
    runs.framework = tool("own.execute('delete from listed where id = %s', [migration])", tmp_path)
    run = runs(plan_of(command(), direction=Direction.BACK, of_run=forward.id))
    assert run.state is RunState.DONE and ask("select count(*) from listed") == [(0,)]


def test_a_tool_that_is_not_there_is_a_sentence(runs):
    runs.framework = Listed(argv=("/no/such/tool",))
    with pytest.raises(CommandFailed, match="/no/such/tool"):
        runs(plan_of(command()))
    runs.framework = Listed()
    with pytest.raises(CommandMissing, match="m1"):
        runs(plan_of(command("m1")))


def test_a_password_is_nowhere_in_what_is_told_or_kept(runs, ask, connection, database, tmp_path):
    connection.execute(
        "drop role if exists watari_secret; create role watari_secret superuser login password 'tr0ub4dor&3'"
    )
    runs.url = replace(database, user="watari_secret", password=Secret("tr0ub4dor&3"))
    runs.framework = tool("print(os.environ['DATABASE_URL'])\nprint('tr0ub4dor&3')\nsys.exit(1)", tmp_path)
    with pytest.raises(CommandFailed) as stopped:
        runs(plan_of(command()))
    kept = str(ask("select * from watari.step")) + str(ask("select * from watari.run"))
    told = str([event.data for event in runs.events]) + str(stopped.value) + kept
    assert "tr0ub4dor" not in told and "****" in told
    connection.execute("reassign owned by watari_secret to postgres; drop role watari_secret")


def test_a_tool_that_outlives_a_killed_run_is_waited_for_and_not_run_twice(runs, ask, connection, database, tmp_path):
    body = f"own.execute('create table made (id int)')\ntime.sleep(2)\n{RECORD}"
    runs.framework = tool(body, tmp_path)
    plan = plan_of(command())
    busy = "select 1 from pg_stat_activity where application_name like 'watari:%'"
    with started(database, plan, tmp_path, argv=runs.framework.argv):
        wait_until(lambda: connection.execute(busy).fetchone())
    assert runs(plan).state is RunState.DONE
    assert ask("select count(*) from listed") == [(1,)]
    assert ask("select count(*) from watari.step") == [(1,)]
