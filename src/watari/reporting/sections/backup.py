"""The copy that the way back rests on, and how far it has been proved."""

from __future__ import annotations

from watari.evidence.backup import BackupContent, VerificationLevel
from watari.locale import Text
from watari.reporting.blocks import Block, Chapter, Facts, Prose, Section, Tone, badge, code, text
from watari.reporting.report import Report
from watari.reporting.wording import count, duration, moment, server, size

_TITLE = Text(en="Backup", ja="バックアップ")
_LEVELS = {
    VerificationLevel.EXISTS: (Text(en="not verified", ja="未検証"), Tone.BAD),
    VerificationLevel.HASHED: (Text(en="files have their hashes", ja="ハッシュ照合済み"), Tone.WARN),
    VerificationLevel.READ: (Text(en="read through and counted", ja="全件読み取り済み"), Tone.WARN),
    VerificationLevel.RESTORED: (Text(en="restored beside and compared", ja="復元して照合済み"), Tone.GOOD),
}
_CONTENTS = {
    BackupContent.FULL: Text(en="schema and data", ja="スキーマとデータ"),
    BackupContent.SCHEMA: Text(en="schema only", ja="スキーマのみ"),
    BackupContent.DATA: Text(en="data only", ja="データのみ"),
}
_ID = Text(en="backup", ja="バックアップ ID")
_VERIFIED = Text(en="verified", ja="検証")
_MADE = Text(en="made", ja="取得")
_MADE_AT = Text(en="{at}, in {seconds}", ja="{at}（{seconds}）")
_HOLDS = Text(en="holds", ja="内容")
_HOLDS_IT = Text(en="{content}: {tables} tables, {rows} rows", ja="{content}: {tables} テーブル、{rows} 行")
_SIZE = Text(en="size", ja="サイズ")
_SIZE_IS = Text(en="{size}, {format} format, {compression}", ja="{size}（{format} 形式、{compression}）")
_SERVER = Text(en="server", ja="サーバー")
_SERVER_IS = Text(en="{server}, dumped with {client}", ja="{server}（取得ツール {client}）")
_WHERE = Text(en="folder", ja="保存先")
_POINT = Text(en="log position", ja="WAL 位置")


def make(report: Report) -> Section | None:
    """Facts of the manifest; what verification could not cover, in words."""
    backup = report.backup
    if backup is None:
        return None
    level, tone = _LEVELS[backup.verified]
    holds = _HOLDS_IT(
        content=_CONTENTS[backup.content](), tables=count(len(backup.rows)), rows=count(sum(backup.rows.values()))
    )
    kind = {"format": backup.format.value, "compression": backup.compression or "–"}
    facts = Facts(
        pairs=(
            (_ID(), code(backup.id)),
            (_VERIFIED(), badge(level(), tone)),
            (_MADE(), text(_MADE_AT(at=moment(backup.started_at), seconds=duration(backup.seconds)))),
            (_HOLDS(), text(holds)),
            (_SIZE(), text(_SIZE_IS(size=size(backup.bytes), **kind))),
            (_SERVER(), text(_SERVER_IS(server=server(backup.server_version), client=backup.client_version))),
            (_POINT(), text(backup.lsn or "–")),
            (_WHERE(), code(backup.folder or "–")),
        )
    )
    blocks: tuple[Block, ...] = (facts, *(Prose(words=finding, tone=Tone.WARN) for finding in backup.findings))
    return Section(id="backup", title=_TITLE(), blocks=blocks)


CHAPTER = Chapter(order=80, make=make)
