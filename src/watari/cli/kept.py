"""What runs kept, one line each, with the commands that bring it back or let it go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from watari.locale import Text

if TYPE_CHECKING:
    from watari.catalog import KeptThing
    from watari.cli.context import Context

_KEPT = Text(
    en="kept: {what} as {place} since {since} (watari rollback, or watari release {run})",
    ja="保持中: {what} → {place}（{since} から。watari rollback で戻すか、watari release {run} で削除）",
)
_NAME = Text(
    en="kept: the old name {what} since {since} (watari rollback, or watari release {run})",
    ja="保持中: 旧名 {what}（{since} から。watari rollback で戻すか、watari release {run} で廃止）",
)
_ROWS = Text(en="deleted rows of {object}", ja="{object} の削除された行")
_VALUES = Text(en="values of {object} from before", ja="{object} の変更前の値")


def print_kept(context: Context, things: Iterable[KeptThing]) -> None:
    """Prints them."""
    for kept in (thing.kept for thing in things):
        since = f"{kept.kept_at.astimezone():%Y-%m-%d %H:%M}" if kept.kept_at else "-"
        words = {"rows": _ROWS, "values": _VALUES}.get(kept.kind.value)
        what = context.say(words, object=kept.object) if words else kept.object
        said = _NAME if kept.is_name else _KEPT
        context.print("  " + context.say(said, what=what, place=kept.place, since=since, run=kept.run))
