"""The ledger: what it does not have, and where it cannot be used. Nothing was changed."""

from __future__ import annotations

from watari.errors.reach import ReachError
from watari.errors.usage import UsageError
from watari.locale import Text


class NotInLedger(UsageError):
    """A run, plan or report was asked for by a name that the ledger does not have."""

    text = Text(en='no {kind} "{name}" in the ledger', ja='{kind} "{name}" は台帳にありません')
    hint = Text(
        en="watari runs lists what there is; the beginning of an id is enough.",
        ja="watari runs で一覧を確認できます。ID は先頭の一部でも指定できます。",
    )


class SeveralInLedger(UsageError):
    """The beginning of an id fits several entries of the ledger."""

    text = Text(
        en='several entries of kind {kind} begin with "{name}": {found}',
        ja='"{name}" で始まる{kind}が複数あります: {found}',
    )
    hint = Text(en="Give more of the id.", ja="ID をより長く指定してください。")


class LedgerUnusable(ReachError):
    """The ledger's file or database cannot be used; what is in the outbox stays there."""

    text = Text(en='ledger "{place}" cannot be used: {reason}', ja='台帳 "{place}" を使用できません: {reason}')
    hint = Text(
        en="Move the file away or correct WATARI_LEDGER; a new ledger is made, and entries in .watari/outbox are not lost.",
        ja="ファイルを移動するか WATARI_LEDGER を修正してください。台帳は新しく作られ、.watari/outbox の項目は失われません。",
    )
