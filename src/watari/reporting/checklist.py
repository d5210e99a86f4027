"""The runbooks' checklists before, during and after: what watari proved is ticked, what only a person knows stays open."""

from __future__ import annotations

from collections.abc import Sequence

from watari.evidence.backup import VerificationLevel
from watari.evidence.run import Direction, Run, RunState
from watari.locale import Text
from watari.migrations.migration import State
from watari.reporting.blocks import Check, Checklist, CheckState
from watari.reporting.report import Report
from watari.reporting.wording import duration, moment, short, size
from watari.risk.hazard import Level
from watari.verification.verdict import VerdictState

_BEFORE = Text(en="Before", ja="実行前")
_DURING = Text(en="During", ja="実行中")
_AFTER = Text(en="After", ja="実行後")


def checklist(report: Report) -> tuple[Checklist, ...]:
    """The three lists, each item with what proves it."""
    return (
        Checklist(title=_BEFORE(), items=_signed(report, _before(report))),
        Checklist(title=_DURING(), items=_signed(report, _during(report))),
        Checklist(title=_AFTER(), items=_signed(report, _after(report))),
    )


# -- before -----------------------------------------------------------------------------------------------------------

_BACKUP = Text(en="A backup is there and is known to restore", ja="バックアップを取得し、復元できることを確認した")
_BACKUP_RESTORED = Text(
    en="{id}, {size}, restored beside and compared at {at}",
    ja="{id}（{size}）。別データベースへ復元して照合済み（{at}）",
)
_BACKUP_NOT_RESTORED = Text(en="{id} was not restored anywhere yet", ja="{id} はまだ復元して確認していません")
_REHEARSED = Text(en="The change was tried in a test environment", ja="テスト環境で検証した")
_REHEARSED_ON = Text(
    en="this very plan ({plan}) ran on a clone in {seconds}; proofs that hold: {proofs}",
    ja="同じ計画（{plan}）をクローン上で実行（{seconds}、証明 {proofs} 件成立）",
)
_REHEARSAL_FAILED = Text(en="the rehearsal does not hold", ja="リハーサルが不成立です")
_WAY_BACK = Text(en="The way back is prepared", ja="ロールバック手順を用意した")
_WAY_BACK_TRIED = Text(
    en="tried on the clone: the schema came out as before", ja="クローン上で戻しを実施し、スキーマが元どおりになった"
)
_WAY_BACK_PLANNED = Text(en="a plan takes this run back, steps: {steps}", ja="戻すための計画（{steps} ステップ）がある")
_WAY_BACK_FAILED = Text(en="the way back failed on the clone", ja="クローン上での戻しに失敗しました")
_RISK = Text(en="Effects and hazards were assessed", ja="影響範囲とリスクを評価した")
_RISK_DONE = Text(
    en="statements judged on live facts: {statements}; blocking: {block}, warnings: {warn}",
    ja="{statements} 文を実データベースの情報で判定（重大 {block} 件、警告 {warn} 件）",
)
_DOWNTIME = Text(en="The downtime was estimated", ja="ダウンタイムを見積もった")
_DOWNTIME_MEASURED = Text(en="longest lock on the clone: {lock}", ja="クローン上での最長ロック時間は {lock}")
_WINDOW = Text(en="The maintenance window is set", ja="メンテナンスウィンドウを確保した")
_NOTIFIED = Text(en="Everyone concerned was told", ja="関係者へ通知した")
_ALARMS = Text(en="Monitoring and alarms are on", ja="監視とアラートを設定した")


def _before(report: Report) -> list[Check]:
    return [
        _backup(report),
        _rehearsal(report),
        _way_back(report),
        _risk(report),
        _downtime(report),
        Check(id="window", words=_WINDOW(), state=CheckState.PERSON),
        Check(id="notified", words=_NOTIFIED(), state=CheckState.PERSON),
        Check(id="alarms", words=_ALARMS(), state=CheckState.PERSON),
    ]


def _backup(report: Report) -> Check:
    backup = report.backup
    if backup is None:
        return Check(id="backup", words=_BACKUP(), state=CheckState.PERSON)
    if backup.verified < VerificationLevel.RESTORED or backup.findings:
        because = _BACKUP_NOT_RESTORED(id=backup.id)
        return Check(id="backup", words=_BACKUP(), state=CheckState.FAILED, because=because)
    because = _BACKUP_RESTORED(id=backup.id, size=size(backup.bytes), at=moment(backup.verified_at))
    return Check(id="backup", words=_BACKUP(), state=CheckState.PROVED, because=because)


