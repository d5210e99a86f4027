"""The files are those that the plan was made from."""

from __future__ import annotations

from watari.evidence.run import Direction
from watari.gates.facts import Facts
from watari.gates.gate import Gate, Permission, Refusal
from watari.locale import Text

_SAME = Text(en="the files are those of the plan", ja="ファイルは計画作成時のままです")
_BACK = Text(en="a way back is not held up by files", ja="戻す操作はファイルの変更では止めません")
_RESUMED = Text(en="run {run} is continued", ja="実行 {run} の再開です")
_OTHER = Text(en='"{file}" has changed since the plan was made', ja='計画の作成後に "{file}" が変更されています')
_OTHERS = Text(
    en='"{file}" and {count} more files have changed since the plan was made',
    ja='計画の作成後に "{file}" ほか {count} 件のファイルが変更されています',
)
_TODO = Text(
    en="Make a new plan with watari plan, look at it, and run that; or put the file back.",
    ja="watari plan で計画を作り直し、内容を確認してから実行するか、ファイルを元に戻してください。",
)


class Files(Gate):
    """Closed where a file is another than the plan's: the history would say of the new text that it was run."""

    name = "files"
    title = Text(en="plan and files", ja="計画とファイル")
    place = 15

    def check(self, facts: Facts) -> Permission | Refusal:
        if facts.plan.direction is Direction.BACK:
            return self.open(facts, _BACK())
        if facts.resumes:
            return self.open(facts, _RESUMED(run=facts.resumes))
        if not facts.edited:
            return self.open(facts, _SAME())
        first, *more = facts.edited
        reason = _OTHERS(file=first, count=len(more)) if more else _OTHER(file=first)
        return self.closed(facts, reason, _TODO())
