"""Findings as SARIF 2.1.0, for code scanning (OASIS, Static Analysis Results Interchange Format, 27 March 2020)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from watari.locale import Language
from watari.reporting.findings.excerpt import span
from watari.reporting.findings.words import NO_FACTS, SAFER
from watari.reporting.findings.writer import Findings, Form
from watari.risk.hazard import Card, Hazard, Level

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.BLOCK: "error", Level.WARN: "warning", Level.INFO: "note"}


def write(findings: Findings, language: Language) -> str:
    """One run; hazards of a baseline are in it as unchanged, allowed ones as suppressed."""
    hazards = [hazard for judgement in findings.judgements for hazard in judgement.hazards]
    rules = sorted({hazard.rule for hazard in hazards})
    places = {rule: place for place, rule in enumerate(rules)}
    run = {
        "tool": {"driver": _driver(findings, rules, language)},
        "columnKind": "unicodeCodePoints",
        "results": [_result(hazard, places[hazard.rule], language) for hazard in hazards],
        "invocations": [_invocation(findings, language)],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2, default=str)


def _driver(findings: Findings, rules: list[str], language: Language) -> dict[str, Any]:
    driver: dict[str, Any] = {"name": "watari", "rules": [_rule(findings.cards[rule], language) for rule in rules]}
    return driver | ({"semanticVersion": findings.version} if findings.version else {})


def _rule(card: Card, language: Language) -> dict[str, Any]:
    say = {name: getattr(card, name)().render(language) for name in ("title", "condition", "harm", "safer")}
    return {
        "id": card.id,
        "shortDescription": {"text": say["title"]},
        "fullDescription": {"text": say["harm"]},
        "help": {"text": "\n".join((say["condition"], say["harm"], say["safer"], card.fact))},
        "defaultConfiguration": {"level": _LEVELS[card.level]},
    }


def _result(hazard: Hazard, place: int, language: Language) -> dict[str, Any]:
    words = hazard.message.render(language)
    if hazard.safer:
        words += f"\n{SAFER().render(language)}\n{hazard.safer}"
    result = {
        "ruleId": hazard.rule,
        "ruleIndex": place,
        "level": _LEVELS[hazard.level],
        "message": {"text": words},
        "locations": [_location(hazard)],
        "properties": {"object": hazard.object, "facts": dict(hazard.facts)},
    }
    if "baseline" in hazard.facts:
        result["baselineState"] = "unchanged"
    if reason := hazard.facts.get("allowed"):
        kind = "external" if reason == "policy" else "inSource"
        result["suppressions"] = [{"kind": kind, "justification": str(reason)}]
    return result


def _location(hazard: Hazard) -> dict[str, Any]:
    where = span(hazard)
    region = {
        "startLine": where.line,
        "startColumn": where.column,
        "endLine": where.end_line,
        "endColumn": where.end_column,
    }
    file = _uri(hazard.file)
    place: dict[str, Any] = {"artifactLocation": {"uri": file}, "region": region}
    if hazard.sql:
        place["contextRegion"] = {"startLine": hazard.line, "snippet": {"text": hazard.sql}}
    return {"physicalLocation": place}


def _invocation(findings: Findings, language: Language) -> dict[str, Any]:
    return {
        "executionSuccessful": not any(True for _ in findings.errors()),
        "toolExecutionNotifications": list(_notifications(findings, language)),
    }


def _notifications(findings: Findings, language: Language) -> Iterator[dict[str, Any]]:
    for file, line, column, error in findings.errors():
        region = {"startLine": line, "startColumn": column}
        place = {"artifactLocation": {"uri": _uri(file)}, "region": region}
        yield {"level": "error", "message": {"text": error}, "locations": [{"physicalLocation": place}]}
    if not all(judgement.with_facts for judgement in findings.judgements):
        yield {"level": "note", "message": {"text": NO_FACTS().render(language)}}


def _uri(file: str) -> str:
    """A path as a reference of RFC 3986; what stands for standard input too."""
    unreserved = b"-._~/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    data = file.replace("\\", "/").encode()
    return "".join(chr(byte) if byte in unreserved else f"%{byte:02X}" for byte in data)


FORM = Form(name="sarif", write=write)
