"""One database of a project, taken across and back: the line, arrow by arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from watari.catalog.name import quoted
from watari.crossing.sessions import Sessions
from watari.errors.reach import DatabaseMissing
from watari.evidence.event import Event, EventKind, EventSink, ignore
from watari.locale import Language
from watari.migrations import HistoryRow, Migration, Problem, ProblemKind, Standing
from watari.values import replace

if TYPE_CHECKING:
    import psycopg

    from watari.backup.retention import Decision
    from watari.catalog import Catalog
    from watari.crossing.doctor import Finding
    from watari.crossing.way_back import WayBack
    from watari.evidence import Backup, Evidence, Run
    from watari.evidence.recording import RecordedCommand
    from watari.evidence.restoration import KeptDatabase, Restoration
    from watari.execution.guarded import Guarded
    from watari.frameworks import Framework
    from watari.ledger.outbox import Kind
    from watari.planning.plan import Plan
    from watari.project.settings import Project, Target
    from watari.project.url import DatabaseUrl
    from watari.reporting.report import Report
    from watari.risk.hazard import Judgement
    from watari.sql.statement import Script
    from watari.verification.verdict import Verdict

_T = TypeVar("_T")


class Crossing:
    """One database of a project, taken across and back."""

    def __init__(self, project: Project, target: Target, *, events: EventSink = ignore) -> None:
        self.project = project
        self.target = target
        self.events = events
        # read once for the arrows of one command; a run makes them old
        self._standing: Standing | None = None
        self._catalog: Catalog | None = None
        self._fingerprint: str | None = None
        self._moment: str | None = None
        self.sessions = Sessions()

    def look_anew(self) -> None:
        """Forgets what was read of the database: a run has changed it."""
        self._standing = self._catalog = self._fingerprint = self._moment = None

    # -- what is there ------------------------------------------------------------------------------------------------

    @cached_property
    def framework(self) -> Framework:
        """The team's migration framework on this database; raises `NoFramework`."""
        from watari.frameworks.opening import open_framework

        return open_framework(self.project, self.target)

    @cached_property
    def url(self) -> DatabaseUrl:
        """The address, with the search path and the settings that the framework's own sessions have."""
        settings = dict(self.framework.session_settings())
        if path := self.framework.search_path():
            settings["search_path"] = ",".join(quoted(name) for name in path)
        if not settings:
            return self.target.url
        given = " ".join(f"-c {name}={value}" for name, value in settings.items())
        options = f"{self.target.url.parameters.get('options', '')} {given}".strip()
        return replace(self.target.url, parameters={**self.target.url.parameters, "options": options})

    @property
    def address(self) -> DatabaseUrl:
        """The same for what needs no framework around it: single files, any tool's own command."""
        from watari.errors import UsageError

        with suppress(UsageError):  # its own interpreter may not be here, and is not needed
            return self.url if self.recognised else self.target.url
        return self.target.url

    @property
    def recognised(self) -> Framework | None:
        """The framework, None where none is recognised."""
        from watari.errors.usage import NoFramework

        with suppress(NoFramework):
            return self.framework
        return None

    @cached_property
    def migrations(self) -> tuple[Migration, ...]:
        """Every migration of this database, in the framework's order."""
        return self.framework.migrations()

    def status(self) -> Standing:
        """Files against history: applied, pending, and what disagrees."""
        from watari.migrations.compare import compare

        if self._standing is None:
            with self.stage("status"):
                found, unended = self._history()
                rows = found or ()
                if unended and len(rows) >= len(self.migrations) and self._is_over():
                    unended = ()
                more = (*self.framework.problems(self.migrations, rows), *unended)
                standing = compare(self.migrations, rows, same_checksum=self.framework.same_checksum, more=more)
                if found is None:
                    return replace(standing, absent=True)
                self._standing = standing
        return self._standing

    # -- the line -----------------------------------------------------------------------------------------------------

    def check(self, scripts: Sequence[Script] | None = None) -> Judgement:
        """What the pending migrations (or the scripts given) will do to this database, with its facts if it answers."""
        from watari.crossing.judging import judge_pending, judge_scripts

        with self.stage("check"):
            return judge_pending(self) if scripts is None else judge_scripts(self, scripts)

    def plan(self, *, to: str | None = None) -> Plan:
        """The steps for what is pending, up to and including the migration `to`; kept in the ledger."""
        from watari.crossing.planning import plan_forward

        with self.stage("plan"):
            return self.remember("plan", plan_forward(self, to))

    def pending(self, *, to: str | None = None) -> tuple[Migration, ...]:
        """What a plan would take across; raises `StandingInTheWay`, `UnknownMigration`."""
        from watari.crossing.planning import pending_of

        return pending_of(self, to)

    def permit_early(self, plan: Plan) -> None:
        """Returns if no gate is closed that neither rehearsal nor backup will open; raises `GateRefused`."""
        from watari.crossing.permission import permit_early

        permit_early(self, plan)

    def rehearse(
        self, plan: Plan, *, clone: str | None = None, rows: str | None = None, traffic: float | None = None
    ) -> Evidence:
        """The plan on a clone with all or some of the rows: up, down, up again, and under load; kept in the ledger."""
        from watari.crossing.rehearsing import rehearse

        with self.stage("rehearse"):
            return self.remember("evidence", rehearse(self, plan, clone, rows, traffic))

    def rehearse_command(
        self, argv: tuple[str, ...], *, clone: str | None = None, rows: str | None = None
    ) -> RecordedCommand:
        """The framework's own command on a clone, recorded; the address of the clone is in DATABASE_URL."""
        from watari.crossing.rehearsing import rehearse_command

        with self.stage("rehearse"):
            return rehearse_command(self, argv, clone, rows)

    def back_up(
        self,
        *,
        content: str = "full",
        format: str = "custom",
        compression: str = "auto",
        jobs: int = 2,
        restore: bool = True,
        plan: Plan | None = None,
    ) -> Backup:
        """A backup, restored beside and compared unless `restore` is False; kept in the ledger."""
        from watari.crossing.backups import back_up

        with self.stage("backup"):
            made = back_up(
                self, content=content, format=format, compression=compression, jobs=jobs, restore=restore, plan=plan
            )
            return self.remember("backup", made)

    def unfinished(self) -> Plan | None:
        """The plan of the run that stands half-way on this database and is to be gone on with, None where there is none.

        Raises `RollbackUnfinished`, `FileChangedMidway`.
        """
        from watari.crossing.running import unfinished_run

        found = unfinished_run(self)
        return found.plan if found and not found.over else None

    def apply(self, plan: Plan, *, deployed: bool = False) -> Run:
        """Runs the plan behind its gates, or goes on with it where it stands; kept in the ledger with its report.

        `deployed`: a person says that the application for which the run waits is out.
        """
        from watari.crossing.running import apply

        with self.stage("apply"):
            return apply(self, plan, deployed=deployed)

    def verify(self, *, run: str | None = None) -> tuple[Verdict, ...]:
        """Every check of expected against actual, for the last run or the one named."""
        from watari.crossing.verifying import verify

        with self.stage("verify"):
            return verify(self, run)

    def report(self, *, run: str | None = None) -> Report:
        """Everything about one run, the last one if none is named."""
        from watari.crossing.story import report_of

        with self.stage("report"):
            return report_of(self, run)

    def report_path(self, report: Report) -> Path:
        """Where a report goes when nobody says where."""
        from watari.crossing.story import report_path

        return report_path(self, report)

    def write_report(self, language: Language, *, run: str | None = None) -> Path:
        """Writes the HTML report of a run into the project's memory; its path."""
        from watari.crossing.story import write_report

        return write_report(self, language, run)

    # -- the way back -------------------------------------------------------------------------------------------------

    def way_back(
        self, *, count: int | None = None, to: str | None = None, run: str | None = None, way: str | None = None,
        leaving: bool = False,
    ) -> WayBack | None:  # fmt: skip
        """The best way back that the policy allows and what it loses; `leaving`: changes of rows without undo may stay."""
        from watari.crossing.way_back import find_way_back

        with self.stage("plan"):
            return find_way_back(self, count=count, to=to, run=run, way=way, leaving=leaving)

    def roll_back(self, back: WayBack) -> Run:
        """Goes the way back, or goes on with it; kept in the ledger."""
        from watari.crossing.running import roll_back

        with self.stage("rollback"):
            return roll_back(self, back)

    # -- backups, and what was kept -------------------------------------------------------------------------------------

    def backups(self) -> tuple[Backup, ...]:
        """The backups of this database, oldest first."""
        from watari.crossing.backups import listed

        return listed(self)

    def backup(self, name: str | None) -> Backup:
        """One backup by the beginning of its id, the newest full one without a name; raises `BackupUnknown`."""
        from watari.crossing.backups import found

        return found(self, name)

    def verify_backup(self, name: str | None) -> Backup:
        """A backup proved again: hashes, a full read, a restore beside."""
        from watari.crossing.backups import prove

        return self.remember("backup", prove(self, self.backup(name)))

    def prune_backups(self, *, keep: int, days: int, dry_run: bool) -> tuple[Decision, ...]:
        """Removes old backups; for each one what was decided, and why."""
        from watari.crossing.backups import prune

        return prune(self, keep=keep, days=days, dry_run=dry_run)

    def restore(self, what: str | None, *, name: str | None = None, swap: bool = False) -> Restoration:
        """A backup, or a dump file, beside the live database; with `swap` in its place once it is proved."""
        from watari.crossing.backups import restore

        with self.stage("restore"):
            return restore(self, what, name=name, swap=swap)

    def kept(self) -> tuple[KeptDatabase, ...]:
        """The databases that a swap kept."""
        from watari.crossing.backups import kept

        return kept(self)

    def let_go(self, thing: KeptDatabase) -> None:
        """Drops a kept database for good."""
        from watari.crossing.backups import let_go

        let_go(self, thing)

    def guard(self, argv: tuple[str, ...]) -> Guarded:
        """A framework's own command behind watari's locks and patience; the address is in DATABASE_URL."""
        from watari.crossing.guarding import guard

        with self.stage("guard"):
            return guard(self, argv)

    # -- before the night ---------------------------------------------------------------------------

    def examine(self) -> tuple[Finding, ...]:
        """Everything that must be right before the night."""
        from watari.crossing.doctor import examine

        return examine(self)

    # -- what the stations share --------------------------------------------------------------------------------------

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Tells the event stream when a station begins and ends."""
        self.events(Event(kind=EventKind.STAGE_BEGAN, data={"stage": name}, database=self.target.database))
        yield
        self.events(Event(kind=EventKind.STAGE_ENDED, data={"stage": name}, database=self.target.database))

    @contextmanager
    def connection(self, purpose: str) -> Iterator[psycopg.Connection]:
        """A session of its own on the database, closed afterwards; raises a `ReachError`."""
        with self.sessions.opened(self.address, purpose) as opened:
            yield opened

    def catalog(self) -> Catalog:
        """The facts of the database now, without the framework's own tables."""
        from watari.postgres.reader import read_catalog

        if self._catalog is None:
            from watari.postgres.moment import quiet_moment

            with self.connection("catalog") as connection:
                self._moment = quiet_moment(connection)
                self._catalog = read_catalog(connection, leave_out=self.framework.history_tables())
        return self._catalog

    def fingerprint(self, catalog: Catalog) -> str:
        """The catalog's fingerprint, counted once for the one that was read."""
        from watari.catalog.fingerprint import fingerprint

        if catalog is not self._catalog:
            return fingerprint(catalog)
        if self._fingerprint is None:
            self._fingerprint = fingerprint(catalog)
        return self._fingerprint

    def still_fits(self, plan: Plan, connection: psycopg.Connection) -> bool:
        """Whether the catalog that was read fits the plan, and no transaction has written anything on the server since."""
        from watari.postgres.moment import quiet_moment

        if self._catalog is None or self._moment is None or plan.makes(self.target.url.database):
            return False
        if self.fingerprint(self._catalog) != plan.fingerprint:
            return False
        return quiet_moment(connection) == self._moment

    def remember(self, kind: Kind, value: _T) -> _T:
        """Keeps the value in the project's memory and hands it on; a full disk is a warning, no failure."""
        from watari.ledger.outbox import remember

        remember(self.project.root, kind, value, events=self.events)
        return value

    @property
    def memory(self) -> Path:
        """The folder of everything that watari keeps for this project."""
        return self.project.root / ".watari"

    def _history(self) -> tuple[tuple[HistoryRow, ...] | None, tuple[Problem, ...]]:
        """The rows (None where the database is to be made), and the run that has not come to its end."""
        from watari.execution.unended import unended

        try:
            with self.connection("status") as connection:
                rows, half = self.framework.history(connection), unended(connection)
            return rows, (Problem(kind=ProblemKind.UNENDED, migration="", message=half),) if half else ()
        except DatabaseMissing:
            if any(self._creates_database(migration) for migration in self.migrations):
                return None, ()
            raise

    def _is_over(self) -> bool:
        """Whether the run that has not ended has nothing left to do: the files that it still had to run are gone."""
        from watari.crossing.running import unfinished_run
        from watari.errors.refused import FileChangedMidway, RollbackUnfinished

        try:
            found = unfinished_run(self)
        except (FileChangedMidway, RollbackUnfinished):
            return False
        return found is not None and found.over

    def _creates_database(self, migration: Migration) -> bool:
        if migration.up is None or b"database" not in migration.up.data.lower():
            return False
        from watari.sql.databases import creates_database

        return creates_database(migration.up.statements, self.target.database)
