"""Line by line: what each other tool's rule and each name of the catalogue is about, and that watari says so.

`data/examples.tsv` holds a statement or a situation a name, after the tool's own documentation and on the tables of
`tests/rules/fixture.sql`. What no statement can show (a session, a run, `doctor`) is proved by a test elsewhere, named in
`PROOFS`. A name that is a matter of taste is shown to stop nobody and to lose nothing.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from fixtures.program import Folder

from risk.test_rules import AROUND, FOLDER
from tools import coverage
from watari.catalog import Catalog, Name, Session
from watari.evidence import Blocks
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.risk.hazard import Judgement, Level
from watari.risk.judge import judge
from watari.risk.registry import rules
from watari.sql import Script

TESTS = Path(__file__).parents[1]
RULES = {rule.card.id for rule in rules()}
LINES = {(line.source, line.name): line for line in coverage.lines()}
#: Reasons that only say that there is nothing to catch.
NOTHING = {"framework", "not-postgresql"}

_BOUNDED = "risk/test_examples.py::test_the_sessions_of_a_run_are_bounded_and_named"
_STOPPED = "rehearsal/test_rehearse.py::test_a_plan_that_fails_is_evidence_with_its_reason"
_COUNTED = "planning/test_prechecks.py::test_what_would_fail_is_counted"
_KILLED = "execution/test_kills.py::test_killed_at_some_points_it_ends_equal"
_KINDS = "faults/test_kills.py::test_cut_off_or_killed_at_some_messages_it_ends_equal"
_ORDER = "migrations/test_compare.py::test_a_pending_one_before_an_applied_one_is_a_note"
_ASIDE = "execution/test_patience.py::test_patience_has_an_end_that_names_who_was_in_the_way"

#: What no single statement can show, and the test that does.
PROOFS: Mapping[str, str] = {
    **dict.fromkeys(("wait-no-lock-timeout", "wait-no-statement-timeout", "wait-idle-timeout"), _BOUNDED),
    **dict.fromkeys(("wait-no-application-name", "E9", "require-statement-timeout"), _BOUNDED),
    "PreventGlobalEnableLockRetriesWithDisableDdlTransaction": _ASIDE,
    "WithLockRetriesWithChange": _ASIDE,
    "WithLockRetriesWithoutDdlTransaction": _ASIDE,
    "wait-prepared-xact": "risk/test_cluster.py::test_a_prepared_transaction_is_told_by_doctor",
    "wait-role-timeout-kills-step": "risk/test_examples.py::test_doctor_tells_of_timeouts_and_owners",
    "env-not-owner": "risk/test_examples.py::test_doctor_tells_of_timeouts_and_owners",
    "wait-pooler": "postgres/test_poolers.py::test_an_idle_transaction_pooler_is_found",
    "rewrite-disk": "faults/test_guards.py::test_a_plan_that_does_not_fit_on_the_disk_is_refused_before_anything_is_changed",
    "wait-maintenance-queue": "execution/test_session.py::test_of_ten_starts_at_once_one_runs_and_the_others_say_who_does",
    "sec-grant-concurrency": _ASIDE,
    "index-invalid-left": "execution/test_concurrent.py::test_a_build_that_runs_out_of_time_leaves_nothing_and_names_who_was_in_the_way",
    "index-drop-interrupted": _KINDS,
    "part-detach-pending": "execution/test_concurrent.py::test_a_detach_that_was_left_half_done_is_finished",
    "tx-partial": _KILLED,
    "prefer-robust-stmts": _KILLED,
    "rewrite-wal": "execution/test_observation.py::test_the_log_that_a_step_writes_is_counted_where_nobody_else_writes",
    "compat-shim-limits": "rehearsal/test_application.py::test_what_breaks_the_application_is_told",
    "tx-session-busy": _STOPPED,
    "proof-will-fail": _COUNTED,
    "proof-not-valid-hurts": _COUNTED,
    **dict.fromkeys(("MF101", "MF102", "MF104"), _COUNTED),
    "destroy-no-way-back": "planning/test_undo.py::test_what_cannot_be_taken_back_says_so",
    "data-no-path": "execution/test_backfill.py::test_an_index_on_the_column_does_not_lead_the_server_astray",
    "data-sync-trigger": "planning/test_forms.py::test_a_safe_form_ends_as_written",
    "data-lag": "execution/test_throttle.py::test_a_standby_that_is_behind_is_waited_for",
    "data-not-complete": "execution/test_backfill.py::test_rows_that_move_away_and_come_in_meanwhile_are_found_by_the_proof",
    "env-drift": "gates/test_gates.py::test_a_closed_gate_says_why_and_what_to_do",
    "env-order": _ORDER,
    "non-linear": _ORDER,
    **dict.fromkeys(("require-timeout-settings", "require-lock-timeout"), _BOUNDED),
}


@dataclass(frozen=True)
class Example:
    """`how`: "whole" (in one transaction, as a migration), "facts:RULE" (the server around it as in the tests of that rule),
    "version:NUMBER", "session:KIND" (one that has been reading the table for long)."""

    source: str
    name: str
    how: str
    sql: str

    def __str__(self) -> str:
        return f"{self.source}: {self.name}"


def examples() -> list[Example]:
    with (Path(__file__).parent / "data" / "examples.tsv").open(encoding="utf-8", newline="") as file:
        return [Example(row["source"], row["name"], row["how"], row["sql"].replace("\\n", "\n"))
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]  # fmt: skip


@pytest.fixture(scope="module")
def shop(server: EmbeddedServer) -> Iterator[Catalog]:
    """The facts of the shop of the rules' scripts."""
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute("create database examples_shop template template0")
        with psycopg.connect(**server.url("examples_shop").conninfo(), autocommit=True) as connection:
            for statement in Script(file="fixture.sql", data=(FOLDER / "fixture.sql").read_bytes()).statements:
                connection.execute(statement.text.encode())
        with psycopg.connect(**server.url("examples_shop").conninfo(), autocommit=True) as connection:
            yield read_catalog(connection)
        admin.execute("drop database examples_shop")


