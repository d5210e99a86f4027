"""What happens, as lines on standard error while it happens; a bar where there is a terminal and a known total."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from watari.cli.streams import mutter
from watari.evidence.event import Event, EventKind
from watari.locale import Language, Text

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from watari.cli.context import Context

_LOCK_WAIT = Text(
    en="gave way after {waited} (attempt {attempt}); in the way: {blockers}; next try in {pause}",
    ja="ロックを {waited} 待って譲りました（{attempt} 回目）。保持者: {blockers}。{pause} 後に再試行します",
)
_NOT_ASKED = Text(
    en="waits without queueing ({waited} so far); in the way: {blockers}; next look in {pause}",
    ja="ロックを要求せずに待機中（{waited} 経過）。保持者: {blockers}。{pause} 後に確認します",
)
_WAITS = Text(en="waits for {blockers}", ja="次の終了を待っています: {blockers}")
_NOBODY = Text(en="gone already", ja="すでに解放済み")
_RESUMED = Text(en="continuing run {run}", ja="実行 {run} を再開します")
_STEP_DONE = Text(en="done in {seconds}", ja="完了 {seconds}")
_STEP_LOCKED = Text(en="done in {seconds}, longest lock {lock}", ja="完了 {seconds}、最長ロック {lock}")
# who is still in the way is said again after so many seconds
_REPEATED = 10.0


class Progress:
    """A sink of events for a person who watches."""

    def __init__(self, context: Context) -> None:
        self._say = context.say
        self._terminal = sys.stderr.isatty()
        self._verbose = bool(context.options.verbose)
        self._japanese = context.language is Language.JA
        self._rehearsing = False
        self._waiting: tuple[str | None, ...] = ()
        self._waiting_told = 0.0
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._close_bar()

    def __call__(self, event: Event) -> None:
        """Shows one event; kinds that a person does not need are passed over."""
        if event.kind in (EventKind.STAGE_BEGAN, EventKind.STAGE_ENDED) and event.data.get("stage") == "rehearse":
            self._rehearsing = event.kind is EventKind.STAGE_BEGAN
        if event.kind is EventKind.PROGRESS:
            self._advance(event)
            return
        if line := self._line(event):
            self._close_bar()
            mutter(f"{line}\n")

    def _line(self, event: Event) -> str | None:
        data: dict[str, Any] = dict(event.data)
        match event.kind:
            case EventKind.STEP_ENDED:
                return self._step_ended(event, data)
            case EventKind.LOCK_WAIT:
                return self._lock_wait(event, data)
            case EventKind.RUN_RESUMED:
                return self._say(_RESUMED, run=event.run)
            case EventKind.NOTICE | EventKind.WARNING:
                told = data.get("message_ja") if self._japanese else None
                words = told or data.get("message") or data.get("output")
                return f"  {words}" if words else None
            case EventKind.STATEMENT if self._verbose:
                return f"    {milliseconds(data.get('seconds'))}  {str(data.get('sql', ''))[:160]}"
        return None

    def _lock_wait(self, event: Event, data: dict[str, Any]) -> str | None:
        """A line when somebody else is in the way than before, and every few seconds; not for each of hundreds of tries."""
        who = data.get("blockers_ja" if self._japanese else "blockers") or data.get("blockers") or ()
        waiting = (event.step, *map(str, data.get("blocker_pids") or ()))
        now = time.monotonic()
        if waiting == self._waiting and now - self._waiting_told < _REPEATED and not self._verbose:
            return None
        self._waiting, self._waiting_told = waiting, now
        words = _WAITS if "attempt" not in data else _LOCK_WAIT if data.get("asked", True) else _NOT_ASKED
        return f"  {event.step or ''}  " + self._say(
            words,
            waited=milliseconds(data.get("waited_seconds")),
            attempt=data.get("attempt", "?"),
            blockers="; ".join(map(str, who)) or self._say(_NOBODY),
            pause=milliseconds(data.get("pause_seconds")),
        )

    def _step_ended(self, event: Event, data: dict[str, Any]) -> str | None:
        # a rehearsal runs every step three times, and its result says what matters
        if (data.get("quiet") or self._rehearsing) and not self._verbose:
            return None
        seconds, lock = milliseconds(data.get("seconds")), data.get("longest_lock_seconds")
        done = (
            self._say(_STEP_LOCKED, seconds=seconds, lock=milliseconds(lock))
            if lock
            else self._say(_STEP_DONE, seconds=seconds)
        )
        return f"  {event.step}  {event.migration or ''}  {done}"

    def _advance(self, event: Event) -> None:
        if not self._terminal:
            return
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        if self._bar is None:
            self._bar = Bar(
                TextColumn("  {task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f}%  {task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(file=sys.stderr),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task(str(event.step or event.data.get("what", "")), rate="")
        assert self._task is not None
        done, total = event.data.get("done"), _number(event.data.get("total"))
        # of a validation the server tells only how much there is to read
        known = total if done is not None and total else None
        self._bar.update(self._task, completed=_number(done), total=known, rate=_told(event.data))

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _told(data: Mapping[str, object]) -> str:
    """What stands beside the bar: the server's own name of the phase, how fast, how much, for how long."""
    # a backfill is as far as its pages are, and as fast as its rows
    rate, unit = _number(data.get("rate")), "rows" if "rows" in data else data.get("unit", "")
    words = [str(data["phase"])] if data.get("phase") else []
    if data.get("lockers_total"):
        words.append(f"{data.get('lockers_done')}/{data.get('lockers_total')}")
    if rate:
        words.append(f"{rate:,.0f} {unit}/s")
    if data.get("done") is None:
        words += [f"{_number(data.get('total')) / 1e6:,.0f} MB", milliseconds(data.get("seconds"))]
    return "  ".join(words)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def milliseconds(seconds: object) -> str:
    """A duration for people: `12 ms`, `3.4 s`, `2 min 5 s`."""
    if not isinstance(seconds, int | float):
        return "-"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"
