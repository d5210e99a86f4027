"""Files and history agree, as far as a run needs them to."""

from __future__ import annotations

from watari.evidence.run import Direction
from watari.gates.facts import Facts
from watari.gates.gate import Gate, Permission, Refusal
from watari.locale import Message, Text
from watari.migrations import STOPPING, Problem, ProblemKind

_AGREES = Text(en="files and history agree", ja="ファイルと履歴が一致しています")
_RESUMED = Text(en="run {run} is continued", ja="実行 {run} の再開です")
_UNREAD = Text(en="nobody has compared the files with the history", ja="ファイルと履歴が照合されていません")
_READ_IT = Text(en="Run watari status.", ja="watari status を実行してください。")
_DISAGREES = Text(en="{problem}", ja="{problem}")
_MORE = Text(en="{problem} (and {count} more)", ja="{problem}（ほか {count} 件）")
_SETTLE = Text(
    en="Settle it first; watari status lists every problem with its way out.",
    ja="先に解消してください。watari status ですべての問題と対処方法を確認できます。",
)

#: What stops a way back: without these nobody knows what is applied.
_STOPPING_BACK = frozenset({ProblemKind.HISTORY_SHAPE, ProblemKind.DUPLICATE})


class History(Gate):
    """Closed by every problem that stops a run. On the way back a failed migration is what is to be taken back, and an
    edited or unreadable one counts only where the plan goes through it."""

    name = "history"
    title = Text(en="files and history", ja="ファイルと履歴")
    place = 10

    def check(self, facts: Facts) -> Permission | Refusal:
        if facts.resumes:
            return self.open(facts, _RESUMED(run=facts.resumes))
        if facts.standing is None:
            return self.closed(facts, _UNREAD(), _READ_IT())
        stopping = [problem for problem in facts.standing.problems if _stops(problem, facts)]
        if not stopping:
            return self.open(facts, _AGREES())
        return self.closed(facts, _first(stopping), _SETTLE())


def _stops(problem: Problem, facts: Facts) -> bool:
    if facts.plan.direction is Direction.FORWARD:
        return problem.kind in STOPPING
    in_the_way = problem.kind in (ProblemKind.EDITED, ProblemKind.UNREADABLE)
    return problem.kind in _STOPPING_BACK or (in_the_way and problem.migration in facts.plan.migrations)


def _first(problems: list[Problem]) -> Message:
    message = problems[0].message
    return _MORE(problem=message, count=len(problems) - 1) if problems[1:] else _DISAGREES(problem=message)
