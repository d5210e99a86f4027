"""What the judge found, written for those who ask: people, pull requests, code scanning, continuous integration.

One file a form beside `writer.py` and `excerpt.py`; the folder is the registry.
"""

from __future__ import annotations

import importlib

from watari.late import modules
from watari.reporting.findings.writer import Findings, Form

__all__ = ["Findings", "Form", "form_named", "form_names"]

_PARTS = ("writer", "excerpt", "words")


def form_names() -> tuple[str, ...]:
    """The forms that there are, people's text first."""
    names = set(modules(__path__)) - set(_PARTS)
    return tuple(sorted(names, key=lambda name: (name != "text", name)))


def form_named(name: str) -> Form:
    """The form of that name; only its own module is imported."""
    form = importlib.import_module(f"{__name__}.{name}").FORM
    assert isinstance(form, Form)
    return form
