"""NOT IN over a query that can give NULL: no row ever matches then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, LiteralString

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.compose import composed
from watari.sql.grammar import body, choice, messages, strings

CARD = Card(
    id="data-not-in-null",
    title=Text(en="NOT IN over a query that can give NULL", ja="NULL を返しうるサブクエリへの NOT IN"),
    condition=Text(
        en="NOT IN (SELECT column …) where that column may be NULL",
        ja="NOT IN (SELECT カラム …) のカラムが NULL を許す場合",
    ),
    harm=Text(
        en="As soon as the query gives one NULL, NOT IN is true for no row: nothing is found, updated or "
        "deleted, without an error.",
        ja="サブクエリが 1 つでも NULL を返すと NOT IN はどの行でも真にならず、エラーなしで 0 件になります。",
    ),
    fact="SQL, three-valued logic; manual, Subquery Expressions, NOT IN",
    safer=Text(
        en="NOT EXISTS (SELECT 1 FROM … WHERE … = …), which NULL does not disturb.",
        ja="NULL の影響を受けない NOT EXISTS (SELECT 1 FROM … WHERE … = …) を使います。",
    ),
)
KINDS = ("delete_stmt", "update_stmt", "select_stmt", "insert_stmt")

_MESSAGE = Text(
    en="If {column} of {table} is NULL in one row, this NOT IN matches nothing, without an error.",
    ja="{table} の {column} に 1 行でも NULL があると、この NOT IN はエラーなしで 1 件も一致しません。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard for each such query."""
    for column, table in _negated(messages(situation.node)):
        name = situation.name(table)
        found = situation.world.table(name)
        known = found.column(column) if found else None
        if known is not None and known.not_null:
            continue
        message = _MESSAGE(column=column, table=name)
        yield situation.hazard(CARD, Level.WARN, f"{name}.{column}", message, safer=_safer(situation, column, table))


def _negated(parts: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Column and table of `NOT IN (SELECT column FROM table …)`."""
    for part in parts:
        if part.DESCRIPTOR.name != "BoolExpr" or choice(part, "boolop") != "NOT_EXPR":
            continue
        kind, link = body(part.args[0])
        if kind != "sub_link" or choice(link, "sub_link_type") != "ANY_SUBLINK" or link.oper_name:
            continue
        select = link.subselect.select_stmt
        column, source = _only_column(select), select.from_clause
        if (
            column
            and len(source) == 1
            and source[0].WhichOneof("node") == "range_var"
            and not _excludes_null(select, column)
        ):
            yield column, source[0].range_var


def _only_column(select: Any) -> str | None:
    if len(select.target_list) != 1:
        return None
    kind, inner = body(select.target_list[0].res_target.val)
    return strings(inner.fields)[-1] if kind == "column_ref" and strings(inner.fields) else None


def _excludes_null(select: Any, column: str) -> bool:
    """Whether the query itself says `column IS NOT NULL`."""
    return any(
        part.DESCRIPTOR.name == "NullTest"
        and choice(part, "nulltesttype") == "IS_NOT_NULL"
        and part.arg.WhichOneof("node") == "column_ref"
        and strings(part.arg.column_ref.fields)[-1:] == (column,)
        for part in messages(select)
    )


def _safer(situation: Situation, column: str, table: Any) -> str:
    name = situation.name(table)
    template: LiteralString = "… WHERE NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.{column} = …)"
    return composed(template, table=name, column=column)
