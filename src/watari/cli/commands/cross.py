"""`watari cross`: the whole line, stopping at every gate."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from watari.cli import deployment
from watari.cli.command import Command
from watari.cli.commands.check import judged, print_judgements
from watari.cli.commands.rehearse import print_evidence
from watari.cli.commands.verify import print_verdicts
from watari.cli.context import Context
from watari.cli.plans import print_plan
from watari.cli.runs import print_run
from watari.cli.show import judgement_document, run_document, standing_document, verdict_document
from watari.crossing import Crossing
from watari.errors import ExitStatus
from watari.locale import Text
from watari.verification.verdict import VerdictState

if TYPE_CHECKING:
    from watari.planning.plan import Plan

_YES = Text(en="do not ask", ja="確認なしで実行する")
_TO = Text(en="up to and including this migration", ja="このマイグレーションまで（含む）")
_ASK = Text(
    en="Everything up to here holds. Run {steps} steps on {target}? [y/N]",
    ja="ここまでの確認はすべて合格です。{target} に {steps} ステップを実行します。よろしいですか？ [y/N]",
)
_STAGES = {
    "status": Text(en="1. status", ja="1. 状態"),
    "check": Text(en="2. check", ja="2. リスク判定"),
    "plan": Text(en="3. plan", ja="3. 計画"),
    "rehearse": Text(en="4. rehearsal", ja="4. リハーサル"),
    "backup": Text(en="5. backup, restored and compared", ja="5. バックアップ（復元して照合）"),
    "apply": Text(en="6. run", ja="6. 実行"),
    "verify": Text(en="7. verification", ja="7. 検証"),
    "report": Text(en="8. report", ja="8. レポート"),
}
_NOTHING = Text(en="nothing to do: {database} is up to date", ja="対象なし: {database} は最新です")
_BACKUP = Text(en="  {id}: {bytes} bytes, verified by restoring it", ja="  {id}: {bytes} バイト、復元して検証済み")
_REFUSED = Text(en="the rehearsal does not hold; nothing was run", ja="リハーサルが不成立のため、実行していません")
_LEFT = Text(en="not run", ja="実行しませんでした")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """--to NAME, --deployed, --yes."""
    parser.add_argument("--to", metavar="NAME", help=say(_TO))
    deployment.option(parser, say)
    parser.add_argument("-y", "--yes", action="store_true", help=say(_YES))


def run(context: Context) -> ExitStatus:
    """status → check → plan → rehearse → backup → apply → verify → report. 1 where a verdict fails, 4 at a closed gate."""
    documents = []
    worst = ExitStatus.DONE
    for crossing in context.crossings():
        status, document = _cross(context, crossing)
        documents.append(document)
        worst = max(worst, status)
    if context.wants_json:
        context.document(documents[0] if len(documents) == 1 else {"databases": documents})
    return worst


def _cross(context: Context, crossing: Crossing) -> tuple[ExitStatus, dict[str, object]]:
    document: dict[str, object] = {}
    context.aside(context.say(_STAGES["status"]))
    standing = crossing.status()
    document["status"] = standing_document(crossing, standing, context.language)
    unfinished = crossing.unfinished()
    if not standing.pending and not unfinished:
        crossing.plan()  # what stands between files and history stops here
        context.print(context.say(_NOTHING, database=crossing.target.database))
        return ExitStatus.DONE, document
    context.aside(context.say(_STAGES["check"]))
    judgement = judged(context, crossing)
    document["check"] = judgement_document(judgement, context.language)
    print_judgements(context, "text", [judgement])
    context.aside(context.say(_STAGES["plan"]))
    plan = unfinished or crossing.plan(to=context.options.to)
    document["plan"] = plan.sha256
    print_plan(context, plan)
    if not unfinished and not _prepare(context, crossing, plan, document):
        return ExitStatus.LOOK, document
    if not context.confirm(lambda: context.say(_ASK, steps=len(plan.steps), target=crossing.target.url)):
        context.print(context.say(_LEFT))
        return ExitStatus.DONE, document
    return _run(context, crossing, plan, document)


def _prepare(context: Context, crossing: Crossing, plan: Plan, document: dict[str, object]) -> bool:
    """Rehearsal and backup, behind the gates that neither of them opens; whether the rehearsal holds."""
    crossing.permit_early(plan)
    context.aside(context.say(_STAGES["rehearse"]))
    evidence = crossing.rehearse(plan)
    print_evidence(context, evidence)
    document["rehearsal"] = {"sound": evidence.sound, "proofs": {p.name: p.holds for p in evidence.proofs}}
    if not evidence.sound:
        context.print(context.say(_REFUSED))
        return False
    context.aside(context.say(_STAGES["backup"]))
    backup = crossing.back_up(plan=plan)
    document["backup"] = backup.id
    context.print(context.say(_BACKUP, id=backup.id, bytes=f"{backup.bytes:,}"))
    return True


def _run(
    context: Context, crossing: Crossing, plan: Plan, document: dict[str, object]
) -> tuple[ExitStatus, dict[str, object]]:
    context.aside(context.say(_STAGES["apply"]))
    done = deployment.apply(context, crossing, plan)
    document["run"] = run_document(done)
    print_run(context, done)
    context.aside(context.say(_STAGES["verify"]))
    verdicts = crossing.verify()
    document["verdicts"] = [verdict_document(verdict, context.language) for verdict in verdicts]
    print_verdicts(context, crossing.target.database, verdicts)
    context.aside(context.say(_STAGES["report"]))
    path = crossing.write_report(context.language)
    document["report"] = str(path)
    context.print(f"  {path}")
    failed = any(verdict.state is VerdictState.FAIL for verdict in verdicts)
    return (ExitStatus.LOOK if failed else ExitStatus.DONE), document


COMMAND = Command(
    summary=Text(
        en="the whole line: status, check, plan, rehearsal, backup, run, verification, report",
        ja="状態確認からレポートまでを通しで実行する（各ゲートで停止）",
    ),
    examples=("watari cross", "watari cross -e production", "watari cross --deployed", "watari cross --yes --json"),
    run=run,
    arguments=arguments,
    looks=Text(en="a verdict or a proof fails", ja="検証または証明が不合格"),
)
