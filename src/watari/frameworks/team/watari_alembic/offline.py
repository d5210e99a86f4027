"""Alembic's offline mode as watari needs it: nothing added, nothing changed, and no question answered by a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .render import Renderer

#: What a revision calls on a connection to ask the database, or to work around Alembic.
_QUESTIONS = frozenset(
    [
        "begin",
        "begin_nested",
        "close",
        "commit",
        "connection",
        "exec_driver_sql",
        "get_isolation_level",
        "has_table",
        "rollback",
        "run_callable",
        "scalar",
        "scalars",
    ]
)


class ReadsDatabase(Exception):
    """A revision asks the database something; only the database knows what it will do."""


class NoRows:
    """The answer of a database that is not there: whoever looks into it asks the database."""

    def __init__(self, renderer: Renderer, statement: str) -> None:
        self.__dict__.update(_renderer=renderer, _statement=" ".join(statement.split())[:120])

    def _asked(self, *given: object) -> Any:
        raise self.__dict__["_renderer"].asks(f"it needs the answer to: {self.__dict__['_statement']}")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._asked()

    __iter__ = __bool__ = __getitem__ = __len__ = _asked


class Offline:
    """A block in which Alembic renders for watari.

    Statements are taken as they are made: without Alembic's own bookkeeping, with tabs and percent signs as the database would
    get them; BEGIN and COMMIT of autocommit blocks are only counted. What asks the mock connection for anything is noted.
    """

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer
        self._undo: list[Any] = []

    def __enter__(self) -> None:
        from alembic.ddl.impl import DefaultImpl
        from alembic.runtime import migration
        from alembic.runtime.environment import EnvironmentContext

        mock = migration.MockEngineStrategy.MockConnection
        self._set(EnvironmentContext, "configure", _verbatim(EnvironmentContext.configure))
        self._set(DefaultImpl, "_exec", _compiling(self.renderer))
        self._set(DefaultImpl, "static_output", lambda impl, text: None)
        self._set(DefaultImpl, "emit_begin", self._boundary)
        self._set(DefaultImpl, "emit_commit", self._boundary)
        self._set(migration.MigrationContext, "_stdout_connection", self._connection(mock))
        self._set(migration.HeadMaintainer, "update_to_step", lambda maintainer, step: None)
        # without any head Alembic would begin with the history's own table
        self._set(migration.MigrationContext, "get_current_heads", lambda context: ("watari",))
        self._refuse_questions(mock)

    def __exit__(self, *failure: object) -> None:
        for undo in reversed(self._undo):
            undo()

    def _boundary(self, *impl: object) -> None:
        self.renderer.blocks += 1

    def _connection(self, mock: Any) -> Any:
        renderer = self.renderer

        def connection(context: Any, given: Any) -> Any:
            def dump(construct: Any, *arguments: Any, **more: Any) -> NoRows:
                context.impl._exec(construct)
                return NoRows(renderer, str(construct))

            return mock(context.dialect, dump)

        return connection

    def _refuse_questions(self, mock: Any) -> None:
        from sqlalchemy import inspection

        renderer, visit, registrars = self.renderer, mock._run_ddl_visitor, inspection._registrars

        def visitor(connection: Any, generator: Any, element: Any, **given: Any) -> Any:
            if given.get("checkfirst"):
                raise renderer.asks("it asks the database which objects are there already")
            return visit(connection, generator, element, **given)

        def missing(connection: Any, name: str) -> Any:
            if name in _QUESTIONS:
                raise renderer.asks(f"it works with the connection itself ({name})")
            raise AttributeError(f"{type(connection).__name__!r} object has no attribute {name!r}")

        def inspected(subject: Any) -> Any:
            raise renderer.asks("it inspects the database")

        self._set(mock, "_run_ddl_visitor", visitor)
        self._set(mock, "__getattr__", missing)
        registrars[mock] = inspected
        self._undo.append(lambda: registrars.pop(mock))

    def _set(self, owner: Any, name: str, value: Any) -> None:
        if name in owner.__dict__:
            before = owner.__dict__[name]
            self._undo.append(lambda: setattr(owner, name, before))
        else:
            self._undo.append(lambda: delattr(owner, name))
        setattr(owner, name, value)


def _verbatim(configure: Any) -> Any:
    """`configure` with values written out and percent signs left alone."""

    def configure_verbatim(context: Any, *arguments: Any, **given: Any) -> Any:
        given["dialect_opts"] = dict(given.get("dialect_opts") or {}, paramstyle="named")
        given["literal_binds"] = True
        return configure(context, *arguments, **given)

    return configure_verbatim


def _compiling(renderer: Renderer) -> Any:
    """A replacement of `DefaultImpl._exec` that only compiles; Alembic's own turns tabs into blanks."""

    def compile_only(impl: Any, construct: Any, *arguments: Any, **given: Any) -> None:
        from sqlalchemy import text
        from sqlalchemy.schema import DDLElement

        if any(given.get(name) for name in ("multiparams", "params")) or any(arguments[1:]):
            raise TypeError("SQL parameters not allowed with as_sql")
        if isinstance(construct, str):
            construct = text(construct)
        literal = {} if isinstance(construct, DDLElement) else {"compile_kwargs": {"literal_binds": True}}
        renderer.add(str(construct.compile(dialect=impl.dialect, **literal)).strip())

    return compile_only
