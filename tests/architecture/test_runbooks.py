"""The manual names commands and rules that are there: each is parsed by the real grammar, each rule has its card."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from watari.cli.parsing import command_named, command_names, parse
from watari.locale import Language
from watari.risk.cards import cards

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "docs" / "runbooks.md", ROOT / "docs" / "en" / "guide.md", ROOT / "docs" / "ja" / "guide.md")
)


def commands_of(page: str) -> list[str]:
    """Every `watari …` of a page, in a line or in a block of its own."""
    text = (ROOT / page).read_text(encoding="utf-8")
    inline = re.findall(r"`(watari [^`]+)`", text)
    blocks = re.findall(r"^    (watari .+?)(?: {2,}#.*| #.*)?$", text, flags=re.MULTILINE)
    return [*inline, *blocks]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_manual_is_one(page: str) -> None:
    found = commands_of(page)
    assert len(found) > 10
    for command in found:
        words = shlex.split(re.sub(r"\[([^]]*)\]", r"\1", command))[1:]
        if "backup" in words[:1] and len(words) == 1:
            continue  # the family
        parse([word for word in words if word != "…"], Language.EN)


@pytest.mark.parametrize("verb", command_names())
def test_every_example_of_a_command_is_one(verb: str) -> None:
    for example in command_named(verb).examples:
        call = example.rpartition("| ")[2].partition(" > ")[0]
        assert parse(shlex.split(call)[1:], Language.EN).command == verb


def test_every_rule_that_the_runbooks_page_names_has_a_card() -> None:
    text = (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")
    named = set(re.findall(r"rules? `([a-z]+-[a-z-]+)`", text))
    assert named and named <= {card.id for card in cards()}
