"""The grammar of the command line: common options, one parser a command, and argparse's complaints in watari's words."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NoReturn

from watari.cli.command import Command
from watari.errors.usage import BadArgument
from watari.late import modules, pattern
from watari.locale import Language, Text

_ABOUT = Text(
    en="watari takes a PostgreSQL database across a schema change and, when needed, back.",
    ja="watari は PostgreSQL データベースのスキーマ変更を安全に適用し、必要なら元に戻します。",
)
_COMMON = Text(en="options of every command", ja="全コマンド共通のオプション")
_COMMANDS = Text(en="commands", ja="コマンド")
_EXAMPLES = Text(en="examples:", ja="例:")
_OPTIONS = Text(en="options", ja="オプション")
_ARGUMENTS = Text(en="arguments", ja="引数")
_HELP = Text(en="show this help", ja="このヘルプを表示する")
_VERSION = Text(en="print the version", ja="バージョンを表示する")
_COMPLETION = Text(
    en="print the completion script for SHELL (bash, zsh, tcsh)",
    ja="SHELL（bash、zsh、tcsh）用の補完スクリプトを出力する",
)
_COMMON_HELP: dict[str, Text] = {
    "--env": Text(en="environment of watari.toml", ja="watari.toml の環境名"),
    "--database": Text(en="one database of the project", ja="プロジェクト内のデータベース名"),
    "--config": Text(en="settings file instead of ./watari.toml", ja="設定ファイル（既定は ./watari.toml）"),
    "--url": Text(en="database address", ja="データベースの接続 URL"),
    "--dir": Text(en="folder of the migrations", ja="マイグレーションのフォルダー"),
    "--framework": Text(
        en="migration framework instead of detecting it", ja="マイグレーションフレームワーク（省略時は自動判別）"
    ),
    "--json": Text(en="print one JSON document on standard output", ja="結果を JSON で標準出力に出力する"),
    "--lang": Text(en="language of messages", ja="メッセージの言語"),
    "--events": Text(en="write the event stream as JSON lines", ja="イベントを JSON Lines で書き出す"),
    "--quiet": Text(en="results only", ja="結果だけを表示する"),
    "--verbose": Text(en="more detail, and tracebacks", ja="詳細とトレースバックを表示する"),
}

#: Common options that take the next word.
_WITH_VALUE = frozenset(
    {"-e", "--env", "--database", "--config", "--url", "--dir", "--framework", "--lang", "--events"}
)

_COMPLAINT = Text(en="{en}", ja="{ja}")
_EMPTY = Text(en="argument {name} is empty", ja="{name} の値が空です")
_EMPTY_WORD = Text(en="an argument is empty", ja="空の引数があります")

#: argparse's own complaints, as far as people meet them, in Japanese.
_COMPLAINTS = (
    (pattern(r"the following arguments are required: (.*)"), "引数が足りません: {0}"),
    (pattern(r"unrecognized arguments: (.*)"), "認識できない引数です: {0}"),
    (pattern(r"argument (.*): expected one argument"), "{0} には値が必要です"),
    (pattern(r"argument (.*): invalid choice: (\S+) \(choose from (.*)\)"), "{0} に {1} は指定できません（{2}）"),
    (pattern(r"argument (.*): invalid \S+ value: (.*)"), "{0} の値 {1} が正しくありません"),
    (pattern(r"argument (.*): not allowed with argument (.*)"), "{0} と {1} は同時に指定できません"),
)


class Parser(argparse.ArgumentParser):
    """argparse whose complaints are watari's own errors."""

    def error(self, message: str) -> NoReturn:
        """Raises `BadArgument` with the complaint in both languages."""
        raise BadArgument(reason=_COMPLAINT(en=message, ja=_in_japanese(message)), command=self.prog)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """argparse's own, which otherwise imports `shutil` for each argument to ask how wide the terminal is."""

    def __init__(self, prog: str, **given: Any) -> None:
        super().__init__(prog, **{"width": _columns() - 2, **given})


@cache
def _columns() -> int:
    """As `shutil.get_terminal_size`: `COLUMNS`, else the terminal's width, else 80."""
    named = os.environ.get("COLUMNS", "")
    if named.isdecimal() and int(named) > 0:
        return int(named)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80 if sys.__stdout__ else 80
    except (AttributeError, ValueError, OSError):
        return 80


def _in_japanese(message: str) -> str:
    for complaint, japanese in _COMPLAINTS:
        if match := complaint.fullmatch(message):
            return japanese.format(*match.groups())
    return message


def command_names() -> tuple[str, ...]:
    """Every verb, from the folder of commands."""
    from watari.cli import commands

    return modules(commands.__path__)


def command_named(name: str) -> Command:
    """The command of that verb; only its own module is imported."""
    command = importlib.import_module(f"watari.cli.commands.{name}").COMMAND
    assert isinstance(command, Command)
    return command


