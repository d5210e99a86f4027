"""Event triggers run inside every DDL statement."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import earlier

CARD = Card(
    id="env-event-trigger",
    title=Text(en="Event triggers run with this migration", ja="イベントトリガーがこのマイグレーションで動く"),
    condition=Text(
        en=("the first DDL statement of a migration, where the database has event triggers that are on"),
        ja="有効なイベントトリガーのあるデータベースでの、マイグレーション最初の DDL 文の場合",
    ),
    harm=Text(
        en="They can refuse a statement, take locks or write rows, and nothing in the file tells.",
        ja="文を拒否したり、ロックを取ったり、行を書いたりしますが、ファイルからは分かりません。",
    ),
    fact="pg_event_trigger of the live database",
    safer=Text(en="Rehearse on a clone that has them.", ja="イベントトリガーのあるクローンでリハーサルします。"),
)
KINDS = (
    "create_stmt",
    "alter_table_stmt",
    "index_stmt",
    "drop_stmt",
    "rename_stmt",
    "view_stmt",
    "create_function_stmt",
    "create_trig_stmt",
    "create_seq_stmt",
    "create_schema_stmt",
    "create_enum_stmt",
    "alter_enum_stmt",
)

_MESSAGE = Text(
    en="{names} runs inside the statements of this migration; what it does is not judged here.",
    ja="このマイグレーションの文の中で {names} が動きます。その処理はここでは判定していません。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard a migration."""
    names = list(situation.world.event_triggers)
    names += [node.trigname for node in earlier(situation, "create_event_trig_stmt")]
    if names and not any(True for _ in earlier(situation, *KINDS)):
        yield situation.hazard(
            CARD, Level.WARN, names[0], _MESSAGE(names=", ".join(names)), facts={"event_triggers": names}
        )
