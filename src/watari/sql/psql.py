"""What psql's backslash commands mean to a migration: followed, without meaning for the database, or refused, and why.

Source: the manual of psql 18, "Meta-Commands".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from watari.late import pattern
from watari.locale import Text
from watari.values import dataclass

__all__ = ["Copy", "Refusal", "arguments", "copy_command", "database_of", "name_of", "refusal"]


@dataclass(frozen=True)
class Refusal:
    """Why a command is not followed, and what its writer can do instead."""

    reason: Text
    todo: Text


#: Commands that only show something, or say how it is shown.
_IGNORED = pattern(
    r"(?:[aCfhHlpstTxz?]|conninfo|copyright|echo|errverbose|help|html|list\+?|l\+|print|pset|qecho|warn|restrict"
    r"|unrestrict|sf\+?|sv\+?|timing|d[A-Za-z]*\+?)\Z"
)

_DYNAMIC = Refusal(
    reason=Text(
        en="what it runs is only known once a query has been answered",
        ja="実行する内容がクエリの結果によって決まるため、事前に判断できません",
    ),
    todo=Text(
        en="Write the statements that it would run into the file instead.",
        ja="実際に実行される文をファイルに直接記述してください。",
    ),
)
_BRANCH = Refusal(
    reason=Text(
        en="which branch runs is only known while psql runs",
        ja="どの分岐が実行されるかは psql の実行時まで分かりません",
    ),
    todo=Text(
        en="Keep only the branch that applies, or write a file for each case.",
        ja="該当する分岐だけを残すか、場合ごとにファイルを分けてください。",
    ),
)
_SHELL = Refusal(
    reason=Text(
        en="it runs a program of the shell, which no plan can show or take back",
        ja="シェルのプログラムを実行するため、計画に示すことも元に戻すこともできません",
    ),
    todo=Text(
        en="Take the line out and run the program before or after the migration.",
        ja="この行を削除し、プログラムはマイグレーションの前後に実行してください。",
    ),
)
_SESSION = Refusal(
    reason=Text(
        en="it needs a person or a file of the machine that psql runs on",
        ja="操作する人、または psql を実行するマシン上のファイルが必要です",
    ),
    todo=Text(
        en="Take the line out; a migration holds only what the database is to do.",
        ja="この行を削除してください。マイグレーションにはデータベースへの処理だけを記述します。",
    ),
)
_UNKNOWN = Refusal(
    reason=Text(en="psql has no such command", ja="psql にこのコマンドはありません"),
    todo=Text(
        en="Correct it; a backslash that belongs to the text must stand in quotes.",
        ja="修正してください。文字としてのバックスラッシュは引用符の中に記述します。",
    ),
)

_REFUSED: Mapping[str, Refusal] = {
    **dict.fromkeys(("gexec", "gset", "gdesc", "watch", "crosstabview", "sendpipeline"), _DYNAMIC),
    **dict.fromkeys(("bind", "bind_named", "parse", "close", "close_prepared"), _DYNAMIC),
    **dict.fromkeys(("startpipeline", "endpipeline", "syncpipeline", "flush", "flushrequest", "getresults"), _DYNAMIC),
    **dict.fromkeys(("if", "elif", "else", "endif"), _BRANCH),
    **dict.fromkeys(("!", "setenv", "getenv", "cd"), _SHELL),
    **dict.fromkeys(
        ("e", "edit", "ef", "ev", "prompt", "password", "w", "write", "lo_import", "lo_export", "lo_list", "lo_unlink"),
        _SESSION,
    ),
}

ELSEWHERE = Refusal(
    reason=Text(
        en="it connects as another user or to another server than the one that watari was given",
        ja="watari に指定されたものとは別のユーザーまたはサーバーに接続しようとしています",
    ),
    todo=Text(
        en='Name only the database ("\\connect NAME"); user and server come from the address of the environment.',
        ja='データベース名だけを指定してください ("\\connect 名前")。ユーザーとサーバーは環境の接続先が使われます。',
    ),
)
ENCODING = Refusal(
    reason=Text(en="the script is read as UTF-8", ja="スクリプトは UTF-8 として読み込まれます"),
    todo=Text(en="Save the file as UTF-8 and take the line out.", ja="UTF-8 で保存し、この行を削除してください。"),
)
AUTOCOMMIT = Refusal(
    reason=Text(
        en="without autocommit nothing of the file is kept unless it commits itself",
        ja="自動コミットを無効にすると、ファイル内でコミットしない限り何も残りません",
    ),
    todo=Text(
        en="Take the line out; watari runs a migration in one transaction wherever that is possible.",
        ja="この行を削除してください。watari は可能な限りマイグレーションを 1 つのトランザクションで実行します。",
    ),
)
REPEATED = Refusal(
    reason=Text(en="it runs the statement before it once more", ja="直前の文をもう一度実行します"),
    todo=Text(
        en="Write that statement twice if it is meant.", ja="意図したものであれば、その文を 2 回記述してください。"
    ),
)
PIPE = _SHELL
COPY_OUT = Refusal(
    reason=Text(
        en="it writes to a file or program of the machine that psql runs on",
        ja="psql を実行するマシン上のファイルまたはプログラムに書き出します",
    ),
    todo=Text(
        en="Take the line out and export apart from the migration.",
        ja="この行を削除し、エクスポートは別に行ってください。",
    ),
)
COPY_SYNTAX = Refusal(
    reason=Text(en="it does not say from where to copy", ja="コピー元が指定されていません"),
    todo=Text(
        en="Write: \\copy TABLE (COLUMNS) from stdin, with the rows on the following lines.",
        ja="\\copy テーブル (列) from stdin の形で記述し、行データを次の行から続けてください。",
    ),
)
MISSING_FILE = Refusal(
    reason=Text(en='there is no file "{path}"', ja='ファイル "{path}" がありません'),
    todo=Text(
        en='"\\i" counts from the project\'s folder, "\\ir" from the folder of {file}; correct the path.',
        ja='"\\i" はプロジェクトのフォルダー、"\\ir" は {file} のあるフォルダーからの相対パスです。パスを修正してください。',
    ),
)
NO_FILE = Refusal(
    reason=Text(en="it does not name a file", ja="ファイル名が指定されていません"),
    todo=Text(en="Name the file to include.", ja="読み込むファイルを指定してください。"),
)
CIRCLE = Refusal(
    reason=Text(en='"{path}" includes itself', ja='"{path}" が自分自身を読み込んでいます'),
    todo=Text(en="Break the circle of inclusions.", ja="読み込みの循環を解消してください。"),
)
UNSET = Refusal(
    reason=Text(en='the variable "{name}" has no value', ja='変数 "{name}" に値がありません'),
    todo=Text(en="Set it before: \\set {name} VALUE", ja="手前で設定してください: \\set {name} 値"),
)

_NAME = pattern(r"\\([A-Za-z_]+\+?|[!?]|)")


def name_of(command: str) -> str:
    """The name of a command line: `ir` of `\\ir schema.sql`."""
    found = _NAME.match(command)
    return found.group(1) if found else ""


def refusal(name: str) -> Refusal | None:
    """Why the command of this name is refused; None where it is not."""
    return None if _IGNORED.match(name) else _REFUSED.get(name, _UNKNOWN)


_ARGUMENT = pattern(
    r"""'((?:[^'\\]|\\.|'')*)'|"((?:[^"]|"")*)"|:'(\w+)'|:"(\w+)"|:(\w+)|:\{\?(\w+)\}|(`[^`]*`?)|([^\s'"`:]+|.)""", re.S
)
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", "r": "\r", "f": "\f"}
_ESCAPE = pattern(r"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)|''", re.S)


