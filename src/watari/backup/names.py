"""Names of the databases that watari makes beside a live one; each says what it is and when it was made."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

#: A copy that a restore made, a copy that a verification drops again, and what stood there before a swap.
RESTORE, VERIFY, BEFORE = "restore", "verify", "before"
_MARK = "_watari_"
_STAMP = "%Y%m%d%H%M%S"
_LONGEST = 63  # bytes of a name, NAMEDATALEN - 1
_STAMP_LENGTH = 14


def beside(database: str, kind: str, at: datetime | None = None) -> str:
    """`shop_watari_restore_20261121083015`; a long name is cut and marked with a digest of itself."""
    return f"{prefix(database, kind)}{(at or datetime.now(UTC)).astimezone(UTC).strftime(_STAMP)}"


def prefix(database: str, kind: str) -> str:
    """What all names of that kind beside that database begin with."""
    rest = f"{_MARK}{kind}_"
    room = _LONGEST - len(rest) - _STAMP_LENGTH
    if len(database.encode()) <= room:
        return database + rest
    digest = hashlib.sha256(database.encode()).hexdigest()[:8]
    cut = database.encode()[: room - len(digest) - 1].decode("utf-8", "ignore")
    return f"{cut}_{digest}{rest}"


def made_at(name: str, database: str, kind: str) -> datetime | None:
    """When a database of this name was made beside `database`; None where it is none of that kind."""
    start = prefix(database, kind)
    stamp = name.removeprefix(start)
    if not name.startswith(start) or not re.fullmatch(r"\d{14}", stamp):
        return None
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
