"""What verification expects to find, as a value; `expecting` makes it from a plan."""

from __future__ import annotations

from collections.abc import Mapping

from watari.catalog.catalog import Catalog
from watari.evidence.observation import ProbeAnswer, RowCount, Statistics
from watari.values import dataclass, field


@dataclass(frozen=True, kw_only=True)
class HistoryPromise:
    """An object that stands or falls with a migration, if the files are to be believed.

    `kind` is "relation" or "column". `applied` says whether the history holds the migration; `certain` is False where a later
    migration does what its text does not tell (code of a framework, DO, CASCADE). `place` is the "file:line" of the statement
    that makes it; `refuses`: that statement fails for certain where the object is there already.
    """

    migration: str
    applied: bool
    kind: str
    object: str
    certain: bool = True
    place: str = ""
    refuses: bool = False


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """Everything that the facts are held against; what is empty is not expected, and its checks say less.

    `promises` are the plan's (kind, object, state): kinds as in a `Difference`, or "constraint", "view" and "function" for any
    of theirs; states "present", "absent", "valid" and "validated". `expected` is the catalog that the rehearsal ended with;
    `ignore` names attributes that do not count against it. `touched` are the relations that the plan's statements name, and
    `rows_may_change` those of which rows may come or go; None: nobody can tell.
    """

    promises: tuple[tuple[str, str, str], ...] = ()
    before: Catalog | None = None
    expected: Catalog | None = None
    ignore: frozenset[str] = frozenset()
    touched: frozenset[str] | None = frozenset()
    validated: frozenset[str] = frozenset()  # constraints that the plan validates: "public.orders.orders_user_fk"
    rows_before: Mapping[str, RowCount] = field(default_factory=dict)
    rows_may_change: frozenset[str] | None = frozenset()
    rows: Mapping[str, int] = field(default_factory=dict)  # exact counts that must come out, by qualified table
    statistics_before: Statistics | None = None
    probe_before: ProbeAnswer | None = None
    probe_wanted: bool = False
    probe_seconds: float = 1.0  # slower is a warning
    may_be_pending: frozenset[str] | None = frozenset()  # ids of migrations; None: any
    must_be_applied: tuple[str, ...] = ()
    unfinished: bool = False  # a run stands half-way: what it left belongs to it
    history: tuple[HistoryPromise, ...] = ()
