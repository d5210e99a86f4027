"""What a statement makes, drops and renames, and how it stands to transactions; facts about the grammar, without a database."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from watari.catalog.name import Name
from watari.late import pattern
from watari.sql import automatic_names
from watari.sql.grammar import (
    Written,
    body,
    choice,
    column_references,
    is_serial,
    option_words,
    strings,
    written,
    written_list,
)

if TYPE_CHECKING:
    from watari.catalog import Catalog

__all__ = [
    "Part",
    "Renamed",
    "commits_inside",
    "constraints_of",
    "created_by",
    "created_relations",
    "dropped_relations",
    "is_transaction_control",
    "refused",
    "refuses_transaction",
    "renamed_relation",
    "table_parts",
    "transaction_word",
]

# -- transactions -----------------------------------------------------------------------------------------------------------

#: A transaction block ends inside the code: PL/pgSQL's own statement, at the start of a line of code or after a semicolon.
_COMMITS = pattern(
    r"(?:^|;|\b(?:begin|then|else|loop|do)\b)(?:\s|--[^\n\r]*[\n\r]|/\*.*?\*/)*\b(?:commit|rollback)\b(?!\s+to\b)\s*(?:and\b|;)",
    re.I | re.S,
)
_QUOTED = pattern(r"'(?:[^']|'')*'|--[^\n\r]*|/\*.*?\*/", re.S)


def is_transaction_control(node: Any) -> bool:
    """Whether the statement begins, ends or marks a transaction itself (BEGIN, COMMIT, ROLLBACK, SAVEPOINT)."""
    return bool(node.WhichOneof("node") == "transaction_stmt")


def transaction_word(node: Any) -> str | None:
    """`begin`, `start`, `commit`, `rollback`, `savepoint`, … of a transaction statement, None for any other."""
    if not is_transaction_control(node):
        return None
    return choice(node.transaction_stmt, "kind").removeprefix("TRANS_STMT_").lower()


def commits_inside(node: Any) -> bool:
    """Whether the code of a DO block (or of a procedure that is made) ends transactions itself."""
    return _commits(*body(node))


def _commits(kind: str, statement: Any) -> bool:
    if kind not in ("do_stmt", "create_function_stmt"):
        return False
    arguments = statement.args if kind == "do_stmt" else statement.options
    return any(
        _COMMITS.search(_QUOTED.sub(" ", code))
        for argument in arguments
        if argument.def_elem.defname == "as"
        for code in _codes(argument.def_elem.arg)
    )


def _codes(node: Any) -> tuple[str, ...]:
    return strings(node.list.items) if node.WhichOneof("node") == "list" else strings([node])


def _true(words: Mapping[str, str], name: str, *, default: bool) -> bool:
    return words.get(name, "true" if default else "false") in ("true", "on", "1", "yes")


def _reindex_refuses(statement: Any, partitioned: Callable[[Any], bool]) -> bool:
    if _true(option_words(statement.params), "concurrently", default=False):
        return True
    kind = choice(statement, "kind")
    return kind in ("REINDEX_OBJECT_SCHEMA", "REINDEX_OBJECT_SYSTEM", "REINDEX_OBJECT_DATABASE") or partitioned(
        statement.relation
    )


def _subscription_refuses(statement: Any, _: Callable[[Any], bool]) -> bool:
    words = option_words(statement.options)
    return _true(words, "connect", default=True) and _true(words, "create_slot", default=True)


def _subscription_change_refuses(statement: Any, _: Callable[[Any], bool]) -> bool:
    kind = choice(statement, "kind").removeprefix("ALTER_SUBSCRIPTION_")
    if kind == "REFRESH":
        return True
    return kind.endswith("_PUBLICATION") and _true(option_words(statement.options), "refresh", default=True)


def _detaches_concurrently(statement: Any, _: Callable[[Any], bool]) -> bool:
    for wrapper in statement.cmds:
        command = wrapper.alter_table_cmd
        if choice(command, "subtype") == "AT_DetachPartition" and getattr(command, "def").partition_cmd.concurrent:
            return True
    return False


def _always(_: Any, __: Callable[[Any], bool]) -> bool:
    return True


#: Statements that refuse to run in a transaction block (SQLSTATE 25001). Source: PreventInTransactionBlock in PostgreSQL 18.
_REFUSES: Mapping[str, Callable[[Any, Callable[[Any], bool]], bool]] = {
    "index_stmt": lambda s, _: s.concurrent,
    "drop_stmt": lambda s, _: s.concurrent,
    "reindex_stmt": _reindex_refuses,
    "vacuum_stmt": lambda s, _: s.is_vacuumcmd,
    "cluster_stmt": lambda s, partitioned: not s.HasField("relation") or partitioned(s.relation),
    "alter_table_stmt": _detaches_concurrently,
    "createdb_stmt": _always,
    "dropdb_stmt": _always,
    "alter_system_stmt": _always,
    "create_table_space_stmt": _always,
    "drop_table_space_stmt": _always,
    "alter_database_stmt": lambda s, _: "tablespace" in option_words(s.options),
    "create_subscription_stmt": _subscription_refuses,
    "alter_subscription_stmt": _subscription_change_refuses,
    "drop_subscription_stmt": _always,
    "discard_stmt": lambda s, _: choice(s, "target") == "DISCARD_ALL",
    "transaction_stmt": lambda s, _: choice(s, "kind").endswith("_PREPARED"),
}


def refuses_transaction(node: Any, catalog: Catalog | None = None) -> bool:
    """Whether the statement cannot run inside a transaction block.

    A DO block whose code commits is one of them. With a catalog, REINDEX and CLUSTER of a partitioned table are seen too.
    """
    return refused(*body(node), catalog)


def refused(kind: str, statement: Any, catalog: Catalog | None = None) -> bool:
    """The same for the statement's message without its wrapper."""
    if kind == "do_stmt":
        return _commits(kind, statement)
    check = _REFUSES.get(kind)
    if check is None:
        return False

    def partitioned(range_var: Any) -> bool:
        index = catalog.index(*written(range_var)) if catalog else None
        table = catalog.tables.get(index.table) if catalog and index else None
        table = table or (catalog.table(*written(range_var)) if catalog else None)
        return table is not None and table.partition_key is not None

    return bool(check(statement, partitioned))


