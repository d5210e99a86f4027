"""Which database a SQL file belongs to, in a project where several share one folder."""

from __future__ import annotations

import re
from dataclasses import dataclass

from watari.errors import WatariError
from watari.locale import Message, Text
from watari.sql.databases import databases_named, qualified_by
from watari.sql.statement import Script, Statement

__all__ = ["Assignment", "assign"]

_NOWHERE = Text(
    en='"{file}" does not say which of the databases {databases} it is for. Begin it with "\\c NAME", '
    'or with the comment "-- watari: database NAME".',
    ja='"{file}" がどのデータベース（{databases}）に対するものか分かりません。'
    '先頭に "\\c データベース名" またはコメント "-- watari: database データベース名" を記述してください。',
)
_AS_SCHEMA = Text(
    en='"{file}" names databases as if they were schemas ({places}), and no statement and no transaction of PostgreSQL '
    'reaches more than one database. Write one file for each database, beginning with "\\c {first}" (or the comment '
    '"-- watari: database {first}"), with the tables named without the database, and without BEGIN and COMMIT.',
    ja='"{file}" はデータベース名をスキーマ名のように記述しています（{places}）。PostgreSQL では 1 つの文や'
    'トランザクションで複数のデータベースを扱えません。データベースごとにファイルを分け、先頭に "\\c {first}"'
    '（またはコメント "-- watari: database {first}"）を記述し、テーブル名からデータベース名を外して、'
    "BEGIN と COMMIT を削除してください。",
)
_STRANGE = Text(
    en='"{file}" is for {named}, and this project knows only {databases}. Correct the name, or add the database to '
    "watari.toml as [databases.{named}].",
    ja='"{file}" は {named} に対するものですが、このプロジェクトのデータベースは {databases} です。'
    "名前を修正するか、watari.toml に [databases.{named}] を追加してください。",
)
_DIRECTIVE = re.compile(rb"^[ \t]*--[ \t]*watari:[ \t]*database[ \t]+([^\r\n]+?)[ \t]*\r?$", re.M)
_SWITCH = re.compile(rb"\\c(?:onnect)?\b")


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Where a file belongs: whether to the database at hand, and which part of it.

    `only` is the one database of the file, None where it is for several or for any. `switches`: its statements change
    databases, so that only a part may belong here. `trouble`: nobody can tell.
    """

    belongs: bool = True
    only: str | None = None
    switches: bool = False
    trouble: Message | None = None


def assign(script: Script, *, directives: bytes, database: str, databases: tuple[str, ...]) -> Assignment:
    """The assignment of a file by its `\\c` commands, else by its comment, else to the project's only database.

    `directives` is the whole file, whose comments count even outside of its sections; `databases` are the names of all
    databases that share the folder, `database` the one at hand.
    """
    known = databases or (database,)
    try:
        switched = databases_named(_switching(script))
    except WatariError as broken:
        return Assignment(trouble=broken.message)
    named = switched or _directives(directives)
    if not named:
        return Assignment(trouble=_unassigned(script, known) if len(known) > 1 else None)
    if not set(named) & set(known):
        strangers = _STRANGE(file=script.file, named=", ".join(named), databases=", ".join(known))
        return Assignment(trouble=strangers)
    only = named[0] if len(named) == 1 else None
    return Assignment(belongs=database in named, only=only, switches=bool(switched))


def _switching(script: Script) -> tuple[Statement, ...]:
    """The statements of a script that may switch databases; none where it surely does not."""
    texts = (script.data, *script.includes.values())
    return script.statements if any(_SWITCH.search(text) for text in texts) else ()


def _directives(data: bytes) -> tuple[str, ...]:
    found = [name.strip() for match in _DIRECTIVE.findall(data) for name in match.decode(errors="replace").split(",")]
    return tuple(dict.fromkeys(name for name in found if name))


def _unassigned(script: Script, databases: tuple[str, ...]) -> Message:
    told = ", ".join(databases)
    try:
        places = qualified_by(script.statements, databases)
    except WatariError:
        places = ()  # a file that does not parse is told elsewhere; here it only lacks its database
    if not places:
        return _NOWHERE(file=script.file, databases=told)
    shown = ", ".join(f"L{place.statement.line} {place.name}" for place in places)
    return _AS_SCHEMA(file=script.file, places=shown, first=places[0].name.schema)
