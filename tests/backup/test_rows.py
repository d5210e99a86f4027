"""Rows are counted in the text of a dump, whatever the pieces it comes in."""

from __future__ import annotations

import pytest

from watari.backup.rows import RowCounter, python_codec

DUMP = b'''--
SET statement_timeout = 0;
COPY public.a (id, "From") FROM stdin;
1\tx
\\\\.\tnot the end
3\t\\N
\\.

SELECT pg_catalog.setval('public.a_id_seq', 3, true);
COPY sales."Order" (id) FROM stdin;
\\.
COPY public."we.ird ""name""" (id) FROM stdin;
1
\\.
'''


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64, 10_000])
def test_every_row_is_one_line(piece: int) -> None:
    counter = RowCounter()
    for start in range(0, len(DUMP), piece):
        counter.feed(DUMP[start : start + piece])
    counter.finish()
    assert counter.rows == {"public.a": 3, 'sales."Order"': 0, 'public."we.ird ""name"""': 1}
    assert counter.complete
    assert counter.line == DUMP.count(b"\n")


def test_a_cut_stream_is_not_complete() -> None:
    counter = RowCounter()
    counter.feed(DUMP[: DUMP.index(b"3\t")])
    counter.finish()
    assert not counter.complete
    assert counter.table == "public.a"


def test_a_row_of_megabytes_is_one_row_and_is_not_kept_in_memory() -> None:
    counter = RowCounter()
    counter.feed(b"COPY public.files (data) FROM stdin;\n1\n")
    for _ in range(40):
        counter.feed(b"x" * 1_000_000)
        assert len(counter._rest) <= 1_000_000
    counter.feed(b"\n2\n\\.\n")
    assert counter.rows == {"public.files": 3}
    assert counter.complete


def test_lines_outside_of_data_are_told_with_their_number() -> None:
    seen: list[tuple[int, bytes]] = []
    counter = RowCounter(seen=lambda number, line: seen.append((number, line)))
    counter.feed(b"COPY a FROM stdin;\n\\connect x\n\\.\n\\connect shop\n")
    assert seen == [(4, b"\\connect shop")]
    assert counter.rows == {"public.a": 1}


@pytest.mark.parametrize(
    ("server", "python"),
    [
        ("UTF8", "utf-8"),
        ("EUC_JP", "euc_jp"),
        ("WIN1252", "cp1252"),
        ("SQL_ASCII", "utf-8"),
        ("MULE_INTERNAL", "utf-8"),
    ],
)
def test_server_encodings_have_a_name_in_python(server: str, python: str) -> None:
    assert python_codec(server) == python
