"""What the planner knows of one kind of statement; one file a kind in `statements/`, found by walking the folder.

A kind says how its statement reads in words, what takes it back, what it changes, and in which phase it belongs. A statement
of no known kind is run as written, has no undo and changes nothing that the planner could tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

from watari.late import modules
from watari.locale import Message, Text
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.values import dataclass

__all__ = ["Kind", "Undo", "expand", "kind_of", "nothing", "unchanged"]

#: Statements that take a statement back, in the order in which they run; None where nothing can.
Undo = tuple[str, ...] | None


def nothing(node: Any, scene: Scene) -> Undo:
    """The undo of what leaves nothing behind."""
    return ()


def unknown(node: Any, scene: Scene) -> Undo:
    """The undo of what cannot be taken back."""
    return None


def unchanged(node: Any, scene: Scene, text: str) -> None:
    """What happens where no object changes."""


def expand(node: Any, scene: Scene) -> Phase:
    """The phase of what only adds."""
    return Phase.EXPAND


def migrate(node: Any, scene: Scene) -> Phase:
    """The phase of what moves data."""
    return Phase.MIGRATE


def contract(node: Any, scene: Scene) -> Phase:
    """The phase of what takes away."""
    return Phase.CONTRACT


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of statement.

    `nodes` are the grammar's names. Each function gets the statement's inner tree. `undo`, `phase` and `no_op` see the scene
    before the statement, `happens` moves it on; its last argument is the statement's text. `no_op`: everything is already
    as the statement wants it, and it says itself that this is no error (IF EXISTS, IF NOT EXISTS). `concerns_nobody`: whatever
    is there, it touches nothing that is, so that nothing needs to be predicted.
    """

    nodes: tuple[str, ...]
    words: Callable[[Any], Message]
    undo: Callable[[Any, Scene], Undo] = unknown
    happens: Callable[[Any, Scene, str], None] = unchanged
    phase: Callable[[Any, Scene], Phase] = expand
    no_op: Callable[[Any, Scene], bool] = lambda node, scene: False
    concerns_nobody: Callable[[Any], bool] = lambda node: False


_OTHER = Text(en="run a statement", ja="文を実行")
_UNKNOWN = Kind(nodes=(), words=lambda node: _OTHER(), phase=migrate)


def kind_of(name: str) -> Kind:
    """The kind of statement by the grammar's name of it."""
    return _kinds().get(name, _UNKNOWN)


@cache
def _kinds() -> dict[str, Kind]:
    return {node: kind for kind in _walked() for node in kind.nodes}


def _walked() -> Iterator[Kind]:
    from watari.planning import statements

    for name in modules(statements.__path__, f"{statements.__name__}."):
        yield from import_module(name).KINDS
