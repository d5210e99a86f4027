"""CASCADE drops what nobody named."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.loss import dependants_of
from watari.risk.situation import Situation
from watari.risk.surroundings import dropped
from watari.sql.grammar import choice

CARD = Card(
    id="destroy-cascade",
    title=Text(en="CASCADE takes along what the statement does not name", ja="CASCADE で名前のないものまで削除される"),
    condition=Text(
        en="DROP … CASCADE of an object that others depend on",
        ja="他のオブジェクトに依存されているものを DROP … CASCADE する場合",
    ),
    harm=Text(
        en="Views, foreign keys and whatever hangs on them vanish without being asked about.",
        ja="ビューや外部キーなど、ぶら下がるものが確認なしに消えます。",
    ),
    fact="pg_depend; manual, Dependency Tracking",
    safer=Text(
        en="DROP without CASCADE, with each dependant dropped by name before it.",
        ja="依存しているものを名前で先に削除し、CASCADE なしで DROP します。",
    ),
)
KINDS = ("drop_stmt",)

_MESSAGE = Text(
    en="With {object} goes what depends on it, without another question: {names}.",
    ja="{object} とともに {names} も確認なしに削除されます。",
)


_RELATIONS = ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE")


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an object that has dependants; without a database they are not known."""
    if choice(situation.node, "behavior") != "DROP_CASCADE":
        return
    going = set(dropped(situation, *_RELATIONS))
    for name in sorted(going):
        if not situation.old(name):
            continue
        names = [found for found in _closure(situation, name) if name_of(found) not in going]
        if names:
            message = _MESSAGE(object=name, names=", ".join(names))
            yield situation.hazard(CARD, Level.WARN, name, message, facts={"dependants": names})


def _closure(situation: Situation, name: Name) -> list[str]:
    """What goes along: views on views too."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        for other in dependants_of(situation, waiting.pop()):
            view = name_of(other)
            if other not in found and view is not None:
                found[other] = None
                if situation.world.table(view) is not None:
                    waiting.append(view)
    return list(found)
