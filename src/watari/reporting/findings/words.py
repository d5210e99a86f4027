"""The words that several forms of findings share."""

from __future__ import annotations

from collections.abc import Iterator

from watari.evidence import Blocks
from watari.locale import Message, Text
from watari.risk.hazard import Allowance, Hazard, Judgement, Level

__all__ = [
    "ALLOWANCES",
    "ALLOWED",
    "BY_POLICY",
    "LEVELS",
    "NO_FACTS",
    "SAFER",
    "UNREADABLE",
    "UNSEEN",
    "allowance",
    "allowed_by",
    "around",
    "known",
    "tally",
]

LEVELS = {
    Level.BLOCK: Text(en="BLOCK", ja="要対応"),
    Level.WARN: Text(en="warn", ja="警告"),
    Level.INFO: Text(en="info", ja="情報"),
}
NO_FACTS = Text(
    en="No database was at hand: judged from the text alone, without sizes, dependants or activity.",
    ja="データベースに接続していないため、SQL の文面だけで判定しました（サイズ・依存関係・稼働状況は未確認）。",
)
UNSEEN = Text(
    en="not judged, because only the framework itself can run them: {names}. What they lock is known from a rehearsal only.",
    ja="SQL として表示できず、判定していないもの（フレームワーク自身が実行）: {names}。ロックの影響はリハーサルで確認できます。",
)
UNREADABLE = Text(en="unknown, because it cannot be read: {error}", ja="判定不能（解析できません）: {error}")
SAFER = Text(en="safer:", ja="安全な方法:")
ALLOWED = Text(en="allowed: {reason}", ja="許可済み: {reason}")
ALLOWANCES = Text(en="Allowed in the files:", ja="ファイル内の許可:")
_ALLOWANCE = Text(en="{rules}: {reason} ({hazards} hazards)", ja="{rules}: {reason}（リスク {hazards} 件）")
_UNNEEDED = Text(
    en="{rules}: {reason} (nothing was found here: take it out)", ja="{rules}: {reason}（該当なし。削除してください）"
)
BY_POLICY = Text(en="allowed by the environment's policy", ja="環境のポリシーで許可済み")
_SUMMARY = Text(
    en="{statements} statements: {work} make others wait for work, {moment} for a moment; {hazards} hazards, {blocking} blocking",
    ja="文 {statements} 件: 処理の間ずっと待たせるもの {work} 件、一瞬待たせるもの {moment} 件。リスク {hazards} 件（要対応 {blocking} 件）",
)
_USED_BY = Text(en="used by: {names}{more}", ja="利用しているもの: {names}{more}")
_MORE = Text(en=" and {count} more", ja=" ほか {count} 件")
_QUERIES = Text(
    en="application queries that name it: {count}, the most frequent {calls} times: {query}",
    ja="参照するアプリケーションのクエリ: {count} 種類、最多は {calls} 回: {query}",
)
#: So many users and letters of a query are shown.
_SHOWN, _LONGEST = 6, 120
_KNOWN = Text(
    en="{count} hazards of the baseline are not shown.",
    ja="ベースラインに記録済みのリスク {count} 件は表示していません。",
)


def tally(judgement: Judgement) -> Message:
    """How many statements there are, what they make others wait for, and how many hazards."""
    blocks = [judged.effects.blocks for judged in judgement.statements]
    return _SUMMARY(
        statements=len(blocks),
        work=blocks.count(Blocks.WORK),
        moment=blocks.count(Blocks.MOMENT),
        hazards=len(judgement.new),
        blocking=sum(hazard.level is Level.BLOCK for hazard in judgement.new),
    )


def known(judgement: Judgement) -> Message | None:
    """How many hazards a baseline keeps out of sight; None where it keeps none."""
    count = len(judgement.hazards) - len(judgement.new)
    return _KNOWN(count=count) if count else None


def around(hazard: Hazard) -> Iterator[Message]:
    """Who has to do with the object: what depends on it, and which of the application's queries name it."""
    users = hazard.facts.get("used_by")
    if isinstance(users, list):
        more = len(users) - _SHOWN
        yield _USED_BY(names=", ".join(map(str, users[:_SHOWN])), more=_MORE(count=more) if more > 0 else "")
    queries = hazard.facts.get("queries")
    if isinstance(queries, list) and queries:
        first = queries[0]
        text = " ".join(str(first["query"]).split())
        shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        yield _QUERIES(count=hazard.facts.get("queries_naming_it"), calls=f"{first['calls']:,}", query=shown)


def allowance(allowed: Allowance) -> Message:
    """What a comment in a file allows, why, and whether it was needed."""
    text = _ALLOWANCE if allowed.hazards else _UNNEEDED
    return text(rules=", ".join(allowed.rules), reason=allowed.reason, hazards=allowed.hazards)


def allowed_by(hazard: Hazard) -> Message | None:
    """Who allows a hazard, and why; None where nobody does."""
    reason = hazard.facts.get("allowed")
    if reason is None:
        return None
    return BY_POLICY() if reason == "policy" else ALLOWED(reason=reason)
