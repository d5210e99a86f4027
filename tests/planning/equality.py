"""Whether two databases hold the same: every object of the schema, and every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
import pytest
from psycopg import sql

from planning.conftest import ALL_LARGE, Pair
from watari.catalog import Catalog, TableKind
from watari.catalog.difference import difference
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy

from planning.conftest import in_no_order  # isort: skip


#: What is kept of dropped and replaced objects is no part of how a statement ends.
KEEPING_NOTHING = replace(ALL_LARGE, keep=0)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A statement with a safe form, on tables with rows.

    `forms`: the safe forms that are to be used; `unlike`: columns whose values are drawn anew by everyone who runs the
    statement; `since`, `until`: the versions that it is for; `reordered`: columns may end in another order; `pauses`: the form
    waits for a deployment in the middle.
    """

    form: str
    setup: str
    statement: str
    unlike: Sequence[str] = ()
    since: int = 14
    until: int = 99
    reordered: bool = False
    pauses: bool = False

    @property
    def policy(self) -> Policy:
        """The one under which the statement takes its safe form, and leaves nothing that is kept."""
        return replace(KEEPING_NOTHING, pause_for_deployments=self.pauses)

    def __str__(self) -> str:
        return f"{self.form}: {' '.join(self.statement.split())[:70]}"


def for_this_server(case: Case, server: EmbeddedServer) -> None:
    """Skips the test where the case is about other versions."""
    with psycopg.connect(**server.url().conninfo()) as asking:
        major = asking.info.server_version // 10_000
    if not case.since <= major <= case.until:
        pytest.skip(f"is for {case.since} to {case.until}")


@contextmanager
def pair_on(server: EmbeddedServer, setup: str) -> Iterator[Pair]:
    """Two databases with the same content on a server."""
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        names = [f"forms_{admin.info.backend_pid}_{n}" for n in range(2)]
        opened = []
        try:
            for name in names:
                admin.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
                opened.append(psycopg.connect(**server.url(name).conninfo(), autocommit=True))
                opened[-1].execute(setup.encode())
                opened[-1].execute("analyze")
            yield Pair(*opened)
        finally:
            for connection in opened:
                connection.close()
            for name in names:
                admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def unequal(pair: Pair, *, unlike: Sequence[str] = (), reordered: bool = False) -> list[str]:
    """Where the two are not the same, in words."""
    written, planned = read_catalog(pair.written), pair.catalog()
    arrange: Callable[[Catalog], Catalog] = in_no_order if reordered else lambda catalog: catalog
    found = [str(each) for each in difference(arrange(written), arrange(planned))]
    left = pair.planned.execute(
        "select relname::text from pg_class where relnamespace = to_regnamespace('watari') and relname ~ '^watari_' "
        "union all select proname::text from pg_proc where pronamespace = to_regnamespace('watari')"
    )
    found += [f"left behind: {name}" for (name,) in left]
    if not found:
        found += [
            f"rows of {name}: {here[:3]} … {there[:3]}"
            for name, (here, there) in _rows(pair, written, unlike).items()
            if here != there
        ]
    return found


def _rows(pair: Pair, catalog: Catalog, unlike: Sequence[str]) -> Mapping[str, tuple[list[object], list[object]]]:
    found = {}
    for name, table in catalog.tables.items():
        if table.kind not in (TableKind.TABLE, TableKind.MATERIALIZED_VIEW):
            continue
        columns = [sql.Identifier(c.name) for c in sorted(table.columns, key=lambda c: c.name) if c.name not in unlike]
        drawn = [sql.Identifier(c.name) for c in table.columns if c.name in unlike]
        parts = [*columns, *(sql.SQL("{} is null").format(each) for each in drawn)]
        query = sql.SQL("select {}::text from {}").format(
            sql.SQL("row({})").format(sql.SQL(", ").join(parts)), sql.Identifier(name.schema, name.name)
        )
        found[str(name)] = tuple(sorted(c.execute(query).fetchall()) for c in (pair.written, pair.planned))
    for name in catalog.sequences:
        query = sql.SQL("select last_value, is_called from {}").format(sql.Identifier(name.schema, name.name))
        found[str(name)] = tuple(c.execute(query).fetchall() for c in (pair.written, pair.planned))
    return found
