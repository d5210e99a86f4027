"""`watari explain NAME`: the card of a rule, an error, an exit status or a lock mode."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from watari.catalog.locks import CONFLICTS, LockMode, blocks_reads, blocks_writes
from watari.cli.command import Command
from watari.cli.context import Context
from watari.errors import ExitStatus, WatariError
from watari.errors.usage import NothingToExplain
from watari.locale import Text

_NAME = Text(
    en="a rule, an error, an exit status or a lock mode; without: all names",
    ja="ルール、エラー、終了ステータス、ロックモードの名前（省略時は一覧）",
)
#: What each exit status means.
STATUSES = {
    ExitStatus.DONE: Text(en="done, or nothing to do", ja="完了、または対象なし"),
    ExitStatus.LOOK: Text(
        en="something to look at: not up to date, a hazard, a failed check or proof",
        ja="確認が必要: 最新でない、リスクあり、検証の失敗など",
    ),
    ExitStatus.USAGE: Text(
        en="wrong use: argument, file or setting; nothing was changed",
        ja="使い方の誤り（引数・ファイル・設定）。何も変更していない",
    ),
    ExitStatus.REACH: Text(
        en="out of reach or not allowed: server, tool or privilege",
        ja="到達不可または権限不足（サーバー・ツール・権限）",
    ),
    ExitStatus.GATE: Text(en="a gate refused; nothing was changed", ja="ゲートで拒否。何も変更していない"),
    ExitStatus.STOPPED: Text(
        en="a run stopped in a named state; the same command continues it",
        ja="実行が途中の状態で停止。同じコマンドで再開できる",
    ),
    ExitStatus.INTERRUPTED: Text(en="interrupted; the same command continues", ja="中断。同じコマンドで再開できる"),
}
_EXIT = Text(en="exit status {number}: {meaning}", ja="終了ステータス {number}: {meaning}")
_LOCK = Text(
    en="{mode}: a table lock. Reads (SELECT) {reads}; writes (INSERT, UPDATE, DELETE) {writes}. Conflicts with: {others}.",
    ja="{mode}: テーブルロック。参照（SELECT）は{reads}。更新（INSERT・UPDATE・DELETE）は{writes}。競合するモード: {others}。",
)
_WAIT = Text(en="wait", ja="待たされる")
_PASS = Text(en="pass", ja="通る")
_ERROR = Text(en="error {name}, exit status {status}", ja="エラー {name}、終了ステータス {status}")
_WHEN = Text(en="when: {words}", ja="条件: {words}")
_HARM = Text(en="harm: {words}", ja="影響: {words}")
_SAFER = Text(en="safer: {words}", ja="安全な方法: {words}")
_FACT = Text(en="rests on: {words}", ja="根拠: {words}")
_VERSIONS = Text(en="PostgreSQL {words}", ja="PostgreSQL {words}")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """NAME."""
    parser.add_argument("name", nargs="*", metavar="NAME", help=say(_NAME))


def run(context: Context) -> ExitStatus:
    """Prints one card, or the names of all of them; raises `NothingToExplain`."""
    wanted = " ".join(context.options.name)
    if not wanted:
        if context.wants_json:
            context.document({"names": _names()})
        else:
            context.print("\n".join(_names()))
        return ExitStatus.DONE
    lines = (
        _exit_status(context, wanted)
        or _lock(context, wanted)
        or _rule(context, wanted)
        or _command(context, wanted)
        or _error(context, wanted)
    )
    if not lines:
        raise NothingToExplain(name=wanted, known=", ".join(_near(wanted)))
    if context.wants_json:
        context.document({"name": wanted, "text": lines})
    else:
        context.print("\n".join(lines))
    return ExitStatus.DONE


def conditions(root: type[WatariError] = WatariError) -> list[type[WatariError]]:
    """Every class of the error tree that has a sentence."""
    import importlib

    import watari.errors
    from watari.late import modules

    for name in modules(watari.errors.__path__, "watari.errors."):
        importlib.import_module(name)  # the tree is known once its files are imported
    return [leaf for child in root.__subclasses__() for leaf in [child, *conditions(child)] if hasattr(leaf, "text")]


def _names() -> list[str]:
    from watari.risk.cards import cards

    return [
        *(card.id for card in cards()),
        *sorted(condition.name() for condition in conditions()),
        *(f"exit {int(status)}" for status in ExitStatus),
        *(str(mode) for mode in LockMode),
    ]


def _near(wanted: str) -> list[str]:
    import difflib

    return difflib.get_close_matches(wanted, _names(), n=3, cutoff=0.3) or [
        "index-blocking",
        "exit 5",
        "ACCESS EXCLUSIVE",
    ]


def _exit_status(context: Context, wanted: str) -> list[str]:
    number = wanted.removeprefix("exit").strip()
    if not number.isdigit() or int(number) not in list(ExitStatus):
        return []
    status = ExitStatus(int(number))
    return [context.say(_EXIT, number=int(status), meaning=STATUSES[status]())]


def _lock(context: Context, wanted: str) -> list[str]:
    mode = next((mode for mode in LockMode if str(mode) == wanted.upper().replace("-", " ").replace("_", " ")), None)
    if mode is None:
        return []
    others = ", ".join(str(other) for other in sorted(CONFLICTS[mode]))
    reads, writes = (_WAIT() if test(mode) else _PASS() for test in (blocks_reads, blocks_writes))
    return [context.say(_LOCK, mode=mode, reads=reads, writes=writes, others=others)]


def _rule(context: Context, wanted: str) -> list[str]:
    from watari.risk.cards import cards

    card = next((card for card in cards() if card.id == wanted), None)
    if card is None:
        return []
    return [
        f"{card.id}: {context.say(card.title)}",
        context.say(_WHEN, words=card.condition()),
        context.say(_HARM, words=card.harm()),
        context.say(_SAFER, words=card.safer()),
        context.say(_FACT, words=card.fact),
        context.say(_VERSIONS, words=card.versions),
    ]


def _command(context: Context, wanted: str) -> list[str]:
    """What the runbooks' commands of other tools do, and what watari does instead."""
    from watari.backup.restore import WHY_BESIDE
    from watari.errors.commands import ResolveTakesNothingBack

    if wanted.startswith("pg_restore"):
        return [context.say(WHY_BESIDE)]
    if "resolve" in wanted.split():
        return _error(context, ResolveTakesNothingBack.name())[1:]
    return []


def _error(context: Context, wanted: str) -> list[str]:
    condition = next((condition for condition in conditions() if condition.name() == wanted), None)
    if condition is None:
        return []
    words = condition.text.ja if context.language == "ja" else condition.text.en
    hint = condition.hint and (condition.hint.ja if context.language == "ja" else condition.hint.en)
    head = context.say(_ERROR, name=condition.name(), status=int(condition.status))
    return [head, words, *([hint] if hint else [])]


COMMAND = Command(
    summary=Text(
        en="the card of a rule, an error, an exit status or a lock mode",
        ja="ルール・エラー・終了ステータス・ロックモードを説明する",
    ),
    examples=(
        "watari explain index-blocking",
        "watari explain exit 5",
        "watari explain ACCESS EXCLUSIVE",
        "watari explain pg_restore",
    ),
    run=run,
    arguments=arguments,
)
