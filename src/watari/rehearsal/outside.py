"""Statements whose effect does not stay within the database: a copy on the same server would not keep them to itself."""

from __future__ import annotations

from watari.errors import WatariError
from watari.planning.plan import Plan, Step, StepKind
from watari.sql.statement import Statement

#: Kinds of statements of PostgreSQL's grammar that change what all databases of a server share.
_SHARED = frozenset(
    {
        "create_role_stmt",
        "alter_role_stmt",
        "alter_role_set_stmt",
        "drop_role_stmt",
        "grant_role_stmt",
        "reassign_owned_stmt",
        "create_table_space_stmt",
        "drop_table_space_stmt",
        "alter_table_space_options_stmt",
        "alter_system_stmt",
        "createdb_stmt",
        "dropdb_stmt",
        "alter_database_stmt",
        "alter_database_set_stmt",
        "alter_database_refresh_coll_stmt",
        "create_subscription_stmt",
        "alter_subscription_stmt",
        "drop_subscription_stmt",
    }
)
#: What a body that only runs shows may hide.
_WORDS = ("create role", "create user", "alter role", "alter user", "drop role", "drop user", "alter system", "dblink")


def outside(plan: Plan) -> tuple[Step, ...]:
    """The steps that reach beyond their database, as far as their text tells."""
    return tuple(step for step in plan.steps if step.kind is StepKind.CREATE_DATABASE or any(map(_shared, step.sql)))


def _shared(text: str) -> bool:
    try:
        kind = Statement(text=text, file="").kind
    except WatariError:
        return False  # what the grammar does not know, the server will judge
    if kind in ("do_stmt", "call_stmt"):
        plain = " ".join(text.lower().split())
        return any(word in plain for word in _WORDS)
    return kind in _SHARED
