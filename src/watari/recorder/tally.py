"""The books of one session: looks come in, and the statements with what each did go out, when their transaction ends."""

from __future__ import annotations

import struct
from collections.abc import Callable

from watari.evidence.effect import Effect
from watari.evidence.recording import Ending, RecordedStatement, Seen
from watari.recorder import probe
from watari.recorder.book import Book
from watari.recorder.changes import Changes
from watari.recorder.log import Log
from watari.recorder.probe import Answer
from watari.recorder.running import Running
from watari.recorder.wording import READS_BY_PAGES
from watari.values import dataclass, field, replace


@dataclass(kw_only=True)
class _Entry:
    """A statement that has ended, in a transaction that may be open."""

    running: Running
    number: int
    began: float
    seconds: float
    effects: list[Effect] = field(default_factory=list)
    group: int = 1
    wal_bytes: int | None = None


#: Takes a statement that was watched from outside, and writes it down when the watcher is done.
Finish = Callable[[Running, RecordedStatement], None]


class Tally:
    """What the session holds and has done. `touched`: something may be locked or read that no look has told of yet."""

    def __init__(self, book: Book, log: Log, *, database: str = "", finish: Finish | None = None) -> None:
        self.book = book
        self.touched = False
        self.cost = 0.0  # of the last look, in seconds
        self._log = log
        self._database = database
        self._finish = finish
        self._connection = log.connected()
        self._changes = Changes(book)
        self._pending: list[_Entry] = []  # of which no look has told
        self._entries: list[_Entry] = []  # of the transaction
        self._last_end = 0.0  # of the last statement
        self._last_look: tuple[Answer, float] | None = None
        self._position: int | None = None

    @property
    def held(self) -> int:
        """How many relations the transaction holds locks on."""
        return self._changes.held

    def bounds(self, *, final: bool = False) -> tuple[int, int]:
        """The oids that a look need not tell again lie between these two."""
        return self._changes.bounds(final=final)

    def void(self, reason: str) -> None:
        """A look failed."""
        self._log.void(reason)

    def ended(self, running: Running) -> None:
        """A statement has ended."""
        end = running.ended or running.began
        began = max(running.began, min(self._last_end, end))
        number = self._log.ended(running, self._connection)
        entry = _Entry(running=running, number=number, began=began, seconds=end - began)
        self._last_end = end
        self._pending.append(entry)
        self._entries.append(entry)
        if running.wording.renames:
            self._changes.renamed = True
        if running.tag in ("COMMIT", "ROLLBACK") and running.wording.ends:
            self.transaction_ended(end)

    def looked(self, row: bytes | None, arrived: float, *, back: bool = False) -> None:
        """A look has come; after a ROLLBACK TO (`back`) it is where counting begins anew."""
        try:
            answer = probe.answer(row or b"")
        except (ValueError, struct.error) as unreadable:
            self.void(str(unreadable))
            return
        self.cost = answer.ended - answer.began + 0.00003
        by_pages = bool(self._pending) and self._pending[-1].running.wording.word in READS_BY_PAGES
        effects = self._changes.take(answer.relations, back=back, by_pages=by_pages)
        touching = [each for each in self._pending if each.running.wording.touches and not each.running.error]
        if touching and not back:
            entry = touching[-1]
            entry.effects += effects
            entry.group = len(touching)
            entry.wal_bytes = answer.position - self._position if self._position is not None else None
            self._time(entry, answer, arrived)
        self._pending.clear()
        self._position = answer.position
        self._last_look = (answer, arrived)

    def _time(self, entry: _Entry, answer: Answer, arrived: float) -> None:
        """The statement's own time: its answer came together with the look's, so the look's time is not its own."""
        if entry is not self._entries[-1]:
            return
        took = answer.ended - answer.began
        if self._last_look and entry.running.began < self._last_look[1]:
            entry.seconds = max(0.0, answer.began - self._last_look[0].ended)
        else:
            entry.seconds = max(0.0, arrived - entry.running.began - took)

    def transaction_ended(self, end: float, *, gone: bool = False) -> None:
        """The session is idle, or closed."""
        if not self._entries:
            return
        ending = self._ending(gone=gone)
        number = self._log.transaction()
        for entry in self._entries:
            self._write(self._statement(entry, number, end, ending), entry.running)
        self._entries, self._pending = [], []
        self._changes.end(kept=ending is Ending.COMMITTED, version=self.book.version)

    def _ending(self, *, gone: bool) -> Ending:
        last = self._entries[-1].running
        if last.tag is None and last.error is None:
            return Ending.ROLLED_BACK if last.in_block else Ending.OPEN
        if last.wording.ends:
            return Ending.ROLLED_BACK if last.tag == "ROLLBACK" or last.error else Ending.COMMITTED
        failed = any(entry.running.error for entry in self._entries)
        return Ending.ROLLED_BACK if failed or (gone and last.in_block) else Ending.COMMITTED

    def _statement(self, entry: _Entry, transaction: int, end: float, ending: Ending) -> RecordedStatement:
        running = entry.running
        held = round(max(entry.seconds, end - entry.began), 6)
        return RecordedStatement(
            number=entry.number,
            connection=self._connection,
            transaction=transaction,
            sql=running.sql.decode(errors="replace"),
            parameters=running.parameters,
            database=self._database,
            seen=running.seen,
            began=round(entry.began - self._log.began, 6),
            seconds=round(entry.seconds, 6),
            tag=running.tag,
            rows=running.rows,
            error=running.error,
            notices=tuple(running.notices),
            effects=tuple(
                replace(effect, seconds=held) if effect.lock and not effect.created else effect
                for effect in entry.effects
            ),
            group=entry.group,
            wal_bytes=entry.wal_bytes,
            ending=ending,
            in_block=running.in_block,
        )

    def _write(self, statement: RecordedStatement, running: Running) -> None:
        if statement.seen is Seen.SAMPLED and self._finish:
            self._finish(running, statement)
        else:
            self._log.add(statement)
