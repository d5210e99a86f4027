"""What a watcher is told, and that something is said all the time."""

from __future__ import annotations

import io
import time

import pytest

from watari.demo import narration
from watari.demo.narration import Narrator
from watari.evidence.event import Event, EventKind
from watari.locale import Language, Text

NAME = Text(en="apply", ja="apply")
TITLE = Text(en="the run", ja="実行")


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def narrator(language: Language = Language.EN, alive: io.StringIO | None = None) -> tuple[Narrator, list[str]]:
    said: list[str] = []
    return Narrator(said.append, language, stages=2, alive=alive or io.StringIO()), said


def test_stages_are_numbered_in_the_readers_language() -> None:
    told, said = narrator(Language.JA)
    for _ in range(2):
        with told.stage(NAME, TITLE()):
            told.line(TITLE())
    assert said == ["[1/2] apply: 実行", "      実行", "[2/2] apply: 実行", "      実行"]


def test_each_step_of_a_run_is_a_line_with_its_place() -> None:
    told, said = narrator()
    with told.stage(NAME, TITLE(), steps=True):
        told.hear(Event(kind=EventKind.STEP_BEGAN, step="0002.1", data={"place": "migrations/005_x.up.sql:2"}))
        told.hear(Event(kind=EventKind.LOCK_WAIT, step="0002.1", data={"waited_seconds": 0.05, "attempt": 1}))
        told.hear(
            Event(kind=EventKind.STEP_ENDED, step="0002.1", data={"seconds": 0.42, "longest_lock_seconds": 0.002})
        )
        told.hear(Event(kind=EventKind.STEP_ENDED, step="0002.2", data={"seconds": 0.1, "quiet": True}))
    assert said[1:] == [
        "      0002.1 gave way after 50 ms (attempt 1)",
        "      0002.1 005_x.up.sql:2: done in 420 ms, longest lock 2.0 ms",
    ]


def test_steps_of_a_rehearsal_are_not_told() -> None:
    told, said = narrator()
    with told.stage(NAME, TITLE()):
        told.hear(Event(kind=EventKind.STEP_ENDED, step="0001.1", data={"seconds": 0.1}))
    assert len(said) == 1


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_long_stage_gives_signs_of_life(monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO]) -> None:
    monkeypatch.setattr(narration, "_FILE_SECONDS", 0.01)
    monkeypatch.setattr(narration, "_TERMINAL_SECONDS", 0.01)
    alive = stream()
    told, said = narrator(alive=alive)
    told.application = Text(en="application: fine", ja="アプリ: 正常")
    with told.stage(NAME, TITLE()):
        told.hear(Event(kind=EventKind.PROGRESS, step="0002.7", data={"done": 30, "total": 120}))
        end = time.monotonic() + 10
        while "0002.7 25 % application: fine" not in alive.getvalue():
            assert time.monotonic() < end, alive.getvalue()
            time.sleep(0.005)
    assert alive.getvalue().endswith("\r\033[K" if alive.isatty() else "\n"), "nothing half-written is left"
    assert len(said) == 1
