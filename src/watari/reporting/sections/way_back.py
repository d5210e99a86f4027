"""How this run is taken back, and what would be lost by it."""

from __future__ import annotations

from watari.evidence.run import Direction, RunState
from watari.locale import Text
from watari.reporting.blocks import Block, Chapter, Code, Prose, Section, Tone
from watari.reporting.report import Report
from watari.reporting.sections.plan import losses, steps_table
from watari.reporting.wording import count

_TITLE = Text(en="Way back", ja="戻し方")
_OPEN = Text(
    en="The way back is open, steps: {steps}. What would be lost is shown again before anything happens.",
    ja="{steps} ステップで元に戻せます。実行前に、失われるものをあらためて表示します。",
)
_NO_PLAN = Text(
    en="No statement can take this run back. The last way is to restore the backup beside the database and to swap the names.",
    ja="SQL では元に戻せません。最後の手段として、バックアップを別データベースに復元し、名前を入れ替えます。",
)
_UNPLANNED = Text(
    en="The way back is looked for when it is asked for: the best one that the policy allows, with what would be lost, before anything happens.",
    ja="コマンドを実行すると、ポリシーの範囲で最適な戻し方と失われるものを表示し、確認のうえで実行します。",
)
_ROLL_BACK = Text(en="take this run back", ja="この実行を元に戻す")
_RESTORE = Text(en="restore beside and swap", ja="別データベースへ復元して入れ替える")
_NO_LOSS = Text(en="Nothing is lost by going back.", ja="戻しても失われるデータはありません。")
_KEPT = Text(en="Kept until a person lets it go: {what}", ja="保持しているもの（解放するまで残ります）: {what}")
#: A way back has none of its own; of another tool's command watari has no plan.
_NO_WAY_BACK = (Direction.BACK, Direction.GUARDED)


def make(report: Report) -> Section | None:
    """The command, the losses, the steps, and the last way."""
    run = report.outcome
    if run is None or run.direction in _NO_WAY_BACK or run.state is RunState.ROLLED_BACK or report.taken_back:
        return None
    plan = report.way_back
    blocks: list[Block] = []
    place = f" -e {report.environment}" if report.environment not in ("", "default") else ""
    command = f"watari rollback{place} --database {report.database} --run {run.id}"
    if plan is None or plan.steps:
        blocks.append(Code(source=command, caption=_ROLL_BACK()))
    if plan and plan.steps:
        blocks += losses(plan) or (Prose(words=_NO_LOSS()),)
        blocks.append(steps_table(plan))
    if report.backup:
        restore = f"watari restore{place} --database {report.database} {report.backup.id}"
        blocks.append(Code(source=restore, caption=_RESTORE()))
    if report.kept:
        blocks.append(Prose(words=_KEPT(what=", ".join(report.kept)), tone=Tone.QUIET))
    if not blocks:
        return None
    summary = _UNPLANNED() if plan is None else _OPEN(steps=count(len(plan.steps))) if plan.steps else _NO_PLAN()
    return Section(id="way-back", title=_TITLE(), summary=summary, blocks=tuple(blocks))


CHAPTER = Chapter(order=90, make=make)
