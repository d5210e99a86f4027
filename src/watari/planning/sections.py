"""Where the transactions of a migration begin and end, before any safe form.

The framework's rule is one transaction a migration. A file's own BEGIN and COMMIT are honoured as boundaries and left out as
statements: the journal's and the history's rows commit with the step's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from watari.planning.plan import Note
from watari.sql.grammar import function_calls
from watari.sql.names import transaction_word
from watari.sql.statement import Statement
from watari.values import dataclass

__all__ = ["LEFT_TO_POLICY", "Section", "changes_session", "sections", "sets_patience"]

#: Settings of a migration that are the policy's to decide: how long a statement waits and runs.
_PATIENCE = frozenset(
    {"lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"}
)
#: After nothing but these no deferred constraint has a row to check.
_CHANGES_NO_ROWS = frozenset(
    {
        *("constraints_set_stmt", "alter_table_stmt", "rename_stmt", "create_stmt", "index_stmt", "drop_stmt"),
        *("comment_stmt", "create_seq_stmt", "alter_seq_stmt", "variable_set_stmt"),
    }
)
LEFT_TO_POLICY = Note(
    en="Timeouts that the file sets are left out: the environment's policy decides how long a statement waits.",
    ja="ファイル内のタイムアウト設定は適用しません。待ち時間は環境のポリシーに従います。",
)


@dataclass(frozen=True, kw_only=True)
class Section:
    """Statements of one transaction. `whole`: they share state that ends with it, so that it cannot be cut."""

    statements: tuple[Statement, ...]
    whole: bool = False


def sections(statements: Iterable[Statement], *, transactional: bool) -> Iterator[Section]:
    """The transactions of one migration, in order, without empty ones.

    Without `transactional`, a statement outside BEGIN and COMMIT is a transaction of its own. What a ROLLBACK takes back is
    left out.
    """
    waiting: list[Statement] = []
    inside = transactional
    for statement in statements:
        word = transaction_word(statement.node) if statement.kind == "transaction_stmt" else None
        if word in ("begin", "start", "commit"):
            yield from _section(waiting)
            inside = word != "commit" or transactional or statement.node.transaction_stmt.chain
            waiting = []
        elif word == "rollback":
            waiting, inside = [], transactional
        else:
            waiting.append(statement)
            if not inside:
                yield from _section(waiting)
                waiting = []
    yield from _section(waiting)


def _section(statements: list[Statement]) -> Iterator[Section]:
    if all(statement.kind in _CHANGES_NO_ROWS for statement in statements):
        statements = [statement for statement in statements if not _checks_now(statement)]
    if statements:
        yield Section(statements=tuple(statements), whole=any(map(_ends_with_transaction, statements)))


def _checks_now(statement: Statement) -> bool:
    """Whether the statement only has deferred constraints checked at once (Django sends one with each foreign key)."""
    return statement.kind == "constraints_set_stmt" and not statement.node.constraints_set_stmt.deferred


def _ends_with_transaction(statement: Statement) -> bool:
    """Whether the statement makes something that is gone at the end of its transaction or session."""
    kind = statement.kind
    if kind in ("create_stmt", "index_stmt", "alter_table_stmt", "insert_stmt", "update_stmt"):
        return kind == "create_stmt" and statement.node.create_stmt.relation.relpersistence == "t"
    if kind in ("transaction_stmt", "lock_stmt", "declare_cursor_stmt", "constraints_set_stmt", "prepare_stmt"):
        return True
    if kind == "variable_set_stmt":
        return bool(statement.node.variable_set_stmt.is_local) and not sets_patience(statement)
    if kind == "create_table_as_stmt":
        return bool(statement.node.create_table_as_stmt.into.rel.relpersistence == "t")
    return kind == "select_stmt" and _sets_locally(statement)


def _sets_locally(statement: Statement) -> bool:
    if "set_config" not in statement.text:
        return False
    return any(call.name == "set_config" for call in function_calls(statement.node)) and not changes_session(statement)


def sets_patience(statement: Statement) -> bool:
    """Whether the statement sets how long statements wait or run, which the policy decides."""
    return statement.kind == "variable_set_stmt" and statement.node.variable_set_stmt.name in _PATIENCE


def changes_session(statement: Statement) -> bool:
    """Whether the statement sets something for the rest of the session: SET, or `set_config` without its local flag."""
    if statement.kind == "variable_set_stmt":
        return not statement.node.variable_set_stmt.is_local
    if statement.kind != "select_stmt" or "set_config" not in statement.text:
        return False
    return any(_is_false(target.res_target.val) for target in statement.node.select_stmt.target_list)


def _is_false(value: Any) -> bool:
    arguments = value.func_call.args
    return len(arguments) == 3 and not arguments[2].a_const.boolval.boolval
