"""Real tools end through the recorder as without it, and the recording holds what the server's own log and triggers say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from recorder.tools import FAILING, MIGRATIONS, Tool, tools
from watari.evidence.recording import Recording
from watari.postgres.client_tools import tool as client_tool
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl
from watari.recorder.recorder import Recorder

#: Tools are fetched into one cache, and two workers must not do so at the same time.
pytestmark = pytest.mark.xdist_group("tools")

DATABASE = "tooled"
#: In `make test` these; with the long suite every tool.
SAMPLED = {"psql", "psycopg", "Alembic", "Django", "Knex"}
TRIGGERS = """
create schema telling;
create function telling.tell_rewrite() returns event_trigger language plpgsql as
$$ begin raise log 'rewrote: %', pg_event_trigger_table_rewrite_oid()::regclass; end $$;
create function telling.tell_command() returns event_trigger language plpgsql as
$$ begin raise log 'commanded: %', tg_tag; end $$;
create event trigger tell_rewrite on table_rewrite execute function telling.tell_rewrite();
create event trigger tell_command on ddl_command_end execute function telling.tell_command();
"""
CHANGES = re.compile(r"\s*(create|alter|drop|insert|update|delete|truncate|copy|do|comment)\b", re.I)
#: What differs between any two runs of one tool.
VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?"), "TIME"),
    (re.compile(r"\d+(\.\d+)?\s?(ms|µs|s|m|secs?|seconds?)\b"), "TIME"),
    (re.compile(r"\d{2}:\d{2}[.:]\d+"), "TIME"),
    (re.compile(r"127\.0\.0\.1:\d+"), "PLACE"),
    (re.compile(r"port\s*=?\s*\d+"), "PLACE"),
    (re.compile(r"\[?\d{4,7}\]"), "PID"),
    (re.compile(r"[?&]sslmode=\w+"), ""),
)


@pytest.fixture(scope="module")
def logging_server(open_folder: Path) -> Iterator[EmbeddedServer]:
    """A server that logs every statement with its database."""
    folder = open_folder
    settings = {"log_statement": "all", "log_line_prefix": "<%d|%p> "}
    with EmbeddedServer.start(folder / "server", trust=True, scratch=folder, settings=settings) as server:
        yield server


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a run ended: exit status, output, the schema it left, and what the server's log says of it."""

    status: int
    output: str
    schema: str
    logged: tuple[str, ...]
    rewrote: tuple[str, ...]
    commanded: tuple[str, ...]


def fresh(server: EmbeddedServer) -> DatabaseUrl:
    with psycopg.connect(**server.url("postgres").conninfo(), autocommit=True) as admin:
        admin.execute(f"drop database if exists {DATABASE} with (force)")
        admin.execute(f"create database {DATABASE} template template0")
    url = server.url(DATABASE)
    with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
        connection.execute(TRIGGERS)
    return url


def end(tool: Tool, folder: Path, url: DatabaseUrl, address: DatabaseUrl, server: EmbeddedServer) -> Ended:
    """Runs the tool on `address`, and looks at what it left in the database at `url`."""
    begins = server.log.stat().st_size
    argv, environ = tool.command(folder, address)
    done = subprocess.run(
        argv, cwd=folder, env=_clean(environ), capture_output=True, text=True, check=False, timeout=300
    )
    with server.log.open(encoding="utf-8", errors="replace") as log:
        log.seek(begins)
        entries = _entries(log.read())
    return Ended(
        status=done.returncode,
        output=_steady(done.stdout + "\n----\n" + done.stderr),
        schema=_schema(url),
        logged=tuple(_changes(entries)),
        rewrote=tuple(entry.removeprefix("rewrote: ") for entry in entries if entry.startswith("rewrote: ")),
        commanded=tuple(entry.removeprefix("commanded: ") for entry in entries if entry.startswith("commanded: ")),
    )


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("PG", "DATABASE_"))} | dict(environ)


def _steady(text: str) -> str:
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text


def server_major(url: DatabaseUrl) -> int:
    with psycopg.connect(**url.conninfo()) as connection:
        return connection.info.server_version // 10000


