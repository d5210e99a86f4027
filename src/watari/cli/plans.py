"""Plans as people read and keep them: the table, and the file of `-o`."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from watari.errors.usage import FileUnreadable
from watari.locale import Text
from watari.locale.system import reason_of

if TYPE_CHECKING:
    from watari.cli.context import Context
    from watari.planning.plan import Plan

_HEAD = Text(
    en="plan {sha}  {database} [{environment}, {framework}]  {steps} steps",
    ja="計画 {sha}  {database} [{environment}, {framework}]  ステップ {steps} 件",
)
_EMPTY = Text(en="nothing to do: {database} is up to date", ja="対象なし: {database} は最新です")
_COLUMNS = (
    Text(en="step", ja="ステップ"),
    Text(en="phase", ja="フェーズ"),
    Text(en="what happens", ja="内容"),
    Text(en="locks", ja="ロック"),
    Text(en="the others wait", ja="他への影響"),
)
_ALLOWANCES = Text(en="allowed in the files:", ja="ファイル内の許可:")
_FEW = 200
_FEW_NOTES = 20


def read_plan(path: Path) -> Plan:
    """The plan of a file; raises `FileUnreadable`, `PlanFileDamaged`."""
    from watari.errors.usage import PlanDamaged, PlanFileDamaged, PlanVersion
    from watari.planning.canonical import loads

    try:
        return loads(path.read_bytes())
    except OSError as reason:
        raise FileUnreadable(file=str(path), reason=reason_of(reason)) from reason
    except PlanDamaged as condition:
        raise PlanFileDamaged(file=str(path), reason=condition.fields["reason"]) from condition
    except PlanVersion as condition:
        raise PlanFileDamaged(file=str(path), reason=condition.message) from condition


def write_plan(plan: Plan, path: Path) -> None:
    """The canonical JSON, readable by its owner only; raises `FileUnwritable`."""
    from watari.planning.canonical import dumps
    from watari.project.files import write_named

    write_named(path, dumps(plan))


def print_plan(context: Context, plan: Plan) -> None:
    """The table of steps; above two hundred steps only their count by migration."""
    if not plan.steps:
        context.print(context.say(_EMPTY, database=plan.database))
        return
    head = {"sha": plan.sha256[:12], "database": plan.database, "environment": plan.environment}
    context.print(context.say(_HEAD, **head, framework=plan.framework, steps=len(plan.steps)))
    _print_table(context, plan)


def _print_table(context: Context, plan: Plan) -> None:
    from shutil import get_terminal_size

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Cell

    from watari.planning.table import rows

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in _COLUMNS:
        table.add_column(context.say(column), overflow="fold")
    found = rows(plan)
    shown = found if len(found) <= _FEW or context.options.verbose else found[:_FEW]
    for row in shown:
        cells = (row.step, context.words(row.phase), context.words(row.what), row.locks, context.words(row.waits))
        table.add_row(*(Cell(cell) for cell in cells))
    stream = sys.stderr if context.wants_json else sys.stdout
    drawn = StringIO()  # rich would end the program where the reader of a pipe has gone
    terminal = stream.isatty()
    width = get_terminal_size().columns if terminal else 140
    Console(file=drawn, width=width, force_terminal=terminal, highlight=False, soft_wrap=False).print(table)
    context.print(drawn.getvalue().rstrip("\n"))
    if len(shown) < len(found):
        context.print(f"… +{len(found) - len(shown)} (-v)")
    _print_notes(context, plan)
    if plan.allowances:
        context.print(context.say(_ALLOWANCES))
    for allowed in plan.allowances:
        context.print(f"  {allowed.file}:{allowed.line}  {', '.join(allowed.rules)}: {allowed.reason}")


def _print_notes(context: Context, plan: Plan) -> None:
    """What is to be known of steps, each sentence once, with the first step that it is about."""
    told: dict[str, list[str]] = {}
    for step in plan.steps:
        for note in step.notes:
            told.setdefault(note.ja if context.language == "ja" else note.en, []).append(step.id)
    for sentence, steps in list(told.items())[: None if context.options.verbose else _FEW_NOTES]:
        more = f" +{len(steps) - 1}" if len(steps) > 1 else ""
        context.print(f"{steps[0]}{more}: {sentence}")
