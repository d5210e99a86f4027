"""Code that is run: DO blocks are looked into, what is only known while it runs is unknown."""

from __future__ import annotations

from typing import Any

from watari.errors.usage import ScriptSyntax
from watari.risk.footprint import Footprint
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


def unknown(statement: Any, footprint: Footprint) -> None:
    """CALL and EXECUTE run what stands elsewhere."""
    footprint.unknown = True


FORESEES = {"do_stmt": do_block, "call_stmt": unknown, "execute_stmt": unknown, "alter_extension_stmt": unknown}
