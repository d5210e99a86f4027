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