def _rehearsal(report: Report) -> Check:
    evidence, plan = report.evidence, report.plan
    if evidence is None or (plan and evidence.plan_sha256 != plan.sha256):
        return Check(id="rehearsal", words=_REHEARSED(), state=CheckState.PERSON)
    if not evidence.sound:
        return Check(id="rehearsal", words=_REHEARSED(), state=CheckState.FAILED, because=_REHEARSAL_FAILED())
    because = _REHEARSED_ON(
        plan=short(evidence.plan_sha256),
        seconds=duration(evidence.seconds),
        proofs=sum(proof.holds for proof in evidence.proofs),
    )
    return Check(id="rehearsal", words=_REHEARSED(), state=CheckState.PROVED, because=because)


def _way_back(report: Report) -> Check:
    down = next((proof for proof in (report.evidence.proofs if report.evidence else ()) if proof.name == "down"), None)
    state, because = CheckState.PERSON, None
    if down and not down.skipped:
        state = CheckState.PROVED if down.holds else CheckState.FAILED
        because = _WAY_BACK_TRIED() if down.holds else _WAY_BACK_FAILED()
    elif report.way_back and report.way_back.steps:
        state, because = CheckState.PROVED, _WAY_BACK_PLANNED(steps=len(report.way_back.steps))
    return Check(id="way_back", words=_WAY_BACK(), state=state, because=because)


def _risk(report: Report) -> Check:
    if not report.judged_statements:
        return Check(id="risk", words=_RISK(), state=CheckState.PERSON)
    tally = [hazard.level for hazard in report.hazards].count
    because = _RISK_DONE(statements=report.judged_statements, block=tally(Level.BLOCK), warn=tally(Level.WARN))
    return Check(id="risk", words=_RISK(), state=CheckState.PROVED, because=because)


def _downtime(report: Report) -> Check:
    locks = [step.longest_lock_seconds for step in (report.evidence.steps if report.evidence else ())]
    known = [seconds for seconds in locks if seconds is not None]
    if not known:
        return Check(id="downtime", words=_DOWNTIME(), state=CheckState.PERSON)
    because = _DOWNTIME_MEASURED(lock=duration(max(known)))
    return Check(id="downtime", words=_DOWNTIME(), state=CheckState.PROVED, because=because)


# -- during -----------------------------------------------------------------------------------------------------------

_LOGGED = Text(en="The output goes to a log", ja="ログを出力した")
_STAGES = Text(en="Every step was confirmed before the next", ja="各段階で結果を確認してから次へ進んだ")
_STAGES_DONE = Text(
    en="recorded in the journal of the database: {done} of {all}",
    ja="{all} ステップ中 {done} 件をデータベース内のジャーナルに記録",
)
_PATIENCE = Text(en="The application was not kept waiting for locks", ja="ロック待ちでアプリケーションを止めなかった")
_PATIENCE_KEPT = Text(
    en="longest lock {lock}; times it gave way: {waits}", ja="最長ロック {lock}、競合時に譲った回数 {waits}"
)
_READY = Text(en="Someone was ready to act", ja="異常時に対応できる体制を取った")


def _during(report: Report) -> list[Check]:
    run = report.outcome
    if run is None:
        return [
            Check(id=name, words=words(), state=CheckState.PERSON)
            for name, words in (("log", _LOGGED), ("stages", _STAGES), ("patience", _PATIENCE), ("ready", _READY))
        ]
    done = sum(step.state.value == "done" for step in run.steps)
    finished = run.state in (RunState.DONE, RunState.ROLLED_BACK)
    locks = max((step.longest_lock_seconds or 0.0 for step in run.steps), default=0.0)
    waits = sum(max(0, step.attempts - 1) for step in run.steps)
    return [
        Check(
            id="log",
            words=_LOGGED(),
            state=CheckState.PROVED if run.log_file else CheckState.PERSON,
            because=run.log_file,
        ),
        Check(
            id="stages",
            words=_STAGES(),
            state=CheckState.PROVED if finished else CheckState.FAILED,
            because=_STAGES_DONE(done=done, all=len(run.steps)),
        ),
        _patience(run, locks, waits),
        Check(id="ready", words=_READY(), state=CheckState.PERSON),
    ]


