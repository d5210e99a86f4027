"""One of every kind of object goes through a backup and comes back as it was: no false alarm, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fixtures.shops import ask, run

from watari.backup.create import create
from watari.backup.inventory import differences, dumps, inventory, loads
from watari.backup.verification import verify
from watari.evidence import VerificationLevel
from watari.locale import Language
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

EVERYTHING = Path(__file__).parent / "everything.sql"


@pytest.fixture
def everything(database: DatabaseUrl) -> Iterator[DatabaseUrl]:
    """A database with one of everything, owned by and granted to three roles."""
    if int(str(ask(database, "show server_version_num"))) < 150_000:
        pytest.skip("the script uses what PostgreSQL 15 brought")
    run(database, "create role a1; create role a2 login; create role a3")
    with psycopg.connect(**database.conninfo(), autocommit=True) as connection:
        for statement in EVERYTHING.read_text().splitlines():
            connection.execute(statement)
    yield database
    run(database, "drop owned by a1, a2, a3 cascade; drop role a1, a2, a3")


@pytest.mark.parametrize("content", ["full", "schema", "data"])
def test_everything_comes_back(everything: DatabaseUrl, folder: Path, content: str) -> None:
    backup = create(everything, folder=folder, content=content, format="directory", jobs=2)
    if content == "data":
        create(everything, folder=folder, content="schema")
    proved = verify(backup, url=everything)
    assert proved.findings == ()
    assert proved.verified is VerificationLevel.RESTORED


def test_everything_comes_back_on_a_server_that_knows_none_of_the_roles(everything: DatabaseUrl, folder: Path) -> None:
    proved = verify(create(everything, folder=folder))
    if proved.server_version // 10_000 == 18:
        assert (proved.findings, proved.verified) == ((), VerificationLevel.RESTORED)


def test_what_is_lost_of_everything_is_told(everything: DatabaseUrl) -> None:
    with psycopg.connect(**everything.conninfo(), autocommit=True) as connection:
        before = inventory(read_catalog(connection, live=False))
        assert loads(dumps(before)) == before
        assert differences(before, before) == ()
        assert sum(len(names) for names in before.values()) > 100
        assert len(before) >= 18, "kinds of objects"
        for change, words in (
            ("drop index s.pi", "index s.pi is missing"),
            ("alter table s.t alter v set default 'z'", "column s.t.v: default is"),
            ("alter table s.base add extra int", "column s.base.extra was added"),
            ("revoke select on s.t from a2 cascade", "table s.t: privileges is"),
        ):
            connection.execute(change)
            said = [str(message) for message in differences(before, inventory(read_catalog(connection, live=False)))]
            assert any(words in sentence for sentence in said), (words, said)
        for message in differences(before, inventory(read_catalog(connection, live=False))):
            assert message.render(Language.JA) != message.render(Language.EN)


def test_characters_that_look_like_the_end_of_a_line_survive(database: DatabaseUrl) -> None:
    run(database, "create table t (id int); comment on table t is E'a\\u2028b\\nc\\u0085d'")
    with psycopg.connect(**database.conninfo(), autocommit=True) as connection:
        objects = inventory(read_catalog(connection, live=False))
    assert loads(dumps(objects)) == objects
