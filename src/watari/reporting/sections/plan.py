"""What was approved: the steps in their phases, each with its locks, its SQL and its undo."""

from __future__ import annotations

from watari.catalog.locks import blocks_reads, blocks_writes
from watari.evidence.effect import Effect
from watari.evidence.run import Direction
from watari.locale import Text
from watari.planning.plan import Phase, Plan, Step
from watari.reporting.blocks import Block, Chapter, Code, Prose, Row, Section, Table, Tone, badge, code, text
from watari.reporting.report import Report
from watari.reporting.wording import count, one_line, short

_TITLE = Text(en="The plan", ja="計画")
_SUMMARY = Text(
    en="Migrations: {migrations}, steps: {steps}. Plan {sha}, bound to the database's fingerprint {fingerprint}.",
    ja="マイグレーション {migrations} 件、{steps} ステップ。計画 {sha}（データベースの指紋 {fingerprint} に固定）。",
)
_HEAD = (
    Text(en="step", ja="ステップ"),
    Text(en="phase", ja="フェーズ"),
    Text(en="what happens", ja="内容"),
    Text(en="strongest lock", ja="最も強いロック"),
    Text(en="on", ja="対象"),
)
_PHASES = {
    Phase.EXPAND: Text(en="expand", ja="拡張"),
    Phase.MIGRATE: Text(en="migrate", ja="移行"),
    Phase.CONTRACT: Text(en="contract", ja="縮小"),
}
_NO_UNDO = Text(
    en="No statement takes this back; the way back is the backup.",
    ja="この処理を取り消す SQL はありません。戻すにはバックアップを使います。",
)
_UNDO_SQL = Text(en="takes it back", ja="取り消す SQL")
_SENT = Text(en="what is sent", ja="実行する SQL")
_SAFE = Text(en="safe form of {place}: {form}", ja="{place} の安全な形: {form}")
_NOTE = Text(en="{en}", ja="{ja}")
_KINDS = {
    "table": Text(en="table", ja="テーブル"),
    "column": Text(en="column", ja="列"),
    "rows": Text(en="rows of", ja="行"),
    "values": Text(en="former values of column", ja="変更前の値"),
}
_LOSS = Text(en="lost for good: {kind} {object} ({migration})", ja="失われるもの: {object}（{kind}、{migration}）")
_LOSS_ROWS = Text(
    en="lost for good: {kind} {object} ({migration}), about {rows} rows",
    ja="失われるもの: {object}（{kind}、{migration}、約 {rows} 行）",
)
_MORE = Text(en="The JSON report has {count} more.", ja="ほか {count} ステップは JSON 形式の報告書にあります。")
_FEW = 120


def make(report: Report) -> Section | None:
    """A table of steps with their SQL below each."""
    plan = report.plan
    if plan is None:
        return None
    summary = _SUMMARY(
        steps=count(len(plan.steps)),
        migrations=count(len(plan.migrations)),
        sha=short(plan.sha256),
        fingerprint=short(plan.fingerprint),
    )
    blocks: tuple[Block, ...] = (*losses(plan), steps_table(plan))
    return Section(id="plan", title=_TITLE(), summary=summary, blocks=blocks)


def losses(plan: Plan) -> tuple[Prose, ...]:
    """What a plan takes away for good, in words."""
    found = []
    for loss in plan.losses:
        kind = _KINDS[loss.kind]() if loss.kind in _KINDS else loss.kind
        words = {"kind": kind, "object": loss.object, "migration": loss.migration}
        said = _LOSS(**words) if loss.rows is None else _LOSS_ROWS(**words, rows=count(loss.rows))
        found.append(Prose(words=said, tone=Tone.WARN))
    return tuple(found)


def steps_table(plan: Plan) -> Table:
    """The steps of any plan, the way back's too."""
    left_out = len(plan.steps) - _FEW
    return Table(
        head=tuple(head() for head in _HEAD),
        rows=tuple(_row(step, plan.direction is Direction.FORWARD) for step in plan.steps[:_FEW]),
        note=_MORE(count=count(left_out)) if left_out > 0 else None,
    )


def _row(step: Step, forward: bool) -> Row:
    first = step.sql[0] if step.sql else _without_sql(step)
    more = f" (+{len(step.sql) - 1})" if len(step.sql) > 1 else ""
    below: list[Code | Prose] = []
    if step.rewritten:
        below.append(Prose(words=_SAFE(place=step.as_written or step.migration or "", form=step.rewritten)))
    below += [Prose(words=_NOTE(en=note.en, ja=note.ja)) for note in step.notes]
    # a single short statement is read in full already
    if len(step.sql) > 1 or (step.sql and one_line(first) != first.strip()):
        below.append(Code(source=";\n".join(sql.strip().rstrip(";") for sql in step.sql) + ";", caption=_SENT()))
    if step.undo:
        below.append(Code(source=";\n".join(sql.strip().rstrip(";") for sql in step.undo) + ";", caption=_UNDO_SQL()))
    if step.undo is None and forward:
        below.append(Prose(words=_NO_UNDO(), tone=Tone.WARN))
    lock, relation, tone = _strongest(step)
    cells = (
        code(step.id),
        text(_PHASES[step.phase]()),
        code(one_line(first) + more),
        badge(lock, tone) if lock else text("–"),
        code(relation or "–"),
    )
    return Row(cells=cells, below=tuple(below), fold=2)


def _without_sql(step: Step) -> str:
    """What a backfill sets, or the kind of a step whose SQL only the framework's own tool knows."""
    if step.backfill is None:
        return step.kind.value
    values = ", ".join(f"{column} = {expression}" for column, expression in step.backfill.assignments)
    return f"{step.backfill.table}: {values} ({step.backfill.where})"


def _strongest(step: Step) -> tuple[str, str, Tone]:
    """The strongest lock on a relation that was there before; on what the step makes itself nobody waits."""
    held: list[Effect] = [effect for effect in step.effects if effect.lock is not None and not effect.created]
    strongest = max(held, key=lambda effect: effect.lock or 0, default=None)
    if strongest is None or strongest.lock is None:
        return "", "", Tone.PLAIN
    tone = Tone.BAD if blocks_reads(strongest.lock) else Tone.WARN if blocks_writes(strongest.lock) else Tone.QUIET
    return str(strongest.lock), strongest.relation, tone


CHAPTER = Chapter(order=60, make=make)
