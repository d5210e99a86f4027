"""A comment to watari that allows what nobody found: it hides the next mistake."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.remarks import Remark

CARD = Card(
    id="allow-unused",
    title=Text(en="An allowance that allows nothing", ja="不要な許可コメント"),
    condition=Text(
        en="a comment `-- watari: allow RULE because …` before a statement in which that rule found nothing",
        ja="`-- watari: allow ルール名 because …` の直後の文で、そのルールの指摘がない場合",
    ),
    harm=Text(
        en="It reads as if there were a danger here, and it would hide one that comes later.",
        ja="危険があるかのように読め、後から生じた本当のリスクを隠してしまいます。",
    ),
    fact="watari's own rule: an allowance stands where it is needed",
    safer=Text(en="Take the comment out.", ja="コメントを削除します。"),
)

_MESSAGE = Text(
    en="The comment allows {rules}, and nothing of that kind was found here. Take it out.",
    ja="このコメントは {rules} を許可していますが、該当する指摘はありません。削除してください。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """Nothing: what is needed is known when every other rule has spoken (`unused`)."""
    yield from ()


def unused(situation: Situation, remark: Remark, needed: int) -> Iterator[Hazard]:
    """At most one hazard, where none of the hazards found (`needed`) is of a rule that the comment allows."""
    from watari.risk.registry import unknown

    if not needed and not unknown(remark.rules):
        rules = ", ".join(remark.rules)
        yield situation.hazard(CARD, Level.WARN, rules, _MESSAGE(rules=rules))
