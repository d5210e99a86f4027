"""A small shop of its own for each test that wants one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from watari.demo.loading import load
from watari.demo.naive import apply_as_written
from watari.demo.project_folder import SHOP
from watari.project.url import DatabaseUrl

ORDERS = 20_000


@pytest.fixture
def shop(new_database: Callable[..., DatabaseUrl]) -> DatabaseUrl:
    """The shop before its pending migrations, with 20,000 orders."""
    url = new_database()
    apply_as_written(url, sorted((SHOP / "migrations").glob("*.up.sql")))
    load(url, orders=ORDERS, told=lambda part: None)
    return url