def arguments(text: str, variables: Mapping[str, str]) -> tuple[str, ...]:
    """The arguments of a command: quotes taken off, variables filled in; a variable without a value stays as written.

    Raises `ValueError` where one of them is the output of a program (backquotes).
    """
    found: list[str] = []
    position, open_argument = 0, False
    while position < len(text):
        if text[position].isspace():
            open_argument = False
            position += 1
            continue
        match = _ARGUMENT.match(text, position)
        if match is None or match.group(7) is not None:
            raise ValueError(text[position:])
        value = _argument_value(match, variables)
        if open_argument:
            found[-1] += value
        else:
            found.append(value)
        open_argument, position = True, match.end()
    return tuple(found)


def _argument_value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    kind = match.lastindex or 0
    written = match.group(kind)
    if kind == 1:
        return _ESCAPE.sub(_unescaped, written)
    if kind == 2:
        return written.replace('""', '"')
    if kind == 6:
        return "TRUE" if written in variables else "FALSE"
    if kind not in (3, 4, 5) or written not in variables:
        return match.group()
    value, quote = variables[written], {3: "'", 4: '"'}.get(kind, "")
    return quote + value.replace(quote, quote * 2) + quote if quote else value


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code is None:
        return "'"
    if code[0] in "01234567":
        return chr(int(code, 8))
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, code)


_DATABASE_ONLY = pattern(r"(?:\s*dbname\s*=\s*'?(?P<key>[^'\s]+)'?\s*|postgres(?:ql)?:///(?P<path>[^/?]+))\Z")


def database_of(given: tuple[str, ...]) -> str | Refusal | None:
    """The database that `\\connect` with these arguments goes to; None: the same as before."""
    places = [argument for argument in given if not argument.startswith("-reuse-previous")]
    if places:
        places[-1] = places[-1].rstrip(";")
    if any(place not in ("-", "") for place in places[1:]):
        return ELSEWHERE
    database = places[0] if places else "-"
    if database in ("-", ""):
        return None
    if "=" in database or database.startswith(("postgres://", "postgresql://")):
        only = _DATABASE_ONLY.match(database)
        return (only.group("key") or only.group("path")) if only else ELSEWHERE
    return database


@dataclass(frozen=True)
class Copy:
    """A `\\copy … from`: the statement that the server gets, and the file with the rows (None: they follow in the script)."""

    statement: str
    file: str | None


_COPY_TOKEN = pattern(r"""\s+|'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|[^\s'"()]+""")


def copy_command(command: str) -> Copy | Refusal:
    """What a `\\copy` line asks for."""
    body = command[len("\\copy") :]
    tokens = list(_COPY_TOKEN.finditer(body))
    depth = 0
    for number, token in enumerate(tokens):
        word = token.group().lower()
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth or word not in ("from", "to"):
            continue
        source = next((t for t in tokens[number + 1 :] if not t.group().isspace()), None)
        if word == "to":
            return COPY_OUT
        if source is None:
            return COPY_SYNTAX
        return _copy_from(body[: token.start()], source.group(), body[source.end() :])
    return COPY_SYNTAX


def _copy_from(target: str, source: str, options: str) -> Copy | Refusal:
    if source.lower() == "program":
        return _SHELL
    if source.lower() == "pstdin":
        return _SESSION
    statement = "COPY " + target.strip() + " FROM STDIN" + options.rstrip().rstrip(";")
    if source.lower() == "stdin":
        return Copy(statement, None)
    return Copy(statement, source[1:-1].replace("''", "'") if source.startswith("'") else source)
