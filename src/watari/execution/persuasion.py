"""What the policy says about those who are in the way: most are waited for, some are asked to leave, some are ended.

The server's own vacuum against wraparound is never disturbed, whatever the policy says: a database that stops it stops
taking writes. A prepared transaction has no session that could be ended.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import psycopg

from watari.errors.stopped import BlockerRefused
from watari.evidence.event import EventKind, said
from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.locale import Text
from watari.planning.plan import Step
from watari.postgres.activity import Blocker

_CANCELLED = Text(
    en="its statement was cancelled, as the policy says: {who}", ja="ポリシーに従い、文をキャンセルしました: {who}"
)
_ENDED = Text(
    en="its session was ended, as the policy says: {who}", ja="ポリシーに従い、セッションを終了しました: {who}"
)
_MAY_NOT = Text(
    en="may not be cancelled or ended by this user (grant pg_signal_backend): {who}",
    ja="このユーザーにはキャンセル・終了の権限がありません（pg_signal_backend を付与してください）: {who}",
)


def kinds_of(blocker: Blocker) -> frozenset[str]:
    """The names by which settings can mean this blocker."""
    if blocker.prepared:
        return frozenset({"prepared"})
    if blocker.wraparound:
        return frozenset({"wraparound"})
    if blocker.autovacuum:
        return frozenset({"autovacuum"})
    application = f"application:{blocker.application}"
    if blocker.dump:
        return frozenset({"dump", application})
    idle = (blocker.state or "").startswith("idle in transaction")
    return frozenset({"idle_in_transaction" if idle else "query", application})


class Persuasion:
    """Deals with the blockers of one step, each of them once."""

    def __init__(self, execution: Execution, step: Step) -> None:
        self._execution = execution
        self._step = step
        self._dealt_with: set[int | None] = set()

    def try_on(self, blockers: Sequence[Blocker]) -> None:
        """Cancels and ends whom the policy names; raises `BlockerRefused` where it names one to give up on."""
        policy = self._execution.policy
        old = [one for one in blockers if (one.transaction_age or 0.0) >= policy.blocker_age]
        for blocker in old:
            if _named(blocker, policy.give_up_on):
                raise BlockerRefused(run=self._execution.run, step=self._step.id, blocker=blocker.message)
            if blocker.pid in self._dealt_with or blocker.wraparound or blocker.prepared:
                continue
            if _named(blocker, policy.terminate):
                self._send("end_session", blocker, _ENDED)
            elif _named(blocker, policy.cancel):
                self._send("cancel_statement", blocker, _CANCELLED)

    def _send(self, query: str, blocker: Blocker, words: Text) -> None:
        self._dealt_with.add(blocker.pid)
        try:
            self._execution.session.guard.execute(load(query), [blocker.pid])
        except psycopg.errors.InsufficientPrivilege:
            words = _MAY_NOT
        told = said(words(who=blocker.message), pid=blocker.pid)
        self._execution.tell(EventKind.WARNING, self._step, **told)


def _named(blocker: Blocker, names: Collection[str]) -> bool:
    return not kinds_of(blocker).isdisjoint(names)
