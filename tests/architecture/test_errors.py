"""Every condition has its sentence and its hint in both languages, with the same places."""

from __future__ import annotations

import importlib
import pkgutil
import string

import pytest

import watari.errors
from watari.errors import WatariError

for _file in pkgutil.iter_modules(watari.errors.__path__, "watari.errors."):
    importlib.import_module(_file.name)


def conditions(root: type[WatariError] = WatariError) -> list[type[WatariError]]:
    return [leaf for child in root.__subclasses__() for leaf in [child, *conditions(child)]]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("condition", [c for c in conditions() if hasattr(c, "text")], ids=lambda c: c.__name__)
def test_a_condition_speaks_both_languages(condition: type[WatariError]) -> None:
    for text in filter(None, (condition.text, condition.hint)):
        assert text.en and text.ja
        assert places(text.en) == places(text.ja)
    assert not condition.text.en.endswith("."), "an error has no full stop"
    assert condition.text.en[0] in "{" or not condition.text.en[0].isupper() or condition.text.en.split()[0].isupper()
    assert int(condition.status) in (1, 2, 3, 4, 5, 130)


def test_names_of_conditions_are_unique() -> None:
    names = [c.name() for c in conditions()]
    assert len(names) == len(set(names))
