"""`watari rehearse`: the plan on a clone, with its proofs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.plans import read_plan
from watari.cli.progress import milliseconds
from watari.errors import ExitStatus
from watari.evidence import Evidence
from watari.evidence.application import BREAKING, Survival
from watari.evidence.traffic import Traffic
from watari.locale import Text
from watari.reporting.wording import CHANGES, PROOFS

if TYPE_CHECKING:
    from watari.crossing import Crossing

_PLAN = Text(en="a plan file; without: what is pending now", ja="計画ファイル（省略時は現在の未適用分）")
_CLONE = Text(
    en="way to get the clone: branch, template, docker, dump, base_backup, staging",
    ja="クローンの作成方法: branch、template、docker、dump、base_backup、staging",
)
_ROWS = Text(
    en="all, none (planner statistics only), or a part such as 5% that keeps foreign keys whole",
    ja="クローンに含める行: all、none（プランナー統計のみ）、または外部キーの整合を保つ一部（例: 5%）",
)
_COMMAND = Text(
    en="instead of a plan: any tool's own command, recorded; it finds the clone's address in DATABASE_URL",
    ja="計画の代わりに、任意のツールのコマンドを実行して記録する（クローンの接続先は DATABASE_URL で渡される）",
)
_BOTH = Text(en="a plan and a command cannot both be rehearsed", ja="計画とコマンドは同時に指定できません")
_RAN = Text(
    en="ran {command} on a clone ({clone}, made in {made}): exit status {status}",
    ja="クローン（{clone}、作成 {made}）で {command} を実行しました: 終了ステータス {status}",
)
_HEAD = Text(
    en="rehearsed on a clone ({clone}, made in {made}) in {seconds}: {steps} steps",
    ja="クローン（{clone}、作成 {made}）でリハーサルしました: {steps} ステップ、{seconds}",
)
_HOLDS = Text(en="holds", ja="成立")
_FAILS = Text(en="FAILS", ja="不成立")
_SKIPPED = Text(en="not tried: {why}", ja="未実施: {why}")
_TRAFFIC = Text(
    en="once more under load: the application's statements, RATE a second (default: as the server counts them)",
    ja="負荷をかけた状態でも実行する。アプリケーションの SQL を毎秒 RATE 件送信（省略時はサーバーの実績値）",
)
_BORNE = Text(
    en="under load ({rate} statements a second over {sessions} sessions): longest stall {longest}, in step {step}; "
    "p99 {p99} there, {idle} before",
    ja="負荷時（{sessions} セッション、毎秒 {rate} 文）: 最長停止 {longest}（ステップ {step}）、p99 は {p99}（実行前 {idle}）",
)
_NO_LOAD = Text(
    en="no load: no statement of the application is known that could be sent",
    ja="負荷なし: 送信できるアプリケーションの SQL がありません",
)
_FAILED_UNDER_LOAD = Text(en="  {count} statements failed: {failure}", ja="  エラー {count} 件: {failure}")
_SHOWN = 12
_ASKED = Text(
    en="statements of the application: {judged} asked after each step, {unjudged} that the server did not take before",
    ja="アプリケーションの SQL: {judged} 件を各ステップ後に確認（{unjudged} 件は適用前から解釈できず対象外）",
)
_EXPECTED = Text(
    en="expected on the database itself: {low} to {high}, no lock longer than {lock}",
    ja="本番での所要時間の見込み: {low} ～ {high}、最長ロック {lock} 以内",
)
_SLOWEST = Text(
    en="  the slowest step, {step}: {low} to {high}", ja="  最も時間のかかるステップ {step}: {low} ～ {high}"
)
_MORE = Text(en="  and {count} more (--json)", ja="  ほか {count} 件（--json で表示）")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """PLAN, --clone WAY, --rows PART, -- COMMAND."""
    parser.add_argument("plan", nargs="?", metavar="PLAN", help=say(_PLAN))
    parser.add_argument("argv", nargs="*", metavar="-- COMMAND", help=say(_COMMAND))
    parser.add_argument("--clone", metavar="WAY", help=say(_CLONE))
    parser.add_argument("--rows", metavar="PART", help=say(_ROWS))
    parser.add_argument("--traffic", metavar="RATE", nargs="?", type=float, const=0.0, help=say(_TRAFFIC))


def run(context: Context) -> ExitStatus:
    """Makes a clone, runs the plan up, down and up again, removes the clone. 1 where a proof fails."""
    crossing = context.crossing()
    if context.options.argv:
        return _run_command(context, crossing)
    plan = read_plan(Path(context.options.plan)) if context.options.plan else crossing.plan()
    evidence = crossing.rehearse(
        plan, clone=context.options.clone, rows=context.options.rows, traffic=context.options.traffic
    )
    if context.wants_json:
        from watari.project.plain import plain

        context.document(plain(evidence))
    else:
        print_evidence(context, evidence)
    return ExitStatus.DONE if evidence.sound else ExitStatus.LOOK


def _run_command(context: Context, crossing: Crossing) -> ExitStatus:
    """A tool's own command on a clone; 1 where it failed, went past the recorder, or the recording is void."""
    from watari.cli.recordings import print_recording
    from watari.errors.usage import BadArgument

    if context.options.plan:
        raise BadArgument(reason=_BOTH(), command="watari rehearse")
    ran = crossing.rehearse_command(tuple(context.options.argv), clone=context.options.clone, rows=context.options.rows)
    if context.wants_json:
        from watari.project.plain import plain

        context.document(plain(ran) | {"sound": ran.sound})
    else:
        made = milliseconds(ran.clone_seconds)
        words = {"command": " ".join(ran.command), "clone": ran.clone, "made": made, "status": ran.status}
        context.print(context.say(_RAN, **words))
        print_recording(context, ran.recording)
    return ExitStatus.DONE if ran.sound else ExitStatus.LOOK


