"""The plan has been rehearsed, and every proof held."""

from __future__ import annotations

from watari.evidence.evidence import Evidence
from watari.evidence.run import Direction
from watari.gates.facts import Facts
from watari.gates.gate import Gate, Permission, Refusal
from watari.locale import Message, Text

_NOT_ASKED = Text(en="the policy asks for no rehearsal", ja="ポリシーはリハーサルを要求していません")
_SOUND = Text(en="rehearsal {id} of {date} holds", ja="{date} のリハーサル {id} は合格です")
_BACK = Text(en="a way back is not held up by a rehearsal", ja="戻す操作にリハーサルは要求しません")
_RESUMED = Text(en="run {run} is continued", ja="実行 {run} の再開です")
_NONE = Text(en="this plan has not been rehearsed", ja="この計画はリハーサルされていません")
_OTHER_PLAN = Text(
    en="rehearsal {id} was of another plan ({plan})", ja="リハーサル {id} は別の計画（{plan}）のものです"
)
_FAILED = Text(en="rehearsal {id} stopped: {error}", ja="リハーサル {id} は停止しました: {error}")
_UNSOUND = Text(en="in rehearsal {id} the proofs {proofs} fail", ja="リハーサル {id} で証明 {proofs} が不成立です")
_DO = Text(en="Rehearse it with watari rehearse.", ja="watari rehearse でリハーサルしてください。")
_CORRECT = Text(
    en="Correct what the rehearsal shows, make a new plan and rehearse that.",
    ja="リハーサルで見つかった問題を修正し、計画を作り直して再度リハーサルしてください。",
)


class Rehearsal(Gate):
    """Closed, where the policy asks for it, without sound evidence for exactly this plan; a rehearsal that failed closes it
    whatever the policy says."""

    name = "rehearsal"
    title = Text(en="rehearsal", ja="リハーサル")
    place = 40
    opened_on_the_way = True

    def check(self, facts: Facts) -> Permission | Refusal:
        evidence = facts.evidence
        if facts.plan.direction is Direction.BACK:
            return self.open(facts, _BACK())
        if facts.resumes:
            return self.open(facts, _RESUMED(run=facts.resumes))
        of_plan = evidence is not None and evidence.plan_sha256 == facts.plan.sha256
        if evidence is not None and of_plan:
            if not evidence.sound:
                return self.closed(facts, _what_failed(evidence), _CORRECT())
            reason = _SOUND(id=evidence.id, date=f"{evidence.started_at:%Y-%m-%d %H:%M}")
            return self.open(facts, reason, subject=evidence.id)
        if not facts.policy.require_rehearsal:
            return self.open(facts, _NOT_ASKED())
        if evidence is None:
            return self.closed(facts, _NONE(), _DO())
        return self.closed(facts, _OTHER_PLAN(id=evidence.id, plan=evidence.plan_sha256[:12]), _DO())


def _what_failed(evidence: Evidence) -> Message:
    if evidence.error is not None:
        return _FAILED(id=evidence.id, error=evidence.error)
    names = ", ".join(proof.name for proof in evidence.proofs if not (proof.holds or proof.skipped))
    return _UNSOUND(id=evidence.id, proofs=names)