def _patience(run: Run, locks: float, waits: int) -> Check:
    """Proved of watari's own steps; how long another tool's command held its locks was not measured."""
    if run.direction is Direction.GUARDED:
        return Check(id="patience", words=_PATIENCE(), state=CheckState.PERSON)
    because = _PATIENCE_KEPT(lock=duration(locks), waits=waits)
    return Check(id="patience", words=_PATIENCE(), state=CheckState.PROVED, because=because)


# -- after ------------------------------------------------------------------------------------------------------------

_HISTORY = Text(en="The framework's history is up to date", ja="フレームワークの履歴が最新になっている")
_HISTORY_IS = Text(en="applied: {applied}, pending: {pending}", ja="適用済み {applied} 件、未適用 {pending} 件")
_VERIFIED = Text(en="All checks of the result passed", ja="全検証項目に合格した")
_VERIFIED_ARE = Text(en="passed: {passed}, failed: {failed}", ja="合格 {passed} 件、不合格 {failed} 件")
_ROWS = Text(en="Row counts are as expected", ja="レコード数を確認した")
_INDEXES = Text(en="All indexes are there and valid", ja="全インデックスが有効であることを確認した")
_PERFORMANCE = Text(en="Statistics before and after were compared", ja="実行前後の統計を比較した")
_PERFORMANCE_DONE = Text(en="see “Statistics”, numbers compared: {measures}", ja="{measures} 項目（「統計」を参照）")
_APPLICATION = Text(en="The application answers", ja="アプリケーションの動作を確認した")
_FEATURES = Text(en="The main features work for users", ja="主要機能の動作を確認した")
_ERRORS = Text(en="The application's error log was read", ja="アプリケーションのエラーログを確認した")
_REPORTED = Text(en="Log and report are kept", ja="ログを保存し、報告書を作成した")
_REPORTED_HERE = Text(en="this report", ja="本報告書")
_LESSONS = Text(en="What to do better next time is noted", ja="次回への改善点を整理した")


def _after(report: Report) -> list[Check]:
    return [
        _history(report),
        _verdict(report, "verified", _VERIFIED, ()),
        _verdict(report, "rows", _ROWS, ("row",)),
        _verdict(report, "indexes", _INDEXES, ("index",)),
        _performance(report),
        _verdict(report, "application", _APPLICATION, ("probe", "http")),
        Check(id="features", words=_FEATURES(), state=CheckState.PERSON),
        Check(id="errors", words=_ERRORS(), state=CheckState.PERSON),
        Check(id="reported", words=_REPORTED(), state=CheckState.PROVED, because=_REPORTED_HERE()),
        Check(id="lessons", words=_LESSONS(), state=CheckState.PERSON),
    ]


def _history(report: Report) -> Check:
    after = report.after
    if after is None:
        return Check(id="history", words=_HISTORY(), state=CheckState.PERSON)
    state = CheckState.PROVED if after.state is State.UP_TO_DATE else CheckState.FAILED
    if after.state is State.PENDING and report.direction.value == "back":
        state = CheckState.PROVED  # what was taken back is pending again
    because = _HISTORY_IS(applied=after.applied, pending=len(after.pending))
    return Check(id="history", words=_HISTORY(), state=state, because=because)


def _verdict(report: Report, name: str, words: Text, about: Sequence[str]) -> Check:
    """One item about the verdicts whose check has one of the words in its name; about all of them where none is given."""
    states = [v.state for v in report.verdicts if not about or any(word in v.name for word in about)]
    passed, failed = states.count(VerdictState.PASS), states.count(VerdictState.FAIL)
    if not passed and not failed:
        return Check(id=name, words=words(), state=CheckState.PERSON)
    state = CheckState.FAILED if failed else CheckState.PROVED
    return Check(id=name, words=words(), state=state, because=_VERIFIED_ARE(passed=passed, failed=failed))


def _performance(report: Report) -> Check:
    both = sum(measure.before is not None and measure.after is not None for measure in report.measures)
    if not both:
        return Check(id="performance", words=_PERFORMANCE(), state=CheckState.PERSON)
    because = _PERFORMANCE_DONE(measures=both)
    return Check(id="performance", words=_PERFORMANCE(), state=CheckState.PROVED, because=because)


def _signed(report: Report, items: Sequence[Check]) -> tuple[Check, ...]:
    """A person's signature ticks what only a person knows; it never overrules what watari found."""
    return tuple(
        Check(id=item.id, words=item.words, state=CheckState.SIGNED, because=report.signed[item.id])
        if item.state is CheckState.PERSON and item.id in report.signed
        else item
        for item in items
    )
