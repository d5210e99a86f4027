"""The transaction that is being written: statements that will commit together, and what of them may still move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watari.catalog import Catalog, Kept, Name
from watari.planning.kind import Undo
from watari.planning.plan import Back, CopyRows, Note, Phase
from watari.sql.statement import Statement
from watari.values import dataclass, field

__all__ = ["OF_ROWS", "Entry", "Group", "all_back", "later"]

#: Statements that change rows, if anything.
OF_ROWS = frozenset({"insert_stmt", "update_stmt", "delete_stmt", "merge_stmt", "copy_stmt", "truncate_stmt"})
_ORDER = (Phase.EXPAND, Phase.MIGRATE, Phase.CONTRACT)
#: Subcommands past which the drop of a key may be put off: none of them needs it to be gone.
_INDIFFERENT = frozenset({"AT_AddColumn", "AT_ColumnDefault", "AT_DropConstraint", "AT_SetNotNull"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One statement of the transaction.

    `table` and `keys` are the table and the subcommands of an ALTER TABLE. `drops_key`: it does nothing but drop a primary
    key or unique constraint of a table that is live. `concerns_nobody`: it touches nothing that was there before.
    """

    statement: Statement
    undo: Undo
    phase: Phase
    notes: tuple[Note, ...] = ()
    table: Name | None = None
    keys: frozenset[str] = frozenset()
    awaits: tuple[Note, ...] = ()  # which application must be out before it
    drops_key: bool = False
    concerns_nobody: bool = False
    leaves_schema: bool = False  # it changes rows, if anything
    written: str = ""  # the team's own text, where something else is sent
    keeps: tuple[Kept, ...] = ()  # what it copies aside
    back: tuple[Back, ...] = ()  # what takes it back for as long as that is kept; `undo` then is None


@dataclass(kw_only=True)
class Group:
    """The statements so far. `catalog` and `created` are what was there before them, `form` a safe form among them."""

    catalog: Catalog
    created: frozenset[Name]
    as_written: str
    entries: list[Entry] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    form: str | None = None

    @property
    def statements(self) -> list[Statement]:
        """What is sent, in order."""
        return [entry.statement for entry in self.entries]

    @property
    def phase(self) -> Phase:
        """The latest phase of any statement."""
        return later(entry.phase for entry in self.entries)

    @property
    def undo(self) -> Undo:
        """What takes the transaction back; None where one of its statements cannot be taken back."""
        return all_back([entry.undo for entry in self.entries])

    @property
    def keeps(self) -> tuple[Kept, ...]:
        """What its statements copy aside."""
        return tuple(kept for entry in self.entries for kept in entry.keeps)

    @property
    def back(self) -> tuple[Back, ...]:
        """The way back while everything is kept, the last statement first; nothing where `undo` is enough.

        Without the statements that `leaves` names; nothing where one is not taken back of which nobody knows what it did.
        """
        lost = [entry for entry in self.entries if entry.undo is None and not entry.back]
        if not (self.keeps or lost) or not all(entry.leaves_schema for entry in lost):
            return ()
        plain = ((Back(sql=entry.undo, planned=True),) if entry.undo else () for entry in reversed(self.entries))
        pairs = zip(reversed(self.entries), plain, strict=True)
        return tuple(back for entry, undone in pairs for back in (entry.back or undone))

    @property
    def leaves(self) -> tuple[str, ...]:
        """The statements that nothing takes back, where everything else can be: they changed rows and nothing else."""
        lost = [entry for entry in self.entries if entry.undo is None and not entry.back]
        return tuple(e.statement.text for e in lost) if all(entry.leaves_schema for entry in lost) else ()

    @property
    def final(self) -> str | None:
        """The first statement that cannot be taken back; one that is taken back by what it keeps counts last."""
        lost = [entry for entry in self.entries if entry.undo is None]
        return next((e.written or e.statement.text for e in sorted(lost, key=lambda entry: bool(entry.back))), None)

    @property
    def concerns_nobody(self) -> bool:
        """Whether nothing needs to be predicted."""
        return all(entry.concerns_nobody for entry in self.entries)

    def all_notes(self) -> list[Note]:
        """The notes of the transaction and of its statements."""
        return [*self.notes, *(note for entry in self.entries for note in entry.notes)]

    def copies(self, first: int) -> Iterator[CopyRows]:
        """The rows of COPY statements; `first` is the place of the first statement in the step."""
        for place, entry in enumerate(self.entries, first):
            if entry.statement.copy_data is not None:
                yield CopyRows(statement=place, rows=entry.statement.copy_data.decode())

    def drops_constraint_of(self, table: Name) -> bool:
        """Whether a constraint of the table is dropped here, so that its successor belongs into the same transaction."""
        return any(entry.table == table and "AT_DropConstraint" in entry.keys for entry in self.entries)

    def take_key_drops(self, table: Name) -> list[Entry]:
        """Takes out the drops of the table's keys that may happen later: when their successor is ready."""
        taken: list[Entry] = []
        for entry in reversed(self.entries):
            if entry.table == table and entry.drops_key:
                taken.append(entry)
            elif entry.table == table and not entry.keys <= _INDIFFERENT:
                break
        self.entries = [entry for entry in self.entries if entry not in taken]
        return taken[::-1]


def later(phases: Iterator[Phase] | Sequence[Phase]) -> Phase:
    """The latest of some phases."""
    return max(phases, key=_ORDER.index, default=Phase.EXPAND)


def all_back(undos: Sequence[Undo]) -> Undo:
    """The undos of statements, the last one first; None where one of them has none."""
    back: list[str] = []
    for undo in reversed(undos):
        if undo is None:
            return None
        back += undo
    return tuple(back)
