"""LiteLLM's 220 migrations: safe forms end as the files as written end, and what has an undo comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import psycopg
from fixtures.real_histories import History

from planning.conftest import forms, in_no_order, migration, plan_of, run, undo
from watari.catalog import Catalog, TableKind
from watari.catalog.difference import difference
from watari.migrations import Migration
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

_ROWS = (TableKind.TABLE, TableKind.MATERIALIZED_VIEW)


def history(project: History) -> list[Migration]:
    files = sorted(project.folder.glob("*/migration.sql"))
    return [migration(file.parent.name, file.read_text(encoding="utf-8")) for file in files]


def in_production(catalog: Catalog) -> Catalog:
    """The same schema, as if every table held a million rows."""
    large = {
        name: replace(table, rows=1_000_000, bytes=10**9) if table.kind in _ROWS else table
        for name, table in catalog.tables.items()
    }
    return replace(catalog, tables=large)


def test_safe_forms_from_the_middle_of_the_history_end_where_the_files_end(
    prisma_project: History, new_database: Callable[..., DatabaseUrl]
) -> None:
    migrations = history(prisma_project)
    written, planned = (psycopg.connect(**new_database().conninfo(), autocommit=True) for _ in range(2))
    with written, planned:
        for place, each in enumerate(migrations):
            assert each.up is not None
            written.execute(each.up.data)
            if place < 60:
                planned.execute(each.up.data)
        plan = plan_of(in_production(read_catalog(planned)), *migrations[60:])
        assert {"concurrent-index", "concurrent-drop"} <= set(forms(plan))
        run(planned, plan.steps)
        assert difference(read_catalog(written), read_catalog(planned)) == ()


def test_every_migration_that_has_an_undo_comes_back_and_goes_again(
    prisma_project: History, connection: psycopg.Connection
) -> None:
    waiting, undone = history(prisma_project), 0
    before = read_catalog(connection)
    while waiting:
        plan = plan_of(in_production(before), *waiting[:12])
        lost = [step.migration for step in plan.steps if step.undo is None]
        some = next((place for place, each in enumerate(waiting[:12]) if each.id in lost), len(waiting[:12]))
        if some == 0:
            run(connection, [step for step in plan.steps if step.migration == waiting[0].id])
        else:
            steps = [step for step in plan.steps if step.migration in {each.id for each in waiting[:some]}]
            run(connection, steps)
            undo(connection, steps)
            back = difference(in_no_order(before), in_no_order(read_catalog(connection)))
            assert back == (), [each.id for each in waiting[:some]]
            run(connection, steps)
            undone += some
        waiting = waiting[max(some, 1) :]
        before = read_catalog(connection)
    assert undone >= 200
