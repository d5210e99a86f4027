"""Databases beside a live one have names that say what they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from watari.backup import names

AT = datetime(2026, 11, 21, 8, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize("database", ["shop", "a" * 63, "渡り" * 10, 'we"ird name'])
@pytest.mark.parametrize("kind", [names.RESTORE, names.VERIFY, names.BEFORE])
def test_a_name_fits_and_tells_its_time(database: str, kind: str) -> None:
    name = names.beside(database, kind, AT)
    assert len(name.encode()) <= 63
    assert names.made_at(name, database, kind) == AT


def test_names_of_two_long_databases_differ() -> None:
    first, second = "a" * 60 + "1", "a" * 60 + "2"
    assert names.beside(first, names.BEFORE, AT) != names.beside(second, names.BEFORE, AT)
    assert names.made_at(names.beside(first, names.BEFORE, AT), second, names.BEFORE) is None


def test_a_name_that_only_looks_alike_is_none_of_them() -> None:
    assert names.made_at("shop_watari_before_", "shop", names.BEFORE) is None
    assert names.made_at("shop_watari_before_notatime", "shop", names.BEFORE) is None
    assert names.made_at("shop_watari_before_99999999999999", "shop", names.BEFORE) is None
    assert names.made_at("shop_watari_restore_20261121083015", "shop", names.BEFORE) is None
