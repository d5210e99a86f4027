"""The team's Alembic project: its settings, its address, its revisions."""

from __future__ import annotations

import configparser
import os
import re
import warnings
from pathlib import Path
from typing import Any

#: `config`: the settings file or null; `folder`: of env.py; `variables`: where env.py looks for the address; `revision`.
Request = dict[str, Any]

_PASSWORD = re.compile(r"(://[^\s:/@]*:)\S*@")


def configured(request: Request, url: str) -> Any:
    """Alembic's `Config` of the project, with the address set.

    The folder in the request stands in for a `script_location` that is missing or leads nowhere from here.
    """
    from alembic.config import Config

    file = request["config"]
    config = Config(toml_file=file) if file and file.endswith(".toml") else Config(file)
    read = getattr(config, "get_alembic_option", config.get_main_option)  # the first since 1.16, for pyproject.toml
    location = read("script_location")
    if not location or (":" not in location and not Path(location).is_dir()):
        config.set_main_option("script_location", request["folder"].replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def written_schemes(request: Request) -> list[str]:
    """The schemes (`postgresql+psycopg2`) of the addresses in `DATABASE_URL` and in the team's own settings."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(request["config"] or "", encoding="utf-8")
        settings = parser.get("alembic", "sqlalchemy.url", fallback="")
    except configparser.Error:
        settings = ""
    schemes = (address.partition("://")[0] for address in (os.environ.get("DATABASE_URL", ""), settings))
    return [scheme for scheme in schemes if scheme.startswith("postgres")]


def offline_url(request: Request) -> str:
    """An address that leads nowhere, with the driver of the team: what only renders must not reach a database."""
    scheme = next((s for s in written_schemes(request) if s.startswith("postgresql")), "postgresql")
    return f"{scheme}://watari@127.0.0.1:9/offline"


def announce(request: Request, url: str) -> None:
    """Sets the variables in which an env.py may look for the address, in the form that each had before."""
    for name in ("DATABASE_URL", *request.get("variables", ())):
        before = os.environ.get(name, "").partition("://")[0]
        scheme, rest = url.partition("://")[::2]
        os.environ[name] = f"{before if before.startswith('postgres') else scheme}://{rest}"


def scripts(config: Any) -> tuple[Any, list[Any], list[str]]:
    """The script directory, its revisions with parents first, and what Alembic warns about."""
    from alembic.script import ScriptDirectory

    directory = ScriptDirectory.from_config(config)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        revisions = list(directory.walk_revisions("base", "heads"))
    return directory, revisions[::-1], [str(warning.message) for warning in caught]


def parents(revision: Any) -> list[str]:
    """The revisions that are no heads any more once this one is applied: those before it and those it depends on."""
    for name in ("_normalized_down_revisions", "_all_down_revisions"):
        if hasattr(revision, name):
            return list(getattr(revision, name))
    down = revision.down_revision or ()
    return [down] if isinstance(down, str) else list(down)


def said(failure: BaseException) -> str:
    """An exception as one line, without the passwords of addresses in it."""
    text = f"{type(failure).__name__}: " + " ".join(str(failure).split())
    return _PASSWORD.sub(r"\1****@", text)
