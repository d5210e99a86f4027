"""What a person sees while the demo works: numbered stages, their lines, and a sign of life all the time."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from watari.evidence.event import Event, EventKind
from watari.locale import Language, Message, Text
from watari.reporting.wording import duration

__all__ = ["Narrator"]

_TERMINAL_SECONDS = 0.5
_FILE_SECONDS = 5.0

_HEAD = Text(en="[{number}/{total}] {name}: {title}", ja="[{number}/{total}] {name}: {title}")
_ALIVE = Text(en="… {seconds} s {doing} {application}", ja="… {seconds} 秒 {doing} {application}")
_STEP = Text(en="{step} {place}: done in {seconds}", ja="{step} {place}: 完了 {seconds}")
_STEP_LOCKED = Text(
    en="{step} {place}: done in {seconds}, longest lock {lock}", ja="{step} {place}: 完了 {seconds}、最長ロック {lock}"
)
_GAVE_WAY = Text(
    en="{step} gave way after {waited} (attempt {attempt})", ja="{step} {waited} 待って譲りました（{attempt} 回目）"
)
_SHARE = Text(en="{step} {share} %", ja="{step} {share} %")


class Narrator:
    """Prints through `say`; the sign of life goes to `alive`, over itself where that is a terminal."""

    def __init__(
        self, say: Callable[[str], None], language: Language, *, stages: int, alive: TextIO | None = None
    ) -> None:
        self.language = language
        #: What the application is bearing, for the sign of life; set while one works.
        self.application: Callable[[], Message] | None = None
        self._say = say
        self._stages = stages
        self._number = 0
        self._alive = alive or sys.stderr
        self._lock = threading.Lock()
        self._doing = ""
        self._steps = False
        self._places: dict[str, str] = {}

    def words(self, message: Message) -> str:
        """The message in the reader's language."""
        return message.render(self.language)

    def line(self, message: Message | str = "") -> None:
        """One line of text; messages stand indented under their stage."""
        with self._lock:
            self._clear()
            self._say(f"      {self.words(message)}" if isinstance(message, Message) else message)

    @contextmanager
    def stage(self, name: Text, title: Message, *, steps: bool = False) -> Iterator[None]:
        """Tells that a stage begins, and gives signs of life until it ends; `steps` tells each step of a run, too."""
        self._number += 1
        self._doing, self._steps = "", steps
        head = _HEAD(number=self._number, total=self._stages, name=name(), title=title)
        with self._lock:
            self._clear()
            self._say(self.words(head))
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(over,), daemon=True)
        watch.start()
        try:
            yield
        finally:
            over.set()
            watch.join()
            with self._lock:
                self._clear()

    def hear(self, event: Event) -> None:
        """A sink of events: what is under way feeds the sign of life, what has ended becomes a line."""
        data = event.data
        match event.kind:
            case EventKind.STEP_BEGAN:
                self._doing = event.step or ""
                self._places[event.step or ""] = str(data.get("place") or event.migration or "").rpartition("/")[2]
            case EventKind.PROGRESS:
                self._doing = self._progress(event)
            case EventKind.STEP_ENDED if self._steps and not data.get("quiet"):
                self.line(self._ended(event))
            case EventKind.LOCK_WAIT if self._steps and "attempt" in data:
                waited = duration(_number(data, "waited_seconds"))
                self.line(_GAVE_WAY(step=event.step, waited=waited, attempt=data["attempt"]))

    def _ended(self, event: Event) -> Message:
        lock = _number(event.data, "longest_lock_seconds")
        return (_STEP_LOCKED if lock else _STEP)(
            step=event.step,
            place=self._places.get(event.step or "", ""),
            seconds=duration(_number(event.data, "seconds")),
            lock=duration(lock),
        )

    def _progress(self, event: Event) -> str:
        done, total = _number(event.data, "done"), _number(event.data, "total")
        name = event.step or str(event.data.get("what") or "")
        if not done or not total:
            return name
        return self.words(_SHARE(step=name, share=min(100, round(100 * done / total))))

    # -- signs of life ------------------------------------------------------------------------------------------------

    def _watch(self, over: threading.Event) -> None:
        began = time.monotonic()
        while not over.wait(_TERMINAL_SECONDS if self._alive.isatty() else _FILE_SECONDS):
            application = self.application() if self.application else ""
            alive = _ALIVE(seconds=round(time.monotonic() - began), doing=self._doing, application=application)
            line = "      " + " ".join(self.words(alive).split())
            with self._lock:
                if self._alive.isatty():
                    self._clear()
                    self._alive.write(line[:150])
                else:
                    self._alive.write(line + "\n")
                self._alive.flush()

    def _clear(self) -> None:
        if self._alive.isatty():
            self._alive.write("\r\033[K")
            self._alive.flush()


def _number(data: Mapping[str, object], key: str) -> float | None:
    value = data.get(key)
    return float(value) if isinstance(value, int | float) else None
