"""The team's Django project: started as its own manage.py starts it, with the database's address in place of its own."""

from __future__ import annotations

import os
import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

#: `manage`: the team's manage.py or null; `database`: its name; `applied`: what the history holds of squashed migrations;
#: `migration`, `migrations`: their ids (`app.name`).
Request = dict[str, Any]
_T = TypeVar("_T")

_PASSWORD = re.compile(r"(://[^\s:/@]*:)\S*@")
#: What of the team's own OPTIONS says where to connect and how sessions are shared; the address given says that.
_OF_THE_ADDRESS = ("service", "passfile", "pool")


class Refused(Exception):
    """Nothing was run; the sentence says why."""


def as_manage(request: Request, work: Callable[[], _T]) -> _T:
    """What `work` answers, called where manage.py would run its command: whatever it sets up before that is set up."""
    import django
    from django.core import management

    if address := os.environ.get("WATARI_DATABASE_URL"):
        # what settings make of a scheme (postgis://) stays; what connects while they are read goes where all the rest goes
        scheme = os.environ.get("DATABASE_URL", "").partition("://")[0] or "postgresql"
        os.environ["DATABASE_URL"] = f"{scheme}://{address.partition('://')[2]}"
    done: list[_T] = []

    def instead(utility: object) -> None:
        django.setup()
        done.append(work())

    manage = request.get("manage")
    if not manage:
        django.setup()
        return work()
    sys.path.insert(0, str(Path(manage).parent))
    sys.argv = [manage, "migrate"]
    management.ManagementUtility.execute = instead
    runpy.run_path(manage, run_name="__main__")
    if not done:
        raise Refused(f"{manage} runs no command")
    return done[0]


def alias_of(request: Request) -> str:
    """The alias in DATABASES of the database at hand: the PostgreSQL one of its name, else the default; raises `Refused`."""
    from django.db import connections

    ours = [alias for alias in connections if connections[alias].vendor == "postgresql"]
    named = [alias for alias in ours if str(connections.settings[alias].get("NAME")) == request["database"]]
    if "default" in (*named, *ours[: not named]):
        return "default"
    if named or ours:
        return str((named or ours)[0])
    engine = connections.settings["default"].get("ENGINE")
    raise Refused(f"DATABASES holds no PostgreSQL database (default is {engine})")


def aim(alias: str, address: str) -> None:
    """Lets the alias connect to `address`, and no other alias anywhere: what they hold is not watari's to change."""
    from django.db import connections
    from django.db.backends.base.base import BaseDatabaseWrapper

    wrapper = connections[alias]
    parts = urlsplit(address)
    own = {k: v for k, v in (wrapper.settings_dict.get("OPTIONS") or {}).items() if k not in _OF_THE_ADDRESS}
    given = dict(parse_qsl(parts.query))
    if own.get("options") and given.get("options"):
        given["options"] = f"{own['options']} {given['options']}"
    wrapper.settings_dict.update(
        NAME=unquote(parts.path.lstrip("/")),
        USER=unquote(parts.username or ""),
        PASSWORD=unquote(parts.password or ""),
        HOST=given.pop("host", None) or unquote(parts.hostname or ""),
        PORT=str(given.pop("port", None) or parts.port or ""),
        OPTIONS={**own, **given},
        CONN_MAX_AGE=0,
    )
    connect = BaseDatabaseWrapper.connect

    def only_there(self: Any) -> None:
        if self.alias != alias and self.vendor == "postgresql":
            raise Refused(f'it connects to the database "{self.alias}" too; run this one with manage.py itself')
        connect(self)

    BaseDatabaseWrapper.connect = only_there


def said(failure: BaseException) -> str:
    """An exception as one line, without the passwords of addresses in it."""
    text = f"{type(failure).__name__}: " + " ".join(str(failure).split())
    return _PASSWORD.sub(r"\1****@", text)


def id_of(key: tuple[str, str]) -> str:
    """A migration's id for watari: its app and its name."""
    return f"{key[0]}.{key[1]}"


def key_of(id: str) -> tuple[str, str]:
    """The other way round; app labels hold no dot."""
    app, _, name = id.partition(".")
    return app, name


def environment_address() -> str:
    """Where to go."""
    return os.environ["WATARI_DATABASE_URL"]
