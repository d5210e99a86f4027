"""The ledger, opened for reading: everything that was remembered, as values again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec
from sqlalchemy import Engine, Table, select
from sqlalchemy.exc import DBAPIError

from watari.catalog.locks import LockMode
from watari.errors.ledger import LedgerUnusable, NotInLedger, SeveralInLedger
from watari.evidence import Backup, Evidence, Run
from watari.evidence.transcript import Transcripts
from watari.ledger import storage, tables
from watari.ledger.folding import entries, fold
from watari.ledger.outbox import FOLDER, OUTBOX
from watari.locale import Message, Text
from watari.planning.plan import Plan

if TYPE_CHECKING:
    from watari.reporting.report import Report

_Value = TypeVar("_Value")

#: A number below this is a place in the list of runs; ids begin with a year.
_LIST_END = 1000
_KINDS = {
    "plan": Text(en="plan", ja="計画"),
    "run": Text(en="run", ja="実行"),
    "report": Text(en="report", ja="レポート"),
}
_ONLY_READ = Text(
    en='the ledger "{place}" cannot be written ({reason}); what is shown is complete, and nothing was changed',
    ja='台帳 "{place}" に書き込めません（{reason}）。表示内容に欠けはなく、何も変更していません',
)
_UNREADABLE = Text(
    en='the ledger\'s {table} "{id}" cannot be read: {reason}', ja='台帳の {table} "{id}" を読み取れません: {reason}'
)


class Ledger:
    """One project's memory, with everything in it that the outbox holds.

    `complaints` are sentences about entries that could not be read; the others are served all the same.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._complaints: list[Message] = []

    @classmethod
    def open(cls, root: Path, address: str | None = None) -> Self:
        """The ledger of the project in the folder `root`, or the team's at `address` (else `WATARI_LEDGER`).

        Folds the outbox in. Makes nothing where there is nothing to read. Where only reading is possible, it reads. Raises
        `LedgerUnusable`.
        """
        outbox = root / FOLDER / OUTBOX
        if address := address or os.environ.get("WATARI_LEDGER"):
            return cls._filled(storage.address_engine(address, root), outbox, place="WATARI_LEDGER")
        file = root / FOLDER / storage.FILE
        if not file.exists() and not any(outbox.glob("*.json")):
            return cls._filled(storage.memory_engine(), outbox, place=str(file))
        try:
            return cls._filled(storage.file_engine(file), outbox, place=str(file))
        except (OSError, LedgerUnusable) as reason:
            if isinstance(reason, LedgerUnusable) and not reason.fields.get("writing"):
                raise
            words = reason.fields["reason"] if isinstance(reason, LedgerUnusable) else storage.reason_of(reason)
        ledger = cls._filled(storage.memory_engine(file), outbox, place=str(file), keep=True)
        ledger._complaints.insert(0, _ONLY_READ(place=str(file), reason=words))
        return ledger

    @classmethod
    def _filled(cls, engine: Engine, outbox: Path, *, place: str, keep: bool = False) -> Self:
        ledger = cls(engine)
        try:
            ledger._fold(outbox, keep=keep)
        except (DBAPIError, sqlite3.Error) as error:
            engine.dispose()
            # an unwritable or full disk is no reason not to read
            writing = any(word in str(error).lower() for word in ("readonly", "unable to open", "disk", "full"))
            raise LedgerUnusable(place=place, reason=storage.reason_of(error), writing=writing) from None
        except BaseException:
            engine.dispose()
            raise
        return ledger

    def _fold(self, outbox: Path, *, keep: bool) -> None:
        with self._engine.begin() as connection:
            storage.prepare(connection)
            folded = []
            for entry in entries(outbox, self._complaints, keep=keep):
                fold(connection, entry)
                folded.append(entry.path)
        for path in () if keep else folded:
            path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file or the connection."""
        self._engine.dispose()

    @property
    def complaints(self) -> tuple[Message, ...]:
        """What could not be read, as sentences for people."""
        return tuple(self._complaints)

    # -- what is remembered -------------------------------------------------------------------------------------------

    def plans(self) -> tuple[Plan, ...]:
        """All plans, the youngest first."""
        return tuple(self._values(tables.plan, Plan, order=tables.plan.c.at))

    def plan(self, sha_prefix: str) -> Plan:
        """The plan whose SHA-256 begins so; raises `NotInLedger`, `SeveralInLedger`."""
        return self._one(tables.plan, Plan, sha_prefix)

    def evidence_for(self, plan_sha256: str) -> tuple[Evidence, ...]:
        """Every rehearsal of one plan, the youngest first."""
        wanted = tables.evidence.c.plan_sha256 == plan_sha256
        return tuple(self._values(tables.evidence, Evidence, wanted, order=tables.evidence.c.at))

    def recording(self, id: str) -> Transcripts | None:
        """What was recorded of migrations on clones, by what it rests on."""
        return next(self._values(tables.recording, Transcripts, tables.recording.c.id == id), None)

    def backups(self, database: str | None = None, *, environment: str | None = None) -> tuple[Backup, ...]:
        """The backups of one database (or of all), the youngest first."""
        table = tables.backup
        wanted = [table.c.database == database] if database else []
        wanted += [table.c.environment == environment] if environment else []
        return tuple(self._values(table, Backup, *wanted))

    def runs(self, limit: int | None = None, *, database: str | None = None) -> tuple[Run, ...]:
        """The runs, the youngest first; at most `limit` of them, of one database if named."""
        wanted = [tables.run.c.database == database] if database else []
        return tuple(self._values(tables.run, Run, *wanted, limit=limit))

    def run(self, id_prefix: str) -> Run:
        """The run whose id begins so, or that has this number in the list of `runs`.

        Raises `NotInLedger`, `SeveralInLedger`.
        """
        if id_prefix.isascii() and id_prefix.isdigit() and int(id_prefix) < _LIST_END:
            listed = self.runs(int(id_prefix))
            if not 0 < int(id_prefix) <= len(listed):
                raise NotInLedger(kind=_KINDS["run"](), name=id_prefix)
            return listed[int(id_prefix) - 1]
        return self._one(tables.run, Run, id_prefix)

    def reports(self, limit: int | None = None) -> tuple[Report, ...]:
        """The reports, the youngest first; at most `limit` of them."""
        from watari.reporting.report import Report

        return tuple(self._values(tables.report, Report, order=tables.report.c.at, limit=limit))

    def report_of(self, run: str) -> Report | None:
        """The youngest report about the run with this id, if one was made."""
        from watari.reporting.report import Report

        table = tables.report
        return next(self._values(table, Report, table.c.run == run, order=table.c.at), None)

    # -- reading ------------------------------------------------------------------------------------------------------

    def _one(self, table: Table, kind: type[_Value], prefix: str) -> _Value:
        found = list(self._values(table, kind, table.c.id.startswith(prefix, autoescape=True), limit=6))
        words = {"kind": _KINDS[table.name](), "name": prefix}
        if not found:
            raise NotInLedger(**words)
        if len(found) > 1:
            names = [str(getattr(value, tables.NAMES[table.name])) for value in found]
            if prefix in names:
                return found[names.index(prefix)]
            raise SeveralInLedger(**words, found=", ".join(names))
        return found[0]

    def _values(
        self, table: Table, kind: type[_Value], *wanted: Any, order: Any = None, limit: int | None = None
    ) -> Iterator[_Value]:
        query = select(table.c.id, table.c.document).where(*wanted)
        # ids of runs and backups begin with the time of their start
        query = query.order_by(*([order.desc()] if order is not None else []), table.c.id.desc())
        with self._engine.connect() as connection:
            rows = connection.execute(query.limit(limit)).all()
        for row in rows:
            try:
                yield msgspec.convert(_locks_by_number(msgspec.json.decode(row.document)), kind)
            except msgspec.MsgspecError as reason:
                self._complaints.append(_UNREADABLE(table=table.name, id=row.id, reason=str(reason)))


def _locks_by_number(value: Any) -> Any:
    """Canonical JSON names lock modes as PostgreSQL does; the values count them."""
    if isinstance(value, dict):
        lock = value.get("lock")
        named = {"lock": int(LockMode.of(lock))} if isinstance(lock, str) and "relation" in value else {}
        return {name: _locks_by_number(inner) for name, inner in value.items()} | named
    return [_locks_by_number(inner) for inner in value] if isinstance(value, list) else value