# -- relations that a statement makes -----------------------------------------------------------------------------------------


def _into(statement: Any) -> list[Any]:
    return [statement.into_clause.rel] if statement.HasField("into_clause") else []


#: Where each kind of statement names the relation that it makes. Indexes have their own rule below.
_MAKES: Mapping[str, Callable[[Any], Iterable[Any]]] = {
    "create_stmt": lambda s: [s.relation],
    "create_foreign_table_stmt": lambda s: [s.base_stmt.relation],
    "create_table_as_stmt": lambda s: [s.into.rel],
    "select_stmt": _into,
    "view_stmt": lambda s: [s.view],
    "create_seq_stmt": lambda s: [s.sequence],
    "composite_type_stmt": lambda s: [s.typevar],
}


def created_relations(
    node: Any, search_path: Sequence[str] = ("public",), taken: frozenset[str] = frozenset()
) -> frozenset[Name]:
    """Tables, views, sequences and indexes that the statement makes, those behind its keys and serial columns included.

    A name without a schema goes into the first of `search_path`. `taken` are names of that schema that exist already:
    automatic names avoid them.
    """
    return created_by(*body(node), search_path, taken)


def created_by(
    kind: str,
    statement: Any,
    search_path: Sequence[str] = ("public",),
    taken: frozenset[str] = frozenset(),
    *,
    parts: Sequence[Part] | None = None,
) -> frozenset[Name]:
    """The same for the statement's message without its wrapper; `parts` of a table where they are at hand."""
    here = search_path[0] if search_path else "public"
    if kind == "index_stmt":
        return _created_index(statement, here, taken)
    if kind == "create_schema_stmt":
        inside = (created_relations(element, (statement.schemaname,), taken) for element in statement.schema_elts)
        return frozenset().union(*inside)
    made = set()
    for range_var in _MAKES.get(kind, lambda _: [])(statement):
        name = Name(_schema(range_var, here), range_var.relname)
        made.add(name)
        if kind == "create_stmt":
            behind = _behind_table(name.name, table_parts(statement) if parts is None else parts, taken)
            made.update([Name(name.schema, other) for other in behind])
    return frozenset(made)


def _schema(range_var: Any, here: str) -> str:
    if range_var.relpersistence == "t":
        return "pg_temp"
    return str(range_var.schemaname or here)


