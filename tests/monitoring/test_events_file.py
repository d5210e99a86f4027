"""`--events FILE`: JSON lines while it happens."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watari.errors.usage import FileUnwritable
from watari.evidence import Event, EventKind
from watari.monitoring.events_file import EventsFile

EVENT = Event(
    kind=EventKind.STEP_ENDED,
    data={"seconds": 0.1, "sql": "alter role r password 'hunter2'", "words": "日本語\n"},
    run="r",
    step="1",
    at=datetime(2026, 11, 21, tzinfo=UTC),
)


def test_each_event_is_one_line_that_is_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventsFile(path) as events:
        events(EVENT)
        first = json.loads(path.read_text(encoding="utf-8"))
        events(Event(kind=EventKind.NOTICE))
    assert first == {
        "at": "2026-11-21T00:00:00.000000+00:00",
        "kind": "step_ended",
        "run": "r",
        "step": "1",
        "data": {"seconds": 0.1, "sql": "alter role r password '****'", "words": "日本語\n"},
    }
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_older_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("old\n")
    with EventsFile(path) as events:
        events(EVENT)
    assert "old" not in path.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_opened_is_told_before_anything_happens(tmp_path: Path) -> None:
    with pytest.raises(FileUnwritable, match="No such file"):
        EventsFile(tmp_path / "missing" / "events.jsonl")
    with pytest.raises(FileUnwritable, match="directory"):
        EventsFile(tmp_path)


def test_a_reader_that_goes_away_does_not_fail_the_run() -> None:
    reading, writing = os.pipe()
    with EventsFile(Path(f"/dev/fd/{writing}")) as events:
        os.close(reading)
        os.close(writing)
        events(EVENT)
        events(EVENT)
        assert str(events.broken) == "Broken pipe"
