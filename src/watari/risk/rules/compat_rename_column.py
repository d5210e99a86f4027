"""RENAME COLUMN: code that is running fails at once."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import OWN_PREFIX, Situation
from watari.sql.grammar import choice

CARD = Card(
    id="compat-rename-column",
    title=Text(en="A column gets another name under running code", ja="稼働中のコードが参照するカラムの名前が変わる"),
    condition=Text(
        en="RENAME COLUMN on a table or view that was there before",
        ja="既存のテーブルやビューに RENAME COLUMN を実行する場合",
    ),
    harm=Text(
        en="Every statement of the release that is running and names the column fails with 42703 from that moment.",
        ja="稼働中のリリースでこのカラムを参照する文は、その瞬間から 42703 エラーになります。",
    ),
    fact="ACCESS EXCLUSIVE for a moment; views follow, function texts do not, measured on 15 and 18",
    safer=Text(
        en="watari apply keeps the old name: a second column, equal by a trigger in both directions, until the new release "
        "is out. By hand likewise, or by a view with both names, through which COPY, TRUNCATE and GROUP BY a key fail.",
        ja="watari apply は、新リリースの展開まで旧名を 2 つ目のカラムとして残し、トリガーで双方向に同期します。"
        "手作業でも同様にするか、両方の名前を持つビューを使います (COPY、TRUNCATE、キーだけの GROUP BY は不可)。",
    ),
)
KINDS = ("rename_stmt",)

_MESSAGE = Text(
    en="Code that is running still names {column} of {table} and fails from the moment that it is called {new}.",
    ja="{table} の {column} が {new} に変わった瞬間から、旧名を参照する稼働中のコードはエラーになります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if choice(node, "rename_type") != "OBJECT_COLUMN" or not node.HasField("relation"):
        return
    table = situation.target
    own = node.subname.startswith(OWN_PREFIX) or node.newname.startswith(OWN_PREFIX)
    if not own and situation.old(table):
        message = _MESSAGE(column=node.subname, table=table, new=node.newname)
        yield situation.hazard(CARD, Level.WARN, f"{table}.{node.subname}", message, facts=situation.size_facts(table))