def _created_index(statement: Any, here: str, taken: frozenset[str]) -> frozenset[Name]:
    name = statement.idxname
    if not name:
        columns = automatic_names.index_column_names([*statement.index_params, *statement.index_including_params])
        name = automatic_names.index_name(statement.relation.relname, columns, taken)
    return frozenset({Name(_schema(statement.relation, here), name)})


#: An element of a table's text: its kind, its tree, and of a column its constraints with the grammar's words for them.
Part = tuple[str, Any, tuple[tuple[str, Any], ...]]


def table_parts(statement: Any) -> tuple[Part, ...]:
    """The elements of a CREATE TABLE, taken apart once for everybody who asks."""
    found = [body(element) for element in statement.table_elts]
    return tuple([(kind, inner, constraints_of(inner) if kind == "column_def" else ()) for kind, inner in found])


def constraints_of(definition: Any) -> tuple[tuple[str, Any], ...]:
    """The constraints of a ColumnDef, each with the grammar's word for its kind."""
    parts = [node.constraint for node in definition.constraints]
    return tuple([(choice(part, "contype"), part) for part in parts])


def _behind_table(table: str, parts: Sequence[Part], taken: frozenset[str]) -> Iterator[str]:
    """Sequences and indexes that CREATE TABLE makes for serial and identity columns, keys and exclusions."""
    used = {*taken, table}

    def take(name: str) -> str:
        used.add(name)
        return name

    keys: list[tuple[str, Any, tuple[str, ...]]] = []
    for kind, inner, own in parts:
        if kind == "constraint":
            word = choice(inner, "contype")
            keys += [(word, inner, ())] if word in _INDEXED else []
        elif kind == "column_def":
            words = [word for word, _ in own]
            if "CONSTR_IDENTITY" in words or is_serial(inner.type_name):
                yield take(automatic_names.sequence_name(table, inner.colname, used))
            if not _INDEXED.isdisjoint(words):
                keys += [(word, constraint, (inner.colname,)) for word, constraint in own if word in _INDEXED]
    keys.sort(key=lambda key: key[0] != "CONSTR_PRIMARY")  # the server makes it first
    for _, constraint, columns in keys:
        if name := index_of_constraint(table, constraint, columns or strings(constraint.keys), used):
            yield take(name)


#: The constraints that have an index behind them.
_INDEXED = frozenset({"CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"})


def index_of_constraint(table: str, constraint: Any, columns: Sequence[str], taken: Container[str]) -> str | None:
    """The name of the index behind a constraint node; None where it has none."""
    kind = choice(constraint, "contype")
    if kind not in _INDEXED:
        return None
    if constraint.conname or constraint.indexname:
        return str(constraint.conname or constraint.indexname)
    if kind == "CONSTR_PRIMARY":
        return automatic_names.primary_key_name(table, taken)
    if kind == "CONSTR_UNIQUE":
        return automatic_names.unique_name(table, [*columns, *strings(constraint.including)], taken)
    keys = [pair.list.items[0] for pair in constraint.exclusions]
    return automatic_names.exclusion_name(table, automatic_names.index_column_names(keys), taken)


def check_columns(constraint: Any) -> tuple[str, ...]:
    """The columns that a CHECK constraint node mentions."""
    return column_references(constraint.raw_expr)


# -- relations that go or change their name ---------------------------------------------------------------------------------

_DROPS = frozenset(f"OBJECT_{kind}" for kind in ("TABLE", "VIEW", "MATVIEW", "FOREIGN_TABLE", "INDEX", "SEQUENCE"))


def dropped_relations(node: Any) -> tuple[Written, ...]:
    """The relations that a DROP names, as written."""
    kind, statement = body(node)
    if kind != "drop_stmt" or choice(statement, "remove_type") not in _DROPS:
        return ()
    return tuple(written_list(item) for item in statement.objects)


class Renamed(NamedTuple):
    """A relation that gets another name or another schema."""

    old: Written
    name: str
    schema: str | None  # None: it stays in its schema


def renamed_relation(node: Any) -> Renamed | None:
    """The relation that the statement renames or moves to another schema; None where it does not."""
    kind, statement = body(node)
    if kind == "rename_stmt" and choice(statement, "rename_type") in _DROPS:
        return Renamed(written(statement.relation), statement.newname, None)
    if kind == "alter_object_schema_stmt" and choice(statement, "object_type") in _DROPS:
        old = written(statement.relation)
        return Renamed(old, old.name, statement.newschema)
    return None
