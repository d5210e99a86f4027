"""The ledger's tables, one schema for SQLite and PostgreSQL. Imported late: SQLAlchemy is slow to load.

Each row holds the whole value as JSON and, beside it, the few columns that are asked for. `at` is when the entry was written;
an older entry never replaces a younger one.
"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()
#: Raised when a column changes its meaning; the ledger then refuses files that are younger than itself.
VERSION = 1

ledger_version = Table("ledger_version", METADATA, Column("version", Integer, primary_key=True))


def _kept(name: str, *asked: Column[str]) -> Table:
    return Table(
        name,
        METADATA,
        Column("id", String, primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("database", String, nullable=False),
        *asked,
        Column("document", Text, nullable=False),
        Index(f"{name}_at", "at"),
    )


plan = _kept("plan", Column("environment", String, nullable=False), Column("direction", String, nullable=False))
evidence = _kept("evidence", Column("plan_sha256", String, nullable=False, index=True))
backup = _kept("backup", Column("environment", String, nullable=False))
run = _kept("run", Column("environment", String, nullable=False), Column("plan_sha256", String, nullable=False))
report = _kept(
    "report", Column("environment", String, nullable=False), Column("run", String, nullable=True, index=True)
)
recording = _kept("recording", Column("environment", String, nullable=False))

TABLES = {table.name: table for table in (plan, evidence, backup, run, report, recording)}
#: The field of each value that names it.
NAMES = {"plan": "sha256", "evidence": "id", "backup": "id", "run": "id", "report": "id", "recording": "id"}
