"""What a file allows with a reason is in the plan, in the run and in its report, whichever command takes it across."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from fixtures.program import Folder

from watari.project.url import DatabaseUrl

FILE = """-- watari: allow rewrite-vacuum-full, wait-exclusive-moment because the shop is closed on Sunday
VACUUM FULL old;
-- watari: allow index-blocking because nobody writes yet
CREATE INDEX fresh_name ON fresh (name);
"""


@pytest.fixture
def shop(make_folder: Callable[..., Folder], database: DatabaseUrl) -> Folder:
    """A project whose only pending migration would be refused without its comment."""
    with psycopg.connect(**database.conninfo(), autocommit=True) as connection:
        connection.execute("create table old (id int); insert into old select generate_series(1, 20000)")
        connection.execute(
            "create table fresh (id int primary key, name text); insert into fresh select generate_series(1, 9); analyze"
        )
    folder = make_folder("shop", database)
    folder.write("migrations/001_clear.sql", FILE)
    return folder


def told(folder: Folder) -> None:
    document = folder.watari("report", "--json").document["report"]
    (first, second) = document["plan"]["allowances"]
    assert first["rules"] == ["rewrite-vacuum-full", "wait-exclusive-moment"] and first["line"] == 2
    assert second["reason"] == "nobody writes yet"
    assert [one["hazards"] > 0 for one in document["allowances"]] == [True, True]
    for form in ("html", "md"):
        assert folder.watari("report", "-o", f"report.{form}").status == 0
        text = (folder.path / f"report.{form}").read_text()
        assert "Allowances" in text and "the shop is closed on Sunday" in text and "nobody writes yet" in text


def test_apply_takes_across_what_is_allowed_and_reports_it(shop: Folder) -> None:
    plan = shop.watari("plan")
    assert "allowed in the files:" in plan.out
    assert "rewrite-vacuum-full, wait-exclusive-moment: the shop is closed on Sunday" in plan.out
    assert "the shop is closed" in plan.out and shop.watari("apply", "--yes").status == 0
    told(shop)


def test_cross_does_the_same(shop: Folder) -> None:
    answer = shop.watari("cross", "--yes")
    assert answer.status == 0, answer.err
    told(shop)


def test_without_the_reason_it_is_refused(shop: Folder) -> None:
    shop.write("migrations/001_clear.sql", FILE.replace(" because the shop is closed on Sunday", ""))
    answer = shop.watari("apply", "--yes")
    assert (answer.status == 4 and "VACUUM FULL" in answer.err) or "vacuum full" in answer.err.lower()
