"""One SQL statement and the script it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from watari.values import dataclass, field

if TYPE_CHECKING:
    from postgast import pg_query_pb2


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement, cut from its script byte for byte and never rewritten.

    `line` and `column` count from 1 (columns in characters) in `file`. `database` is the one that a `\\c` before it named,
    `copy_data` the rows that follow a `COPY … FROM stdin`, without the closing `\\.`. `remarks` are the comments to watari
    that stand before it (`watari: allow RULE because …`), `misplaced` those inside it, or behind it at the end of the script.
    """

    text: str
    file: str
    line: int = 1
    column: int = 1
    database: str | None = None
    copy_data: bytes | None = None
    remarks: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()

    @cached_property
    def node(self) -> pg_query_pb2.Node:
        """The parse tree by PostgreSQL's own grammar; raises `ScriptSyntax` with file, line and column."""
        from watari.sql.parsing import parse_statement

        return parse_statement(self)

    @property
    def kind(self) -> str:
        """The grammar's name of the statement: `index_stmt`, `alter_table_stmt`."""
        return self.node.WhichOneof("node") or ""


@dataclass(frozen=True, kw_only=True)
class Script:
    """A text of SQL and psql commands; read when somebody asks for its statements.

    `first_line` is where `data` begins in `file` (a section of a larger file begins further down). `includes` holds the
    bytes of every file that `\\i` and `\\ir` name, by its path in the same form as `file` (from the project's folder, with
    forward slashes, without `..`): `\\ir` counts from the folder of the file it stands in, `\\i` from the project's folder and,
    where nothing is there, as `\\ir`. `variables` are psql variables set from outside. `database` keeps, of a script that
    switches databases, what belongs to one of them. `lines` says for data that was made from another text which line of
    `file` a line of `data` comes from.
    """

    file: str
    data: bytes
    first_line: int = 1
    includes: Mapping[str, bytes] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    database: str | None = None
    lines: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements in order, psql commands resolved; raises `ScriptSyntax` or `ScriptCommand`."""
        from watari.sql.scripts import read_statements

        read = read_statements(self)
        if self.lines:
            from watari.sql.origins import at_origin

            read = at_origin(read, self.lines)
        if self.database is not None:
            from watari.sql.databases import of_database

            read = of_database(read, self.database)
        return read
