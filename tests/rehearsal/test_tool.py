"""Any tool's own command on a clone, as `watari rehearse -- COMMAND` shows it."""

from __future__ import annotations

import sys

import psycopg
import pytest
from fixtures.program import Folder

from watari.project.url import DatabaseUrl

TOOL = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    many = connection.execute("select count(*) from users").fetchone()[0]
    connection.execute("alter table users alter id type bigint")
    connection.execute("update users set name = %s", [str(many)])
    connection.execute("alter table users alter name set not null")
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("create index concurrently users_name on users (name)")
print("done with", many)
"""
LOSES = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("do $$ begin execute 'deal' || 'locate all'; create table made (id int); end $$")
    connection.execute("create table more (id int)")
"""


@pytest.fixture
def shop(folder: Folder, database: DatabaseUrl) -> Folder:
    """A project whose database holds users."""
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    with psycopg.connect(**database.conninfo(), autocommit=True) as connection:
        connection.execute("create table users (id int primary key, name text)")
        connection.execute("insert into users select g from generate_series(1, 5000) g")
    return folder


def test_a_tool_that_asks_the_database_is_recorded_and_the_database_is_left_alone(
    shop: Folder, database: DatabaseUrl
) -> None:
    answer = shop.watari("rehearse", "--json", "--", sys.executable, "-c", TOOL)
    assert answer.status == 0, answer.err
    ran = answer.document
    assert ran["output"] == ["done with 5000"] and ran["sound"]
    statements = {each["sql"]: each for each in ran["recording"]["statements"]}
    altered = {each["relation"]: each for each in statements["alter table users alter id type bigint"]["effects"]}
    assert altered["public.users"]["lock"] == "ACCESS EXCLUSIVE" and altered["public.users"]["rewrite"]
    built = {
        each["relation"]: each for each in statements["create index concurrently users_name on users (name)"]["effects"]
    }
    assert built["public.users_name"]["created"] and built["public.users"]["sampled"]
    with psycopg.connect(**database.conninfo()) as after:
        assert after.execute("select count(name) from users").fetchone() == (0,)
        assert after.execute("select count(*) from pg_database where datname like 'watari_clone_%'").fetchone() == (0,)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "ACCESS EXCLUSIVE held for"), ("ja", "public.users: ACCESS EXCLUSIVE を")]
)
def test_people_read_it_in_their_language(shop: Folder, language: str, words: str) -> None:
    answer = shop.watari("rehearse", "--", sys.executable, "-c", TOOL, language=language)
    assert answer.status == 0, answer.err
    assert words in answer.out


def test_a_tool_that_fails_says_so_with_one(shop: Folder) -> None:
    answer = shop.watari("rehearse", "--", sys.executable, "-c", "raise SystemExit(3)")
    assert answer.status == 1
    assert "exit status 3" in answer.out
    assert "no session of the command came through the recorder" in answer.err


def test_a_lost_look_voids_the_rehearsal(shop: Folder) -> None:
    answer = shop.watari("rehearse", "--", sys.executable, "-c", LOSES)
    assert answer.status == 1
    assert "VOID" in answer.out and "the rehearsal is void" in answer.err


def test_a_plan_and_a_command_are_not_both_rehearsed(shop: Folder) -> None:
    answer = shop.watari("rehearse", "plan.json", "--", "true")
    assert answer.status == 2
    assert "cannot both be rehearsed" in answer.err
