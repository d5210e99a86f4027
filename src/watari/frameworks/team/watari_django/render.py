"""The graph of migrations, and the SQL of each without a database."""

from __future__ import annotations

import ast
import datetime
import inspect
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .project import Refused, Request, alias_of, id_of, key_of, said

#: Editors whose statements can be taken as they are made; another backend may send them in its own way.
_KNOWN_EDITORS = ("django.db.backends.postgresql.", "django.contrib.gis.db.backends.postgis.")


class ReadsDatabase(Exception):
    """A migration asks the database something; only the database knows what it will do."""


def rendered(request: Request) -> dict[str, Any]:
    """The graph, with the SQL of every migration or why it cannot be known without a database; `down`: that of the way back."""
    from django.conf import settings
    from django.db import connections
    from django.db.backends.base.base import BaseDatabaseWrapper

    alias = alias_of(request)
    connection = connections[alias]
    renderer = Renderer(connection)
    BaseDatabaseWrapper.ensure_connection = renderer.refuse
    type(connection).pg_version = property(renderer.asked_version)
    loader = _loader(connection, request)
    plan = _in_order(loader)
    if wanted := request.get("down"):
        return {"down": renderer.render_back(loader, plan, set(map(key_of, wanted)))}
    answers = renderer.render(loader, plan)
    options = (connection.settings_dict.get("OPTIONS") or {}).get("options") or ""
    return {
        "migrations": [{**_described(loader, node), **answers[node.key]} for node in plan],
        "disk": sorted(id_of(key) for key in loader.disk_migrations),
        "replacing": {id_of(key): [id_of(tuple(r)) for r in m.replaces] for key, m in loader.replacements.items()},
        "irreversible": [
            id_of(n.key) for n in plan if not all(o.reversible for o in loader.graph.nodes[n.key].operations)
        ],
        "conflicts": {app: sorted(names) for app, names in loader.detect_conflicts().items()},
        "create": renderer.create_history(),
        "options": options,
        "timezone": connection.timezone_name if settings.USE_TZ or connection.timezone_name else None,
        "signals": _signals(),
        "alias": alias,
    }


def _loader(connection: Any, request: Request) -> Any:
    """The graph as Django sees it on a database of which only this is known: what it holds of squashed migrations."""
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.recorder import MigrationRecorder

    applied = {key_of(id): None for id in request.get("applied", ())}
    MigrationRecorder.applied_migrations = lambda recorder: dict(applied)
    return MigrationLoader(connection)


def _in_order(loader: Any) -> list[Any]:
    """Every migration of the graph in the order in which `migrate` runs them on an empty database."""
    keys: dict[tuple[str, str], None] = {}
    for target in loader.graph.leaf_nodes():
        keys.update(dict.fromkeys(loader.graph.forwards_plan(target)))
    return [loader.graph.node_map[key] for key in keys]


def _described(loader: Any, node: Any) -> dict[str, Any]:
    migration = loader.graph.nodes[node.key]
    return {
        "id": id_of(node.key),
        "file": inspect.getfile(type(migration)),
        "parents": sorted(id_of(parent.key) for parent in node.parents),
        "atomic": bool(migration.atomic),
        "replaces": [id_of(tuple(key)) for key in migration.replaces],
    }


def _signals() -> list[str]:
    """When Django calls receivers around its migrations, beyond the one that only prepares renamed content types."""
    from django.db.models.signals import post_migrate, pre_migrate

    own = "inject_rename_contenttypes_operations"
    before = [each for each in _receivers(pre_migrate) if getattr(each, "__name__", "") != own]
    return [name for name, found in (("before", before), ("after", list(_receivers(post_migrate)))) if found]


def _receivers(signal: Any) -> Iterator[Any]:
    for entry in signal.receivers:
        receiver = entry[1]
        yield receiver() if isinstance(receiver, weakref.ReferenceType) else receiver


