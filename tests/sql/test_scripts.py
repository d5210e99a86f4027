"""psql scripts are read as psql reads them, or refused with a sentence."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from watari.errors import UsageError
from watari.errors.usage import ScriptCommand, ScriptEncoding, ScriptSyntax
from watari.locale import Language
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl
from watari.sql import Script
from watari.sql.scripts import included_files, read_statements, resolved_include


def read(text: str | bytes, **files: str) -> Script:
    data = text if isinstance(text, bytes) else text.encode()
    return Script(file="db/init.sql", data=data, includes={path: content.encode() for path, content in files.items()})


def texts(text: str | bytes) -> list[str]:
    return [statement.text for statement in read(text).statements]


def refused(text: str | bytes, kind: type[UsageError] = ScriptCommand) -> UsageError:
    with pytest.raises(kind) as caught:
        _ = read(text).statements
    return caught.value


# -- cutting ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "one",
    [
        "select 'a;b', 'it''s; fine'",
        "select E'a\\';b' || e'\\\\'",
        "select type'x;' from t",
        "select E'a'\n  'b\\';c'",
        'select "a;""b" from t',
        "select $$a;b$$, $q$ $$;$$ $q$, $é$;$é$",
        "select a$b, $1 from t where x = $2",
        "select 1 /* ; /* nested; */ ; */ + 1",
        "select 1 -- ; comment\n + 2",
        "create rule r as on insert to t do also (select 1; select 2)",
        "create function f() returns int language sql begin atomic select case when true then 1 end; select 2; end",
        "create or replace procedure p() begin atomic; select 1; end".replace("atomic;", "atomic"),
        "create function f(a int default 1) returns int as 'select 1; select 2' language sql",
        'create function "begin"() returns int language sql as $$ select 1; $$',
        "select a::int, b[1:2], a / 2, a - -1",
        "select f(a := 1), json '{\"a\": 1}' -> 'a'",
        "do $$ begin perform ';'; end $$",
    ],
)
def test_what_hides_a_semicolon(one: str) -> None:
    assert texts(f"{one};\nselect 'after';") == [one, "select 'after'"]
    assert texts(one) == [one]


def test_empty_statements_and_comments_are_no_statements() -> None:
    assert texts(";;  -- only a comment\n/* and; another */;\n") == []
    assert texts("") == []


def test_places_count_lines_and_characters() -> None:
    script = Script(file="a.sql", data="select 'あ'; select 2;\n\n  -- c\n  select 3".encode(), first_line=10)
    assert [(s.line, s.column) for s in script.statements] == [(10, 1), (10, 13), (13, 3)]


def test_windows_line_ends_and_a_byte_order_mark_are_fine() -> None:
    assert texts(b"\xef\xbb\xbfselect 1;\r\nselect 2;\r\n") == ["select 1", "select 2"]
    copied = read(b"COPY t FROM stdin;\r\n1\r\n\\.\r\nselect 2;\r\n").statements
    assert [s.text for s in copied] == ["COPY t FROM stdin", "select 2"]


def test_a_quote_that_is_never_closed_takes_the_rest_and_is_a_syntax_error() -> None:
    (one,) = read("select 'abc;\nselect 2;").statements
    with pytest.raises(ScriptSyntax, match="unterminated"):
        _ = one.node


def test_remarks_to_watari_belong_to_the_statement_that_follows() -> None:
    script = read("-- watari: allow index-blocking because the table is small\ncreate index on t (a);\nselect 1;")
    assert [s.remarks for s in script.statements] == [("watari: allow index-blocking because the table is small",), ()]


# -- rows ------------------------------------------------------------------------------------------------------------------


def test_rows_after_copy_belong_to_it() -> None:
    first, second, third = read(
        "COPY 顧客 FROM stdin;\n1\tit's; \\c x\n\\.\n\\copy t (a) from stdin csv\n2;\n\\.\nselect 1;"
    ).statements
    assert (first.text, first.copy_data) == ("COPY 顧客 FROM stdin", b"1\tit's; \\c x\n")
    assert (second.text, second.copy_data, second.line) == ("COPY t (a) FROM STDIN csv", b"2;\n", 4)
    assert (third.text, third.copy_data) == ("select 1", None)


def test_copy_elsewhere_takes_no_rows() -> None:
    assert [
        s.copy_data for s in read("copy t to stdout;\ncopy (select 1) to stdout;\ncopy t from '/x';").statements
    ] == [None] * 3


def test_copy_from_a_file_takes_its_bytes() -> None:
    (one,) = read(
        "\\copy users (id) from 'data/users.csv' with (format csv, header)", **{"data/users.csv": "id\n1\n"}
    ).statements
    assert one.text == "COPY users (id) FROM STDIN with (format csv, header)"
    assert one.copy_data == b"id\n1\n"


# -- commands --------------------------------------------------------------------------------------------------------------


def test_connect_changes_the_database() -> None:
    script = read(
        'select 0;\n\\c authdb;\nselect 1;\n\\connect "API db" - - -\nselect 2;\n\\c -\nselect 3;\\c dbname=x\n'
    )
    assert [s.database for s in script.statements] == [None, "authdb", "API db", "API db"]


@pytest.mark.parametrize("line", ["\\c db other_user", "\\c 'host=elsewhere dbname=x'", "\\c postgresql://h/db"])
def test_connecting_elsewhere_is_refused(line: str) -> None:
    error = refused(f"select 1;\n{line}\n")
    assert "db/init.sql:2" in str(error) and error.advice


def test_includes_count_from_the_project_or_from_the_file() -> None:
    files = {
        "db/a.sql": "select 'a';\n\\ir sub/b.sql\n\\i c.sql\nselect 'a2'",
        "db/sub/b.sql": "select 'b'",
        "c.sql": "select 'c'",
    }
    statements = read("\\ir a.sql\nselect 'end';", **files).statements
    assert [(s.file, s.line, s.text[-3:]) for s in statements] == [
        ("db/a.sql", 1, "'a'"),
        ("db/sub/b.sql", 1, "'b'"),
        ("c.sql", 1, "'c'"),
        ("db/a.sql", 4, "a2'"),
        ("db/init.sql", 2, "nd'"),
    ]


def test_a_database_chosen_in_an_included_file_holds_after_it() -> None:
    assert read("\\ir a.sql\nselect 1", **{"db/a.sql": "\\c x\n"}).statements[0].database == "x"


def test_missing_and_circular_includes_are_named() -> None:
    error = refused("select 1;\n\\i 'sub/no such.sql'\n")
    assert 'no file "sub/no such.sql"' in str(error) and ":2:" in str(error)
    with pytest.raises(ScriptCommand, match="includes itself"):
        _ = read("\\ir a.sql", **{"db/a.sql": "\\ir b.sql", "db/b.sql": "\\ir a.sql"}).statements


def test_files_that_a_script_names() -> None:
    script = b"\\set d sub\n\\i :d/a.sql\n\\ir ../b.sql -- \nCOPY t FROM stdin;\n\\i not_me\n\\.\n\\copy t from 'rows.csv' csv\n"
    assert included_files(script) == (("sub/a.sql", False), ("../b.sql", True), ("rows.csv", False))
    assert included_files(b"select 1") == ()
    assert resolved_include("../b.sql", relative=True, within="db/x/y.sql") == "db/b.sql"
    assert resolved_include("./b.sql", relative=False, within="db/x/y.sql") == "b.sql"


def test_variables_are_filled_in_outside_quotes() -> None:
    script = read(
        "\\set n 5\n\\set who 'O''Hara'\n\\set tab my\"table\n"
        "select :n, :'who', :\"tab\", ':n', a::int, b[1:2], :{?n}, :{?m}, $$ :n $$ -- :n\n;\n\\unset n\nselect b[1:n]"
    )
    assert [s.text for s in script.statements] == [
        "select 5, 'O''Hara', \"my\"\"table\", ':n', a::int, b[1:2], TRUE, FALSE, $$ :n $$ -- :n",
        "select b[1:n]",
    ]


def test_variables_come_from_outside_too() -> None:
    script = Script(file="a.sql", data=b'grant connect on database :"DBNAME" to x', variables={"DBNAME": "shop"})
    assert script.statements[0].text == 'grant connect on database "shop" to x'


def test_a_quoted_variable_without_a_value_is_refused() -> None:
    error = refused("\n\nselect :'who'")
    assert ":3:" in str(error) and '"who"' in str(error)


@pytest.mark.parametrize(
    "line",
    ["\\set ON_ERROR_STOP on", "\\echo 'hi; there'", "\\timing", "\\pset pager off", "\\restrict abc", "\\unrestrict abc", "\\dt+ x.*", "\\x", "\\o /dev/null", "\\encoding UTF8", "\\conninfo"],
)  # fmt: skip
def test_commands_without_meaning_for_the_database_are_passed_over(line: str) -> None:
    assert texts(f"select 1;\n{line}\nselect 2;") == ["select 1", "select 2"]
    assert texts(f"select 1\n{line}\n+ 2;") == ["select 1\n\n+ 2"]


@pytest.mark.parametrize(
    "line",
    ["select 'x' \\gexec", "select 1 as a \\gset", "\\if :x", "\\! rm -rf /", "\\o |cat", "\\set x `date`", "\\copy t from program 'ls'", "\\copy t to 'x'", "\\password", "\\e", "\\foo", "\\encoding SJIS", "\\set AUTOCOMMIT off", "\\watch 1", "\\i"],
)  # fmt: skip
def test_what_cannot_be_known_or_taken_back_is_refused_in_both_languages(line: str) -> None:
    error = refused(f"select 1;\n\n{line}\n")
    assert "db/init.sql:3: " in str(error)
    assert error.advice is not None
    assert error.message.render(Language.JA) != str(error)
    assert error.advice.render(Language.JA) != str(error.advice)


def test_g_ends_a_statement_and_r_drops_it() -> None:
    assert texts("select 1 \\g\nselect 2 \\r\nselect 3 \\g /dev/null\nselect 4;") == [
        "select 1",
        "select 3",
        "select 4",
    ]


def test_q_ends_the_file() -> None:
    assert texts("select 1;\n\\q\nselect 2;") == ["select 1"]


# -- encodings -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("cp932", "CP932"), ("euc-jp", "EUC-JP")]
)
def test_other_encodings_are_named(encoding: str, named: str) -> None:
    error = refused('-- ok\nCREATE TABLE "テーブル" ("なまえ" text);'.encode(encoding), ScriptEncoding)
    assert named in str(error) and named in str(error.advice)


def test_latin_1_is_named_with_its_line() -> None:
    error = refused("-- ok\nselect 'caf\u00e9 ';".encode("latin-1"), ScriptEncoding)
    assert "init.sql:2" in str(error) and "ISO-8859-1" in str(error)


def test_a_nul_byte_is_refused() -> None:
    assert ":2:9" in str(refused(b"select 1;\nselect 1\0; drop table t; -- long enough", ScriptSyntax))


# -- against psql itself ----------------------------------------------------------------------------------------------------

SCRIPT = r"""
\set ON_ERROR_STOP on
\set who 'O''Hara; x'
CREATE TABLE log (n serial, t text); CREATE TABLE 顧客 (id int, "a;b" text DEFAULT 'x;y' || E'\';' /* a /* n; */ b */);
COPY 顧客 (id, "a;b") FROM stdin;
1	it's; a \\c trap
2	ふ
\.
\copy 顧客 from stdin csv
3,"it's"
\.
INSERT INTO log (t) VALUES (:'who'), (U&'d\0061t\+000061'), ($q1$a;b$q1$), ('a'
'b') \; INSERT INTO log (t) VALUES ('joined');
CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 ELSE 2 END; SELECT 2; END;
CREATE RULE r AS ON DELETE TO 顧客 DO ALSO (INSERT INTO log (t) VALUES ('r1'); INSERT INTO log (t) VALUES ('r2'));
DELETE FROM 顧客 WHERE id = 2 \g
DO $é$ BEGIN INSERT INTO log (t) VALUES (';' || f()); END $é$;
\echo done \\ INSERT INTO log (t) VALUES ('after \\ echo');
INSERT INTO log (t) SELECT 1 -- ; \i nothing
  ;
