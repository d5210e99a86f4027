"""The sixteen things that users of other engines suffer from, most frequent first: each by its name, each with its proofs.

A proof is a test; where one stands elsewhere, it is named and must be there. What only shows through the whole program is
proved in this file.
"""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from fixtures.pooler import pgbouncer
from fixtures.program import Folder
from fixtures.proxy import Network

from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl

TESTS = Path(__file__).parents[1]
HERE = "faults/test_sixteen_cases.py"

CASES: dict[str, tuple[str, ...]] = {
    "1 a lock timeout kills a concurrent build, and its corpse stays": (
        "execution/test_concurrent.py::test_an_invalid_index_is_dropped_and_built_again_even_if_the_statement_would_skip_it",
        "execution/test_concurrent.py::test_a_build_that_runs_out_of_time_leaves_nothing_and_names_who_was_in_the_way",
        "execution/test_blockers.py::test_old_snapshots_are_named_before_a_build_waits_for_them",
        "execution/test_blockers.py::test_a_validation_waits_on_the_budget_of_builds_and_not_on_that_of_exclusive_locks",
    ),
    "2 a runner's lock and a concurrent index hang or deadlock": (
        "execution/test_concurrent.py::test_the_frameworks_own_runner_that_waits_for_its_lock_does_not_hold_up_a_build_for_ever",
        "faults/test_own_runners.py::test_a_prisma_deploy_beside_a_run_neither_deadlocks_nor_applies_anything",
    ),
    "3 locks are left behind after a kill": (
        "execution/test_session.py::test_a_worker_whose_process_is_gone_is_waited_for_and_then_ended",
        "execution/test_session.py::test_no_second_run_while_a_killed_one_still_works_in_the_server",
        "faults/test_kills.py::test_cut_off_or_killed_at_some_messages_it_ends_equal",
        "faults/test_network.py::test_an_answer_that_was_lost_on_the_way_is_not_waited_for",
    ),
    "4 advisory locks go through transaction poolers": (
        f"{HERE}::test_4_a_run_through_a_transaction_pooler_is_refused_with_the_way_around",
        "postgres/test_poolers.py::test_a_busy_transaction_pooler_is_found",
    ),
    "5 no lock at all, and replicas race": (
        "faults/test_at_once.py::test_of_fifty_starts_one_runs_and_the_others_say_who_does",
        "faults/test_own_runners.py::test_alembic_beside_a_run_does_nothing_twice",
        "faults/test_own_runners.py::test_a_migration_that_a_runner_without_a_lock_applied_meanwhile_is_not_applied_again",
    ),
    "6 a dirty or failed state has no guided way out": (
        f"{HERE}::test_6_a_failure_names_both_ways_out_and_both_lead_there",
    ),
    "7 a migration is skipped while the tool prints success": (
        "verification/test_history.py::test_a_history_that_claims_what_does_not_exist",
        "verification/test_history.py::test_a_history_that_lacks_rows_for_objects_that_exist",
        "execution/test_command.py::test_a_tool_that_says_success_without_doing_it_is_not_believed",
    ),
    "8 CONCURRENTLY inside an implicit transaction": (
        f"{HERE}::test_8_a_concurrent_statement_among_others_in_one_file_is_sent_by_itself",
    ),
    "9 checksums cry over line ends and formatters": (
        "frameworks/test_prisma.py::test_the_kind_of_line_ends_is_no_edit_and_everything_else_is",
        "frameworks/test_sql.py::test_the_checksum_is_the_sha256_of_the_file_whatever_its_line_ends",
    ),
    "10 DDL without a lock timeout, or with one try only, queues everyone": (
        "execution/test_blockers.py::test_a_lock_that_cannot_be_had_is_not_asked_for",
        "execution/test_patience.py::test_a_long_transaction_is_waited_out_and_named",
        "execution/test_patience.py::test_the_application_does_not_wait_behind_the_waiting_run",
    ),
    "11 backfills never end, block writers or cannot be resumed": (
        "faults/test_backfill.py::test_it_is_continued_by_the_same_command_and_no_value_is_missing",
        "faults/test_backfill.py::test_the_switch_is_refused_as_long_as_rows_lack_their_value",
        "execution/test_backfill.py::test_a_row_that_somebody_holds_is_put_off_and_done_later",
    ),
    "12 many databases, and one fails": (
        f"{HERE}::test_12_one_database_of_several_fails_and_the_same_command_does_only_what_is_left",
    ),
    "13 a backup before the change is asked for everywhere and made nowhere": (
        "backup/test_restore.py::test_a_restore_stands_beside_and_equals",
        "backup/test_restore.py::test_a_damaged_backup_is_not_restored",
        "journeys/test_cross.py::test_the_policy_of_an_environment_asks_for_what_the_line_makes",
    ),
    "14 the way back is missing, paid for or never tried": (
        "rehearsal/test_rehearse.py::test_a_plan_that_comes_back_is_proved_on_a_copy_by_the_server",
        "rehearsal/test_rehearse.py::test_a_way_back_that_leaves_something_is_told_line_by_line",
    ),
    "15 the offered repair loses data": (
        "backup/test_restore.py::test_a_restore_never_writes_into_a_database_that_exists",
        "backup/test_restore.py::test_what_was_kept_can_take_its_place_again",
    ),
    "16 nothing to do, with many files, is slow": (
        f"{HERE}::test_16_a_start_with_nothing_to_do_asks_the_server_as_often_with_many_migrations_as_with_few",
    ),
}


