"""A run stands in a named state; starting the same command again continues it."""

from __future__ import annotations

from watari.errors.base import ExitStatus, WatariError
from watari.locale import Text


class RunStopped(WatariError):
    """A run ended before its last step."""

    status = ExitStatus.STOPPED
    text = Text(
        en='run {run} stopped at step "{step}": {reason}',
        ja='実行 {run} はステップ "{step}" で停止しました: {reason}',
    )
    hint = Text(
        en="Every finished step is recorded; the same command continues from here.",
        ja="完了したステップは記録済みです。同じコマンドを再実行すると続きから再開します。",
    )


class RunInterrupted(RunStopped):
    """A person or the system stopped the run."""

    status = ExitStatus.INTERRUPTED
    text = Text(
        en='run {run} was interrupted at step "{step}"',
        ja='実行 {run} はステップ "{step}" で中断されました',
    )


class Interrupted(WatariError):
    """Ctrl-C while nothing was being changed."""

    status = ExitStatus.INTERRUPTED
    text = Text(en="interrupted; nothing was changed", ja="中断しました。データベースには何も変更していません")


class DeploymentAwaited(RunStopped):
    """Another version of the application must be out before the next step; nobody has said yet that it is."""

    text = Text(
        en='run {run} waits at step "{step}" for a deployment: {application}',
        ja='実行 {run} はステップ "{step}" でデプロイを待っています: {application}',
    )
    hint = Text(
        en="Old and new code work until then, for days if need be. When it is out: watari apply --deployed (or cross). "
        "To go back to where the run began: watari rollback --run {run}.",
        ja="それまでは新旧どちらのコードも動作し、数日そのままでも問題ありません。デプロイが済んだら watari apply --deployed（または cross）、"
        "実行前に戻すには watari rollback --run {run} を実行してください。",
    )


class StatementFailed(RunStopped):
    """The server refused a statement; its transaction was rolled back."""

    text = Text(
        en='run {run} stopped at step "{step}", {place}: {reason}',
        ja='実行 {run} はステップ "{step}" ({place}) で停止しました: {reason}',
    )
    hint = Text(
        en="The step was rolled back and finished steps are recorded; remove the cause and run the same command again, "
        "or go back with watari rollback --run {run}.",
        ja="このステップは取り消され、完了したステップは記録済みです。原因を取り除いて同じコマンドを再実行するか、"
        "watari rollback --run {run} で戻してください。",
    )


class ServerSpent(RunStopped):
    """The server has no disk, no memory or no connection left; what was under way was rolled back."""

    text = Text(
        en='run {run} stopped at step "{step}", {place}: the server is short of resources: {reason}',
        ja='実行 {run} はステップ "{step}" ({place}) で停止しました。サーバーの資源不足です: {reason}',
    )
    hint = Text(
        en="Nothing of the step is left, its space is given back. Make room on the server, then run the same command again.",
        ja="このステップは取り消され、使用した領域は解放されます。サーバーの空きを確保してから同じコマンドを再実行してください。",
    )


class ApplicationSuffers(RunStopped):
    """The canary gave bad answers several times in a row; what was under way was cancelled."""

    text = Text(
        en='run {run} stopped at step "{step}", because the application suffers: {complaint}',
        ja='実行 {run} はステップ "{step}" で停止しました。アプリケーションに影響が出ています: {complaint}',
    )
    hint = Text(
        en="What was under way was cancelled and rolled back, finished steps stay. Once the application is well, the same "
        "command continues; what counts as suffering is set by canary_limit and canary_failures.",
        ja="処理中の文はキャンセルして取り消し、完了したステップは残っています。アプリケーションの回復後、同じコマンドで"
        "再開できます。判定基準は canary_limit と canary_failures です。",
    )


class StandbyBehind(RunStopped):
    """A standby did not catch up within the budget."""

    text = Text(
        en='run {run} stopped before step "{step}": standby "{standby}" is {seconds} s behind',
        ja='実行 {run} はステップ "{step}" の前で停止しました: スタンバイ "{standby}" が {seconds} 秒遅れています',
    )
    hint = Text(
        en="Let it catch up (pg_stat_replication shows it) and run the same command again, or raise replica_lag in the policy.",
        ja="pg_stat_replication で追いつくのを確認してから同じコマンドを再実行するか、ポリシーの replica_lag を緩めてください。",
    )


class RoomMissing(RunStopped):
    """The server's disk has too little room for the next step, which has not begun."""

    text = Text(
        en='run {run} stopped before step "{step}": it needs about {needed} MB in {place}, {free} MB are free',
        ja='実行 {run} はステップ "{step}" の前で停止しました: {place} に約 {needed} MB 必要ですが、空きは {free} MB です',
    )
    hint = Text(
        en="Make room on the server, then run the same command again; finished steps stay. Where the estimate is wrong, "
        "set disk_margin in the policy lower (0: not looked at).",
        ja="サーバーの空きを確保してから同じコマンドを再実行してください（完了したステップは残ります）。見積もりが実態と合わない"
        "場合は、ポリシーの disk_margin を下げてください（0 は確認しない）。",
    )


