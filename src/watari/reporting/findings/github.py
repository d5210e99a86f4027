"""Findings as GitHub's workflow commands: one annotation a hazard, shown beside the line in the pull request.

Source: GitHub documentation, Workflow commands for GitHub Actions: `::error file=…,line=…,endLine=…,title=…::message`; in
messages %, carriage return and newline are escaped, in properties : and , too.
"""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Language
from watari.reporting.findings.excerpt import span
from watari.reporting.findings.words import NO_FACTS, SAFER, UNREADABLE, UNSEEN, allowed_by, known, tally
from watari.reporting.findings.writer import Findings, Form
from watari.risk.hazard import Hazard, Level

_COMMANDS = {Level.BLOCK: "error", Level.WARN: "warning", Level.INFO: "notice"}


def write(findings: Findings, language: Language) -> str:
    """One line a finding, then the counts as plain lines of the log."""
    return "\n".join([*_annotations(findings, language), *_log(findings, language)])


def _annotations(findings: Findings, language: Language) -> Iterator[str]:
    for file, line, column, error in findings.errors():
        words = UNREADABLE(error=error).render(language)
        yield f"::error file={_property(file)},line={line},col={column},title=watari::{_data(words)}"
    for hazard in findings.hazards():
        yield _annotation(hazard, language)


def _annotation(hazard: Hazard, language: Language) -> str:
    where = span(hazard)
    place = f"file={_property(hazard.file)},line={where.line},endLine={where.end_line}"
    if where.line == where.end_line:  # columns are accepted within one line only
        place += f",col={where.column},endColumn={where.end_column}"
    words = hazard.message.render(language)
    if reason := allowed_by(hazard):
        words += f"\n{reason.render(language)}"
    if hazard.safer:
        words += f"\n{SAFER().render(language)}\n{hazard.safer}"
    title = _property(f"{hazard.rule} {hazard.object}")
    return f"::{_COMMANDS[hazard.level]} {place},title={title}::{_data(words)}"


def _log(findings: Findings, language: Language) -> Iterator[str]:
    for judgement in findings.judgements:
        if judgement.unseen:
            yield UNSEEN(names=", ".join(judgement.unseen)).render(language)
        yield tally(judgement).render(language)
        if hidden := known(judgement):
            yield hidden.render(language)
        if not judgement.with_facts:
            yield NO_FACTS().render(language)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORM = Form(name="github", write=write)
