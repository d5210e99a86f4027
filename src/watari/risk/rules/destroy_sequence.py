"""A sequence that begins again, or goes, gives keys that are taken."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import dropped
from watari.sql.grammar import option_words, written

CARD = Card(
    id="destroy-sequence",
    title=Text(en="A sequence is set back or dropped", ja="シーケンスを巻き戻す、または削除する"),
    condition=Text(
        en=("DROP SEQUENCE, ALTER SEQUENCE … RESTART, TRUNCATE … RESTART IDENTITY of a sequence that was there before"),
        ja=("既存シーケンスの DROP SEQUENCE、ALTER SEQUENCE … RESTART、TRUNCATE … RESTART IDENTITY の場合"),
    ),
    harm=Text(
        en=(
            "The next INSERTs get keys that are taken and fail, or rows elsewhere that named the old "
            "ones now mean others."
        ),
        ja=("次の INSERT が使用済みのキーを得て失敗するか、旧キーを指す他の行が別の行を指すようになります。"),
    ),
    fact="manual, ALTER SEQUENCE; last_value of the live sequence",
    safer=Text(
        en="SELECT setval('…', (SELECT max(key) FROM …)), after a look at what there is.",
        ja="現在の最大値を確認し、SELECT setval('…', (SELECT max(キー) FROM …)) を使います。",
    ),
)
KINDS = ("drop_stmt OBJECT_SEQUENCE", "alter_seq_stmt", "truncate_stmt")

_BACK = Text(
    en="{name} stands at {last} and begins again: the next keys are taken already.",
    ja="{name} は現在 {last} です。巻き戻すと次のキーが使用済みになります。",
)
_GONE = Text(
    en="{name} is dropped at {last}; one that is made again begins at 1.",
    ja="{name}（現在 {last}）が削除されます。作り直すと 1 から始まります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a sequence."""
    for name in _set_back(situation):
        sequence = situation.world.sequence(name)
        if not situation.old(name) or (situation.world.known and sequence is None):
            continue
        last = sequence.last_value if sequence else None
        facts = {"last_value": last, "owned_by": sequence.owned_by} if sequence else {}
        words = _GONE if situation.kind == "drop_stmt" else _BACK
        yield situation.hazard(
            CARD, Level.WARN, name, words(name=name, last="?" if last is None else last), facts=facts
        )


def _set_back(situation: Situation) -> Iterator[Name]:
    node, world = situation.node, situation.world
    if situation.kind == "drop_stmt":
        yield from dropped(situation, "OBJECT_SEQUENCE")
    elif situation.kind == "truncate_stmt":
        for item in node.relations if node.restart_seqs else ():
            table = situation.name(item.range_var)
            if not world.is_empty(table):
                yield from (sequence.name for sequence in world.sequences_of(table))
    else:
        name = world.resolve(written(node.sequence))
        sequence = world.sequence(name)
        to = option_words(node.options).get("restart")
        last = sequence.last_value if sequence else None
        forward = to is not None and to.isdigit() and last is not None and int(to) > last
        if to is not None and not forward:
            yield name