class MemorySpent(RunStopped):
    """The machine that watari runs on, or a limit set on it, gives no more memory."""

    text = Text(
        en='run {run} stopped at step "{step}": this machine has no memory left for it',
        ja='実行 {run} はステップ "{step}" で停止しました: 実行端末のメモリが不足しています',
    )
    hint = Text(
        en="The step under way was rolled back or is settled by the next start; raise the limit (ulimit -v, the container's), "
        "then run the same command again.",
        ja="処理中のステップは取り消されるか、次回の開始時に確認されます。制限（ulimit -v、コンテナ）を緩めてから"
        "同じコマンドを再実行してください。",
    )


class OutOfTime(RunStopped):
    """A statement took longer than the policy lets one of its kind take; its transaction was rolled back."""

    text = Text(
        en='run {run} stopped at step "{step}", {place}: longer than {seconds} s: {reason}',
        ja='実行 {run} はステップ "{step}" ({place}) で停止しました: {seconds} 秒を超えました: {reason}',
    )
    hint = Text(
        en="The step was rolled back. Raise {setting} in the policy if so much time is right, and run the same command again.",
        ja="このステップは取り消されました。必要な時間であればポリシーの {setting} を延ばし、同じコマンドを再実行してください。",
    )


class PatienceSpent(RunStopped):
    """Others held the locks for longer than the policy lets a step wait."""

    text = Text(
        en='run {run} stopped at step "{step}": no lock within {seconds} s, in the way: {blockers}',
        ja='実行 {run} はステップ "{step}" で停止しました: {seconds} 秒以内にロックを取得できませんでした。保持者: {blockers}',
    )
    hint = Text(
        en="Wait for those sessions or end them (SELECT pg_terminate_backend(pid); or terminate in the policy), then run the "
        "same command again; it continues from this step.",
        ja="該当セッションの終了を待つか、SELECT pg_terminate_backend(pid) やポリシーの terminate で終了させてから、同じコマンドを"
        "再実行してください。このステップから再開します。",
    )


class BackfillHeldUp(RunStopped):
    """What a backfill has to spare did not recover within the budget; every batch so far stays."""

    text = Text(
        en='run {run} stopped in the backfill of step "{step}" after waiting for {seconds} s: {reason}',
        ja='実行 {run} はステップ "{step}" のバックフィル中、{seconds} 秒待っても改善しないため停止しました: {reason}',
    )
    hint = Text(
        en="Every batch so far is recorded. Remove the cause, then run the same command again; it goes on from the last batch. "
        "The limits are those of the policy whose names begin with backfill_.",
        ja="完了したバッチは記録済みです。原因を取り除いて同じコマンドを再実行すると、最後のバッチの続きから再開します。"
        "上限はポリシーの backfill_ で始まる項目です。",
    )


class BlockerRefused(RunStopped):
    """Somebody is in the way for whom the policy does not wait."""

    text = Text(
        en='run {run} stopped at step "{step}": the policy does not wait for {blocker}',
        ja='実行 {run} はステップ "{step}" で停止しました: ポリシーにより待機しない相手です: {blocker}',
    )
    hint = Text(
        en="Nothing of the step is left. Start the same command again when it is gone, or take its kind out of give_up_on.",
        ja="このステップは何も残していません。相手の終了後に同じコマンドを再実行するか、give_up_on からその種別を外してください。",
    )


class OvertakenByOthers(RunStopped):
    """A framework whose runner takes no lock has applied the migration while watari was about to."""

    text = Text(
        en='run {run} stopped at step "{step}": migration "{migration}" was applied meanwhile by {framework} itself',
        ja='実行 {run} はステップ "{step}" で停止しました: マイグレーション "{migration}" は {framework} 自身により先に適用されました',
    )
    hint = Text(
        en="Nothing was done twice. Make sure that no deployment runs {framework} now, see watari status, and go back or on "
        "with watari rollback --run {run} or a new plan.",
        ja="二重の適用はありません。{framework} を実行中のデプロイがないことを確認し、watari status で状態を見たうえで、"
        "watari rollback --run {run} または新しい計画で進めてください。",
    )


class BuildStopped(RunStopped):
    """A concurrent build did not come to its end within its tries or its time."""

    text = Text(
        en='run {run} stopped at step "{step}" after {attempts} attempts: {reason}',
        ja='実行 {run} はステップ "{step}" を {attempts} 回試行して停止しました: {reason}',
    )
    hint = Text(
        en="Nothing half-built is left to be skipped: the same command drops what is invalid and builds it again.",
        ja="作りかけのものがスキップされることはありません。同じコマンドを再実行すると、無効なものを削除して作り直します。",
    )