class Renderer:
    """Renders every migration apart, on a connection that is never made."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._reads = ""
        self._statements: list[tuple[str, int]] = []
        self._lines: list[int] = [1]
        self._marks = _Marks()
        self._renames = False

    # -- what asks the database -------------------------------------------------------------------------------------------

    def refuse(self, *connection: object) -> None:
        """Notes that the migration depends on the database, even if it swallows the exception."""
        self._reads = self._reads or "it asks the database"
        raise ReadsDatabase(self._reads)

    def asked_version(self, connection: object) -> int:
        """What it does depends on the server's version."""
        self._reads = self._reads or "it asks for the server's version"
        raise ReadsDatabase(self._reads)

    # -- rendering --------------------------------------------------------------------------------------------------------

    def render(self, loader: Any, plan: list[Any]) -> dict[tuple[str, str], dict[str, Any]]:
        """`up` of each: either `statements` (each with its line), or the `reason` why they cannot be known."""
        from django.db.migrations.state import ProjectState

        self._renames = "contenttypes" in {app for app, _ in loader.disk_migrations}
        state = ProjectState(real_apps=loader.unmigrated_apps)
        assert (
            state.apps
        )  # built once and then kept up by every migration; anew for each, it takes several times as long
        found = {}
        for node in plan:
            migration = loader.graph.nodes[node.key]
            answer, after = self._one(migration, state.clone(), up=True)
            state = after or migration.mutate_state(state, preserve=False)
            found[node.key] = {"up": answer}
        return found

    def render_back(self, loader: Any, plan: list[Any], wanted: set[tuple[str, str]]) -> dict[str, Any]:
        """`down` of the wanted ones, by id."""
        from django.db.migrations.state import ProjectState

        self._renames = "contenttypes" in {app for app, _ in loader.disk_migrations}
        state = ProjectState(real_apps=loader.unmigrated_apps)
        found = {}
        for node in plan:
            migration = loader.graph.nodes[node.key]
            if node.key in wanted:
                found[id_of(node.key)] = self._one(migration, state.clone(), up=False)[0]
            state = migration.mutate_state(state, preserve=False)
        return found

    def create_history(self) -> list[str]:
        """The statements that make Django's own table."""
        from django.db.migrations.recorder import MigrationRecorder

        self._begin([1])
        editor = self._collecting(atomic=True)
        editor.create_model(MigrationRecorder.Migration)
        self._flush(editor)
        return [text for text, _ in self._statements]

    def _one(self, migration: Any, state: Any, *, up: bool) -> tuple[dict[str, Any], Any]:
        """The answer, and the state after the migration where it came to its end."""
        lines = operation_lines(migration)
        self._begin(lines if up else lines[::-1])
        if reason := _no_sql(migration, self._renames, up=up):
            return {"reason": reason}, None
        connection = self.connection
        connection.in_atomic_block = bool(migration.atomic)  # what refuses a transaction refuses it now
        try:
            editor = self._editor(atomic=migration.atomic)
            work = migration.apply if up else migration.unapply
            after = work(state, editor, collect_sql=True)
            self._flush(editor)
        except (Exception, SystemExit) as failure:
            return {"reason": self._reads or said(failure)}, None
        finally:
            connection.in_atomic_block = False
        return ({"reason": self._reads}, None) if self._reads else ({"statements": self._statements}, after)

    def _begin(self, lines: list[int]) -> None:
        self._reads, self._statements, self._lines, self._marks = "", [], lines or [1], _Marks()

    def _editor(self, *, atomic: bool) -> Any:
        editor = self._collecting(atomic=atomic)
        if not type(editor).__module__.startswith(_KNOWN_EDITORS):
            raise Refused(f"its database backend ({type(editor).__module__}) has a way of its own to send statements")
        own_default = editor._effective_default

        def default(field: Any) -> Any:
            """What is another value each time is that of the moment when the migration runs, not of this one."""
            value = own_default(field)
            varies = isinstance(value, (datetime.date, datetime.time)) and not _is_fixed(field)
            if varies or value != own_default(field):
                self._reads = self._reads or f'the default of "{field.name}" is another value each time'
            return value

        editor._effective_default = default
        return editor

    def _collecting(self, *, atomic: bool) -> Any:
        editor = self.connection.SchemaEditorClass(self.connection, collect_sql=True, atomic=atomic)
        editor.deferred_sql = []
        editor.collected_sql = self._marks

        def execute(text: Any, params: Any = ()) -> None:
            written = str(text)
            if params is not None:
                written = written % tuple(map(editor.quote_value, params))
            self._statements.append((written, self._line()))

        editor.execute = execute
        return editor

    def _flush(self, editor: Any) -> None:
        for statement in editor.deferred_sql:
            editor.execute(statement, None)

    def _line(self) -> int:
        """Of the operation at hand; what is put off to the end counts as the last one's."""
        place = min(max(self._marks.count("--") // 2 - 1, 0), len(self._lines) - 1)
        return self._lines[place]


class _Marks(list):  # type: ignore[type-arg]  # the team's Python may be 3.8, which knows no list[str]
    """What Django notes while it collects SQL: two bare dashes around the description of each operation."""


def _is_fixed(field: Any) -> bool:
    return bool(field.has_default()) and not callable(field.default)


def _no_sql(migration: Any, renames: bool, *, up: bool) -> str:
    """Why the operations cannot be written as SQL; empty where all of them can."""
    from django.db.migrations import RenameModel, RunPython

    for operation in _operations(migration.operations):
        if isinstance(operation, RunPython):
            code = operation.code if up else operation.reverse_code
            if code != RunPython.noop and code is not None:
                return "it runs Python"
        elif renames and isinstance(operation, RenameModel):
            return "it renames a model, and with it the row of its content type"
        elif not operation.reduces_to_sql:
            return f"{type(operation).__name__} cannot be written as SQL"
    return ""


def _operations(operations: Any) -> Iterator[Any]:
    for operation in operations:
        yield operation
        yield from _operations(getattr(operation, "database_operations", ()))


def operation_lines(migration: Any) -> list[int]:
    """The line of each operation in the migration's file; of all of them the first where the list is not written out."""
    try:
        tree = ast.parse(Path(inspect.getfile(type(migration))).read_bytes())
    except (OSError, SyntaxError, TypeError):
        return [1] * max(1, len(migration.operations))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.List):
            continue
        if any(getattr(target, "id", "") == "operations" for target in node.targets):
            lines = [element.lineno for element in node.value.elts]
            if len(lines) == len(migration.operations):
                return lines
    return [1] * max(1, len(migration.operations))