def reader(kind: str) -> Session:
    """A session that has been on the table for an hour."""
    return Session(
        pid=1, user="u", application="pg_dump" if kind == "dump" else "", query="autovacuum: VACUUM (to prevent wraparound)",
        kind="autovacuum worker" if kind == "autovacuum" else "client backend", state="active", transaction_age=3600.0,
        snapshot_age=9, locks=((Name("public", "orders"), "ShareUpdateExclusiveLock"),),
    )  # fmt: skip


def judged(example: Example, shop: Catalog) -> Judgement:
    facts = shop
    way, _, what = example.how.partition(":")
    if way == "facts":
        facts = replace(shop, **AROUND[what])  # type: ignore[arg-type]
    elif way == "version":
        facts = replace(shop, server_version=int(what))
    elif way == "session":
        facts = replace(shop, sessions=(reader(what),))
    whole = way == "whole"
    statements = Script(file="example.sql", data=example.sql.encode()).statements
    return judge([("001" if whole else None, statements, whole)], facts, Policy(), databases=("apidb", "admindb"))


@pytest.mark.parametrize("example", examples(), ids=str)
def test_what_a_name_is_about_is_said(example: Example, shop: Catalog) -> None:
    line = LINES[example.source, example.name]
    judgement = judged(example, shop)
    assert [one.error for one in judgement.statements if one.error] == []
    said = {hazard.rule for hazard in judgement.hazards}
    if line.rules:
        assert set(line.rules) <= said, said
    elif line.reason == "style":
        assert not judgement.blocked
        assert all(one.effects.blocks is not Blocks.WORK for one in judgement.statements)
        assert not any(
            hazard.rule.startswith("destroy-") and hazard.level is not Level.INFO for hazard in judgement.hazards
        )


def test_no_name_is_without_an_example_or_a_proof() -> None:
    shown = {(example.source, example.name) for example in examples()}
    assert not shown - LINES.keys()
    without = [
        f"{line.source}: {line.name}"
        for key, line in LINES.items()
        if line.reason not in NOTHING and key not in shown and line.name not in PROOFS and line.rules != (line.name,)
    ]
    assert without == []
    unproved = [
        name for (_, name), line in LINES.items() if line.reason not in {*NOTHING, "style", ""} and name not in PROOFS
    ]
    assert unproved == []


def test_every_proof_is_a_test_that_there_is() -> None:
    for proof in set(PROOFS.values()):
        file, _, name = proof.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, proof


def test_the_sessions_of_a_run_are_bounded_and_named(folder: Folder, connection: psycopg.Connection) -> None:
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "application_name")
    connection.execute("create table t (id int)")
    connection.execute("alter database {} set lock_timeout = '1h'".format(connection.info.dbname))  # noqa: UP032
    columns = ", ".join(f"current_setting('{name}') as {name}" for name in names)
    folder.write("migrations/001_seen.sql", f"ALTER TABLE t ADD COLUMN a int; CREATE TABLE seen AS SELECT {columns};")
    assert folder.watari("apply", "--yes").status == 0
    lock, statement, idle, name = connection.execute("select * from seen").fetchone() or ()
    assert lock == "50ms" and statement != "0" and idle not in ("0", "") and name.startswith("watari")


def test_doctor_tells_of_timeouts_and_owners(
    folder: Folder, connection: psycopg.Connection, database: DatabaseUrl
) -> None:
    connection.execute("create table t (id int)")
    role = f"{database.database}_worker"
    connection.execute(f"create role {role} login")
    try:
        connection.execute(f"alter role {role} set statement_timeout = '45s'")
        folder.write("migrations/001_a.sql", "SELECT 1;")
        answer = folder.watari("doctor", "--url", replace(database, user=role).reveal().reveal(), "--json")
        assert answer.status == 1, answer.err
        told = {one["name"]: one["message"] for one in answer.document["databases"][0]["findings"] if not one["right"]}
        assert "statement_timeout is 45000ms" in told["timeouts"]
        assert "does not own 1 tables" in told["owner"] and "may not create" in told["schema"]
    finally:
        connection.execute(f"drop role {role}")
