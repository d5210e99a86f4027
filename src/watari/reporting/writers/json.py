"""A report as JSON: every value that it was made of, for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from watari.catalog.locks import LockMode
from watari.evidence.backup import VerificationLevel
from watari.locale import Language, Message
from watari.reporting.checklist import checklist
from watari.reporting.conclusion import conclusion
from watari.reporting.report import Report
from watari.reporting.writers.writer import Writer
from watari.values import fields, is_dataclass

#: Raised when a key changes its meaning.
FORMAT = 1


def write(report: Report, language: Language) -> str:
    """One object; sentences in `language`, lock modes by PostgreSQL's names, times as ISO 8601, seconds as numbers."""
    tone, headline, sentence = conclusion(report)
    document = {
        "format": FORMAT,
        "conclusion": {"tone": tone, "headline": headline, "sentence": sentence},
        "checklist": checklist(report),
        "report": report,
    }
    return json.dumps(_plain(document, language), ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any, language: Language) -> Any:
    if isinstance(value, Message):
        return value.render(language)
    if isinstance(value, LockMode):
        return str(value)
    if isinstance(value, VerificationLevel):
        return value.name.lower()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), language) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(inner, language) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner, language) for inner in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


WRITER = Writer(name="json", write=write)
