"""`Template` beside `psycopg.sql.SQL`: the same statement comes out."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from watari.project.url import DatabaseUrl
from watari.sql.compose import Template

CASES = (
    ("select {}, {}", (sql.Literal("a'b"), sql.Identifier('x"y')), {}),
    ("select {} from {table} where {{}} = {value}", (1,), {"table": sql.Identifier("s", "t"), "value": None}),
    ("select '表' || {word}", (), {"word": sql.Literal("é\\")}),
    ("{a}{b}{a}", (), {"a": sql.SQL("1"), "b": sql.SQL("+").join([sql.Literal(2), sql.Literal(3)])}),
    ("nothing open", (), {}),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
@pytest.mark.parametrize("encoding", ["utf8", "euc_jp"])
def test_a_template_says_what_psycopg_says(case, encoding: str, database: DatabaseUrl) -> None:
    text, values, named = case
    if "é" in str(named) and encoding == "euc_jp":
        named = {"word": sql.Literal("語\\")}
    ours, theirs = Template(text).format(*values, **named), sql.SQL(text).format(*values, **named)
    assert ours.as_string(None) == theirs.as_string(None)
    with psycopg.connect(**database.conninfo(), client_encoding=encoding) as connection:
        assert ours.as_bytes(connection) == theirs.as_bytes(connection)
        assert (ours + sql.SQL(";")).as_bytes(connection) == (theirs + sql.SQL(";")).as_bytes(connection)
    assert sql.SQL("; ").join([ours]).as_string(None) == theirs.as_string(None)


def test_a_place_without_a_value_and_a_place_with_a_form_are_refused() -> None:
    with pytest.raises(KeyError):
        Template("select {word}").format()
    with pytest.raises(IndexError):
        Template("select {}").format()
    with pytest.raises(ValueError, match="form of its own"):
        Template("select {word!r}")
