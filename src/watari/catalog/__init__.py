"""The facts of one live database as plain values: objects, names, lock modes; fingerprint and difference over them."""

from watari.catalog.catalog import Catalog
from watari.catalog.locks import CONFLICTS, LockMode, blocks_reads, blocks_writes
from watari.catalog.name import Name, quoted
from watari.catalog.objects import (
    Column,
    Constraint,
    ConstraintKind,
    Extension,
    Index,
    Other,
    Policy,
    Routine,
    Schema,
    Sequence,
    Session,
    Table,
    TableKind,
    Trigger,
    Type,
)

__all__ = [
    "CONFLICTS",
    "Catalog",
    "Column",
    "Constraint",
    "ConstraintKind",
    "Extension",
    "Index",
    "LockMode",
    "Name",
    "Other",
    "Policy",
    "Routine",
    "Schema",
    "Sequence",
    "Session",
    "Table",
    "TableKind",
    "Trigger",
    "Type",
    "blocks_reads",
    "blocks_writes",
    "quoted",
]
