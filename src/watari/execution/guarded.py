"""Any command behind watari's patience: its sessions go through the recorder's door, bounded, watched and written down.

On a live database the door only passes on and writes down; it puts no looks of its own into the tool's sessions.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from watari.errors.stopped import CommandHarms, CommandInterrupted
from watari.evidence.event import Event, EventKind, EventSink, said
from watari.evidence.recording import Recording
from watari.execution import child
from watari.execution.canary import Canary, HttpProbe
from watari.execution.circumstances import Circumstances
from watari.execution.guarded_journal import Entry
from watari.execution.interruption import as_interrupt, undisturbed
from watari.execution.session import Session, milliseconds
from watari.execution.through import run_through
from watari.execution.warden import Warden
from watari.locale import Message, Text
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.recorder.recorder import Recorder
from watari.recorder.running import Running
from watari.values import dataclass

_AGAIN = Text(
    en="the command gave way to the application (attempt {attempt}); next try in {pause} ms",
    ja="コマンドはロック待ちで譲りました（{attempt} 回目）。{pause} ms 後に再試行します",
)
_PAST_THE_DOOR = Text(
    en="the command ended well, but no session of it came through the door: it takes its address from somewhere else "
    "than DATABASE_URL, and was neither bounded nor recorded",
    ja="コマンドは正常終了しましたが、watari 経由の接続がありませんでした。DATABASE_URL 以外から接続先を得ているため、"
    "タイムアウトも記録も適用されていません",
)
_LONGEST_PAUSE = 5.0
#: What a server says where somebody else was in the way.
_GAVE_WAY = ("55P03", "40P01")


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """How it ended: the command's own exit status, how often it was started, seconds over all, and what it did at last."""

    id: str
    status: int
    attempts: int
    seconds: float
    recording: Recording
    blockers: tuple[str, ...] = ()  # who was in the way last
    log_file: str | None = None


def guard(
    argv: Sequence[str],
    *,
    url: DatabaseUrl,
    folder: Path,
    policy: Policy,
    runner_keys: Sequence[int],
    circumstances: Circumstances,
    events: EventSink,
    mask: Callable[[str], str],
    http: HttpProbe | None = None,
) -> Guarded:
    """Runs `argv` in `folder` until it ends for another reason than a lock; it finds the door in DATABASE_URL.

    watari's own lock is held meanwhile, and the framework's (`runner_keys`) between the tries, so that nobody else's run
    overlaps. `mask` takes passwords out of what the journal keeps. Meanwhile the policy's canary asks the application (`http` its canary_url). Raises `RunBusy`, `PrivilegeMissing`,
    and, when its statements are cancelled, `CommandInterrupted`, or `CommandHarms` where the application suffered. A command
    that is to be tried again must be able to: its own transaction was rolled back.
    """
    with Session.open(url, runner_keys=runner_keys, policy=policy, purpose="guard") as session:
        entry = Entry.begin(session.guard, argv, circumstances, mask)
        watch = _Watch(argv, url=url, folder=folder, policy=policy, events=events, session=session, id=entry.id)
        canary = Canary(url, policy, http, tell=watch.warn, cancel=lambda: watch.cancel())
        try:
            with as_interrupt(), canary:
                guarded = watch.until_it_ends()
            if canary.complaint:
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            with undisturbed():
                suffers = canary.complaint
                error = f"the application suffered: {suffers}" if suffers else "interrupted"
                entry.end(watch.attempt, recording=watch.recording, error=error)
            if suffers:
                raise CommandHarms(command=argv[0], run=entry.id, complaint=suffers) from None
            raise CommandInterrupted(command=argv[0], run=entry.id) from None
        entry.end(guarded.attempts, status=guarded.status, recording=guarded.recording, blockers=guarded.blockers)
        return guarded


class _Watch:
    """The tries of one command."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        url: DatabaseUrl,
        folder: Path,
        policy: Policy,
        events: EventSink,
        session: Session,
        id: str,
    ) -> None:
        self._argv, self._url, self._folder, self._policy, self._events = argv, url, folder, policy, events
        self._session, self._id = session, id
        self.attempt = 0
        self.recording: Recording | None = None
        self.cancel: Callable[[], object] = lambda: None  # ends its statements on the server

    def warn(self, message: Message) -> None:
        """Tells whoever listens."""
        self._events(Event(kind=EventKind.WARNING, data=said(message)))

    def until_it_ends(self) -> Guarded:
        began, pause = time.monotonic(), 0.1
        while True:
            self.attempt += 1
            status, lines, recording, blockers = self._try()
            self.recording = recording
            spent = time.monotonic() - began
            if not _gave_way(status, lines, recording) or spent + pause > self._policy.lock_budget:
                if status == 0 and not recording.connections:
                    self.warn(_PAST_THE_DOOR())
                return Guarded(
                    id=self._id,
                    status=status,
                    attempts=self.attempt,
                    seconds=spent,
                    recording=recording,
                    blockers=blockers,
                )
            words = said(_AGAIN(attempt=self.attempt, pause=round(pause * 1000)))
            facts = {"attempt": self.attempt, "pause_seconds": pause, "blockers": list(blockers)}
            self._events(Event(kind=EventKind.LOCK_WAIT, data={**words, **facts}))
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 1.6, _LONGEST_PAUSE)

    def _try(self) -> tuple[int, list[str], Recording, tuple[str, ...]]:
        settings = {
            "lock_timeout": str(milliseconds(self._policy.lock_timeout)),
            "statement_timeout": str(milliseconds(self._policy.statement_timeout)),
        }
        with Recorder(self._url, look=False, settings=settings, listen=self._heard) as recorder:
            self.cancel = recorder.cancel
            with Warden(self._url, self._policy, lambda: recorder.pids, self._events) as warden:
                try:
                    with self._session.runner_lent():
                        status, lines = run_through(self._argv, door=recorder.url, folder=self._folder, tell=self._tell)
                except KeyboardInterrupt:
                    recorder.cancel()  # a tool that is killed leaves its statement running on the server
                    self.recording = recorder.recording()
                    raise
            return status, lines, recorder.recording(), warden.blockers

    def _tell(self, line: str) -> None:
        self._events(Event(kind=EventKind.NOTICE, data={"output": line}))

    def _heard(self, running: Running, connection: int) -> None:
        seconds = (running.ended or running.began) - running.began
        facts: dict[str, object] = {"sql": running.sql.decode(errors="replace"), "seconds": round(seconds, 6)}
        facts |= {"connection": connection, "tag": running.tag}
        if running.error:
            facts["error"] = f"{running.error.code} {running.error.message}"
        self._events(Event(kind=EventKind.STATEMENT, data=facts))


def _gave_way(status: int, lines: Sequence[str], recording: Recording) -> bool:
    """The server's own codes say so; a tool that went past the door only has its words."""
    if status == 0:
        return False
    codes = {each.error.code for each in recording.statements if each.error}
    return bool(codes & set(_GAVE_WAY)) or (not recording.connections and child.gave_way(status, lines))
