"""A gate is closed: something that must hold before a run does not. Nothing was changed."""

from __future__ import annotations

from watari.errors.base import ExitStatus, WatariError
from watari.locale import Text


class GateRefused(WatariError):
    """One gate refused; `reason` says what does not hold, `todo` what opens it."""

    status = ExitStatus.GATE
    text = Text(en='gate "{gate}" refused: {reason}', ja='ゲート "{gate}" を通過できません: {reason}')
    hint = Text(en="{todo}", ja="{todo}")


class PrecheckFailed(GateRefused):
    """Rows are there that would make a later step fail; nothing was changed."""

    text = Text(
        en="a later step would fail: {failures}",
        ja="後のステップが失敗する行があります: {failures}",
    )
    hint = Text(
        en="Correct these rows first; the first of them: {query}",
        ja="先に該当行を修正してください。確認用クエリ: {query}",
    )


class RunUnfinished(GateRefused):
    """Another plan stands half-way on this database."""

    text = Text(
        en='database "{database}" stands in the middle of run {run} (plan {unfinished}), not of plan {plan}',
        ja='データベース "{database}" では別の実行 {run} (プラン {unfinished}) が途中です。指定されたプランは {plan} です',
    )
    hint = Text(
        en="Finish it with watari apply (it continues the plan in the journal), or take it back with watari rollback --run {run}.",
        ja="watari apply で最後まで進めるか (ジャーナルのプランを続けます)、watari rollback --run {run} で戻してください。",
    )


class PlanOutdated(GateRefused):
    """The database is no longer the one that the plan was made for."""

    text = Text(
        en='plan {plan} was made for another state of database "{database}"',
        ja='計画 {plan} の作成後にデータベース "{database}" のスキーマが変わっています',
    )
    hint = Text(
        en="Make a new plan with watari plan, look at it, and run that.",
        ja="watari plan で計画を作り直し、内容を確認してから実行してください。",
    )


class StandingInTheWay(GateRefused):
    """Files and history disagree in a way that has to be settled first."""

    text = Text(
        en='database "{database}" cannot be taken further, {count} to look at: {first}',
        ja='データベース "{database}" は先に進めません（要確認 {count} 件）: {first}',
    )
    hint = Text(en="watari status shows all of them.", ja="watari status ですべて確認できます。")


class OnlyItsOwnTool(GateRefused):
    """A pending migration has no SQL, and watari has no command that runs it alone."""

    text = Text(
        en='watari cannot run migration "{migration}" of "{framework}" and nothing was begun: {reason}',
        ja='watari は "{framework}" のマイグレーション "{migration}" を実行できません（何も変更していません）: {reason}',
    )
    hint = Text(
        en="Let the framework's own tool run it behind watari's locks and patience: watari guard -- COMMAND. status, doctor, "
        "backup and verify work as they are.",
        ja="watari guard -- コマンド とすれば、フレームワーク自身のツールを watari のロック制御の下で実行できます。"
        "status・doctor・backup・verify はそのまま使えます。",
    )


class RecordingFailed(GateRefused):
    """A migration that its own tool was to show on a clone fails there, as it would on the live database."""

    text = Text(
        en='migration "{migration}" fails on a clone of the database, and nothing was begun: {reason}',
        ja='マイグレーション "{migration}" はクローン上で失敗しました（本番には何も実行していません）: {reason}',
    )
    hint = Text(
        en="Correct the migration, or what of the data it cannot bear; watari rehearse -- COMMAND shows every statement.",
        ja="マイグレーション、または原因となったデータを修正してください。watari rehearse -- コマンド で全ての文を確認できます。",
    )


class RecordingUnusable(GateRefused):
    """What was recorded of a migration on a clone cannot be relied upon."""

    text = Text(
        en='what was recorded of migration "{migration}" cannot be relied upon, and nothing was begun: {reason}',
        ja='マイグレーション "{migration}" の記録は信頼できません（本番には何も実行していません）: {reason}',
    )
    hint = Text(
        en="Let the framework's own tool run it behind watari's locks and patience: watari guard -- COMMAND.",
        ja="watari guard -- コマンド とすれば、フレームワーク自身のツールを watari のロック制御の下で実行できます。",
    )


class StatementRefused(GateRefused):
    """A migration holds a statement that stops the application and has no form that does not."""

    text = Text(en="{place}: {reason}", ja="{place}: {reason}")
    hint = Text(
        en="{instead} To run it as written all the same, in a maintenance window, allow it with a reason before the statement "
        '(-- watari: allow {rule} because …) or in the environment\'s policy: rules.{rule} = "allow".',
        ja="{instead}メンテナンスウィンドウ中にそのまま実行する場合は、文の前に理由を書いて許可する (-- watari: allow {rule} because …) か、"
        '環境のポリシーに rules.{rule} = "allow" を設定してください。',
    )


class NoWayBack(GateRefused):
    """A migration has no down script, and what it did cannot be taken back by statements."""

    text = Text(
        en='migration "{migration}" has no way back: {reason}',
        ja='マイグレーション "{migration}" を戻す手段がありません: {reason}',
    )
    hint = Text(
        en="Write a down script for it, or go back to the backup made before the run: watari restore BACKUP --swap "
        "restores it beside the database, verifies it and swaps the names.",
        ja="down スクリプトを用意するか、実行前のバックアップに戻してください。watari restore バックアップ --swap で、"
        "別名で復元・検証してから名前を入れ替えます。",
    )


class HalfApplied(GateRefused):
    """A pending migration makes an object that is there already: left by another tool half-way, or made by hand."""

    text = Text(
        en='{place}: {object} exists already, although migration "{migration}" is not in the history of "{database}"',
        ja='{place}: マイグレーション "{migration}" は "{database}" の履歴にありませんが、{object} がすでに存在します',
    )
    hint = Text(
        en="If it broke off half-way, remove what it left; if it was applied by hand, compare what is there with the file and "
        "record it: {record}",
        ja="途中で失敗したものであれば、残ったオブジェクトを削除してください。手動で適用済みの場合は、内容がファイルと同じことを確認し、"
        "次の SQL で履歴に登録してください: {record}",
    )


class RollbackUnfinished(GateRefused):
    """A way back stands half-way on this database, and a way forward was asked for."""

    text = Text(
        en='database "{database}" stands in the middle of rollback {run}',
        ja='データベース "{database}" ではロールバック {run} が途中です',
    )
    hint = Text(
        en="Finish it with watari rollback, which continues it; then apply.",
        ja="watari rollback で最後まで戻してから（続きから再開します）、適用してください。",
    )


class FileChangedMidway(GateRefused):
    """A run stopped within a migration, and the file of one that is left has changed since."""

    text = Text(
        en='"{file}" has changed since run {run} was planned, which stands in the middle of migration "{migration}"',
        ja='実行 {run} の計画後に "{file}" が変更されています。この実行はマイグレーション "{migration}" の途中です',
    )
    hint = Text(
        en="Put the file back to finish the run with watari apply, or take it back with watari rollback --run {run} and "
        "apply the new text.",
        ja="ファイルを元に戻して watari apply で最後まで進めるか、watari rollback --run {run} で戻してから新しい内容を適用してください。",
    )
