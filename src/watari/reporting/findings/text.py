"""Findings for people at a terminal: place, statement with the offending part underlined, sentence, safer way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from watari.locale import Language
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
from watari.risk.hazard import Hazard, Judgement, Level


def write(findings: Findings, language: Language) -> str:
    """One part a database, with its counts at the end."""
    return "\n".join(line for judgement in findings.judgements for line in _judgement(judgement, language))


def _judgement(judgement: Judgement, language: Language) -> Iterator[str]:
    if judgement.unseen:
        yield UNSEEN(names=", ".join(judgement.unseen)).render(language)
    if not judgement.statements:
        return
    for judged in judgement.statements:
        if judged.error:
            statement = judged.statement
            words = UNREADABLE(error=judged.error).render(language)
            yield f"{statement.file}:{statement.line}:{statement.column}  {words}"
    shown: tuple[str, ...] = ()
    for hazard in _by_statement(judgement):
        seen = tuple(_around(hazard, language))
        yield from _hazard(hazard, language, () if seen == shown else seen)
        shown = seen
    if judgement.allowances:
        yield ALLOWANCES().render(language)
        for allowed in judgement.allowances:
            yield f"    {allowed.file}:{allowed.line}  {allowance(allowed).render(language)}"
        yield ""
    yield tally(judgement).render(language)
    if hidden := known(judgement):
        yield hidden.render(language)
    if not judgement.with_facts:
        yield NO_FACTS().render(language)


def _by_statement(judgement: Judgement) -> Iterator[Hazard]:
    """The hazards in the order of the statements, the loudest of each first."""
    order = list(Level)
    for _, group in groupby(judgement.new, key=lambda hazard: (hazard.file, hazard.line, hazard.column)):
        yield from sorted(group, key=lambda hazard: (order.index(hazard.level), hazard.object))


def _around(hazard: Hazard, language: Language) -> Iterator[str]:
    """The statement, underlined, and who uses its object: said once, however many hazards follow."""
    lines = excerpt(hazard)
    width = len(str(lines[-1].number)) if lines else 0
    for line in lines:
        yield f"    {line.number:>{width}} | {line.text}"
        if line.marks:
            yield f"    {'':>{width}} | {line.marks}"
    for words in around(hazard):
        yield f"    {words.render(language)}"


def _hazard(hazard: Hazard, language: Language, surroundings: Sequence[str]) -> Iterator[str]:
    level = LEVELS[hazard.level]().render(language)
    yield f"{hazard.file}:{hazard.line}:{hazard.column}  [{level}] {hazard.rule}  {hazard.object}"
    yield from surroundings
    yield f"    {hazard.message.render(language)}"
    if reason := allowed_by(hazard):
        yield f"    {reason.render(language)}"
    if hazard.safer:
        yield f"    {SAFER().render(language)}"
        for text in hazard.safer.splitlines():
            yield f"        {text}"
    yield ""


FORM = Form(name="text", write=write)