def print_evidence(context: Context, evidence: Evidence) -> None:
    """What the rehearsal saw, a line a proof."""
    made, seconds = milliseconds(evidence.clone_seconds), milliseconds(evidence.seconds)
    context.print(context.say(_HEAD, clone=evidence.clone, made=made, seconds=seconds, steps=len(evidence.steps)))
    for proof in evidence.proofs:
        state = context.say(_HOLDS) if proof.holds else context.say(_FAILS)
        if proof.skipped:
            state = context.say(_SKIPPED, why=proof.skipped)
        context.print(f"  {proof.name:9} {context.say(PROOFS[proof.name]) if proof.name in PROOFS else ''}: {state}")
        for line in proof.differences:
            context.print(f"            {line}")
        for line in proof.losses:
            context.print(f"            - {line}")
    if evidence.expected:
        print_expected(context, evidence)
    if evidence.traffic:
        print_traffic(context, evidence.traffic)
    elif context.options.command == "rehearse" and context.options.traffic is not None:
        context.print(context.say(_NO_LOAD))
    if evidence.application:
        print_survival(context, evidence.application)
    if evidence.error:
        context.print(f"  ! {evidence.error}")


def print_expected(context: Context, evidence: Evidence) -> None:
    """How long the run will take on the database itself, and its longest lock."""
    low, high = sum(each.low for each in evidence.expected), sum(each.high for each in evidence.expected)
    lock = max((each.lock_high for each in evidence.expected if each.lock_high is not None), default=None)
    words = {"low": milliseconds(low), "high": milliseconds(high), "lock": milliseconds(lock)}
    context.print(context.say(_EXPECTED, **words))
    slowest = max(evidence.expected, key=lambda each: each.high)
    if slowest.high > 1:
        words = {"step": slowest.step, "low": milliseconds(slowest.low), "high": milliseconds(slowest.high)}
        context.print(context.say(_SLOWEST, **words))


def print_traffic(context: Context, traffic: Traffic) -> None:
    """The worst step under load."""
    worst = max(traffic.steps, key=lambda span: span.longest, default=traffic.idle)
    words = {"rate": f"{traffic.rate:.0f}", "sessions": traffic.sessions, "step": worst.step or "-"}
    times = {"longest": worst.longest, "p99": worst.p99, "idle": traffic.idle.p99}
    context.print(context.say(_BORNE, **words, **{name: milliseconds(each) for name, each in times.items()}))
    if failed := sum(span.failed for span in traffic.steps):
        context.print(context.say(_FAILED_UNDER_LOAD, count=failed, failure=next(iter(traffic.failures), "-")))


def print_survival(context: Context, survival: Survival) -> None:
    """What became of the application's statements beside those that the proof names, the gravest first."""
    context.print(context.say(_ASKED, judged=survival.judged, unjudged=len(survival.unjudged)))
    rest = [each for each in survival.changes if each.change not in BREAKING]
    for each in rest[:_SHOWN]:
        words = context.say(CHANGES[each.change], detail=each.detail, step=each.step or "-")
        context.print(f"  {words}")
        context.print(f"      {each.query[:160]}")
    if len(rest) > _SHOWN:
        context.print(context.say(_MORE, count=len(rest) - _SHOWN))


COMMAND = Command(
    summary=Text(en="the plan on a clone: evidence and proofs", ja="計画をクローン上でリハーサルし、証跡を残す"),
    examples=(
        "watari rehearse",
        "watari rehearse plan.json",
        "watari rehearse --clone dump",
        "watari rehearse --rows 5%",
        "watari rehearse --traffic",
        "watari rehearse -- alembic upgrade head",
    ),
    run=run,
    arguments=arguments,
    runs_others=True,
    looks=Text(en="a proof fails", ja="証明が不成立"),
)
