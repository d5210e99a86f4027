"""The parts of sentences that many hazards share: who waits, how long, how much there is."""

from __future__ import annotations

from collections.abc import Mapping

from watari.catalog import LockMode, blocks_reads
from watari.locale import Message, Text

__all__ = ["amount", "duration", "lasting", "size", "who"]

_WRITERS = Text(en="writers", ja="書き込み")
_EVERYBODY = Text(en="readers and writers", ja="読み書き")

_ROWS = Text(en="about {rows} rows, {size}", ja="約 {rows} 行・{size}")
_BYTES = Text(en="{size}, never analysed", ja="{size}・統計情報なし")
_ABSENT = Text(en="this database does not have it yet", ja="現在このデータベースには未作成")
_NOTHING_KNOWN = Text(en="size unknown", ja="サイズ不明")

_AT_LEAST = Text(en="for at least {time}", ja="少なくとも {time}")
_ABOUT = Text(en="for about {time}", ja="約 {time}")
_AS_LONG = Text(en="for as long as that takes", ja="その処理が終わるまで")
_SECONDS = Text(en="{number} s", ja="{number} 秒")
_MINUTES = Text(en="{number} min", ja="{number} 分")
_HOURS = Text(en="{number} h", ja="{number} 時間")

_UNITS = ("B", "kB", "MB", "GB", "TB")


def who(lock: LockMode | None) -> Message:
    """Who waits for a lock of this mode."""
    return _EVERYBODY() if lock is None or blocks_reads(lock) else _WRITERS()


def size(count: int) -> str:
    """Bytes as people read them: `1.2 GB`."""
    number, unit = float(count), 0
    while number >= 1_000 and unit < len(_UNITS) - 1:
        number, unit = number / 1_000, unit + 1
    return f"{number:.0f} {_UNITS[unit]}" if number >= 10 or unit == 0 else f"{number:.1f} {_UNITS[unit]}"


def duration(seconds: float) -> Message:
    """A time as people read it."""
    if seconds < 90:
        return _SECONDS(number=f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}")
    if seconds < 5_400:
        return _MINUTES(number=f"{seconds / 60:.0f}")
    return _HOURS(number=f"{seconds / 3_600:.1f}")


def amount(facts: Mapping[str, object]) -> Message:
    """How much there is, of the facts of a hazard."""
    held, rows = facts.get("bytes"), facts.get("rows")
    if facts.get("absent"):
        return _ABSENT()
    if not isinstance(held, int):
        return _NOTHING_KNOWN()
    if isinstance(rows, int):
        return _ROWS(rows=f"{rows:,}", size=size(held))
    return _BYTES(size=size(held))


def lasting(facts: Mapping[str, object]) -> Message:
    """How long others wait, of the facts of a hazard."""
    seconds = facts.get("seconds")
    if not isinstance(seconds, float) or seconds < 0.05:
        return _AS_LONG()
    return (_ABOUT if "scan_bytes_per_second" in facts else _AT_LEAST)(time=duration(seconds))
