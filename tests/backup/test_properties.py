"""What belongs to a database itself, as statements."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from fixtures.shops import ask, run

from watari.backup import properties
from watari.project.url import DatabaseUrl


@pytest.mark.parametrize("name", ['we"ird DATABASE "shop"', "shop", "渡り"])
def test_statements_can_be_pointed_at_another_name(new_database: Callable[..., DatabaseUrl], name: str) -> None:
    url = new_database(name=name)
    other = new_database()
    own = psycopg.sql.Identifier(name).as_string(None)
    run(
        url,
        f"comment on database {own} is 'DATABASE \"shop\" of {len(name)}'; alter database {own} set work_mem = '3MB'",
    )
    run(url, f'alter database {own} set app.tenant = \'a, b\'; alter database {own} set search_path = "$user", "A b"')
    with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
        for statement in properties.of_database(properties.statements(connection, name), name, other.database):
            connection.execute(statement)
    for setting in ("work_mem", "app.tenant", "search_path"):
        assert ask(other, f"show {setting}") == ask(url, f"show {setting}")
    comment = "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
    assert ask(other, comment) == ask(url, comment)


def test_a_database_that_is_not_there_has_no_statements(connection: psycopg.Connection) -> None:
    assert properties.statements(connection, "no such database") == ()
    assert properties.locale(connection, "no such database") == {}


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        (
            {"encoding": "UTF8", "collate": "C", "ctype": "C", "provider": "c"},
            """CREATE DATABASE "x" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'""",
        ),
        (
            {"encoding": "UTF8", "collate": "C", "ctype": "C", "provider": "i", "locale": "ja", "rules": "&a < b"},
            """CREATE DATABASE "x" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER "icu" ICU_LOCALE 'ja' """
            """ICU_RULES '&a < b' LC_COLLATE 'C' LC_CTYPE 'C'""",
        ),
        (
            {"encoding": "UTF8", "provider": "b", "locale": "C.UTF-8"},
            """CREATE DATABASE "x" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER "builtin" """
            """BUILTIN_LOCALE 'C.UTF-8'""",
        ),
        ({}, 'CREATE DATABASE "x" TEMPLATE template0'),
    ],
)
def test_a_copy_gets_the_locale_of_its_origin(locale: dict[str, str], text: str) -> None:
    assert properties.create_database("x", locale).as_string(None) == text
