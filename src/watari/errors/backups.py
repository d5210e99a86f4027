"""Out of reach: what a backup or a restore needs and cannot have. The live database was not changed."""

from __future__ import annotations

from watari.errors.reach import ReachError
from watari.locale import Text


class BackupFolderUnusable(ReachError):
    """The folder for backups cannot be made, read or written."""

    text = Text(
        en='backup folder "{folder}" cannot be used: {reason}',
        ja='バックアップフォルダー "{folder}" を使用できません: {reason}',
    )
    hint = Text(
        en="Give this user the right to write there, or set backup_dir to another folder.",
        ja="このユーザーに書き込み権限を付与するか、backup_dir に別のフォルダーを指定してください。",
    )


class RowsHidden(ReachError):
    """Row level security would hide rows from the dump, which would then be partial without a word."""

    text = Text(
        en='row level security hides rows of {tables} from role "{role}"',
        ja='行レベルセキュリティにより、ロール "{role}" には {tables} の一部の行が見えません',
    )
    hint = Text(
        en="Dump as the owner of these tables, as a superuser, or as a role with BYPASSRLS; a partial backup is not made.",
        ja="テーブルの所有者、スーパーユーザー、または BYPASSRLS を持つロールで取得してください。行の欠けたバックアップは作成しません。",
    )


class TablesLocked(ReachError):
    """Somebody holds an exclusive lock; the dump gave way instead of queueing."""

    text = Text(
        en="the dump gave way after {seconds} s of waiting for a lock; in the way: {holders}",
        ja="ロックを {seconds} 秒待っても取得できないため、ダンプを中止しました。保持者: {holders}",
    )
    hint = Text(
        en="Wait until that change is done and start again; nothing called a backup was left.",
        ja="該当の変更が終わってから再実行してください。不完全なバックアップは残っていません。",
    )


class DumpFailed(ReachError):
    """The tool that writes or reads backups failed."""

    text = Text(
        en='"{tool}" failed on "{source}": {reason}', ja='"{tool}" が "{source}" の処理に失敗しました: {reason}'
    )
    hint = Text(
        en="Correct what the tool names and start again; nothing called a backup was left.",
        ja="ツールが示す原因を取り除いて再実行してください。不完全なバックアップは残っていません。",
    )


class RestoreFailed(ReachError):
    """A backup could not be loaded into the database that was made beside."""

    text = Text(
        en='"{source}" cannot be restored into "{database}": {reason}',
        ja='"{source}" を "{database}" に復元できません: {reason}',
    )
    hint = Text(
        en="The live database was not touched, and the unfinished copy was dropped.",
        ja="稼働中のデータベースには触れていません。作成途中の複製は削除済みです。",
    )


class RestoreNotAllowed(ReachError):
    """The role may not create or rename databases."""

    text = Text(
        en='role "{role}" may not {action} on "{host}:{port}"',
        ja='ロール "{role}" には "{host}:{port}" で次の操作を行う権限がありません: {action}',
    )
    hint = Text(
        en="Use the database's owner with CREATEDB (ALTER ROLE ... CREATEDB), or a superuser.",
        ja="CREATEDB 属性を持つデータベース所有者（ALTER ROLE ... CREATEDB）またはスーパーユーザーで実行してください。",
    )


class SwapBlocked(ReachError):
    """The names cannot be swapped now; both databases stand as before."""

    text = Text(
        en='"{database}" cannot be swapped for the restored copy "{copy}": {reason}',
        ja='"{database}" を復元した複製 "{copy}" と入れ替えられません: {reason}',
    )
    hint = Text(
        en="Both stand as before; remove what is in the way, and swap again or drop the copy.",
        ja="どちらも元のままです。原因を取り除いてから再度入れ替えるか、複製を削除してください。",
    )


class BackupDamaged(ReachError):
    """A backup is not what its manifest says, so it is not restored."""

    text = Text(en='backup "{backup}" is damaged: {reason}', ja='バックアップ "{backup}" は壊れています: {reason}')
    hint = Text(
        en="Take another backup (watari backup list), or fetch this one again from where it was copied to.",
        ja="別のバックアップを使うか（watari backup list）、コピー先から取り直してください。",
    )
