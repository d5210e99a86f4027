"""Who has to do with a table or column: views, functions, triggers, keys, publications, policies, generated columns, queries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from watari.catalog import Name, Query
from watari.late import pattern
from watari.risk.alteration import views_with
from watari.risk.surroundings import mentions, publications_of
from watari.risk.world import World
from watari.sql.grammar import column_references, expression
from watari.values import dataclass, field

__all__ = ["Dependants"]

#: What applications do with rows; DDL and settings are not their questions.
_ASKS = pattern(r"\s*(?:/\*.*?\*/\s*)*(select|insert|update|delete|merge|with)\b", re.I | re.S)
#: So many queries are shown, the most frequent first.
_SHOWN = 3


@dataclass(frozen=True)
class Dependants:
    """Asked once for each table or column of one world; the answers are kept."""

    world: World
    _users: dict[tuple[Name, str | None], tuple[str, ...]] = field(default_factory=dict)
    _asked: dict[tuple[Name, str | None], tuple[Query, ...]] = field(default_factory=dict)

    def users(self, table: Name, column: str | None) -> tuple[str, ...]:
        """Everything in the database that needs the table, or the column of it, each with the word for its kind."""
        key = (table, column)
        if key not in self._users:
            self._users[key] = tuple(dict.fromkeys(_users(self.world, table, column)))
        return self._users[key]

    def queries(self, table: Name, column: str | None) -> tuple[Query, ...] | None:
        """The application's statements that name it, the most frequent first; None where nobody counts statements."""
        catalog = self.world.catalog
        if catalog is None or catalog.queries is None:
            return None
        key = (table, column)
        if key not in self._asked:
            words = [
                re.compile(rf"(?<![\w$]){re.escape(word)}(?![\w$])", re.I) for word in (table.name, column) if word
            ]
            found = (query for query in catalog.queries if all(word.search(query.text) for word in words))
            self._asked[key] = tuple(query for query in found if _ASKS.match(query.text))
        return self._asked[key]

    def forget(self) -> None:
        """The world has changed: views may be gone, triggers may have come."""
        self._users.clear()

    def facts(self, table: Name, column: str | None) -> dict[str, object]:
        """`used_by`, and `queries` with their number of calls, where there are any."""
        facts: dict[str, object] = {}
        if users := self.users(table, column):
            facts["used_by"] = list(users)
        if queries := self.queries(table, column):
            facts["queries"] = [{"query": query.text, "calls": query.calls} for query in queries[:_SHOWN]]
            facts["queries_naming_it"] = len(queries)
        return facts


def _users(world: World, table: Name, column: str | None) -> Iterator[str]:
    views = world.views_of(table) if column is None else views_with(world, table, column)
    yield from (f"view {view}" for view in views)
    words = (table.name,) if column is None else (table.name, column)
    for routine in world.catalog.routines if world.catalog else ():
        if mentions(routine, *words):
            yield f"function {routine.name}({routine.arguments})"
    for trigger in world.triggers_of(table):
        if column is None or re.search(rf"\b{re.escape(column)}\b", trigger.definition):
            yield f"trigger {trigger.name}"
    for key in world.referencing(table):
        if key.table != table and (column is None or column in key.referenced_columns):
            yield f"foreign key {key.table}.{key.name}"
    for policy in world.policies_of(table):
        text = f"{policy.using or ''} {policy.check or ''}"
        if column is None or re.search(rf"\b{re.escape(column)}\b", text):
            yield f"policy {policy.name}"
    found = world.table(table)
    for other in found.columns if found else ():
        if (
            other.generated
            and other.default
            and column is not None
            and column in column_references(expression(other.default))
        ):
            yield f"generated column {other.name}"
    yield from (f"publication {name}" for name in publications_of(world, table))
