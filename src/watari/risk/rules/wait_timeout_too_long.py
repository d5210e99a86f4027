"""A lock_timeout that is longer than the application can bear."""

from __future__ import annotations

import re
from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import commands_in, later
from watari.sql.grammar import choice, option_words

CARD = Card(
    id="wait-timeout-too-long",
    title=Text(en="lock_timeout is switched off or too long", ja="lock_timeout が無効または長すぎる"),
    condition=Text(
        en="SET lock_timeout to 0 or to more than two seconds, with no concurrent build after it",
        ja="SET lock_timeout が 0 または 2 秒超で、その後に CONCURRENTLY の処理がない場合",
    ),
    harm=Text(
        en="Everybody who wants the table waits behind the statement for that long.",
        ja="そのテーブルを使う処理がすべて、その時間だけ後ろで待たされます。",
    ),
    fact="the whole queue behind a waiting ACCESS EXCLUSIVE request stands, measured on 15 and 18",
    safer=Text(
        en="Tens to hundreds of milliseconds with retries; watari sets its own.",
        ja="数十〜数百ミリ秒とし、再試行します（watari は独自に設定します）。",
    ),
)
KINDS = ("variable_set_stmt",)

_MESSAGE = Text(
    en=("With lock_timeout {value} the application stands behind a waiting statement for as long as that."),
    ja="lock_timeout が {value} のため、待機中の文の後ろでアプリケーションがその時間止まります。",
)


_LONGEST = 2.0
_UNITS = {"us": 1e-6, "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "": 0.001}


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if node.name != "lock_timeout" or choice(node, "kind") != "VAR_SET_VALUE" or not node.args:
        return
    value = node.args[0].a_const
    text = value.sval.sval if value.WhichOneof("val") == "sval" else str(value.ival.ival)
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d|)\s*", text)
    seconds = float(found[1]) * _UNITS[found[2]] if found else None
    if seconds is None or 0 < seconds <= _LONGEST or _builds_concurrently(situation):
        return
    yield situation.hazard(
        CARD, Level.WARN, "lock_timeout", _MESSAGE(value=text), safer="SET LOCAL lock_timeout = '200ms';"
    )


def _builds_concurrently(situation: Situation) -> bool:
    builds = any(node.concurrent for node in later(situation, "index_stmt", "drop_stmt"))
    validates = any(
        True for node in later(situation, "alter_table_stmt") for _ in commands_in(node, "AT_ValidateConstraint")
    )
    return (
        builds
        or validates
        or any("concurrently" in option_words(node.params) for node in later(situation, "reindex_stmt"))
    )
