"""A new value of an enum that running code decodes."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import strings

CARD = Card(
    id="compat-enum-value",
    title=Text(en="A new enum value meets code that does not know it", ja="コードが知らない列挙値が増える"),
    condition=Text(
        en="ALTER TYPE … ADD VALUE of an enum that was there before",
        ja="既存の列挙型に ALTER TYPE … ADD VALUE する場合",
    ),
    harm=Text(
        en="Code with a closed list of values fails when it reads the first such row.",
        ja="値の一覧が固定されたコードは、その値の行を最初に読んだ時点で失敗します。",
    ),
    fact="pg_enum; generated clients decode into closed types",
    safer=Text(
        en="First the release that can read the value, then the one that writes it.",
        ja="新しい値を読めるリリースを先に、書くリリースを後に配備します。",
    ),
    level=Level.INFO,
)
KINDS = ("alter_enum_stmt",)

_MESSAGE = Text(
    en="{type} can be {value} from here on; every release that reads it has to know.",
    ja="以後 {type} は {value} になりえます。読み取るリリースの対応が必要です。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    name = strings(node.type_name)[-1]
    if node.old_val or not node.new_val or (situation.world.known and _absent(situation, name)):
        return
    yield situation.hazard(CARD, Level.INFO, name, _MESSAGE(type=name, value=node.new_val))


def _absent(situation: Situation, name: str) -> bool:
    """Whether the type is not there, or was made by these migrations."""
    catalog = situation.world.catalog
    return catalog is None or not any(known.name == name for known in catalog.types)
