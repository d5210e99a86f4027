"""`watari check`: what the pending migrations, or the files given, will do to this database."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.show import judgement_document
from watari.errors import ExitStatus
from watari.evidence import Blocks
from watari.locale import Text
from watari.risk.hazard import Hazard, Judgement, Level

_FILES = Text(
    en="SQL files, or - for standard input; without: what is pending",
    ja="SQL ファイル（- は標準入力）。省略時は未適用分",
)
_GIT = Text(
    en="the SQL files that a git range changes, such as main..HEAD",
    ja="git の範囲（例 main..HEAD）で変更された SQL ファイル",
)
_NO_FACTS = Text(
    en="No database was at hand: judged from the text alone, without sizes, dependants or activity.",
    ja="データベースに接続していないため、SQL の文面だけで判定しました（サイズ・依存関係・稼働状況は未確認）。",
)
_LEVEL = {
    Level.BLOCK: Text(en="BLOCK", ja="要対応"),
    Level.WARN: Text(en="warn", ja="警告"),
    Level.INFO: Text(en="info", ja="情報"),
}
_SUMMARY = Text(
    en="{statements} statements: {work} make others wait for work, {moment} for a moment; {hazards} hazards, {blocking} blocking",
    ja="文 {statements} 件: 処理の間ずっと待たせるもの {work} 件、一瞬待たせるもの {moment} 件。リスク {hazards} 件（要対応 {blocking} 件）",
)
_NOTHING = Text(en="nothing to check: no pending migration", ja="未適用のマイグレーションはありません")
_NO_STATEMENT = Text(en="nothing to check: no statement was given", ja="入力に SQL 文がありません")
_UNSEEN = Text(
    en="not judged, because only the framework itself can run them: {names}. What they lock is known from a rehearsal only.",
    ja="SQL として表示できず、判定していないもの（フレームワーク自身が実行）: {names}。ロックの影響はリハーサルで確認できます。",
)
_SAFER = Text(en="safer:", ja="安全な方法:")
_UNREADABLE = Text(en="cannot be read: {error}", ja="解析できません: {error}")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """FILE…, --git RANGE."""
    parser.add_argument("files", nargs="*", metavar="FILE", help=say(_FILES))
    parser.add_argument("--git", metavar="RANGE", help=say(_GIT))


def run(context: Context) -> ExitStatus:
    """Judges and changes nothing. 1 where a hazard of level block was found or a statement cannot be read."""
    from watari.cli.inputs import scripts_of

    scripts = scripts_of(context)
    judgements = [crossing.check(scripts) for crossing in context.crossings()]
    if context.wants_json:
        documents = [judgement_document(judgement, context.language) for judgement in judgements]
        context.document({key: [item for document in documents for item in document[key]] for key in documents[0]})
    else:
        for judgement in judgements:
            print_judgement(context, judgement)
    bad = any(judgement.blocked or any(judged.error for judged in judgement.statements) for judgement in judgements)
    return ExitStatus.LOOK if bad else ExitStatus.DONE


def print_judgement(context: Context, judgement: Judgement) -> None:
    """Unreadable statements, hazards with their safer way, and the counts."""
    if judgement.unseen:
        context.print(context.say(_UNSEEN, names=", ".join(judgement.unseen)))
    if not judgement.statements:
        files = getattr(context.options, "files", ())
        if not judgement.unseen:
            context.print(context.say(_NO_STATEMENT if files else _NOTHING))
        return
    for judged in judgement.statements:
        if judged.error:
            statement = judged.statement
            words = context.say(_UNREADABLE, error=judged.error)
            context.print(f"{statement.file}:{statement.line}:{statement.column}  {words}")
    for hazard in judgement.hazards:
        _print_hazard(context, hazard)
    blocks = [judged.effects.blocks for judged in judgement.statements]
    context.print(
        context.say(
            _SUMMARY,
            statements=len(blocks),
            work=blocks.count(Blocks.WORK),
            moment=blocks.count(Blocks.MOMENT),
            hazards=len(judgement.hazards),
            blocking=sum(hazard.level is Level.BLOCK for hazard in judgement.hazards),
        )
    )
    if not judgement.with_facts:
        context.print(context.say(_NO_FACTS))


def _print_hazard(context: Context, hazard: Hazard) -> None:
    level = context.say(_LEVEL[hazard.level])
    context.print(f"{hazard.file}:{hazard.line}:{hazard.column}  [{level}] {hazard.rule}  {hazard.object}")
    context.print(f"    {context.words(hazard.message)}")
    if hazard.safer:
        context.print(f"    {context.say(_SAFER)}")
        for line in hazard.safer.splitlines():
            context.print(f"        {line}")
    context.print()


COMMAND = Command(
    summary=Text(
        en="effects and hazards of what is pending, or of the files given",
        ja="未適用分（または指定ファイル）の影響とリスクを判定する",
    ),
    examples=(
        "watari check",
        "watari check migrations/007_index.sql",
        "watari check --git main..HEAD",
        "cat x.sql | watari check -",
    ),
    run=run,
    arguments=arguments,
    looks=Text(
        en="a hazard of level block, or a statement that cannot be read",
        ja="「要対応」のリスクがある、または解析できない文がある",
    ),
)
