"""What a call of the program imports, and that what it leaves for later is there when somebody asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.program import Folder
from watari.project.url import DatabaseUrl

_CALL = "import sys; from watari.cli import short; short.prepare(); from watari.cli.main import main; "
_TOLD = "status = main(sys.argv[1:]); print('loaded', *sorted(sys.modules)); sys.exit(status)"
_COUNTED = """
import sys
from watari.cli import short
short.prepare()
import psycopg
opened, asked = [], []
connect, execute = psycopg.connect, psycopg.Cursor.execute
psycopg.connect = lambda *given, **named: opened.append(named["application_name"]) or connect(*given, **named)
def counted(self, query, *given, **named):
    text = query if isinstance(query, str) else query.as_string(None)
    asked.append("catalog" if "pg_attribute" in text and "pg_constraint" in text else "other")
    return execute(self, query, *given, **named)
psycopg.Cursor.execute = counted
from watari.cli.main import main
status = main(sys.argv[1:])
print("sessions", *opened, sep="|")
print("catalogs", asked.count("catalog"))
sys.exit(status)
"""
_ASYNCHRONOUS = """
from watari.cli import short
short.prepare()
import psycopg, sys
assert "asyncio" not in sys.modules
import asyncio

async def talk(url):
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        waiting = asyncio.create_task(connection.execute("select pg_sleep(60)"))
        await asyncio.sleep(0.2)
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            print("cancelled")
        cursor = connection.cursor()
        await cursor.execute("create temporary table t (i int)")
        async with cursor.copy("copy t from stdin") as copy:
            await copy.write("7\\n")
        found = await (await cursor.execute("select i from t")).fetchone()
        print(*found)

asyncio.run(talk(sys.argv[1]))
import importlib.metadata
assert psycopg.__version__ == importlib.metadata.version("psycopg")
"""
_DRIVER = """
from watari.cli import short
short.prepare()
import sys
import psycopg
left_out = {"logging", "dataclasses", "inspect", "zoneinfo", "random", "socket", "typing_extensions"}
assert not left_out & sys.modules.keys(), left_out & sys.modules.keys()
import re, logging, dataclasses
assert type(re.compile("a")) is re.Pattern
with psycopg.connect(sys.argv[1], autocommit=True, load_balance_hosts="random") as connection:
    def told(question):
        return connection.execute(question).fetchone()[0]
    connection.execute("set timezone to 'Asia/Tokyo'")
    print(told("select timestamptz '2026-01-01 00:00+00'").isoformat())
    connection.execute("set timezone to '<+05>-05'")
    print(told("select timestamptz '2026-01-01 00:00+00'").isoformat())
    print(told("select interval '1 day 02:03:04'"), told("select int4range(1, 5)"), told("select array['a,b', 'c']"))
    print(connection.xid(1, "a", "b"), dataclasses.replace(connection.xid(1, "a", "b"), gtrid="c").gtrid)
print(logging.getLogger("psycopg").level == logging.WARNING)
try:
    psycopg.connect("host=127.0.0.1 port=1 connect_timeout=2")
except psycopg.OperationalError as refused:
    print(refused.pgconn.host.decode(), *[field.name for field in dataclasses.fields(psycopg.Xid)][:2])
"""
_MSGSPEC = """
from watari.cli import short
short.prepare()
import sys, msgspec
assert not {"typing_extensions", "platform", "textwrap"} & sys.modules.keys()
import platform, textwrap, uuid
from typing import NotRequired, TypedDict
class Given(TypedDict):
    it: NotRequired[int]
