"""The plan was made for this database as it is now."""

from __future__ import annotations

from watari.gates.facts import Facts
from watari.gates.gate import Gate, Permission, Refusal
from watari.locale import Text

_SAME = Text(
    en="the database is the one that the plan was made for ({fingerprint})",
    ja="データベースは計画作成時の状態と一致しています（{fingerprint}）",
)
_RESUMED = Text(
    en="run {run} is continued from where its journal stands", ja="実行 {run} をジャーナルの位置から再開します"
)
_UNKNOWN = Text(en="nobody has read the database", ja="データベースの状態が読み取られていません")
_OTHER = Text(
    en="the schema has changed since the plan was made (then {then}, now {now})",
    ja="計画の作成後にスキーマが変わっています（作成時 {then}、現在 {now}）",
)
_OTHER_DATABASE = Text(
    en='the plan is for database "{planned}", this is "{database}"',
    ja='計画の対象はデータベース "{planned}" ですが、接続先は "{database}" です',
)
_TODO = Text(
    en="Make a new plan with watari plan, look at it, and run that.",
    ja="watari plan で計画を作り直し、内容を確認してから実行してください。",
)
_SHOWN = 12


class Fingerprint(Gate):
    """Closed where the database, or its schema, is another than the plan's."""

    name = "fingerprint"
    title = Text(en="plan and database", ja="計画とデータベース")
    place = 30

    def check(self, facts: Facts) -> Permission | Refusal:
        named = facts.named or facts.database
        if named and named != facts.plan.database:
            reason = _OTHER_DATABASE(planned=facts.plan.database, database=named)
            return self.closed(facts, reason, _TODO())
        if facts.resumes:
            return self.open(facts, _RESUMED(run=facts.resumes))
        if facts.fingerprint is None:
            return self.closed(facts, _UNKNOWN(), _TODO())
        if facts.fingerprint != facts.plan.fingerprint:
            then, now = facts.plan.fingerprint[:_SHOWN], facts.fingerprint[:_SHOWN]
            return self.closed(facts, _OTHER(then=then, now=now), _TODO())
        return self.open(facts, _SAME(fingerprint=facts.fingerprint[:_SHOWN]))
