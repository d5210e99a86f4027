"""What the files would have done as written, and the safer way."""

from __future__ import annotations

from collections.abc import Mapping

from watari.locale import Text
from watari.reporting.blocks import Card, Cell, Chapter, Code, Facts, Prose, Section, Tone, Words, text
from watari.reporting.report import Report
from watari.reporting.wording import count, duration, size
from watari.risk.hazard import Hazard, Level

_TITLE = Text(en="Hazards of the files as written", ja="ファイルをそのまま適用した場合のリスク")
_SUMMARY = Text(
    en="Statements judged: {statements}. Blocking: {block}, warnings: {warn}, notes: {info}. Where there is a safe form, the plan runs that instead.",
    ja="{statements} 文を判定: 重大 {block} 件、警告 {warn} 件、情報 {info} 件。安全な書き換えがあるものは、計画側で置き換えて実行します。",
)
_NONE = Text(en="Statements judged: {statements}; nothing found.", ja="{statements} 文を判定し、指摘はありません。")
_LEVELS = {
    Level.BLOCK: (Text(en="blocking", ja="重大"), Tone.BAD),
    Level.WARN: (Text(en="warning", ja="警告"), Tone.WARN),
    Level.INFO: (Text(en="note", ja="情報"), Tone.QUIET),
}
_SAFER = Text(en="the safer way", ja="安全な方法")
_FACTS = {
    "rows": Text(en="rows", ja="行数"),
    "bytes": Text(en="size", ja="サイズ"),
    "seconds": Text(en="estimated time", ja="推定時間"),
    "dependants": Text(en="dependants", ja="依存オブジェクト"),
    "used_by": Text(en="used by", ja="利用しているもの"),
    "queries_naming_it": Text(en="application queries that name it", ja="参照するアプリケーションのクエリ数"),
    "scan_bytes_per_second": Text(en="measured reading speed, bytes per second", ja="実測の読み取り速度（バイト/秒）"),
    "lock": Text(en="lock", ja="ロック"),
    "allowed": Text(en="allowed because", ja="許可の理由"),
}


def make(report: Report) -> Section | None:
    """A card a hazard, the loudest first."""
    tally = [hazard.level for hazard in report.hazards].count
    if not report.hazards and not report.judged_statements:
        return None
    words = {
        "statements": count(report.judged_statements),
        "block": tally(Level.BLOCK),
        "warn": tally(Level.WARN),
        "info": tally(Level.INFO),
    }
    order = list(Level)
    ranked = sorted(report.hazards, key=lambda hazard: order.index(hazard.level))
    return Section(
        id="hazards",
        title=_TITLE(),
        summary=_SUMMARY(**words) if report.hazards else _NONE(**words),
        blocks=tuple(_card(hazard) for hazard in ranked),
    )


def _card(hazard: Hazard) -> Card:
    label, tone = _LEVELS[hazard.level]
    blocks: list[Prose | Code | Facts] = [Prose(words=hazard.message)]
    if pairs := _facts(hazard.facts):
        blocks.append(Facts(pairs=pairs))
    if hazard.safer:
        blocks.append(Code(source=hazard.safer, caption=_SAFER()))
    return Card(
        title=f"{hazard.rule} · {hazard.object}",
        tone=tone,
        label=label(),
        place=f"{hazard.file}:{hazard.line}",
        blocks=tuple(blocks),
    )


def _facts(facts: Mapping[str, object]) -> tuple[tuple[Words, Cell], ...]:
    return tuple(
        (_FACTS[name]() if name in _FACTS else name.replace("_", " "), text(_shown(name, value)))
        for name, value in facts.items()
        if value not in (None, "", (), []) and name != "queries"
    )


def _shown(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if "bytes" in name:
        return size(value)
    return duration(value) if "seconds" in name else count(value)


CHAPTER = Chapter(order=50, make=make)