def test_there_are_sixteen() -> None:
    assert [int(case.partition(" ")[0]) for case in CASES] == list(range(1, 17))


@pytest.mark.parametrize("proof", sorted({proof for proofs in CASES.values() for proof in proofs}))
def test_every_proof_is_there(proof: str) -> None:
    file, _, name = proof.partition("::")
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_4_a_run_through_a_transaction_pooler_is_refused_with_the_way_around(
    folder: Folder, database: DatabaseUrl, connection: psycopg.Connection, server: EmbeddedServer
) -> None:
    from dataclasses import replace

    folder.write("migrations/001_t.sql", "create table t (id int);\n")
    # it runs as another user, for whom pytest's own folders are closed
    with tempfile.TemporaryDirectory(prefix="watari-test-") as name:
        Path(name).chmod(0o755)
        with pgbouncer(server, Path(name) / "pooler", mode="transaction") as pooled:
            url = replace(database, host=pooled.host, port=pooled.port, user="postgres")
            answer = folder.watari("apply", "--yes", "--url", url.reveal().reveal())
    assert answer.status == 3, answer.err
    assert "connection pooler" in answer.err and "server's own address" in answer.err
    assert connection.execute("select to_regclass('t'), to_regclass('watari.run')").fetchone() == (None, None)


def test_6_a_failure_names_both_ways_out_and_both_lead_there(folder: Folder, connection: psycopg.Connection) -> None:
    folder.write("migrations/001_a.sql", "create table a (id int);\n")
    folder.write("migrations/002_b.sql", "create table b (id int);\ninsert into missing values (1);\n")
    failed = folder.watari("apply", "--yes")
    assert failed.status == 5 and "002_b.sql" in failed.err and "missing" in failed.err
    assert "the same command" in failed.err and "watari rollback --run" in failed.err
    connection.execute("create table missing (id int)")
    assert folder.watari("apply", "--yes").status == 0
    assert folder.watari("status").status == 0
    assert connection.execute("select count(*) from missing").fetchone() == (1,)

    folder.write("migrations/003_c.sql", "create table c (id int);\n")
    folder.write("migrations/004_d.sql", "insert into nowhere values (1);\n")
    assert folder.watari("apply", "--yes").status == 5
    (run,) = connection.execute("select id from watari.run where state = 'stopped'").fetchone() or ("",)
    back = folder.watari("rollback", "--run", run, "--yes")
    assert back.status == 0, back.err
    assert connection.execute("select to_regclass('c')").fetchone() == (None,)


def test_8_a_concurrent_statement_among_others_in_one_file_is_sent_by_itself(
    folder: Folder, connection: psycopg.Connection
) -> None:
    folder.write(
        "migrations/001_all.sql",
        "create table t (id int, n int);\ninsert into t values (1, 1);\n"
        "create index concurrently t_n on t (n);\ninsert into t values (2, 2);\n",
    )
    answer = folder.watari("apply", "--yes")
    assert answer.status == 0, answer.err
    assert connection.execute("select indisvalid from pg_index where indexrelid = 't_n'::regclass").fetchone() == (
        True,
    )
    assert connection.execute("select id from t order by 1").fetchall() == [(1,), (2,)]


def test_12_one_database_of_several_fails_and_the_same_command_does_only_what_is_left(
    make_folder: Callable[..., Folder], new_database: Callable[..., DatabaseUrl]
) -> None:
    urls = [new_database() for _ in range(3)]
    folder = make_folder("tenants", urls[0])
    lines = ['[environments.default]\nurl = "env:DATABASE_URL"\n']
    lines += [f'[databases.{url.database}]\ndir = "{url.database}"\n' for url in urls]
    folder.write("watari.toml", "".join(lines))
    for url in urls:
        folder.write(f"{url.database}/001_t.sql", "create table t (id int);\ninsert into ledger values ('once');\n")
    for url in (urls[0], urls[2]):
        with psycopg.connect(**url.conninfo(), autocommit=True) as own:
            own.execute("create table ledger (entry text)")
    failed = folder.watari("apply", "--yes")
    assert failed.status == 5 and urls[1].database in failed.err, failed.err
    with psycopg.connect(**urls[1].conninfo(), autocommit=True) as own:
        own.execute("create table ledger (entry text)")
    again = folder.watari("apply", "--yes")
    assert again.status == 0, again.err
    for url in urls:
        with psycopg.connect(**url.conninfo()) as own:
            assert own.execute("select count(*) from ledger").fetchone() == (1,), url.database


def test_16_a_start_with_nothing_to_do_asks_the_server_as_often_with_many_migrations_as_with_few(
    make_folder: Callable[..., Folder], new_database: Callable[..., DatabaseUrl]
) -> None:
    assert _messages(make_folder("few", few := new_database()), few, 5) == _messages(
        make_folder("many", many := new_database()), many, 150
    )


def _messages(folder: Folder, url: DatabaseUrl, count: int) -> int:
    """How many messages one more `apply` sends."""
    from watari.crossing import Crossing
    from watari.project.settings import load

    for number in range(count):
        folder.write(f"migrations/{number:04d}_t.sql", f"create table t{number} (id int);\n")
    assert folder.watari("apply", "--yes").status == 0

    def start(through: DatabaseUrl) -> None:
        project = load(folder.path, environ={"DATABASE_URL": through.reveal().reveal()})
        (target,) = project.targets()
        crossing = Crossing(project, target)
        assert not crossing.plan().steps

    return Network(url).carry(start)
