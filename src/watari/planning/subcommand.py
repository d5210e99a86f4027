"""What the planner knows of one kind of ALTER TABLE subcommand; the files are in `subcommands/`, found by walking the folder.

The order in which the server carries out several subcommands of one statement is not the order in which they are written;
`in_order` gives it, so that a statement can be cut into its subcommands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

from watari.catalog import Name
from watari.late import modules
from watari.locale import Message, Text
from watari.planning.kind import Undo
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.sql.grammar import choice
from watari.values import dataclass

__all__ = ["Subcommand", "in_order", "key_of", "subcommand_of"]


@dataclass(frozen=True, kw_only=True)
class Subcommand:
    """One kind of subcommand.

    `keys` are the grammar's names (`AT_SetNotNull`), of ADD CONSTRAINT with the kind of constraint behind a point
    (`AT_AddConstraint.CONSTR_CHECK`). Functions get the subcommand, the table and the scene; `undo` and `no_op` see the
    scene before the statement, `happens` moves it on. `turn` is the server's pass: lower ones are carried out first.
    """

    keys: tuple[str, ...]
    words: Callable[[Any], Message]
    turn: int
    undo: Callable[[Any, Name, Scene], Undo] = lambda command, table, scene: None
    happens: Callable[[Any, Name, Scene], None] = lambda command, table, scene: None
    turn_of: Callable[[Any], int] | None = None  # where the turn depends on what the subcommand holds
    phase: Phase = Phase.EXPAND
    no_op: Callable[[Any, Name, Scene], bool] = lambda command, table, scene: False


# The server's passes (AlterTablePass in tablecmds.c), in their order
DROP, TYPE, ADD_COLUMN, SET_EXPRESSION, ADD_CONSTRAINT, COLUMN_ATTRIBUTES, ADD_INDEX, OTHER_CONSTRAINTS, MISC = range(9)

_OTHER = Text(en="change", ja="変更")
_UNKNOWN = Subcommand(keys=(), words=lambda command: _OTHER(), turn=MISC, phase=Phase.MIGRATE)


def key_of(command: Any) -> str:
    """The grammar's name of a subcommand, with the kind of constraint where it adds one."""
    name = choice(command, "subtype")
    if name == "AT_AddConstraint":
        return f"{name}.{choice(getattr(command, 'def').constraint, 'contype')}"
    return name


def subcommand_of(command: Any) -> Subcommand:
    """The kind of a subcommand."""
    return _subcommands().get(key_of(command), _UNKNOWN)


def in_order(commands: Iterable[Any]) -> list[Any]:
    """The subcommands of one statement in the order in which the server carries them out."""

    def turn(command: Any) -> int:
        kind = subcommand_of(command)
        return kind.turn_of(command) if kind.turn_of else kind.turn

    return sorted(commands, key=turn)


@cache
def _subcommands() -> dict[str, Subcommand]:
    return {key: subcommand for subcommand in _walked() for key in subcommand.keys}


def _walked() -> Iterator[Subcommand]:
    from watari.planning import subcommands

    for name in modules(subcommands.__path__, f"{subcommands.__name__}."):
        yield from import_module(name).SUBCOMMANDS
