"""`.env` as teams write it."""

from __future__ import annotations

import pytest

from watari.project.dotenv import read_dotenv


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A=1\nB = two words \n", {"A": "1", "B": "two words"}),
        ("export A=1", {"A": "1"}),
        ("# A=1\n\n  # B=2\nC=3 # not this\nD=a#b", {"C": "3", "D": "a#b"}),
        ("A='x # y' # z\nB=\"x # y\"", {"A": "x # y", "B": "x # y"}),
        ("A='p$a${B}ss\\n'", {"A": "p$a${B}ss\\n"}),
        ('A="a\\nb\\"c\\\\d\\$e"', {"A": 'a\nb"c\\d$e'}),
        ('A="line 1\nline 2"\nB=2', {"A": "line 1\nline 2", "B": "2"}),
        ("A=pa$$word$HOME", {"A": "pa$$word$HOME"}),
        ("P=x\nA=postgresql://u:${P}@h/${NOT_SET}", {"P": "x", "A": "postgresql://u:x@h/${NOT_SET}"}),
        ("A=${OUTSIDE}", {"A": "out"}),
        ("\ufeffA=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("A=\nB=#x", {"A": "", "B": ""}),
        ("A=b=c&d=e", {"A": "b=c&d=e"}),
        ("", {}),
    ],
)
def test_it_reads_what_the_common_readers_read(text: str, values: dict[str, str]) -> None:
    read = read_dotenv(text.encode(), {"OUTSIDE": "out"})
    assert read.values == values
    assert read.damaged == ()


def test_lines_that_say_nothing_are_numbered_and_the_others_still_count() -> None:
    read = read_dotenv(b"A=1\nnothing here\nB='open\nC=3\n\xff\xfe=x\n", {})
    assert read.values == {"A": "1", "C": "3"}
    assert read.damaged == (2, 3, 5)


def test_values_do_not_show_in_its_representation() -> None:
    assert "hunter2" not in repr(read_dotenv(b"A=hunter2", {}))
