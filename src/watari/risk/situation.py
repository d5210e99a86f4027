"""What a rule is given: one statement, what it does, why, and the facts of the objects that it touches."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from watari.catalog import LockMode, Name, Table
from watari.errors.usage import ScriptSyntax
from watari.evidence import StatementEffects
from watari.locale import Message
from watari.project.policy import Policy
from watari.risk.causes import Cause, Why
from watari.risk.facts.rates import seconds_of
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.world import World
from watari.sql.grammar import body, choice, written
from watari.sql.statement import Statement
from watari.values import dataclass

__all__ = ["OWN_PREFIX", "Situation", "Unit", "effect_names"]

#: What watari makes for its own safe forms: it is neither missed nor read by the application.
OWN_PREFIX = "watari_"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A migration or a file. `transactional`: whoever runs it does so in one transaction."""

    migration: str | None
    statements: tuple[Statement, ...]
    transactional: bool
    databases: frozenset[str] = frozenset()  # names of the project's databases
    database: str | None = None  # the name of the one that the statements are for, where no catalog tells it
    own_runner: bool = True  # the framework has a tool of its own that would run it

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[tuple[int, ...], tuple[Any, ...]]]:
        """For each kind of statement the places and the trees of all that can be read, in order."""
        found: dict[str, tuple[list[int], list[Any]]] = {}
        for place, statement in enumerate(self.statements):
            try:
                kind, inner = body(statement.node)
            except ScriptSyntax:
                continue
            places, nodes = found.setdefault(kind, ([], []))
            places.append(place)
            nodes.append(inner)
        return {kind: (tuple(places), tuple(nodes)) for kind, (places, nodes) in found.items()}


def _words_of(mode: int) -> frozenset[str]:
    words = {"existing"} | ({"stops"} if mode >= LockMode.SHARE else set())
    return frozenset(words | ({"closes"} if mode == LockMode.ACCESS_EXCLUSIVE else set()))


#: What a lock on something that was there before says, by its number; 0 is none.
_LOCKED = tuple(_words_of(mode) for mode in range(max(LockMode) + 1))


