"""From the outbox into the tables: once for each entry, whoever does it and however often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from watari.ledger.outbox import FORMAT
from watari.ledger.tables import NAMES, TABLES
from watari.locale import Message, Text
from watari.locale.system import reason_of
from watari.values import dataclass

DAMAGED = "damaged"

_SET_ASIDE = Text(
    en='the ledger entry "{file}" cannot be read ({reason}); it was set aside in "{folder}"',
    ja='台帳の項目 "{file}" を読み取れないため（{reason}）、"{folder}" に退避しました',
)
_YOUNGER = Text(
    en='the ledger entry "{file}" was written by a younger watari and is left for it',
    ja='台帳の項目 "{file}" は新しいバージョンの watari が書いたものなので、そのまま残しました',
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of the outbox, read and checked."""

    path: Path
    table: Table
    row: dict[str, Any]


def entries(outbox: Path, complaints: list[Message], *, keep: bool = False) -> Iterator[Entry]:
    """Every readable entry, oldest first; the others are set aside (with `keep`, only told) and added to `complaints`."""
    for path in sorted(outbox.glob("*.json")):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue  # another process folded it in
        except OSError as reason:
            complaints.append(_SET_ASIDE(file=path.name, reason=reason_of(reason), folder=str(outbox)))
            continue
        try:
            entry = _entry(path, data)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as reason:
            complaints.append(_SET_ASIDE(file=path.name, reason=str(reason), folder=str(outbox / DAMAGED)))
            if not keep:
                _set_aside(path)
            continue
        if entry:
            yield entry
        else:
            complaints.append(_YOUNGER(file=path.name))


def fold(connection: Connection, entry: Entry) -> None:
    """Writes one entry; the same entry again, or an older one of the same name, changes nothing."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(entry.table).values(**entry.row)
    replaced = {name: statement.excluded[name] for name in entry.row if name != "id"}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_=replaced, where=entry.table.c.at <= statement.excluded.at
        )
    )


class _Written(msgspec.Struct):
    format: int
    kind: str = ""
    at: datetime | None = None
    value: msgspec.Raw = msgspec.Raw(b"null")


def _entry(path: Path, data: bytes) -> Entry | None:
    """The entry in `data`; None for one of a younger format."""
    written = msgspec.json.decode(data, type=_Written)
    if written.format > FORMAT:
        return None
    value = msgspec.json.decode(written.value, type=dict[str, Any])
    if written.at is None or written.at.tzinfo is None:
        raise ValueError("no time")
    table = TABLES[written.kind]
    asked = {column.name: value.get(column.name) for column in table.columns}
    row = asked | {
        "id": value[NAMES[written.kind]],
        "at": written.at.astimezone(UTC),
        "document": bytes(written.value).decode(),
    }
    if not all(
        isinstance(row[column.name], str) for column in table.columns if not column.nullable and column.name != "at"
    ):
        raise ValueError("a field is missing")
    return Entry(path=path, table=table, row=row)


def _set_aside(path: Path) -> None:
    folder = path.parent / DAMAGED
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        path.replace(folder / path.name)
    except OSError:
        pass  # it stays where it is and is told again