def parse(argv: Sequence[str], language: Language) -> argparse.Namespace:
    """The options of one call, with `command` set; raises `BadArgument`."""
    names = command_names()
    _require_words(argv)
    place = _place_of_verb(argv, names)
    if place is None:
        return build(names, language).parse_args(list(argv))
    # what stands before the verb may as well stand behind it
    words = [argv[place], *argv[:place], *argv[place + 1 :]]
    others: tuple[str, ...] = ()
    if "--" in words and command_named(argv[place]).runs_others:
        others = tuple(words[words.index("--") + 1 :])
        words = words[: words.index("--")]
    options = build((argv[place],), language).parse_args(words)
    if others:
        options.argv = others
    return options


def _require_words(argv: Sequence[str]) -> None:
    """Refuses empty values: `--url "$URL"` with a variable that is not set would work on another database."""
    before = ""
    for word in argv:
        if word == "--":
            return
        name, equals, value = word.partition("=")
        if not word or (equals and not value and name.startswith("-")):
            option = name if word else before if before.startswith("-") else ""
            reason = _EMPTY(name=option) if option else _EMPTY_WORD()
            raise BadArgument(reason=reason, command="watari")
        before = word


def _place_of_verb(argv: Sequence[str], names: Sequence[str]) -> int | None:
    """Where the verb stands: the first word that is one and not the value of an option."""
    before = ""
    for place, word in enumerate(argv):
        if before not in _WITH_VALUE and word in names:
            return place
        before = word
    return None


def build(names: Sequence[str], language: Language) -> argparse.ArgumentParser:
    """The parser with the commands named; all of them for help and completion."""

    def say(text: Text) -> str:
        return text().render(language).replace("%", "%%")

    common = _common(say)
    root = _parser("watari", say(_ABOUT), (), say, parents=[])
    root.add_argument("--version", action="store_true", help=say(_VERSION))
    root.add_argument("--print-completion", metavar="SHELL", choices=("bash", "zsh", "tcsh"), help=say(_COMPLETION))
    verbs = root.add_subparsers(dest="command", metavar="COMMAND", title=say(_COMMANDS), parser_class=Parser)
    for name in names:
        command = command_named(name)
        summary = say(command.summary)
        sub = _parser(f"watari {name}", summary, command.examples, say, parents=[common], into=(verbs, name))
        command.arguments(sub, say)
    return root


def _parser(
    prog: str,
    about: str,
    examples: Sequence[str],
    say: Callable[[Text], str],
    *,
    parents: list[argparse.ArgumentParser],
    into: tuple[argparse._SubParsersAction[Parser], str] | None = None,
) -> argparse.ArgumentParser:
    words = {
        "prog": prog,
        "description": about,
        "epilog": "\n".join([say(_EXAMPLES), *(f"  {example}" for example in examples)]) if examples else None,
        "formatter_class": _Formatter,
        "add_help": False,
        "allow_abbrev": False,
        "parents": parents,
    }
    made = into[0].add_parser(into[1], help=about, **words) if into else Parser(**words)  # type: ignore[arg-type]
    made._optionals.title, made._positionals.title = say(_OPTIONS), say(_ARGUMENTS)
    made.add_argument("-h", "--help", action="help", help=say(_HELP))
    return made


def verbs_of(
    parser: argparse.ArgumentParser,
    say: Callable[[Text], str],
    title: Text,
    words: dict[str, Text],
    examples: Sequence[str],
) -> dict[str, argparse.ArgumentParser]:
    """Second verbs (`backup create`), each with the common options again and its own of the examples; by name."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, title=say(title), parser_class=Parser)
    again = _common(say, default=argparse.SUPPRESS)  # else their defaults would wipe out what stood before the verb
    return {
        name: _parser(
            f"{parser.prog} {name}",
            say(text),
            [example for example in examples if example.startswith(f"{parser.prog} {name}")],
            say,
            parents=[again],
            into=(verbs, name),
        )
        for name, text in words.items()
    }


def _common(say: Callable[[Text], str], *, default: str | None = None) -> Parser:
    common = Parser(add_help=False, argument_default=default)
    group = common.add_argument_group(say(_COMMON))
    words = {name: say(text) for name, text in _COMMON_HELP.items()}
    group.add_argument("-e", "--env", metavar="NAME", help=words["--env"])
    group.add_argument("--database", metavar="NAME", help=words["--database"])
    group.add_argument("--config", metavar="FILE", help=words["--config"])
    group.add_argument("--url", metavar="URL", help=words["--url"])
    group.add_argument("--dir", metavar="FOLDER", help=words["--dir"])
    group.add_argument("--framework", metavar="NAME", help=words["--framework"])
    group.add_argument("--json", action="store_true", default=default or False, help=words["--json"])
    group.add_argument("--lang", choices=("ja", "en"), help=words["--lang"])
    group.add_argument("--events", metavar="FILE", help=words["--events"])
    group.add_argument("-q", "--quiet", action="store_true", default=default or False, help=words["--quiet"])
    group.add_argument("-v", "--verbose", action="store_true", default=default or False, help=words["--verbose"])
    return common
