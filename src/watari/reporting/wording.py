"""Numbers, times and sizes as people read them, the same in both languages; and what several faces say alike."""

from __future__ import annotations

from datetime import datetime

from watari.evidence.application import Change
from watari.locale import Text

#: What each proof of a rehearsal claims.
PROOFS = {
    "up": Text(en="the plan runs to its end", ja="計画が最後まで実行できる"),
    "down": Text(en="the way back restores the schema", ja="戻すとスキーマが元どおりになる"),
    "up_again": Text(en="up again ends in the same schema", ja="再適用で同じスキーマになる"),
    "resumed": Text(
        en="stopped anywhere and started again, it ends the same",
        ja="途中で止めて再開しても同じ状態で終わる",
    ),
    "application": Text(
        en="every statement of the application is still understood",
        ja="アプリケーションの SQL がすべて引き続き実行できる",
    ),
    "once": Text(en="running it again changes nothing", ja="再実行しても何も変わらない"),
}

#: What became of a statement of the application.
CHANGES = {
    Change.FAILS: Text(
        en="FAILS since step {step}: {detail}",
        ja="ステップ {step} 以降エラー: {detail}",
    ),
    Change.LACKS: Text(
        en="FAILS since step {step}: the INSERT gives no value to {detail}, which is required",
        ja="ステップ {step} 以降エラー: 必須カラム {detail} に値が指定されていません",
    ),
    Change.RESULT: Text(
        en="returns other columns since step {step} ({detail}): prepared statements of open sessions fail once, reconnect the pool",
        ja="ステップ {step} 以降、結果の列が変わります（{detail}）。既存セッションのプリペアド文は一度エラーになるため、プールの再接続が必要です",
    ),
    Change.PARAMETERS: Text(
        en="takes parameters of another type since step {step} ({detail}): clients that send typed values must be rebuilt",
        ja="ステップ {step} 以降、引数の型が変わります（{detail}）。型を指定して送るクライアントは対応が必要です",
    ),
    Change.COSTLIER: Text(
        en="costs more since step {step} ({detail})", ja="ステップ {step} 以降、推定コストが増えます（{detail}）"
    ),
}

_UNITS = ("B", "kB", "MB", "GB", "TB")


def duration(seconds: float | None) -> str:
    """`0.4 ms`, `12 ms`, `3.4 s`, `2 min 05 s`, `1 h 12 min`; a dash for nothing."""
    if seconds is None:
        return "–"
    if seconds < 0.0095:
        return f"{seconds * 1000:.1f} ms" if seconds else "0 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min"


def size(count: float | None) -> str:
    """`512 B`, `3.4 MB` (powers of 1000); a dash for nothing."""
    if count is None:
        return "–"
    for unit in _UNITS:
        if abs(count) < 999.5 or unit == _UNITS[-1]:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return ""


def count(value: float | None) -> str:
    """`1,234,567`; a dash for nothing."""
    return "–" if value is None else f"{value:,.0f}"


def moment(at: datetime | None) -> str:
    """`2026-11-21 08:30:15 +09:00`; a dash for nothing."""
    if at is None:
        return "–"
    offset = at.strftime("%z")
    zone = "UTC" if offset in ("", "+0000") else f"{offset[:3]}:{offset[3:]}"
    return f"{at:%Y-%m-%d %H:%M:%S} {zone}"


def server(version: int | None) -> str:
    """`PostgreSQL 18.6` of 180006."""
    return f"PostgreSQL {version // 10000}.{version % 10000}" if version else "PostgreSQL"


def short(sha256: str | None) -> str:
    """The first twelve digits, enough to name a plan or a commit."""
    return (sha256 or "")[:12] or "–"


def one_line(sql: str, limit: int = 110) -> str:
    """The beginning of a statement, for a table."""
    line = " ".join(sql.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
