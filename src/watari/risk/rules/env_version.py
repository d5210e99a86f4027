"""Syntax that the server does not have yet."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="env-version",
    title=Text(en="The server is too old for this statement", ja="サーバーのバージョンが古く実行できない"),
    condition=Text(
        en="VIRTUAL columns, NOT ENFORCED, NOT NULL … NOT VALID before 18, SET EXPRESSION before 17",
        ja=("18 より前の VIRTUAL 列・NOT ENFORCED・NOT NULL … NOT VALID、17 より前の SET EXPRESSION の場合"),
    ),
    harm=Text(
        en="The server refuses (42601) and the migration stops there.",
        ja="サーバーがエラー（42601）を返し、マイグレーションはそこで止まります。",
    ),
    fact="release notes of 17 and 18; server_version_num of the live server",
    safer=Text(
        en="The form that this server has, as watari explain shows for the rule behind it.",
        ja="このサーバーで使える形に書き換えます。",
    ),
    versions="14-17",
    level=Level.BLOCK,
)
KINDS = (
    "alter_table_stmt AT_SetExpression",
    "alter_table_stmt AT_AddConstraint",
    "alter_table_stmt AT_AddColumn",
    "create_stmt",
)

_MESSAGE = Text(
    en="{form} is there since PostgreSQL {since}; this server is {version} and refuses it.",
    ja="{form} は PostgreSQL {since} 以降の機能です。このサーバー（{version}）では拒否されます。",
)

#: Since then every form that is told here is known.
_NEWEST = 18


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a form."""
    if not situation.world.known or situation.world.major >= _NEWEST:
        return
    for form, since in _forms(situation):
        if situation.world.major < since:
            message = _MESSAGE(form=form, since=since, version=situation.world.major)
            yield situation.hazard(CARD, Level.BLOCK, form, message)


def _forms(situation: Situation) -> Iterator[tuple[str, int]]:
    if any(situation.commands("AT_SetExpression")):
        yield "SET EXPRESSION", 17
    for kind, part in situation.constraints:
        if kind == "CONSTR_GENERATED" and part.generated_kind == "v":
            yield "VIRTUAL", 18
        elif kind in ("CONSTR_CHECK", "CONSTR_FOREIGN") and not part.is_enforced:
            yield "NOT ENFORCED", 18
        elif kind == "CONSTR_NOTNULL" and part.skip_validation:
            yield "NOT NULL … NOT VALID", 18
