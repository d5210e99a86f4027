"""Holds a backfill back where others would suffer: it rests, or works for a part of the time only.

It rests while a standby is behind, WAL waits to be archived, its table is full of dead rows, or a person has said so. It
slows down while others wait for its locks or the application answers late, and comes back to its speed step by step.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from watari.errors.stopped import BackfillHeldUp
from watari.evidence.event import EventKind, said
from watari.execution.backfill.relations import Relation
from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.execution.room import Reserve
from watari.execution.wire import Watch
from watari.locale import Message, Text
from watari.planning.plan import Step
from watari.project.policy import Policy

#: How often it looks around, and how often it says why it rests; seconds.
_LOOKS_EVERY, _RESTS_FOR, _TOLD_EVERY = 1.0, 0.25, 10.0
_SLOWER, _FASTER = 0.5, 1.25
#: No wish of a person and no suffering makes it slower than this.
_SLOWEST, _SLOWEST_BY_ITSELF = 0.01, 0.1

_LAG = Text(
    en='standby "{standby}" is {seconds} s behind (backfill_lag is {limit} s)',
    ja='スタンバイ "{standby}" が {seconds} 秒遅れています（backfill_lag は {limit} 秒）',
)
_ARCHIVE = Text(
    en="{megabytes} MB of WAL wait to be archived (backfill_archive is {limit} MB); see pg_stat_archiver",
    ja="未アーカイブの WAL が {megabytes} MB あります（backfill_archive は {limit} MB）。pg_stat_archiver を確認してください",
)
_DEAD = Text(
    en="{share} % of {table} are dead rows until a vacuum has been (backfill_dead is {limit} %)",
    ja="{table} の {share} % が不要行です（backfill_dead は {limit} %）。VACUUM を待ちます",
)
_DISK = Text(
    en="only {free} MB are free on the server's disk",
    ja="サーバーのディスクの空きが {free} MB しかありません",
)
_PAUSED = Text(
    en="paused by {by} since {since}; watari runs {run} --resume lets it go on",
    ja="{by} が {since} から一時停止しています。watari runs {run} --resume で再開します",
)
_RESTS = Text(en="the backfill rests: {reason}", ja="バックフィルを休止中: {reason}")
_GOES_ON = Text(en="the backfill goes on", ja="バックフィルを再開します")
_SPEED = Text(en="the backfill goes on at {speed} % of its speed", ja="バックフィルの速度を {speed} % にします")
_WAITERS = Text(
    en="{count} sessions wait for the backfill's locks: it slows down to {speed} %",
    ja="{count} セッションがバックフィルのロックを待っているため、速度を {speed} % に下げます",
)
_LATE = Text(
    en="the application answers in {seconds} s (backfill_latency is {limit} s): the backfill slows down to {speed} %",
    ja="アプリケーションの応答が {seconds} 秒です（backfill_latency は {limit} 秒）。速度を {speed} % に下げます",
)


class Throttle:
    """What one backfill is held back by; `speed` is the part of the time in which it works now."""

    def __init__(self, step: Step, execution: Execution, table: str, relations: Sequence[Relation]) -> None:
        self._step, self._execution, self._table = step, execution, table
        self._relations = [relation.oid for relation in relations]
        self._wanted = self.speed = _possible(execution.policy.backfill_speed)
        self._looked = 0.0
        self._told = 0.0
        self._waiters = 0
        self._reserve = Reserve(execution)

    @property
    def _policy(self) -> Policy:
        return self._execution.policy

    def watch(self) -> Watch:
        """Looks, while a batch takes longer than it should, whether somebody waits for it."""
        return Watch(look=self._count_waiters, first=self._policy.backfill_batch * 1.5, every=1.0)

    def before_batch(self, last: float) -> None:
        """Returns when the next batch may be sent, the one before having taken `last` seconds.

        Raises `BackfillHeldUp` where what it waits for does not recover within the budget.
        """
        if self.speed < 1.0 and last:
            self._sleep(last * (1.0 / self.speed - 1.0))
        if time.monotonic() - self._looked >= _LOOKS_EVERY:
            self._rest()
            self._steer()
            self._looked = time.monotonic()

    def _sleep(self, seconds: float) -> None:
        """Rests between two batches; a change of mind is noticed meanwhile."""
        end, wanted = time.monotonic() + seconds, self._wanted
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _LOOKS_EVERY))
            if left > _LOOKS_EVERY and (self._wish() or self._wanted != wanted):
                return

    def _rest(self) -> None:
        """Until nothing holds it up; a pause that a person wants has no end but that person's word."""
        held = 0.0
        rested = False
        while (reason := self._wish() or self._held_up()) is not None:
            if not rested or time.monotonic() - self._told > _TOLD_EVERY:
                self._tell(_RESTS(reason=reason))
            rested = True
            if held > self._policy.lock_budget:
                run, step = self._execution.run, self._step.id
                raise BackfillHeldUp(run=run, step=step, seconds=f"{held:.0f}", reason=reason)
            time.sleep(_RESTS_FOR)
            held = 0.0 if reason.text is _PAUSED else held + _RESTS_FOR
        if rested:
            self._tell(_GOES_ON())

    def _wish(self) -> Message | None:
        """What a person wants: the pause that comes out, or another speed."""
        execution = self._execution
        row = execution.session.guard.execute(load("pace_wanted"), {"run": execution.run}).fetchone()
        if row is None:
            return None
        paused, speed, by, since = row
        if (wanted := _possible(speed)) != self._wanted:
            self._wanted = self.speed = wanted
            self._tell(_SPEED(speed=_percent(wanted)))
        return _PAUSED(by=by, since=f"{since:%H:%M:%S}", run=execution.run) if paused else None

    def _held_up(self) -> Message | None:
        """What has to recover first."""
        policy = self._policy
        if (free := self._reserve.missing()) is not None:
            return _DISK(free=f"{free / 1e6:,.0f}")
        if not (policy.backfill_lag or policy.backfill_archive or policy.backfill_dead):
            return None
        query = load("backfill_pressure")
        row = self._execution.session.guard.execute(query, {"relations": self._relations}).fetchone()
        standby, lag, waiting, dead = row or (None, None, None, None)
        if policy.backfill_lag and (lag or 0.0) > policy.backfill_lag:
            return _LAG(standby=standby, seconds=f"{lag:.0f}", limit=f"{policy.backfill_lag:g}")
        if policy.backfill_archive and (waiting or 0.0) > policy.backfill_archive:
            megabytes, limit = round(waiting / 1e6), round(policy.backfill_archive / 1e6)
            return _ARCHIVE(megabytes=megabytes, limit=limit)
        if policy.backfill_dead and (dead or 0.0) > policy.backfill_dead:
            return _DEAD(table=self._table, share=_percent(dead), limit=_percent(policy.backfill_dead))
        return None

    def _steer(self) -> None:
        """Slower while others suffer, faster again when they do not."""
        late = self._execution.felt.get("canary", 0.0)
        limit = self._policy.backfill_latency
        slower = min(self._wanted, max(_SLOWEST_BY_ITSELF, self.speed * _SLOWER))
        if self._waiters:
            self.speed = slower
            self._tell(_WAITERS(count=self._waiters, speed=_percent(slower)))
        elif limit and late > limit:
            self.speed = slower
            self._tell(_LATE(seconds=f"{late:.2f}", limit=f"{limit:g}", speed=_percent(slower)))
        else:
            self.speed = max(self.speed, min(self._wanted, self.speed * _FASTER))
        self._waiters = 0

    def _count_waiters(self) -> None:
        session = self._execution.session
        row = session.guard.execute(load("backfill_waiting"), [session.work.info.backend_pid]).fetchone()
        self._waiters = max(self._waiters, row[0] if row else 0)

    def _tell(self, message: Message) -> None:
        self._told = time.monotonic()
        self._execution.tell(EventKind.NOTICE, self._step, **said(message, speed=self.speed))


def _possible(speed: float) -> float:
    return min(1.0, max(_SLOWEST, speed))


def _percent(share: float) -> str:
    return f"{share * 100:.0f}"
