"""The steps of one migration, written statement by statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from watari.catalog import Name
from watari.evidence.effect import Effect, StatementEffects
from watari.planning.alone import standing_alone
from watari.planning.alteration import cut, runs
from watari.planning.kind import Undo, kind_of
from watari.planning.losses import losses_of
from watari.planning.plan import CopyRows, Loss, Note, Phase, Precheck, Settle, Step, StepKind
from watari.planning.prechecks import prechecks_of
from watari.planning.rewrite import Left, Part, Piece, pieces
from watari.planning.scene import Scene
from watari.planning.sections import LEFT_TO_POLICY, changes_session, sets_patience
from watari.sql.grammar import body
from watari.sql.names import refuses_transaction
from watari.sql.statement import Statement

__all__ = ["StepWriter"]

_ORDER = (Phase.EXPAND, Phase.MIGRATE, Phase.CONTRACT)


@dataclass
class _Group:
    """The transaction that is being written."""

    created: frozenset[Name]  # relations made before it
    statements: list[Statement] = field(default_factory=list)
    undos: list[Undo] = field(default_factory=list)
    phase: Phase = Phase.EXPAND
    notes: list[Note] = field(default_factory=list)
    as_written: str | None = None
    concerns_somebody: bool = False


class StepWriter:
    """Writes the steps of one migration.

    Statements are given in order; `end_transaction` where the team's transaction ends; `finished` gives the steps, of which
    the last completes the migration. `database`: the one that is still to be created, if any.
    """

    def __init__(self, ordinal: int, migration: str, scene: Scene, *, database: str | None = None) -> None:
        self.prechecks: list[Precheck] = []
        self.losses: list[Loss] = []
        self._ordinal = ordinal
        self._migration = migration
        self._scene = scene
        self._database = database
        self._steps: list[Step] = []
        self._group: _Group | None = None
        self._session: list[str] = []  # the migration's own SET statements so far
        self._notes: list[Note] = []  # of what is left out, for the next step

    # -- what is written ------------------------------------------------------------------------------------------------

    def command(self) -> None:
        """The framework's own tool runs the migration; nobody knows what is there afterwards."""
        settle = Settle(kind="history_applied", relation=self._migration)
        self._scene.foggy = True
        self._append(kind=StepKind.COMMAND, phase=Phase.MIGRATE, settle=settle, undo=None)

    def statement(self, statement: Statement, *, whole: bool = False) -> None:
        """One statement; `whole`: its transaction cannot be cut, so that it stays as written."""
        kind, node = body(statement.node)
        if sets_patience(statement):
            self._notes.append(LEFT_TO_POLICY)
            return
        if kind == "createdb_stmt":
            self._create_database(statement, node)
            return
        if self._scene.back and not self._scene.foggy and kind_of(kind).no_op(node, self._scene):
            return
        self.losses += losses_of(kind, node, self._scene, self._migration)
        if refuses_transaction(statement.node, self._scene.catalog):
            self._alone(statement, kind, node)
        elif whole or not self._safely(statement, kind, node):
            self._as_written(statement, kind, node)
            if kind == "alter_enum_stmt" and not whole:
                self.end_transaction()  # a new value can be used only after it is committed

    def end_transaction(self) -> None:
        """The team's transaction ends here."""
        group, self._group = self._group, None
        if group is None or not group.statements:
            return
        self._append(
            kind=StepKind.TRANSACTION,
            phase=group.phase,
            sql=(*self._session, *(statement.text for statement in group.statements)),
            undo=_all_back(group.undos),
            copies=tuple(_copies(group.statements, len(self._session))),
            as_written=group.as_written,
            notes=group.notes,
            predicted=self._scene.predict(group.statements, group.created) if group.concerns_somebody else (),
        )
        self._session += [statement.text for statement in group.statements if changes_session(statement)]

    def finished(self) -> list[Step]:
        """The steps; an empty transaction completes a migration whose last step is none."""
        self.end_transaction()
        last = self._steps[-1] if self._steps else None
        if last is None or last.kind not in (StepKind.TRANSACTION, StepKind.COMMAND):
            self._append(kind=StepKind.TRANSACTION, phase=last.phase if last else Phase.EXPAND, undo=(), predicted=())
        self._steps[-1] = replace(self._steps[-1], completes=True)
        return self._steps

    # -- one statement ----------------------------------------------------------------------------------------------------

    def _as_written(self, statement: Statement, kind: str, node: Any) -> None:
        group = self._open_group(statement)
        scene, what = self._scene, kind_of(kind)
        group.statements.append(statement)
        group.concerns_somebody = group.concerns_somebody or not what.concerns_nobody(node)
        group.undos.append(what.undo(node, scene))
        group.phase = max(group.phase, what.phase(node, scene), key=_ORDER.index)
        self.prechecks += prechecks_of(kind, node, scene, self._next_id)
        what.happens(node, scene, statement.text)

    def _alone(self, statement: Statement, kind: str, node: Any) -> None:
        """A statement that refuses a transaction."""
        self.end_transaction()
        scene, what = self._scene, kind_of(kind)
        alone = standing_alone(kind, node, statement.text, scene)
        if alone is not None:
            undo, phase = what.undo(node, scene), what.phase(node, scene)
            predicted = scene.predict((statement,), scene.created)
            self.prechecks += prechecks_of(kind, node, scene, self._next_id)
            self._append(
                kind=StepKind.CONCURRENT,
                phase=phase,
                sql=(alone.text,),
                undo=undo,
                settle=alone.settle,
                session=tuple(self._session),
                as_written=_place(statement),
                predicted=predicted,
            )
        what.happens(node, scene, statement.text)

    def _safely(self, statement: Statement, kind: str, node: Any) -> bool:
        """Whether a safe form took the statement; notes of those that could not go to the step that holds it."""
        if kind == "alter_table_stmt":
            return self._alter_table(statement, node)
        if kind not in ("index_stmt", "drop_stmt"):
            return False
        table = self._scene.name_of(node.relation) if kind == "index_stmt" else Name("", "")
        rewritten = pieces(kind, Part(node=node, statement=node, table=table), self._scene)
        if isinstance(rewritten, Left):
            self._open_group(statement).notes.append(rewritten.note)
        if not isinstance(rewritten, tuple):
            return False
        self._pieces(rewritten, statement, prechecks_of(kind, node, self._scene, ""))
        kind_of(kind).happens(node, self._scene, statement.text)
        return True

    def _alter_table(self, statement: Statement, node: Any) -> bool:
        parts = cut(node, self._scene)
        if parts is None:
            return False
        self._scene.stories.tell_if_known("table", str(self._scene.name_of(node.relation)), statement.text)
        if any(isinstance(part.rewritten, tuple) for part in parts):
            for run in runs(parts, node, self._scene):
                self._pieces(run.pieces, statement, run.prechecks)
            return True
        group = self._open_group(statement)
        group.statements.append(statement)
        group.concerns_somebody = True
        group.undos += [part.undo for part in parts]
        group.phase = max([group.phase, *(part.phase for part in parts)], key=_ORDER.index)
        group.notes += [part.rewritten.note for part in parts if isinstance(part.rewritten, Left)]
        self.prechecks += [replace(check, step=self._next_id) for part in parts for check in part.prechecks]
        return True

    def _create_database(self, statement: Statement, node: Any) -> None:
        if node.dbname == self._database:
            self.end_transaction()
            settle = Settle(kind="database_exists", relation=node.dbname)
            sql, place = (statement.text,), _place(statement)
            # a way back leaves the database: by then others may use it
            self._append(
                kind=StepKind.CREATE_DATABASE, phase=Phase.EXPAND, sql=sql, undo=(), settle=settle, as_written=place
            )

    # -- steps --------------------------------------------------------------------------------------------------------------

    def _pieces(self, made: Sequence[Piece], statement: Statement, prechecks: Sequence[Precheck]) -> None:
        """Each piece is a step of its own; what was written before comes before."""
        if made:
            self.end_transaction()
            self.prechecks += [replace(check, step=self._next_id) for check in prechecks]
        for piece in made:
            sql = piece.sql if piece.kind is not StepKind.TRANSACTION else (*self._session, *piece.sql)
            self._append(
                kind=piece.kind,
                phase=piece.phase,
                sql=sql,
                undo=piece.undo,
                settle=piece.settle,
                backfill=piece.backfill,
                rewritten=piece.form or None,
                as_written=_place(statement),
                session=tuple(self._session) if piece.kind is not StepKind.TRANSACTION else (),
                notes=[piece.note] if piece.note else [],
                predicted=self._predicted(piece),
            )

    def _predicted(self, piece: Piece) -> tuple[StatementEffects, ...]:
        if piece.effects is not None:
            return (StatementEffects(effects=piece.effects),)
        statements = tuple(Statement(text=text, file="watari") for text in piece.sql)
        return self._scene.predict(statements, self._scene.created) if statements else ()

    def _append(
        self,
        *,
        kind: StepKind,
        phase: Phase,
        sql: tuple[str, ...] = (),
        undo: Undo = None,
        notes: Sequence[Note] = (),
        predicted: tuple[StatementEffects, ...] | None = None,
        **rest: Any,
    ) -> None:
        found = predicted or ()
        quick = predicted is not None and not any(each.unknown for each in found)
        effects = _merged(effect for each in found for effect in each.effects)
        waits = not quick or not all(map(self._scene.nobody_waits_for, effects))
        self._steps.append(
            Step(
                id=self._next_id,
                phase=phase,
                kind=kind,
                migration=self._migration,
                sql=sql,
                effects=effects,
                undo=undo,
                waits_for_locks=waits,
                notes=tuple(dict.fromkeys((*self._notes, *notes))),
                **rest,
            )
        )
        self._notes = []

    @property
    def _next_id(self) -> str:
        return f"{self._ordinal:04d}.{len(self._steps) + 1}"

    def _open_group(self, statement: Statement) -> _Group:
        if self._group is None:
            self._group = _Group(created=self._scene.created)
        if self._group.as_written is None:
            self._group.as_written = _place(statement)
        return self._group


