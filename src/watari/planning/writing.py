"""The steps of one migration, written statement by statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watari.catalog import Catalog, Name
from watari.errors.refused import StatementRefused
from watari.evidence.effect import StatementEffects
from watari.planning.alone import standing_alone
from watari.planning.alteration import Cut, cut, runs, text_of
from watari.planning.deployment import awaits_of, pause_before
from watari.planning.foreseeing import PutOff, foreseen, indifferent, with_drops
from watari.planning.group import OF_ROWS, Entry, Group, all_back, later
from watari.planning.kept_rows import KeptStatement, kept_statement
from watari.planning.kind import Undo, kind_of
from watari.planning.letting_go import letting_go, names_in_the_way
from watari.planning.losses import losses_of
from watari.planning.merging import merged
from watari.planning.plan import Back, Loss, Note, Phase, Precheck, Settle, Step, StepKind
from watari.planning.prechecks import prechecks_of
from watari.planning.returning import returning
from watari.planning.rewrite import Left, Part, Piece, Refused, forms_for, pieces, plainly
from watari.planning.scene import Scene
from watari.planning.sections import LEFT_TO_POLICY, changes_session, sets_patience
from watari.sql.grammar import body, choice
from watari.sql.names import refuses_transaction
from watari.sql.statement import Statement
from watari.values import replace

__all__ = ["StepWriter"]


class StepWriter:
    """Writes the steps of one migration.

    Statements are given in order; `end_transaction` where the team's transaction ends, `end` where the migration does: then
    `steps` are all there, and the last one completes it. `database`: the one that is still to be created, if any.
    """

    def __init__(self, ordinal: int, migration: str, scene: Scene, *, database: str | None = None) -> None:
        self.steps: list[Step] = []
        self.prechecks: list[Precheck] = []
        self.losses: list[Loss] = []
        self._ordinal = ordinal
        self._migration = migration
        self._scene = scene
        self._database = database
        self._group: Group | None = None
        self._session: list[str] = []  # the migration's own SET statements so far
        self._notes: list[Note] = []  # of what is left out, for the next step
        #: Drops of indexes, until their successors are built.
        self._put_off: PutOff = []

    # -- what is written ------------------------------------------------------------------------------------------------

    def command(self, why: Note | None = None) -> None:
        """The framework's own tool runs the migration (`why`); nobody knows what is there afterwards."""
        settle = Settle(kind="history_applied", relation=self._migration)
        self._scene.foggy = True
        notes = [why] if why else []
        self._append(kind=StepKind.COMMAND, phase=Phase.MIGRATE, settle=settle, undo=None, notes=notes)

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
        if self._put_off and not indifferent(kind, node, self._put_off, self._scene):
            self._catch_up()
        self._let_names_go(kind, node)
        losses, copied = losses_of(kind, node, self._scene, self._migration), self._scene.kept.copied
        self._written(statement, kind, node, whole=whole)
        # a copy holds everything that its statement takes away
        self.losses += losses if self._scene.kept.copied == copied else ()

    def _written(self, statement: Statement, kind: str, node: Any, *, whole: bool) -> None:
        if refuses_transaction(statement.node, self._scene.catalog):
            self.end_transaction()
            if kind == "alter_table_stmt" or not self._rewritten(statement, kind, node):
                self._alone(statement, kind, node)
        elif whole or not self._safely(statement, kind, node):
            self._as_written(statement, kind, node, whole=whole)

    def note(self, note: Note) -> None:
        """What is to be known of the next step."""
        self.end_transaction()
        self._notes.append(note)

    def ready(self, step: Step, backs: Sequence[Back], answers: Mapping[str, int]) -> None:
        """What a step brought with it for its way back; `answers` are those of its queries that are not 0."""
        self.end_transaction()
        for piece, releases in returning(step, backs, answers, self._scene):
            self._append(**plainly(piece), rewritten=step.rewritten, releases=releases)

    def end_transaction(self) -> None:
        """The team's transaction ends here."""
        group, self._group = self._group, None
        self._scene.dropping.clear()
        if group is None or not group.entries:
            return
        statements = group.statements
        self._append(
            kind=StepKind.TRANSACTION,
            phase=group.phase,
            awaits=[note for entry in group.entries for note in entry.awaits],
            sql=(*self._session, *(statement.text for statement in statements)),
            undo=group.undo,
            final=group.final,
            keeps=group.keeps,
            back=group.back,
            leaves=group.leaves,
            copies=tuple(group.copies(len(self._session))),
            rewritten=group.form,
            as_written=group.as_written,
            notes=group.all_notes(),
            predicted=() if group.concerns_nobody else self._scene.predict(statements, group.catalog, group.created),
        )
        self._session += [statement.text for statement in statements if changes_session(statement)]

    def end(self) -> None:
        """The migration ends here; an empty transaction completes one whose last step is none."""
        self.end_transaction()
        self._catch_up()
        last = self.steps[-1] if self.steps else None
        if last is None or last.kind not in (StepKind.TRANSACTION, StepKind.COMMAND):
            self._append(kind=StepKind.TRANSACTION, phase=last.phase if last else Phase.EXPAND, undo=(), predicted=())
        self.steps[-1] = replace(self.steps[-1], completes=True)
        kept = {name for step in self.steps for each in step.keeps for name in each.holds}
        self.losses = [loss for loss in self.losses if loss.object not in kept]

    # -- one statement ----------------------------------------------------------------------------------------------------

    def _as_written(self, statement: Statement, kind: str, node: Any, *, whole: bool) -> None:
        scene, what = self._scene, kind_of(kind)
        if not whole and kind == "update_stmt" and self._holds_locks_for(scene.name_of(node.relation)):
            self.end_transaction()  # what only added something need not stay locked while rows are worked through
        self.prechecks += prechecks_of(kind, node, scene, self._next_id)
        undo, phase = what.undo(node, scene), what.phase(node, scene)
        nobody = what.concerns_nobody(node)
        awaits = self._pausing(awaits_of(kind, node, scene), whole=whole)
        kept = kept_statement(kind, node, scene) if undo is None else None
        notes = (kept,) if isinstance(kept, Note) else ()
        entry = Entry(
            statement=statement, undo=undo, phase=phase, notes=notes, concerns_nobody=nobody, awaits=awaits,
            leaves_schema=kind in OF_ROWS,
        )  # fmt: skip
        for each in kept.entries(entry, self._migration) if isinstance(kept, KeptStatement) else (entry,):
            scene.kept.add(each.keeps)
            self._enter(statement, each, None)
        what.happens(node, scene, statement.text)
        if kind == "alter_enum_stmt" and not whole:
            self.end_transaction()  # a new value can be used only after it is committed

    def _pausing(self, awaits: tuple[Note, ...], *, whole: bool) -> tuple[Note, ...]:
        """What a statement waits for; it then is in no transaction with what does not wait."""
        if awaits and self._scene.policy.pause_for_deployments and not whole:
            self.end_transaction()
        return awaits

    def _holds_locks_for(self, table: Name) -> bool:
        """Whether the transaction so far only adds, and holds a lock for which others would wait during the work."""
        group = self._group
        if group is None or not self._scene.is_large(table) or group.phase is not Phase.EXPAND:
            return False
        return any(entry.table is not None and self._scene.live(entry.table) for entry in group.entries)

    def _alone(self, statement: Statement, kind: str, node: Any) -> None:
        """A statement that refuses a transaction."""
        self.end_transaction()
        scene, what = self._scene, kind_of(kind)
        alone = standing_alone(kind, node, statement.text, scene)
        if alone is not None:
            undo, phase = what.undo(node, scene), what.phase(node, scene)
            predicted = scene.predict((statement,), scene.present(), scene.created)
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

    def _create_database(self, statement: Statement, node: Any) -> None:
        if node.dbname == self._database:
            self.end_transaction()
            settle = Settle(kind="database_exists", relation=node.dbname)
            sql, place = (statement.text,), _place(statement)
            # a way back leaves the database: by then others may use it
            self._append(
                kind=StepKind.CREATE_DATABASE, phase=Phase.EXPAND, sql=sql, undo=(), settle=settle, as_written=place
            )

    # -- safe forms -------------------------------------------------------------------------------------------------------

    def _safely(self, statement: Statement, kind: str, node: Any) -> bool:
        """Whether a safe form took the statement; notes of those that could not go to the step that holds it."""
        if kind == "alter_table_stmt":
            return self._alter_table(statement, node)
        return self._rewritten(statement, kind, node)

    def _rewritten(self, statement: Statement, kind: str, node: Any) -> bool:
        """The same for a statement that is asked about as a whole."""
        if not forms_for(kind):
            return False
        before = self._scene.present()
        table = self._scene.name_of(node.relation) if "relation" in node.DESCRIPTOR.fields_by_name else Name("", "")
        rewritten = pieces(kind, Part(node=node, statement=node, table=table), self._scene)
        if isinstance(rewritten, Refused) and not rewritten.allowed(statement, self._scene.policy):
            raise _refused(rewritten, statement)
        if isinstance(rewritten, Left):
            self._notes.append(rewritten.note)
        if not isinstance(rewritten, tuple):
            return False
        if kind == "drop_stmt" and choice(node, "remove_type") == "OBJECT_INDEX":
            self._put_off.append((foreseen(rewritten, before, self._scene), statement))
        else:
            checks = prechecks_of(kind, node, self._scene, "")
            self._pieces(foreseen(rewritten, before, self._scene), statement, checks, table)
        kind_of(kind).happens(node, self._scene, statement.text)
        return True

    def _let_names_go(self, kind: str, node: Any) -> None:
        """Takes away the views under old names that a statement could not go past, or would make writes go astray."""
        for kept in names_in_the_way(kind, node, self._scene):
            self.end_transaction()
            self._append(**plainly(letting_go(kept)), releases=(kept,))
            self._scene.kept.drop(kept)

    def _catch_up(self) -> None:
        """Writes the drops of indexes that were put off."""
        put_off, self._put_off = self._put_off, []
        for made, statement in put_off:
            self._pieces(made, statement, (), Name("", ""))

    def _alter_table(self, statement: Statement, node: Any) -> bool:
        before, table = self._scene.present(), self._scene.name_of(node.relation)
        parts = cut(node, self._scene)
        if parts is None:
            return False
        self._scene.stories.tell_if_known("table", str(table), statement.text)
        if not any(isinstance(part.rewritten, tuple) for part in parts):
            self._together(parts, statement, statement, table, before)
            return True
        sent: list[str] = []
        for run in runs(parts):
            if isinstance(run[0].rewritten, tuple):
                made = foreseen(run[0].rewritten, before, self._scene, sent)
                self._pieces(made, statement, run[0].prechecks, table)
                sent += [text for piece in made for text in piece.sql]
            else:
                own = replace(statement, text=text_of(run, node, table))
                self._together(run, own, statement, table, before)
                sent.append(own.text)
        return True

    def _together(
        self, parts: Sequence[Cut], sent: Statement, written: Statement, table: Name, before: Catalog
    ) -> None:
        """Subcommands that stay in one ALTER TABLE, in the transaction that is being written."""
        self.prechecks += [replace(check, step=self._next_id) for part in parts for check in part.prechecks]
        entry = Entry(
            statement=sent,
            undo=all_back([part.undo for part in parts]),
            phase=later([part.phase for part in parts]),
            notes=tuple(dict.fromkeys(note for part in parts for note in part.note)),
            table=table,
            keys=frozenset(part.key for part in parts),
            awaits=self._pausing(tuple(note for part in parts for note in part.awaits), whole=False),
            drops_key=all(part.drops_key for part in parts),
        )
        self._enter(written, entry, before)

    # -- steps --------------------------------------------------------------------------------------------------------------

    def _pieces(
        self, made: tuple[Piece, ...], statement: Statement, prechecks: Sequence[Precheck], table: Name
    ) -> None:
        """Each piece is a step of its own; what was written before comes before."""
        if not made:
            return
        dropped: list[Entry] = []
        group = self._group
        if group and made[0].joins and group.drops_constraint_of(table):
            made = self._joined(made, statement, table)
        elif group and made[-1].takes_key_drops:
            dropped = group.take_key_drops(table)
        self.prechecks += [replace(check, step=self._next_id_after_group) for check in prechecks]
        self.end_transaction()
        for piece in made:
            if piece.takes_key_drops and dropped:
                piece = with_drops(piece, dropped)
            self._piece(piece, statement)

    def _joined(self, made: tuple[Piece, ...], statement: Statement, table: Name) -> tuple[Piece, ...]:
        """Puts the first piece into the transaction that drops its predecessor."""
        first, *rest = made
        own = replace(statement, text=first.sql[0])
        self._enter(statement, Entry(statement=own, undo=first.undo, phase=first.phase, table=table), None)
        if self._group:
            self._group.form = first.form
        return tuple(rest)

    def _piece(self, piece: Piece, statement: Statement) -> None:
        alone = piece.kind is not StepKind.TRANSACTION
        keeps = tuple(replace(kept, migration=self._migration) for kept in piece.keeps)
        self._scene.kept.add(keeps)
        self._append(
            kind=piece.kind,
            phase=piece.phase,
            sql=piece.sql if alone else (*self._session, *piece.sql),
            undo=piece.undo,
            final=statement.text if piece.undo is None else None,
            settle=piece.settle,
            backfill=piece.backfill,
            rewritten=piece.form or None,
            as_written=_place(statement),
            session=tuple(self._session) if alone else (),
            notes=[piece.note] if piece.note else [],
            predicted=(StatementEffects(effects=piece.effects or ()),),
            keeps=keeps,
            back=piece.back,
            leaves=(statement.text,) if piece.backfill and piece.undo is None else (),
            awaits=(piece.awaits,) if piece.awaits else (),
        )

    def _append(
        self,
        *,
        kind: StepKind,
        phase: Phase,
        sql: tuple[str, ...] = (),
        undo: Undo = None,
        notes: Sequence[Note] = (),
        predicted: tuple[StatementEffects, ...] | None = None,
        awaits: Sequence[Note] = (),
        **rest: Any,
    ) -> None:
        pause_before(awaits, self.steps, phase, self._migration, self._next_id, self._scene)
        found = predicted or ()
        quick = predicted is not None and not any(each.unknown for each in found)
        effects = merged(effect for each in found for effect in each.effects)
        waits = not quick or not all(map(self._scene.nobody_waits_for, effects))
        self.steps.append(
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
        return f"{self._ordinal:04d}.{len(self.steps) + 1}"

    @property
    def _next_id_after_group(self) -> str:
        waiting = 1 if self._group and self._group.entries else 0
        return f"{self._ordinal:04d}.{len(self.steps) + 1 + waiting}"

    def _enter(self, written: Statement, entry: Entry, before: Catalog | None) -> None:
        self._open_group(written, before).entries.append(entry)

    def _open_group(self, statement: Statement, before: Catalog | None = None) -> Group:
        """The transaction that is being written; a new one begins where the catalog is as `before`, else as it is now."""
        if self._group is None:
            catalog = self._scene.present() if before is None else before
            self._group = Group(catalog=catalog, created=self._scene.created, as_written=_place(statement))
        return self._group


def _refused(answer: Refused, statement: Statement) -> StatementRefused:
    place = _place(statement)
    return StatementRefused(place=place, reason=answer.reason, instead=answer.instead, rule=answer.rule)


def _place(statement: Statement) -> str:
    return f"{statement.file}:{statement.line}"
