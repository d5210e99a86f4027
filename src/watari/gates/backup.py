"""A backup of this database is there that is known to restore, and is young enough."""

from __future__ import annotations

from collections.abc import Iterator

from watari.evidence.backup import Backup, BackupContent, VerificationLevel
from watari.evidence.run import Direction
from watari.gates.facts import Facts
from watari.gates.gate import Gate, Permission, Refusal
from watari.locale import Message, Text

_SOUND = Text(
    en="backup {id} was restored and compared, {age} old", ja="バックアップ {id} は復元・照合済みです（{age} 前）"
)
_NOT_ASKED = Text(en="the policy asks for no backup", ja="ポリシーはバックアップを要求していません")
_BACK = Text(en="a way back is not held up by a backup", ja="戻す操作にバックアップは要求しません")
_RESUMED = Text(en="run {run} is continued", ja="実行 {run} の再開です")
_NONE = Text(
    en='there is no backup of database "{database}"', ja='データベース "{database}" のバックアップがありません'
)
_PARTIAL = Text(
    en="backup {id} is not of everything ({content})", ja="バックアップ {id} は全体ではありません（{content}）"
)
_ANOTHER = Text(en="backup {id} is of another server", ja="バックアップ {id} は別のサーバーのものです")
_OTHER_DATABASE = Text(
    en='backup {id} is of database "{database}"', ja='バックアップ {id} はデータベース "{database}" のものです'
)
_UNPROVED = Text(en="backup {id} has not been restored and compared", ja="バックアップ {id} は復元・照合されていません")
_OLD = Text(
    en="backup {id} is {age} old, the policy allows {limit}",
    ja="バックアップ {id} は {age} 前のもので、ポリシーの上限 {limit} を超えています",
)
_FUTURE = Text(
    en="backup {id} is dated in the future, so its age is unknown",
    ja="バックアップ {id} の日時が未来のため、経過時間を判断できません",
)
_CREATE = Text(
    en="Make one with watari backup create; it is restored beside and compared at once.",
    ja="watari backup create で取得してください。続けて別名で復元・照合されます。",
)
_VERIFY = Text(en="Prove it with watari backup verify {id}.", ja="watari backup verify {id} で検証してください。")


class BackupGate(Gate):
    """Closed, where the policy asks for it, without a full backup of this database on this server that was restored and
    compared and is younger than `backup_max_age`."""

    name = "backup"
    title = Text(en="backup", ja="バックアップ")
    place = 50
    opened_on_the_way = True

    def check(self, facts: Facts) -> Permission | Refusal:
        if facts.plan.direction is Direction.BACK:
            return self.open(facts, _BACK())
        if facts.resumes:
            return self.open(facts, _RESUMED(run=facts.resumes))
        newest_first = sorted(facts.backups, key=lambda backup: backup.started_at, reverse=True)
        for backup in newest_first:
            if next(_wanting(backup, facts), None) is None:
                reason = _SOUND(id=backup.id, age=_span(_age(backup, facts)))
                return self.open(facts, reason, subject=backup.id)
        if not facts.policy.require_backup:
            return self.open(facts, _NOT_ASKED())
        if not newest_first:
            return self.closed(facts, _NONE(database=facts.database or facts.plan.database), _CREATE())
        nearest = min(newest_first, key=lambda backup: len(list(_wanting(backup, facts))))
        first = next(_wanting(nearest, facts))
        todo = _VERIFY(id=nearest.id) if first.text is _UNPROVED else _CREATE()
        return self.closed(facts, first, todo)


def _wanting(backup: Backup, facts: Facts) -> Iterator[Message]:
    """Everything that keeps this backup from opening the gate."""
    if backup.database != (facts.database or facts.plan.database):
        yield _OTHER_DATABASE(id=backup.id, database=backup.database)
    known = (backup.system_identifier, facts.system_identifier)
    if None not in known and known[0] != known[1]:
        yield _ANOTHER(id=backup.id)
    if backup.content is not BackupContent.FULL:
        yield _PARTIAL(id=backup.id, content=backup.content.value)
    age = _age(backup, facts)
    if age < 0:
        yield _FUTURE(id=backup.id)
    if age > facts.policy.backup_max_age:
        yield _OLD(id=backup.id, age=_span(age), limit=_span(facts.policy.backup_max_age))
    if backup.verified is not VerificationLevel.RESTORED:
        yield _UNPROVED(id=backup.id)


def _age(backup: Backup, facts: Facts) -> float:
    return (facts.at - backup.started_at).total_seconds()


def _span(seconds: float) -> str:
    """`40 s`, `12 min`, `5.5 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
