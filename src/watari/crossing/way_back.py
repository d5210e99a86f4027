"""The way back: which migrations, by which way, and what it costs. Going it is `running.roll_back`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from watari.locale import Message, Text

if TYPE_CHECKING:
    from watari.evidence import Backup
    from watari.planning.plan import Loss, Plan

_LOSS = {
    "table": Text(en="table {object} with about {rows} rows", ja="テーブル {object}（約 {rows} 行）"),
    "column": Text(en="column {object}, filled in about {rows} rows", ja="カラム {object}（約 {rows} 行の値）"),
    "rows": Text(en="about {rows} rows of {object}", ja="{object} の約 {rows} 行"),
}
_UNKNOWN = Text(en="an unknown number of", ja="不明な数の")
_RESTORE = Text(
    en="By restoring backup {backup} beside and swapping the names; the database of now is kept under another name.",
    ja="バックアップ {backup} を別名で復元し、名前を入れ替えます。現在のデータベースは別名で残ります。",
)
_SINCE = Text(
    en="everything written since {since}: {table} had {then} rows and has {now}",
    ja="{since} 以降の書き込みすべて: {table} は {then} 行から {now} 行に変化",
)
_SINCE_ALL = Text(en="everything written since {since}", ja="{since} 以降の書き込みすべて")


@dataclass(frozen=True, kw_only=True)
class WayBack:
    """One way back: a plan, or a backup where no plan leads there; `losses` and `notes` are for the person who decides."""

    migrations: tuple[str, ...]  # ids, newest first
    plan: Plan | None = None
    backup: Backup | None = None
    losses: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()


def describe_loss(loss: Loss) -> Message:
    """One loss of a plan as words for people."""
    rows = f"{loss.rows:,}" if loss.rows is not None else _UNKNOWN()
    return _LOSS[loss.kind](object=loss.object, rows=rows)
