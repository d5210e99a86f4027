"""The plan on a clone: what was measured, and what it proves."""

from __future__ import annotations

from watari.evidence.evidence import Proof
from watari.locale import Text
from watari.reporting.blocks import Block, Chapter, Facts, Prose, Row, Section, Table, Tone, badge, text
from watari.reporting.report import Report
from watari.reporting.wording import PROOFS, duration, moment, short, size

_TITLE = Text(en="Rehearsal", ja="リハーサル")
_SOUND = Text(
    en="The plan ran on a clone and every proof that could be tried holds.",
    ja="計画をクローン上で実行し、実施できた証明はすべて成立しました。",
)
_UNSOUND = Text(en="The rehearsal does not hold.", ja="リハーサルは不成立です。")
_HEAD = (Text(en="proof", ja="証明"), Text(en="result", ja="結果"), Text(en="detail", ja="詳細"))
_HOLDS = Text(en="holds", ja="成立")
_FAILS = Text(en="fails", ja="不成立")
_SKIPPED = Text(en="not tried", ja="未実施")
_CLONE = Text(en="clone", ja="クローン")
_CLONE_IS = Text(en="{clone}, {size}, made in {seconds}", ja="{clone}（{size}、作成 {seconds}）")
_RAN = Text(en="ran", ja="実行")
_RAN_AT = Text(en="{at}, {seconds}", ja="{at}（{seconds}）")
_LOCK = Text(en="longest lock", ja="最長ロック")
_WAL = Text(en="write-ahead log", ja="WAL 量")
_REWRITES = Text(en="tables written anew", ja="書き換えられたテーブル")
_PLAN = Text(en="plan", ja="計画")
_OTHER_PLAN = Text(
    en="This evidence belongs to plan {plan}, not to the one that ran.",
    ja="この証跡は計画 {plan} のもので、実行した計画とは異なります。",
)


def make(report: Report) -> Section | None:
    """Facts of the clone, and each proof."""
    evidence = report.evidence
    if evidence is None:
        return None
    effects = [effect for step in evidence.steps for effect in step.effects]
    wal = [effect.wal_bytes for effect in effects if effect.wal_bytes is not None]
    locks = [step.longest_lock_seconds for step in evidence.steps if step.longest_lock_seconds is not None]
    rewritten = sorted({effect.relation for effect in effects if effect.rewrite and not effect.created})
    clone = _CLONE_IS(clone=evidence.clone, size=size(evidence.clone_bytes), seconds=duration(evidence.clone_seconds))
    facts = Facts(
        pairs=(
            (_PLAN(), text(short(evidence.plan_sha256))),
            (_CLONE(), text(clone)),
            (_RAN(), text(_RAN_AT(at=moment(evidence.started_at), seconds=duration(evidence.seconds)))),
            (_LOCK(), text(duration(max(locks, default=None)))),
            (_WAL(), text(size(sum(wal) if wal else None))),
            (_REWRITES(), text(", ".join(rewritten) or "–")),
        )
    )
    blocks: list[Block] = [facts]
    if report.plan and report.plan.sha256 != evidence.plan_sha256:
        blocks.append(Prose(words=_OTHER_PLAN(plan=short(evidence.plan_sha256)), tone=Tone.WARN))
    if evidence.proofs:
        blocks.append(Table(head=tuple(h() for h in _HEAD), rows=tuple(_row(proof) for proof in evidence.proofs)))
    if evidence.error:
        blocks.append(Prose(words=evidence.error, tone=Tone.BAD))
    return Section(
        id="rehearsal",
        title=_TITLE(),
        summary=_SOUND() if evidence.sound else _UNSOUND(),
        blocks=tuple(blocks),
        tone=Tone.PLAIN if evidence.sound else Tone.BAD,
    )


def _row(proof: Proof) -> Row:
    result = badge(_HOLDS(), Tone.GOOD) if proof.holds else badge(_FAILS(), Tone.BAD)
    if proof.skipped:
        result = badge(_SKIPPED(), Tone.QUIET)
    words = PROOFS[proof.name]() if proof.name in PROOFS else proof.name
    below = tuple(
        Prose(words=line, tone=tone)
        for lines, tone in ((proof.differences, Tone.BAD), (proof.losses, Tone.QUIET))
        for line in lines
    )
    return Row(cells=(text(words), result, text(proof.skipped or "")), below=below)


CHAPTER = Chapter(order=70, make=make)
