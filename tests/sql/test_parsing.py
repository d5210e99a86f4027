"""PostgreSQL's grammar in front of every statement, and what it is guarded against."""

from __future__ import annotations

import subprocess
import sys

import pytest

from watari.errors.usage import ScriptSyntax
from watari.locale import Language
from watari.sql import Script, Statement


def statement(text: str, line: int = 1, column: int = 1) -> Statement:
    return Statement(text=text, file="db/001.sql", line=line, column=column)


def refusal(given: Statement) -> ScriptSyntax:
    with pytest.raises(ScriptSyntax) as caught:
        _ = given.node
    return caught.value


def test_a_statement_knows_its_kind() -> None:
    assert statement("CREATE INDEX i ON t (a)").kind == "index_stmt"
    assert statement("alter table t add column x int").kind == "alter_table_stmt"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("ALTER TABLE t ADDD COLUMN x int", 1, 15),
        ("ALTER TABLE 顧客 ADDD COLUMN x int", 1, 16),
        ("ALTER TABLE 顧客\n  ADD COLUMN 名前 text,\n  ADDD COLUMN x int", 3, 3),
        ("SELECT 'あいう', 1 1", 1, 17),
    ],
)
def test_the_place_of_an_error_counts_characters(text: str, line: int, column: int) -> None:
    error = refusal(statement(text))
    assert (error.fields["file"], error.fields["line"], error.fields["column"]) == ("db/001.sql", line, column)


def test_the_place_of_an_error_counts_from_the_top_of_the_file() -> None:
    data = "-- 顧客の表\nSELECT 1; SELECT\n'あ', ) x;\n".encode()
    second = Script(file="a.sql", data=data).statements[1]
    assert (second.line, second.column) == (2, 11)
    error = refusal(second)
    assert (error.fields["line"], error.fields["column"]) == (3, 6)


def test_a_byte_that_would_hide_the_rest_is_refused() -> None:
    assert "NUL" in str(refusal(statement("select 1\0; drop table t")))


def test_none_or_two_statements_are_refused() -> None:
    assert "no statement" in str(refusal(statement("-- nothing")))
    assert "2 statements" in str(refusal(statement("select 1; select 2")))


def test_a_variable_without_a_value_is_named_as_such() -> None:
    error = refusal(statement("select * from :table"))
    assert "\\set" in str(error) and "psql 変数" in error.message.render(Language.JA)


@pytest.mark.parametrize(
    "chain", ["'a' || " * 3_000 + "'a'", "case when a then 1 else " * 50 + "1" + " end" * 50, "1" + " or a" * 30_000]
)
def test_deep_trees_are_read(chain: str) -> None:
    assert statement("select " + chain).kind == "select_stmt"


@pytest.mark.parametrize(
    "link", ["+1", "::int", ' collate "C"', " is null", " at time zone 'x'", " in (1)", "||f(a, b)"]
)
def test_chains_that_would_end_the_process_are_refused(link: str) -> None:
    # in a process of its own: where the guard is missing, it dies of a segmentation fault
    code = (
        "import sys\nfrom watari.errors.usage import ScriptSyntax\nfrom watari.sql import Statement\n"
        "try: Statement(text='select a' + sys.argv[1] * 60_000, file='x').node\n"
        "except ScriptSyntax as error: print(error)"
    )
    ran = subprocess.run([sys.executable, "-c", code, link], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "10000 operators" in ran.stdout


def test_operators_in_strings_and_many_rows_are_not_a_chain() -> None:
    rows = ",".join(f"({n}, -1, 'a+b+c+d', now() - interval '1 day')" for n in range(20_000))
    assert statement(" ".join(["insert into t values", rows])).kind == "insert_stmt"


def test_equal_texts_are_parsed_once() -> None:
    assert statement("select 42 as answer").node is statement("select 42 as answer", line=7).node
