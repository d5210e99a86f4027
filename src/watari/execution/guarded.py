"""Any command behind watari's patience: its locks held, timeouts in its address, tried again as a whole when it gave way."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from watari.evidence.event import Event, EventKind, EventSink, said
from watari.execution import child
from watari.execution.session import Session
from watari.frameworks.framework import Command
from watari.locale import Text
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl

_AGAIN = Text(
    en="the command gave way to the application (attempt {attempt}); next try in {pause} ms",
    ja="コマンドはロック待ちで譲りました（{attempt} 回目）。{pause} ms 後に再試行します",
)
_LONGEST_PAUSE = 5.0


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """How it ended: the command's own exit status, how often it was started, seconds over all."""

    status: int
    attempts: int
    seconds: float


def guard(
    argv: Sequence[str],
    *,
    url: DatabaseUrl,
    folder: Path,
    policy: Policy,
    runner_keys: Sequence[int],
    variables: Sequence[str],
    events: EventSink,
) -> Guarded:
    """Runs `argv` in `folder` with the bounded address in `variables`, until it ends for another reason than a lock.

    watari's own lock is held meanwhile, and the framework's (`runner_keys`) between the tries, so that nobody else's run
    overlaps. Raises `RunBusy`. A command that is to be tried again must be able to: its own transaction was rolled back.
    """
    began = time.monotonic()
    limited = child.bounded(url, policy, "watari-guard")
    address = limited.reveal().reveal()
    environment = {**dict.fromkeys(variables, address), "PGOPTIONS": limited.parameters["options"]}
    command = Command(argv=tuple(argv), folder=folder, environment=environment)

    def tell(line: str) -> None:
        events(Event(kind=EventKind.NOTICE, data={"output": line}))

    attempt, pause = 0, 0.1
    with Session.open(url, runner_keys=runner_keys, policy=policy, purpose="guard") as session:
        while True:
            attempt += 1
            with session.runner_lent():
                status, lines = child.run(command, url, tell)
            spent = time.monotonic() - began
            if not child.gave_way(status, lines) or spent + pause > policy.lock_budget:
                return Guarded(status=status, attempts=attempt, seconds=spent)
            words = said(_AGAIN(attempt=attempt, pause=round(pause * 1000)))
            events(Event(kind=EventKind.LOCK_WAIT, data={**words, "attempt": attempt, "pause_seconds": pause}))
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 1.6, _LONGEST_PAUSE)
