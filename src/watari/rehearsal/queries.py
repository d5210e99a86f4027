"""What a rehearsal asks of servers, one question a file in `sql/`; the first line says in plain words what it asks.

Where servers differ, a file `name_180000.sql` asks from that `server_version_num` on, `name.sql` before.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from psycopg import sql

_FOLDER = Path(__file__).with_name("sql")


@cache
def load(name: str, version: int | None = None) -> sql.SQL:
    """The text of `sql/<name>.sql`, or of its latest form for a server of `version`."""
    forms = {int(file.stem[-6:]): file for file in _FOLDER.glob(f"{name}_[0-9][0-9][0-9][0-9][0-9][0-9].sql")}
    fitting = [since for since in forms if version is not None and since <= version]
    file = forms[max(fitting)] if fitting else _FOLDER / f"{name}.sql"
    return sql.SQL(file.read_text(encoding="utf-8").strip().removesuffix(";"))
