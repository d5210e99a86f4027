"""A report as Markdown, for a merge request, a wiki or an issue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from watari.late import pattern
from watari.locale import Language, Message, Text
from watari.reporting import blocks
from watari.reporting.blocks import CheckState, Tone, Words
from watari.reporting.document import document
from watari.reporting.report import Report
from watari.reporting.writers.writer import Writer

_SIGNS = {Tone.GOOD: "✅ ", Tone.WARN: "⚠️ ", Tone.BAD: "❌ "}
_SPECIAL = pattern(r"([\\`*_\[\]<>|#~])")
_MADE = Text(en="made by watari {version} at {at}", ja="watari {version} が {at} に作成")
_PERSON = Text(en="for a person", ja="担当者が確認")
_DATE = Text(en="date", ja="日付")


def write(report: Report, language: Language) -> str:
    """GitHub-flavoured Markdown; everything that comes from outside is escaped."""
    whole, say = document(report), partial(_say, language)
    lines = [f"# {_escaped(say(whole.title))}", ""]
    lines += [f"**{_SIGNS.get(whole.tone, '')}{_escaped(say(whole.headline))}** {_escaped(say(whole.sentence))}", ""]
    for figure in whole.figures:
        detail = f" ({_escaped(say(figure.detail))})" if figure.detail else ""
        lines.append(f"- {_escaped(say(figure.label))}: **{_escaped(say(figure.value))}**{detail}")
    lines += ["", *_facts(whole.facts, say)]
    for section in whole.sections:
        lines += ["", f"## {_escaped(say(section.title))}", ""]
        if section.summary:
            lines += [_escaped(say(section.summary)), ""]
        for block in section.blocks:
            lines += [*_BLOCKS[type(block)](block, say), ""]
    lines += ["---", _escaped(say(_MADE(version=whole.version or "–", at=whole.made_at)))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


_Say = Callable[[Words], str]


def _say(language: Language, words: Words) -> str:
    return words.render(language) if isinstance(words, Message) else words


def _escaped(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(words.split()))


def _code_span(source: str) -> str:
    """Code inside a line or a table cell: fenced by more backticks than it holds itself, pipes escaped for the table."""
    line = " ".join(source.split()).replace("|", "\\|")
    if not line or line == "–":
        return line
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    blank = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{blank}{line}{blank}{fence}"


def _cell(cell: blocks.Cell, say: _Say) -> str:
    words = say(cell.words)
    shown = _code_span(words) if cell.code else _escaped(words)
    return (_SIGNS.get(cell.tone, "") if cell.badge else "") + shown


def _facts(facts: blocks.Facts, say: _Say) -> Iterator[str]:
    yield from ("| | |", "|---|---|")
    for name, cell in facts.pairs:
        yield f"| {_escaped(say(name))} | {_cell(cell, say)} |"


def _prose(prose: blocks.Prose, say: _Say) -> Iterator[str]:
    yield _SIGNS.get(prose.tone, "") + _escaped(say(prose.words))


def _code(code: blocks.Code, say: _Say) -> Iterator[str]:
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", code.source)), default=0) + 1)
    if code.caption:
        yield from (f"{_escaped(say(code.caption))}:", "")
    language = "sh" if code.source.startswith("watari ") else "sql"
    yield from (f"{fence}{language}", code.source, fence)


def _table(table: blocks.Table, say: _Say) -> Iterator[str]:
    numbers = [all(row.cells[place].number for row in table.rows) for place in range(len(table.head))]
    yield "| " + " | ".join(_escaped(say(head)) for head in table.head) + " |"
    yield "|" + "|".join("---:" if right else "---" for right in numbers) + "|"
    for row in table.rows:
        yield "| " + " | ".join(_cell(cell, say) for cell in row.cells) + " |"
    yield from _below(table, say)
    if table.note:
        yield from ("", _escaped(say(table.note)))


def _below(table: blocks.Table, say: _Say) -> Iterator[str]:
    """What unfolds below the rows, after the table: Markdown's tables hold one line a row."""
    for row in table.rows:
        if row.below:
            yield from ("", f"**{_cell(row.cells[0], say)}**", "")
            for block in row.below:
                yield from (*_BLOCKS[type(block)](block, say), "")


def _card(card: blocks.Card, say: _Say) -> Iterator[str]:
    sign = _SIGNS.get(card.tone, "")
    yield f"### {sign}{_escaped(say(card.label))}: {_escaped(say(card.title))}"
    yield from ("", f"{_code_span(card.place)}", "")
    for block in card.blocks:
        yield from (*_BLOCKS[type(block)](block, say), "")


def _checklist(checklist: blocks.Checklist, say: _Say) -> Iterator[str]:
    yield from (f"### {_escaped(say(checklist.title))}", "")
    for item in checklist.items:
        mark = "x" if item.state in (CheckState.PROVED, CheckState.SIGNED) else " "
        sign = _SIGNS[Tone.BAD] if item.state is CheckState.FAILED else ""
        because = item.because or (_PERSON() if item.state is CheckState.PERSON else None)
        told = f" — {_escaped(say(because))}" if because else ""
        yield f"- [{mark}] {sign}{_escaped(say(item.words))}{told}"


def _signatures(signatures: blocks.Signatures, say: _Say) -> Iterator[str]:
    yield "| " + " | ".join(_escaped(say(role)) for role in signatures.roles) + " |"
    yield "|" + "---|" * len(signatures.roles)
    yield "| " + " | ".join(f"{_escaped(say(_DATE()))}:" for _ in signatures.roles) + " |"


def _bars(bars: blocks.Bars, say: _Say) -> Iterator[str]:
    yield "```text"
    for bar in bars.bars:
        # a length that is there at all is seen
        yield f"{'█' * max(1, round(bar.length * 50))} {say(bar.words)}  {say(bar.label)}"
    yield "```"


def _timeline(chart: blocks.Timeline, say: _Say) -> Iterator[str]:
    """Locks in words: a line a relation with its longest stretch."""
    for lane in chart.lanes:
        if isinstance(lane.label, str):
            longest = max(lane.spans, key=lambda span: span.length)
            yield f"- {_code_span(lane.label)}: {_escaped(say(longest.words))}"


_BLOCKS: dict[type, Callable[..., Iterator[str]]] = {
    blocks.Prose: _prose,
    blocks.Code: _code,
    blocks.Facts: _facts,
    blocks.Table: _table,
    blocks.Card: _card,
    blocks.Checklist: _checklist,
    blocks.Signatures: _signatures,
    blocks.Bars: _bars,
    blocks.Timeline: _timeline,
}

WRITER = Writer(name="markdown", write=write, also=("md",))
