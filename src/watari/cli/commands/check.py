"""`watari check`: what the pending migrations, or the files given, will do to this database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.show import judgement_document
from watari.cli.streams import put
from watari.errors import ExitStatus
from watari.errors.usage import BadArgument, NoDatabaseUrl
from watari.locale import Text

if TYPE_CHECKING:
    from watari.crossing import Crossing
    from watari.risk.hazard import Judgement
    from watari.sql.statement import Script

_FILES = Text(
    en="SQL files or folders of them, or - for standard input; without: what is pending",
    ja="SQL ファイルまたはフォルダー（- は標準入力）。省略時は未適用分",
)
_GIT = Text(
    en="the SQL files that a git range changes, such as main..HEAD",
    ja="git の範囲（例 main..HEAD）で変更された SQL ファイル",
)
_FORMAT = Text(
    en="text for people, json, sarif for code scanning, markdown for a pull request, github for annotations",
    ja="text（端末）、json、sarif（コードスキャン）、markdown（プルリクエストのコメント）、github（注釈）",
)
_BASELINE = Text(
    en="hazards that are known already and are not shown again; instead of `baseline` of watari.toml",
    ja="既知のリスクを記録したファイル（表示と判定の対象外。watari.toml の baseline より優先）",
)
_WRITE = Text(
    en="write every hazard found to FILE, as the baseline from now on; exit 0",
    ja="見つかったリスクをすべて FILE に記録し、以後のベースラインとする（終了ステータス 0）",
)
_NO_BASELINE = Text(en="it is not a baseline that watari wrote", ja="watari のベースラインファイルではありません")
_WRITTEN = Text(en="{count} hazards written to {file}", ja="リスク {count} 件を {file} に記録しました")
_NOTHING = Text(en="nothing to check: no pending migration", ja="未適用のマイグレーションはありません")
_NO_STATEMENT = Text(en="nothing to check: no statement was given", ja="入力に SQL 文がありません")
_TWO_FORMATS = Text(
    en="--json and --format {format} are two formats", ja="--json と --format {format} は同時に指定できません"
)


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """FILE…, --git RANGE, --format, --baseline, --write-baseline."""
    from watari.reporting.findings import form_names

    parser.add_argument("files", nargs="*", metavar="FILE", help=say(_FILES))
    parser.add_argument("--git", metavar="RANGE", help=say(_GIT))
    parser.add_argument("--format", choices=(*form_names(), "json"), help=say(_FORMAT))
    parser.add_argument("--baseline", metavar="FILE", help=say(_BASELINE))
    parser.add_argument("--write-baseline", metavar="FILE", help=say(_WRITE))


def run(context: Context) -> ExitStatus:
    """Judges and changes nothing. 1 where a hazard of level block was found or a statement cannot be read."""
    from watari.cli.inputs import scripts_of

    form = _format(context)
    judgements = _judgements(context, scripts_of(context))
    if context.options.write_baseline:
        return _write_baseline(context, judgements)
    judgements = _known_apart(context, judgements)
    if form == "json":
        documents = [judgement_document(judgement, context.language) for judgement in judgements]
        context.document({key: [item for document in documents for item in document[key]] for key in documents[0]})
    else:
        print_judgements(context, form, judgements)
    bad = any(judgement.blocked or any(judged.error for judged in judgement.statements) for judgement in judgements)
    return ExitStatus.LOOK if bad else ExitStatus.DONE


def _format(context: Context) -> str:
    named: str | None = context.options.format
    if context.wants_json and named not in (None, "json"):
        raise BadArgument(reason=_TWO_FORMATS(format=named), command="watari check")
    if named == "json":
        context.options.json = True
    return "json" if context.wants_json else named or "text"


def judged(context: Context, crossing: Crossing) -> Judgement:
    """What is pending, with what the project's baseline holds made quiet."""
    (judgement,) = _known_apart(context, [crossing.check()])
    return judgement


def _judgements(context: Context, scripts: Sequence[Script] | None) -> list[Judgement]:
    """One judgement a database; files can be judged by their text where nobody says which database."""
    try:
        return [crossing.check(scripts) for crossing in context.crossings()]
    except NoDatabaseUrl:
        if scripts is None:
            raise
        from watari.crossing.judging import judge_texts

        return [judge_texts(scripts, context.project.policy(context.options.env))]


def print_judgements(context: Context, form: str, judgements: Sequence[Judgement]) -> None:
    """The findings in one form; people's text goes to standard error where standard output is kept for JSON."""
    from watari import __version__
    from watari.reporting.findings import Findings, form_named
    from watari.risk.cards import cards

    findings = Findings(judgements=tuple(judgements), cards={card.id: card for card in cards()}, version=__version__)
    text = form_named(form).write(findings, context.language)
    put(text + "\n" if text else "", sys.stderr if context.wants_json else sys.stdout)
    if form == "text" and not any(judgement.statements or judgement.unseen for judgement in judgements):
        given = any(getattr(context.options, name, None) for name in ("files", "git"))
        context.print(context.say(_NO_STATEMENT if given else _NOTHING))


def _known_apart(context: Context, judgements: list[Judgement]) -> list[Judgement]:
    """What the baseline holds is made quiet; raises `FileUnreadable`."""
    named: str | None = getattr(context.options, "baseline", None)
    path = Path(named) if named else context.project.baseline
    if path is None:
        return judgements
    from watari.errors.usage import FileUnreadable
    from watari.project.baseline_file import read_document
    from watari.risk.baseline import read_baseline, settled

    baseline = read_baseline(read_document(path))
    if baseline is None:
        raise FileUnreadable(file=str(path), reason=_NO_BASELINE())
    return [settled(judgement, baseline) for judgement in judgements]


def _write_baseline(context: Context, judgements: Sequence[Judgement]) -> ExitStatus:
    from watari.project.baseline_file import write_document
    from watari.risk.baseline import baseline_of

    document = baseline_of(judgements)
    write_document(Path(context.options.write_baseline), document)
    if context.wants_json:
        context.document(document)
    count = len(document["hazards"])
    context.print(context.say(_WRITTEN, count=count, file=context.options.write_baseline))
    return ExitStatus.DONE


COMMAND = Command(
    summary=Text(
        en="effects and hazards of what is pending, or of the files given",
        ja="未適用分（または指定ファイル）の影響とリスクを判定する",
    ),
    examples=(
        "watari check",
        "watari check migrations/007_index.sql",
        "watari check migrations/ --format markdown",
        "watari check --git main..HEAD --format github",
        "watari check migrations/ --write-baseline watari-baseline.json",
        "cat x.sql | watari check -",
    ),
    run=run,
    arguments=arguments,
    looks=Text(
        en="a hazard of level block, or a statement that cannot be read",
        ja="「要対応」のリスクがある、または解析できない文がある",
    ),
)
