"""The facts of one live database as plain values: objects, names, lock modes; fingerprint and difference over them."""

from watari.late import late

TYPE_CHECKING = False  # typing's own costs its import
if TYPE_CHECKING:
    from watari.catalog.catalog import Catalog
    from watari.catalog.cluster import Cluster, Slot, Standby
    from watari.catalog.kept import COPIED, Kept, KeptKind, KeptThing
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
        Query,
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
    "COPIED",
    "Catalog",
    "Cluster",
    "Column",
    "Constraint",
    "ConstraintKind",
    "Extension",
    "Index",
    "Kept",
    "KeptKind",
    "KeptThing",
    "LockMode",
    "Name",
    "Other",
    "Policy",
    "Query",
    "Routine",
    "Schema",
    "Sequence",
    "Session",
    "Slot",
    "Standby",
    "Table",
    "TableKind",
    "Trigger",
    "Type",
    "blocks_reads",
    "blocks_writes",
    "quoted",
]

__getattr__ = late(
    __name__,
    {
        "CONFLICTS": "locks",
        "Catalog": "catalog",
        "Cluster": "cluster",
        "Column": "objects",
        "Constraint": "objects",
        "ConstraintKind": "objects",
        "Extension": "objects",
        "Index": "objects",
        "COPIED": "kept",
        "Kept": "kept",
        "KeptKind": "kept",
        "KeptThing": "kept",
        "LockMode": "locks",
        "Name": "name",
        "Other": "objects",
        "Policy": "objects",
        "Query": "objects",
        "Routine": "objects",
        "Schema": "objects",
        "Sequence": "objects",
        "Session": "objects",
        "Slot": "cluster",
        "Standby": "cluster",
        "Table": "objects",
        "TableKind": "objects",
        "Trigger": "objects",
        "Type": "objects",
        "blocks_reads": "locks",
        "blocks_writes": "locks",
        "quoted": "name",
    },
)
