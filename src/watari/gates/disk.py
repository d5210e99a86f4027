"""The server's disk has room for what the plan writes."""

from __future__ import annotations

from watari.evidence.run import Direction
from watari.gates.facts import Facts
from watari.gates.gate import Gate, Permission, Refusal
from watari.locale import Text

_ROOM = Text(
    en="{free} MB are free on the server, the plan writes about {needed} MB",
    ja="サーバーの空きは {free} MB、計画の書き込みは約 {needed} MB です",
)
_UNKNOWN = Text(en="nobody can tell how much room the server has", ja="サーバーの空き容量は確認できません")
_SMALL = Text(
    en="{free} MB are free on the server, the plan writes about {needed} MB",
    ja="サーバーの空きは {free} MB ですが、計画の書き込みに約 {needed} MB 必要です",
)
_TODO = Text(
    en="Free space on the server's disk, or run the plan in parts with watari plan --to NAME.",
    ja="サーバーのディスクの空きを確保するか、watari plan --to 名前 で分割して実行してください。",
)


class Disk(Gate):
    """Closed where both numbers are known and the plan does not fit."""

    name = "disk"
    title = Text(en="disk", ja="ディスク")
    place = 60

    def check(self, facts: Facts) -> Permission | Refusal:
        needed, free = facts.needed_bytes, facts.free_bytes
        if needed is None or free is None:
            return self.open(facts, _UNKNOWN())
        figures = {"free": f"{free / 1_000_000:,.0f}", "needed": f"{needed / 1_000_000:,.0f}"}
        if facts.plan.direction is Direction.FORWARD and needed * facts.policy.disk_margin > free:
            return self.closed(facts, _SMALL(**figures), _TODO())
        return self.open(facts, _ROOM(**figures))
