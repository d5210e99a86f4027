"""The application's statements on the rehearsed database: which fail, which change, which become dearer."""

from __future__ import annotations

from watari.evidence.application import BREAKING, Change, QueryChange, Survival
from watari.locale import Text
from watari.reporting.blocks import (
    Card,
    Cell,
    Chapter,
    Code,
    Facts,
    Prose,
    Row,
    Section,
    Table,
    Tone,
    Words,
    code,
    number,
    text,
)
from watari.reporting.report import Report
from watari.reporting.wording import CHANGES, count

_TITLE = Text(en="The application's statements", ja="アプリケーションの SQL")
_SUMMARY = Text(
    en="Statements asked of the clone after each step: {judged}. Failing: {broken}, changed: {changed}, dearer: {costlier}.",
    ja="各ステップの後にクローンで確認した SQL: {judged} 件。エラー {broken} 件、型の変更 {changed} 件、コスト増 {costlier} 件。",
)
_LABELS = {
    Change.FAILS: Text(en="fails", ja="エラー"),
    Change.LACKS: Text(en="lacks a column", ja="カラム不足"),
    Change.RESULT: Text(en="other result", ja="結果の型が変化"),
    Change.PARAMETERS: Text(en="other parameters", ja="引数の型が変化"),
    Change.COSTLIER: Text(en="dearer", ja="コスト増"),
}
_WHERE = Text(en="where it stands", ja="出所")
_CALLS = Text(en="calls", ja="実行回数")
_SINCE = Text(en="since step", ja="変化したステップ")
_UNTIL = Text(en="until step", ja="解消したステップ")
_HAZARDS = Text(en="hazards that warned of it", ja="対応するリスク")
_BEFORE = Text(en="plan before", ja="変更前の実行計画")
_AFTER = Text(en="plan after", ja="変更後の実行計画")
_COST = Text(en="cost", ja="コスト")
_UNJUDGED = Text(
    en="Not judged, because the server did not take them before the plan either:",
    ja="計画の適用前から解釈できなかったため、判定していない SQL:",
)
_REASON = Text(en="reason", ja="理由")
_SHOWN = 40


def make(report: Report) -> Section | None:
    """A card for each change, the gravest first, plans before and after side by side."""
    survival = report.evidence.application if report.evidence else None
    if survival is None or not survival.judged:
        return None
    tally = [each.change for each in survival.changes].count
    changed = tally(Change.RESULT) + tally(Change.PARAMETERS)
    words = {"judged": count(survival.judged), "broken": len(survival.broken), "changed": changed}
    return Section(
        id="survival",
        title=_TITLE(),
        summary=_SUMMARY(**words, costlier=tally(Change.COSTLIER)),
        blocks=(*(_card(each) for each in survival.changes[:_SHOWN]), *_unjudged(survival)),
        tone=Tone.BAD if survival.broken else Tone.PLAIN,
    )


def _card(each: QueryChange) -> Card:
    tone = Tone.BAD if each.change in BREAKING else Tone.WARN
    blocks: list[Prose | Code | Facts] = [
        Prose(words=CHANGES[each.change](detail=each.detail, step=each.step or "–")),
        Code(source=each.query),
        Facts(pairs=tuple(_pairs(each))),
    ]
    if each.change is Change.COSTLIER:
        blocks += [Code(source=_lines(each.shape_before), caption=_BEFORE())]
        blocks += [Code(source=_lines(each.shape_after), caption=_AFTER())]
    return Card(title=each.query[:80], tone=tone, label=_LABELS[each.change](), place=each.source, blocks=tuple(blocks))


def _pairs(each: QueryChange) -> list[tuple[Words, Cell]]:
    pairs: list[tuple[Words, Cell]] = [(_WHERE(), text(each.source)), (_SINCE(), text(each.step or "–"))]
    if each.until:
        pairs.append((_UNTIL(), text(each.until)))
    if each.calls is not None:
        pairs.append((_CALLS(), number(count(each.calls))))
    if each.hazards:
        pairs.append((_HAZARDS(), text(", ".join(each.hazards))))
    if each.cost_after is not None and each.change is Change.COSTLIER:
        pairs.append((_COST(), number(f"{count(each.cost_before)} → {count(each.cost_after)}")))
    return pairs


def _lines(shape: str | None) -> str:
    return "\n".join(f"{'  ' * depth}{node}" for depth, node in enumerate((shape or "").split(" > ")))


def _unjudged(survival: Survival) -> tuple[Prose | Table, ...]:
    if not survival.unjudged:
        return ()
    rows = tuple(Row(cells=(code(each.query[:120]), text(each.reason))) for each in survival.unjudged[:_SHOWN])
    return (Prose(words=_UNJUDGED(), tone=Tone.QUIET), Table(head=("SQL", _REASON()), rows=rows))


CHAPTER = Chapter(order=75, make=make)
