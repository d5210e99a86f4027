"""The foreign keys that a SeaORM migration adds, as its source says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from watari.frameworks.rust import bracketed, parts, strings
from watari.frameworks.seaorm_names import identified
from watari.late import pattern
from watari.values import dataclass

__all__ = ["DeclaredKey", "declared_keys"]

_CREATE = pattern(r"\bForeignKey::create\(\)")


@dataclass(frozen=True, kw_only=True)
class DeclaredKey:
    """One foreign key; `name` is None where PostgreSQL chooses it."""

    name: str | None
    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


def declared_keys(upwards: str, sources: Sequence[str]) -> Iterator[DeclaredKey]:
    """The keys of `up`'s body; `sources` are where identifiers may be declared, the migration's own file first."""
    for create in _CREATE.finditer(upwards):
        chain = _CREATE.split(upwards[create.end() :].partition(".to_owned()")[0])[0]
        table, columns = _side(chain, "from", sources)
        parent, parent_columns = _side(chain, "to", sources)
        if table and parent and columns and len(columns) == len(parent_columns):
            yield DeclaredKey(
                name=next(iter(strings(_arguments(chain, "name"))), None),
                table=table,
                columns=columns,
                parent=parent,
                parent_columns=parent_columns,
            )


def _side(chain: str, which: str, sources: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Table and columns of `.from(Users::Table, Users::RoleId)`, or of `.from_tbl(…).from_col(…)`."""
    both = list(parts(_arguments(chain, which)))
    if len(both) == 2:
        table, columns = both[0], list(parts(bracketed(both[1], 0))) if both[1].startswith("(") else [both[1]]
    else:
        table = _arguments(chain, f"{which}_tbl")
        columns = re.findall(rf"\.{which}_col\(\s*([^()]*(?:\([^()]*\))?[^()]*)\)", chain)
    names = [identified(column, sources) for column in columns]
    return identified(table, sources), tuple(name for name in names if name)


def _arguments(chain: str, method: str) -> str:
    found = re.search(rf"\.{method}\s*(?=\()", chain)
    return bracketed(chain, found.end()) if found else ""
