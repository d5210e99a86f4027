"""Foreign keys that a plan will make: a sample that keeps them whole already raises no false alarm of orphans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog.name import quoted
from watari.errors import WatariError
from watari.planning.plan import Plan
from watari.sql.grammar import body, choice, kept, strings
from watari.sql.statement import Statement
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Promised:
    """One foreign key to come; `child` and `parent` as SQL writes their names, `keys` empty for the primary key."""

    child: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]


def promised(plan: Plan) -> tuple[Promised, ...]:
    """Those that ALTER TABLE adds in any step of the plan."""
    return tuple(found for step in plan.steps for text in step.sql for found in _in(text))


def _in(text: str) -> Iterator[Promised]:
    if "foreign key" not in text.lower():
        return
    try:
        kind, statement = body(Statement(text=text, file="").node)
    except WatariError:
        return
    if kind != "alter_table_stmt":
        return
    for command in (each.alter_table_cmd for each in statement.cmds):
        constraint = kept(command) if choice(command, "subtype") == "AT_AddConstraint" else None
        if constraint is not None and choice(constraint, "contype") == "CONSTR_FOREIGN":
            yield Promised(
                child=_named(statement.relation),
                columns=strings(constraint.fk_attrs),
                parent=_named(constraint.pktable),
                keys=strings(constraint.pk_attrs),
            )


def _named(relation: Any) -> str:
    return ".".join(quoted(part) for part in (relation.schemaname, relation.relname) if part)
