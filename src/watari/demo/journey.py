"""The shop taken across and back, station by station, as a team would with the commands of the same names."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from watari.demo.narration import Narrator
from watari.evidence.run import StepState
from watari.locale import Message, Text
from watari.reporting.wording import count, duration, one_line, size
from watari.risk.hazard import Level
from watari.verification.verdict import Verdict, VerdictState

if TYPE_CHECKING:
    from watari.crossing import Crossing
    from watari.evidence import Run
    from watari.planning.plan import Plan, Step

__all__ = ["STATIONS", "Journey"]

#: How many stations a journey has.
STATIONS = 10

_STATUS = Text(en="status", ja="status")
_STATUS_TITLE = Text(en="what is applied and what is pending", ja="適用済みと未適用の確認")
_STATUS_DONE = Text(
    en="{applied} applied, {pending} pending: {names}", ja="適用済み {applied} 件、未適用 {pending} 件: {names}"
)
_CHECK = Text(en="check", ja="check")
_CHECK_TITLE = Text(en="what the pending migrations would do to this database", ja="未適用マイグレーションの影響を判定")
_LEVELS = {
    Level.BLOCK: Text(en="BLOCK", ja="要対応"),
    Level.WARN: Text(en="warn", ja="警告"),
    Level.INFO: Text(en="info", ja="情報"),
}
_HAZARD = Text(en="{level} {place} {rule}: {message}", ja="{level} {place} {rule}: {message}")
_PLAN = Text(en="plan", ja="plan")
_PLAN_TITLE = Text(en="the steps that do not stall the application", ja="アプリケーションを止めない手順の作成")
_PLAN_STEP = Text(en="{step} {sql}", ja="{step} {sql}")
_BACKFILL = Text(en="backfill {columns} of {table} in batches", ja="{table} の {columns} を少しずつバックフィル")
_PLAN_DONE = Text(en="{steps} steps, SHA-256 {sha}", ja="{steps} ステップ、SHA-256 {sha}")
_REHEARSE = Text(en="rehearse", ja="rehearse")
_REHEARSE_TITLE = Text(en="the plan on a clone: up, down and up again", ja="クローン上で適用・戻し・再適用を試行")
_REHEARSE_DONE = Text(
    en="on a clone ({clone}): {holding} of {proofs} proofs hold",
    ja="クローン（{clone}）: 証明 {proofs} 件中 {holding} 件成立",
)
_DIFFERS = Text(en="{proof}: {difference}", ja="{proof}: {difference}")
_BACKUP = Text(en="backup", ja="backup")
_BACKUP_TITLE = Text(en="a backup, restored beside and compared", ja="バックアップを作成し、別名で復元して照合")
_BACKUP_DONE = Text(en="{size}, {rows} rows, verified: {level}", ja="{size}、{rows} 行、検証レベル: {level}")
_APPLY = Text(en="apply", ja="apply")
_APPLY_TITLE = Text(en="the run, while the application goes on", ja="アプリケーション稼働中に実行")
_ROLLBACK = Text(en="rollback", ja="rollback")
_ROLLBACK_TITLE = Text(en="all of it back, while the application goes on", ja="アプリケーション稼働中にすべて戻す")
_RUN_DONE = Text(
    en="{migrations} migrations in {steps} steps, {seconds}; longest lock {lock}",
    ja="マイグレーション {migrations} 件、{steps} ステップ、{seconds}、最長ロック {lock}",
)
_VERIFY = Text(en="verify", ja="verify")
_VERIFY_TITLE = Text(en="expected against actual", ja="期待値と実際の状態を照合")
_VERIFY_DONE = Text(
    en="{passed} checks passed, {failed} failed, {warned} warnings",
    ja="合格 {passed} 件、不合格 {failed} 件、警告 {warned} 件",
)
_VERDICT = Text(en="FAILED {check} {object}: {message}", ja="不合格 {check} {object}: {message}")
_REPORT = Text(en="report", ja="report")
_REPORT_TITLE = Text(en="one file to keep", ja="1 つのファイルにまとめる")
_LOSS = Text(en="the way back ({way}) loses: {loss}", ja="戻し（{way}）で失われるもの: {loss}")
_NO_LOSS = Text(en="the way back ({way}) loses no row", ja="戻し（{way}）で失われる行はありません")


class Journey:
    """One crossing with a narrator; `spans` keeps when each station began and ended, in `time.monotonic`."""

    def __init__(self, crossing: Crossing, narrator: Narrator, report: Path) -> None:
        self.spans: dict[str, tuple[float, float]] = {}
        #: What did not come out as it should, as lines for people.
        self.failures: list[Message] = []
        self._crossing = crossing
        self._tell = narrator
        self._report = report

    def go(self) -> None:
        """Every station in order; raises what the stations raise."""
        self._status()
        self._check()
        plan = self._plan()
        self._rehearse(plan)
        self._back_up(plan)
        applied = self._apply(plan)
        self._verify("verify", applied.id)
        self._write_report(applied)
        back = self._roll_back(applied)
        self._verify("verify again", back.id)

    def _status(self) -> None:
        with self._station("status", _STATUS, _STATUS_TITLE):
            standing = self._crossing.status()
            names = ", ".join(migration.name for migration in standing.pending)
            self._tell.line(_STATUS_DONE(applied=len(standing.applied), pending=len(standing.pending), names=names))

    def _check(self) -> None:
        with self._station("check", _CHECK, _CHECK_TITLE):
            for hazard in self._crossing.check().hazards:
                place = f"{Path(hazard.file).name}:{hazard.line}"
                level = _LEVELS[hazard.level]()
                self._tell.line(_HAZARD(level=level, place=place, rule=hazard.rule, message=hazard.message))

    def _plan(self) -> Plan:
        with self._station("plan", _PLAN, _PLAN_TITLE):
            plan = self._crossing.plan()
            for step in plan.steps:
                self._tell.line(_PLAN_STEP(step=step.id, sql=_shown(step)))
            self._tell.line(_PLAN_DONE(steps=len(plan.steps), sha=plan.sha256[:12]))
            return plan

    def _rehearse(self, plan: Plan) -> None:
        with self._station("rehearse", _REHEARSE, _REHEARSE_TITLE):
            evidence = self._crossing.rehearse(plan)
            tried = [proof for proof in evidence.proofs if not proof.skipped]
            holding = sum(proof.holds for proof in tried)
            done = _REHEARSE_DONE(clone=evidence.clone, holding=holding, proofs=len(tried))
            self._tell.line(done)
            for proof in evidence.proofs:
                if not proof.holds and not proof.skipped:
                    for difference in proof.differences:
                        self._tell.line(_DIFFERS(proof=proof.name, difference=difference))
            if not evidence.sound:
                self.failures.append(done)

    def _back_up(self, plan: Plan) -> None:
        with self._station("backup", _BACKUP, _BACKUP_TITLE):
            backup = self._crossing.back_up(plan=plan)
            rows, level = count(sum(backup.rows.values())), backup.verified.name.lower()
            self._tell.line(_BACKUP_DONE(size=size(backup.bytes), rows=rows, level=level))

    def _apply(self, plan: Plan) -> Run:
        with self._station("apply", _APPLY, _APPLY_TITLE, steps=True):
            run = self._crossing.apply(plan)
            self._tell.line(_done(run))
            return run

    def _verify(self, station: str, run: str) -> None:
        with self._station(station, _VERIFY, _VERIFY_TITLE):
            verdicts = self._crossing.verify(run=run)
            states = Counter(verdict.state for verdict in verdicts)
            for verdict in verdicts:
                if verdict.state is VerdictState.FAIL:
                    self.failures.append(_failed(verdict))
                    self._tell.line(_failed(verdict))
            passed, failed, warned = (states[s] for s in (VerdictState.PASS, VerdictState.FAIL, VerdictState.WARN))
            self._tell.line(_VERIFY_DONE(passed=passed, failed=failed, warned=warned))

    def _write_report(self, run: Run) -> None:
        from watari.project.files import write_private
        from watari.reporting.writers import render

        with self._station("report", _REPORT, _REPORT_TITLE):
            page = render(self._crossing.report(run=run.id), "html", self._tell.language)
            write_private(self._report, page.encode())
            self._tell.line(Text(en="{file}", ja="{file}")(file=self._report))

    def _roll_back(self, run: Run) -> Run:
        with self._station("rollback", _ROLLBACK, _ROLLBACK_TITLE, steps=True):
            back = self._crossing.way_back(run=run.id)
            assert back is not None, "what was just applied can be taken back"
            way = (back.plan.way_back if back.plan else None) or "restore"
            for loss in back.losses:
                self._tell.line(_LOSS(way=way, loss=loss))
            if not back.losses:
                self._tell.line(_NO_LOSS(way=way))
            gone = self._crossing.roll_back(back)
            self._tell.line(_done(gone))
            return gone

    @contextmanager
    def _station(self, name: str, label: Text, title: Text, *, steps: bool = False) -> Iterator[None]:
        began = time.monotonic()
        with self._tell.stage(label, title(), steps=steps):
            yield
        self.spans[name] = (began, time.monotonic())


def _done(run: Run) -> Message:
    locks = [step.longest_lock_seconds for step in run.steps if step.longest_lock_seconds]
    return _RUN_DONE(
        migrations=len(run.migrations),
        steps=sum(step.state is StepState.DONE for step in run.steps),
        seconds=duration(run.seconds),
        lock=duration(max(locks, default=None)),
    )


def _shown(step: Step) -> Message | str:
    if step.backfill:
        columns = ", ".join(column for column, _ in step.backfill.assignments)
        return _BACKFILL(table=step.backfill.table, columns=columns)
    return one_line("; ".join(step.sql))


def _failed(verdict: Verdict) -> Message:
    return _VERDICT(check=verdict.name, object=verdict.object, message=verdict.message)
