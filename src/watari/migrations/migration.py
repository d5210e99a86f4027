"""One unit of change in the framework's own order, and what its history says about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from watari.locale import Message
from watari.sql.statement import Script
from watari.values import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One migration as the team wrote it; read, never rewritten.

    `id` is what the framework's history table holds. `up` is None where the SQL can only be known by running the
    framework's own tool; `unrendered` then says why. `checksum` follows the framework's own rule, None where it has none.
    `transactional` is the framework's rule for this migration: everything in one transaction, with its history row where
    the framework does so. `database` limits it to one database of a project that has several. `down_by_tool`: how to go back
    can only be known by running the framework's own tool, whatever is known of the way up.
    """

    id: str
    name: str
    file: str
    up: Script | None
    down: Script | None = None
    checksum: str | None = None
    transactional: bool = True
    parents: tuple[str, ...] = ()
    unrendered: str | None = None
    database: str | None = None
    down_by_tool: bool = False


class RowState(StrEnum):
    """What a history row means by the framework's own rule."""

    APPLIED = "applied"
    FAILED = "failed"  # started and not finished: the framework refuses to go on
    ROLLED_BACK = "rolled_back"  # a row that counts for nothing


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    """One row of a framework's history, in the words that all frameworks share."""

    id: str
    name: str
    state: RowState = RowState.APPLIED
    checksum: str | None = None
    applied_at: datetime | None = None
    logs: str | None = None


class ProblemKind(StrEnum):
    """How files, history and database can disagree."""

    FAILED = "failed"  # the history holds a migration that did not finish
    EDITED = "edited"  # applied, but the file has changed since
    VANISHED = "vanished"  # applied, but the file is gone
    DUPLICATE = "duplicate"  # two files with one id
    OUT_OF_ORDER = "out_of_order"  # pending, but older than an applied one
    HISTORY_SHAPE = "history_shape"  # the history table is not the framework's
    HALF_APPLIED = "half_applied"  # pending, but its objects are there already
    UNRENDERED = "unrendered"  # only the framework's own tool knows its SQL
    UNREADABLE = "unreadable"  # the file cannot be run as it is
    UNENDED = "unended"  # a run was begun and has not come to its end
    BASELINE = "baseline"  # objects are there, and no history at all says how they came


#: Kinds that stop a run; the others are told and do not stop it.
STOPPING = frozenset(
    {
        ProblemKind.FAILED,
        ProblemKind.EDITED,
        ProblemKind.DUPLICATE,
        ProblemKind.HISTORY_SHAPE,
        ProblemKind.UNREADABLE,
    }
)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One disagreement: which migration, and a sentence with the way out.

    `halts`: the framework itself refuses to go on, whatever is the rule for problems of this kind.
    """

    kind: ProblemKind
    migration: str
    message: Message
    halts: bool = False

    @property
    def stops(self) -> bool:
        """Whether nothing is run while this holds."""
        return self.halts or self.kind in STOPPING


class State(StrEnum):
    """Where a database stands against its files."""

    UP_TO_DATE = "up_to_date"
    PENDING = "pending"
    PROBLEM = "problem"
    ABSENT = "absent"  # the database does not exist yet


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Files against history for one database: what is applied, what is pending, what disagrees."""

    applied: tuple[HistoryRow, ...] = ()
    pending: tuple[Migration, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    absent: bool = False

    @property
    def state(self) -> State:
        """The worst of what holds."""
        if any(problem.stops or problem.kind is ProblemKind.VANISHED for problem in self.problems):
            return State.PROBLEM
        if self.absent:
            return State.ABSENT
        if self.pending:
            return State.PENDING
        unended = any(problem.kind is ProblemKind.UNENDED for problem in self.problems)
        return State.PROBLEM if unended else State.UP_TO_DATE
