"""Where transactions begin and end, and what is left out of them."""

from __future__ import annotations

import pytest

from watari.planning.sections import sections
from watari.sql.statement import Script

KEY = "alter table a add column b_id int constraint k references b deferrable initially deferred"


def planned(text: str) -> list[tuple[list[str], bool]]:
    script = Script(file="m.sql", data=text.encode())
    found = sections(script.statements, transactional=True)
    return [([each.text.strip("; \n") for each in section.statements], section.whole) for section in found]


def test_constraints_are_not_checked_at_once_where_no_row_has_changed() -> None:
    assert planned(f"{KEY}; set constraints k immediate; create index i on a (b_id);") == [
        ([KEY, "create index i on a (b_id)"], False)
    ]
    assert planned("set constraints all immediate;") == []


@pytest.mark.parametrize(
    "rows", ["update a set b_id = 1", "insert into a default values", "select f()", "do 'begin end'"]
)
def test_after_rows_have_changed_they_are(rows: str) -> None:
    assert planned(f"{rows}; set constraints all immediate; {KEY};") == [
        ([rows, "set constraints all immediate", KEY], True)
    ]


def test_checks_that_are_put_off_stay() -> None:
    assert planned(f"set constraints all deferred; {KEY};") == [(["set constraints all deferred", KEY], True)]
