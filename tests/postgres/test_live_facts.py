"""What only the running server knows: how fast it reads, measured without being in anybody's way."""

from __future__ import annotations

import psycopg

from watari.postgres.live_facts import with_live_facts
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl


def test_the_speed_is_measured_on_the_largest_table(connection: psycopg.Connection) -> None:
    connection.execute("create table small as select 1 as id")
    assert with_live_facts(connection, read_catalog(connection)).scan_rate is None  # too little to tell
    connection.execute("create table big as select g as id, repeat('x', 200) as note from generate_series(1, 40000) g")
    connection.execute("vacuum analyze big")
    facts = with_live_facts(connection, read_catalog(connection))
    assert facts.scan_rate is not None and 1e6 < facts.scan_rate < 1e12
    assert facts.queries is None  # pg_stat_statements is not installed
    assert connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
    row = connection.execute("show statement_timeout").fetchone()
    assert row == ("0",)


def test_a_table_that_somebody_holds_is_not_waited_for(connection: psycopg.Connection, database: DatabaseUrl) -> None:
    connection.execute("create table big as select g as id, repeat('x', 200) as note from generate_series(1, 40000) g")
    connection.execute("vacuum analyze big")
    catalog = read_catalog(connection)
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("lock table big in access exclusive mode")
        assert with_live_facts(connection, catalog).scan_rate is None
