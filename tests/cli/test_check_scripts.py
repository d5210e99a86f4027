"""Scripts that are hard to read: each is judged for what it is, or refused with a sentence that says where and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.program import Answer, Folder

INDEX = "CREATE INDEX ON orders (state);\n"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder without a database."""
    return Folder(tmp_path)


def check(folder: Folder, data: str | bytes, *more: str) -> Answer:
    (folder.path / "one.sql").write_bytes(data.encode() if isinstance(data, str) else data)
    return folder.watari("check", "one.sql", *more)


def judged(folder: Folder, data: str | bytes) -> list[dict[str, object]]:
    return check(folder, data, "--json").document["statements"]  # type: ignore[no-any-return]


def test_a_statement_that_the_parser_does_not_know_is_told_with_its_place(folder: Folder) -> None:
    text = "CREATE TABLE a (id int);\n\n  FROBNICATE TABLE a;\n" + INDEX
    answer = check(folder, text)
    assert answer.status == 1
    assert 'one.sql:3:3: syntax error at or near "FROBNICATE"' in answer.out and "index-blocking" in answer.out
    _, unknown, index = judged(folder, text)
    assert (unknown["file"], unknown["line"], unknown["column"]) == ("one.sql", 3, 3)
    assert "FROBNICATE" in str(unknown["error"]) and unknown["sql"] == "FROBNICATE TABLE a"
    assert index["error"] is None and index["blocks"] == "work"  # what stands around it is judged


@pytest.mark.parametrize("encoding", ["iso-8859-1", "cp932", "euc_jp", "utf-16"])
def test_a_file_in_another_encoding_is_refused_with_the_command_that_mends_it(folder: Folder, encoding: str) -> None:
    word = "é" if encoding == "iso-8859-1" else "受注状態を変更する"
    answer = check(folder, f'ALTER TABLE orders ADD COLUMN "{word}" int;\n'.encode(encoding))
    assert answer.status == 2 and "one.sql" in answer.err and "UTF-8" in answer.err and "hint: " in answer.err


def test_fifty_megabytes_of_rows_and_the_statement_behind_them(folder: Folder) -> None:
    rows = b"".join(b"%d\tDROP TABLE orders; %s\n" % (number, b"x" * 900) for number in range(55_000))
    data = b"COPY orders (id, note) FROM stdin;\n" + rows + b"\\.\n" + INDEX.encode()
    assert len(data) > 50_000_000
    copied, index = judged(folder, data)
    assert copied["blocks"] == "none" and index["blocks"] == "work" and index["line"] == 55_003


def test_one_statement_of_fifty_megabytes(folder: Folder) -> None:
    data = b"INSERT INTO orders (note) VALUES ('" + b"z" * 50_000_000 + b"');\n" + INDEX.encode()
    (folder.path / "one.sql").write_bytes(data)
    answer = folder.watari("check", "one.sql")
    assert answer.status == 1 and "index-blocking" in answer.out and "2 statements" in answer.out
    assert len(answer.out) < 10_000  # what is shown of a long statement is its beginning


def test_nested_comments_and_dollar_quotes_hide_what_stands_in_them(folder: Folder) -> None:
    text = (
        "/* one /* DROP TABLE orders; */ still /* two */ ; */ SELECT 1; -- DROP TABLE orders;\n"
        "DO $a$ BEGIN PERFORM $b$ DROP TABLE orders; $b$; END $a$;\n"
        "SELECT E'it\\'s; DROP TABLE orders;', U&'\\0041;', $$;$$;\n"
    ) + INDEX
    found = judged(folder, text)
    assert [one["line"] for one in found] == [1, 2, 3, 4] and all(one["error"] is None for one in found)
    assert [one["blocks"] for one in found] == ["none", "none", "none", "work"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT 1;\n/* never /* closed */ DROP TABLE orders;", "one.sql:2:1: unterminated /* comment"),
        ("SELECT 'never closed;", "one.sql:1:8: unterminated quoted string"),
        ("DO $$ BEGIN DROP TABLE orders; END", "one.sql:1:4: unterminated dollar-quoted string"),
        ('DROP TABLE "orders;', "one.sql:1:12: unterminated quoted identifier"),
        ("SELECT 1;\0DROP TABLE orders;", "one.sql:1:10: a NUL byte"),
    ],
)
def test_what_is_never_closed_is_told_where_it_begins(folder: Folder, text: str, words: str) -> None:
    answer = check(folder, text)
    assert answer.status in (1, 2) and words in answer.out + answer.err


def test_names_in_japanese_and_in_quotes_are_those_of_the_reader(folder: Folder) -> None:
    text = (
        'ALTER TABLE 受注 ALTER 金額 TYPE bigint;\nCREATE INDEX "受注 索引" ON 業務."受注"(金額);\nDROP TABLE "a""b";\n'
    )
    first, second, third = judged(folder, text)
    assert [effect["relation"] for effect in first["effects"]] == ['public."受注"']  # type: ignore[attr-defined]
    assert '業務"."受注"' in str(second["effects"]) or '"業務"."受注"' in str(second["effects"])
    assert '"a""b"' in str(third["effects"])
    hazards = check(folder, text, "--json").document["hazards"]
    assert any("金額" in str(hazard["message"]) for hazard in hazards)


def test_rows_behind_copy_are_no_statements(folder: Folder) -> None:
    text = "COPY orders (id, note) FROM stdin;\n1\tDROP TABLE orders;\n2\t'\n\\.\n" + INDEX
    copied, index = judged(folder, text)
    assert copied["line"] == 1 and index["line"] == 5 and index["blocks"] == "work"


def test_psql_variables_are_filled_in_or_named(folder: Folder) -> None:
    text = '\\set table orders\nCREATE INDEX ON :table (id);\nDROP TABLE :"table";\nDROP TABLE :missing;\n'
    index, drop, missing = judged(folder, text)
    assert index["sql"] == "CREATE INDEX ON orders (id)" and drop["sql"] == 'DROP TABLE "orders"'
    assert missing["line"] == 4 and "psql variable that is not set" in str(missing["error"])


def test_a_psql_command_that_nobody_can_foresee_is_refused(folder: Folder) -> None:
    answer = check(folder, "\\gexec\nSELECT 1;\n")
    assert answer.status == 2 and "one.sql:1" in answer.err and "hint: " in answer.err


def test_a_carriage_return_ends_a_comment_as_it_does_for_the_server(folder: Folder) -> None:
    found = judged(folder, b"SELECT 1; -- a note\rDROP TABLE orders; --\r" + INDEX.encode())
    assert [one["sql"] for one in found] == ["SELECT 1", "DROP TABLE orders", INDEX.strip(";\n")]
    answer = check(folder, b"-- watari: allow index-blocking because nobody writes\r\n" + INDEX.encode())
    assert answer.status == 0


def test_a_script_of_many_statements_is_judged_to_its_end(folder: Folder) -> None:
    data = b"".join(b"INSERT INTO orders (id, note) VALUES (%d, '%s');\n" % (n, b"x" * 60) for n in range(20_000))
    answer = check(folder, data + INDEX.encode())
    assert answer.status == 1 and "20001 statements" in answer.out and "one.sql:20001:1" in answer.out


def test_standard_input_in_another_encoding(folder: Folder) -> None:
    answer = check(folder, "CREATE INDEX ON orders (state);".encode("utf-16-be"))
    assert answer.status == 2 and "UTF-16BE" in answer.err
    answer = check(folder, "CREATE INDEX ON orders (state);".encode("utf-16-le"))
    assert answer.status == 2 and "iconv -f UTF-16LE" in answer.err
