"""The application's statements as the server counted them."""

from __future__ import annotations

import re

import psycopg
from psycopg import sql

from watari.evidence.application import ApplicationQuery
from watari.late import pattern
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.rehearsal.queries import load

_SOURCE = "pg_stat_statements"
# of watari itself, of monitoring, and of people who look around
_OF_THE_SERVER = pattern(
    r"\bwatari\.|pg_catalog\.|information_schema\.|\bpg_stat|\b(?:from|join)\s+pg_|\bhas_\w+_privilege|\bpg_\w+_size\(|\bset_config\(",
    re.IGNORECASE,
)
_HIDDEN = "<insufficient privilege>"


def counted_statements(url: DatabaseUrl) -> tuple[ApplicationQuery, ...]:
    """What pg_stat_statements holds of the database at `url`, the most frequent first, at most 5,000; empty without it.

    Watari's own statements are left out. Raises a `ReachError`.
    """
    with connect(url, purpose="rehearsal") as connection:
        row = connection.execute(load("statements_schema")).fetchone()
        if row is None:
            return ()
        try:
            found = connection.execute(load("application_statements").format(schema=sql.Identifier(row[0]))).fetchall()
        except (psycopg.errors.ObjectNotInPrerequisiteState, psycopg.errors.InsufficientPrivilege):
            return ()
    return tuple(
        ApplicationQuery(text=text, source=_SOURCE, calls=calls, role=role)
        for text, calls, role in found
        if text and text != _HIDDEN and not _is_own(text)
    )


def counted_rate(url: DatabaseUrl) -> float:
    """How many statements a second the application sends, as counted; 0 where nobody counts. Raises a `ReachError`."""
    with connect(url, purpose="rehearsal") as connection:
        row = connection.execute(load("statements_schema")).fetchone()
        if row is None:
            return 0.0
        try:
            counted = connection.execute(load("statements_rate").format(schema=sql.Identifier(row[0]))).fetchone()
        except psycopg.Error:
            return 0.0
    return float(counted[0] or 0.0) if counted else 0.0


def _is_own(text: str) -> bool:
    """Of watari, or of somebody who looks at the server instead of the data."""
    return _OF_THE_SERVER.search(text) is not None
