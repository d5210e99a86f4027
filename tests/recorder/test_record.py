"""What a recording says of statements, locks, rewrites, scans and transactions."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from watari.catalog import LockMode
from watari.evidence.effect import Effect
from watari.evidence.recording import Ending, RecordedStatement, Recording, Seen, by_relation
from watari.recorder.recorder import Recorder

Through = Callable[..., psycopg.Connection]


def found(recording: Recording, text: str) -> RecordedStatement:
    """The one statement that begins with a text."""
    (statement,) = [each for each in recording.statements if each.sql.startswith(text)]
    return statement


def effect(statement: RecordedStatement, relation: str) -> Effect:
    """What the statement did to a relation."""
    (only,) = [each for each in statement.effects if each.relation == relation]
    return only


def test_statements_come_in_order_with_parameters_transaction_and_tag(recorder: Recorder, through: Through) -> None:
    with through() as session:
        session.execute("create table t (id int, name text)")
        session.execute("insert into t values (%s, %s)", [7, "渡り"])
        session.commit()
        session.execute("update t set name = 'x'")
        session.rollback()
    recording = recorder.recording()
    assert [each.tag for each in recording.statements] == [
        "BEGIN",
        "CREATE TABLE",
        "INSERT 0 1",
        "COMMIT",
        "BEGIN",
        "UPDATE 1",
        "ROLLBACK",
    ]
    inserted = found(recording, "insert")
    assert inserted.parameters[1].text == "渡り"
    assert inserted.rows == 1
    assert inserted.in_block
    assert [each.ending for each in recording.statements] == [Ending.COMMITTED] * 4 + [Ending.ROLLED_BACK] * 3
    assert [len(group) for group in recording.transactions()] == [4, 3]
    assert recording.sound


def test_the_strongest_lock_is_held_until_the_commit(recorder: Recorder, through: Through) -> None:
    with through() as session:
        session.execute("alter table old add column c int")
        session.execute("select pg_sleep(0.2)")
    statement = found(recorder.recording(), "alter")
    altered = effect(statement, "public.old")
    assert altered.lock is LockMode.ACCESS_EXCLUSIVE
    assert altered.seconds is not None and altered.seconds > 0.2 > statement.seconds
    assert not altered.rewrite and not altered.scan


def test_rewrites_and_scans_are_told_of_the_statement_that_did_them(recorder: Recorder, through: Through) -> None:
    with through() as session:
        session.execute("alter table old alter id type bigint")
        session.execute("alter table old alter n set not null")
    recording = recorder.recording()
    rewritten = found(recording, "alter table old alter id")
    assert {each.relation for each in rewritten.effects if each.rewrite} == {"public.old", "public.old_pkey"}
    checked = effect(found(recording, "alter table old alter n"), "public.old")
    assert checked.scan and not checked.rewrite


def test_what_is_dropped_and_made_is_told(recorder: Recorder, through: Through) -> None:
    with through(autocommit=True) as session:
        session.execute("drop table empty")
        session.execute("create table born (id int primary key)")
    recording = recorder.recording()
    assert effect(found(recording, "drop"), "public.empty").destroys == "table"
    assert effect(found(recording, "create"), "public.born").created


def test_scans_of_statements_that_are_not_looked_at_fall_upon_nobody_else(recorder: Recorder, through: Through) -> None:
    with through(autocommit=True) as session:
        session.execute("select count(*) from old")
        session.execute("create index on old (n)")
        session.execute("select count(*) from old")
        session.execute("create table other (id int)")
        session.execute("alter table old add column d int")
    recording = recorder.recording()
    assert effect(found(recording, "create index"), "public.old").scan
    assert not effect(found(recording, "alter"), "public.old").scan


def test_a_scan_in_a_block_belongs_to_the_query_and_not_to_the_next_statement(
    recorder: Recorder, through: Through
) -> None:
    with through() as session:
        session.execute("select count(*) from old")
        session.execute("alter table old add column d int")
    recording = recorder.recording()
    assert effect(found(recording, "select"), "public.old").scan
    assert not effect(found(recording, "alter"), "public.old").scan


def test_a_table_that_another_session_makes_meanwhile_is_not_this_ones(recorder: Recorder, through: Through) -> None:
    with through() as one, through(autocommit=True) as other:
        one.execute("select 1")
        other.execute("create table late (id int)")
        other.execute("insert into late select generate_series(1, 100)")
        one.execute("alter table late add column c int not null default 1")
        one.execute("alter table late alter id type bigint")
    recording = recorder.recording()
    assert not effect(found(recording, "alter table late add"), "public.late").created
    assert effect(found(recording, "alter table late add"), "public.late").lock is LockMode.ACCESS_EXCLUSIVE
    assert effect(found(recording, "alter table late alter"), "public.late").rewrite


def test_a_table_that_nobody_made_through_the_door_is_not_this_ones(
    recorder: Recorder, through: Through, connection: psycopg.Connection
) -> None:
    with through() as one:
        one.execute("select 1")
        connection.execute("create table outside (id int)")
        one.execute("alter table outside add column c int")
        one.execute("create table inside (id int)")
        one.execute("alter table inside add column c int")
    recording = recorder.recording()
    assert not effect(found(recording, "alter table outside"), "public.outside").created
    assert effect(found(recording, "create table inside"), "public.inside").created


def test_names_are_known_after_a_concurrent_build(recorder: Recorder, through: Through) -> None:
    with through(autocommit=True) as session:
        session.execute("create index concurrently made_aside on old (n)")
        session.execute("drop index made_aside")
    recording = recorder.recording()
    built = found(recording, "create index")
    assert built.seen is Seen.SAMPLED
    assert effect(built, "public.made_aside").created
    assert effect(built, "public.old").scan
    assert all(each.sampled for each in built.effects)
    assert effect(found(recording, "drop index"), "public.made_aside").lock is LockMode.ACCESS_EXCLUSIVE


def test_renames_are_followed(recorder: Recorder, through: Through) -> None:
    with through(autocommit=True) as session:
        session.execute("alter table old rename to ancient")
        session.execute("alter table ancient add column c int")
    recording = recorder.recording()
    assert effect(found(recording, "alter table old"), "public.old").lock is LockMode.ACCESS_EXCLUSIVE
    assert effect(found(recording, "alter table ancient"), "public.ancient").lock is LockMode.ACCESS_EXCLUSIVE


def test_a_rewrite_that_was_rolled_back_is_not_told_again(recorder: Recorder, through: Through) -> None:
    with through() as session:
        session.execute("alter table old alter id type bigint")
        session.rollback()
        session.execute("alter table old add column c int")
    recording = recorder.recording()
    assert effect(found(recording, "alter table old alter"), "public.old").rewrite
    assert not effect(found(recording, "alter table old add"), "public.old").rewrite


def test_errors_and_notices_are_kept(recorder: Recorder, through: Through) -> None:
    with through(autocommit=True) as session:
        session.execute("drop table if exists nothing")
        try:
            session.execute("alter table nothing add column c int")
        except psycopg.errors.UndefinedTable as refused:
            assert refused.diag.message_primary == 'relation "nothing" does not exist'
    recording = recorder.recording()
    (notice,) = found(recording, "drop").notices
    assert "does not exist, skipping" in notice.message
    failed = found(recording, "alter")
    assert failed.error is not None and failed.error.code == "42P01"
    assert failed.ending is Ending.ROLLED_BACK


def test_several_statements_in_one_query_are_told_one_by_one(recorder: Recorder, through: Through) -> None:
    with through(autocommit=True) as session:
        session.execute("create table t (id int); insert into t values (1); alter table old add column c int; select 1")
    recording = recorder.recording()
    assert [each.tag for each in recording.statements] == ["CREATE TABLE", "INSERT 0 1", "ALTER TABLE", "SELECT 1"]
    assert len({each.transaction for each in recording.statements}) == 1
    assert effect(found(recording, "alter"), "public.old").lock is LockMode.ACCESS_EXCLUSIVE
    assert effect(found(recording, "create"), "public.t").created


def test_several_sessions_at_once_are_kept_apart(recorder: Recorder, through: Through) -> None:
    with through() as one, through() as other:
        one.execute("create table a (id int)")
        other.execute("create table b (id int)")
        one.execute("insert into a values (1)")
        other.execute("insert into b values (1)")
    recording = recorder.recording()
    assert recording.connections == 2
    assert {each.connection for each in recording.statements if " a " in each.sql} == {1}
    assert {each.connection for each in recording.statements if " b " in each.sql} == {2}


def test_a_summary_by_relation_has_the_strongest_lock_first(recorder: Recorder, through: Through) -> None:
    with through(autocommit=True) as session:
        session.execute("insert into old values (0, '')")
        session.execute("alter table empty add column c int")
    first, *rest = by_relation(recorder.recording())
    assert (first.effect.relation, first.effect.lock) == ("public.empty", LockMode.ACCESS_EXCLUSIVE)
    assert "public.old" in [each.effect.relation for each in rest]
    (written,) = [each.effect.rows for each in rest if each.effect.relation == "public.old"]
    assert written == 1
