"""One revision, up or down, on the database in `WATARI_DATABASE_URL`, and nothing else."""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path
from typing import Any

from .project import Request, announce, configured, parents, said, written_schemes

#: Drivers that hand `options` to the server, as libpq does, and those that need the settings sent.
_LIBPQ = ("psycopg", "psycopg2")
#: What can be imported for an env.py that says "async", and for one that does not.
_ASYNCHRONOUS, _SYNCHRONOUS = ("asyncpg", "psycopg"), ("psycopg", "psycopg2", "pg8000")
_SETTING = re.compile(r"-c\s*([A-Za-z_.]+)=((?:\\.|\S)*)|--([A-Za-z_.-]+)=((?:\\.|\S)*)")


class Refused(Exception):
    """The revision was not run; the sentence says why."""


def run(request: Request, *, up: bool) -> int:
    """0 when the revision is applied (taken back) and the history says so; 1 with one line on standard error else."""
    given = os.environ["WATARI_DATABASE_URL"]
    try:
        from sqlalchemy.engine import make_url

        address = _with_driver(make_url(given), request)
        settings = _session_settings(address)
        if address.get_driver_name() not in _LIBPQ:
            address = _without_libpq(address)
            _send(settings)
        text = address.render_as_string(hide_password=False)
        announce(request, text)
        _guard(address)
        _run_one(configured(request, text), request["revision"], up=up)
    except (Exception, SystemExit) as failure:
        print(f"alembic: {_sqlstate(failure)}{said(failure)}", file=sys.stderr)
        return 1
    return 0


def _run_one(config: Any, revision: str, *, up: bool) -> None:
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    directory = ScriptDirectory.from_config(config)
    ran: list[str] = []

    def steps(heads: Any, context: Any) -> list[Any]:
        step = _upwards(directory, revision, heads) if up else _downwards(directory, revision, heads)
        if ran:
            raise Refused("env.py runs revisions more than once; run this one with alembic itself")
        ran.append(revision)
        return step

    with EnvironmentContext(config, directory, fn=steps, as_sql=False):
        directory.run_env()
    if not ran:
        raise Refused("env.py ran no revision")


def _upwards(directory: Any, revision: str, heads: Any) -> list[Any]:
    from alembic.runtime.migration import MigrationStep

    applied = _ancestry(directory, heads)
    if revision in applied:
        return []
    script = directory.get_revision(revision)
    missing = [parent for parent in parents(script) if parent not in applied]
    if missing:
        raise Refused(f"revision {revision} comes after {', '.join(missing)}, which is not applied")
    return [MigrationStep.upgrade_from_script(directory.revision_map, script)]


def _downwards(directory: Any, revision: str, heads: Any) -> list[Any]:
    from alembic.runtime.migration import MigrationStep

    if revision not in _ancestry(directory, heads):
        return []
    if revision not in heads:
        raise Refused(f"revision {revision} is not the last one applied (that is {', '.join(heads)})")
    return [MigrationStep.downgrade_from_script(directory.revision_map, directory.get_revision(revision))]


def _ancestry(directory: Any, heads: Any) -> set[str]:
    """Every revision that the heads stand for."""
    found: set[str] = set()
    waiting = list(heads)
    while waiting:
        revision = waiting.pop()
        if revision not in found:
            found.add(revision)
            waiting += parents(directory.get_revision(revision))
    return found


# -- the address ----------------------------------------------------------------------------------------------------------


def _with_driver(address: Any, request: Request) -> Any:
    """The address with a driver that is there: the one it names, the team's own, else any that can be imported."""
    if "+" in address.drivername:
        return address
    for theirs in written_schemes(request):
        if theirs.startswith("postgresql+"):
            return address.set(drivername=theirs)
    address = address.set(drivername="postgresql")
    asynchronous = b"async" in (Path(request["folder"]) / "env.py").read_bytes()
    drivers = _ASYNCHRONOUS if asynchronous else (address.get_dialect().driver, *_SYNCHRONOUS)
    for driver in drivers:
        try:
            importlib.import_module(driver)
        except ImportError:
            continue
        return address.set(drivername=f"postgresql+{driver}")
    raise Refused(f"no PostgreSQL driver can be imported ({', '.join(dict.fromkeys(drivers))})")


def _session_settings(address: Any) -> dict[str, str]:
    options = address.query.get("options", "")
    found = _SETTING.findall(options if isinstance(options, str) else " ".join(options))
    return {(a or c.replace("-", "_")): re.sub(r"\\(.)", r"\1", b or d) for a, b, c, d in found}


def _without_libpq(address: Any) -> Any:
    """The address without the parameters that only libpq knows; `sslmode` by the name that asyncpg has for it."""
    query = dict(address.query)
    query.pop("options", None)
    sslmode = query.pop("sslmode", None)
    if sslmode and address.get_driver_name() == "asyncpg":
        query["ssl"] = sslmode
    return address.set(query=query)


def _send(settings: dict[str, str]) -> None:
    """Sends the settings on every connection that is opened, where the driver does not hand them over."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def connected(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        for name, value in settings.items():
            cursor.execute("select set_config(%s, %s, false)", (name, value))
        cursor.close()
        connection.commit()

    event.listen(Engine, "connect", connected)


def _guard(address: Any) -> None:
    """Lets no engine connect anywhere else: an env.py may have its own idea of the address."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    wanted = _place(address.get_dialect()().create_connect_args(address)[1])

    def connecting(dialect: Any, record: Any, arguments: Any, parameters: Any) -> None:
        if dialect.name != "postgresql":
            return
        found = _place(parameters)
        if found != wanted:
            raise Refused(
                f"env.py connects to {_told(found)} instead of {_told(wanted)}; "
                "let it take sqlalchemy.url from the settings, or the address from DATABASE_URL"
            )

    event.listen(Engine, "do_connect", connecting)


def _place(parameters: Any) -> tuple[str, str, str]:
    """Host, port and database, the ways of naming this machine taken together."""
    host = str(parameters.get("host") or "")
    local = host in ("", "localhost", "127.0.0.1", "::1") or host.startswith("/")
    port = str(parameters.get("port") or 5432)
    return (
        "localhost" if local else host.lower(),
        port,
        str(parameters.get("dbname") or parameters.get("database") or ""),
    )


def _told(place: tuple[str, str, str]) -> str:
    return "{}:{}/{}".format(*place)


def _sqlstate(failure: BaseException) -> str:
    """The server's five characters, wherever the driver keeps them; with a blank behind."""
    original = getattr(failure, "orig", failure)
    for holder in (original, getattr(original, "diag", None), original.__cause__):
        state = getattr(holder, "sqlstate", None) or getattr(holder, "pgcode", None)
        if state:
            return f"{state} "
    return ""
