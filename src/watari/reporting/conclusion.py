"""How it came out, in one sentence: the first thing that anyone reads."""

from __future__ import annotations

import shlex

from watari.evidence.run import Direction, Run, RunState, StepState
from watari.locale import Message, Text
from watari.reporting.blocks import Tone
from watari.reporting.report import Report
from watari.reporting.wording import one_line
from watari.verification.verdict import VerdictState

_NOT_RUN = Text(en="Not run", ja="未実行")
_NOT_RUN_MORE = Text(
    en="Nothing was changed. This report tells what is pending and what it would do.",
    ja="データベースには何も変更していません。未適用のマイグレーションとその影響をまとめています。",
)
_DONE = Text(en="Done and verified", ja="完了・検証済み")
_DONE_MORE = Text(
    en="Migrations applied: {migrations}. Checks of the result passed: {passed} of {passed}.",
    ja="マイグレーション {migrations} 件を適用し、検証 {passed} 件すべてに合格しました。",
)
_BACK = Text(en="Rolled back and verified", ja="ロールバック完了・検証済み")
_BACK_MORE = Text(
    en="Migrations taken back: {migrations}. Checks of the result passed: {passed} of {passed}.",
    ja="マイグレーション {migrations} 件を元に戻し、検証 {passed} 件すべてに合格しました。",
)
_WARNED = Text(en="Done, with warnings", ja="完了（警告あり）")
_WARNED_MORE = Text(
    en="Migrations: {migrations}. Checks passed: {passed}; to look at: {warned}.",
    ja="マイグレーション {migrations} 件を処理し、検証 {passed} 件に合格、{warned} 件は確認が必要です。",
)
_FAILED = Text(en="Done, but verification fails", ja="完了したが検証は不合格")
_FAILED_MORE = Text(
    en="Checks that fail: {failed} of {all}. For the way back see “Way back”.",
    ja="検証 {all} 件中 {failed} 件が不合格です。元に戻せます（「戻し方」を参照）。",
)
_UNVERIFIED = Text(en="Done, not verified", ja="完了（未検証）")
_UNVERIFIED_MORE = Text(
    en="Migrations: {migrations}. Prove the result with watari verify.",
    ja="マイグレーション {migrations} 件を処理しました。watari verify で結果を検証してください。",
)
_STOPPED = Text(en="Stopped", ja="停止")
_STOPPED_MORE = Text(
    en="Steps done: {done} of {all}. The same command continues from step {step}. {why}",
    ja="{all} ステップ中 {done} ステップまで完了しています。同じコマンドでステップ {step} から再開できます。{why}",
)
_TAKEN_BACK = Text(en="Taken back", ja="ロールバック済み")
_TAKEN_BACK_MORE = Text(
    en="The run was done and then taken back. Checks that the database is as before: {passed} of {passed} passed.",
    ja="実行後にロールバックしました。検証 {passed} 件で実行前の状態に戻ったことを確認しています。",
)
_TAKEN_BACK_UNPROVED = Text(
    en="The run was done and then taken back. Checks that the database is as before: {failed} failed.",
    ja="実行後にロールバックしましたが、検証 {failed} 件が実行前の状態と一致していません。",
)
_COMMAND = Text(en="The command went through", ja="コマンド正常終了")
_COMMAND_MORE = Text(
    en="“{command}” ended with exit status 0 behind watari's door. Prove the result with watari verify.",
    ja="「{command}」を watari 経由で実行し、終了ステータス 0 で終了しました。watari verify で結果を検証してください。",
)
_COMMAND_FAILED = Text(en="The command did not go through", ja="コマンドは正常終了していません")
_COMMAND_FAILED_MORE = Text(
    en="“{command}”: {why}. What it committed before stays; its framework's own status tells how far it came.",
    ja="「{command}」: {why}。終了前にコミットされた内容は残っています。フレームワーク自身の status で進み具合を確認してください。",
)
_COMMAND_RUNS = Text(en="The command is under way", ja="コマンド実行中")


def conclusion(report: Report) -> tuple[Tone, Message, Message]:
    """Tone, headline and one sentence more."""
    run = report.outcome
    if run is None:
        return Tone.QUIET, _NOT_RUN(), _NOT_RUN_MORE()
    if run.direction is Direction.GUARDED:
        return _of_command(run)
    if report.taken_back or run.state is RunState.ROLLED_BACK:
        return _of_taken_back(report)
    if run.state is not RunState.DONE:
        return _of_stopped(report)
    return _of_done(report)


def _of_command(run: Run) -> tuple[Tone, Message, Message]:
    words = {"command": one_line(shlex.join(run.command)), "why": run.error or ""}
    if run.state is RunState.DONE:
        return Tone.GOOD, _COMMAND(), _COMMAND_MORE(**words)
    headline = _COMMAND_RUNS if run.state is RunState.RUNNING else _COMMAND_FAILED
    return Tone.BAD, headline(), _COMMAND_FAILED_MORE(**words)


def _of_done(report: Report) -> tuple[Tone, Message, Message]:
    run = report.outcome
    assert run is not None
    tally = [verdict.state for verdict in report.verdicts].count
    words = {
        "migrations": len(run.migrations),
        "passed": tally(VerdictState.PASS),
        "warned": tally(VerdictState.WARN),
        "failed": tally(VerdictState.FAIL),
        "all": len(report.verdicts),
    }
    if words["failed"]:
        return Tone.BAD, _FAILED(), _FAILED_MORE(**words)
    if not words["passed"]:
        return Tone.WARN, _UNVERIFIED(), _UNVERIFIED_MORE(**words)
    if words["warned"]:
        return Tone.WARN, _WARNED(), _WARNED_MORE(**words)
    if run.direction is Direction.BACK:
        return Tone.GOOD, _BACK(), _BACK_MORE(**words)
    return Tone.GOOD, _DONE(), _DONE_MORE(**words)


def _of_stopped(report: Report) -> tuple[Tone, Message, Message]:
    run = report.outcome
    assert run is not None
    left = [step for step in run.steps if step.state is not StepState.DONE]
    words = {
        "done": len(run.steps) - len(left),
        "all": len(report.plan.steps) if report.plan else len(run.steps),
        "step": left[0].id if left else "–",
        "why": run.error or "",
    }
    return Tone.BAD, _STOPPED(), _STOPPED_MORE(**words)


def _of_taken_back(report: Report) -> tuple[Tone, Message, Message]:
    tally = [verdict.state for verdict in report.verdicts_back].count
    if failed := tally(VerdictState.FAIL):
        return Tone.BAD, _TAKEN_BACK(), _TAKEN_BACK_UNPROVED(failed=failed)
    return Tone.WARN, _TAKEN_BACK(), _TAKEN_BACK_MORE(passed=tally(VerdictState.PASS))
