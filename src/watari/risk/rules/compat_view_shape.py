"""CREATE OR REPLACE VIEW that leaves out, reorders or renames a column: the server refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import TableKind
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import table_of
from watari.sql.grammar import body, strings

CARD = Card(
    id="compat-view-shape",
    title=Text(en="A view cannot be replaced by one of another shape", ja="形の異なるビューには置き換えられない"),
    condition=Text(
        en="CREATE OR REPLACE VIEW whose columns do not begin with those of the view that is there",
        ja="CREATE OR REPLACE VIEW のカラムが、既存ビューのカラムの並びで始まらない場合",
    ),
    harm=Text(
        en="The server refuses (42P16): columns may only be added at the end.",
        ja="サーバーがエラー（42P16）を返します。カラムは末尾への追加だけが可能です。",
    ),
    fact="42P16, measured on 15 and 18",
    safer=Text(
        en=("Add columns at the end; else DROP and CREATE in one transaction, with grants and comments again."),
        ja=("末尾に追加するか、1 つのトランザクションで DROP と CREATE を行い、権限とコメントも付け直します。"),
    ),
    level=Level.BLOCK,
)
KINDS = ("view_stmt",)

_MESSAGE = Text(
    en=("{view} has the columns {there}, and the new ones do not begin so: the server refuses (42P16)."),
    ja=("{view} のカラムは {there} です。新しい定義がこの並びで始まらないため拒否されます（42P16）。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard; a column whose name is not written, or a star, is passed over."""
    node = situation.node
    if not node.replace:
        return
    view = table_of(situation, situation.name(node.view))
    columns = strings(node.aliases) or _columns(node.query)
    if view is None or view.kind is not TableKind.VIEW or not view.columns or not columns:
        return
    there = tuple(column.name for column in view.columns)
    if columns[: len(there)] != there:
        message = _MESSAGE(view=view.name, there=", ".join(there))
        yield situation.hazard(CARD, Level.BLOCK, view.name, message)


def _columns(query: Any) -> tuple[str, ...]:
    """The names of the columns that a query gives; empty where one of them is not written."""
    kind, select = body(query)
    names = []
    for target in select.target_list if kind == "select_stmt" else ():
        inner_kind, inner = body(target.res_target.val)
        name = target.res_target.name
        if not name and inner_kind == "column_ref":
            last = inner.fields[-1]
            name = last.string.sval if last.WhichOneof("node") == "string" else ""
        if not name:
            return ()
        names.append(name)
    return tuple(names)
