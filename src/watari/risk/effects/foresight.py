"""Statements in order, foreseen one after the other: locks add up within a transaction, and the world moves on."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from watari.catalog import Catalog, LockMode, Name
from watari.catalog.making import quick
from watari.errors.usage import ScriptSyntax
from watari.evidence import StatementEffects
from watari.late import modules
from watari.risk.causes import Cause
from watari.risk.footprint import Footprint
from watari.risk.world import World
from watari.sql.grammar import body
from watari.sql.names import refused, transaction_word
from watari.sql.statement import Statement
from watari.values import dataclass

__all__ = ["Foreseen", "Foresight", "kinds", "predict"]

Foresee = Callable[[Any, Footprint], None]


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """One statement's effects, the relations that it names and that are not there, and what its grammar said, if anything."""

    effects: StatementEffects
    causes: tuple[Cause, ...] = ()
    absent: tuple[Name, ...] = ()
    error: ScriptSyntax | None = None
    apart: bool = False  # a transaction cannot be around the statement
    word: str | None = None  # of a statement that begins, ends or marks a transaction


_foreseen = quick(Foreseen)


class Foresight:
    """The world on its way through statements. `created` are relations that statements before made."""

    def __init__(self, catalog: Catalog | None, created: Iterable[Name] = ()) -> None:
        self.world = World(catalog, created)
        self._held: dict[Name, LockMode] = {}
        self._alone = False  # after a COMMIT in the text, each statement is a transaction of its own

    def begin(self) -> None:
        """A transaction begins: nothing is held yet."""
        self._held.clear()
        self._alone = False

    def foresee(self, statement: Statement) -> Foreseen:
        """What the next statement does; the world is afterwards as the statement leaves it."""
        try:
            node = statement.node
        except ScriptSyntax as error:
            return Foreseen(effects=StatementEffects(unknown=True), error=error)
        kind, inner = body(node)
        apart = refused(kind, inner, self.world.catalog)  # a transaction of its own, or several
        if self._alone or apart:
            self._held.clear()
        word = transaction_word(node) if kind == "transaction_stmt" else None
        if word in ("begin", "start", "commit", "rollback"):
            self._held.clear()
            self._alone = word in ("commit", "rollback")
            return Foreseen(effects=StatementEffects(), apart=apart, word=word)
        footprint = Footprint(self.world, self._held)
        _foresee(kind, inner, footprint)
        if not apart:
            for name, mode in footprint.locks.items():
                self._held[name] = max(mode, self._held.get(name, mode))
            for old, new in self.world.moves:
                if old in self._held:
                    self._held[new] = self._held.pop(old)
        self.world.moves.clear()
        return _foreseen(
            effects=footprint.outcome(),
            causes=footprint.causes(),
            absent=tuple(footprint.absent),
            apart=apart,
            word=word,
        )


def foresee_node(node: Any, footprint: Footprint) -> None:
    """Gathers the footprint of one statement's tree; a kind that no file knows is unknown."""
    _foresee(*body(node), footprint)


def _foresee(kind: str, statement: Any, footprint: Footprint) -> None:
    foresee = kinds().get(kind)
    if foresee is None:
        footprint.unknown = True
    else:
        foresee(statement, footprint)


def predict(
    statements: Sequence[Statement], catalog: Catalog | None, *, created: frozenset[Name] = frozenset()
) -> tuple[StatementEffects, ...]:
    """The effects of statements that run in one transaction, in order.

    `catalog` is the live database, None where there is none: then every relation named is assumed to be there, and full.
    `created` are relations made by earlier pending migrations, which nobody uses yet. A statement that the grammar refuses,
    or that no file here knows, is `unknown`.
    """
    foresight = Foresight(catalog, created)
    return tuple(foresight.foresee(statement).effects for statement in statements)


@cache
def kinds() -> Mapping[str, Foresee]:
    """What foresees each kind of statement, gathered from the files of this folder."""
    found: dict[str, Foresee] = {}
    for name in modules(importlib.import_module(__package__).__path__, f"{__package__}."):
        found.update(getattr(importlib.import_module(name), "FORESEES", {}))
    return found
