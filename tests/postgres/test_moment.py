"""Two equal marks, and nothing was written in between."""

from __future__ import annotations

import psycopg

from watari.postgres.moment import quiet_moment
from watari.project.url import DatabaseUrl


def test_reading_leaves_the_mark_and_every_kind_of_writing_changes_it(
    connection: psycopg.Connection, database: DatabaseUrl
) -> None:
    with psycopg.connect(**database.conninfo(), autocommit=True) as other:
        other.execute("create table t (id int)")
        for statement in (
            "alter table t add column a int",
            "comment on table t is 'x'",
            "create index concurrently on t (id)",
            "grant select on t to public",
            "insert into t values (1)",
            "vacuum full t",
            "alter sequence if exists none restart; drop table t",
        ):
            before = quiet_moment(connection)
            assert quiet_moment(connection) == before or before is None  # another test of the session may write beside
            other.execute(statement)
            after = quiet_moment(connection)
            assert before is None or after != before, statement


def test_what_an_open_transaction_has_written_changes_the_mark_when_it_is_committed(
    connection: psycopg.Connection, database: DatabaseUrl
) -> None:
    with psycopg.connect(**database.conninfo()) as other, psycopg.connect(**database.conninfo()) as older:
        older.execute("create table first (id int)")
        other.execute("create table second (id int)")
        before = quiet_moment(connection)
        other.commit()
        assert quiet_moment(connection) is None  # the older one may end without moving the end of the snapshot
        older.commit()
        after = quiet_moment(connection)
        assert before is None or after != before
