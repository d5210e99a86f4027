"""A comment to watari that allows nothing, because it names no rule that there is or gives no reason."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Message, Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.remarks import Remark, remarks_of

CARD = Card(
    id="allow-refused",
    title=Text(en="An allowance that is not accepted", ja="許可コメントが無効"),
    condition=Text(
        en="a comment `-- watari: …` without a reason, with a rule that does not exist, behind its statement, or that is not `allow … because …`",
        ja="`-- watari: …` コメントに理由がない、存在しないルール名を指定している、文の後ろにある、または `allow … because …` の形式でない場合",
    ),
    harm=Text(
        en="It allows nothing. An allowance without a reason tells the next reader nothing.",
        ja="何も許可されません。理由のない許可は、後から読む人に何も伝えません。",
    ),
    fact="watari's own rule: who allows a hazard says why",
    safer=Text(
        en="-- watari: allow RULE because REASON, on a line before the statement.",
        ja="文の前の行に「-- watari: allow ルール名 because 理由」と記述します。",
    ),
    level=Level.BLOCK,
)
KINDS = ("* remarks",)

_NO_REASON = Text(
    en="This comment gives no reason, so that it allows nothing. Write: -- watari: allow {rules} because REASON.",
    ja="理由がないため、このコメントでは何も許可されません。「-- watari: allow {rules} because 理由」と記述してください。",
)
_NO_RULE = Text(
    en='There is no rule "{name}", so that this comment allows nothing. Near it: {near}.',
    ja='"{name}" というルールはないため、このコメントでは何も許可されません。近い名前: {near}。',
)
_MISPLACED = Text(
    en='"{text}" stands inside or behind its statement, so that it allows nothing. Put it on a line of its own before it.',
    ja='"{text}" は文の途中または後ろにあるため、何も許可されません。文の前の独立した行に移してください。',
)
_NOT_READ = Text(
    en='"{text}" cannot be read, so that it allows nothing. Write: -- watari: allow RULE because REASON.',
    ja='"{text}" を解釈できないため、何も許可されません。「-- watari: allow ルール名 because 理由」と記述してください。',
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a comment."""
    for remark in remarks_of(situation.statement):
        message = _complaint(remark)
        if message is not None:
            yield situation.hazard(CARD, Level.BLOCK, ", ".join(remark.rules) or "watari:", message)
    for text in situation.statement.misplaced:
        yield situation.hazard(CARD, Level.BLOCK, "watari:", _MISPLACED(text=text[:60]))


def _complaint(remark: Remark) -> Message | None:
    from watari.risk.registry import unknown

    if not remark.rules:
        return _NOT_READ(text=remark.text[:60])
    for name in unknown(remark.rules):
        return _NO_RULE(name=name, near=_near(name))
    return None if remark.reason else _NO_REASON(rules=", ".join(remark.rules))


def _near(name: str) -> str:
    from difflib import get_close_matches

    from watari.risk.cards import cards

    ids = [card.id for card in cards()]
    return ", ".join(get_close_matches(name.replace("_", "-"), ids, n=3, cutoff=0.3)) or ids[0]