print(msgspec.json.decode(b'{"it": 1}', type=Given), msgspec.json.encode(uuid.UUID(int=1)).decode())
print(platform.machine() != "", textwrap.dedent(" a"), "it" in str(msgspec.json.schema(Given)))
"""
_GRAMMAR = """
from watari.cli import short
short.prepare()
from postgast import deparse, parse
import sys
assert "postgast.helpers" not in sys.modules
print(deparse(parse("create  table t(i int)")))
from postgast import deparse as once_more
assert once_more(parse("select 1")) == "SELECT 1"
import postgast, platform, ctypes.util, importlib.resources, ssl
print(postgast.normalize("select 1"), platform.system() != "", ctypes.util.find_library("none") is None, ssl.OPENSSL_VERSION != "")
"""


def python(code: str, *words: str, folder: Path | None = None, environ: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def loaded(folder: Folder, *words: str) -> set[str]:
    said = python(_CALL + _TOLD, *words, folder=folder.path, environ={**folder.environ, "PATH": ""})
    return set(said.rpartition("loaded ")[2].split())


@pytest.fixture
def folder(tmp_path: Path, database: DatabaseUrl) -> Folder:
    made = Folder(tmp_path, database)
    for number in (1, 2):
        made.write(f"migrations/{number:03}_t.sql", f"create table t{number} (id int);\n")
    return made


def test_a_status_imports_the_driver_and_little_else(folder: Folder) -> None:
    there = loaded(folder, "status", "-q")
    assert "psycopg" in there
    heavy = {"asyncio", "ssl", "email", "importlib.metadata", "importlib.resources", "subprocess", "shutil"}
    heavy |= {"inspect", "dataclasses", "logging", "socket", "zoneinfo", "random", "uuid", "typing_extensions"}
    libraries = {"postgast", "google.protobuf", "msgspec", "sqlalchemy", "rich"}
    rooms = {
        "watari.catalog.objects",
        "watari.planning",
        "watari.risk",
        "watari.execution.history",
        "watari.sql.parsing",
    }
    assert sorted(there & (heavy | libraries | rooms)) == []


def test_a_run_imports_no_terminal_and_no_ledger(folder: Folder) -> None:
    there = loaded(folder, "apply", "--yes", "-q")
    assert {"psycopg", "postgast", "watari.execution.runner"} <= there
    unwanted = {"asyncio", "ssl", "email", "importlib.metadata", "sqlalchemy", "rich", "postgast.helpers"}
    unwanted |= {"inspect", "dataclasses", "logging", "socket", "zoneinfo", "random", "shutil", "platform", "difflib"}
    assert sorted(there & unwanted) == []


def test_a_run_opens_four_sessions_and_reads_the_catalog_as_often_as_somebody_writes(folder: Folder) -> None:
    done = python(_COUNTED, "apply", "--yes", "-q", folder=folder.path, environ={**folder.environ, "PATH": ""})
    sessions = done.partition("sessions|")[2].splitlines()[0].split("|")
    assert sessions == ["watari status", "watari apply", "watari apply worker", "watari status"]
    # the second reading, under the lock, is left out where no transaction has written since; other tests may write beside
    assert int(done.rpartition("catalogs ")[2]) in (1, 2)
    again = python(_COUNTED, "apply", "--yes", "-q", folder=folder.path, environ={**folder.environ, "PATH": ""})
    assert again.partition("sessions|")[2].splitlines()[0].split("|") == ["watari status"]
    assert again.rpartition("catalogs ")[2].strip() == "0"


def test_the_version_imports_no_library(tmp_path: Path) -> None:
    there = loaded(Folder(tmp_path), "--version")
    assert sorted(there & {"psycopg", "postgast", "argparse", "watari.errors", "watari.catalog"}) == []


def test_the_drivers_asynchronous_half_works_when_it_is_asked_for(database: DatabaseUrl) -> None:
    assert python(_ASYNCHRONOUS, database.reveal().reveal()).split() == ["cancelled", "7"]


def test_the_rest_of_the_grammar_is_there_when_it_is_asked_for() -> None:
    assert python(_GRAMMAR).splitlines() == ["CREATE TABLE t (i int)", "select $1 True True True"]


def test_what_the_driver_left_out_is_there_when_it_is_needed(database: DatabaseUrl) -> None:
    said = python(_DRIVER, database.reveal().reveal()).splitlines()
    assert said == [
        "2026-01-01T09:00:00+09:00",
        "2026-01-01T00:00:00+00:00",  # not a zone that Python knows, which the driver warns of
        "1 day, 2:03:04 [1, 5) ['a,b', 'c']",
        "1_YQ==_Yg== c",
        "True",
        "127.0.0.1 format_id gtrid",
    ]


def test_what_the_reader_of_json_left_out_is_there_when_it_is_needed() -> None:
    said = python(_MSGSPEC).splitlines()
    assert said == ["{'it': 1} \"00000000-0000-0000-0000-000000000001\"", "True a True"]
