"""The log of one run: a text for people, and beside it the same as structured JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from watari.evidence.event import Event, EventKind, EventSink, ignore, said
from watari.evidence.run import Run
from watari.locale import Language, Message, Text
from watari.locale.system import reason_of
from watari.migrations import Standing
from watari.monitoring.masking import masked_values, masker
from watari.monitoring.metrics import metrics
from watari.monitoring.private_lines import PrivateLines
from watari.monitoring.telling import Level, action, details, level, sentence
from watari.project.secret import Secret
from watari.values import dataclass

__all__ = ["Heading", "RunLog", "log_path"]

_STARTED = Text(en="=== Migration started at {at} ===", ja="=== マイグレーション開始 {at} ===")
_ENDED = Text(en="=== Migration completed at {at} ===", ja="=== マイグレーション完了 {at} ===")
_BROKEN_OFF = Text(en="=== Migration stopped at {at}: {why} ===", ja="=== マイグレーション停止 {at}: {why} ===")
_BEFORE = Text(en="--- Before migration ---", ja="--- 実行前の状態 ---")
_EXECUTING = Text(en="--- Executing migration ---", ja="--- マイグレーション実行 ---")
_AFTER = Text(en="--- After migration ---", ja="--- 実行後の状態 ---")
_STANDING = Text(
    en="{state}: {applied} applied, {pending} pending", ja="{state}: 適用済み {applied} 件、未適用 {pending} 件"
)
_PENDING = Text(en="pending: {migration}", ja="未適用: {migration}")
_PROBLEM = Text(en="problem: {problem}", ja="問題: {problem}")
_METRICS = Text(en="metrics", ja="メトリクス")
_NO_LOG = Text(
    en='the log "{file}" cannot be written ({reason}); the run goes on without it',
    ja='ログ "{file}" に書き込めません（{reason}）。ログなしで続行します',
)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What the head of a log says; `address` is the one for people, without password."""

    database: str
    environment: str
    address: str
    plan_sha256: str = ""
    git_commit: str | None = None
    by: str = ""
    host: str = ""
    version: str = ""

    def lines(self) -> tuple[tuple[str, str], ...]:
        """Name and value of each line."""
        return (
            ("Database", f"{self.database} [{self.environment}]"),
            ("Database URL", self.address),
            ("Git commit", self.git_commit or "-"),
            ("Plan", self.plan_sha256 or "-"),
            ("By", f"{self.by or '-'} @ {self.host or '-'}"),
            ("Watari", self.version or "-"),
        )


def log_path(root: Path, run: str) -> Path:
    """Where the log of a run belongs: `.watari/logs/RUN.log`, its JSON lines beside it. What no file name holds is replaced."""
    name = re.sub(r"[^\w.-]", "_", run)
    return root / ".watari" / "logs" / f"{name}.log"


class RunLog:
    """A sink of events that writes `PATH` and `PATH` with the ending `.jsonl`, both for their owner only.

    A log that cannot be opened, or that the disk cuts short, is told as a warning to `events` and fails nothing. A log that
    is there already is continued: the run was resumed.
    """

    def __init__(
        self,
        path: Path,
        heading: Heading,
        *,
        language: Language = Language.EN,
        secrets: Sequence[Secret] = (),
        events: EventSink = ignore,
    ) -> None:
        self.path = path
        self._heading = heading
        self._language = language
        self._mask = masker(secrets)
        self._events = events
        self._files: tuple[PrivateLines, PrivateLines] | None = None

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            text = PrivateLines(self.path, append=True)
            try:
                self._files = text, PrivateLines(self.path.with_suffix(".jsonl"), append=True)
            except OSError:
                text.close()
                raise
        except OSError as reason:
            self._warn(reason_of(reason))
            return self
        self._line(self._say(_STARTED(at=_stamp(datetime.now(UTC)))))
        for name, value in self._heading.lines():
            self._line(f"{name}: {value}")
        return self

    def __exit__(self, kind: object, condition: BaseException | None, traceback: object) -> None:
        at = _stamp(datetime.now(UTC))
        why = str(condition).strip().splitlines()[:1] or [type(condition).__name__]
        self._line(self._say(_BROKEN_OFF(at=at, why=why[0]) if condition else _ENDED(at=at)))
        for file in self._files or ():
            broken = file.broken
            file.close()
            if broken:
                self._warn(broken)
        self._files = None

    @property
    def file(self) -> str | None:
        """The path for the journal and the report; None where there is no log."""
        return str(self.path) if self._files else None

    def before(self, standing: Standing) -> None:
        """Writes where the database stands before the run."""
        self._line(self._say(_BEFORE()))
        self._standing(standing, "status_before")
        self._line(self._say(_EXECUTING()))

    def after(self, standing: Standing) -> None:
        """Writes where the database stands after the run."""
        self._line(self._say(_AFTER()))
        self._standing(standing, "status_after")

    def ended(self, run: Run) -> None:
        """Writes the run's numbers."""
        numbers = metrics(run)
        self._line(" ".join(f"{name}={value:g}" for name, value in numbers.items()))
        self._structured(
            datetime.now(UTC), Level.INFO, self._say(_METRICS()), None, {"action": "metrics", "run": run.id, **numbers}
        )

    def __call__(self, event: Event) -> None:
        """Writes one event."""
        words, facts = self._say(sentence(event)), details(event)
        told = " ".join(f"{name}={_shown(value)}" for name, value in facts.items())
        where = f" {event.migration}" if event.migration else ""
        if event.kind is not EventKind.PROGRESS:
            self._line(f"{_stamp(event.at)} {level(event):5}{where} {words}{'  ' if told else ''}{told}")
        about = {"action": action(event), "run": event.run, "step": event.step, "database": event.database, **facts}
        self._structured(event.at, level(event), words, event.migration, about)

    def _standing(self, standing: Standing, word: str) -> None:
        pending = [migration.id for migration in standing.pending]
        words = self._say(_STANDING(state=standing.state.value, applied=len(standing.applied), pending=len(pending)))
        self._line(words)
        for migration in pending:
            self._line("  " + self._say(_PENDING(migration=migration)))
        for problem in standing.problems:
            self._line("  " + self._say(_PROBLEM(problem=problem.message)))
        about = {"action": word, "state": standing.state.value, "applied": len(standing.applied), "pending": pending}
        self._structured(datetime.now(UTC), Level.INFO, words, None, about)

    def _line(self, line: str) -> None:
        if self._files:
            self._files[0].write(self._mask(line))

    def _structured(
        self, at: datetime, loud: Level, words: str, migration: str | None, metadata: Mapping[str, object]
    ) -> None:
        if self._files:
            known = {name: value for name, value in metadata.items() if value is not None}
            line = {
                "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "level": loud.value,
                "message": words,
                "migrationName": migration,
                "metadata": {"environment": self._heading.environment, **known},
            }
            self._files[1].write(json.dumps(masked_values(line, self._mask), ensure_ascii=False, default=str))

    def _say(self, message: Message) -> str:
        return message.render(self._language)

    def _warn(self, reason: Message | str) -> None:
        self._events(Event(kind=EventKind.WARNING, data=said(_NO_LOG(file=str(self.path), reason=reason))))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "Z"


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list | tuple):
        return "[" + "; ".join(map(str, value)) + "]"
    return " ".join(str(value).split())
