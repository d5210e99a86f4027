"""From look to look: which locks are new or stronger, which files are others, what was read, written, made and dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watari.catalog import LockMode
from watari.evidence.effect import Effect
from watari.recorder import probe
from watari.recorder.book import Book, Relation
from watari.recorder.probe import Locked
from watari.values import dataclass, replace

_KINDS = {
    "table": "r",
    "index": "i",
    "sequence": "S",
    "view": "v",
    "materialized view": "m",
    "foreign table": "f",
    "composite type": "c",
    "toast table": "t",
}
_INDEXES, _READ_THROUGH, _TABLES = "iI", "rmp", "rpmvf"


@dataclass(frozen=True)
class _Count:
    scans: int = 0
    blocks: int = 0
    written: int = 0

    def since(self, before: _Count) -> _Count:
        """What was added; counters that went back have begun anew."""
        return _Count(
            self.scans - before.scans if self.scans >= before.scans else self.scans,
            self.blocks - before.blocks if self.blocks >= before.blocks else self.blocks,
            self.written - before.written if self.written >= before.written else self.written,
        )


class Changes:
    """The relations that one session's transaction has met; `renamed`: names may be others when it has committed."""

    def __init__(self, book: Book) -> None:
        self.renamed = False
        self._book = book
        self._counts: dict[int, _Count] = {}
        self._begin()

    def _begin(self) -> None:
        self._held: dict[int, int] = {}
        self._made: dict[int, Relation] = {}
        self._files: dict[int, int] = {}
        self._gone: set[int] = set()
        self._known = self._told = self._book.highest
        self.renamed = False

    @property
    def held(self) -> int:
        """How many relations are locked."""
        return len(self._held)

    def bounds(self, *, final: bool) -> tuple[int, int]:
        """The highest oid that was known when the transaction began, and the highest new one that was told."""
        return self._known, self._known if final else self._told

    def take(self, relations: Iterable[Locked], *, back: bool, by_pages: bool = False) -> list[Effect]:
        """What this look has that the last one had not; `by_pages`: after a statement that reads without counting scans."""
        if back:
            self._held, self._made, self._files, self._gone = {}, {}, {}, set()
        found: list[Effect] = []
        made: list[tuple[int, Relation]] = []
        for locked in relations:
            self._meet(locked, made)
            if effect := self._effect(locked, by_pages):
                found.append(effect)
        return list(_together([*found, *self._made_effects(made)]))

    def _meet(self, locked: Locked, made: list[tuple[int, Relation]]) -> None:
        """A relation that was not known when the transaction began: made by it, or by somebody else meanwhile."""
        if locked.oid <= self._known or locked.name is None or locked.schema is None:
            return
        if locked.oid in self._made:
            return
        relation = Relation(
            schema=_unquoted(locked.schema),
            name=_unquoted(locked.name),
            kind=_KINDS.get(locked.kind or "", "r"),
            file=locked.file,
            hidden=locked.schema in ("pg_toast", "watari"),
        )
        if locked.made:
            self._made[locked.oid] = relation
            self._told = max(self._told, locked.oid)
            made.append((locked.oid, relation))
        elif locked.oid not in self._book.relations:
            self._book.add(locked.oid, relation)
        if not locked.made:
            self._known = max(self._known, locked.oid)  # from here on it is told like all that were there before
            self._told = max(self._told, self._known)

    def _effect(self, locked: Locked, by_pages: bool) -> Effect | None:
        oid = locked.oid
        before = self._held.get(oid, 0)
        self._held[oid] = before | locked.modes
        now = _Count(locked.scans, locked.blocks, locked.written)
        since = now.since(self._counts.get(oid, _Count()))
        self._counts[oid] = now
        relation = self._relation(oid)
        if relation is None or relation.hidden or oid in self._made:
            return None
        new = locked.modes & ~before
        gone = not locked.there and oid not in self._gone
        if gone:
            self._gone.add(oid)
        effect = Effect(
            relation=str(relation),
            lock=LockMode(new.bit_length() - 1) if new > before else None,
            rewrite=self._is_elsewhere(oid, locked.file, relation),
            scan=(relation.kind in _READ_THROUGH and since.scans > 0 and since.blocks > 0)
            or (by_pages and relation.read_by_pages(since.blocks)),
            destroys="table" if gone and relation.kind in _TABLES else None,
            rows=since.written or None,
        )
        return effect if _matters(effect, relation) else None

    def _relation(self, oid: int) -> Relation | None:
        found = self._made.get(oid) or self._book.relations.get(oid)
        if found is None:
            self._book.refresh([oid])  # a raw statement, or somebody else, has made it
            found = self._book.relations.get(oid)
        return found

    def _is_elsewhere(self, oid: int, file: int | None, relation: Relation) -> bool:
        was = self._files.get(oid, relation.file)
        if not file or not was or file == was:
            return False
        self._files[oid] = file
        return True

    def _made_effects(self, made: list[tuple[int, Relation]]) -> Iterator[Effect]:
        """New relations; an index that ALTER TABLE dropped and made again under its name was rewritten, if not its file was kept."""
        before = (self._book.relations[oid] for oid in self._gone if oid in self._book.relations)
        gone = {str(relation): relation.file for relation in before}
        for oid, relation in made:
            if relation.hidden:
                continue
            again = relation.kind in _INDEXES and str(relation) in gone
            modes = self._held.get(oid, 0)
            lock = LockMode(modes.bit_length() - 1) if modes else None
            moved = again and gone[str(relation)] != relation.file
            yield Effect(relation=str(relation), lock=lock, created=not again, rewrite=moved)

    def end(self, *, kept: bool, version: int) -> None:
        """The transaction is over; what it made, moved and dropped is so for everybody if it was committed."""
        if kept:
            for oid, relation in self._made.items():
                self._book.add(oid, relation)
            for oid, file in self._files.items():
                self._book.lives_in(oid, file)
            for oid in self._gone:
                self._book.drop(oid)
            if self.renamed and self._held:
                self._book.refresh([oid for oid in self._held if oid > 0])
        if version >= probe.KEEPS:
            self._counts.clear()  # the server has taken them
        self._begin()


def _together(effects: Iterable[Effect]) -> Iterator[Effect]:
    """One effect a relation: an index that was made again under its name has two oids."""
    found: dict[str, Effect] = {}
    for effect in effects:
        first = found.get(effect.relation)
        found[effect.relation] = effect if first is None else stronger(first, effect)
    yield from found.values()


def stronger(one: Effect, other: Effect) -> Effect:
    """Two effects on what is called the same, as one."""
    return replace(
        other,
        lock=max(filter(None, (one.lock, other.lock)), default=None),
        rewrite=one.rewrite or other.rewrite,
        scan=one.scan or other.scan,
        created=one.created and other.created,
        destroys=one.destroys or other.destroys,
        rows=(one.rows or 0) + (other.rows or 0) or None,
    )


def _matters(effect: Effect, relation: Relation) -> bool:
    """Reading an index or a row type is not worth a line."""
    if effect.rewrite or effect.scan or effect.destroys:
        return True
    if relation.kind in _INDEXES or relation.kind == "c":
        return effect.lock is not None and effect.lock > LockMode.ACCESS_SHARE
    return effect.lock is not None or effect.rows is not None


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
