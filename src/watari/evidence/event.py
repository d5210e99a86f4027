"""Everything that happens, as one typed stream. Log, progress, alerts and report only read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum

from watari.locale import Language, Message
from watari.values import dataclass, field


class EventKind(StrEnum):
    """What can happen."""

    STAGE_BEGAN = "stage_began"  # status, check, plan, rehearse, backup, apply, verify, report, rollback
    STAGE_ENDED = "stage_ended"
    RUN_BEGAN = "run_began"
    RUN_RESUMED = "run_resumed"
    RUN_ENDED = "run_ended"
    STEP_BEGAN = "step_began"
    STEP_ENDED = "step_ended"
    LOCK_WAIT = "lock_wait"  # gave way: who is in the way, attempt, next try in seconds
    STATEMENT = "statement"  # one statement ended: sql, seconds
    PROGRESS = "progress"  # done, total, unit, rate
    NOTICE = "notice"  # something worth a line
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened; `data` holds plain JSON values only, and never a secret."""

    kind: EventKind
    data: Mapping[str, object] = field(default_factory=dict)
    run: str | None = None
    step: str | None = None
    migration: str | None = None
    database: str | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))  # when it was told


def said(message: Message, **data: object) -> dict[str, object]:
    """The `data` of an event that carries a sentence: `message` in English, `message_ja` in Japanese, and what else is given."""
    return {"message": message.render(Language.EN), "message_ja": message.render(Language.JA), **data}


#: Where events go. A flow is given one sink and asks nothing of it.
EventSink = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The sink of those who do not listen."""
