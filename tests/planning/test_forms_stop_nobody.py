"""While a safe form runs, nothing is read or written under a lock for which others wait; the statement as written does so.

Seen by the run itself: the locks, scans and new files of every transaction, just before it commits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from fixtures.odd_servers import VERSIONS
from fixtures.runs import Listed
from psycopg import sql

from planning.conftest import migration, plan_of
from planning.equality import Case, for_this_server
from planning.form_cases import CASES, ENDS
from watari.catalog import LockMode, blocks_reads, blocks_writes
from watari.evidence.effect import Effect
from watari.evidence.run import Run, RunState
from watari.execution import runner
from watari.planning.canonical import dumps
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl

#: And every bound that has to be proved just as the server would write it.
DRAWN = list(dict.fromkeys((*ENDS, *(case for case in CASES if case.form == "proved-attach"))))
#: As written these close a table for a moment, or hold locks on rows; nothing is read meanwhile that a lock of theirs keeps others from.
MOMENTS = {"concurrent-detach", "concurrent-drop", "cut-by-key", "kept-column-name"}
#: Nobody but the refresh itself writes into a materialized view.
READ_ONLY = {"concurrent-refresh"}


@contextmanager
def database(server: EmbeddedServer, setup: str) -> Iterator[DatabaseUrl]:
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        name = f"stops_{admin.info.backend_pid}"
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            with psycopg.connect(**server.url(name).conninfo(), autocommit=True) as own:
                own.execute(setup.encode())
                own.execute("analyze")
            yield server.url(name)
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def observed(case: Case, server: EmbeddedServer, policy: Policy) -> Run:
    with database(server, case.setup) as url:
        one = migration("001", case.statement)
        with psycopg.connect(**url.conninfo(), autocommit=True) as own:
            plan = plan_of(read_catalog(own), one, policy=policy)
        run = runner.run(
            plan,
            dumps(plan),
            url=url,
            framework=Listed(),
            migrations=[one],
            policy=policy,
            observe=True,
            deployed=runner.Deployed.EVERYTHING,
        )
    assert run.state is RunState.DONE, run.error
    return run


def stops(effects: tuple[Effect, ...], form: str) -> list[str]:
    """The relations for which others wait while rows are read or written in the same transaction."""
    closes = blocks_reads if form in READ_ONLY else blocks_writes
    there = [effect for effect in effects if not effect.created and effect.lock is not None]
    if not any(effect.scan or effect.rewrite or effect.rows for effect in there):
        return []
    return [f"{effect.relation}: {effect.lock}" for effect in there if closes(effect.lock or LockMode.ACCESS_SHARE)]


def hold(case: Case, server: EmbeddedServer) -> None:
    for_this_server(case, server)
    run = observed(case, server, case.policy)
    assert [(step.id, stopped) for step in run.steps if (stopped := stops(step.effects, case.form))] == []
    if case.form not in MOMENTS:
        written = observed(case, server, replace(case.policy, rewrite=()))
        assert any(stops(step.effects, case.form) for step in written.steps)


@pytest.mark.parametrize("case", DRAWN, ids=str)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_safe_form_stops_nobody(case: Case, version: str, server_of) -> None:
    hold(case, server_of(version))