def _place(statement: Statement) -> str:
    return f"{statement.file}:{statement.line}"


def _all_back(undos: Sequence[Undo]) -> Undo:
    back: list[str] = []
    for undo in reversed(undos):
        if undo is None:
            return None
        back += undo
    return tuple(back)


def _copies(statements: Sequence[Statement], first: int) -> Iterator[CopyRows]:
    for place, statement in enumerate(statements, first):
        if statement.copy_data is not None:
            yield CopyRows(statement=place, rows=statement.copy_data.decode())


def _merged(effects: Iterator[Effect]) -> tuple[Effect, ...]:
    """One effect for each relation and thing destroyed: the strongest lock, any rewrite, any scan."""
    found: dict[tuple[str, str | None], Effect] = {}
    for effect in effects:
        key = (effect.relation, effect.destroys)
        before = found.get(key)
        found[key] = effect if before is None else _both(before, effect)
    return tuple(found.values())


def _both(one: Effect, other: Effect) -> Effect:
    locks = [lock for lock in (one.lock, other.lock) if lock is not None]
    return replace(
        one,
        lock=max(locks) if locks else None,
        rewrite=one.rewrite or other.rewrite,
        scan=one.scan or other.scan,
        created=one.created and other.created,
        released=one.released and other.released,
        rows=max((rows for rows in (one.rows, other.rows) if rows is not None), default=None),
    )
