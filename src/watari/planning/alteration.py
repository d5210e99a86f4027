"""ALTER TABLE with several subcommands, cut where a subcommand has a safe form.

The server carries subcommands out in passes, not as written; cut ones run in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from watari.catalog import Name
from watari.planning.kind import Undo
from watari.planning.plan import Note, Phase, Precheck
from watari.planning.prechecks import prechecks_of_subcommand
from watari.planning.rewrite import Left, Part, Piece, Rewritten, pieces
from watari.planning.scene import Scene
from watari.planning.subcommand import in_order, key_of, subcommand_of
from watari.planning.trees import deparsed, only_subcommand
from watari.sql.grammar import choice

__all__ = ["Cut", "Run", "cut", "runs"]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One subcommand, and what the safe forms say of it."""

    command: Any
    rewritten: Rewritten
    undo: Undo
    phase: Phase
    prechecks: tuple[Precheck, ...]


@dataclass(frozen=True, kw_only=True)
class Run:
    """Pieces that follow each other: of one safe form, or one ALTER TABLE with the subcommands between two of them."""

    pieces: tuple[Piece, ...]
    prechecks: tuple[Precheck, ...]


def cut(statement: Any, scene: Scene) -> list[Cut] | None:
    """The subcommands in the order in which they happen; the scene is moved over them. None: it stays in one."""
    table = scene.name_of(statement.relation)
    if choice(statement, "objtype") != "OBJECT_TABLE" or not scene.exists(table):
        return None
    parts = []
    for command in in_order(each.alter_table_cmd for each in statement.cmds):
        what = subcommand_of(command)
        rewritten = pieces(key_of(command), Part(node=command, statement=statement, table=table), scene)
        parts.append(
            Cut(
                command=command,
                rewritten=rewritten,
                undo=what.undo(command, table, scene),
                phase=what.phase,
                prechecks=prechecks_of_subcommand(command, table, scene),
            )
        )
        what.happens(command, table, scene)
    return parts


def runs(parts: Sequence[Cut], statement: Any, scene: Scene) -> Iterator[Run]:
    """The pieces in order; neighbours without a safe form stay together in one ALTER TABLE."""
    table = scene.name_of(statement.relation)
    plain: list[Cut] = []
    for part in parts:
        if isinstance(part.rewritten, tuple):
            yield from _together(plain, statement, table)
            plain = []
            yield Run(pieces=part.rewritten, prechecks=part.prechecks)
        else:
            plain.append(part)
    yield from _together(plain, statement, table)


def _together(parts: Sequence[Cut], statement: Any, table: Name) -> Iterator[Run]:
    if not parts:
        return
    whole = only_subcommand(statement, parts[0].command, table)
    for part in parts[1:]:
        whole.alter_table_stmt.cmds.add().alter_table_cmd.CopyFrom(part.command)
    undo: list[str] | None = []
    for part in reversed(parts):
        undo = None if undo is None or part.undo is None else [*undo, *part.undo]
    order = (Phase.EXPAND, Phase.MIGRATE, Phase.CONTRACT)
    notes = [part.rewritten.note for part in parts if isinstance(part.rewritten, Left)]
    piece = Piece(
        sql=(deparsed(whole),),
        phase=max((part.phase for part in parts), key=order.index),
        undo=None if undo is None else tuple(undo),
        note=_joined(notes),
    )
    yield Run(pieces=(piece,), prechecks=tuple(check for part in parts for check in part.prechecks))


def _joined(notes: Sequence[Note]) -> Note | None:
    distinct = tuple(dict.fromkeys(notes))
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    return Note(en=" ".join(note.en for note in distinct), ja="".join(note.ja for note in distinct))
