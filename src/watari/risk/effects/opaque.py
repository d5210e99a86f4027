"""Code that is run: blocks, procedures and prepared statements are looked into, what is only known while it runs is unknown."""

from __future__ import annotations

from typing import Any

from watari.errors.usage import ScriptSyntax
from watari.risk.footprint import Footprint
from watari.risk.queries import read
from watari.risk.routines import run
from watari.sql.grammar import Written, strings
from watari.sql.plpgsql import block_statements


def do_block(statement: Any, footprint: Footprint) -> None:
    """DO: every statement that its code holds as text, as if each were reached."""
    from watari.risk.effects.foresight import foresee_node

    inside, opaque = block_statements(statement)
    footprint.unknown = footprint.unknown or opaque
    for inner in inside:
        try:
            foresee_node(inner.node, footprint)
        except ScriptSyntax:
            footprint.unknown = True


def call(statement: Any, footprint: Footprint) -> None:
    """CALL: what the procedure's text holds."""
    words = strings(statement.funccall.funcname)
    name = Written(words[-2] if len(words) > 1 else None, words[-1])
    for argument in statement.funccall.args:
        read(argument, footprint)
    if not run(name, len(statement.funccall.args), footprint):
        footprint.unknown = True


def prepare(statement: Any, footprint: Footprint) -> None:
    """PREPARE reads nothing yet, and keeps what EXECUTE will run."""
    footprint.world.tell("prepare", statement.name, statement.query)
    lock_alone(statement.query, footprint)


def execute(statement: Any, footprint: Footprint) -> None:
    """EXECUTE of what was prepared before; in another session, by somebody else: unknown."""
    from watari.risk.effects.foresight import foresee_node

    query = footprint.world.prepared(statement.name)
    if query is None:
        footprint.unknown = True
    else:
        foresee_node(query, footprint)


def declare(statement: Any, footprint: Footprint) -> None:
    """DECLARE plans the query of a cursor; FETCH runs it."""
    footprint.world.tell("prepare", _CURSOR + statement.portalname, statement.query)
    lock_alone(statement.query, footprint)


def fetch(statement: Any, footprint: Footprint) -> None:
    """FETCH and MOVE: the query of the cursor."""
    from watari.risk.effects.foresight import foresee_node

    query = footprint.world.prepared(_CURSOR + statement.portalname)
    if query is not None:
        foresee_node(query, footprint)


_CURSOR = "cursor "


def lock_alone(query: Any, footprint: Footprint) -> None:
    """A query that is planned and does not run: its locks, and nothing else."""
    from watari.risk.effects.foresight import foresee_node

    inner = Footprint(footprint.world, footprint.held)
    inner.plans_only = True
    foresee_node(query, inner)
    for name, mode in inner.locks.items():
        footprint.lock(name, mode)


def unknown(statement: Any, footprint: Footprint) -> None:
    """ALTER EXTENSION runs scripts that stand elsewhere."""
    footprint.unknown = True


FORESEES = {
    "do_stmt": do_block,
    "call_stmt": call,
    "prepare_stmt": prepare,
    "execute_stmt": execute,
    "declare_cursor_stmt": declare,
    "fetch_stmt": fetch,
    "alter_extension_stmt": unknown,
}
