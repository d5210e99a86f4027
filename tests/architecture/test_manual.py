"""The manual has everything that the code has, in both languages."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from tools.manual import DOCS, POLICY, pages
from watari.cli.parsing import command_names
from watari.locale import Language
from watari.project.policy import Policy

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("language", list(Language))
def test_the_generated_pages_are_those_of_the_code(language: Language) -> None:
    for name, text in pages(language).items():
        written = (DOCS / language.value / name).read_text(encoding="utf-8")
        assert written == text, f"docs/{language}/{name} is old; run python tools/manual.py"


def test_every_setting_of_the_policy_is_explained() -> None:
    assert {field.name for field in fields(Policy)} == set(POLICY)


@pytest.mark.parametrize("language", list(Language))
def test_the_guide_speaks_of_every_command(language: Language) -> None:
    guide = (DOCS / language.value / "guide.md").read_text(encoding="utf-8")
    assert [name for name in command_names() if f"watari {name}" not in guide] == []


@pytest.mark.parametrize("name", ["README.md", "README.ja.md", "CHANGELOG.md", "LICENSE", "docs/architecture.md"])
def test_the_papers_are_there(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()
