"""The whole flow on one screen: one method an arrow, each taking the value that the one before returned.

    migrations ─▶ statements ─▶ effects ─▶ hazards ─▶ plan ─▶ evidence ─▶ permission ─▶ backup ─▶ run ─▶ verdicts ─▶ report
                                                                                        ╰─▶ way back = another plan

The only place that wires doing to deciding. There is no cleverness here, only order; a room is imported when its arrow is
followed, so that a command pays for nothing that it does not use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from watari.evidence.event import Event, EventKind, EventSink, ignore
from watari.migrations import Migration, Standing

if TYPE_CHECKING:
    import psycopg

    from watari.catalog import Catalog
    from watari.evidence import Backup, Evidence, Run
    from watari.frameworks import Framework
    from watari.planning.plan import Plan
    from watari.project.settings import Project, Target
    from watari.risk.hazard import Judgement
    from watari.sql.statement import Script, Statement


class Crossing:
    """One database of a project, taken across and back."""

    def __init__(self, project: Project, target: Target, *, events: EventSink = ignore) -> None:
        self.project = project
        self.target = target
        self.events = events

    # -- what is there ------------------------------------------------------------------------------------------------

    @cached_property
    def framework(self) -> Framework:
        """The team's migration framework on this database; raises `NoFramework`."""
        from watari.frameworks.opening import open_framework

        return open_framework(self.project, self.target)

    @cached_property
    def migrations(self) -> tuple[Migration, ...]:
        """Every migration of this database, in the framework's order."""
        return self.framework.migrations()

    def status(self) -> Standing:
        """Files against history: applied, pending, and what disagrees."""
        from watari.migrations.compare import compare

        with self._stage("status"):
            rows = self._history()
            if rows is None:
                return Standing(pending=self.migrations, absent=True)
            return compare(
                self.migrations,
                rows,
                same_checksum=self.framework.same_checksum,
                more=self.framework.problems(self.migrations, rows),
            )

    # -- the line -----------------------------------------------------------------------------------------------------
