"""Safe forms: a statement that would stop the application becomes steps that do not, with the same end.

One file a form in `rewrites/`, found by walking the folder. A form is asked for the statements or ALTER TABLE subcommands that
its `keys` name; it answers with pieces, each of which becomes a step of its own, or says why it stays as written, or has
nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

from watari.catalog import Kept, Name
from watari.evidence.effect import Effect, StatementEffects
from watari.late import modules
from watari.locale import Message
from watari.planning.kind import Undo
from watari.planning.plan import Back, Backfill, Note, Phase, Settle, StepKind
from watari.planning.scene import Scene
from watari.project.policy import Action, Policy
from watari.sql.automatic_names import LONGEST, clipped
from watari.sql.remarks import remarks_of
from watari.sql.statement import Statement
from watari.values import dataclass, replace

__all__ = ["Form", "Left", "Part", "Piece", "Refused", "Rewritten", "forms_for", "own_name", "pieces", "plainly"]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What becomes one step.

    A transaction unless `kind` says otherwise; `note` says what comes out otherwise than the statement as written. `effects`
    where the form knows better than the prediction, which sees no proof that an earlier piece has given. `joins`: it belongs
    into the transaction that drops the constraint before it, if there is one. `takes_key_drops`: a key of the same table
    that is dropped before it is dropped together with it, so that the table is never without one. `keeps` and `back` are
    those of the step. `awaits`: which application must be out before it.
    """

    sql: tuple[str, ...] = ()
    kind: StepKind = StepKind.TRANSACTION
    phase: Phase = Phase.EXPAND
    undo: Undo = ()
    settle: Settle | None = None
    backfill: Backfill | None = None
    note: Note | None = None
    effects: tuple[Effect, ...] | None = None
    joins: bool = False
    takes_key_drops: bool = False
    keeps: tuple[Kept, ...] = ()
    back: tuple[Back, ...] = ()
    awaits: Note | None = None
    form: str = ""


@dataclass(frozen=True, kw_only=True)
class Left:
    """A statement that stays as written although it may stop the application, and why."""

    note: Note


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A statement that has no place in a run: why, and what is done instead. `rule`: allowed, it runs as written."""

    reason: Message
    instead: Message
    rule: str

    def allowed(self, statement: Statement, policy: Policy) -> bool:
        """Whether the policy, or a comment with a reason before the statement, lets it run all the same."""
        said = any(remark.holds and self.rule in remark.rules for remark in remarks_of(statement))
        return said or policy.action(self.rule) in (Action.ALLOW, Action.WARN)


#: What a form makes of a statement; None: as written, and nothing to say about it.
Rewritten = tuple[Piece, ...] | Left | Refused | None


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a form is asked about: a statement, or one subcommand of ALTER TABLE.

    `node` is the inner tree (IndexStmt, AlterTableCmd), `statement` the inner tree of the whole statement, `table` the
    relation that it is about.
    """

    node: Any
    statement: Any
    table: Name


@dataclass(frozen=True, kw_only=True)
class Form:
    """One safe form. `policy` is its word in `Policy.rewrite`; `keys` are the grammar's names of what it rewrites."""

    name: str
    policy: str
    keys: tuple[str, ...]
    rewrite: Callable[[Part, Scene], Rewritten]


def forms_for(key: str) -> tuple[Form, ...]:
    """The forms that are asked about statements or subcommands of this kind."""
    return _forms().get(key, ())


@cache
def _forms() -> dict[str, tuple[Form, ...]]:
    found: dict[str, list[Form]] = {}
    for form in _walked():
        for key in form.keys:
            found.setdefault(key, []).append(form)
    return {key: tuple(forms) for key, forms in found.items()}


def _walked() -> Iterator[Form]:
    from watari.planning import rewrites

    for name in modules(rewrites.__path__, f"{rewrites.__name__}."):
        yield import_module(name).FORM


def pieces(key: str, part: Part, scene: Scene) -> Rewritten:
    """What the safe forms that the policy allows make of a statement or subcommand; each piece says its form."""
    for form in forms_for(key):
        if not scene.policy.rewrites(form.name, form.policy):
            continue
        rewritten = form.rewrite(part, scene)
        if isinstance(rewritten, tuple):
            return tuple(replace(piece, form=piece.form or form.name) for piece in rewritten)
        if rewritten is not None:
            return rewritten
    return None


def own_name(what: str, *words: str) -> str:
    """A name for something of watari's own that says what it is: `watari_new_total`; cut to the server's length.

    A name that is cut ends with a digest of the whole, so that two of them stay apart.
    """
    whole = "_".join(("watari", what, *words))
    if len(whole.encode()) <= LONGEST:
        return whole
    from hashlib import sha256

    digest = sha256(whole.encode()).hexdigest()[:8]
    return f"{clipped(whole, LONGEST - 9)}_{digest}"


def plainly(piece: Piece) -> dict[str, Any]:
    """What a step takes from a piece that belongs to no statement of the team's."""
    return {
        "kind": piece.kind,
        "phase": piece.phase,
        "sql": piece.sql,
        "backfill": piece.backfill,
        "undo": piece.undo,
        "notes": [piece.note] if piece.note else [],
        "predicted": (StatementEffects(effects=piece.effects or ()),),
        "awaits": [piece.awaits] if piece.awaits else [],
    }
