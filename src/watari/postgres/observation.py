"""What verification compares, read from a database: row counts, orphan rows, sequences, leftovers.

Large tables are not read through unless somebody asks for it: their rows are the server's estimate, their validated foreign
keys are taken at the server's word.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import psycopg
from psycopg.rows import tuple_row

from watari.catalog import Catalog, Constraint, Name
from watari.evidence.observation import Observation, ProbeAnswer, Statistics
from watari.migrations.migration import Standing
from watari.postgres.counting import count_rows
from watari.postgres.index_plans import index_plans
from watari.postgres.orphans import count_orphans
from watari.postgres.positions import sequence_positions
from watari.postgres.queries import load, text
from watari.values import replace

__all__ = ["QUERIES", "count_orphans", "count_rows", "observe", "own_routines", "sequence_positions"]

#: The questions that verdicts show, so that anyone can run them.
QUERIES = (
    "verify_tables",
    "verify_columns",
    "verify_indexes",
    "verify_constraints",
    "verify_objects",
    "verify_sequences",
    "verify_leftovers",
)


def observe(
    connection: psycopg.Connection,
    catalog: Catalog,
    *,
    standing: Standing | None = None,
    probe: ProbeAnswer | None = None,
    statistics: Statistics | None = None,
    exact: Collection[str] = (),
    indexes: Collection[str] = (),
    pending_keys: Sequence[tuple[str, Constraint]] = (),
    seconds: float = 30.0,
) -> Observation:
    """Everything that verification looks at, for the database that `catalog` was just read from.

    `exact` names tables (`str(Name)`) to be read through however large they are, `indexes` those whose use the planner is to
    explain besides the ones that nobody has used yet, `pending_keys` foreign keys that pending migrations will add; each question may take `seconds`. What may not be read, or takes longer, says so in its place. Raises nothing but what ends the connection.
    """
    coming = replace(catalog, constraints=tuple(key for _, key in pending_keys))
    orphans = (
        *count_orphans(connection, catalog, exact=exact, seconds=seconds),
        *count_orphans(connection, coming, exact=exact, seconds=seconds),
    )
    return Observation(
        catalog=catalog,
        standing=standing,
        rows=count_rows(connection, catalog, exact=exact, seconds=seconds),
        orphans=orphans,
        pending_keys=tuple(pending_keys),
        sequences=sequence_positions(connection, catalog, seconds=seconds),
        index_plans=index_plans(connection, catalog, wanted=indexes, seconds=seconds),
        probe=probe,
        own_routines=tuple(name for name in own_routines(connection) if name not in _of_kept(catalog)),
        statistics=statistics,
        queries={name: text(name) for name in QUERIES},
    )


def _of_kept(catalog: Catalog) -> set[str]:
    """The functions that write back what is kept."""
    parts = (kept.part("function") for kept in catalog.kept)
    return {str(Name("watari", name)) for name in parts if name}


def own_routines(connection: psycopg.Connection) -> tuple[str, ...]:
    """Functions that watari made for itself, by qualified name."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return tuple(row[0] for row in cursor.execute(load("own_routines")).fetchall())
