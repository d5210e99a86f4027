"""What the planner knows at one place of a plan: the live catalog, as the statements before that place have changed it.

One plan has one scene. `watari.planning.planner` moves it on, statement by statement; safe forms, undos and prechecks only
read it. What a statement changes is written down by the kinds of statement (`watari.planning.statements`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Protocol

from watari.catalog import Catalog, Constraint, Index, LockMode, Name, Table, TableKind, Trigger
from watari.evidence.effect import Effect, StatementEffects
from watari.planning.by_table import ByTable
from watari.planning.kept_now import KeptNow
from watari.planning.naming import TEMPORARY, Taken, below
from watari.planning.present import present
from watari.planning.stories import Stories
from watari.project.policy import Policy
from watari.sql.statement import Statement
from watari.values import replace

__all__ = ["Predict", "Scene"]


class Predict(Protocol):
    """What tells the effects of statements that run in one transaction; `watari.risk.effects.predict`."""

    def __call__(
        self, statements: Sequence[Statement], catalog: Catalog | None, *, created: frozenset[Name]
    ) -> tuple[StatementEffects, ...]: ...


_TEMPORARY_PREFIX = f"{TEMPORARY}."
#: The least bytes that a row takes: no table holds more rows than its size divided by this.
_LEAST_ROW = 28


class Scene:
    """The catalog at one place of the plan.

    `back`: the plan is a way back, where what is already as wanted is left out. `foggy`: the framework's own tool ran
    before, so that nobody knows what is there.
    """

    def __init__(self, catalog: Catalog, policy: Policy, predict: Predict, *, back: bool = False) -> None:
        self.catalog = catalog
        self._by_table = ByTable(catalog)
        self.policy = policy
        self.back = back
        self.foggy = False
        self.search_path = catalog.search_path
        self.expected: dict[tuple[str, str], str] = {}
        #: Indexes of keys that are dropped, but not before their transaction is written.
        self.dropping: set[Name] = set()
        self.written: set[Name] = set()  # tables whose rows the plan's own statements changed
        self.kept = KeptNow(catalog.kept)
        self._predict = predict
        self._created: set[Name] = set()
        self._created_words: set[str] = set()
        self._created_seen: frozenset[Name] | None = None
        self._created_earlier: frozenset[Name] = frozenset()
        self._columns_added: set[tuple[Name, str]] = set()
        self._types_made: set[Name] = set()
        self._relations: dict[Name, Table | Callable[[], Table] | None] = {}
        self._others: dict[Name, bool] = {}  # sequences and types, made (True) or gone (False)
        self._indexes: dict[Name, Index | None] = {}
        self._constraints: dict[Name, dict[str, Constraint]] = {}
        self._constraint_names: dict[str, set[str]] = {}
        self._children: dict[Name, set[Name]] = {}  # partitions that this plan makes or attaches, by their parent
        self._live_names: dict[Name, Name] = {}  # renamed tables: what the live catalog calls them
        self.stories = Stories()
        self._changed = False  # whether anything live is not as the last prediction was told
        self._present = catalog

    # -- names ----------------------------------------------------------------------------------------------------------

    def name_of(self, relation: Any) -> Name:
        """The full name of a relation as the server would find it; of a new one, where it would be made."""
        return self.find(relation.schemaname, relation.relname)

    def find(self, schema: str, name: str) -> Name:
        """The full name of a relation, index or sequence that is named with or without its schema."""
        if schema:
            return Name(schema, name)
        for candidate in (TEMPORARY, *self.search_path):
            found = Name(candidate, name)
            if self.exists(found):
                return found
        return self.new((name,))

    def dotted(self, words: Sequence[str]) -> Name:
        """The full name for the words `name` or `schema.name` (a database's name before them is dropped)."""
        return self.find(words[-2] if len(words) > 1 else "", words[-1])

    def new(self, words: Sequence[str]) -> Name:
        """The full name of something that is about to be made."""
        if len(words) > 1:
            return Name(words[-2], words[-1])
        return Name(next(iter(self.search_path), "public"), words[-1])

    def dotted_type(self, words: Sequence[str]) -> Name:
        """The full name of a type."""
        if len(words) > 1:
            return Name(words[-2], words[-1])
        paths = (Name(schema, words[-1]) for schema in self.search_path)
        return next((name for name in paths if self._others.get(name, name in self.catalog.types)), self.new(words))

    def exists(self, name: Name) -> bool:
        """Whether a relation of any kind goes by this name."""
        if name in self._relations:
            return self._relations[name] is not None
        if name in self._indexes:
            return self._indexes[name] is not None
        if name in self._others:
            return self._others[name]
        return any(name in there for there in (self.catalog.tables, self.catalog.indexes, self.catalog.sequences))

    def taken(self, schema: str) -> Container[str]:
        """The names in a schema that a new index cannot have."""
        return Taken(self, schema, constraints=False)

    def taken_by_constraints(self, schema: str) -> Container[str]:
        """The names in a schema that a new constraint cannot have."""
        return Taken(self, schema, constraints=True)

    def constraint_names(self, schema: str) -> set[str]:
        """The names of all constraints on tables of a schema."""
        if schema not in self._constraint_names:
            self._constraint_names[schema] = {c.name for c in self.catalog.constraints if c.table.schema == schema}
        return self._constraint_names[schema]

    # -- facts ----------------------------------------------------------------------------------------------------------

    def table(self, name: Name) -> Table | None:
        """The table or view of this name, as it is here."""
        if name not in self._relations:
            return self.catalog.tables.get(name)
        found = self._relations[name]
        if callable(found):
            found = self._relations[name] = found()
        return found

    def index(self, name: Name) -> Index | None:
        """The index of this name, as it is here."""
        return self._indexes[name] if name in self._indexes else self.catalog.indexes.get(name)

    def indexes_of(self, table: Name) -> tuple[Index, ...]:
        """The indexes of a table, by name."""
        found = {index.name: index for index in self._by_table.indexes.get(self.live_name(table), ())}
        found |= {name: index for name, index in self._indexes.items() if index and index.table == table}
        there = (index for name, index in found.items() if self._indexes.get(name, index) is not None)
        return tuple(sorted(there, key=lambda index: index.name))

    def constraints(self, table: Name) -> Mapping[str, Constraint]:
        """The constraints of a table, by name."""
        return self._constraints[table] if table in self._constraints else self._by_table.constraints.get(table, {})

    def triggers_of(self, table: Name) -> tuple[Trigger, ...]:
        """The triggers that a live table has."""
        return tuple(trigger for trigger in self.catalog.triggers if trigger.table == self.live_name(table))

    def referencing(self, table: Name) -> tuple[Constraint, ...]:
        """The foreign keys, of any table, that point at `table`."""
        tables = {*self._by_table.constraints, *self._constraints}
        return tuple(c for t in sorted(tables) for c in self.constraints(t).values() if c.references == table)

    def partitions_of(self, table: Name) -> tuple[Table, ...]:
        """The partitions and inheritance children that a table has here, one level down, by name."""
        live = self.live_name(table)
        names = sorted(self._by_table.children.get(live, set()) | self._children.get(table, set()))
        found = map(self.table, names)
        return tuple(part for part in found if part and (live in part.parents or table in part.parents))

    def live_name(self, name: Name) -> Name:
        """The live catalog's name of what is called `name` here."""
        return self._live_names.get(name, name)

    def live(self, name: Name) -> Table | None:
        """The table as the live catalog has it; None for what this plan makes, or for what nobody knows."""
        if name in self._created or self.table(name) is None:
            return None
        return self.catalog.tables.get(self.live_name(name))

    def is_created(self, name: Name) -> bool:
        """Whether this plan made the relation."""
        return name in self._created

    def is_large(self, name: Name) -> bool:
        """Whether the relation is live and work on it is noticed; of unknown size counts as large."""
        table = self.live(name)
        if table is None:
            return False
        if table.kind is TableKind.PARTITIONED:
            return any(self.is_large(part.name) for part in self.partitions_of(name))
        if table.bytes <= _LEAST_ROW * self.policy.small_table_rows:
            return False
        return not self.policy.is_small(rows=table.rows, bytes=table.bytes)

    @property
    def created(self) -> frozenset[Name]:
        """The relations that this plan has made so far."""
        if self._created_seen is None:
            self._created_seen = frozenset(self._created)
        return self._created_seen

    def all_rows_written(self, table: Name) -> Effect:
        """The effect of bringing every row of a table to a new value, some at a time."""
        live = self.live(table)
        return Effect(relation=str(table), lock=LockMode.ROW_EXCLUSIVE, scan=True, rows=live.rows if live else None)

    def nobody_waits_for(self, effect: Effect) -> bool:
        """Whether the effect holds nothing that somebody else could want: no lock, or one on what this plan made."""
        return effect.lock is None or effect.created or effect.relation in self._created_words

    # -- effects --------------------------------------------------------------------------------------------------------

    def predict(
        self, statements: Sequence[Statement], catalog: Catalog, created: frozenset[Name]
    ) -> tuple[StatementEffects, ...]:
        """The effects of statements that follow each other, from where `catalog` and `created` are what is there."""
        return self._predict(statements, catalog, created=created)

    def present(self) -> Catalog:
        """The catalog as it is here, without what this plan made: a prediction is told of that by name."""
        if self._changed:
            self._present = present(self.catalog, self._created, self._relations, self._indexes, self._constraints)
            self._changed = False
        return self._present

    def effects_on(self, table: Name, text: str) -> tuple[Effect, ...]:
        """What one statement would do to one table."""
        (found,) = self.predict((Statement(text=text, file="watari"),), self.present(), self.created)
        return tuple(effect for effect in found.effects if effect.relation == str(table))

    # -- the migration at hand --------------------------------------------------------------------------------------------

    def begin_migration(self) -> None:
        """Another migration begins: its settings are its own, and so is what it makes."""
        self.search_path = self.catalog.search_path
        self._created_earlier = self.created
        self._columns_added.clear()
        self._types_made.clear()

    def made_by_this_migration(self, table: Name) -> bool:
        """Whether the migration at hand made the table, so that it goes with everything in it when taken back."""
        return table in self._created and table not in self._created_earlier

    def type_of_this_migration(self, name: Name) -> bool:
        """Whether the migration at hand made the type."""
        return name in self._types_made

    def columns_of_this_migration(self, table: Name) -> frozenset[str]:
        """The columns that the migration at hand added to a table."""
        return frozenset(column for owner, column in self._columns_added if owner == table)

    def add_column(self, table: Name, column: str) -> None:
        """A column is added to a table."""
        self._columns_added.add((table, column))
        self.expect("column", below(table, column), "present")

    # -- changes --------------------------------------------------------------------------------------------------------

    def make(self, name: Name, table: Table | Callable[[], Table], kind: str = "table") -> None:
        """A relation is made; what it holds is worked out when somebody asks."""
        self._add_created(name)
        self._relations[name] = table
        self.expect(kind, str(name), "present")

    def _touch(self, name: Name) -> None:
        self._changed = self._changed or name not in self._created

    def _add_created(self, name: Name) -> None:
        self._created.add(name)
        self._created_words.add(str(name))
        self._created_seen = None

    def put_below(self, parent: Name, child: Name) -> None:
        """A relation becomes a partition or child of another one."""
        self._children.setdefault(parent, set()).add(child)

    def make_other(self, name: Name, kind: str) -> None:
        """A sequence or type is made."""
        self._others[name] = True
        if kind == "sequence":
            self._add_created(name)
        else:
            self._types_made.add(name)
        self.expect(kind, str(name), "present")

    def change(self, table: Table) -> None:
        """A relation is not what it was."""
        self._touch(table.name)
        self._relations[table.name] = table

    def remove(self, name: Name, kind: str = "table") -> None:
        """A relation is dropped, with its columns, indexes and constraints."""
        self._touch(name)
        for index in self.indexes_of(name):
            self._indexes[index.name] = None
        self._constraints[name] = {}
        self._relations[name] = None
        self._forget_below(name)
        self.expect(kind, str(name), "absent")

    def remove_other(self, name: Name, kind: str) -> None:
        """A sequence or type is dropped."""
        self._others[name] = False
        self.stories.forget(kind, str(name))
        self.expect(kind, str(name), "absent")

    def rename(self, old: Name, new: Name, kind: str = "table") -> None:
        """A relation has another name or schema; what belongs to it follows."""
        self._touch(old)
        indexes, constraints, table = self.indexes_of(old), self.constraints(old), self.table(old)
        live, created = self.live_name(old), old in self._created
        for index in indexes:
            self._indexes[index.name] = None
            moved = replace(index, name=Name(new.schema, index.name.name), table=new)
            self._indexes[moved.name] = moved
        self._constraints[new] = {name: replace(c, table=new) for name, c in constraints.items()}
        self._constraints[old] = {}
        self._relations[old] = None
        if table:
            self._relations[new] = replace(table, name=new)
            for parent in table.parents:
                self.put_below(parent, new)
        self._created.discard(old)
        self._created_seen = None
        if created:
            self._add_created(new)
        else:
            self._live_names[new] = live
        self.stories.rename(kind, str(old), str(new))
        self._forget_below(old)
        self.expect(kind, str(old), "absent")
        self.expect(kind, str(new), "present")

    def put_index(self, index: Index) -> None:
        """An index is made, or is not what it was."""
        self._touch(index.table)
        self._indexes[index.name] = index
        self.expect("index", str(index.name), "valid")

    def remove_index(self, name: Name) -> None:
        """An index is dropped; that of a partitioned table with the indexes of its partitions."""
        self._changed = True
        gone = self.index(name)
        for part in self.partitions_of(gone.table) if gone else ():
            for index in self.indexes_of(part.name):
                if index.parent == name:
                    self._own_constraints(part.name).pop(index.constraint or "", None)
                    self.remove_index(index.name)
        self._indexes[name] = None
        self.stories.forget("index", str(name))
        self.expect("index", str(name), "absent")

    def put_constraint(self, constraint: Constraint) -> None:
        """A constraint is made, or is not what it was."""
        self._touch(constraint.table)
        self._own_constraints(constraint.table)[constraint.name] = constraint
        self.constraint_names(constraint.table.schema).add(constraint.name)
        self.expect("constraint", below(constraint.table, constraint.name), "present")

    def remove_constraint(self, table: Name, name: str) -> None:
        """A constraint is dropped, with its index, and with what partitions have of it."""
        self._touch(table)
        for part in self.partitions_of(table):
            if (own := self.constraints(part.name).get(name)) and own.inherited:
                self.remove_constraint(part.name, name)
        gone = self._own_constraints(table).pop(name, None)
        self.constraint_names(table.schema).discard(name)
        if gone and gone.index:
            self.remove_index(gone.index)
        self.expect("constraint", below(table, name), "absent")

    def _own_constraints(self, table: Name) -> dict[str, Constraint]:
        if table not in self._constraints:
            self._constraints[table] = dict(self._by_table.constraints.get(table, {}))
        return self._constraints[table]

    # -- what verification looks for ------------------------------------------------------------------------------------

    def expect(self, kind: str, object: str, state: str) -> None:
        """Notes what is to be found when the plan is done."""
        if not object.startswith(_TEMPORARY_PREFIX):
            self.expected[kind, object] = state

    def doubt(self, text: str | None) -> None:
        """Expects nothing any more of what a text names (None: of anything): what happens to it cannot be read."""
        known = [key for key in self.expected if text is None or key[1].split(".")[1].strip('"') in text]
        for key in known:
            del self.expected[key]

    def _forget_below(self, name: Name) -> None:
        prefix = f"{name}."
        for key in [key for key in self.expected if key[1].startswith(prefix)]:
            del self.expected[key]
        self.stories.forget("table", str(name))
        self.stories.forget("view", str(name))
