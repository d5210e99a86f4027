"""A change that a view or another table stands in the way of: the server refuses."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.alteration import views_with
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.loss import dependants_of
from watari.risk.situation import Situation
from watari.sql.grammar import choice, written_list

CARD = Card(
    id="compat-dependant-refuses",
    title=Text(
        en="Something depends on what is changed, and the server refuses",
        ja="依存するオブジェクトがあるためサーバーに拒否される",
    ),
    condition=Text(
        en="ALTER COLUMN TYPE of a column that a view shows, DROP of a column or table that views or foreign "
        "keys need, without CASCADE",
        ja="ビューが参照するカラムの ALTER COLUMN "
        "TYPE、またはビューや外部キーが必要とするカラム・テーブルの（CASCADE なしの）DROP の場合",
    ),
    harm=Text(
        en="The statement fails with 0A000 or 2BP01, and its transaction with it.",
        ja="文は 0A000 または 2BP01 エラーになり、トランザクション全体が失敗します。",
    ),
    fact="dependants of the live catalog; refusals measured on 15 and 18",
    safer=Text(
        en="In one transaction: drop the dependants, make the change, make them again with their grants.",
        ja="1 つのトランザクション内で依存オブジェクトを削除し、変更後に権限も含めて作り直します。",
    ),
)
KINDS = (
    "alter_table_stmt AT_AlterColumnType",
    "alter_table_stmt AT_DropColumn",
    "drop_stmt OBJECT_TABLE",
    "drop_stmt OBJECT_VIEW",
    "drop_stmt OBJECT_MATVIEW",
    "drop_stmt OBJECT_FOREIGN_TABLE",
)

_MESSAGE = Text(
    en="{names} depend on {object}: the server refuses this ({code}).",
    ja="{object} に {names} が依存しているため、サーバーに拒否されます（{code}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard for each object that others need."""
    found = _of_drop(situation) if situation.kind == "drop_stmt" else _of_columns(situation)
    for object, names, code in found:
        if names:
            message = _MESSAGE(object=object, names=", ".join(names), code=code)
            yield situation.hazard(CARD, Level.BLOCK, object, message, facts={"dependants": names})


def _of_columns(situation: Situation) -> Iterator[tuple[str, list[str], str]]:
    table = situation.target
    for command in situation.commands("AT_AlterColumnType"):
        views = [str(view) for view in views_with(situation.world, table, command.name)]
        yield f"{table}.{command.name}", views, "0A000"
    for command in situation.commands("AT_DropColumn"):
        if choice(command, "behavior") != "DROP_CASCADE":
            yield f"{table}.{command.name}", dependants_of(situation, table, command.name), "2BP01"


def _of_drop(situation: Situation) -> Iterator[tuple[str, list[str], str]]:
    node, world = situation.node, situation.world
    if choice(node, "behavior") == "DROP_CASCADE" or choice(node, "remove_type") not in _RELATIONS:
        return
    doomed = [world.resolve(written_list(item)) for item in node.objects]
    going = {str(name) for name in doomed}
    for name in doomed:
        names = [needed for needed in dependants_of(situation, name) if not _goes_too(needed, going)]
        yield str(name), names, "2BP01"


_RELATIONS = ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE")


def _goes_too(needed: str, going: set[str]) -> bool:
    """Whether a dependant is dropped by the same statement."""
    return needed in going or any(needed.startswith(f"{name}.") for name in going)