def _schema(url: DatabaseUrl) -> str:
    dump = client_tool("pg_dump", at_least=server_major(url))
    done = subprocess.run(
        [str(dump.path), "-s"], env=_clean(url.child_environment()), capture_output=True, text=True, check=True
    )
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def _entries(log: str) -> list[str]:
    """The messages of this database's sessions, without their prefix."""
    found: list[str] = []
    for line in log.splitlines():
        match = re.match(rf"<{DATABASE}\|\d+> LOG:  (.*)", line)
        if match:
            found.append(match.group(1))
        elif line.startswith("\t") and found:
            found[-1] += "\n" + line[1:]
        elif re.match(r"<.*?> ", line):
            found.append("")
    return found


def _changes(entries: list[str]) -> Iterator[str]:
    """The statements that change something, batches cut."""
    import postgast

    for entry in entries:
        match = re.match(r"(?:statement|execute [^:]*): (.*)", entry, re.S)
        if not match:
            continue
        try:
            parts = postgast.split(match.group(1))
        except postgast.PgQueryError:
            parts = [match.group(1)]
        yield from (_flat(part) for part in parts if CHANGES.match(part))


def _flat(sql: str) -> str:
    return _steady(" ".join(re.sub(r"--[^\n]*", "", sql).split()).rstrip("; "))


def recorded_changes(recording: Recording) -> list[str]:
    """The same of a recording; what is refused unread in a failed transaction never reaches the server's log."""
    unread = {each.number for each in recording.statements if each.error and each.error.code == "25P02"}
    texts = [_flat(each.sql) for each in recording.statements if each.number not in unread]
    return [text for text in texts if CHANGES.match(text)]


def rewritten(recording: Recording) -> list[str]:
    """The tables that were rewritten, in order."""
    effects = [effect for statement in recording.statements for effect in statement.effects if effect.rewrite]
    names = [effect.relation.removeprefix("public.") for effect in effects]
    return [name for name in names if not name.endswith("_pkey")]


def made_by_the_same(recording: Recording, table: str) -> bool:
    """Whether one transaction made everything: what it rewrites of its own, nobody waits for, and it is not told."""
    (made,) = {
        statement.transaction
        for statement in recording.statements
        for effect in statement.effects
        if effect.created and effect.relation == f"public.{table}"
    }
    return made in {each.transaction for each in recording.statements if "TYPE bigint" in each.sql}


def _wanted() -> Iterator[object]:
    for tool in tools():
        marks = () if tool.name in SAMPLED else (pytest.mark.full,)
        yield pytest.param(tool, id=tool.name, marks=marks)


def _install(tool: Tool) -> None:
    if shutil.which(tool.needs) is None:
        pytest.skip(f"{tool.needs} is not on this machine")
    try:
        tool.install()
    except (OSError, subprocess.CalledProcessError) as failed:
        pytest.skip(f"{tool.name} could not be installed: {failed}")


@pytest.mark.parametrize("fails", [False, True], ids=["good", "failing"])
@pytest.mark.parametrize("tool", tuple(_wanted()))
def test_a_tool_ends_as_without_the_recorder(
    tool: Tool, fails: bool, logging_server: EmbeddedServer, tmp_path: Path
) -> None:
    _install(tool)
    tool.prepare(tmp_path, [*MIGRATIONS, FAILING] if fails else MIGRATIONS)
    direct_url = fresh(logging_server)
    direct = end(tool, tmp_path, direct_url, direct_url, logging_server)
    url = fresh(logging_server)
    with Recorder(url) as recorder:
        through = end(tool, tmp_path, url, recorder.url, logging_server)
        recording = recorder.recording()
    assert direct.status == (0 if not fails else direct.status) and bool(direct.status) == fails, direct.output
    assert through.status == direct.status
    assert through.output == direct.output
    assert through.schema == direct.schema
    assert recording.sound
    changes = recorded_changes(recording)
    if fails:  # of a batch that fails, the log holds what was never run
        assert [each for each in direct.logged if each in set(changes)] == changes
        assert any(each.error for each in recording.statements)
    else:
        assert changes == list(direct.logged)
    assert rewritten(recording) == [table for table in direct.rewrote if not made_by_the_same(recording, table)]
    assert through.commanded == direct.commanded
