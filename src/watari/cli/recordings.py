"""A recording for people: the statements with what they locked, rewrote and read, then the relations, the strongest lock first."""

from __future__ import annotations

from collections.abc import Iterator

from watari.cli.context import Context
from watari.cli.progress import milliseconds
from watari.evidence.effect import Effect
from watari.evidence.recording import Ending, RecordedStatement, Recording, Seen, by_relation
from watari.locale import Text
from watari.reporting.wording import one_line

_SHOWN = 60
_HEAD = Text(
    en="{statements} statements in {transactions} transactions over {connections} sessions, {seconds}",
    ja="{statements} 文、{transactions} トランザクション、{connections} セッション、{seconds}",
)
_MORE = Text(en="  … and {count} more that only read or set (--json has all)", ja="  ほか {count} 文（全件は --json）")
_RELATIONS = Text(en="locks on what was there before, the strongest first:", ja="既存オブジェクトへのロック（強い順）:")
_HELD = Text(en="{lock} held for {seconds}", ja="{lock} を {seconds} 保持")
_AT_LEAST = Text(en="at least {lock} (seen from outside)", ja="{lock} 以上（外部からの観測）")
_REWRITES = Text(en="rewritten", ja="書き換え")
_SCANS = Text(en="read through", ja="全件読み取り")
_ROWS = Text(en="{rows} rows written", ja="{rows} 行を変更")
_DESTROYS = Text(en="destroyed: {what}", ja="削除: {what}")
_MADE = Text(en="made", ja="作成")
_ROLLED_BACK = Text(en="rolled back", ja="ロールバック")
_GROUP = Text(en="(of the last {count} statements)", ja="（直前 {count} 文のいずれか）")
_WAITED = Text(en="waited: {what}", ja="待機: {what}")
_TEMPORARY = Text(en="temporary files: {megabytes} MB", ja="一時ファイル: {megabytes} MB")
_VOID = Text(en="VOID: {reason}", ja="無効: {reason}")


def print_recording(context: Context, recording: Recording) -> None:
    """Everything worth a line."""
    facts = {
        "statements": len(recording.statements),
        "transactions": sum(1 for _ in recording.transactions()),
        "connections": recording.connections,
        "seconds": milliseconds(recording.seconds),
    }
    context.print(context.say(_HEAD, **facts))
    told = [each for each in recording.statements if _worth_a_line(each)]
    for statement in told[:_SHOWN]:
        for line in _lines(context, statement):
            context.print(line)
    if rest := len(recording.statements) - min(len(told), _SHOWN):
        context.print(context.say(_MORE, count=rest))
    _print_relations(context, recording)
    if recording.temporary_bytes:
        context.print(context.say(_TEMPORARY, megabytes=recording.temporary_bytes >> 20))
    for reason in recording.void:
        context.print(f"  ! {context.say(_VOID, reason=reason)}")


def _worth_a_line(statement: RecordedStatement) -> bool:
    if statement.effects or statement.error or statement.notices or statement.seen is not Seen.ALONG:
        return True
    return bool(statement.tag) and not statement.quiet


def _lines(context: Context, statement: RecordedStatement) -> Iterator[str]:
    words = one_line(statement.sql)
    ended = f"  [{context.say(_ROLLED_BACK)}]" if statement.ending is Ending.ROLLED_BACK else ""
    yield f"  {statement.number:4} {milliseconds(statement.seconds):>9}  {words}{ended}"
    for effect in statement.effects:
        group = f" {context.say(_GROUP, count=statement.group)}" if statement.group > 1 else ""
        yield f"                    {effect.relation}: {', '.join(_facts(context, effect))}{group}"
    for what in statement.waited_for:
        yield f"                    {context.say(_WAITED, what=what)}"
    if statement.error:
        yield f"                  ! {statement.error.code} {statement.error.message}"


def _facts(context: Context, effect: Effect) -> Iterator[str]:
    if effect.created:
        yield context.say(_MADE)
        return
    if effect.lock and effect.sampled:
        yield context.say(_AT_LEAST, lock=effect.lock)
    elif effect.lock:
        yield context.say(_HELD, lock=effect.lock, seconds=milliseconds(effect.seconds))
    if effect.rewrite:
        yield context.say(_REWRITES)
    if effect.scan:
        yield context.say(_SCANS)
    if effect.rows:
        yield context.say(_ROWS, rows=f"{effect.rows:,}")
    if effect.destroys:
        yield context.say(_DESTROYS, what=effect.destroys)


def _print_relations(context: Context, recording: Recording) -> None:
    found = by_relation(recording)
    if not found:
        return
    context.print(context.say(_RELATIONS))
    for each in found[:_SHOWN]:
        context.print(f"  {each.effect.relation}: {', '.join(_facts(context, each.effect))}")
