"""NOT NULL, check, foreign key and unique of a large table cost a scan or a concurrent build, never a copy of a row."""

from __future__ import annotations

import psycopg
import pytest
from fixtures.program import Folder

_CHANGES = {
    "not null": "alter table t alter column n set not null;",
    "check": "alter table t add constraint positive check (n > 0);",
    "foreign key": "alter table t add constraint of_other foreign key (other) references o (id);",
    "unique": "alter table t add constraint only_one unique (n);",
}


@pytest.mark.parametrize("sql", _CHANGES.values(), ids=_CHANGES)
def test_not_a_row_is_written(folder: Folder, connection: psycopg.Connection, sql: str):
    connection.execute(
        "create table o (id int primary key); insert into o select generate_series(1, 100); "
        "create table t (id int primary key, n int, other int); "
        "insert into t select g, g, 1 + g % 100 from generate_series(1, 30000) g; analyze"
    )
    before = connection.execute("select pg_relation_filenode('t'), pg_relation_size('t')").fetchone()
    folder.write("migrations/001_change.sql", f"{sql}\n")
    applied = folder.watari("apply", "--yes", "--json")
    assert applied.status == 0, applied.err
    assert len(applied.document["steps"]) > 1, "the safe form was taken"
    assert connection.execute("select pg_relation_filenode('t'), pg_relation_size('t')").fetchone() == before
    connection.execute("select pg_stat_clear_snapshot()")
    assert connection.execute("select n_tup_upd from pg_stat_user_tables where relname = 't'").fetchone() == (0,)
