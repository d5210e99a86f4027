"""`watari backup create|list|show|verify|stats|prune`: backups that restore."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.parsing import verbs_of
from watari.cli.progress import milliseconds
from watari.errors import ExitStatus
from watari.evidence import Backup, VerificationLevel
from watari.locale import Text

_VERBS = Text(en="what to do with backups", ja="バックアップの操作")
_WORDS = {
    "create": Text(en="dump, and restore it beside to prove it", ja="ダンプを取得し、別名で復元して検証する"),
    "list": Text(en="all backups of this database", ja="このデータベースのバックアップ一覧"),
    "show": Text(en="one backup's manifest", ja="マニフェストを表示する"),
    "verify": Text(en="prove a backup again", ja="バックアップを再検証する"),
    "stats": Text(en="count, size and age", ja="件数・容量・世代を集計する"),
    "prune": Text(en="remove old ones, and say why each is kept", ja="古いものを削除し、残す理由を示す"),
}
_EXAMPLES = (
    "watari backup create",
    "watari backup create --content all --format directory",
    "watari backup list --json",
    "watari backup show",
    "watari backup verify",
    "watari backup stats",
    "watari backup prune --keep 3",
)
_CONTENT = Text(
    en="full, schema or data (default full); all makes one of each",
    ja="full・schema・data（既定 full）。all は 3 種類すべて",
)
_FORMAT = Text(en="custom or directory (default custom)", ja="custom・directory（既定 custom）")
_COMPRESSION = Text(en="auto, zstd, gzip or none (default auto)", ja="auto・zstd・gzip・none（既定 auto）")
_JOBS = Text(en="parallel dumps, with the directory format", ja="並列数（directory 形式のみ）")
_NO_RESTORE = Text(
    en="do not restore it beside (the backup gate stays closed)",
    ja="復元検証を省略する（バックアップゲートは通らない）",
)
_ID = Text(
    en="a backup's id or its beginning; without: the newest", ja="バックアップ ID（先頭の一部でも可）。省略時は最新"
)
_KEEP = Text(en="keep the newest N (default 7)", ja="新しい順に N 件残す（既定 7）")
_DAYS = Text(en="keep what is younger than N days (default 30)", ja="N 日以内のものを残す（既定 30）")
_DRY = Text(en="say what would be removed, remove nothing", ja="削除対象を表示するだけで、削除しない")
_LEVELS = {
    VerificationLevel.EXISTS: Text(en="not verified", ja="未検証"),
    VerificationLevel.HASHED: Text(en="checksums match", ja="チェックサム一致"),
    VerificationLevel.READ: Text(en="read through", ja="全件読み取り済み"),
    VerificationLevel.RESTORED: Text(en="restored and compared", ja="復元・照合済み"),
}
_NONE = Text(en="no backups of {database} yet", ja="{database} のバックアップはありません")
_STATS = Text(
    en="{count} backups, {bytes} bytes; oldest {oldest}, newest {newest}; {sound} restored and compared",
    ja="{count} 件、{bytes} バイト。最古 {oldest}、最新 {newest}。復元・照合済み {sound} 件",
)


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """One verb of its own."""
    made = verbs_of(parser, say, _VERBS, _WORDS, _EXAMPLES)
    create = made["create"]
    create.add_argument("--content", choices=("full", "schema", "data", "all"), default="full", help=say(_CONTENT))
    create.add_argument("--format", choices=("custom", "directory"), default="custom", help=say(_FORMAT))
    create.add_argument(
        "--compression", choices=("auto", "zstd", "gzip", "none"), default="auto", help=say(_COMPRESSION)
    )
    create.add_argument("--jobs", type=int, default=2, metavar="N", help=say(_JOBS))
    create.add_argument("--no-restore", action="store_true", help=say(_NO_RESTORE))
    for name in ("show", "verify"):
        made[name].add_argument("id", nargs="?", metavar="ID", help=say(_ID))
    made["prune"].add_argument("--keep", type=int, default=7, metavar="N", help=say(_KEEP))
    made["prune"].add_argument("--days", type=int, default=30, metavar="N", help=say(_DAYS))
    made["prune"].add_argument("--dry-run", action="store_true", help=say(_DRY))


def run(context: Context) -> ExitStatus:
    """1 where a backup is not sound."""
    return _ACTIONS[context.options.verb](context)


def _create(context: Context) -> ExitStatus:
    options = context.options
    contents = ("full", "schema", "data") if options.content == "all" else (options.content,)
    made = [
        crossing.back_up(
            content=content,
            format=options.format,
            compression=options.compression,
            jobs=options.jobs,
            restore=not options.no_restore,
        )
        for crossing in context.crossings()
        for content in contents
    ]
    return _tell(context, made)


def _list(context: Context) -> ExitStatus:
    found = [backup for crossing in context.crossings() for backup in crossing.backups()]
    if not found and not context.wants_json:
        names = ", ".join(target.database for target in context.targets())
        context.print(context.say(_NONE, database=names))
        return ExitStatus.DONE
    _tell(context, found)
    return ExitStatus.DONE


def _show(context: Context) -> ExitStatus:
    from watari.project.plain import plain

    backup = context.crossing().backup(context.options.id)
    if context.wants_json:
        context.document(plain(backup))
        return ExitStatus.DONE
    _tell(context, [backup])
    for file in backup.files:
        context.print(f"    {file.sha256}  {file.bytes:>14,}  {file.path}")
    for table, rows in backup.rows.items():
        context.print(f"    {rows:>14,}  {table}")
    return ExitStatus.DONE


def _verify(context: Context) -> ExitStatus:
    return _tell(context, [context.crossing().verify_backup(context.options.id)])


def _stats(context: Context) -> ExitStatus:
    found = [backup for crossing in context.crossings() for backup in crossing.backups()]
    days = sorted(backup.started_at for backup in found)
    values: dict[str, object] = {
        "count": len(found),
        "bytes": sum(backup.bytes for backup in found),
        "oldest": days[0].isoformat(timespec="seconds") if days else None,
        "newest": days[-1].isoformat(timespec="seconds") if days else None,
        "sound": sum(backup.verified is VerificationLevel.RESTORED for backup in found),
    }
    if context.wants_json:
        context.document(values)
    else:
        shown = {
            **values,
            "bytes": f"{values['bytes']:,}",
            "oldest": values["oldest"] or "-",
            "newest": values["newest"] or "-",
        }
        context.print(context.say(_STATS, **shown))
    return ExitStatus.DONE


def _prune(context: Context) -> ExitStatus:
    options = context.options
    decisions = [
        decision
        for crossing in context.crossings()
        for decision in crossing.prune_backups(keep=options.keep, days=options.days, dry_run=options.dry_run)
    ]
    if context.wants_json:
        context.document(
            {"backups": [{"id": d.backup.id, "kept": d.kept, "reason": context.words(d.reason)} for d in decisions]}
        )
    for decision in () if context.wants_json else decisions:
        context.print(f"  {'=' if decision.kept else '-'} {decision.backup.id}  {context.words(decision.reason)}")
    return ExitStatus.DONE


def _tell(context: Context, backups: list[Backup]) -> ExitStatus:
    if context.wants_json:
        from watari.project.plain import plain

        context.document({"backups": plain(backups)})
    for backup in () if context.wants_json else backups:
        level = context.say(_LEVELS[backup.verified])
        words = f"{backup.content.value}, {backup.format.value}, {backup.compression}"
        context.print(f"{backup.id}  {backup.bytes:>14,} bytes  {words}  {milliseconds(backup.seconds)}  {level}")
        for finding in backup.findings:
            context.print(f"    ! {finding}")
    return ExitStatus.LOOK if any(backup.findings for backup in backups) else ExitStatus.DONE


_ACTIONS = {"create": _create, "list": _list, "show": _show, "verify": _verify, "stats": _stats, "prune": _prune}

COMMAND = Command(
    summary=Text(
        en="backups that restore: create, list, show, verify, stats, prune",
        ja="復元できるバックアップの作成・一覧・検証・整理",
    ),
    examples=_EXAMPLES,
    run=run,
    arguments=arguments,
    looks=Text(en="a backup is not sound", ja="健全でないバックアップがある"),
)
