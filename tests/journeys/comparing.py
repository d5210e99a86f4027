"""Two databases laid side by side: by watari's own catalog, and by pg_dump, which knows nothing of watari."""

from __future__ import annotations

import subprocess
from typing import Any

import psycopg
from psycopg import sql

from watari.catalog.difference import difference
from watari.postgres.client_tools import tool
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

#: The tables in which frameworks keep their histories.
HISTORIES = (
    "public._prisma_migrations",
    "public.alembic_version",
    "public.seaql_migrations",
    "public.django_migrations",
    "public.knex_migrations",
    "public.knex_migrations_lock",
)


def same_schema(ours: DatabaseUrl, theirs: DatabaseUrl) -> None:
    """Fails with the first objects that differ; histories and watari's own schema do not count."""
    found = difference(schema_of(theirs), schema_of(ours))
    assert not found, "\n".join(str(each) for each in found[:20])
    assert dumped(ours) == dumped(theirs)


def schema_of(url: DatabaseUrl) -> Any:
    """The catalog as far as two databases are compared."""
    with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
        return read_catalog(connection, leave_out=HISTORIES, live=False)


def dumped(url: DatabaseUrl) -> list[str]:
    """What `pg_dump --schema-only` writes, line by line, without comments and what it draws at random."""
    with psycopg.connect(**url.conninfo()) as connection:
        major = connection.info.server_version // 10_000
    left_out = [f"--exclude-table={name}" for name in HISTORIES]
    done = subprocess.run(
        [
            tool("pg_dump", at_least=major).path,
            "--schema-only",
            "--exclude-schema=watari",
            *left_out,
            url.reveal().reveal(),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line for line in done.stdout.splitlines() if line.strip())
    return [line for line in lines if not line.startswith(("--", "\\restrict", "\\unrestrict"))]


def row_counts(url: DatabaseUrl) -> dict[str, int]:
    """Rows of every table, counted; histories and watari's own tables do not count."""
    tables = asked(
        url,
        "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE' "
        "and table_schema not in ('pg_catalog', 'information_schema', 'watari')",
    )
    counts = {}
    with psycopg.connect(**url.conninfo()) as connection:
        for schema, table in tables:
            query = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))
            row = connection.execute(query).fetchone()
            counts[f"{schema}.{table}"] = row[0] if row else 0
    return {table: rows for table, rows in counts.items() if table not in HISTORIES}


def asked(url: DatabaseUrl, query: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows that a query answers."""
    with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
        return connection.execute(query, values or None).fetchall()  # type: ignore[call-overload]


def told(url: DatabaseUrl, script: str | bytes) -> None:
    """Runs a script as one message."""
    with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
        connection.execute(script)  # type: ignore[call-overload]
