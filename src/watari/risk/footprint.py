"""What one statement does, gathered relation by relation while it is foreseen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watari.catalog import LockMode, Name, Table, TableKind
from watari.catalog.making import quick
from watari.evidence import Blocks, Effect, StatementEffects
from watari.risk.causes import Cause, Why
from watari.risk.world import World
from watari.sql.grammar import Written, written
from watari.values import dataclass, field

__all__ = ["Footprint"]


_NEVER: Mapping[str, str] = {}
_effect, _statement_effects, _made_cause = quick(Effect), quick(StatementEffects), quick(Cause)


@dataclass()
class _Touch:
    """What happens to one relation."""

    lock: LockMode | None = None
    rewrite: bool = False
    scan: bool = False
    aside: bool = False  # rewritten beside the old file, and swapped in a moment
    new: bool = False  # made by statements before or by this one: nobody waits for it
    empty: bool = False  # no work on it takes time
    formerly: Name | None = None  # what the live database calls it, where that is another name
    destroys: list[str] = field(default_factory=list)


class Footprint:
    """One statement on its way through the world. `held` are the locks that its transaction holds already."""

    def __init__(self, world: World, held: Mapping[Name, LockMode]) -> None:
        self.world = world
        self.held = held
        self.unknown = False
        self.absent: list[Name] = []  # named, and not there although a catalog is at hand
        self.fresh: set[tuple[Name, str]] = set()  # columns that this statement added, all NULL
        self.plans_only = False  # EXPLAIN, PREPARE: no function is called
        self.running: list[str] = []  # routines that are being looked into
        self._touched: dict[Name, _Touch] = {}
        self._causes: dict[tuple[Why, str], dict[Name, None]] = {}

    # -- the relations that a statement names -------------------------------------------------------------------------------

    def relation(self, range_var: Any, *, missing_ok: bool = False, kind: TableKind = TableKind.TABLE) -> Table | None:
        """The relation that a RangeVar names.

        One that is not known is assumed to be there, with nothing known about it; None where it is absent and the
        statement allows for that.
        """
        return self.named(written(range_var), missing_ok=missing_ok, kind=kind)

    def named(self, name: Written, *, missing_ok: bool = False, kind: TableKind = TableKind.TABLE) -> Table | None:
        """As `relation`, for a name as written."""
        resolved = self.world.resolve(name)
        found = self.world.table(resolved)
        if found is not None:
            return found
        if self.world.known and not self.world.is_new(resolved):
            if missing_ok:
                return None
            self.absent.append(resolved)
        assumed = Table(name=resolved, kind=kind, owner="", pages=1)
        self.world.tell("put_table", assumed)
        return assumed

    # -- what happens to them -----------------------------------------------------------------------------------------------

    def lock(self, name: Name, mode: LockMode) -> None:
        """The relation is locked; the strongest mode counts."""
        touch = self._touch(name)
        touch.lock = mode if touch.lock is None else max(touch.lock, mode)

    def scan(self, name: Name, why: Why, detail: str = "") -> None:
        """The relation is read through; of a partitioned table, its leaves are."""
        for member in self.world.family(name) if not self.world.is_leaf(name) else (name,):
            if self.world.is_leaf(member):
                self._touch(member).scan = True
                self._causes.setdefault((why, detail), {})[member] = None

    def rewrite(self, name: Name, why: Why, detail: str = "", *, aside: bool = False) -> None:
        """The relation's file is written anew."""
        touch = self._touch(name)
        touch.rewrite = True
        touch.aside = aside
        if not aside:
            self._causes.setdefault((why, detail), {})[name] = None

    def destroy(self, name: Name, what: str) -> None:
        """Something of the relation is lost."""
        touch = self._touch(name)
        if what not in touch.destroys:
            touch.destroys.append(what)

    def rename(self, old: Name, new: Name) -> None:
        """The relation is called otherwise from now on; what the transaction holds on it, it goes on holding."""
        self.world.tell("rename_table", old, new)

    def lock_indexes(self, table: Name, mode: LockMode) -> None:
        """Every index of the table is locked."""
        for index in self.world.indexes_of(table):
            self.lock(index.name, mode)

    def rewrite_whole(self, table: Name, why: Why, detail: str = "", *, scan: bool = True) -> None:
        """Table and indexes are written anew under ACCESS EXCLUSIVE."""
        self.lock(table, LockMode.ACCESS_EXCLUSIVE)
        if not self.world.is_leaf(table):
            return
        self.rewrite(table, why, detail)
        if scan:
            self.scan(table, why, detail)
        for index in self.world.indexes_of(table):
            self.lock(index.name, LockMode.ACCESS_EXCLUSIVE)
            self.rewrite(index.name, why, detail)

    def _touch(self, name: Name) -> _Touch:
        touch = self._touched.get(name)
        if touch is None:
            index = self.world.index(name)
            heap = index.table if index else name
            new = self.world.is_new(name) or self.world.is_new(heap)
            touch = self._touched[name] = _Touch(new=new, empty=self.world.is_empty(heap))
            if self.world.moved and not new and (before := self.world.formerly(name)) != name:
                touch.formerly = before
        return touch

    # -- the outcome ----------------------------------------------------------------------------------------------------------

    def locked(self, name: Name) -> LockMode | None:
        """The lock of this statement on one relation."""
        touch = self._touched.get(name)
        return touch.lock if touch else None

    @property
    def locks(self) -> dict[Name, LockMode]:
        """The locks of this statement by relation."""
        return {name: touch.lock for name, touch in self._touched.items() if touch.lock is not None}

    def outcome(self) -> StatementEffects:
        """The effects, and how long they make others wait."""
        effects = [
            _effect(
                relation=str(name),
                lock=touch.lock,
                rewrite=touch.rewrite,
                scan=touch.scan,
                destroys=", ".join(touch.destroys) or None,
                created=touch.new,
            )
            for name, touch in self._touched.items()
        ]
        formerly = {str(name): str(touch.formerly) for name, touch in self._touched.items() if touch.formerly}
        return _statement_effects(
            effects=tuple(effects), blocks=self._blocks(), unknown=self.unknown, formerly=formerly or _NEVER
        )

    def causes(self) -> tuple[Cause, ...]:
        """Why the statement works through data, one entry a reason."""
        return tuple(self._cause(why, detail, tuple(names)) for (why, detail), names in self._causes.items())

    def _cause(self, why: Why, detail: str, names: tuple[Name, ...]) -> Cause:
        full = tuple(name for name in names if not self._touched[name].new and not self._touched[name].empty)
        own = max((self._touched[name].lock or 0 for name in full), default=0)
        held = max((self.held.get(name, 0) for name in full), default=0)
        mode = max(own, held)
        lock = LockMode(mode) if mode else None
        return _made_cause(why=why, detail=detail, relations=full, lock=lock, carried=held > own)

    def _blocks(self) -> Blocks:
        worst = Blocks.NONE
        for name, touch in self._touched.items():
            mode = max(touch.lock or 0, self.held.get(name, 0))
            if touch.new or mode < LockMode.SHARE:
                continue
            if (touch.scan or (touch.rewrite and not touch.aside)) and not touch.empty:
                return Blocks.WORK
            worst = Blocks.MOMENT
        return worst
