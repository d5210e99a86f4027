"""ALTER TABLE with several subcommands, cut where a subcommand has a safe form.

The server carries subcommands out in passes, not as written; cut ones run in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from watari.catalog import ConstraintKind, Name
from watari.planning.deployment import awaits_of_subcommand
from watari.planning.kind import Undo
from watari.planning.plan import Note, Phase, Precheck
from watari.planning.prechecks import prechecks_of_subcommand
from watari.planning.rewrite import Left, Part, Rewritten, pieces
from watari.planning.scene import Scene
from watari.planning.subcommand import in_order, key_of, subcommand_of
from watari.planning.trees import deparsed, only_subcommand
from watari.sql.grammar import choice
from watari.values import dataclass

__all__ = ["Cut", "cut", "runs", "text_of"]

_KEYS = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One subcommand, what the safe forms say of it, and what is to be known of it as written."""

    key: str
    command: Any
    rewritten: Rewritten
    undo: Undo
    phase: Phase
    prechecks: tuple[Precheck, ...]
    drops_key: bool
    awaits: tuple[Note, ...] = ()

    @property
    def note(self) -> tuple[Note, ...]:
        """Why it stays as written although it may stop the application."""
        return (self.rewritten.note,) if isinstance(self.rewritten, Left) else ()


def cut(statement: Any, scene: Scene) -> list[Cut] | None:
    """The subcommands in the order in which they happen; the scene is moved over them. None: it stays in one."""
    table = scene.name_of(statement.relation)
    if choice(statement, "objtype") != "OBJECT_TABLE" or not scene.exists(table):
        return None
    parts = []
    for command in in_order(each.alter_table_cmd for each in statement.cmds):
        what, key = subcommand_of(command), key_of(command)
        rewritten = pieces(key, Part(node=command, statement=statement, table=table), scene)
        parts.append(
            Cut(
                key=key,
                command=command,
                rewritten=rewritten,
                undo=what.undo(command, table, scene),
                phase=what.phase,
                prechecks=prechecks_of_subcommand(command, table, scene),
                drops_key=_drops_key(command, table, scene),
                awaits=awaits_of_subcommand(key, command, table, scene),
            )
        )
        what.happens(command, table, scene)
    return parts


def _drops_key(command: Any, table: Name, scene: Scene) -> bool:
    """Whether the subcommand drops a key of a live table, and nothing else with it; the scene then knows its name as busy."""
    if key_of(command) != "AT_DropConstraint" or choice(command, "behavior") == "DROP_CASCADE":
        return False
    constraint = scene.constraints(table).get(command.name)
    if constraint is None or constraint.kind not in _KEYS or constraint.index is None or not scene.live(table):
        return False
    scene.dropping.add(constraint.index)
    return True


def runs(parts: Sequence[Cut]) -> Iterator[tuple[Cut, ...]]:
    """Neighbours that may stay together in one ALTER TABLE; a safe form, and the drop of a key, stand alone."""
    plain: list[Cut] = []
    for part in parts:
        if isinstance(part.rewritten, tuple) or part.drops_key:
            if plain:
                yield tuple(plain)
            plain = []
            yield (part,)
        else:
            plain.append(part)
    if plain:
        yield tuple(plain)


def text_of(parts: Sequence[Cut], statement: Any, table: Name) -> str:
    """One ALTER TABLE with these subcommands."""
    whole = only_subcommand(statement, parts[0].command, table)
    for part in parts[1:]:
        whole.alter_table_stmt.cmds.add().alter_table_cmd.CopyFrom(part.command)
    return deparsed(whole)
