"""Each kind of event as one sentence and one action word, for logs and for whoever watches."""

from __future__ import annotations

from enum import StrEnum

from watari.evidence.event import Event, EventKind
from watari.locale import Message, Text


class Level(StrEnum):
    """How loud a line of a log is."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


_SENTENCES = {
    EventKind.STAGE_BEGAN: Text(en="{what} begins", ja="{what} を開始"),
    EventKind.STAGE_ENDED: Text(en="{what} ended", ja="{what} を終了"),
    EventKind.RUN_BEGAN: Text(en="run {what} begins", ja="実行 {what} を開始"),
    EventKind.RUN_RESUMED: Text(en="run {what} continues", ja="実行 {what} を再開"),
    EventKind.RUN_ENDED: Text(en="run {what} ended", ja="実行 {what} を終了"),
    EventKind.STEP_BEGAN: Text(en="step {what} begins", ja="ステップ {what} を開始"),
    EventKind.STEP_ENDED: Text(en="step {what} ended", ja="ステップ {what} を終了"),
    EventKind.LOCK_WAIT: Text(en="step {what} gave way to others", ja="ステップ {what} はロック競合のため譲りました"),
    EventKind.STATEMENT: Text(en="statement ended", ja="文の実行を終了"),
    EventKind.PROGRESS: Text(en="progress", ja="進捗"),
    EventKind.NOTICE: Text(en="{what}", ja="{what_ja}"),
    EventKind.WARNING: Text(en="{what}", ja="{what_ja}"),
}
_FAILED = Text(en="step {what} failed", ja="ステップ {what} が失敗")
_RUN_FAILED = Text(en="run {what} stopped", ja="実行 {what} が停止")

#: Action words of the structured log; the first three are the runbooks'.
_ACTIONS = {
    EventKind.RUN_BEGAN: "migration_start",
    EventKind.RUN_RESUMED: "migration_resume",
    EventKind.RUN_ENDED: "migration_complete",
}
_FAILING = frozenset({"failed", "stopped"})


def failed(event: Event) -> bool:
    """Whether the event says that a step or a run did not succeed."""
    return bool(event.data.get("error")) or event.data.get("state") in _FAILING


def level(event: Event) -> Level:
    """How loud the event is."""
    if event.kind in (EventKind.STEP_ENDED, EventKind.RUN_ENDED) and failed(event):
        return Level.ERROR
    if event.kind in (EventKind.WARNING, EventKind.LOCK_WAIT):
        return Level.WARN
    return Level.DEBUG if event.kind in (EventKind.PROGRESS, EventKind.STATEMENT) else Level.INFO


def action(event: Event) -> str:
    """The event's word in the structured log: "migration_start", "migration_failed", "step_ended"."""
    if event.kind is EventKind.RUN_ENDED and failed(event):
        return "migration_failed"
    return _ACTIONS.get(event.kind, event.kind.value)


def sentence(event: Event) -> Message:
    """What happened, without the numbers that stand in the event's data."""
    text = _SENTENCES[event.kind]
    if failed(event) and event.kind is EventKind.STEP_ENDED:
        text = _FAILED
    elif failed(event) and event.kind is EventKind.RUN_ENDED:
        text = _RUN_FAILED
    said = event.data.get("message") or event.data.get("output")
    what = said or event.data.get("stage") or event.step or event.run or ""
    return text(what=what, what_ja=event.data.get("message_ja") or what)


def details(event: Event) -> dict[str, object]:
    """The event's data without what the sentence already says."""
    left_out = {"message", "message_ja", "output", "stage"}
    return {
        name: value for name, value in event.data.items() if name not in left_out and value not in (None, (), [], "")
    }
