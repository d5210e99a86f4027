"""Standbys that fall behind: what the run writes they have to replay, and their readers wait or are cancelled meanwhile."""

from __future__ import annotations

import time

from watari.errors.stopped import StandbyBehind
from watari.evidence.event import EventKind, said
from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.locale import Text
from watari.planning.plan import Step

_BEHIND = Text(
    en='standby "{standby}" is {seconds} s behind; the next step waits until it is within {limit} s',
    ja='スタンバイ "{standby}" が {seconds} 秒遅れています。{limit} 秒以内になるまで次のステップを待ちます',
)
_EVERY, _TOLD_EVERY = 0.5, 10.0


def wait_for_standbys(step: Step, execution: Execution) -> None:
    """Returns once no streaming standby is further behind than the policy lets it; raises `StandbyBehind`.

    Asked of the guard, so that a guard that is gone shows itself here. Without `pg_monitor` the server shows this user no
    lag; then nothing is waited for.
    """
    policy = execution.policy
    if policy.replica_lag <= 0:
        execution.session.require_guard()
        return
    began, told = time.monotonic(), 0.0
    while behind := execution.session.guard.execute(load("standby_behind"), [policy.replica_lag]).fetchone():
        name, seconds = behind[0], f"{behind[1]:.0f}"
        now = time.monotonic()
        if now - began > policy.lock_budget:
            raise StandbyBehind(run=execution.run, step=step.id, standby=name, seconds=seconds)
        if now - told > _TOLD_EVERY:
            told = now
            words = said(_BEHIND(standby=name, seconds=seconds, limit=f"{policy.replica_lag:g}"))
            execution.tell(EventKind.WARNING, step, **words, lag_seconds=float(behind[1]))
        time.sleep(_EVERY)
