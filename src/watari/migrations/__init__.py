"""Migrations as values: files and history rows in, what is applied, pending and in disagreement out."""

from watari.migrations.migration import (
    STOPPING,
    HistoryRow,
    Migration,
    Problem,
    ProblemKind,
    RowState,
    Standing,
    State,
)

__all__ = [
    "STOPPING",
    "HistoryRow",
    "Migration",
    "Problem",
    "ProblemKind",
    "RowState",
    "Standing",
    "State",
]
