"""Nothing that the policy does not allow is about to run."""

from __future__ import annotations

from watari.evidence.run import Direction
from watari.gates.facts import Facts
from watari.gates.gate import Gate, Permission, Refusal
from watari.locale import Text
from watari.risk.hazard import Level

_NONE = Text(en="no statement of the plan is a hazard that blocks", ja="実行を止めるリスクはありません")
_ALLOWED = Text(
    en="allowed by a comment with a reason or by the policy: {rules}",
    ja="コメントの理由またはポリシーで許可済み: {rules}",
)
_BACK = Text(en="a way back is not held up by hazards", ja="戻す操作はリスク判定では止めません")
_RESUMED = Text(en="run {run} is continued", ja="実行 {run} の再開です")
_UNJUDGED = Text(en="nobody has judged what the plan will run", ja="計画の内容が判定されていません")
_JUDGE_IT = Text(en="Run watari check.", ja="watari check を実行してください。")
_BLOCKED = Text(
    en="{count} hazards block, the first is {rule} on {object} ({file}:{line}): {message}",
    ja="{count} 件のリスクが実行を止めています。最初は {object} の {rule}（{file}:{line}）: {message}",
)
_TODO = Text(
    en="Take the safer way that watari check shows, or allow it with a reason before the statement "
    '(-- watari: allow {rule} because …) or in the environment\'s policy: rules.{rule} = "allow".',
    ja="watari check が示す安全な方法に書き換えるか、文の前に理由を書いて許可する（-- watari: allow {rule} because 理由）か、"
    '環境のポリシーで rules.{rule} = "allow" と許可してください。',
)


class Hazards(Gate):
    """Closed by a hazard of level block whose rule the policy does not allow."""

    name = "hazards"
    title = Text(en="hazards", ja="リスク")
    place = 20

    def check(self, facts: Facts) -> Permission | Refusal:
        if facts.plan.direction is Direction.BACK:
            return self.open(facts, _BACK())
        if facts.resumes:
            return self.open(facts, _RESUMED(run=facts.resumes))
        if facts.judgement is None:
            return self.closed(facts, _UNJUDGED(), _JUDGE_IT())
        standing = [hazard for hazard in facts.judgement.hazards if hazard.level is Level.BLOCK]
        if standing:
            first = standing[0]
            reason = _BLOCKED(
                count=len(standing),
                rule=first.rule,
                object=first.object,
                file=first.file,
                line=first.line,
                message=first.message,
            )
            return self.closed(facts, reason, _TODO(rule=first.rule))
        if rules := sorted({hazard.rule for hazard in facts.judgement.hazards if "allowed" in hazard.facts}):
            return self.open(facts, _ALLOWED(rules=", ".join(rules)))
        return self.open(facts, _NONE())
