"""The folders are the registries: every file takes part, and no two claim the same."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

from watari.planning import rewrites, statements, subcommands
from watari.planning.kind import kind_of
from watari.planning.rewrite import Form, forms_for, own_name
from watari.planning.subcommand import _subcommands
from watari.project.policy import Policy


def modules(package: ModuleType) -> list[ModuleType]:
    return [import_module(found.name) for found in iter_modules(package.__path__, f"{package.__name__}.")]


def test_every_safe_form_has_a_name_of_its_own_and_a_word_in_the_policy() -> None:
    found: list[Form] = [module.FORM for module in modules(rewrites)]
    assert len({form.name for form in found}) == len(found) >= 8
    for form in found:
        assert form.policy in Policy().rewrite
        assert all(form in forms_for(key) for key in form.keys)


@pytest.mark.parametrize(
    ("package", "attribute", "names"), [(statements, "KINDS", "nodes"), (subcommands, "SUBCOMMANDS", "keys")]
)
def test_no_two_files_claim_the_same_kind(package: ModuleType, attribute: str, names: str) -> None:
    claimed = Counter(
        name for module in modules(package) for kind in getattr(module, attribute) for name in getattr(kind, names)
    )
    assert [name for name, count in claimed.items() if count > 1] == []


def test_the_registries_are_what_the_folders_hold() -> None:
    for module in modules(statements):
        assert all(kind_of(node) is kind for kind in module.KINDS for node in kind.nodes)
    for module in modules(subcommands):
        assert all(_subcommands()[key] is kind for kind in module.SUBCOMMANDS for key in kind.keys)


def test_own_names_say_what_they_are_and_stay_apart_when_cut() -> None:
    assert own_name("new", "total") == "watari_new_total"
    long = [own_name("new", "列" * 40 + end) for end in "ab"]
    assert all(len(name.encode()) <= 63 and name.startswith("watari_new_列") for name in long)
    assert long[0] != long[1]
