"""Things get other names: what hangs on them goes along, and what the live database calls them is remembered."""

from __future__ import annotations

from watari.catalog import Constraint, Name, Table, quoted
from watari.risk.told import Told
from watari.values import replace

__all__ = ["Renames"]


class Renames(Told):
    """The changes of names."""

    def formerly(self, name: Name) -> Name:
        """What the live database calls a relation."""
        return self._formerly.get(name, name)

    def _move(self, old: Name, new: Name) -> None:
        """Whoever knew a relation by its old name knows it by the new one."""
        if old == new:
            return
        if old in self._created:
            self._created.discard(old)
            self._created.add(new)
        else:
            before = self._formerly.pop(old, old)
            self._formerly.pop(new, None)
            if before != new:
                self._formerly[new] = before
        for publication, tables in self.published().items():
            if tables and old in tables:
                self._publications[publication] = tables - {old} | {new}
        if old in self._filled:
            self._filled.discard(old)
            self._filled.add(new)
        self.moves.append((old, new))

    def _rename_table(self, old: Name, new: Name) -> None:
        table = self.table(old)
        if table is None:
            return
        groups = ("indexes", "constraints", "triggers", "policies", "sequences", "children", "views", "referencing")
        held = {group: self._of(group, old) for group in groups}
        was_new, was_filled = old in self._created, old in self._filled
        self._drop_table(old)
        self._put_table(replace(table, name=new))
        self._created |= {old} if was_new else set()
        self._filled |= {old} if was_filled else set()
        self._move(old, new)
        moved = {index.name: Name(new.schema, index.name.name) for index in held["indexes"]}
        for index in held["indexes"]:
            self._put_index(replace(index, table=new, name=moved[index.name]))
            self._move(index.name, moved[index.name])
        for constraint in dict.fromkeys((*held["constraints"], *held["referencing"])):
            self._put_constraint(_pointed(constraint, old, new, moved))
        for group in ("triggers", "policies"):
            self._by_table.setdefault(group, {})[new] = tuple(replace(value, table=new) for value in held[group])
        for sequence in held["sequences"]:
            self._put_sequence(replace(sequence, name=Name(new.schema, sequence.name.name)), new)
            self._move(sequence.name, Name(new.schema, sequence.name.name))
        self._by_table.setdefault("children", {})[new] = held["children"]
        self._by_table.setdefault("views", {})[new] = held["views"]
        for name in (*held["children"], *held["views"]):
            if other := self.table(name):
                parents = tuple(new if parent == old else parent for parent in other.parents)
                sources = tuple(new if source == old else source for source in other.reads_from)
                self._tables[name] = replace(other, parents=parents, reads_from=sources)
        for (relation, column), text in tuple(self._called.items()):
            if relation == old:
                self._called[new, column] = self._called.pop((old, column), text)

    def _rename_index(self, old: Name, new: Name) -> None:
        """The constraint of an index is called like it, and stays so."""
        index = self.index(old)
        if index is None:
            if not self.known:
                self._move(old, new)
            return
        self._drop_index(old)
        own = self.constraint(index.table, index.constraint) if index.constraint else None
        self._put_index(replace(index, name=new, constraint=new.name if own else index.constraint))
        if own:
            self._drop_constraint(index.table, own.name)
            self._put_constraint(replace(own, name=new.name, index=new))
        self._move(old, new)

    def _rename_constraint(self, table: Name, old: str, new: str) -> None:
        """The index behind a key is called like it, and stays so."""
        constraint = self.constraint(table, old)
        if constraint is None:
            return
        index = self.index(constraint.index) if constraint.index and constraint.references is None else None
        if index is not None:
            self._rename_index(index.name, Name(index.name.schema, new))
            return
        self._drop_constraint(table, old)
        self._put_constraint(replace(constraint, name=new))

    def _rename_sequence(self, old: Name, new: Name) -> None:
        sequence = self.sequence(old)
        if sequence is None and old not in self._created:
            return
        if sequence is not None:
            for table, values in tuple(self._by_table.get("sequences", {}).items()):
                self._by_table["sequences"][table] = tuple(
                    replace(value, name=new) if value.name == old else value for value in values
                )
            self._sequences[old] = None
            self._sequences[new] = replace(sequence, name=new)
        self._move(old, new)

    def _rename_type(self, old: Name, new: Name) -> None:
        found = self.type(old)
        if found is not None:
            self._types[old] = None
            self._types[new] = replace(found, name=new)
            for table in tuple(self.tables()):
                self._tables[table.name] = _of_type(table, old, new)
            self._move(old, new)

    def _rename_routines(self, old: Name, new: Name) -> None:
        found = self.routines_named(old)
        self._routines[new] = (*(replace(routine, name=new) for routine in found), *self._routines.get(new, ()))
        self._drop_routines(old)

    def _rename_trigger(self, table: Name, old: str, new: str) -> None:
        for trigger in self.triggers_of(table):
            if trigger.name == old:
                self._drop_trigger(table, old)
                self._put_trigger(replace(trigger, name=new))

    def _rename_policy(self, table: Name, old: str, new: str) -> None:
        for policy in self.policies_of(table):
            if policy.name == old:
                self._drop_policy(table, old)
                self._put_policy(replace(policy, name=new))


def _of_type(table: Table, old: Name, new: Name) -> Table:
    """A table whose columns, or which itself, may be of a type that is called otherwise from now on."""
    texts = {str(old), quoted(old.name)}
    if table.of_type != old and not any(column.type.removesuffix("[]") in texts for column in table.columns):
        return table
    columns = tuple(
        replace(column, type=str(new) + column.type[len(bare) :])
        if (bare := column.type.removesuffix("[]")) in texts
        else column
        for column in table.columns
    )
    return replace(table, columns=columns, of_type=new if table.of_type == old else table.of_type)


def _pointed(constraint: Constraint, old: Name, new: Name, moved: dict[Name, Name]) -> Constraint:
    """A constraint of or to a table that is called otherwise from now on."""
    return replace(
        constraint,
        table=new if constraint.table == old else constraint.table,
        references=new if constraint.references == old else constraint.references,
        index=moved.get(constraint.index, constraint.index) if constraint.index else None,
    )
