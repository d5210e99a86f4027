"""One migration, up or down, on the database in `WATARI_DATABASE_URL`, or what Django does before and after its migrations.

Django's own `migrate` runs; it is only told what its plan is.
"""

from __future__ import annotations

import sys
from typing import Any

from .project import Refused, Request, aim, alias_of, as_manage, environment_address, key_of, said


def run(mode: str, request: Request) -> int:
    """0 when it is done and the history says so; 1 with one line on standard error else.

    `mode` is `upgrade` or `downgrade` of `request["migration"]`, or `before` and `after`: the signals that Django sends around
    the migrations in `request["migrations"]`.
    """
    try:
        as_manage(request, lambda: _run(mode, request))
    except (Exception, SystemExit) as failure:
        print(f"django: {_sqlstate(failure)}{said(failure)}", file=sys.stderr)
        return 1
    return 0


def _run(mode: str, request: Request) -> None:
    from django.core.management import call_command
    from django.core.management.commands import migrate
    from django.db.migrations.executor import MigrationExecutor

    alias = alias_of(request)
    aim(alias, environment_address())
    own_plan, post, pre = (
        MigrationExecutor.migration_plan,
        migrate.emit_post_migrate_signal,
        migrate.emit_pre_migrate_signal,
    )

    def plan(executor: Any, targets: Any, clean_start: bool = False) -> Any:
        if clean_start:
            return own_plan(executor, targets, clean_start=True)
        return _plan(mode, executor, request)

    def telling(signal: Any, when: str) -> Any:
        """Sends the signal when it is its time, with the whole plan; one migration alone only has its content types prepared."""

        def send(verbosity: int, interactive: bool, db: str, **words: Any) -> None:
            if mode == when:
                signal(verbosity, interactive, db, **{**words, "plan": _whole(alias, request)})
            elif when == "before" and mode != "after":
                _prepare_content_types(words["plan"], words["apps"], db)

        return send

    MigrationExecutor.migration_plan = plan
    migrate.emit_post_migrate_signal = telling(post, "after")
    migrate.emit_pre_migrate_signal = telling(pre, "before")
    words = {"database": alias, "interactive": False, "verbosity": 0 if mode in ("before", "after") else 1}
    call_command("migrate", **words, no_color=True)


def _prepare_content_types(plan: Any, apps: Any, db: str) -> None:
    """What Django itself does before its migrations: a renamed model takes its content type along."""
    from django.apps import apps as installed

    if installed.is_installed("django.contrib.contenttypes"):
        from django.contrib.contenttypes.management import inject_rename_contenttypes_operations

        inject_rename_contenttypes_operations(plan=plan, apps=apps, using=db)


def _whole(alias: str, request: Request) -> list[Any]:
    from django.db import connections
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connections[alias])
    keys = [key_of(id) for id in request.get("migrations", ())]
    return [(loader.disk_migrations[key], False) for key in keys if key in loader.disk_migrations]


def _plan(mode: str, executor: Any, request: Request) -> list[Any]:
    if mode in ("before", "after"):
        return []
    key = key_of(request["migration"])
    graph, applied = executor.loader.graph, executor.loader.applied_migrations
    if key not in graph.nodes:
        raise Refused(f"{request['migration']} is not in the graph of migrations now")
    node = graph.node_map[key]
    there = key in applied
    if mode == "upgrade":
        missing = sorted(str(parent.key) for parent in node.parents if parent.key not in applied)
        if missing and not there:
            raise Refused(f"{request['migration']} comes after {', '.join(missing)}, which is not applied")
        return [] if there else [(graph.nodes[key], False)]
    later = sorted(str(child.key) for child in node.children if child.key in applied)
    if later and there:
        raise Refused(f"{request['migration']} cannot go back before {', '.join(later)}, which comes after it")
    return [(graph.nodes[key], True)] if there else []


def _sqlstate(failure: BaseException) -> str:
    """The server's five characters, wherever the driver keeps them; with a blank behind."""
    for holder in (failure, failure.__cause__):
        state = getattr(holder, "sqlstate", None) or getattr(holder, "pgcode", None)
        if state:
            return f"{state} "
    return ""