INSERT INTO log (t) VALUES ('last')"""


def rows(url: DatabaseUrl) -> list[object]:
    with psycopg.connect(**url.conninfo()) as connection:
        return [
            *connection.execute("select t from log order by n").fetchall(),
            *connection.execute('select id, "a;b" from 顧客 order by id').fetchall(),
        ]


def test_a_script_does_what_psql_makes_of_it(
    server: EmbeddedServer, new_database: Callable[..., DatabaseUrl], tmp_path: Path
) -> None:
    by_psql, by_watari = new_database(), new_database()
    file = tmp_path / "script.sql"
    file.write_text(SCRIPT)
    command = [str(server.bin_folder / "psql"), "-X", "-q", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres"]
    subprocess.run([*command, "-d", str(by_psql.database), "-f", str(file)], check=True, capture_output=True)
    with psycopg.connect(**by_watari.conninfo(), autocommit=True) as connection:
        for statement in Script(file="script.sql", data=SCRIPT.encode()).statements:
            if statement.copy_data is None:
                connection.execute(statement.text.encode())
            else:
                with connection.cursor().copy(statement.text.encode()) as copy:
                    copy.write(statement.copy_data)
    assert rows(by_watari) == rows(by_psql)
    assert len(rows(by_psql)) == 13


def test_a_comment_that_nobody_closes_is_refused_because_it_would_swallow_the_rest() -> None:
    with pytest.raises(ScriptSyntax) as refused:
        read_statements(Script(file="a.sql", data=b"create table a (id int);\n  /* why\ncreate table b (id int);\n"))
    assert str(refused.value).startswith("a.sql:2:3: unterminated /* comment")


@pytest.mark.parametrize(("encoding", "name"), [("cp932", "CP932"), ("euc_jp", "EUC-JP"), ("latin1", "ISO-8859-1")])
def test_the_encoding_of_a_script_is_guessed_also_without_kana(encoding: str, name: str) -> None:
    text = "-- déjà vu, café\n" if encoding == "latin1" else "-- 顧客\n"
    with pytest.raises(ScriptEncoding) as refused:
        read_statements(Script(file="a.sql", data=text.encode(encoding)))
    assert refused.value.fields["encoding"] == name
