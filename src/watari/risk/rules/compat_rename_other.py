"""A type, function, enum value or attribute gets another name."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import choice, strings, written_list

CARD = Card(
    id="compat-rename-other",
    title=Text(
        en="Renaming a type, function or enum value breaks running code",
        ja="型・関数・列挙値の名前変更で稼働中のコードが壊れる",
    ),
    condition=Text(
        en=(
            "RENAME of a type, domain, function, procedure, sequence, composite attribute or enum "
            "value that was there before"
        ),
        ja="既存の型・ドメイン・関数・プロシージャ・シーケンス・複合型の属性・列挙値を改名する場合",
    ),
    harm=Text(
        en=("Statements with the old name or the old literal fail from that moment on (42883, 42704, 22P02)."),
        ja="旧名や旧リテラルを使う SQL はその瞬間からエラーになります（42883、42704、22P02）。",
    ),
    fact="the old literal of an enum fails with 22P02, measured on 15 and 18",
    safer=Text(
        en="A new one beside it, code that knows both, then let go of the old one.",
        ja="新しいものを併設し、両方を扱えるコードを配備してから旧名をなくします。",
    ),
)
KINDS = (
    "rename_stmt",
    "alter_enum_stmt",
)

_MESSAGE = Text(
    en="Code that is running still says {old} and fails from the moment that it is called {new}.",
    ja="{old} が {new} に変わった瞬間から、旧名を使う稼働中のコードはエラーになります。",
)


_TYPES = (
    "OBJECT_TYPE",
    "OBJECT_DOMAIN",
    "OBJECT_FUNCTION",
    "OBJECT_PROCEDURE",
    "OBJECT_ROUTINE",
    "OBJECT_SEQUENCE",
    "OBJECT_ATTRIBUTE",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if situation.kind == "alter_enum_stmt":
        if node.old_val:
            old = ".".join((strings(node.type_name)[-1], node.old_val))
            yield situation.hazard(CARD, Level.WARN, old, _MESSAGE(old=node.old_val, new=node.new_val))
    elif choice(node, "rename_type") in _TYPES:
        old = _name(situation)
        yield situation.hazard(CARD, Level.WARN, old, _MESSAGE(old=old, new=node.newname))


def _name(situation: Situation) -> str:
    node = situation.node
    if node.HasField("object"):
        return str(situation.world.resolve(written_list(node.object)))
    name = str(situation.target)
    return f"{name}.{node.subname}" if node.subname else name
