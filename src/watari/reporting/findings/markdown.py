"""Findings as Markdown for a comment on a pull request: a table to skim, the details folded below it."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Language, Text
from watari.reporting.findings.excerpt import excerpt
from watari.reporting.findings.words import (
    ALLOWANCES,
    LEVELS,
    NO_FACTS,
    SAFER,
    UNREADABLE,
    UNSEEN,
    allowance,
    allowed_by,
    around,
    known,
    tally,
)
from watari.reporting.findings.writer import Findings, Form
from watari.risk.hazard import Hazard, Level

_TITLE = Text(en="## watari: what these statements will do", ja="## watari: マイグレーションの影響とリスク")
_HEAD = Text(en="| | rule | object | place |", ja="| | ルール | 対象 | 場所 |")
_NOTHING = Text(en="Nothing was found.", ja="指摘はありません。")
_SIGNS = {Level.BLOCK: "🛑", Level.WARN: "⚠️", Level.INFO: "ℹ️"}


def write(findings: Findings, language: Language) -> str:
    """A comment that stands alone; the loudest first."""
    order = list(Level)
    hazards = sorted(findings.hazards(), key=lambda hazard: order.index(hazard.level))
    lines = [_TITLE().render(language), "", *_counts(findings, language), ""]
    for file, line, column, error in findings.errors():
        lines += [f"🛑 `{file}:{line}:{column}` {_plain(UNREADABLE(error=error).render(language))}", ""]
    if hazards:
        lines += [_HEAD().render(language), "|---|---|---|---|"]
        lines += [_row(hazard, language) for hazard in hazards]
        for hazard in hazards:
            lines += ["", *_details(hazard, language)]
    elif not any(True for _ in findings.errors()):
        lines.append(_NOTHING().render(language))
    lines += _allowances(findings, language)
    return "\n".join(lines).rstrip()


def _allowances(findings: Findings, language: Language) -> Iterator[str]:
    allowed = [one for judgement in findings.judgements for one in judgement.allowances]
    if allowed:
        yield from ("", f"**{ALLOWANCES().render(language)}**", "")
    for one in allowed:
        yield f"- {_cell(f'{one.file}:{one.line}')} {_plain(allowance(one).render(language))}"


def _counts(findings: Findings, language: Language) -> Iterator[str]:
    for judgement in findings.judgements:
        if judgement.unseen:
            yield _plain(UNSEEN(names=", ".join(judgement.unseen)).render(language))
        words = [tally(judgement).render(language)]
        if hidden := known(judgement):
            words.append(hidden.render(language))
        if not judgement.with_facts:
            words.append(NO_FACTS().render(language))
        yield _plain("  \n".join(words))


def _row(hazard: Hazard, language: Language) -> str:
    level = f"{_SIGNS[hazard.level]} {LEVELS[hazard.level]().render(language)}"
    return f"| {level} | `{hazard.rule}` | {_cell(hazard.object)} | {_cell(f'{hazard.file}:{hazard.line}')} |"


def _details(hazard: Hazard, language: Language) -> Iterator[str]:
    summary = f"{_SIGNS[hazard.level]} <b>{hazard.rule}</b> {_html(hazard.object)}"
    yield f"<details{' open' if hazard.level is Level.BLOCK else ''}><summary>{summary}</summary>"
    yield ""
    yield _plain(hazard.message.render(language))
    for words in around(hazard):
        yield ""
        yield _plain(words.render(language))
    if reason := allowed_by(hazard):
        yield ""
        yield _plain(reason.render(language))
    if lines := excerpt(hazard):
        yield from _code("\n".join(line.text for line in lines))
    if hazard.safer:
        yield SAFER().render(language)
        yield from _code(hazard.safer)
    yield "</details>"


def _code(text: str) -> Iterator[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    yield from ("", f"{fence}sql", text, fence, "")


def _cell(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _plain(text: str) -> str:
    """A sentence with a team's own names in it, that Markdown leaves as it is."""
    for sign in "\\`*_[]<":
        text = text.replace(sign, "\\" + sign)
    return text


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


FORM = Form(name="markdown", write=write)