class BackfillUnproven(RunStopped):
    """Rows without the new value keep coming, or cannot be reached."""

    text = Text(
        en='run {run} stopped at step "{step}": {left} rows of "{table}" still lack the value',
        ja='実行 {run} はステップ "{step}" で停止しました: "{table}" の {left} 行にまだ値が入っていません',
    )
    hint = Text(
        en="Something keeps writing rows that match {where}; stop it or correct it, then run the same command again.",
        ja="{where} に該当する行が書き込まれ続けています。書き込み元を止めるか修正してから、同じコマンドを再実行してください。",
    )


class CommandFailed(RunStopped):
    """The framework's own command failed, or its history does not show what it said."""

    text = Text(
        en='run {run} stopped at step "{step}": the command of "{framework}" ended with {code}: {reason}',
        ja='実行 {run} はステップ "{step}" で停止しました: "{framework}" のコマンドが終了コード {code} で終わりました: {reason}',
    )
    hint = Text(
        en="Its output is in the log; its history does not hold the migration, so the same command tries it again.",
        ja="出力はログにあります。履歴に記録されていないため、同じコマンドを再実行するともう一度試行します。",
    )


class CommandElsewhere(RunStopped):
    """A tool that only counts would take another migration than the step's."""

    text = Text(
        en='run {run} stopped at step "{step}": "{framework}" would take "{taken}" now, not "{migration}"; nothing was started',
        ja='実行 {run} はステップ "{step}" で停止しました: "{framework}" が次に処理するのは "{migration}" ではなく "{taken}" です'
        "（コマンドは実行していません）",
    )
    hint = Text(
        en="Its own command takes migrations in its list's order only: go by watari status, and leave none out.",
        ja="フレームワークのコマンドは一覧の順にしか処理できません。watari status で順序を確認し、途中を飛ばさないでください。",
    )


class CommandMissing(RunStopped):
    """A step runs the framework's own command, and the framework has none."""

    text = Text(
        en='run {run} stopped at step "{step}": "{framework}" has no command for migration "{migration}"',
        ja='実行 {run} はステップ "{step}" で停止しました: "{framework}" にはマイグレーション "{migration}" を実行するコマンドがありません',
    )
    hint = Text(
        en="Check that the framework's own tool is installed where the project says (setting python).",
        ja="フレームワークのツールが、設定 python の示す環境に導入されているか確認してください。",
    )


class RunCutOff(RunStopped):
    """The connection was lost in the middle of a step."""

    text = Text(
        en='run {run} lost its connection at step "{step}": {reason}',
        ja='実行 {run} はステップ "{step}" で接続を失いました: {reason}',
    )
    hint = Text(
        en="The server finishes or rolls back what was under way; the same command finds out which, and continues.",
        ja="処理中だったものはサーバー側で確定または取り消されます。同じコマンドを再実行すると、結果を確認して再開します。",
    )


class RestoreDiffers(WatariError):
    """A restored copy is not what its manifest says; the live database stands untouched."""

    status = ExitStatus.STOPPED
    text = Text(
        en='backup "{backup}" was restored as "{copy}" and differs: {first}',
        ja='バックアップ "{backup}" を "{copy}" に復元しましたが、内容が一致しません: {first}',
    )
    hint = Text(
        en="Nothing was swapped. Look at the copy, and choose another backup with watari backup list.",
        ja="入れ替えは行っていません。復元先を確認し、watari backup list で別のバックアップを選んでください。",
    )


class CommandInterrupted(RunStopped):
    """A guarded command was stopped by a person or the system."""

    status = ExitStatus.INTERRUPTED
    text = Text(
        en='the command "{command}" was interrupted; its statements on the server were cancelled',
        ja='コマンド "{command}" を中断しました。サーバーで実行中の文はキャンセル済みです',
    )
    hint = Text(
        en="Ask the framework's own status how far it came, or watari status.",
        ja="どこまで進んだかは、フレームワーク自身の status か watari status で確認してください。",
    )


class CommandHarms(RunStopped):
    """A guarded command was stopped, because the canary gave bad answers several times in a row."""

    text = Text(
        en='the command "{command}" was stopped, because the application suffers: {complaint}',
        ja='コマンド "{command}" を停止しました。アプリケーションに影響が出ています: {complaint}',
    )
    hint = Text(
        en="Its statements on the server were cancelled, and it was ended. Ask the framework's own status how far it came; "
        "what counts as suffering is set by canary_limit and canary_failures.",
        ja="サーバー上の文はキャンセルし、コマンドを終了させました。どこまで進んだかはフレームワーク自身の status で確認して"
        "ください。判定基準は canary_limit と canary_failures です。",
    )


class RecordingVoid(RunStopped):
    """A look of the recorder failed in the session of the framework's own tool."""

    text = Text(
        en='the rehearsal of step "{step}" of run {run} is void: the recorder lost its footing in the tool\'s session ({reason})',
        ja='実行 {run} のステップ "{step}" のリハーサルは無効です。ツールのセッション内で記録に失敗しました（{reason}）',
    )
    hint = Text(
        en="Nothing that was recorded may be relied upon; something in the migration throws prepared statements away unseen.",
        ja="記録された内容は信頼できません。マイグレーション内でプリペアドステートメントが破棄されています。",
    )
