"""Which database a SQL file belongs to, in a project where several share one folder."""

from __future__ import annotations

import re
from collections.abc import Iterable

from watari.errors import WatariError
from watari.late import pattern
from watari.locale import Message, Text
from watari.sql.databases import databases_named, qualified_by
from watari.sql.statement import Script, Statement
from watari.values import dataclass

__all__ = ["Assignment", "Named", "assign", "known_databases", "named_databases"]

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
    en='"{file}" is for {named}, and this project knows only {databases}. Correct the name, or add to watari.toml: '
    "{sections} (where there is no watari.toml, watari init writes it).",
    ja='"{file}" は {named} に対するものですが、このプロジェクトのデータベースは {databases} です。'
    "名前を修正するか、watari.toml に {sections} を追加してください（watari.toml がなければ watari init で作成できます）。",
)
_DIRECTIVE = pattern(rb"^[ \t]*--[ \t]*watari:[ \t]*database[ \t]+([^\r\n]+?)[ \t]*\r?$", re.M)
_SWITCH = pattern(rb"\\c(?:onnect)?\b")


@dataclass(frozen=True, kw_only=True)
class Named:
    """The databases that a file names, in order; `switches`: by `\\c`, so that only a part may belong to each.

    `broken` is what the script's reader says where the file cannot be read.
    """

    databases: tuple[str, ...] = ()
    switches: bool = False
    broken: Message | None = None


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Where a file belongs: whether to the database at hand, and what keeps anybody from telling.

    `only` is the one database of the file, None where it is for several or for any.
    """

    belongs: bool = True
    only: str | None = None
    trouble: Message | None = None


def named_databases(script: Script, whole: bytes) -> Named:
    """The databases of a file by its `\\c` commands, else by comments anywhere in the `whole` file."""
    try:
        switched = databases_named(_switching(script))
    except WatariError as broken:
        return Named(broken=broken.message)
    return Named(databases=switched or _directives(whole), switches=bool(switched))


def known_databases(files: Iterable[Named], *, database: str, databases: tuple[str, ...]) -> tuple[str, ...]:
    """The databases that share a folder: as the settings say, else as the files say if they know the one at hand."""
    if len(databases) > 1:
        return databases
    named = tuple(dict.fromkeys(name for file in files for name in file.databases))
    return named if database in named else databases or (database,)


def assign(script: Script, named: Named, *, database: str, known: tuple[str, ...]) -> Assignment:
    """The assignment of a file to the database at hand, among those that are `known` to share the folder."""
    if named.broken is not None:
        return Assignment(trouble=named.broken)
    if not named.databases:
        return Assignment(trouble=_unassigned(script, known) if len(known) > 1 else None)
    if not set(named.databases) & set(known):
        strangers = _STRANGE(
            file=script.file,
            named=", ".join(named.databases),
            databases=", ".join(known),
            sections=" ".join(f"[databases.{name}]" for name in named.databases),
        )
        return Assignment(trouble=strangers)
    only = named.databases[0] if len(named.databases) == 1 else None
    return Assignment(belongs=database in named.databases, only=only)


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