@dataclass(frozen=True, kw_only=True)
class Situation:
    """One statement as the judge meets it; `world` is what was known before it, `inside` whether the text opened one."""

    statement: Statement
    kind: str  # the grammar's name of the statement
    node: Any  # the statement's message inside its wrapper
    effects: StatementEffects
    causes: tuple[Cause, ...]
    absent: tuple[Name, ...]
    world: World
    policy: Policy
    unit: Unit
    place: int  # of the statement in the unit
    inside: bool = False
    apart: bool = False  # a transaction cannot be around the statement
    held: Mapping[Name, LockMode]  # by the transaction, before this statement
    rewritten: Mapping[Name, int]  # tables written anew before, with the line of that

    @cached_property
    def _commands(self) -> tuple[tuple[str, Any], ...]:
        if self.kind != "alter_table_stmt":
            return ()
        commands = [wrapper.alter_table_cmd for wrapper in self.node.cmds]
        return tuple([(choice(command, "subtype"), command) for command in commands])

    @property
    def words(self) -> frozenset[str]:
        """What rules may listen to beyond the kind (`KINDS = ("alter_table_stmt AT_AddColumn existing",)`).

        The grammar's words: subcommands of an ALTER TABLE, what it and a DROP are of. Of the statement: `remarks`, `apart` (it refuses
        a transaction), `absent` (it names what is not there, or nobody knows). Of its effects: `existing` (something is
        touched that was there before), `stops` (writers of that wait), `closes` (everybody does), `rewrites`. Of its
        transaction: `held` (it holds tables of before).
        """
        words: set[str] = set()
        if self.kind == "alter_table_stmt":
            words = {choice(self.node, "objtype"), *[subtype for subtype, _ in self._commands]}
        elif self.kind == "drop_stmt":
            words.add(choice(self.node, "remove_type"))
        for effect in self.effects.effects:
            if effect.rewrite:
                words.add("rewrites")
            if not effect.created:
                words |= _LOCKED[effect.lock or 0]
        words |= {word for word, holds in self._circumstances() if holds}
        return frozenset(words)

    def _circumstances(self) -> tuple[tuple[str, bool], ...]:
        return (
            ("remarks", bool(self.statement.remarks or self.statement.misplaced)),
            ("apart", self.apart),
            ("absent", bool(self.absent) or not self.world.known),
            ("held", bool(self.held)),
        )

    def commands(self, *subtypes: str) -> Iterator[Any]:
        """The subcommands of an ALTER TABLE that are of these kinds."""
        return iter([command for subtype, command in self._commands if subtype in subtypes])

    @cached_property
    def constraints(self) -> tuple[tuple[str, Any], ...]:
        """Every constraint that a CREATE or ALTER TABLE writes, those of columns too, each with its grammar's kind."""
        if self.kind == "create_stmt":
            parts = [body(part) for part in self.node.table_elts]
        else:
            added = ("AT_AddConstraint", "AT_AddColumn")
            parts = [body(getattr(command, "def")) for subtype, command in self._commands if subtype in added]
        found = [part for kind, part in parts if kind == "constraint"]
        for kind, part in parts:
            if kind == "column_def":
                found += [inner.constraint for inner in part.constraints]
        return tuple((choice(constraint, "contype"), constraint) for constraint in found)

    def because(self, *whys: Why) -> Iterator[Cause]:
        """The reasons of these kinds for which others wait."""
        return (cause for cause in self.causes if cause.why in whys and cause.waits)

    # -- objects ------------------------------------------------------------------------------------------------------------

    def name(self, range_var: Any) -> Name:
        """The relation that a RangeVar names."""
        return self.world.resolve(written(range_var))

    @cached_property
    def target(self) -> Name:
        """The relation that the statement is about."""
        return self.name(self.node.relation)

    def old(self, name: Name) -> bool:
        """Whether the relation was there before these migrations, so that an application uses it."""
        return not self.world.is_new(name)

    def tables(self, cause: Cause) -> tuple[Table, ...]:
        """The tables that are worked through."""
        found = (self.world.table(name) for name in cause.relations)
        return tuple(table for table in found if table is not None)

    def is_large(self, table: Table) -> bool:
        """Whether work on a table is noticed; of unknown size counts as large."""
        if not self.world.known:
            return True
        return not self.policy.is_small(rows=table.rows, bytes=table.bytes, pages=table.pages)

    def unseen(self, cause: Cause) -> bool:
        """Whether this database has none of the relations: something before that cannot be read has to make them."""
        return self.world.known and not any(self.world.is_seen(name) for name in cause.relations)

    def unseen_name(self, name: Name) -> bool:
        """Whether a database is at hand and does not have the relation."""
        return self.world.known and not self.world.is_seen(name)

    def level(self, cause: Cause) -> Level:
        """How loud a hazard of work is: it blocks where a table is large, and is only mentioned where all are small.

        What the database does not have yet is told and does not block: nobody uses it today, but it may be a table renamed.
        """
        if self.unseen(cause):
            return Level.WARN
        tables = self.tables(cause)
        large = not tables or any(self.is_large(table) for table in tables)
        return Level.BLOCK if large and not self.is_short(cause) else Level.INFO

    def is_short(self, cause: Cause) -> bool:
        """Whether the work is over within the time that the policy does not mind."""
        seconds = self.work_facts(cause).get("seconds") if self.policy.short_work else None
        return isinstance(seconds, float) and seconds <= self.policy.short_work

    def level_of(self, name: Name, loud: Level = Level.WARN) -> Level:
        """How loud a hazard of a moment is, by the size of the table."""
        table = self.world.table(name)
        return loud if table is None or self.is_large(table) else Level.INFO

    # -- facts --------------------------------------------------------------------------------------------------------------

    def work_facts(self, cause: Cause) -> dict[str, builtins.object]:
        """Rows, bytes and how many seconds (at least, or about where the server's speed was measured); nothing without a catalog."""
        facts: dict[str, builtins.object] = {"lock": str(cause.lock)} if cause.lock else {}
        if self.unseen(cause):
            return facts | {"absent": True}
        tables = self.tables(cause)
        if not self.world.known or not tables:
            return facts
        rows = [table.rows for table in tables]
        known_rows = None if None in rows else sum(row or 0 for row in rows)
        size, indexes = sum(table.bytes for table in tables), sum(table.index_bytes for table in tables)
        rate = self.world.catalog.scan_rate if self.world.catalog else None
        seconds = seconds_of(cause.why, table_bytes=size, index_bytes=indexes, rows=known_rows, scan_rate=rate)
        measured = {"scan_bytes_per_second": round(rate)} if rate else {}
        return facts | {"rows": known_rows, "bytes": size + indexes, "seconds": round(seconds, 3)} | measured

    def size_facts(self, name: Name) -> dict[str, builtins.object]:
        """Rows and bytes of one table, partitions together; nothing without a catalog."""
        if not self.world.known:
            return {}
        tables = [table for member in self.world.family(name) if (table := self.world.table(member))]
        rows = [table.rows for table in tables if self.world.is_leaf(table.name)]
        return {
            "rows": None if None in rows else sum(row or 0 for row in rows),
            "bytes": sum(table.bytes + table.index_bytes for table in tables),
        }

    def hazard(
        self,
        card: Card,
        level: Level,
        object: Name | str,
        message: Message,
        *,
        facts: Mapping[str, builtins.object] | None = None,
        safer: str | None = None,
        statement: Statement | None = None,
    ) -> Hazard:
        """A finding at the place of the statement."""
        at = statement or self.statement
        return Hazard(
            rule=card.id,
            level=level,
            file=at.file,
            line=at.line,
            column=at.column,
            object=str(object),
            message=message,
            facts=facts or {},
            safer=safer,
            sql=at.text,
        )


def effect_names(situation: Situation, what: str) -> Iterator[Name]:
    """The relations of which a statement destroys something of this kind: "table", "rows", "column"."""
    for effect in situation.effects.effects:
        if effect.destroys and what in (part.partition(" ")[0] for part in effect.destroys.split(", ")):
            found = name_of(effect.relation)
            if found is not None:
                yield found
