"""The graph of revisions, and the SQL of each without a database."""

from __future__ import annotations

import ast
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .offline import Offline, ReadsDatabase
from .project import Request, announce, configured, offline_url, parents, said, scripts

_TABLE_KEYWORDS = ("version_table", "version_table_schema")


def rendered(request: Request) -> dict[str, Any]:
    """The graph, with the SQL of every revision both ways or why it cannot be known without a database."""
    url = offline_url(request)
    announce(request, url)
    config = configured(request, url)
    directory, revisions, cautions = scripts(config)
    up, down = Renderer(directory, revisions), Renderer(directory, revisions[::-1])
    up.render(config, up=True)
    down.render(config, up=False)
    described = [{**_described(r), "up": up.answers[r.revision], "down": down.answers[r.revision]} for r in revisions]
    return {"revisions": described, "cautions": cautions, "table": up.table or written_table(directory)}


def written_table(directory: Any) -> list[Any]:
    """Table and schema of the history as env.py writes them into `configure`, for an env.py that only runs online."""
    table: list[Any] = ["alembic_version", None]
    for node in ast.walk(ast.parse((Path(directory.dir) / "env.py").read_bytes())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "configure":
            for keyword in node.keywords:
                if keyword.arg in _TABLE_KEYWORDS and isinstance(keyword.value, ast.Constant):
                    table[_TABLE_KEYWORDS.index(keyword.arg)] = keyword.value.value
    return table


def _described(revision: Any) -> dict[str, Any]:
    return {
        "id": revision.revision,
        "parents": parents(revision),
        "name": (revision.doc or "").strip(),
        "file": revision.path,
    }


class Renderer:
    """Runs env.py once, offline, and catches the statements of each revision apart.

    `answers` holds for each revision either `statements` (each with the line of the file that made it) and `autocommit`,
    or the `reason` why they cannot be known; `table` is the history's table and schema.
    """

    def __init__(self, directory: Any, revisions: list[Any]) -> None:
        self.directory = directory
        self.revisions = revisions
        self.answers: dict[str, dict[str, Any]] = {}
        self.table: list[Any] | None = None
        self.blocks = 0
        self._statements: list[tuple[str, int]] | None = None
        self._file = ""
        self._reads = ""
        self._rounds = 0

    def render(self, config: Any, *, up: bool) -> None:
        """Fills `answers`; raises what env.py raises before it comes to the revisions."""
        from alembic.runtime.environment import EnvironmentContext

        config.output_buffer = io.StringIO()
        reason = "env.py runs no revision in offline mode"
        try:
            with EnvironmentContext(config, self.directory, fn=self._steps(up), as_sql=True), Offline(self):
                self.directory.run_env()
        except (Exception, SystemExit) as failure:
            refused = isinstance(failure, NotImplementedError) or "offline" in str(failure).lower()
            if not self._rounds and not refused:
                raise
            reason = said(failure)
        if self._rounds > 1:
            self.answers = {}
            reason = "env.py runs each revision more than once (for several schemas or databases)"
        for revision in self.revisions:
            self.answers.setdefault(revision.revision, {"reason": reason})

    def add(self, statement: str) -> None:
        """One statement of the revision that is being rendered; what env.py itself executes is not part of one."""
        if self._statements is not None:
            self._statements.append((statement, self._line()))

    def asks(self, what: str) -> ReadsDatabase:
        """Notes that the revision depends on the database, even if it swallows the exception."""
        self._reads = self._reads or what
        return ReadsDatabase(what)

    def _steps(self, up: bool) -> Any:
        from alembic.runtime.migration import MigrationStep

        def steps(heads: Any, context: Any) -> Iterator[Any]:
            self._rounds += 1
            context.on_version_apply_callbacks = ()
            self.table = [context.version_table, context.version_table_schema]
            for revision in self.revisions:
                make = MigrationStep.upgrade_from_script if up else MigrationStep.downgrade_from_script
                step = make(self.directory.revision_map, revision)
                step.migration_fn = self._caught(revision, step.migration_fn)
                yield step

        return steps

    def _caught(self, revision: Any, work: Any) -> Any:
        def caught(**given: Any) -> None:
            self._statements, self._file = [], os.path.abspath(revision.path)  # noqa: PTH100  # must not follow links
            self._reads, self.blocks = "", 0
            try:
                work(**given)
                answer = {"statements": self._statements, "autocommit": self.blocks > 0}
            except (Exception, SystemExit) as failure:
                answer = {"reason": said(failure)}
            self.answers[revision.revision] = {"reason": self._reads} if self._reads else answer
            self._statements = None

        return caught

    def _line(self) -> int:
        frame: Any = sys._getframe()
        while frame is not None:
            if os.path.abspath(frame.f_code.co_filename) == self._file:  # noqa: PTH100
                return int(frame.f_lineno)
            frame = frame.f_back
        return 1
